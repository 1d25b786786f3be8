#!/bin/sh
# Keyboard and looks: themes, the palette, copying, kept views, the mouse.
. "${srcdir:-.}/tests/screen/lib.sh"
sitrep_home
world_start --seed 7
run="./sitrep --kubeconfig $kubeconfig --redis $redis"
ready='api-[0-9a-f]+'

# ---- themes
for theme in default dark light high-contrast colour-blind; do
	passes "theme $theme" -m -s 120x35 -- $run --theme $theme <<X
wait $ready.* Running
wait no incident
colours some
key q
exit 0
restored
X
done
passes "theme mono has no colour, and says all the same" -m -s 120x35 -- $run --theme mono <<X
wait ● Running
wait no incident
colours none
X
passes "a theme that isn't there is refused with the list of those that are" -- \
	$run --theme drak <<'X'
exit 2
wait no theme 'drak'; there are: colour-blind, dark, default
restored
X
printf 'ok: {fg: blue}\nbad: {fg: purple}\n' >"$work/bad.yaml"
passes "a mistake in a theme file has its place" -- $run --theme "$work/bad.yaml" <<'X'
exit 2
wait bad.yaml:2:11: fg: expected one of default
wait not 'purple'
restored
X
mkdir -p "$HOME/config/sitrep/themes"
printf 'ok: {fg: blue, underline: true}\n' >"$HOME/config/sitrep/themes/mine.yaml"
passes "a theme of one's own, chosen while it runs" -m -s 120x35 -- $run <<X
wait ● Running
wait nbg1-1 +● Ready
type :theme mine
key Enter
sync
cell 6 20 ● ul,fg=4,bg=def
key T
wait colour-blind
key G k Enter
sync
wait ● Running
type :theme nowhere
key Enter
wait no theme 'nowhere'
X
passes "NO_COLOR wins over any theme" -m -s 120x35 -e NO_COLOR=1 -- $run --theme dark <<X
wait ● Running
colours none
type :theme light
key Enter
wait mono stays
colours none
X

# ---- the palette
passes "the palette: completion, candidates, history" -m -- $run <<X
wait $ready
type :no
wait :no.*nodes
key Tab
wait ^:nodes
key Enter
wait ▾ Nodes
type :ns kube
key Tab
wait ^:ns kube-system
key Enter
wait ▾ Pods kube-system
absent $ready
key : Up
wait ^:ns kube-system
key Up
wait ^:nodes
key Down Down
wait ^: +help
key Esc
type :pods now
key Enter
wait pods takes nothing after it
type :nonsense
key Enter
wait no command 'nonsense'
X

# ---- the filter
passes "the filter: words, -not, columns, numbers; the same in every pane" -m -s 120x35 -- $run <<X
wait $ready
type /api -node:nbg1-1
key Enter
wait Pods all 2/2, filter api -node:nbg1-1
key Esc
wait Pods all 19/19
type /mem>55 status:run ns:honeydue
wait Pods all [1-9]/[1-9], filter
key Esc
wait Pods all 19/19
key 2
type /nbg1-2
key Enter
wait Nodes 3/3, filter nbg1-2
absent nbg1-1  *● Ready
key d
wait Describe +node/ubuntu-8gb-nbg1-2
key Esc Esc
wait nbg1-1 +● Ready
key 2
type /nosuch
wait nothing fits 'nosuch'
key Enter d
wait nothing is selected
key Esc 4
wait scan +done
type /size>1 -ttl:no
key Enter
wait Redis .*, filter size>1 -ttl:no
key 1
type /x
absent ^/x
key ?
type /The filter
key Enter
wait node:east-2 +this stands in that column
X

# ---- cost
passes "what sitrep asks of each system stands in a pane, and in the facts" -m -s 120x35 -- $run <<X
wait $ready
wait scan +done
type :cost
key Enter
wait Cost, what sitrep asked in the last minute: [1-9][0-9]* requests
wait kube +[1-9][0-9]* +[1-9]
wait redis +[1-9][0-9]* +[1-9]
key Tab 3
wait $ready
X
$run facts | jq -e '.cost.kube.per_minute | .requests > 5 and .bytes_in > 1000 and .connections > 0' \
	>/dev/null
point "facts have it per minute" $?

# ---- copying
passes "copy: the terminal is told, and a file has it" -m -o "$work/raw" -- $run <<X
wait $ready
key g Y
wait sent to the terminal's clipboard
sync
key q
exit 0
X
grep -q "$(printf '\033]52;c;')" "$work/raw"
point "the terminal gets it as OSC 52" $?
grep -q '^admin-' "$HOME/state/sitrep/clipboard" &&
	[ "$(stat -c %a "$HOME/state/sitrep/clipboard")" = 600 ]
point "the file has it, for its owner alone" $?
passes "copy on a console that has no clipboard: a file" -m -e TERM=linux -o "$work/raw" -- $run <<X
wait $ready
key g d
wait Namespace
key Y
wait whole text is in .*/clipboard
X
! grep -q "$(printf '\033]52')" "$work/raw" && grep -q Namespace "$HOME/state/sitrep/clipboard"
point "no sequence that it would print" $?
if command -v tmux >/dev/null; then
	socket=screen-test-$$
	tmux -L "$socket" -f /dev/null new-session -d -s t -x 100 -y 30 "exec $run"
	tries=0
	until tmux -L "$socket" capture-pane -p -t t | grep -qE "$ready"; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || break
		sleep 0.1
	done
	tmux -L "$socket" send-keys -t t g Y
	tries=0
	until tmux -L "$socket" show-buffer 2>/dev/null | grep -q '^admin-'; do
		tries=$((tries + 1))
		[ "$tries" -lt 50 ] || break
		sleep 0.1
	done
	tmux -L "$socket" show-buffer 2>/dev/null | grep -q '^admin-'
	point "copy inside tmux: its buffer has it" $?
	tmux -L "$socket" kill-server
else
	echo "# no tmux: copying inside it is not tried"
fi

# ---- kept views
passes "a view is kept, and found again by the next run" -m -s 100x30 -- $run <<X
wait $ready
type :ns kube-system
key Enter S
type /coredns
key Enter z
sync
type :bookmark dns pods
key Enter
wait kept as 'dns pods'
key q
exit 0
X
passes "... zoomed, filtered, in its namespace" -m -s 100x30 -- $run <<X
wait $ready
key 2
type :view dns
key Tab Enter
wait Pods kube-system 1/1.*filter coredns
absent ▸ Redis
key Esc Esc
wait Nodes
key B
wait Views
key Enter
wait Pods kube-system
X

# ---- the mouse
passes "the mouse is the terminal's unless asked for" -m -s 120x35 -o "$work/raw" -- $run <<X
wait $ready
key q
exit 0
X
! grep -q "$(printf '\033\[?1000h')" "$work/raw"
point "nothing asks for it" $?
passes "a click chooses, the wheel scrolls" -m -s 120x35 -- $run <<X
wait $ready
key M
wait mouse chooses
type $(printf '\033[<0;5;8M\033[<0;5;8m')
pause 300
cell 7 1 u rev,fg=def,bg=def
type $(printf '\033[<64;5;8M')
key q
exit 0
restored
X
finish

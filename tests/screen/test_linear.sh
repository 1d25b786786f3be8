#!/bin/sh
# The dashboard line by line: TERM=dumb, screen readers, pipes.
. "${srcdir:-.}/tests/screen/lib.sh"
sitrep_home
world_start --seed 7
run="./sitrep --kubeconfig $kubeconfig --redis $redis"

passes "TERM=dumb gets lines, and only characters" -s 100x50 -e TERM=dumb -e LC_ALL=C -o "$work/raw" -- \
	$run <<'X'
wait help lists the commands
type help
key Enter
wait rollout-restart N: .*asks first
type pods
key Enter
wait 1\. NAMESPACE honeydue, NAME admin-[0-9a-z-]+, READY 1/1, STATUS Running
ascii
type filter api
key Enter
wait Pods all 3/3
type describe 1
key Enter
wait Namespace +honeydue
type logs 1
key Enter
wait GET|POST|level
type nodes
key Enter
wait 3\. NAME .*nbg1-3, STATUS Ready
type quit
key Enter
exit 0
X
! grep -q "$(printf '\033')" "$work/raw"
point "not one escape sequence" $?
passes "an action is shown, asks, is done and watched, and taken back" -s 120x50 -T 15000 -- \
	$run --linear <<'X'
wait help lists the commands
type nodes
key Enter
wait 1\. NAME
type cordon 2
key Enter
wait command: kubectl cordon
wait y does it; anything else cancels
key Enter
wait cancelled; nothing has been done
type nodes
key Enter
wait 2\. .*STATUS Ready,
type cordon 2
key Enter
wait y does it.*
pause 300
type y
key Enter
wait verdict: worked
type undo
key Enter
wait command: kubectl uncordon
wait would do: pods may be scheduled
pause 300
type y
key Enter
wait result: the node is open for pods
type zoom
key Enter
wait needs a screen
type nonsense
key Enter
wait no command 'nonsense'
type actions 1
key Enter
wait choose a number, or nothing
key Enter
wait nothing chosen
key ^D
exit 0
X
passes "who leaves while something is being done leaves at once" -s 100x50 -- $run --linear <<'X'
wait help lists the commands
type nodes
key Enter
wait 1\. NAME
type cordon 2
key Enter
wait y does it; anything else cancels
type y
key Enter
key ^D
exit 0
X
tail -n 1 "$XDG_STATE_HOME/sitrep/audit.jsonl" | grep -qE '"(done|failed|verdict)"'
point "... and the record says what became of it" $?
passes "read-only offers nothing that acts" -s 100x50 -- $run --linear --read-only <<'X'
wait help lists the commands
type cordon 1
key Enter
wait read-only|no command
key ^D
exit 0
X
# Until the output has that, for 20 s at most.
heard() {
	tries=0
	until grep -q "$1" "$work/out" || [ "$tries" -gt 200 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
}
: >"$work/out"
{
	heard 'help lists the commands'
	echo pods
	heard '^1\. NAMESPACE honeydue, NAME admin-'
	echo quit
} | $run --linear >"$work/out" 2>&1
point "through pipes" $?
grep -q '^1\. NAMESPACE honeydue, NAME admin-' "$work/out"
point "... the same lines" $?
$run --linear </dev/null >"$work/out" 2>&1
[ $? -le 2 ]
point "no input at all ends it" $?
{
	printf 'wait help lists the commands\nhold on\n'
	for _ in $(seq 40); do
		printf 'type help\nkey Enter\ntype pods\nkey Enter\n'
	done
} >"$work/stall.vt"
{ cat "$work/stall.vt"; printf 'run sleep 0.5\nhold off\ntype nodes\nkey Enter\n'
  printf 'wait nbg1-3, STATUS Ready\ntype quit\nkey Enter\nexit 0\n'; } >"$work/on.vt"
passes "a reader that stalls is waited for, and hears the rest" -s 120x50 -T 20000 \
	-f "$work/on.vt" -- $run --linear
{ cat "$work/stall.vt"; echo 'sig TERM'
  echo 'run for i in $(seq 75); do test -d /proc/$VTDRIVE_PID || exit 0; sleep 0.2; done; exit 1'
} >"$work/end.vt"
passes "... and stops nothing else: it can be ended meanwhile" -s 120x50 -T 20000 \
	-f "$work/end.vt" -- $run --linear
: >"$work/out"
{
	yes pods | head -n 3000
	heard 'lines left out'
	echo quit
} | $run --linear | { sleep 2; cat; } >"$work/out" 2>&1
grep -q 'lines left out: nobody was reading' "$work/out"
point "what nobody reads does not pile up without end" $?
world_stop
world_start --seed 7 --speed 4 --scenario "${srcdir:-.}/drills/redis-maxmemory.yaml"
run="./sitrep --kubeconfig $kubeconfig --redis $redis"
passes "an incident is said when it comes, and when it is over" -s 120x60 -T 30000 -- \
	$run --linear <<'X'
wait INCIDENT: Redis at maxmemory
type fix
key Enter
wait would do|y does it
wait y does it
pause 300
type y
key Enter
wait over: Redis at maxmemory
type incidents
key Enter
wait no incident
type quit
key Enter
exit 0
X
finish

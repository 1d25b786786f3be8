#!/bin/sh
# vtdrive proved on a tiny program: each check holds when it should and fails when it should.
. "${srcdir:-.}/tests/screen/lib.sh"
tiny=./tests/screen/tiny

passes "what is true passes" -m -- $tiny <<'X'
wait ^tiny 80x24 ticks 0$
row 0 ^tiny
row -1 ^last row 0$
absent ^nothing like this$
cell 2 4 ● bold,fg=1,bg=def
cell 2 5 _
cell 2 4 *
mark
key t t Up \x74
sync
row 0 ticks 3$
row -1 last row 4$
maxbytes 400
maxcpu 500
maxrss 100000
wait ticks 3
within 5000
resize 40x10
row 0 ^tiny 40x10
row 9 ^last row
storm 40 7
resize 80x24
row 23 ^last row 4
run test -d /proc/$VTDRIVE_PID
key q
exit 3 0
restored
X
fails "wait: not there" "not on the screen within 200 ms" -T 200 -- $tiny <<'X'
wait never
X
fails "wait: the program ends" "when the program ended" -- $tiny <<'X'
wait ^tiny
key q
wait never
X
fails "absent: it is there" "is on the screen" -- $tiny <<'X'
wait ^last row
absent ticks
X
fails "row: another row" "not in row 1" -- $tiny <<'X'
wait ^last row
row 1 ticks
X
fails "cell: another character" "holds '●'" -- $tiny <<'X'
wait ^last row
cell 2 4 x
X
fails "cell: another look" "looks bold,fg=1,bg=def" -- $tiny <<'X'
wait ^last row
cell 2 4 ● fg=1,bg=def
X
fails "maxbytes: more" "bytes since the mark" -- $tiny <<'X'
wait ^last row
mark
key w
sync
maxbytes 60
X
fails "maxrss: more" "kB resident" -- $tiny <<'X'
wait ^last row
maxrss 100
X
fails "sync: a key that nobody reads" "of 1 keys" -T 300 -m -- $tiny <<'X'
wait ^last row
sig STOP
key t
sync
X
fails "resize: no frame of the new size" "the last frame was" -T 300 -m -- $tiny <<'X'
wait ^last row
sig STOP
resize 40x10
X
fails "exit: another status" "exit status 7" -- $tiny <<'X'
wait ^last row
key x
exit 0
X
fails "exit: still running" "still running" -T 200 -- $tiny <<'X'
wait ^last row
exit 0
X
fails "exit: a signal is no 0" "exit status 137" -- $tiny <<'X'
wait ^last row
sig KILL
exit 0
X
fails "restored: left as it was in the middle" "alternate screen" -- $tiny <<'X'
wait ^last row
key x
exit 7
restored
X
fails "restored: only echo forgotten" "local flags" -- sh -c 'stty -echo; echo done' <<'X'
wait done
exit 0
restored
X
fails "run: a command that fails" "wait status" -- $tiny <<'X'
run false
X
fails "run: a command that hangs" "still running" -T 200 -- $tiny <<'X'
run sleep 5
X
fails "within: too slow" "from the last key" -- sh -c 'read x; sleep 0.3; echo done; read x' <<'X'
key Enter
wait done
within 200
X
fails "quiet: never" "never quiet" -T 400 -- sh -c 'while :; do echo x; sleep 0.05; done' <<'X'
quiet 200
X
fails "colours: none where there are some" "row 2, column 4" -- $tiny <<'X'
wait ^last row
colours none
X
fails "colours: some where there are none" "terminal's own" -e TERM=vt100 -- $tiny <<'X'
wait ^last row
colours some
X
fails "ascii: a character beyond" "row 2, column 4" -- $tiny <<'X'
wait ^last row
ascii
X
fails "no such command" "no such command" -- $tiny <<'X'
wiat ^tiny
X
fails "a program that is not there" "No such file" -- ./no-such-program <<'X'
wait No such file
exit 0
X
passes "a frame is seen whole: the second half came 60 ms later" -m -- $tiny <<'X'
wait ^last row
key s
wait first half
row 4 ^second half
X
passes "stop and continue, as under a shell" -m -- $tiny <<'X'
wait ^last row
sig TSTP
stopped
restored
fg
wait ^tiny 80x24
key q
exit 0
restored
X
passes "what is written while the terminal stalls is not lost" -m -- $tiny <<'X'
wait ^last row
hold on
key t t t
run sleep 0.3
hold off
sync
row 0 ticks 3
X
passes "a cursor that was hidden when its place was saved, and is seen at the end" -- \
	sh -c 'printf "\033[?1049h\033[?25l\0337x\0338\033[?25h\033[?1049lend"' <<'X'
wait ^end
exit 0
restored
X
fails "restored: a cursor that stays hidden" "cursor is still hidden" -- \
	sh -c 'printf "\033[?1049h\033[?25l\0337\0338\033[?1049lend"' <<'X'
wait ^end
exit 0
restored
X

printf 'mask [0-9]+\nwait ^last row\ngolden tiny\n' >"$work/golden.vt"
GOLDEN_UPDATE=1 passes "golden: written" -m -s 30x5 -g "$work" -f "$work/golden.vt" -- $tiny
unset GOLDEN_UPDATE
passes "golden: the same again" -m -s 30x5 -g "$work" -f "$work/golden.vt" -- $tiny
sed -i s/ticks/ticts/ "$work/tiny.txt"
fails "golden: one letter differs" "differs from .* in row 0" -m -s 30x5 -g "$work" \
	-f "$work/golden.vt" -- $tiny

measure=./tests/screen/vtmeasure
figures() {
	$measure -s 80x24 --first paint='^last row' --memory start --idle 0.5 \
		--trigger 'while read x; do kill -USR1 $VTMEASURE_PID; echo; done' \
		--on '^odd' --off '^even' --changes 6 $tiny
}
figures >"$work/json"
point "measure: ends well" $?
grep -q '"paint": [0-9]' "$work/json"
point "measure: first paint" $?
grep -q '"rss_kb": [1-9]' "$work/json"
point "measure: memory" $?
# On a busy machine the first paint's last bytes may come late: three tries.
idle() { grep -q '"bytes_per_s": 0.0' "$work/json"; }
idle || { figures >"$work/json" && idle; } || { figures >"$work/json" && idle; }
point "measure: an idle program writes nothing" $?
grep -q '"n": 6' "$work/json"
point "measure: six changes" $?
$measure -s 80x24 --first paint='^last row' --on '^odd' --off '^even' --presses 4,t,t --screen \
	$tiny >"$work/json"
grep -q '"n": 4' "$work/json"
point "measure: presses" $?
grep -q '"screen": ".*last row' "$work/json"
point "measure: the screen" $?
! $measure -T 200 --first never=nothing $tiny >"$work/json" 2>&1 && grep -q "never on" "$work/json"
point "measure: a picture that never comes is an error" $?

finish

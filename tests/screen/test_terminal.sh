#!/bin/sh
# sitrep and its terminal: sizes, TERM, locales, signals, a stalled reader, silence when idle.
. "${srcdir:-.}/tests/screen/lib.sh"
sitrep_home
world_start
run="./sitrep --kubeconfig $kubeconfig --redis $redis"
ready='api-[0-9a-f]+'

for size in 200x50 120x35; do
	passes "paints at $size" -m -s $size -- $run <<X
wait $ready
wait nbg1-1
row -1 .
key q
exit 0
restored
X
done
passes "80x24: one line for what isn't in focus" -m -s 80x24 -- $run <<X
wait $ready
wait Nodes 3/3
wait sitrep .*fresh.*0 incidents
row -1 help
key 2
wait nbg1-1
key q
exit 0
restored
X
passes "40x10: one line on what matters" -m -s 40x10 -- $run <<'X'
wait [Nn]o incident|[Aa]ll
key q
exit 0
restored
X
for size in 20x5 10x2 3x3 2x1 1x1; do
	passes "$size: a sentence at most, no crash" -m -s $size -- $run <<'X'
key j k
sync
key q
exit 0
restored
X
done
passes "a storm of sizes ends in the right picture" -m -s 80x24 -T 20000 -- $run <<X
wait $ready
storm 300 3
resize 200x50
wait $ready
storm 300 4
resize 80x24
wait $ready
resize 1x1
resize 80x24
wait $ready
key q
exit 0
X

for term in xterm-256color screen screen-256color tmux-256color linux vt100 xterm; do
	passes "TERM=$term" -m -e TERM=$term -- $run <<X
wait $ready
key j Down Up
sync
key ?
wait help|Help|Keys|keys
key Esc q
exit 0
restored
X
done
# Every terminal in every locale at every size shows the same facts.
# matrix SIZE WANTED...
matrix() {
	size=$1
	shift
	for term in xterm-256color screen tmux-256color linux vt100; do
		for locale in C.UTF-8 C; do
			{
				printf 'wait %s\n' "$@"
				echo 'row 0 sitrep|incident'
				[ "$locale" = C.UTF-8 ] || echo ascii
				echo 'key ?'
				echo 'sync'
				[ "$locale" = C.UTF-8 ] || echo ascii
				printf 'key Esc\nsync\nkey q\nexit 0\nrestored\n'
			} >"$work/matrix.vt"
			passes "$size, TERM=$term, $locale" -m -s "$size" -e TERM=$term \
				-e LC_ALL=$locale -f "$work/matrix.vt" -- $run
		done
	done
}
matrix 40x10 'no incident'
matrix 80x24 'no incident' 'Nodes 3/3' "$ready-[a-z0-9]+ .*1/1 .*Running"
matrix 120x35 'no incident' 'nbg1-1 .*Ready' "$ready-[a-z0-9]+ .*1/1 .*Running"
matrix 200x50 'no incident' 'nbg1-1 .*Ready' "$ready-[a-z0-9]+ .*1/1 .*Running" 'of 256M'

for term in unknown-term ""; do
	passes "TERM='$term' is refused with a sentence" -e TERM=$term -- $run <<'X'
exit 2
wait terminal|TERM
restored
X
done
passes "NO_COLOR: no cell is coloured" -m -s 120x35 -e NO_COLOR=1 -- $run <<X
wait $ready
colours none
X
passes "without NO_COLOR there are colours" -m -s 120x35 -- $run <<X
wait $ready
colours some
X
passes "LC_ALL=C: nothing but ASCII" -m -s 120x35 -e LC_ALL=C -- $run <<X
wait $ready
ascii
X
passes "a locale that is not installed: ASCII too" -m -s 120x35 -e LC_ALL=xx_XX.UTF-8 -- $run <<X
wait $ready
ascii
X

passes "Esc answers at once (escdelay is not a second)" -m -- $run <<X
wait $ready
key ?
sync
key Esc
sync
wait $ready
within 500
X
passes "idle: next to nothing on the wire" -m -s 200x50 -T 20000 -e SITREP_FRAME_MARKER -- $run <<X
wait $ready
pause 3000
mark
pause 5000
stat idle
maxbytes 400
maxcpu 50
X
passes "a stalled terminal stops nothing, and is repainted after" -m -T 10000 -- $run <<X
wait $ready
hold on
key j j k
run sleep 3
run test "\$(cut -d' ' -f3 /proc/\$VTDRIVE_PID/stat)" = S
hold off
sync
wait $ready
resize 100x30
wait $ready
key q
exit 0
restored
X

passes "afterwards the whole terminal scrolls" -m -s 100x40 -- sh -c "$run; seq 60; exec sleep 20" <<X
wait $ready
resize 100x45
wait $ready
key q
wait ^60\$
wait ^25\$
row -1 ^\$
restored
X
for sig in HUP TERM; do
	case $sig in HUP) code=129 ;; *) code=143 ;; esac
	passes "SIG$sig leaves the terminal as it was" -m -- $run <<X
wait $ready
sig $sig
exit 0 $code
restored
X
done
passes "SIGINT or ^C never leaves a broken terminal" -m -- $run <<X
wait $ready
sig INT
exit 0 130
restored
X
passes "stop and continue" -m -- $run <<X
wait $ready
sig TSTP
stopped
restored
fg
wait $ready
key j
sync
key q
exit 0
restored
X
passes "^Z too" -m -- $run <<X
wait $ready
key ^Z
stopped
restored
fg
resize 100x30
wait $ready
key q
exit 0
restored
X
{
	printf 'wait %s\nhold on\n' "$ready"
	for _ in 1 2 3 4 5 6 7 8; do
		printf 'key ?\nrun sleep 0.06\nkey Esc\nrun sleep 0.06\n'
	done
	printf 'key q\nrun sleep 0.7\nhold off\nexit 0\nrestored\n'
} >"$work/stall.vt"
passes "quits while the terminal stalls for a moment, and leaves it as it was" -m -s 200x50 \
	-f "$work/stall.vt" -- $run
passes "quits while the terminal is stalled and gone" -m -T 20000 -- $run <<X
wait $ready
hold on
sig HUP
run for i in \$(seq 75); do test -d /proc/\$VTDRIVE_PID || exit 0; sleep 0.2; done; exit 1
X

finish

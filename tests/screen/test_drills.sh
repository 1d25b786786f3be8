#!/bin/sh
# The drills on a real terminal, played with the keys of the help.
. "${srcdir:-.}/tests/screen/lib.sh"
sitrep_home
[ -x ./sitrep-world ] || skip_all "sitrep-world was not built (--disable-world)"
speed=${SPEED:-6}

# The story would give the answer away: it is told at the end, with the score.
for size in 80x24 200x50; do
	passes "redis-maxmemory at $size: seen, done, checked, scored" -m -T 60000 -s $size -- \
		./sitrep drill redis-maxmemory --speed "$speed" <<X
wait DRILL +Redis is full
absent report job without a time
wait maxmemory, refusing|at maxmemory|is full
wait 1 incident
key 1
sync
key f
wait redis-cli CONFIG SET maxmemory-policy
wait waiting for you
key y
wait verdict +worked
key Esc
wait RECOVERED
wait 0 incidents
key q
wait y
key y
exit 0
restored
X
done
passes "node-down at 80x24: a precaution, and the clock" -m -T 90000 -s 80x24 -- \
	./sitrep drill node-down --speed "$speed" <<'X'
wait Node .* is down
wait its pods are evicted
key 1 f
wait kubectl cordon
wait waiting for you
key y
wait verdict +worked
key Esc
sync
key Enter
wait failure mode +One node is down
key q
wait RECOVERED
wait 0 wrong
key q
wait y
key y
exit 0
restored
X
passes "api-panic at 200x50: undo" -m -T 90000 -s 200x50 -- \
	./sitrep drill api-panic --speed "$speed" <<'X'
wait crashes since revision
key 1 f
wait rollout undo
wait type api and Enter
type api
key Enter
wait verdict +worked
key Esc
wait RECOVERED
key q
wait y
key y
exit 0
restored
X
passes "coredns-down at 120x35: restart, after a cancel" -m -T 90000 -s 120x35 -- \
	./sitrep drill coredns-down --speed "$speed" <<'X'
wait DNS
wait 1 incident
key 1 f
wait rollout restart
wait waiting for you
key Esc
sync
absent verdict +worked
key f
wait rollout restart
wait waiting for you
key y
wait verdict +worked
key Esc
wait RECOVERED
key q
wait y
key y
exit 0
restored
X
finish

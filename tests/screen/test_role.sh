#!/bin/sh
# A world in which the player may do less: what isn't allowed says why, and nothing is sent.
. "${srcdir:-.}/tests/screen/lib.sh"
sitrep_home
world_start --role developer
run="./sitrep --kubeconfig $kubeconfig --redis $redis"
passes "a developer is refused at the rung of rights" -m -s 100x30 -- $run <<'X'
wait no incident
key 2
sync
key c
wait not done
wait needs the right to patch nodes
key Esc
wait Nodes 3/3
absent SchedulingDisabled
key y
wait apiVersion: v1
wait kind: Node
X
passes "... and may restart what is theirs" -m -s 100x30 -T 15000 -- $run <<'X'
wait no incident
wait api-[0-9a-f]+
type /api-
key Enter R
wait kubectl -n honeydue rollout restart
wait y does it
key Esc
wait cancelled
X
passes "a dialog on a small screen: all of it can be read, nothing stands over anything" -m -s 52x12 -- \
	$run <<'X'
wait no incident
type /api-
key Enter R
wait y does it
wait there is more below: Down
absent waiting for you
key Down Down Down Down Down Down
wait state +waiting for you
absent there is more
resize 100x30
wait command +kubectl
wait waiting for you
wait y does it
resize 52x12
key Esc
wait cancelled
X
grep '"event":"write"' "$work/world.out" | grep -v '"dryRun":true' | grep -v leases >"$work/writes"
[ ! -s "$work/writes" ]
point "nothing has been changed" $?
world_stop
./sitrep-world --dir "$work/none" --role nobody >"$work/out" 2>&1 </dev/null
[ $? -ne 0 ] && grep -q "no role 'nobody'.*observer" "$work/out"
point "a role that isn't there is refused with those that are" $?
finish

#!/bin/bash
# What breaks is the first verdict, and is gone when it is mended.
# shellcheck source=tests/cluster/tap.sh
. "$(dirname "$0")/tap.sh"
need_sitrep
start_cluster --grace 10

first() { echo "(.verdicts | length > 0) and .verdicts[0].id == \"$1\""; }
ready() { k get nodes --no-headers; }

fact "at first there is none" '.verdicts == []'
cluster coredns down
eventually 10 "CoreDNS crash-loops" '^coredns-.* 0/1 +CrashLoop' k -n kube-system get pods --no-headers
fact "CoreDNS down is the first verdict, within 5 s" "$(first coredns-down)" 5
fact "with matched evidence" '.verdicts[0].evidence | any(.state == "matched")'
cluster coredns up
fact "and gone when it is back" '.verdicts | map(.id) | index("coredns-down") | not' 30

drive "a CoreDNS that is deleted is named within 5 s, until it is back" reader --read-only <<X
wait fresh: API
wait no incident
run $bin/kubectl --kubeconfig $dir/kubeconfig -n kube-system delete deployment coredns
timeout 5000
wait Cluster DNS is down
wait the deployment coredns has been deleted
timeout 30000
run $bin/kubectl --kubeconfig $dir/kubeconfig apply --server-side -f $top/tests/cluster/objects/workloads.yaml
wait no incident
key q
exit 0
X

drive "the panicking revision is named within 5 s of its crash loop" reader --read-only <<X
wait fresh: API
wait no incident
run $top/tests/cluster/cluster.sh crash-deployment $dir honeydue api
timeout 30000
wait 0/1 +! CrashLoop
timeout 5000
wait honeydue/api crashes since revision
key q
exit 0
X
fact "it is the first verdict" "$(first api-panic)" 12
fact "its action is the undo of the rollout" '.verdicts[0].action.verb == "rollout-undo"'
fact "with the exact command" \
	'.verdicts[0].action.command | test("rollout undo deployment/api")'
k -n honeydue rollout undo deployment/api >/dev/null
fact "and gone after the undo" '.verdicts == []' 30

cluster node-stop node-2
eventually 30 "the node is NotReady" '^node-2 +NotReady' ready
fact "the dead node is the first verdict, within 5 s" "$(first node-down)" 5
fact "it names the node" '.verdicts[0] | tostring | test("node-2")'
fact "with a clock" '.verdicts[0].clocks | length > 0'
cluster node-start node-2
fact "and gone when it is back" '.verdicts == []' 40

port=$(sed -n 's/^port_redis=//p' "$dir/env")
redis-cli -p "$port" config set maxmemory 8mb >/dev/null
redis-cli -p "$port" config set maxmemory-policy noeviction >/dev/null
cat >"$dir/fill" <<X
#!/bin/sh
redis-cli -p $port eval "for i = 1, 20000 do
	redis.call('SET', 'cache:' .. i, string.rep('x', 1000)) end" 0
true
X
chmod +x "$dir/fill"
drive "a Redis that is filled, its action, and the verdict after it" actor \
	--redis "redis://127.0.0.1:$port" <<X
wait fresh: API, Redis
wait no incident
run $dir/fill
timeout 5000
wait Redis at maxmemory
timeout 20000
key f
wait y does it
key y
wait verdict +worked
key Esc
wait no incident
key q
exit 0
X
check "its policy is what the action said" '^allkeys-lru$' \
	redis-cli -p "$port" config get maxmemory-policy
finish

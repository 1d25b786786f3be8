#!/bin/bash
# Each drill breaks what it says, is healed by its reference solution and by nothing less.
. "$(dirname "$0")/lib.sh"
[ -n "$KUBECTL" ] || skip_all "there is no kubectl"
[ -n "$REDIS_CLI" ] || skip_all "there is no redis-cli"

told() { cat "$dir/out"; }
start() {
	world_stop
	world_start --speed 4 --scenario "$DRILLS/$1.yaml" || not_ok "$1 starts" "$(cat "$dir/err")"
}

start node-down
eventually 40 "node-down: NotReady" 'nbg1-1 +NotReady' k get nodes
check "its taint" 'node.kubernetes.io/unreachable:NoExecute' k describe node ubuntu-8gb-nbg1-1
check "its pods stay" 'ubuntu-8gb-nbg1-1' k get pods -o wide
check "they are not ready" 'Ready +False' \
	sh -c "$KUBECTL describe \$($KUBECTL get pods -o name --field-selector \
	spec.nodeName=ubuntu-8gb-nbg1-1 | grep api) | grep '  Ready '"
check "their logs cannot be read" 'i/o timeout' sh -c "$KUBECTL logs --tail=1 \
	\$($KUBECTL get pods -o name --field-selector spec.nodeName=ubuntu-8gb-nbg1-1 | grep api) 2>&1"
eventually 40 "it comes back by itself" '"event":"recovered"' told
check "Ready again" 'nbg1-1 +Ready ' k get nodes

start coredns-down
eventually 30 "coredns-down: crash loop" 'coredns-[^ ]+ +0/1 +CrashLoopBackOff' \
	k get pods -n kube-system
check "its previous log says why" 'plugin/loop' \
	k -n kube-system logs deploy/coredns --previous
eventually 10 "the application feels it" 'no such host' k logs deploy/api --tail=20
check "deleting the pod" 'deleted' k -n kube-system delete pod -l k8s-app=kube-dns
eventually 30 "does not heal it" 'coredns-[^ ]+ +0/1 +(CrashLoopBackOff|Error)' \
	k get pods -n kube-system
check "restarting the deployment" 'restarted' k -n kube-system rollout restart deploy/coredns
eventually 30 "does" '"event":"recovered"' told

start api-panic
eventually 40 "api-panic: crash loop" 'api-[^ ]+ +0/1 +CrashLoopBackOff' k get pods
check "exit code 2" 'Exit Code: +2' k describe pods -l app.kubernetes.io/name=api
crashing() { k get pods -l app.kubernetes.io/name=api | awk '$2 == "0/1" {print $1; exit}'; }
check "the trace" 'goroutine 1 \[running\]' k logs "$(crashing)" --previous
check "three others serve" '3/3' k get deploy api
check "a restart" 'restarted' k rollout restart deploy/api
eventually 30 "does not help" 'api-[^ ]+ +0/1 +CrashLoopBackOff' k get pods
check "undo to the good one" 'rolled back' k rollout undo deploy/api --to-revision=3
eventually 40 "does" '"event":"recovered"' told

start redis-maxmemory
eventually 30 "redis-maxmemory: full" 'errorstat_OOM:count=[1-9]' r info errorstats
check "the policy" 'noeviction' r config get maxmemory-policy
check "big keys without a time to live" '^-1$' \
	sh -c "$REDIS_CLI -p $redis_port ttl \$($REDIS_CLI -p $redis_port --scan \
	--pattern 'report:*' | head -1)"
check "the application feels it" 'OOM command not allowed' k logs deploy/api --tail=30
check "the policy set back" 'OK' r config set maxmemory-policy allkeys-lru
eventually 10 "heals it" '"event":"recovered"' told
check "keys are evicted" 'evicted_keys:[1-9]' r info stats

world_stop
printf 'id: x\ntimeline:\n  - {at: 1, do: explode}\n' >"$dir/bad.yaml"
check "a bad drill is refused" 'bad.yaml:3:17: do: .*explode' \
	sh -c "$WORLD --scenario $dir/bad.yaml 2>&1 </dev/null"
start node-down
done_testing

#!/bin/bash
# The control plane that the other tests stand on: what it is said to do, it does.
# shellcheck source=tests/cluster/tap.sh
. "$(dirname "$0")/tap.sh"
start_cluster --grace 8

pods() { k -n "$1" get pods --no-headers; }
previous_log() { k -n honeydue logs --previous "$(k -n honeydue get pods -o name | head -n 1)"; }
as() { k --kubeconfig "$dir/kubeconfig-$1" "${@:2}"; }
processes() { grep -lzxF "SITREP_TEST_CLUSTER=$dir" /proc/[0-9]*/environ 2>/dev/null | wc -l; }
forward() {
	"$bin/kubectl" --kubeconfig "$dir/kubeconfig" -n honeydue port-forward deployment/redis :6379 >"$dir/forward" 2>&1 &
	local pid=$! i
	for ((i = 0; i < 50; i++)); do
		sleep 0.1
		port=$(sed -n 's/^Forwarding from 127.0.0.1:\([0-9]*\).*/\1/p' "$dir/forward")
		[ -z "$port" ] || break
	done
	redis-cli -p "$port" ping
	kill "$pid"
}

check "three nodes are Ready" '^3$' grep -c ' Ready ' <(k get nodes)
check "the reader may list pods" yes as reader auth can-i list pods -A
check "the reader may not patch" no as reader auth can-i patch deployments -n honeydue
check "the actor may patch" yes as actor auth can-i patch deployments -n honeydue
check "a port-forward leads into a real Redis" PONG forward
cluster crash-deployment honeydue api
eventually 30 "a crashing revision crash-loops, and restarts rise" \
	'^api-.* 0/1 +CrashLoopBackOff +[1-9]' pods honeydue
check "its previous log has the panic" '^panic: ' previous_log
check "the older revision still serves" '^3$' grep -c '^api-.* 1/1 ' <(pods honeydue)
check "its exit code is 2" '^2$' grep -x 2 <(k -n honeydue get pods -o \
	"jsonpath={range .items[*]}{.status.containerStatuses[0].lastState.terminated.exitCode}{'\n'}{end}")
k -n honeydue rollout undo deployment/api >/dev/null
check "an undo is judged by the real controller" 'successfully rolled out' \
	k -n honeydue rollout status deployment/api --timeout=30s
cluster coredns down
eventually 10 "CoreDNS down" '^coredns-.* 0/1 +CrashLoopBackOff' pods kube-system
cluster coredns up
eventually 15 "CoreDNS up" '^coredns-.* 1/1 +Running' pods kube-system
cluster node-stop node-2
eventually 25 "a stopped node is NotReady" '^node-2 +NotReady' k get nodes --no-headers
cluster node-start node-2
eventually 20 "and Ready again" '^node-2 +Ready' k get nodes --no-headers
eventually 20 "with its pods" '^0$' grep -c ' 0/1 ' <(k get pods -A)
check "the audit log names who asked" 'create .*selfsubjectaccessreviews' asked sitrep-reader
cluster api-freeze
refute "a frozen API server does not answer" ok k get --raw /readyz --request-timeout=2s
cluster api-thaw
eventually 10 "and does when thawed" ok k get --raw /readyz --request-timeout=2s
cluster api-kill
cluster api-restart
eventually 10 "and again when killed and restarted" '^node-1' k get nodes --no-headers
cluster down
check "down leaves no process" '^0$' processes
finish

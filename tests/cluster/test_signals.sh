#!/bin/bash
# What decides, as a real control plane tells it: the scheduler's own words, labels, Jobs, evictions,
# etcd's own failure; and what becomes of it all when the API is frozen, killed, or refuses us.
# shellcheck source=tests/cluster/tap.sh
. "$(dirname "$0")/tap.sh"
need_sitrep
start_cluster --nodes 2

# A pod whose volume stands on a machine that is gone, a Job that fails at its only attempt.
k label node node-1 honeydue/redis=true >/dev/null
k apply -f - >/dev/null <<'X'
apiVersion: v1
kind: PersistentVolume
metadata: {name: gone}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  claimRef: {kind: PersistentVolumeClaim, namespace: honeydue, name: gone, apiVersion: v1}
  local: {path: /gone}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node-gone]}]}]}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: gone, namespace: honeydue}
spec: {accessModes: [ReadWriteOnce], storageClassName: "", volumeName: gone, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: homeless, namespace: honeydue}
spec:
  containers: [{name: main, image: registry.example/none:1}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: gone}}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: honeydue-migrate, namespace: honeydue}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: registry.example/migrate:1}]
X

# One sitrep watches all the time.
"$sitrep" --config "$dir/sitrep.yaml" --kubeconfig "$dir/kubeconfig-reader" --context test --read-only \
	facts --every 0.5 --timeout 5 >"$dir/stream" 2>"$dir/stream-errors" &
watcher=$!
trap 'kill "$watcher" 2>/dev/null; clean_up' EXIT
now() { tail -n 2 "$dir/stream" | head -n 1 | jq -c "$1"; }

eventually 20 "a label that people gave" '^"true"$' \
	now '.nodes.items[] | select(.name == "node-1") | .labels["honeydue/redis"]'
eventually 5 "and none of the system's own" '^0$' \
	now '[.nodes.items[].labels | keys[] | select(test("kubernetes.io"))] | length'
eventually 20 "where the pods of a named workload stand" '^"node-[12]"$' \
	now '.workloads.items[] | select(.key == "deployment/honeydue/api") | .placed[0].node'
eventually 20 "what has one pod only" 'true' \
	now '[.workloads.single[].key] | any(. == "deployment/kube-system/coredns")'
eventually 100 "why a pod can't be placed, in a word and in the scheduler's own" \
	'^\["volume",".*nodes are available.*"\]$' \
	now '.pods.problems[] | select(.name == "homeless") | [.unplaced, .message]'
eventually 5 "the address of the API answers" '^\[1,1,0\]$' \
	now '.link.api | [.servers, .answering, .unready]'
pod=$(k -n honeydue get pod -l job-name=honeydue-migrate -o name | head -n 1)
k -n honeydue patch "$pod" --subresource=status --type=merge -p '{"status":{"phase":"Failed",
	"containerStatuses":[{"name":"main","image":"x","imageID":"","ready":false,"restartCount":0,
	"state":{"terminated":{"exitCode":1,"reason":"Error","finishedAt":"2026-01-01T00:00:00Z"}}}]}}' >/dev/null
eventually 30 "a Job that has failed" '^\["Failed",1\]$' \
	now '.workloads.items[] | select(.key == "job/honeydue/honeydue-migrate") | [.condition, .failed]'
crash=$(k -n honeydue get pod -l app=api -o name 2>/dev/null | head -n 1)
[ -n "$crash" ] || crash=$(k -n honeydue get pod -o name | grep /api- | head -n 1)
for restarts in 1 2 3; do
	k -n honeydue patch "$crash" --subresource=status --type=merge -p "{\"status\":{\"containerStatuses\":[
		{\"name\":\"main\",\"image\":\"x\",\"imageID\":\"\",\"ready\":true,\"restartCount\":$restarts,
		\"state\":{\"running\":{}},\"lastState\":{\"terminated\":{\"exitCode\":137,
		\"reason\":\"OOMKilled\",\"finishedAt\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"}}}]}}" >/dev/null
	sleep 1.2
done
eventually 20 "killed for memory, three times just now" '^\[1,3\]$' \
	now '.workloads.items[] | select(.key == "deployment/honeydue/api") | [.oom_killed, .recent_restarts]'

# An etcd without room: reads, /readyz and dry runs pass, writes don't.
alarm() {
	# shellcheck source=/dev/null
	. "$dir/env"
	curl -s "http://127.0.0.1:${port_etcd:?}/v3/maintenance/alarm" \
		-d "{\"action\": \"$1\", \"memberID\": \"0\", \"alarm\": \"NOSPACE\"}" >/dev/null
}
eventually 30 "kubelets' leases show that writes work" '^true$' \
	now '.control.writes | .leases == 2 and .newest_age < 18'
alarm ACTIVATE
refute "etcd without room refuses a write" labeled k label node node-1 full=1
check "and passes a dry run" labeled k label node node-1 full=1 --dry-run=server
eventually 60 "writes fail while all else is fresh and ready" '^\["fresh",1,0\]$' \
	now 'select(.control.writes.newest_age > 24) | [.nodes.freshness.state, .link.api.answering, .link.api.unready]'
alarm DEACTIVATE
eventually 60 "with room again they work" '^true$' now '.control.writes.newest_age < 18'

# Refused, while it was watching: one kind, then the person.
k get clusterrolebinding sitrep-reader -o json |
	jq 'del(.metadata.resourceVersion, .metadata.uid)' >"$dir/binding.json"
k delete clusterrolebinding sitrep-reader >/dev/null
state() { now "[.$1.freshness | .state, .fault]"; }
check "a new one that may read nothing knows nothing" '^\["refused","my rights"\]$' \
	bash -c '"$@" | jq -c "[.pods.freshness | .state, .fault]"' facts "$sitrep" --config \
	"$dir/sitrep.yaml" --kubeconfig "$dir/kubeconfig-reader" --context test facts --timeout 5
k apply -f "$dir/binding.json" >/dev/null
eventually 60 "given back, it is fresh again" '^\["fresh","none"\]$' state pods

cluster api-freeze
eventually 30 "frozen: stale, and whose fault" '^\["stale","the server"\]$' state cluster
eventually 5 "what it told, too" '^\["stale","the server"\]$' state pods
eventually 5 "with its age" '^true$' now '.pods.freshness.age >= 5 and .pods.total > 0'
eventually 5 "no server answers" '^0$' now '.link.api.answering'
cluster api-thaw
eventually 60 "thawed: fresh" '^\["fresh","none"\]$' state cluster
cluster api-kill
eventually 30 "killed: stale" '^\["stale","the server"\]$' state cluster
eventually 5 "what was known still is" '^true$' now '.nodes.total == 2 and .pods.freshness.age >= 0'
finish

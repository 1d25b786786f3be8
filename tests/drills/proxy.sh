#!/bin/bash
# What the simulated API server proxies: the real kubectl reads metrics of services and pods and a
# kubelet's disks; a drill's steps break each, and sitrep sees it.
# shellcheck source=tests/drills/lib.sh
. "$(dirname "$0")/lib.sh"
[ -n "$KUBECTL" ] || skip_all "there is no kubectl"
command -v jq >/dev/null || skip_all "jq is not installed"
command -v curl >/dev/null || skip_all "curl is not installed"
SITREP=${SITREP:-./sitrep}
[ -x "$SITREP" ] || skip_all "$SITREP is not built"
XDG_STATE_HOME=$dir/state
export XDG_STATE_HOME

cat >"$dir/drill.yaml" <<'X'
timeline:
  - {at: 1, do: overlay-break, node: ubuntu-8gb-nbg1-3}
  - {at: 1, do: disk-fill, node: ubuntu-8gb-nbg1-1, to_percent: 97}
  - {at: 1, do: etcd-member-lost, node: ubuntu-8gb-nbg1-2, reason: MemberIsLearner}
  - {at: 1, do: apiservice-lost, name: v1beta1.metrics.k8s.io, reason: FailedDiscoveryCheck, message: no answer}
  - {at: 1, do: volume-pin, name: pvc-6d2f1f6e-0f0f-4c5e-9c5e-0a7b8e9c1d2e, node: ubuntu-8gb-nbg1-1}
  - {at: 1, do: configmap-set, namespace: honeydue, name: honeydue-config, key: DB_HOST, value: elsewhere}
  - {at: 1, do: metric-gone, namespace: honeydue, name: api, metric: honeydue_db_pool_open_connections}
  - {at: 1, do: metrics-stuck, namespace: honeydue, name: vmagent}
  - {at: 240, do: overlay-heal, node: ubuntu-8gb-nbg1-3}
  - {at: 240, do: metric-back, namespace: honeydue, name: api, metric: honeydue_db_pool_open_connections}
  - {at: 240, do: apiservice-back, name: v1beta1.metrics.k8s.io}
healed:
  - {overlay_well: ubuntu-8gb-nbg1-3, metrics_well: honeydue/api}
  - {metrics_well: honeydue/vmagent, api_available: v1beta1.metrics.k8s.io}
X
service() { k get --raw "/api/v1/namespaces/honeydue/services/$1/proxy/$2"; }
# Of the api, which answers on port 8000, the pod on that node.
pod_of() {
	k get pods -l app.kubernetes.io/name=api -o 'jsonpath={.items[0].metadata.name}' \
		--field-selector "status.phase=Running,spec.nodeName=ubuntu-8gb-nbg1-$1"
}
pod() { k get --raw "/api/v1/namespaces/honeydue/pods/$(pod_of "$1"):$2/proxy/api/health/"; }
stats() { k get --raw "/api/v1/nodes/ubuntu-8gb-nbg1-$1/proxy/stats/summary"; }
disk() { stats "$1" | jq '.node.fs | 100 - .availableBytes * 100 / .capacityBytes | floor'; }
told() { cat "$dir/out"; }
see() { "$SITREP" --config "$config" --read-only --timeout 10 facts >"$dir/facts" 2>/dev/null; }
sees() { # NAME JQ
	if [ "$(jq "$2" "$dir/facts" 2>/dev/null)" = true ]; then
		ok "$1"
	else
		not_ok "$1" "$(jq '{apps, control, changes, nodes: [.nodes.items[] |
			{name, disk_ratio, conditions}]}' "$dir/facts")"
	fi
}
start() {
	world_start "$@" || not_ok "the world starts" "$(cat "$dir/err")"
	config=$(head -n 1 "$dir/out" | jq -r .config)
}

start
check "a service's metrics" '^vmagent_remotewrite_pending_data_bytes\{.*\} 0$' \
	service vmagent:8429 metrics
check "by the port's name" '^# TYPE honeydue_tasks_processed_total counter$' \
	service worker:metrics metrics
check "with a scheme before it" '^process_start_time_seconds 1' service http:api:http metrics
check "all targets are up" '^vm_promscrape_targets\{.*status="up"\} 9$' service vmagent:8429 metrics
check "a path that isn't there" 'could not find the requested resource' service api:8000 nowhere
check "a port that isn't there" 'no service port "1" found' service api:1 metrics
check "no such service" 'services "nobody" not found' service nobody:1 metrics
check "a pod" '^OK' pod 3 8000
check "a pod's closed port" 'connection refused' pod 3 1
check "a kubelet's disk" '^4[0-9]$' disk 1
check "available APIs" 'v1beta1.metrics.k8s.io +kube-system/metrics-server +True' k get apiservices
check "volumes" 'pvc-6d2f1f6e-[^ ]+ +5Gi' k get pv
check "snapshots of etcd" 'local-etcd-snapshot' k get etcdsnapshotfiles
k patch cm honeydue-config --type=merge -p '{"data":{"DEBUG":"true"}}' >/dev/null
check "who wrote a ConfigMap" '^kubectl-patch .*"f:DEBUG"' k get cm honeydue-config \
	-o 'jsonpath={.metadata.managedFields[0].manager} {.metadata.managedFields[0].fieldsV1}'
see
sees "sitrep reads metrics" '(.apps | length == 3 and all(.freshness.state == "fresh")) and
	.apps.vmagent.values.vmagent_remotewrite_pending_data_bytes.sum == 0 and
	.apps.api.values.honeydue_http_requests_total.series == 4'
k -n kube-system scale deploy/metrics-server --replicas=0 >/dev/null
eventually 20 "without its server an API is not available" 'False \(MissingEndpoints\)' \
	k get apiservices
world_stop

start --speed 8 --scenario "$dir/drill.yaml"
eventually 20 "the drill breaks everything" metrics-stuck told
check "the overlay swallows what is for a pod" 'i/o timeout' pod 3 8000
check "a pod elsewhere answers" '^OK' pod 2 8000
check "so does the kubelet behind it" '^4[0-9]$' disk 3
check "and it is Ready" 'nbg1-3 +Ready' k get nodes
check "the full disk" '^9[67]$' disk 1
eventually 20 "its kubelet evicts" 'Evicted' k get pods
check "and says so" 'DiskPressure +True' k describe node ubuntu-8gb-nbg1-1
check "the API that isn't" 'metrics.k8s.io .*False \(FailedDiscoveryCheck\)' k get apiservices
check "nobody can use it" 'unable to handle the request' k top nodes
check "a learner" 'EtcdIsVoter +False' k describe node ubuntu-8gb-nbg1-2
see
sees "sitrep: one API is missing" '.control.apis.unavailable[0].name == "v1beta1.metrics.k8s.io"'
sees "a node's disk" '[.nodes.items[] | select(.name == "ubuntu-8gb-nbg1-1")][0] |
	.disk_ratio > 0.95 and .conditions.DiskPressure == "True"'
sees "one voter less" '.control.etcd | .members == 3 and .voters == 2 and .can_lose == 0'
sees "where the data stands now" '.storage.pinned == {"ubuntu-8gb-nbg1-1": 1}'
sees "a changed ConfigMap" '[.changes.items[] |
	select(.about == "configmap/honeydue/honeydue-config" and
	.text == "changed by kubectl-edit: DB_HOST")] | length == 1'
sees "pods that nobody reaches, on a node that is Ready" '[.nodes.items[] | .ready == "True" and
	.reach.freshness.state == "fresh"] == [true, true, true] and
	[.nodes.items[] | .reach.result] == ["answered", "answered", "failed"]'
# The service leads to one of three pods, one of which can't be reached: ask again.
missing='.apps.api | .freshness.state == "fresh" and
	(.values | has("honeydue_db_pool_open_connections") | not)'
for _ in 1 2 3 4 5 6; do
	[ "$(jq "$missing" "$dir/facts")" = true ] && break
	see
done
sees "a metric is missing" "$missing"
k rollout restart deploy/vmagent >/dev/null
eventually 60 "a restart and time make it whole" '"event":"recovered"' told
world_stop

cat >"$dir/quorum.yaml" <<'Y'
timeline:
  - {at: 1, do: readyz-fail, name: informer-sync, node: ubuntu-8gb-nbg1-1}
  - {at: 2, do: stop-node, node: ubuntu-8gb-nbg1-2}
  - {at: 20, do: stop-node, node: ubuntu-8gb-nbg1-3}
Y
# ready NUMBER: what that node's own API server says of itself
ready() {
	curl -s -m 2 "$(sed -n 's/^kube: //p' "$config" | jq -r ".servers[$1 - 1]")/readyz" ||
		echo "nothing"
}
start --speed 2 --scenario "$dir/quorum.yaml"
eventually 10 "one of three servers is gone" 'stop-node' told
check "a check fails at the first" '\[-\]informer-sync failed' ready 1
check "the second says nothing" '^nothing$' ready 2
check "the third is well" '^ok$' ready 3
check "and two are a majority" 'labeled' k label node ubuntu-8gb-nbg1-1 a=b
eventually 20 "then there is one" '\[-\]etcd failed' ready 1
check "which can be read, and not written" 'etcdserver: request timed out' \
	k label node ubuntu-8gb-nbg1-1 a=c --overwrite
see
sees "sitrep knows what each of them says" '.link.api | .answering == 2 and .unready == 2 and
	([.items[] | select(.answers) | .failing // "" | test("etcd")] | all)'
world_stop

start --role observer
check "who may only look may look at services too" '^go_goroutines' service api:8000 metrics
done_testing

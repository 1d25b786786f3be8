#!/bin/bash
# What the real API server passes on: to a service, to pods and to a kubelet, all of them a real HTTP
# server; and each of them refused, stopped and frozen.
# shellcheck source=tests/cluster/tap.sh
. "$(dirname "$0")/tap.sh"
need_sitrep
command -v nginx >/dev/null || {
	echo "1..0 # SKIP nginx is not installed"
	exit 77
}
# The API server connects to no address of the loopback: one of this machine's others.
ip=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep -m 1 -E '^[0-9]+(\.[0-9]+){3}$')
[ -n "$ip" ] || {
	echo "1..0 # SKIP this machine has no address but the loopback"
	exit 77
}
start_cluster --nodes 2
web=
watcher=
stop_all() {
	kill -CONT "$web" 2>/dev/null
	kill "$web" "$watcher" 2>/dev/null
	clean_up
}
trap stop_all EXIT

# web_start: on ports plain and tls of that address, which stay what they are
web_start() {
	nginx -p "$dir/web/" -c "$dir/web/nginx.conf" 2>"$dir/web/errors" &
	web=$!
	for _ in $(seq 50); do
		curl -s -o "$dir/web/got" "http://$ip:$plain/healthz" && return 0
		kill -0 "$web" 2>/dev/null || return 1
		sleep 0.1
	done
}

mkdir -p "$dir/web/html/stats"
cat >"$dir/web/html/metrics" <<'Y'
# TYPE vmagent_remotewrite_pending_data_bytes gauge
vmagent_remotewrite_pending_data_bytes{path="/tmp/1",url="1:secret-url"} 4096
vmagent_remotewrite_pending_data_bytes{path="/tmp/2",url="2:secret-url"} 904
vm_promscrape_targets{type="static",status="down"} 2
Y
echo '{"node":{"nodeName":"disk-1","fs":{"availableBytes":100,"capacityBytes":1000}},"pods":[]}' \
	>"$dir/web/html/stats/summary"
for _ in 1 2 3 4 5; do
	plain=$((20000 + RANDOM % 6000))
	tls=$((plain + 6000))
	cat >"$dir/web/nginx.conf" <<Y
daemon off; master_process off; pid $dir/web/pid; error_log $dir/web/errors;
events {}
http {
	access_log off; default_type text/plain; client_body_temp_path $dir/web; proxy_temp_path $dir/web;
	fastcgi_temp_path $dir/web; uwsgi_temp_path $dir/web; scgi_temp_path $dir/web;
	root $dir/web/html;
	server { listen $ip:$plain; location /healthz { return 418; } location /secret { return 403; } }
	server { listen $ip:$tls ssl; ssl_certificate $dir/pki/apiserver.crt;
		ssl_certificate_key $dir/pki/apiserver.key; }
}
Y
	web_start && break
done

# at IP PODS: they are where the web server listens
at() {
	local pod
	for pod in $(k -n honeydue get pods -l "app=$2" -o name); do
		k -n honeydue patch "$pod" --subresource status --type merge \
			-p "{\"status\":{\"podIP\":\"$1\",\"podIPs\":[{\"ip\":\"$1\"}]}}" >/dev/null
	done
}
at "$ip" api
at "$ip" vmagent
k apply -f - >/dev/null <<Y
apiVersion: v1
kind: Service
metadata: {name: vmagent, namespace: honeydue}
spec: {selector: {app: vmagent}, ports: [{port: 8429, targetPort: $plain}]}
---
apiVersion: v1
kind: Node
metadata: {name: disk-1}
Y
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
k patch node disk-1 --subresource status --type merge -p "{\"status\":{\"addresses\":[{\"type\":\"InternalIP\",
	\"address\":\"$ip\"}],\"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":$tls}},\"conditions\":[{\"type\":
	\"Ready\",\"status\":\"True\",\"lastHeartbeatTime\":\"$now\",\"lastTransitionTime\":\"$now\"}]}}" >/dev/null
# The same API server under two names stands for two: one in use, and another.
cat >>"$dir/sitrep.yaml" <<Y
kube:
  servers: ["https://localhost:$(sed -n 's/^port_api=//p' "$dir/env")"]
  disk_every: 6s
  pod_reach:
    every: 5s
    timeout: 1s
    per_minute: 120
    pods: [{workloads: deployment/honeydue/api, port: $plain, path: /healthz}]
app_metrics:
  - {name: vmagent, service: "honeydue/vmagent:8429", every: 2s, keep: [vmagent_*, "vm_*{*status=\"down\"*"]}
  - {name: api, service: "honeydue/api:8000", every: 2s, keep: ["*"]}
Y
"$sitrep" --config "$dir/sitrep.yaml" --kubeconfig "$dir/kubeconfig-reader" --context test \
	facts --every 1 >"$dir/watch" 2>"$dir/watch-errors" </dev/null &
watcher=$!

# seen NAME JQ [SECONDS]: what a sitrep that goes on knows satisfies JQ within that time
seen() {
	local name=$1 expr=$2 deadline=$((SECONDS + ${3:-30})) started=$SECONDS
	while ! tail -n 2 "$dir/watch" | jq -es "last | $expr" >/dev/null 2>&1; do
		if [ "$SECONDS" -ge "$deadline" ]; then
			show "$(tail -n 2 "$dir/watch" | head -n 1 | jq -c '{apps, server: .cluster.servers[0],
				disks: .nodes.disks, nodes: [.nodes.items[] | {name, disk_ratio, disk_age, reach}]}')"
			point "$name" 1
			return
		fi
		sleep 0.3
	done
	point "$name" 0
	echo "# after $((SECONDS - started)) s"
}
reach='[.nodes.items[] | select(.name | startswith("node-")) | .reach]'

seen "metrics through the service proxy" '.apps.vmagent | .freshness.state == "fresh" and
	.values.vmagent_remotewrite_pending_data_bytes == {sum: 5000, max: 4096, series: 2, per_s: 0} and
	.values["vm_*{*status=\"down\"*"].sum == 2'
seen "another service is refused: the role names one" '.apps.api.freshness |
	.state == "refused" and .reason == "needs the right to get services/proxy there"'
seen "pods are refused without the right to their proxy" "$reach | length == 2 and all(.freshness |
	.state == \"refused\" and .reason == \"needs the right to get pods/proxy there\")"
seen "so are kubelets" '.nodes.disks | .state == "refused" and (.reason | test("nodes/proxy"))'
k -n honeydue create rolebinding reach --clusterrole sitrep-read-reach --user sitrep-reader >/dev/null
k create clusterrolebinding disks --clusterrole sitrep-read-disks --user sitrep-reader >/dev/null
seen "with it, pods on each node are reached, whatever they answer" "$reach | all(.freshness.state ==
	\"fresh\" and .result == \"answered\" and .text == \"HTTP 418\" and .ms >= 0)"
fact "a kubelet tells how full its disk is" '.nodes.items[] | select(.name == "disk-1") |
	.disk_ratio == 0.9 and .disk_age < 10' 20

kill -STOP "$web"
seen "frozen: metrics are stale, and what was known is kept" '.apps.vmagent |
	.freshness.state == "stale" and .freshness.reason == "no answer in time" and
	.values.vmagent_remotewrite_pending_data_bytes.sum == 5000' 40
seen "pods aren't reached, twice in a row" "$reach | all(.freshness.state == \"fresh\" and
	.result == \"failed\" and .failures >= 2 and (.text | test(\"no answer within 1 s\")))" 40
seen "and that is no fault of the API server" '.cluster.freshness.state == "fresh" and
	.cluster.servers[0].freshness.state == "fresh"' 10
kill -CONT "$web"
seen "thawed" "($reach | all(.result == \"answered\" and .failures == 0)) and
	.apps.vmagent.freshness.state == \"fresh\"" 40

kill "$web" && wait "$web"
web=
seen "stopped: nobody listens, and the network carries" "$reach | all(.result == \"closed\" and
	(.text | test(\"connection refused\")))" 40
seen "metrics say the same" '.apps.vmagent.freshness | .state == "stale" and
	(.reason | test("connection refused"))' 20
k -n honeydue scale deployment vmagent --replicas 0 >/dev/null
seen "nobody behind the service" '.apps.vmagent.freshness | .state == "stale" and
	(.reason | test("no endpoints available"))' 30

# It looks pods up in etcd: without it, what a pod would answer can't be known.
kill -STOP "$(cat "$dir/pid/etcd")"
seen "without etcd, pods that can't be asked aren't called unreachable" \
	"($reach | all(.result == \"closed\") and any(.freshness.reason != null)) and
	.cluster.freshness.state == \"stale\"" 60
seen "the check that fails is named, for the server in use and for the other" \
	'.cluster.servers | length == 2 and all(.failing != null and (.failing | test("etcd")))' 60
kill -CONT "$(cat "$dir/pid/etcd")"
seen "and no longer" '(.cluster.servers | all(.failing == null and .freshness.state == "fresh")) and
	.cluster.freshness.state == "fresh"' 60
refute "nothing was asked but to read" '^(create|update|patch|delete) ' asked sitrep-reader
check "by way of the proxies" '^get pods/proxy honeydue/api-.* 418$' asked sitrep-reader
finish

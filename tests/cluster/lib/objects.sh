# shellcheck shell=bash
# What lives in the cluster: nodes, the workloads of objects/, load for benchmarks, log files.
: "${dir:=}" "${here:=}" "${port_redis:=}"

node_object() {
	cat <<X
apiVersion: v1
kind: Node
metadata:
  name: $1
  annotations: {$2}
  labels: {kubernetes.io/hostname: $1, kubernetes.io/os: linux, kubernetes.io/arch: amd64, $3}
status:
  capacity: {cpu: "4", memory: 8Gi, pods: "$4"}
  allocatable: {cpu: "4", memory: 8Gi, pods: "$4"}
  nodeInfo: {kubeletVersion: v1.34.4, osImage: Ubuntu 24.04.3 LTS, kernelVersion: 6.8.0,
    containerRuntimeVersion: containerd://2.1.4, operatingSystem: linux, architecture: amd64,
    bootID: "", machineID: "", systemUUID: "", kubeProxyVersion: v1.34.4}
---
X
}

apply_nodes() {
	local i role='node-role.kubernetes.io/control-plane: "true"'
	for ((i = 1; i <= $1; i++)); do
		node_object "node-$i" "" "$role" 110
	done | kube apply --server-side -f - >/dev/null
	kube wait --for=condition=Ready node --all --timeout=60s >/dev/null
}

apply_workloads() {
	kube apply --server-side -f "$here/objects/workloads.yaml" >/dev/null
	for ns in kube-system honeydue; do
		kube -n "$ns" wait --for=condition=Available deployment --all --timeout=90s >/dev/null
	done
}

# The kubelets' configuration: what logs hold, where a port-forward leads, how pods come and go.
write_kwok_config() {
	local name
	for name in "$here"/objects/logs/*.log; do
		sed "s/^/$(date -u +%Y-%m-%dT%H:%M:%S.000000000Z) stdout F /" "$name" \
			>"$dir/logs/${name##*/}"
	done
	sed -e "s|@LOGS@|$dir/logs|g" -e "s|@REDIS@|$port_redis|g" \
		"$here/objects/kwok.yaml" >"$dir/kwok.yaml"
}

load_deployment() {
	cat <<X
apiVersion: apps/v1
kind: Deployment
metadata: {name: $2, namespace: $1, labels: {app: $2}}
spec:
  replicas: $3
  progressDeadlineSeconds: 3600
  selector: {matchLabels: {app: $2}}
  template:
    metadata: {labels: {app: $2, part-of: load}}
    spec:
      nodeSelector: {load: "true"}
      containers:
      - name: main
        image: registry.example/load/$2:1.4.2
        ports: [{containerPort: 8080}]
        env: [{name: PORT, value: "8080"}]
        resources: {requests: {cpu: 1m, memory: 1Mi}, limits: {memory: 64Mi}}
---
X
}

count_running() {
	kube --kubeconfig "$dir/kubeconfig-loader" get pods -A -l part-of=load --no-headers \
		--field-selector status.phase=Running -o name 2>/dev/null | wc -l
}

# Exactly PODS pods on NODES further nodes; calling it again changes the number.
cluster_load() {
	local pods=$1 count=$2 i started=$SECONDS have=0 size share
	local annotation='kwok.x-k8s.io/node: load'
	note "loading $pods pods on $count nodes (about $((pods / 60 + 10)) s)"
	for ((i = 1; i <= count; i++)); do
		node_object "load-$i" "$annotation" 'load: "true"' 1000
	done | kube --kubeconfig "$dir/kubeconfig-loader" apply --server-side -f - >/dev/null
	alive kwok-load || start_kwok kwok-load \
		--manage-nodes-with-annotation-selector kwok.x-k8s.io/node=load
	share=$(((pods + 99) / 100))
	for ((i = 0; i < 100; i++)); do
		size=$((pods - i * share))
		size=$((size < 0 ? 0 : size > share ? share : size))
		printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: load-%d}\n---\n' $((i / 10))
		load_deployment "load-$((i / 10))" "service-$i" "$size"
	done | kube --kubeconfig "$dir/kubeconfig-loader" apply --server-side -f - >/dev/null
	while have=$(count_running) && [ "$have" -ne "$pods" ]; do
		if [ $((SECONDS - started)) -gt $((120 + pods / 20)) ]; then
			note "only $have of $pods pods run"
			return 1
		fi
		sleep 2
	done
	note "$pods pods run after $((SECONDS - started)) s"
}

# shellcheck shell=bash
# Starting the control plane: certificates, etcd, API server, then everything that needs it.
: "${dir:=}" "${here:=}" "${port:=}"

kube() { "$bin/kubectl" --kubeconfig "$dir/kubeconfig" "$@"; }

find_programs() {
	bin=$("$here/build.sh" --where) || bin=$("$here/build.sh")
}

write_audit_policy() {
	cat >"$dir/audit-policy.yaml" <<'X'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: [controllers, scheduler, kwok, loader, "system:apiserver", "system:anonymous"]
- level: Request
  verbs: [create, update, patch, delete, deletecollection]
- level: Metadata
X
}

start_etcd() {
	spawn etcd "$bin/etcd" --unsafe-no-fsync --data-dir "$dir/etcd" --log-level warn \
		--quota-backend-bytes 4294967296 \
		--listen-client-urls "http://127.0.0.1:$port_etcd" \
		--advertise-client-urls "http://127.0.0.1:$port_etcd" \
		--listen-peer-urls "http://127.0.0.1:$port_peer" \
		--initial-advertise-peer-urls "http://127.0.0.1:$port_peer" \
		--initial-cluster "default=http://127.0.0.1:$port_peer"
}

start_apiserver() {
	spawn kube-apiserver "$bin/kube-apiserver" --etcd-servers "http://127.0.0.1:$port_etcd" \
		--secure-port "$port_api" --bind-address 127.0.0.1 --advertise-address 127.0.0.1 \
		--tls-cert-file "$dir/pki/apiserver.crt" --tls-private-key-file "$dir/pki/apiserver.key" \
		--client-ca-file "$dir/pki/ca.crt" --authorization-mode Node,RBAC \
		--service-account-key-file "$dir/pki/sa.pub" \
		--service-account-signing-key-file "$dir/pki/sa.key" \
		--service-account-issuer "https://127.0.0.1:$port_api" \
		--service-cluster-ip-range 10.96.0.0/16 --endpoint-reconciler-type none \
		--audit-policy-file "$dir/audit-policy.yaml" --audit-log-path "$dir/audit.log" \
		--kubelet-client-certificate "$dir/pki/admin.crt" \
		--kubelet-client-key "$dir/pki/admin.key" \
		--kubelet-preferred-address-types InternalIP --max-requests-inflight 2000 \
		--max-mutating-requests-inflight 1000
}

start_controllers() {
	local period=5
	[ "$grace" -ge 20 ] || period=1
	spawn kube-controller-manager "$bin/kube-controller-manager" \
		--kubeconfig "$dir/kubeconfig-controllers" --bind-address 127.0.0.1 \
		--service-account-private-key-file "$dir/pki/sa.key" --root-ca-file "$dir/pki/ca.crt" \
		--leader-elect=false --secure-port 0 --kube-api-qps 500 --kube-api-burst 1000 \
		--node-monitor-grace-period "${grace}s" --node-monitor-period "${period}s"
	spawn kube-scheduler "$bin/kube-scheduler" --kubeconfig "$dir/kubeconfig-scheduler" \
		--bind-address 127.0.0.1 --leader-elect=false --secure-port 0 \
		--kube-api-qps 500 --kube-api-burst 1000
}

# start_kwok NAME SELECTION...: one kubelet; what it manages is said by SELECTION
start_kwok() {
	local name=$1 lease=40
	shift
	[ "$grace" -ge 40 ] || lease=$((grace * 4 / 5))
	free_port
	spawn "$name" "$bin/kwok" --kubeconfig "$dir/kubeconfig-kwok" --config "$dir/kwok.yaml" "$@" \
		--node-lease-duration-seconds "$lease" --node-ip 127.0.0.1 --node-port "$port" \
		--server-address "127.0.0.1:$port" --tls-cert-file "$dir/pki/apiserver.crt" \
		--tls-private-key-file "$dir/pki/apiserver.key"
}

start_redis() {
	[ "$port_redis" = own ] || return 0
	free_port
	port_redis=$port
	if command -v redis-server >/dev/null; then
		spawn redis redis-server --bind 127.0.0.1 --port "$port_redis" --save '' \
			--dir "$dir" --maxmemory 256mb --maxmemory-policy allkeys-lru \
			--set-proc-title no        # a title would be written over the environment
	else
		note "no redis-server on PATH: the port-forward into Redis leads nowhere"
	fi
}

write_env() {
	cat >"$dir/env" <<X
bin=$bin
server=https://127.0.0.1:$port_api
port_api=$port_api
port_etcd=$port_etcd
port_redis=$port_redis
grace=$grace
nodes=$nodes
X
}

parse_up() {
	nodes=3
	grace=40
	port_redis=own
	empty=
	while [ $# -gt 0 ]; do
		case $1 in
		--nodes) nodes=$2 ;;
		--grace) grace=$2 ;;
		--port-redis) port_redis=$2 ;;
		--empty)
			empty=yes
			shift
			continue
			;;
		*)
			note "unknown option $1"
			return 2
			;;
		esac
		shift 2
	done
}

start_core() {
	local user
	free_port && port_etcd=$port
	free_port && port_peer=$port
	free_port && port_api=$port
	make_pki
	write_audit_policy
	kubeconfig "$dir/kubeconfig" admin "https://127.0.0.1:$port_api" files
	for user in reader actor kwok controllers scheduler loader; do
		kubeconfig "$dir/kubeconfig-$user" "$user" "https://127.0.0.1:$port_api"
	done
	start_etcd
	start_apiserver
	wait_for 60 "the API server" kube get --raw /readyz
}

cluster_up() {
	local started=$SECONDS i
	parse_up "$@"
	find_programs
	cluster_down
	rm -rf "$dir/etcd" "$dir/audit.log"
	mkdir -p "$dir/pid" "$dir/log" "$dir/pki" "$dir/logs"
	start_redis
	write_kwok_config
	if ! start_core; then
		note "once more, on other ports"
		cluster_down
		rm -rf "$dir/etcd"
		start_core || { tail -n 5 "$dir/log/kube-apiserver" >&2; cluster_down; return 1; }
	fi
	write_env
	start_controllers
	for ((i = 1; i <= nodes; i++)); do
		start_kwok "kwok-node-$i" --manage-single-node "node-$i"
	done
	apply_nodes "$nodes"
	kube apply -f "$here/../../docs/rbac-readonly.yaml" -f "$here/../../docs/rbac-acting.yaml" \
		-f "$here/objects/rbac.yaml" >/dev/null
	[ -n "$empty" ] || apply_workloads
	note "up in $((SECONDS - started)) s: $dir/kubeconfig"
}

api_restart() {
	write_audit_policy
	alive kube-apiserver || start_apiserver
	wait_for 60 "the API server" kube get --raw /readyz
}

# Back into the variables that cluster_up had.
read_env() {
	[ -e "$dir/env" ] || { note "no cluster in $dir"; return 1; }
	# shellcheck disable=SC1091
	. "$dir/env"
}

#!/bin/bash
# A Redis that only the cluster can reach: through the real API server into a real Redis.
# shellcheck source=tests/cluster/tap.sh
. "$(dirname "$0")/tap.sh"
need_sitrep
start_cluster
redis_port=$(sed -n 's/^port_redis=//p' "$dir/env")
keys=60000

# write_config MEMBERS: the Redis by this way
write_config() {
	cat >"$dir/via.yaml" <<X
audit_file: $dir/audit.jsonl
redis:
  url: redis://redis.nowhere.example:6379
  every: 500ms
  via: {kubernetes: {$1}}
X
}

# via USER MEMBERS: what sitrep --once, as USER, knows of that Redis
via() {
	write_config "$2"
	"$sitrep" --config "$dir/via.yaml" --kubeconfig "$dir/kubeconfig-$1" --context test \
		--read-only --once --json 2>&1 </dev/null |
		jq -c '.redis | {freshness, keys, version, endpoint}'
}

redis-cli -p "$redis_port" eval "for i = 1, $keys do
	redis.call('SET', 'key:' .. i % 7 .. ':' .. i, string.rep('x', i % 100)) end" 0 >/dev/null
redis-cli -p "$redis_port" set big "$(head -c 50000 /dev/zero | tr '\0' x)" >/dev/null
k apply -f "$top/docs/rbac-forward.yaml" >/dev/null
k -n honeydue create rolebinding forward --clusterrole sitrep-forward --user sitrep-reader >/dev/null
all="\"state\":\"fresh\".*\"keys\":$((keys + 1)).*through kubernetes"
pod=$(k -n honeydue get pods -l app=redis -o jsonpath='{.items[0].metadata.name}')

check "by a service" "$all" via reader 'namespace: honeydue, service: redis'
check "by a selector" "$all" via reader 'namespace: honeydue, selector: "app=redis"'
check "by a pod's name" "$all" via reader "namespace: honeydue, pod: $pod"
check "who may not is told which right is missing" 'needs \+get and \+create on pods/portforward' \
	via actor "namespace: honeydue, pod: $pod"
check "no such service" 'services .*nobody.* not found' via reader 'namespace: honeydue, service: nobody'
check "no pod is ready" 'no pod of it is ready' via reader 'namespace: honeydue, selector: "app=nobody"'
check "no such pod" 'not found' via reader 'namespace: honeydue, pod: nobody'
check "no name" 'that is no name' via reader 'namespace: honeydue, pod: "../../x"'
check "a port where nobody listens" '"state":"unknown"' \
	via reader "namespace: honeydue, pod: $pod, port: 6380"
refute "nothing is asked for but reading and the way" '^(create|update|patch|delete) ' asked sitrep-reader

write_config 'namespace: honeydue, service: redis'
status=0
"$vtdrive" -s 120x40 -T 20000 "$sitrep" --config "$dir/via.yaml" \
	--kubeconfig "$dir/kubeconfig-reader" --context test --read-only >"$dir/drive" 2>&1 <<X || status=1
wait fresh: API, Redis
key 4
wait key scan +done, $((keys + 1)) of
key g
wait big +[0-9.]+K
run redis-cli -p $redis_port config set maxmemory-policy noeviction
wait noeviction
run $top/tests/cluster/cluster.sh api-freeze $dir
timeout 30000
wait Redis.*(stale|unknown)
run $top/tests/cluster/cluster.sh api-thaw $dir
wait fresh: API, Redis
key q
exit 0
X
[ $status -eq 0 ] || head -n 60 "$dir/drive" | sed 's/^/# /'
point "a whole scan over it; it goes with the API server and comes back" $status
finish

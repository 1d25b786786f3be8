#!/bin/bash
# One sitrep watches every kind of source while each is frozen, brought back, stopped and locked out,
# and a database is left to sleep: what it knows turns stale, unknown, refused or asleep, in time, and
# says whose fault it is. docs/signals.md tells where else this is proven.
# shellcheck source=tests/services/lib.sh
. "$(dirname "$0")/lib.sh"
sshd=$(command -v sshd || echo /usr/sbin/sshd)
world=${WORLD:-./sitrep-world}
here=$(dirname "$0")
PATH=$PATH:/usr/sbin
for needed in "$sshd" "$world" ssh ssh-keygen redis-server redis-cli pgbouncer python3; do
	command -v "$needed" >/dev/null || { echo "1..0 # SKIP $needed is not there"; exit 77; }
done
nginx_up
nginx_pid=$pid

tidy() {
	kill -CONT "${frozen[@]}" 2>/dev/null
	"$here/redis.sh" down "$work/redis" >/dev/null 2>&1
	"$here/postgres.sh" down "$work/postgres" >/dev/null 2>&1
	clean_up
}
frozen=()
trap tidy EXIT

# ---- the servers ----

chmod 755 "$work"
redis=$("$here/redis.sh" up "$work/redis") || { echo "Bail out! redis does not start"; exit 99; }
redis_port=$(sed -n 's/^port=//p' <<<"$redis")
redis_pid=$(sed -n 's/^pid=//p' <<<"$redis")
mkdir "$work/postgres"
[ "$(id -u)" -ne 0 ] || chown nobody "$work/postgres"
postgres=$("$here/postgres.sh" up "$work/postgres") ||
	{ echo "1..0 # SKIP there is no PostgreSQL"; exit 77; }
pg() { sed -n "s/^$1=//p" <<<"$postgres"; }
r() { redis-cli -p "$redis_port" "$@" >/dev/null; }
r SADD asynq:queues default
r LPUSH 'asynq:{default}:pending' a b

[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
s=$work/ssh
mkdir -p "$s"
chmod 700 "$s"
ssh-keygen -q -t ed25519 -N '' -f "$s/key"
ssh-keygen -q -t ed25519 -N '' -f "$s/host"
cp "$s/key.pub" "$s/authorized"
ssh_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$s/sshd_config" <<X
Port $ssh_port
ListenAddress 127.0.0.1
HostKey $s/host
AuthorizedKeysFile $s/authorized
PidFile $s/pid
UsePAM no
StrictModes no
PasswordAuthentication no
X
"$sshd" -D -e -f "$s/sshd_config" 2>"$s/log" &
sshd_pid=$!
children+=("$sshd_pid")
printf '[127.0.0.1]:%s %s\n' "$ssh_port" "$(cut -d' ' -f1,2 "$s/host.pub")" >"$s/known"
printf 'Host one\n HostName 127.0.0.1\n Port %s\n User %s\n IdentitiesOnly yes\n' "$ssh_port" \
	"$(id -un)" >"$s/config"
printf ' IdentityFile %s/key\n UserKnownHostsFile %s/known\n' "$s" "$s" >>"$s/config"

# The API of a simulated cluster; the real one is frozen and killed in tests/cluster.
mkfifo "$work/world.in"
"$world" <"$work/world.in" >"$work/world" 2>/dev/null &
world_pid=$!
children+=("$world_pid")
exec 9>"$work/world.in"
until grep -q '"ready"' "$work/world"; do
	kill -0 "$world_pid" || { echo "Bail out! the world does not start"; exit 99; }
	sleep 0.05
done
cp "$(sed -n 's/.*"kubeconfig":"\([^"]*\)".*/\1/p' "$work/world" | head -n 1)" "$work/kubeconfig"

echo '{"page":{"name":"Edge"},"status":{"indicator":"none"},"components":[]}' >"$www/ok.json"
echo '{"Status":0,"Answer":[{"type":1,"data":"127.0.0.1"}]}' >"$www/dns.json"
export MON_PASSWORD=secret OBS_TOKEN=s3cret

# settings SUSPEND-AFTER: of everything
settings() {
	config <<X
kube: {kubeconfig: "$work/kubeconfig", heartbeat: 1s, stale_after: 3s}
redis: {url: "redis://127.0.0.1:$redis_port", every: 1s, scan: false}
asynq: {every: 1s}
ssh: {command: [ssh, -F, $s/config], every: 5s, timeout: 4s, hosts: [{node: one}]}
vendors:
  - {name: page, url: "http://127.0.0.1:@http@/ok.json", every: 10s}
probes:
  - {name: site, url: "https://localhost:@https@/edge/200", ca_file: @ca@, every: 1s, timeout: 1s}
  - {name: obs, kind: obs, url: "https://localhost:@https@/token", ca_file: @ca@, every: 1s, timeout: 1s, bearer: {env: OBS_TOKEN}}
  - {name: name, kind: dns, host: x.example, resolvers: "http://127.0.0.1:@http@/dns.json", every: 1s, timeout: 1s}
postgres:
  direct: postgres://mon@localhost:$(pg port)/shop
  pooler: localhost:$(pg pooler)
  password: {env: MON_PASSWORD}
  ca_file: $(pg ca)
  every: 5s
  timeout: 2s
  suspend_after: $1
X
}

# ---- one sitrep, and what it says twice a second ----

watch() {
	"$sitrep" --config "$work/config.yaml" facts --every 0.5 --timeout 5 >"$work/stream" \
		2>"$work/errors" 9>&- &
	watcher=$!
	children+=("$watcher")
	until [ "$(wc -l <"$work/stream")" -ge 2 ]; do
		kill -0 "$watcher" 2>/dev/null || { sed 's/^/# /' "$work/errors"; echo "Bail out! sitrep ends"; exit 99; }
		sleep 0.1
	done
}
unwatch() {
	kill "$watcher"
	wait "$watcher" 2>/dev/null
}
# The last whole document.
now() { tail -n 2 "$work/stream" 2>/dev/null | head -n 1 | jq -c "$1" 2>/dev/null; }
begin() { begun=$(date +%s); }
# turns WHAT SECONDS WANTED JQ: it is so before so many seconds since begin, and as many again for a
# machine that has others to serve.
turns() {
	local got=
	for _ in $(seq 600); do
		got=$(now "$4")
		[ "$got" != "$3" ] || break
		[ $(($(date +%s) - begun)) -le $((2 * $2 + 20)) ] || break
		sleep 0.1
	done
	check "$1 (stated: $2 s; after $(($(date +%s) - begun)) s)" "^ok$" \
		eval "[ '$got' = '$3' ] && echo ok || echo '$got'"
}
fresh='[.state, .fault]'
jq_kube=".cluster.freshness | $fresh"
jq_pods=".pods.freshness | $fresh"
jq_redis=".redis.freshness | $fresh"
jq_queues=".asynq.freshness | $fresh"
jq_direct=".postgres.direct.freshness | $fresh"
jq_pooler=".postgres.pooler.freshness | $fresh"
jq_page=".vendors.by_name.page.freshness | $fresh"
jq_host=".hosts.items[0].freshness | $fresh"
jq_site='.probes.by_name.site | [.result, .cause, .freshness.fault]'
jq_name='.probes.by_name."name 127.0.0.1" | [.result, .cause, .freshness.fault]'
all_fresh() {
	local kind
	for kind in kube pods redis queues direct pooler page host; do
		local path=jq_$kind
		turns "$1: $kind is fresh" "$2" '["fresh","none"]' "${!path}"
	done
	turns "$1: a site answers" "$2" '["ok",null,"none"]' "$jq_site"
	turns "$1: so does a resolver" "$2" '["ok",null,"none"]' "$jq_name"
}
server='["stale","the server"]'

settings 0s
watch
begin
all_fresh "at first" 20

frozen=("$nginx_pid" "$redis_pid" "$(pg pid)" "$(pg pooler_pid)" "$sshd_pid" "$world_pid")
kill -STOP "${frozen[@]}"
begin
turns "frozen: the API" 8 "$server" "$jq_kube"
turns "frozen: what it told" 8 "$server" "$jq_pods"
turns "frozen: Redis" 12 "$server" "$jq_redis"
turns "frozen: its queues" 12 "$server" "$jq_queues"
turns "frozen: the database" 10 "$server" "$jq_direct"
turns "frozen: its pooler" 10 "$server" "$jq_pooler"
turns "frozen: a site" 4 '["failed","timeout","the server"]' "$jq_site"
turns "frozen: a resolver" 4 '["failed","timeout","the server"]' "$jq_name"
turns "frozen: a machine" 12 "$server" "$jq_host"
turns "frozen: a status page" 32 "$server" "$jq_page"
check "and every one tells how old it is" '^true$' now '[.cluster, .pods, .redis, .asynq,
	.postgres.direct, .postgres.pooler, .hosts.items[0], .vendors.by_name.page] |
	all(.freshness.age >= 3 and (.freshness.reason | length) > 0)'
check "what was known still is" '^true$' now '.redis.used > 0 and .pods.total > 0 and
	.asynq.pending == 2 and .vendors.by_name.page.state == "ok"'
check "nothing out there answers" '^0$' now '.link.api.answering'
kill -CONT "${frozen[@]}"
begin
all_fresh "thawed" 40

: >"$s/authorized"
r ACL SETUSER default resetpass '>other'
redis-cli -p "$redis_port" -a other --no-auth-warning CLIENT KILL TYPE normal SKIPME yes >/dev/null
begin
turns "locked out: Redis" 8 '["refused","my rights"]' "$jq_redis"
turns "locked out: its queues" 8 '["refused","my rights"]' "$jq_queues"
turns "locked out: a machine" 12 '["refused","my rights"]' "$jq_host"

kill "$nginx_pid" "$redis_pid" "$sshd_pid" "$world_pid"
"$here/postgres.sh" server "$work/postgres" stop >/dev/null
"$here/postgres.sh" pooler "$work/postgres" stop >/dev/null
begin
turns "stopped: the API" 8 "$server" "$jq_kube"
turns "stopped: the database" 8 "$server" "$jq_direct"
turns "stopped: its pooler" 8 "$server" "$jq_pooler"
turns "stopped: a site" 3 '["failed","refused","the server"]' "$jq_site"
turns "stopped: a resolver" 3 '["failed","refused","the server"]' "$jq_name"
turns "stopped: a status page" 12 "$server" "$jq_page"
unwatch
watch
begin
unknown='["unknown","the server"]'
turns "never there: the API" 10 "$unknown" "$jq_kube"
turns "never there: Redis" 10 "$unknown" "$jq_redis"
turns "never there: the database" 10 "$unknown" "$jq_direct"
turns "never there: a machine" 10 "$unknown" "$jq_host"
turns "never there: a status page" 10 "$unknown" "$jq_page"
unwatch

"$here/postgres.sh" server "$work/postgres" start >/dev/null
"$here/postgres.sh" pooler "$work/postgres" start >/dev/null
"$here/nginx.sh" down "$work/nginx"
nginx_up
OBS_TOKEN=wrong MON_PASSWORD=wrong
settings 0s
sed -i 's|/ok.json|/status/403|' "$work/config.yaml"
watch
begin
turns "locked out: the database" 8 '["refused","my rights"]' "$jq_direct"
turns "locked out: its pooler" 8 '["refused","my rights"]' "$jq_pooler"
turns "locked out: a status page" 8 '["refused","my rights"]' "$jq_page"
turns "locked out: an endpoint with a token" 8 '["failed","token","my rights"]' \
	'.probes.by_name.obs | [.result, .cause, .freshness.fault]'
unwatch

MON_PASSWORD=secret
settings 3s
watch
begin
turns "suspended: the database sleeps" 20 '["asleep","asleep"]' "$jq_direct"
turns "suspended: and its pooler is left alone" 20 '["asleep","asleep"]' "$jq_pooler"
check "what looking has cost is told" '^true$' now '.postgres.looks |
	.wake_budget == 4 and .wake_spent <= 4 and .connections > 0 and .next > 0'
unwatch
finish

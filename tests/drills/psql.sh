#!/bin/bash
# The real psql on the simulated Postgres, directly and through its pooler, well and ill.
. "$(dirname "$0")/lib.sh"
PSQL=${PSQL:-$(command -v psql || true)}
[ -n "$PSQL" ] || skip_all "there is no psql"

# ports: of the two ways, from the configuration that the world has written
ports() {
	config=$(sed -n 's/.*"config":"\([^"]*\)".*/\1/p' "$dir/out" | head -1)
	direct=$(sed -n 's/.*"direct": *"127\.0\.0\.1:\([0-9]*\)".*/\1/p' "$config")
	pooler=$(sed -n 's/.*"pooler": *"127\.0\.0\.1:\([0-9]*\)".*/\1/p' "$config")
}

# p PORT ARGUMENTS...
p() {
	local port=$1
	shift
	timeout 20 "$PSQL" -X -A -t -w "host=127.0.0.1 port=$port user=neondb_owner \
dbname=honeyDue connect_timeout=3" "$@" 2>&1 9>&-
}

# seconds COMMAND...: how long it takes, whole
seconds() {
	local began=$SECONDS
	"$@" >/dev/null
	echo "$((SECONDS - began))"
}

world_start || not_ok "the world starts" "$(cat "$dir/err")"
ports
check "SELECT 1" '^1$' p "$direct" -c 'SELECT 1'
check "through the pooler" '^1$' p "$pooler" -c 'select 1;'
check "\\conninfo" 'connected to database "honeyDue" as user "neondb_owner"' p "$direct" -c '\conninfo'
check "TLS is declined, not misunderstood" 'server does not support SSL' \
	p "$direct" -d "host=127.0.0.1 port=$direct sslmode=require" -c 'SELECT 1'
check "several statements" '^2$' sh -c \
	"'$PSQL' -X -A -t 'host=127.0.0.1 port=$direct user=u dbname=honeyDue' \
	-c 'select 1; select 1' 9>&- | grep -c '^1\$'"
check "version" 'PostgreSQL 17' p "$direct" -c 'SELECT version()'
check "SHOW" '^104$' p "$direct" -c 'SHOW max_connections'
check "the migrations" '^5\|20251114093000\|t\|' p "$direct" -c 'SELECT * FROM goose_db_version'
check "some columns, some rows" '^20250411083000$' p "$direct" \
	-c 'SELECT version_id FROM goose_db_version WHERE id = 2'
check "sessions" '^[0-9]+\|api\|active$' p "$direct" \
	-c "SELECT pid, application_name, state FROM pg_stat_activity WHERE state = 'active'"
check "counting" '^3$' p "$direct" \
	-c "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'worker'"
check "a transaction" '^COMMIT$' p "$direct" -c 'BEGIN' -c 'SELECT 1' -c 'COMMIT'
check "read-only holds" 'cannot write in a read-only transaction' p "$direct" \
	-c 'BEGIN READ ONLY; DELETE FROM goose_db_version; COMMIT'
check "an aborted transaction" 'current transaction is aborted' p "$direct" \
	-c 'BEGIN' -c 'SELECT nonsense()' -c 'SELECT 1'
check "what it can't do it says" 'does not know that statement' p "$direct" -c '\d'
check "an empty query" '^$' p "$direct" -c ';'
check "garbage ends the connection and nothing else" '^1$' bash -c \
	"exec 3<>/dev/tcp/127.0.0.1/$direct; printf 'GET / HTTP/1.1\r\n\r\n' >&3; cat <&3 >/dev/null; \
	'$PSQL' -X -A -t 'host=127.0.0.1 port=$direct user=u dbname=honeyDue' -c 'select 1' 9>&-"
world_stop

cat >"$dir/ill.yaml" <<X
id: ill
title: t
mode: m
story: s
timeline:
  - {at: 0.1, do: postgres-fault, way: direct, postgres: quota}
  - {at: 0.1, do: postgres-fault, way: pooler, postgres: hang}
  - {at: 0.1, do: postgres-block, application: psql, waiting: 2}
  - {at: 0.1, do: postgres-migration, version: 20250918100000}
  - {at: 0.1, do: postgres-invalid-index, name: tasks_due}
  - {at: 5, do: postgres-heal, way: direct}
  - {at: 5, do: postgres-block, application: psql, waiting: 2}
  - {at: 5.5, do: postgres-use, used: false}
healed:
  - {postgres_well: both}
X
world_start --scenario "$dir/ill.yaml" || not_ok "the world starts" "$(cat "$dir/err")"
ports
eventually 3 "out of quota" 'exceeded the compute time quota' p "$direct" -c 'SELECT 1'
check "the pooler hangs" '^[3-9]$' seconds p "$pooler" -c 'SELECT 1'
eventually 5 "healed" '^1$' p "$direct" -c 'SELECT 1'
eventually 3 "who blocks" '^psql\|idle in transaction$' p "$direct" \
	-c "SELECT application_name, state FROM pg_stat_activity WHERE state = 'idle in transaction'"
check "who waits" '^2$' p "$direct" \
	-c "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
check "the migration is gone" '^4$' p "$direct" -c 'SELECT count(*) FROM goose_db_version'
check "what was done was told" 'postgres-fault' cat "$dir/out"
world_stop

# What sitrep makes of it: the pooler is told from the server behind it.
SITREP=${SITREP:-./sitrep}
facts() { timeout 30 "$SITREP" --config "$config" --timeout 12 facts 2>/dev/null 9>&- | jq -c "$1"; }
if [ -x "$SITREP" ] && command -v jq >/dev/null; then
	world_start --scenario "$dir/ill.yaml" --speed 10 || not_ok "the world starts" "$(cat "$dir/err")"
	ports
	eventually 5 "healed again" '^1$' p "$direct" -c 'SELECT 1'
	check "sitrep sees who blocks" '\["psql",2\]' facts \
		'.postgres.database.blockers[0] | [.application, .blocks]'
	check "sitrep tells the pooler apart" '\["ok","timeout","auth"\]' \
		facts '.postgres.seen | [.direct.state, .pooler.state, .pooler.step]'
	check "the schema is behind" '\["behind",20250918100000,"public.tasks_due"\]' facts \
		'.postgres.database | [.goose.state, .goose.version, .invalid_indexes[0].name]'
	world_stop
fi

cat >"$dir/nonsense.yaml" <<X
id: ill
title: t
mode: m
story: s
timeline:
  - {at: 1, do: postgres-fault, way: sideways}
X
check "nonsense is named, with its place" 'nonsense.yaml:6:[0-9]+: .*direct, pooler' \
	sh -c "'$WORLD' --scenario '$dir/nonsense.yaml' 2>&1 </dev/null 9>&- || true"
world_start || not_ok "the world starts" "$(cat "$dir/err")"
done_testing

#!/bin/bash
# --read-only only looks, whatever is pressed: the API server's audit log and Redis's MONITOR say so.
# shellcheck source=tests/cluster/tap.sh
. "$(dirname "$0")/tap.sh"
need_sitrep
start_cluster --grace 10
redis_port=$(sed -n 's/^port_redis=//p' "$dir/env")
redis-cli -p "$redis_port" eval "for i = 1, 2000 do redis.call('SET', 'key:' .. i, i) end" 0 >/dev/null
timeout 120 redis-cli -p "$redis_port" monitor >"$dir/monitor" &
monitor=$!
cluster crash-deployment honeydue api

# As the user who could do it all.
drive "every key of every pane, read-only" actor --read-only --redis "redis://127.0.0.1:$redis_port" <<'X'
wait node-1
wait api-
pause 3000
key 1 f Esc a Esc
key 2 c y Esc u y Esc a Esc d Esc y Esc e Esc
key 3 R y Esc U y Esc ^D y Esc c y Esc l Esc p Esc d Esc e Esc a Esc
key 4 P y Esc X y Esc ^D y Esc a Esc d Esc
key 5 u y Esc x y Esc
pause 3000
key 1
dump
X

# A screen's script from lines of PANE KEY.
refusals() {
	echo 'wait fresh: API, Redis'
	while read -r pane key; do
		printf 'key %s Esc\nwait [?] help\nkey %s\nwait read-only: this screen changes nothing\n' \
			"$pane" "$key"
	done
	printf 'key Esc q\nexit 0\n'
}
refusals >"$dir/refusals" <<'X'
1 f
1 a
2 c
2 u
3 c
3 R
3 U
3 ^D
4 P
4 X
4 ^D
5 u
X
drive "each key that would change something is refused, and why" actor --read-only \
	--redis "redis://127.0.0.1:$redis_port" <"$dir/refusals"
run_sitrep actor --read-only --once --redis "redis://127.0.0.1:$redis_port" >/dev/null
run_sitrep actor --read-only facts --redis "redis://127.0.0.1:$redis_port" >/dev/null
kill "$monitor" 2>/dev/null
wait "$monitor" 2>/dev/null
check "it did ask" '^list pods' asked sitrep-actor
check "and watch" '^watch pods' asked sitrep-actor
refute "only get, list, watch and access reviews reach the API server" \
	'^(create|update|patch|delete|deletecollection|connect) ' \
	grep -vE '^create selfsubject(access|rules)reviews' <(asked sitrep-actor)
refute "no get opens a shell or a tunnel" '/(exec|attach|portforward|proxy)' asked sitrep-actor
check "Redis was asked" 'info' tr '[:upper:]' '[:lower:]' <"$dir/monitor"
refute "nothing was written to Redis" \
	'"(set|del|unlink|expire|flush(all|db)|hset|hdel|eval|rename|persist|shutdown|debug|client" "kill)"|"config" "(set|rewrite)' \
	tr '[:upper:]' '[:lower:]' <"$dir/monitor"
check "all keys are still there" '^2000$' redis-cli -p "$redis_port" dbsize
refute "no audit record of an act" 'rollout|cordon|delete' cat "$dir/audit.jsonl"
finish

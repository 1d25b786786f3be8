#!/bin/bash
# sitrep without a screen against the world: --once, --once --json, facts, check, and their exit
# statuses; nobody there, wrong words and a wrong configuration.
. "$(dirname "$0")/lib.sh"
SITREP=${SITREP:-./sitrep}
[ -x "$SITREP" ] || skip_all "$SITREP is not built"
command -v jq >/dev/null || skip_all "there is no jq"

# s ARGUMENTS...: output and, as the last line, the exit status.
s() {
	timeout 60 "$SITREP" "$@" 2>&1 9>&-
	echo "status $?"
}
unset XDG_CONFIG_HOME XDG_STATE_HOME

world_start --speed 4 || not_ok "the world starts" "$(cat "$dir/err")"
check "healthy: check says so" '^OK: 3 nodes, [0-9]+ pods' s check
check "and ends with 0" '^status 0$' s check
check "--once as text" '^  [0-9]+ pods: [0-9]+ ready' s --once
check "no verdict on a healthy, busy system" '^INCIDENTS  0$' s --once
"$SITREP" --once --json >"$dir/once.json" 2>&1 9>&-
check "--once --json is one document, verdicts first" '^verdicts$' \
	jq -r 'keys_unsorted[0]' "$dir/once.json"
check "every section says how fresh it is" '^true$' jq \
	'[.cluster, .nodes, .pods, .workloads, .pdbs, .events, .metrics, .logs, .redis] |
	all(.freshness.state | type == "string")' "$dir/once.json"
check "all pods are in it" '^true$' jq '.pods.total == (.pods.items | length)' "$dir/once.json"
check "facts go on, one document a line" '^[1-9][0-9]* [1-9][0-9]*$' sh -c "
	timeout 20 $SITREP facts --every 0.5 | head -n 2 | jq .now | tr '\\n' ' ' | sed 's/ \$//'"
check "but not without an end of time" 'takes seconds' s facts --every 0
check "facts are JSON" '^1$' sh -c "$SITREP facts | jq .schema"
nobody=$dir/nobody
sed 's#127.0.0.1:[0-9]*#127.0.0.1:1#' "$KUBECONFIG" >"$nobody"
check "nobody there: unknown, not well" '^UNKNOWN the API: .*127.0.0.1' \
	s --kubeconfig "$nobody" --timeout 2 check
check "and ends with 3" '^status 3$' s --kubeconfig "$nobody" --timeout 2 check
check "--once too" '^status 3$' s --kubeconfig "$nobody" --timeout 2 --once
check "a wrong word ends with 2" '^status 2$' s chekc
printf 'kube:\n  heartbaet: 5s\n' >"$dir/config.yaml"
check "a wrong key is told with its place" 'config.yaml:2:3: .*heartbaet' \
	s --config "$dir/config.yaml" check
check "and ends with 2" '^status 2$' s --config "$dir/config.yaml" check

world_stop
world_start --speed 4 --scenario "$DRILLS/api-panic.yaml"
eventually 40 "an incident: check names it" '^INCIDENT api-panic: ' s check
check "and ends with 1" '^status 1$' s check
check "--once tells what to do" 'rollout undo deployment/api' s --once
check "the first verdict in JSON" '^api-panic standing rollout-undo$' sh -c "$SITREP --once --json |
	jq -r '.verdicts[0] | \"\\(.id) \\(.state) \\(.action.verb)\"'"
check "the JSON's times are RFC 3339" '^true$' sh -c "$SITREP --once --json |
	jq '.verdicts[0].since | fromdateiso8601 > 0'"

world_stop
world_start --speed 4 --scenario "$DRILLS/redis-maxmemory.yaml"
redis() { s --redis "redis://127.0.0.1:$redis_port" "$@"; }
eventually 40 "a full Redis: check names it" '^INCIDENT redis-maxmemory: ' redis check
check "--once tells its memory and policy" 'used .* of 256.0M \([0-9]+%\), policy noeviction' \
	redis --once
check "and what to do" 'redis-cli CONFIG SET maxmemory-policy allkeys-lru' redis --once
done_testing

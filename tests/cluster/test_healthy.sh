#!/bin/bash
# A healthy cluster with much going on is no incident.
# shellcheck source=tests/cluster/tap.sh
. "$(dirname "$0")/tap.sh"
need_sitrep
start_cluster --nodes 3

busy() {
	while :; do
		cluster deploy honeydue api
		cluster deploy honeydue worker
		k -n honeydue scale deployment/admin --replicas=3
		k -n honeydue delete pod -l app=vmagent
		sleep 6
		k -n honeydue scale deployment/admin --replicas=1
		k -n honeydue create job "job-$RANDOM" --image=registry.example/job:1
		k cordon node-3
		sleep 4
		k uncordon node-3
	done >/dev/null 2>&1
}

fact "a quiet cluster has no verdict" '.verdicts == []'
fact "its three nodes are there" '.nodes.items | length == 3' 3
busy &
busy=$!
never 30 "nor has a busy one" '.verdicts != []'
kill "$busy"
wait "$busy" 2>/dev/null
once reader --read-only
check "every source was read" '^[1-9]' jq '.nodes.items | length' "$dir/once"
check "as text it says so in words" 'node-1' run_sitrep reader --read-only --once
finish

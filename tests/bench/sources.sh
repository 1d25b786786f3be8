# shellcheck shell=bash
# What every source together costs, what each is asked, and what sources that hang delay.
# Sourced by bench.sh. The cluster is the real control plane; the Redis, the databases, the pages,
# the probes and the machines are the drill world's, on loopback, in the real protocols, and are
# asked as often as a configuration that doesn't say how often.
: "${tree:=}" "${work:=}" "${cluster:=}" "${size:=}"

# outside_up [ARGUMENTS]: starts the world and writes $work/sources.yaml
outside_up() {
	local i
	mkfifo "$work/outside.in"
	"$tree/sitrep-world" "$@" <"$work/outside.in" >"$work/outside" 2>&1 &
	outside=$!
	exec 7>"$work/outside.in"
	rm "$work/outside.in"
	for ((i = 0; i < 100; i++)); do
		! grep -q '"ready"' "$work/outside" || break
		sleep 0.1
	done
	sed -E 's/"every":"[^"]*",|,"every":"[^"]*"//g; /^kube:/,/^$/d' \
		"$(head -n 1 "$work/outside" | jq -r .config)" >"$work/sources.yaml"
}

outside_down() {
	exec 7>&-
	wait "$outside" || true
}

# Everything outside the cluster takes the connection and then says nothing.
hanging() {
	local one
	echo timeline:
	for one in $(jq -r '.vendors[].name | "status/" + .' "$work/outside.json") \
		$(jq -r '.probes[].name' "$work/outside.json"); do
		echo "  - {at: 0, do: endpoint-fault, endpoint: $one, fault: hang}"
	done
	echo "  - {at: 0, do: postgres-fault, way: both, postgres: hang}"
}

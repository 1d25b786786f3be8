# shellcheck shell=bash
# What every source together costs, what each is asked, and what sources that hang delay.
# Sourced by bench.sh. The cluster is the real control plane; the Redis, the database, the pages,
# the probes and the machines are the drill world's: on loopback, in the real protocols, and asked
# as often as a configuration is that doesn't say how often.
: "${top:=}" "${tree:=}" "${work:=}" "${cluster:=}" "${size:=}" "${tools:=}" "${server:=}"

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

all_of_it() { echo "$tree/sitrep" --config "$work/sources.yaml" --kubeconfig "$cluster/kubeconfig-loader"; }

# keys COMMAND...: from a key to the pane that it opens
keys() {
	vt --first whole="$whole" --pause 6000 --on 'Cost, what' --off "$whole" \
		--presses 60,C,3 "$@" >"$work/keys"
	figure "$size" "a key to its pane, ms, median" sitrep "$(jq '.presses.us.median / 1000' "$work/keys")"
	figure "$size" "a key to its pane, ms, p99" sitrep "$(jq '.presses.us.p99 / 1000' "$work/keys")"
}

# What the pane of costs says after some minutes, as a table.
asked() {
	note "what each source is asked (about 200 s)"
	# shellcheck disable=SC2046
	vt --first whole="$whole" --pause 185000 --keys 'C z' --pause 2500 --screen $(all_of_it) |
		jq -r .screen | sed -E 's/│//g; s/ {30,}/    /' |
		awk '/SYSTEM.*REQ/ { inside = 1 } inside && !NF { exit } inside' >"$work/asked"
}

# sources N: with N pods in the cluster
sources() {
	local pods=$1
	whole="all $((pods + 10))/$((pods + 10))"
	outside_up
	size=$pods+sources
	# shellcheck disable=SC2046
	{
		pods sitrep "$whole" $(all_of_it)
		changes sitrep 60 $(all_of_it)
		keys $(all_of_it)
	}
	asked
	outside_down
	outside_up --scenario "$top/tests/bench/hanging.yaml"
	size=$pods+hanging
	# shellcheck disable=SC2046
	{
		pods sitrep "$whole" $(all_of_it)
		changes sitrep 60 $(all_of_it)
		keys $(all_of_it)
	}
	outside_down
}

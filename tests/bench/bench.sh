#!/bin/bash
# What sitrep costs, beside its peers where they are on PATH: one table, measured in one run, on a
# real control plane and a real Redis. Called by ./dev bench.
#
#   bench.sh TREE [--pods N]... [--keys N] [--no-redis | --no-pods] [--no-sources]
#            [--only PROGRAM]...
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tree=${1:?the build folder}
shift
sizes=()
only=()
keys=1000000
with_redis=yes
with_pods=yes
with_sources=yes
while [ $# -gt 0 ]; do
	case $1 in
	--pods) sizes+=("$2") && shift ;;
	--keys) keys=$2 && shift ;;
	--only) only+=("$2") && shift ;;
	--no-redis) with_redis= ;;
	--no-pods) with_pods= ;;
	--no-sources) with_sources= ;;
	*)
		echo "usage: ./dev bench [--pods N]... [--keys N] [--no-redis | --no-pods] [--no-sources] [--only PROGRAM]..." >&2
		exit 2
		;;
	esac
	shift
done
[ ${#sizes[@]} -gt 0 ] || sizes=(2000 20000)

work=$(mktemp -d "${TMPDIR:-/tmp}/sitrep-bench.XXXXXX")
cluster=$work/cluster
figures=$work/figures
measure=$tree/tests/screen/vtmeasure
tools=$tree/tests/bench
starts=5
rounds=3
export SITREP_TEST_CACHE=${SITREP_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sitrep-tests}
[ -z "$with_pods" ] || bin=$("$top/tests/cluster/build.sh")
export HOME=$work/home LC_ALL=C.UTF-8 TERM=xterm-256color XDG_CONFIG_HOME=$work/home/config
export XDG_STATE_HOME=$work/home/state XDG_CACHE_HOME=$work/home/cache XDG_DATA_HOME=$work/home/data
mkdir -p "$HOME"
: >"$figures"
clean_up() {
	"$top/tests/cluster/cluster.sh" down "$cluster" || true
	"$top/tests/services/redis.sh" down "$work/redis" || true
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# shellcheck source=tests/bench/sources.sh
. "$top/tests/bench/sources.sh"

note() { echo "bench: $*" >&2; }

wanted() {
	local name
	command -v "$1" >/dev/null || [ "$1" = sitrep ] || { note "$1 is not on PATH: left out" && return 1; }
	[ ${#only[@]} -gt 0 ] || return 0
	for name in "${only[@]}"; do
		[ "$name" != "$1" ] || return 0
	done
	return 1
}

# figure SIZE METRIC PROGRAM VALUE: one cell of the table
figure() { printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>"$figures"; }

# vt STEPS... -- PROGRAM: vtmeasure; on failure says why and gives {}
vt() {
	"$measure" -s 200x50 -T 120000 "$@" 2>"$work/vt-errors" || {
		note "not measured: $(head -n 1 "$work/vt-errors")"
		echo '{}'
	}
}

median() { sort -g | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'; }

# pods PROGRAM WHOLE COMMAND...: starting, staying and idling on the list of pods. WHOLE is what
# the screen shows when all are there.
pods() {
	local name=$1 whole=$2 i n=$starts
	shift 2
	wanted "$name" || return 0
	note "$name, $size pods (about $((n * 3 + 70)) s)"
	[ "$name" != k9s ] || n=1
	for ((i = 0; i < n; i++)); do
		vt --first first=' 1/1 +([^ ]+ +)?Running' --first whole="$whole" "$@" >"$work/start.$i"
	done
	figure "$size" "first pods on the screen, ms" "$name" \
		"$(jq '.first_ms.first // empty' "$work"/start.* | median)"
	figure "$size" "whole list, ms" "$name" "$(jq '.first_ms.whole // empty' "$work"/start.* | median)"
	rm -f "$work"/start.*
	vt --first whole="$whole" --pause 20000 --memory after --idle 40 "$@" >"$work/long"
	figure "$size" "resident memory, MB" "$name" "$(jq '.memory.after.rss_kb / 1024' "$work/long")"
	figure "$size" "of it anonymous, MB" "$name" "$(jq '.memory.after.anon_kb / 1024' "$work/long")"
	figure "$size" "idle, % of a core" "$name" "$(jq '.idle.cpu_percent' "$work/long")"
	figure "$size" "idle, bytes/s to the terminal" "$name" "$(jq '.idle.bytes_per_s' "$work/long")"
}

# changes PROGRAM N COMMAND...: another person's cordon of a node until it is on the screen
changes() {
	local name=$1 n=$2
	shift 2
	wanted "$name" || return 0
	note "$name, $n cordons"
	vt --first node='load-1 .*Ready' --pause 6000 \
		--trigger "exec $tools/cordon $server load-1 $cluster/pki/loader.crt $cluster/pki/loader.key $cluster/pki/ca.crt" \
		--on 'load-1 .*Sched' --off 'load-1 +([^ ]+ +)?Ready +[^,S]' --changes "$n" "$@" >"$work/changes"
	figure "$size" "a cordon on the screen, ms, median" "$name" "$(jq '.changes.us.median / 1000' "$work/changes")"
	figure "$size" "a cordon on the screen, ms, p99" "$name" "$(jq '.changes.us.p99 / 1000' "$work/changes")"
	figure "$size" "a cordon, bytes to the terminal" "$name" "$(jq '.changes.bytes.median' "$work/changes")"
}

get() {
	curl -s --cacert "$cluster/pki/ca.crt" --cert "$cluster/pki/loader.crt" \
		--key "$cluster/pki/loader.key" -o /dev/null -w '%{time_total}\n' -A bench \
		-H 'Accept-Encoding: gzip' "$server/api/v1/pods"
}

at_size() {
	local kubeconfig=$cluster/kubeconfig-loader total i
	"$top/tests/cluster/cluster.sh" load "$cluster" "$size" $((size > 5000 ? 45 : 20))
	sleep 10
	total=$((size + 10))
	note "the same list by curl, gzip'd, and by kubectl"
	figure "$size" "whole list, ms" "GET, gzip" \
		"$(for ((i = 0; i < 5; i++)); do get; done | awk '{ print $1 * 1000 }' | median)"
	"$tools/cost" "$bin/kubectl" --kubeconfig "$kubeconfig" get pods -A >"$work/kubectl"
	figure "$size" "whole list, ms" kubectl "$(jq .ms "$work/kubectl")"
	figure "$size" "resident memory, MB" kubectl "$(jq '.peak_kb / 1024' "$work/kubectl")"
	pods sitrep "all $total/$total" "$tree/sitrep" --kubeconfig "$kubeconfig"
	pods sofka "pods \\[$total\\]" sofka --kubeconfig "$kubeconfig" -A pods
	pods k9s "\\[$(sed -E ':a; s/([0-9])([0-9]{3})($|,)/\1,\2\3/; ta' <<<"$total")\\]" \
		k9s --kubeconfig "$kubeconfig" -A -c pods
	changes sitrep 100 "$tree/sitrep" --kubeconfig "$kubeconfig"
	changes sofka 100 sofka --kubeconfig "$kubeconfig" nodes
	changes k9s 8 k9s --kubeconfig "$kubeconfig" -c nodes
}

# pinged NAME COMMAND...: COMMAND while another client PINGs; sets $took (ms)
pinged() {
	local name=$1 begun
	shift
	mkfifo "$work/stop"
	"$tools/ping" "$redis_port" 600 <"$work/stop" >"$work/ping" &
	exec 8>"$work/stop"
	sleep 1
	begun=$(date +%s%N)
	"$@" >"$work/scan" 2>&1 || note "$name failed: $(tail -n 1 "$work/scan")"
	took=$((($(date +%s%N) - begun) / 1000000))
	echo >&8
	exec 8>&-
	wait $! || true
	rm "$work/stop"
	jq .p99 "$work/ping" >>"$work/p99.$name"
}

fill_redis() {
	local step=50000 i
	note "a Redis with $keys keys (about $((keys / 50000)) s)"
	"$top/tests/services/redis.sh" up "$work/redis" >/dev/null
	redis_port=$(sed -n 's/^port=//p' "$work/redis/env")
	for ((i = 1; i <= keys; i += step)); do
		redis-cli -p "$redis_port" --eval "$top/tests/bench/fill.lua" , "$i" $((i + step - 1)) >/dev/null
	done
	sleep 2
}

# In turns: a machine that others use, too, changes its mind.
scan_round() {
	pinged nobody sleep 4
	if wanted redis-cli; then
		pinged redis-cli redis-cli -p "$redis_port" --memkeys
		jq -n "$took / 1000" >>"$work/took.redis-cli"
	fi
	if wanted sitrep; then
		pinged sitrep scan_with_sitrep
		jq '(.first_ms.done - .first_ms.up) / 1000' "$work/scan" >>"$work/took.sitrep"
	fi
}

big_keys() {
	local i name fast slow
	command -v redis-server >/dev/null || { note "no redis-server: left out" && return; }
	fill_redis
	for ((i = 1; i <= rounds; i++)); do
		note "scans for big keys, $i of $rounds (about $((keys / 50000)) s)"
		scan_round
	done
	for name in nobody redis-cli sitrep; do
		[ ! -e "$work/took.$name" ] ||
			figure "$keys keys" "scan for big keys, s" "$name" "$(median <"$work/took.$name")"
	done
	for name in nobody redis-cli sitrep; do
		[ ! -e "$work/p99.$name" ] ||
			figure "$keys keys" "another client's PING meanwhile, us, p99" "${name/#nobody/(nobody)}" \
				"$(median <"$work/p99.$name")"
	done
	[ -e "$work/took.redis-cli" ] && [ -e "$work/took.sitrep" ] || return 0
	slow=$(median <"$work/took.redis-cli")
	fast=$(median <"$work/took.sitrep")
	figure "$keys keys" "keys a second, times redis-cli's" redis-cli 1
	figure "$keys keys" "keys a second, times redis-cli's" sitrep "$(jq -n "$slow / $fast")"
	"$top/tests/services/redis.sh" down "$work/redis"
}

scan_with_sitrep() {
	printf 'kube: {enabled: false}\nredis: {url: "redis://127.0.0.1:%s"}\n' "$redis_port" \
		>"$work/redis.yaml"
	"$measure" -s 200x50 -T 300000 --first up='key scan' --first done='key scan +done' \
		"$tree/sitrep" --config "$work/redis.yaml" --read-only
}

htop_idle() {
	wanted htop || return 0
	vt --first up='Load average' --pause 5000 --memory after --idle 20 htop >"$work/long"
	figure any "resident memory, MB" htop "$(jq '.memory.after.rss_kb / 1024' "$work/long")"
	figure any "idle, % of a core" htop "$(jq '.idle.cpu_percent' "$work/long")"
	figure any "idle, bytes/s to the terminal" htop "$(jq '.idle.bytes_per_s' "$work/long")"
}

# What is to be reached, by size and metric.
aims() {
	cat <<'X'
first pods on the screen, ms	40
resident memory, MB	2000:16 20000:28 2000+sources:20 2000+hanging:20
idle, % of a core	0.05
idle, bytes/s to the terminal	16
a cordon on the screen, ms, median	10
a cordon on the screen, ms, p99	50
a cordon, bytes to the terminal	150
another client's PING meanwhile, us, p99	500
whole list, ms	1.5 x GET
scan for big keys, s	0.25 x redis-cli
keys a second, times redis-cli's	>= 4
X
}

table() {
	awk -F '\t' '
	NR == FNR { aim[$1] = $2; next }
	{
		row = $1 "\t" $2
		if (!(row in seen)) { seen[row] = 1; rows[++nrows] = row }
		known[$3] = 1
		value[row, $3] = $4
	}
	function number(v) {
		if (v == "" || v == "null") return "-"
		return v >= 100 ? sprintf("%.0f", v) : v >= 1 ? sprintf("%.1f", v) : sprintf("%.2f", v)
	}
	function aim_of(row,   part, n, i, pair, own) {
		split(row, part, "\t")
		n = aim[part[2]] ~ / x / ? 0 : split(aim[part[2]], pair, " ")
		if (aim[part[2]] ~ / x /) return "<= " aim[part[2]]
		if (aim[part[2]] ~ /^>/) return aim[part[2]]
		for (i = 1; i <= n; i++) {
			if (split(pair[i], own, ":") == 1) return "<= " pair[i]
			if (own[1] == part[1]) return "<= " own[2]
		}
		return ""
	}
	function against(row,   i, p, v, best) {
		for (i = 1; i <= nprograms; i++) {
			p = programs[i]
			v = value[row, p]
			if (p == "sitrep" || p == "(nobody)" || p == "GET, gzip" || v == "" || v == "null") continue
			if (best == "" || v + 0 < best + 0) best = v
		}
		v = value[row, "sitrep"]
		if (row ~ /times redis-cli/) return ""
		if (best == "" || v == "" || v == "null" || best + 0 == 0) return ""
		return sprintf("%.2f", v / best)
	}
	END {
		n = split("sitrep,sofka,k9s,kubectl,GET; gzip,redis-cli,htop,(nobody)", order, ",")
		for (i = 1; i <= n; i++) {
			sub(/;/, ",", order[i])
			if (order[i] in known) programs[++nprograms] = order[i]
		}
		line = "at|measured"
		for (i = 1; i <= nprograms; i++) line = line "|" programs[i]
		print line "|aim|sitrep / best peer"
		for (r = 1; r <= nrows; r++) {
			split(rows[r], part, "\t")
			line = part[1] "|" part[2]
			for (i = 1; i <= nprograms; i++) line = line "|" number(value[rows[r], programs[i]])
			print line "|" aim_of(rows[r]) "|" against(rows[r])
		}
	}' <(aims) "$figures" | column -t -s '|'
}

if [ -n "$with_redis" ]; then big_keys; fi
htop_idle
if [ -n "$with_pods" ]; then
	note "starting the control plane"
	"$top/tests/cluster/cluster.sh" up "$cluster"
	server=$(sed -n 's/^server=//p' "$cluster/env")
	for size in "${sizes[@]}"; do
		at_size
		[ -z "$with_sources" ] || [ "$size" != "${sizes[0]}" ] || sources "$size"
	done
fi
echo
echo "$(grep -m 1 'model name' /proc/cpuinfo | cut -d : -f 2 | sed 's/^ *//'), $(nproc) cores, $(date -u +%F); terminal 200x50; sitrep / best peer: smaller is better"
table
if [ -s "$work/asked" ]; then
	echo
	echo "what each source is asked a minute, with the intervals of a configuration that says nothing:"
	cat "$work/asked"
fi

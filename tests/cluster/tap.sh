# shellcheck shell=bash
# Sourced by the cluster tests. Every point is a line of TAP; the cluster is gone at the end.
#
#   cluster COMMAND [ARGS]           cluster.sh on this test's own cluster
#   k ARGS                           kubectl as the administrator
#   check NAME REGEX COMMAND...      COMMAND's output has a line that matches
#   refute NAME REGEX COMMAND...     it has none
#   eventually SECONDS NAME REGEX COMMAND...   it has one within that time
#   once USER [ARGS]                 sitrep --once --json as USER (reader, actor) into $dir/once
#   drive NAME USER [ARGS] <<'X'     sitrep's screen as USER, driven by vtdrive's script
#   fact NAME JQ [SECONDS]           a fresh `once reader` satisfies JQ, at the latest after SECONDS
#   never SECONDS NAME JQ            in each `once reader` of that time JQ is false
top=${top:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
tree=${tree:-$top/build}
sitrep=${SITREP:-$tree/sitrep}
vtdrive=${VTDRIVE:-$tree/tests/screen/vtdrive}
dir=$(mktemp -d "${TMPDIR:-/tmp}/cluster-test.XXXXXX") || exit 99
points=0
failures=0
export LC_ALL=C.UTF-8 TERM=xterm-256color XDG_STATE_HOME=$dir/state XDG_CONFIG_HOME=$dir/config
unset NO_COLOR COLORTERM LINES COLUMNS TMUX STY KUBECONFIG

clean_up() {
	"$top/tests/cluster/cluster.sh" down "$dir"
	if [ -n "${KEEP:-}" ]; then
		echo "# kept: $dir"
	else
		rm -rf "$dir"
	fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM

cluster() {
	local command=$1
	shift
	"$top/tests/cluster/cluster.sh" "$command" "$dir" "$@"
}

k() { "$bin/kubectl" --kubeconfig "$dir/kubeconfig" "$@"; }

start_cluster() {
	cluster up "$@" 2>"$dir/up" || {
		sed 's/^/# /' "$dir/up"
		echo "Bail out! the control plane does not start"
		exit 1
	}
	bin=$(sed -n 's/^bin=//p' "$dir/env")
	sed -e "s|@DIR@|$dir|g" -e "s|@REDIS@|$(sed -n 's/^port_redis=//p' "$dir/env")|g" \
		<"$top/tests/cluster/objects/sitrep.yaml" >"$dir/sitrep.yaml"
}

need_sitrep() {
	local program
	for program in "$sitrep" "$vtdrive"; do
		[ -x "$program" ] || {
			echo "1..0 # SKIP $program is not built"
			exit 77
		}
	done
}

point() {
	points=$((points + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $points - $1"
	else
		echo "not ok $points - $1"
		failures=$((failures + 1))
	fi
}

show() { head -c 3000 <<<"$1" | tail -n 30 | sed 's/^/# /'; }

check() {
	local name=$1 want=$2 got status=0
	shift 2
	got=$("$@" 2>&1)
	grep -qE -e "$want" <<<"$got" || status=1
	[ $status -eq 0 ] || { echo "# wanted $want, got:" && show "$got"; }
	point "$name" $status
}

refute() {
	local name=$1 want=$2 got status=0
	shift 2
	got=$("$@" 2>&1)
	if grep -qE -e "$want" <<<"$got"; then
		status=1
		echo "# not wanted: $want"
		show "$(grep -E -e "$want" <<<"$got")"
	fi
	point "$name" $status
}

eventually() {
	local seconds=$1 name=$2 want=$3 got deadline=$((SECONDS + $1))
	shift 3
	while :; do
		got=$("$@" 2>&1)
		if grep -qE -e "$want" <<<"$got"; then
			point "$name" 0
			return
		fi
		[ "$SECONDS" -lt "$deadline" ] || break
		sleep 0.3
	done
	echo "# wanted $want within $seconds s, last:"
	show "$got"
	point "$name" 1
}

run_sitrep() {
	local user=$1
	shift
	"$sitrep" --config "$dir/sitrep.yaml" --kubeconfig "$dir/kubeconfig-$user" --context test "$@"
}

once() {
	local user=$1
	shift
	run_sitrep "$user" --once --json "$@" >"$dir/once" 2>"$dir/once-errors" </dev/null
}

drive() {
	local name=$1 user=$2 status=0
	shift 2
	"$vtdrive" -s 120x40 -T 15000 "$sitrep" --config "$dir/sitrep.yaml" \
		--kubeconfig "$dir/kubeconfig-$user" --context test "$@" >"$dir/drive" 2>&1 || status=1
	[ $status -eq 0 ] || head -n 60 "$dir/drive" | sed 's/^/# /'
	point "$name" $status
}

summary() {
	jq -c '{verdicts: [.verdicts[]? | {id, subject, evidence: [.evidence[] | "\(.state): \(.text)"]}]}' \
		"$dir/once" 2>&1 | head -c 2500
	head -c 600 "$dir/once-errors"
}

fact() {
	local name=$1 expr=$2 deadline=$((SECONDS + ${3:-0})) started=$SECONDS
	while :; do
		once reader --read-only
		if jq -e "$expr" "$dir/once" >/dev/null 2>&1; then
			point "$name" 0
			echo "# after $((SECONDS - started)) s"
			return
		fi
		[ "$SECONDS" -lt "$deadline" ] || break
		sleep 0.5
	done
	echo "# false: $expr"
	show "$(summary)"
	point "$name" 1
}

never() {
	local seconds=$1 name=$2 expr=$3 deadline=$((SECONDS + $1)) status=0
	while [ "$SECONDS" -lt "$deadline" ]; do
		once reader --read-only
		if ! jq -e . "$dir/once" >/dev/null 2>&1 || jq -e "$expr" "$dir/once" >/dev/null; then
			status=1
			echo "# true within $seconds s: $expr"
			show "$(summary)"
			break
		fi
		sleep 0.5
	done
	point "$name" $status
}

# What USER asked of the API server: verb, resource[/subresource], namespace/name, code. The log is
# written a moment after the answer.
asked() {
	sleep 0.5
	jq -r --arg user "$1" 'select(.user.username == $user) | [.verb,
		((.objectRef.resource // .requestURI) + (if .objectRef.subresource then
		"/" + .objectRef.subresource else "" end)), "\(.objectRef.namespace // "")/\(
		.objectRef.name // "")", (.responseStatus.code | tostring)] | join(" ")' "$dir/audit.log"
}

finish() {
	echo "1..$points"
	[ "$failures" -eq 0 ]
	exit
}

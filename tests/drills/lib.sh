# shellcheck shell=dash
# tests/drills/lib.sh: starts a world, and says what came of it in TAP. Sourced by the others.
#
# WORLD   the program (default: ./sitrep-world, as `make check` runs in the build tree)
# KUBECTL the real kubectl (default: the one on PATH)

WORLD=${WORLD:-./sitrep-world}
KUBECTL=${KUBECTL:-$(command -v kubectl || true)}
REDIS_CLI=${REDIS_CLI:-$(command -v redis-cli || true)}
HERE=$(cd "$(dirname "$0")" && pwd)
DRILLS=${DRILLS:-$HERE/../../drills}
count=0
failed=0

skip_all() {
	echo "1..0 # SKIP $1"
	exit 77
}

[ -x "$WORLD" ] || skip_all "$WORLD is not built"
dir=$(mktemp -d "${TMPDIR:-/tmp}/sitrep-drill-test.XXXXXX")

world_stop() {
	[ -n "${world_pid:-}" ] || return 0
	exec 9>&-
	for _ in $(seq 50); do
		kill -0 "$world_pid" 2>/dev/null || break
		sleep 0.1
	done
	if kill -0 "$world_pid" 2>/dev/null; then
		kill -9 "$world_pid"
		world_ended="did not end when its input did"
	fi
	wait "$world_pid"
	world_status=$?
	world_pid=
}
trap 'world_stop; rm -rf "$dir"' EXIT

# world_start ARGUMENTS...: its lines are in $dir/out.
world_start() {
	rm -f "$dir/in"
	mkfifo "$dir/in"
	"$WORLD" "$@" <"$dir/in" >"$dir/out" 2>"$dir/err" &
	world_pid=$!
	exec 9>"$dir/in"
	for _ in $(seq 100); do
		grep -q '"ready"' "$dir/out" 2>/dev/null && break
		kill -0 "$world_pid" 2>/dev/null || break
		sleep 0.1
	done
	KUBECONFIG=$(sed -n 's/.*"kubeconfig":"\([^"]*\)".*/\1/p' "$dir/out" | head -1)
	redis_port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\)".*/\1/p' "$dir/out" | head -1)
	export KUBECONFIG HOME="$dir"
	[ -n "$KUBECONFIG" ]
}

k() { timeout 60 "$KUBECTL" "$@" 2>&1 9>&-; }
r() { timeout 20 "$REDIS_CLI" -p "$redis_port" "$@" 2>&1 9>&-; }

ok() {
	count=$((count + 1))
	echo "ok $count - $1"
}

not_ok() {
	count=$((count + 1))
	failed=$((failed + 1))
	echo "not ok $count - $1"
	printf '%s\n' "${2:-}" | head -40 | sed 's/^/# /'
}

# check NAME PATTERN COMMAND...: the output matches the extended pattern.
check() {
	local name=$1 pattern=$2 output
	shift 2
	output=$("$@")
	if printf '%s\n' "$output" | grep -Eq -- "$pattern"; then
		ok "$name"
	else
		not_ok "$name" "expected: $pattern
got: $output"
	fi
}

# eventually SECONDS NAME PATTERN COMMAND...
eventually() {
	local seconds=$1 name=$2 pattern=$3 output
	shift 3
	for _ in $(seq $((seconds * 5))); do
		output=$("$@")
		if printf '%s\n' "$output" | grep -Eq -- "$pattern"; then
			ok "$name"
			return
		fi
		sleep 0.2
	done
	not_ok "$name" "expected within $seconds s: $pattern
got: $output"
}

done_testing() {
	world_stop
	if [ "$world_status" = 0 ] && [ ! -s "$dir/err" ]; then
		ok "the world ended in peace"
	else
		not_ok "the world ended in peace" "status $world_status ${world_ended:-}
$(cat "$dir/err")"
	fi
	echo "1..$count"
	[ "$failed" = 0 ]
}

# shellcheck shell=dash
# tests/screen/lib.sh: sourced by the screen tests. Each test point is one line of TAP.
#
#   passes NAME [vtdrive options] -- PROGRAM [ARGS] <<'X'     the script must succeed
#   fails  NAME TEXT [options] -- PROGRAM [ARGS] <<'X'        it must fail, saying TEXT
#   point  NAME STATUS                                        any other check's result
#   finish                                                    prints the plan, exits
screen_dir=${srcdir:-.}/tests/screen
vtdrive=${VTDRIVE:-./tests/screen/vtdrive}
work=$(mktemp -d "${TMPDIR:-/tmp}/screen-test.XXXXXX") || exit 99
trap leave EXIT
world_pid=
points=0
failures=0
LC_ALL=C.UTF-8
TERM=xterm-256color
export LC_ALL TERM
unset NO_COLOR COLORTERM LINES COLUMNS TMUX STY

leave() {
	if [ -n "$world_pid" ]; then
		kill "$world_pid" 2>/dev/null
		wait "$world_pid" 2>/dev/null
	fi
	rm -rf "$work"
}

# No configuration, no audit file and no cluster of whoever runs the tests.
sitrep_home() {
	[ -x ./sitrep ] || skip_all "sitrep was not built"
	HOME=$work/home
	XDG_CONFIG_HOME=$HOME/config XDG_STATE_HOME=$HOME/state XDG_CACHE_HOME=$HOME/cache
	export HOME XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME
	unset KUBECONFIG REDIS_URL
	mkdir -p "$HOME"
}

# A world of its own for this test: sets $kubeconfig, $redis and $api (its URL).
world_start() {
	[ -x ./sitrep-world ] || skip_all "sitrep-world was not built (--disable-world)"
	rm -f "$work/world.out"
	./sitrep-world --dir "$work/world" "$@" >"$work/world.out" 2>"$work/world.err" </dev/null &
	world_pid=$!
	tries=0
	until grep -qs '"ready":true' "$work/world.out"; do
		tries=$((tries + 1))
		if [ "$tries" -gt 200 ] || ! kill -0 "$world_pid" 2>/dev/null; then
			cat "$work/world.out" "$work/world.err" >&2
			echo "Bail out! sitrep-world does not start"
			exit 99
		fi
		sleep 0.05
	done
	kubeconfig=$work/world/kubeconfig
	redis=$(sed -n 's/.*"redis":"\([^"]*\)".*/\1/p;q' "$work/world.out")
	api=$(sed -n 's/^ *server: //p' "$kubeconfig")
}

world_stop() {
	kill "$world_pid" && wait "$world_pid"
	world_pid=
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

passes() {
	name=$1
	shift
	"$vtdrive" "$@" >"$work/report" 2>&1
	status=$?
	sed 's/^/# /' "$work/report"
	point "$name" "$status"
	return "$status"
}

fails() {
	name=$1
	want=$2
	shift 2
	"$vtdrive" "$@" >"$work/report" 2>&1
	status=$?
	if [ "$status" -eq 1 ] && grep -q -e "$want" "$work/report"; then
		point "$name" 0
	else
		echo "# status $status, wanted a failure saying: $want"
		sed 's/^/# /' "$work/report"
		point "$name" 1
	fi
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 77
}

finish() {
	echo "1..$points"
	[ "$failures" -eq 0 ]
	exit
}

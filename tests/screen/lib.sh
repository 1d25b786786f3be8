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
trap 'rm -rf "$work"' EXIT
points=0
failures=0
LC_ALL=C.UTF-8
TERM=xterm-256color
export LC_ALL TERM
unset NO_COLOR COLORTERM LINES COLUMNS TMUX STY

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

# shellcheck shell=bash
# Sourced by the tests of sitrep against real servers. Every point is a line of TAP.
#
#   check NAME REGEX COMMAND...   COMMAND's output has a line that matches
#   facts JQ                      of a fresh `sitrep facts` with $config
#   config <<'X'                  the configuration; @name@ is a setting of nginx.sh
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
sitrep=${SITREP:-./sitrep}
points=0
failures=0
export LC_ALL=C.UTF-8
[ -x "$sitrep" ] || { echo "1..0 # SKIP $sitrep is not built"; exit 77; }
for needed in nginx curl jq openssl; do
	command -v "$needed" >/dev/null || { echo "1..0 # SKIP $needed is not installed"; exit 77; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/service-test.XXXXXX") || exit 99
children=()
export XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config

clean_up() {
	local child
	for child in "${children[@]}"; do
		kill -CONT "$child" 2>/dev/null
		kill "$child" 2>/dev/null
	done
	"$top/tests/services/nginx.sh" down "$work/nginx"
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

nginx_up() {
	"$top/tests/services/nginx.sh" up "$work/nginx" >/dev/null ||
		{ echo "Bail out! nginx does not start"; exit 99; }
	# shellcheck disable=SC1091
	. "$work/nginx/env"
}

check() {
	local name=$1 want=$2 got
	shift 2
	got=$("$@" 2>&1)
	points=$((points + 1))
	if grep -q -e "$want" <<<"$got"; then
		echo "ok $points - $name"
	else
		printf '# wanted %s, got: %.300s\n' "$want" "${got//$'\n'/ }"
		echo "not ok $points - $name"
		failures=$((failures + 1))
	fi
}

config() {
	local name script=
	for name in http https expired otherhost ca www; do
		script+="s|@$name@|${!name}|g;"
	done
	sed "$script" >"$work/config.yaml"
}

look() { "$sitrep" --config "$work/config.yaml" "$@"; }
facts() { jq -c "$1" "$work/facts"; }
take_facts() { look facts >"$work/facts" 2>"$work/errors"; }

# A server that accepts and never says a word; its port is in $silent.
silent_server() {
	python3 -c 'import socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(64)
print(s.getsockname()[1], flush=True); time.sleep(120)' >"$work/silent" &
	children+=($!)
	until [ -s "$work/silent" ]; do sleep 0.02; done
	read -r silent <"$work/silent"
}

finish() {
	echo "1..$points"
	exit $((failures > 0))
}

#!/bin/bash
# The throw-away Redis itself: each kind is what it says, and leaves no process behind.
here=${srcdir:-.}/tests/services
command -v redis-server >/dev/null || { echo "1..0 # SKIP redis-server is not installed"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/redis-test.XXXXXX") || exit 99
trap 'for d in "$work"/*; do "$here/redis.sh" down "$d"; done; rm -rf "$work"' EXIT
points=0
failures=0

check() {
	local name=$1 want=$2 got
	shift 2
	got=$("$@" 2>&1)
	points=$((points + 1))
	if grep -q -e "$want" <<<"$got"; then
		echo "ok $points - $name"
	else
		printf '# wanted %s, got: %s\n' "$want" "${got//$'\n'/ }"
		echo "not ok $points - $name"
		failures=$((failures + 1))
	fi
}

setting() { sed -n "s/^$2=//p" "$work/$1/env"; }
start() { "$here/redis.sh" up "$work/$1" "${@:2}" >/dev/null || echo "# $1 does not start"; }
cli() { redis-cli -p "$(setting "$1" port)" "${@:2}"; }
mon() { redis-cli --no-auth-warning -u "redis://mon:mon-secret@127.0.0.1:$(setting acl port)" "$@"; }
left() {
	local kind
	for kind in "$@"; do
		ps -p "$(setting "$kind" pid)" -o pid=,stat= | grep -v Z
	done | wc -l
}

start plain
check "plain: answers" PONG cli plain ping
start tls tls
check "tls: answers to who knows the authority" PONG cli tls --tls --cacert "$(setting tls ca)" ping
check "tls: and not without TLS" "closed\|reset\|rror" cli tls ping
start acl acl
check "acl: the default user is off" NOAUTH cli acl ping
check "acl: mon may look" used_memory mon info memory
check "acl: mon may not write" NOPERM mon set a b
start full full
check "full: refuses writes" "^OOM\|OOM command" cli full set a b
start unix unix
check "unix: answers on its socket" PONG redis-cli -s "$(setting unix socket)" ping
for kind in plain tls acl full unix; do
	"$here/redis.sh" down "$work/$kind"
done
check "down: nothing is left" "^0" left plain tls acl full unix
echo "1..$points"
[ "$failures" -eq 0 ]

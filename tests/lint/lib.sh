# shellcheck shell=bash
# Sourced by the checks of the source. A rule is a function that prints what breaks it below $root.
#
#   holds NAME RULE            RULE prints nothing on this source
#   catches NAME RULE          RULE does print something on the folder made with `plant`
#   plant FILE <<'X'           put a file into that folder (emptied after each `catches`)
srcdir=${srcdir:-.}
work=$(mktemp -d "${TMPDIR:-/tmp}/lint.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
points=0
failures=0
export LC_ALL=C.UTF-8

rooms="core widgets incident backends tui world"

# C files of the product, or of it and its tests
product_files() { list_files "$rooms"; }
c_files() { list_files "$rooms tests"; }
list_files() {
	local room
	for room in $1; do
		[ ! -d "$root/$room" ] || find "$root/$room" -name '*.[ch]' -type f
	done | sort
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

holds() {
	local found
	root=$srcdir
	found=$("$2" 2>&1)
	[ -z "$found" ] || sed 's/^/# /' <<<"$found"
	[ -z "$found" ]
	point "$1" $?
}

plant() {
	mkdir -p "$work/$(dirname "$1")"
	cat >"$work/$1"
}

catches() {
	local found
	root=$work
	found=$("$2" 2>&1)
	[ -n "$found" ]
	point "catches: $1" $?
	rm -rf "${work:?}"/*
}

need() {
	command -v "$1" >/dev/null || {
		echo "1..0 # SKIP $1 is not installed"
		exit 77
	}
}

finish() {
	echo "1..$points"
	[ "$failures" -eq 0 ]
	exit
}

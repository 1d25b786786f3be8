#!/bin/sh
# Whole screens as kept in tests/screen/golden/: a healthy world at every size, on every TERM, in
# both kinds of locale, and an incident. To renew them after a change that is meant:
#	cd build && GOLDEN_UPDATE=1 srcdir=.. ../tests/screen/test_golden.sh && git diff
. "${srcdir:-.}/tests/screen/lib.sh"
golden=$screen_dir/golden
sizes="40x10 80x24 100x30 120x35 200x50"
sitrep_home

# golden_script KIND READY MORE...: when all that is on the largest screen, every size in turn,
# 20x5 and back, each compared
golden_script() {
	cat "$screen_dir/masks.vt"
	kind_of_screen=$1
	ready=$2
	while [ $# -gt 1 ]; do
		echo "wait $2"
		shift
	done
	set -- "$kind_of_screen" "$ready"
	for size in $sizes; do
		printf 'resize %s\nwait %s\ngolden %s-%s\n' "$size" "$2" "$1" "$size"
	done
	printf 'resize 20x5\nresize 80x24\nwait %s\ngolden %s-80x24\nkey q\nexit 0\nrestored\n' "$2" "$1"
}

healthy() {
	golden_script "$1" 'no incident' 'Ready +[0-9]+%' 'OOM errors +0/min' 'scan +done' \
		>"$work/script"
}

world_start --seed 7
for term in xterm-256color screen tmux-256color linux vt100; do
	for locale in C.UTF-8 C; do
		kind=healthy
		[ "$locale" = C ] && kind='healthy-ascii'
		healthy $kind
		passes "healthy, TERM=$term, $locale" -m -s 200x50 -g "$golden" -f "$work/script" \
			-e TERM=$term -e LC_ALL=$locale -- \
			./sitrep --kubeconfig "$kubeconfig" --redis "$redis"
	done
done
healthy healthy
passes "healthy, without colour" -m -s 200x50 -g "$golden" -f "$work/script" -e NO_COLOR=1 -- \
	./sitrep --kubeconfig "$kubeconfig" --redis "$redis"
world_stop

# An incident: Redis refuses writes. As it goes on, only numbers move.
world_start --seed 7 --speed 4 --scenario "${srcdir:-.}/drills/redis-maxmemory.yaml"
for locale in C.UTF-8 C; do
	kind='redis-full'
	[ "$locale" = C ] && kind='redis-full-ascii'
	golden_script $kind 'maxmemory' '1 incident' 'used [0-9.]+M of' 'errors +[1-9][0-9]*/min' \
		'Ready +[0-9]+%' >"$work/script"
	passes "an incident, $locale" -m -s 200x50 -T 20000 -g "$golden" -f "$work/script" \
		-e LC_ALL=$locale -- ./sitrep --kubeconfig "$kubeconfig" --redis "$redis"
done
finish

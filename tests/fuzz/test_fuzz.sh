#!/bin/bash
# Every reader of foreign bytes eats its corpus, and changed copies of it, and doesn't choke.
# FUZZ_ROUNDS: how many (a multiple goes to those that are quick).
srcdir=${srcdir:-.}
fuzz=${FUZZ:-$PWD/tests/fuzz/fuzz}
rounds=${FUZZ_ROUNDS:-150}
[ -x "$fuzz" ] || {
	echo "1..0 # SKIP the fuzz driver is not built"
	exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/fuzz-test.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
srcdir=$(cd "$srcdir" && pwd)
cd "$work" || exit 99
unset KUBECONFIG SITREP_CATALOGUE
points=0

feed() {
	local target=$1 times=$2
	shift 2
	points=$((points + 1))
	if timeout 120 "$fuzz" "$target" $((rounds * times)) "$@" >out 2>&1; then
		echo "ok $points - $target: $# files, $((rounds * times)) changed copies"
	else
		tail -n 40 out | sed 's/^/# /'
		[ ! -e "fuzz-$target.last" ] || xxd "fuzz-$target.last" | head -n 40 | sed 's/^/# /'
		echo "not ok $points - $target"
	fi
}

feed json 6 "$srcdir"/tests/unit/data/kube/*.json "$srcdir"/tests/fuzz/corpus/json/*
feed kubeconfig 6 "$srcdir"/tests/fuzz/corpus/kubeconfig/*
feed config 6 "$srcdir"/examples/*.yaml
feed catalogue 3 "$srcdir"/catalogue/*.yaml
feed resp 1 "$srcdir"/tests/fuzz/corpus/resp/*
feed status 6 "$srcdir"/tests/fuzz/corpus/status/*
feed metrics 20 "$srcdir"/tests/fuzz/corpus/metrics/*
feed text 20 "$srcdir"/tests/fuzz/corpus/text/*
echo "1..$points"

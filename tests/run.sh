# shellcheck shell=bash
# Runs every test there is and counts single test points. Sourced by ./dev test.
: "${top:=}" "${log:=}"
passed=0
failed=0
skipped=0
second_try=

count() {
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + $3))
}

# one_case NAME COMMAND...: a test point of its own, shown with its output when it fails
one_case() {
	local name=$1 started=$SECONDS
	shift
	echo "  $name ..."
	if "$@" >"$log/case" 2>&1; then
		count 1 0 0
		echo "  ok   $name ($((SECONDS - started)) s)"
	else
		count 0 1 0
		tail -n 60 "$log/case"
		echo "  FAIL $name"
	fi
}

# The points that automake's TAP driver wrote down, and the log of each program with a failure.
count_tree() {
	local trs failures=0 totals
	while IFS= read -r trs; do
		totals=$(awk '/^:test-result: *(PASS|XFAIL)/ { p++ } /^:test-result: *(FAIL|XPASS)/ { f++ }
			/^:test-result: *SKIP/ { s++ } /^:test-result: *ERROR/ { e++ }
			END { print p + 0, f ? f : e + 0, s + 0 }' "$trs")
		# shellcheck disable=SC2086
		count $totals
		[ "$(cut -d ' ' -f 2 <<<"$totals")" = 0 ] || {
			failures=1
			echo "----- ${trs%.trs}"
			tail -n 80 "${trs%.trs}.log"
		}
	done < <(find "$1/tests" -name '*.trs' | sort)
	return "$failures"
}

# again_alone FOLDER: what failed, once more and one at a time: real servers and terminals have
# deadlines, and two programs at once on a busy machine may miss them. What fails here too has failed;
# what does not is named at the end.
again_alone() {
	local failing
	failing=$(grep -lE '^:test-result: *(FAIL|ERROR|XPASS)' -r "$1/tests" --include='*.trs' |
		sed "s|^$1/||; s|\\.trs\$||" | sort | tr '\n' ' ')
	[ -n "$failing" ] || return 1
	echo "  again, alone: $failing"
	if make -k -s -C "$1" recheck 2>>"$log/check-errors" >>"$log/check"; then
		second_try+=" $failing"
		return 0
	fi
	return 1
}

# run_tree FOLDER: `make check` in a build folder, one line of progress a program
run_tree() {
	local tree=$top/$1 started=$SECONDS status=0 making
	local before=$failed
	echo "== make check in $1/"
	find "$tree/tests" \( -name '*.trs' -o -name '*.log' \) -delete 2>/dev/null || true
	# Twice as many as there are processors: most of them wait for a server or a screen.
	make -k -s -C "$tree" -j "$((2 * $(jobs)))" check 2>"$log/check-errors" >"$log/check" &
	making=$!
	watch_progress "$making" "$tree"
	# Not $!: the process substitutions above have set it anew.
	wait "$making" || status=$?
	[ "$status" -eq 0 ] || { again_alone "$tree" && status=0; }
	count_tree "$tree" || true
	if [ "$status" -ne 0 ] && [ "$failed" -eq "$before" ]; then
		count 0 1 0
		tail -n 40 "$log/check" "$log/check-errors"
		echo "  FAIL make check in $1/ ended with status $status"
	fi
	echo "== $1/: $((SECONDS - started)) s"
}

# Names each test program when its result file appears, until process $1 has ended.
watch_progress() {
	local trs seen=" "
	while :; do
		local ended=
		kill -0 "$1" 2>/dev/null || ended=yes
		while IFS= read -r trs; do
			case $seen in *" $trs "*) continue ;; esac
			seen+="$trs "
			echo "  $(awk '/^:test-result:/ { n++ } /^:test-result: *(FAIL|ERROR|XPASS)/ { f++ }
				END { printf "%s %d", f ? "FAIL" : "ok  ", n }' "$trs") ${trs#"$2"/}"
		done < <(find "$2/tests" -name '*.trs' 2>/dev/null | sort)
		[ -z "$ended" ] || return 0
		sleep 1
	done
}

# run_tap NAME COMMAND...: a TAP program outside make check
run_tap() {
	local name=$1 started=$SECONDS status=0 totals
	shift
	"$@" >"$log/tap" 2>"$log/tap-errors" || status=$?
	if [ "$status" -ne 0 ] && [ "$status" -ne 77 ]; then
		echo "  again: $name"
		status=0
		"$@" >"$log/tap" 2>"$log/tap-errors" || status=$?
		[ "$status" -ne 0 ] || second_try+=" $name"
	fi
	totals=$(awk -v status="$status" '
		/^not ok / { if (/# *(TODO|SKIP)/) s++; else f++; n++; next }
		/^ok / { if (/# *SKIP/) s++; else p++; n++; next }
		/^1\.\.0/ { if (n == 0) s++; plan = 0; planned = 1; next }
		/^1\.\.[0-9]+/ { plan = substr($1, 4); planned = 1 }
		/^Bail out!/ { f++ }
		END {
			if (status == 77) { if (!s) s = 1 }
			else if (!planned || plan != n && plan > 0 || status != 0 && !f) f++
			print p + 0, f + 0, s + 0
		}' "$log/tap")
	# shellcheck disable=SC2086
	count $totals
	if [ "$(cut -d ' ' -f 2 <<<"$totals")" != 0 ]; then
		tail -n 80 "$log/tap" "$log/tap-errors"
		echo "  FAIL $name ($((SECONDS - started)) s)"
	else
		grep '# SKIP' "$log/tap" || true
		echo "  ok   $name: ${totals%% *} ($((SECONDS - started)) s)"
	fi
}

# What the sanitizers don't see: memory that was never written, and what is lost at the end.
valgrind_units=(buf model config secret kube_split kube_decode kubeconfig audit ladder once verbs)
under_valgrind() {
	CMOCKA_MESSAGE_OUTPUT=STDOUT srcdir=$top valgrind -q --error-exitcode=99 --leak-check=full \
		--errors-for-leak-kinds=definite --show-leak-kinds=definite --trace-children=no \
		--suppressions="$top/tests/valgrind.supp" "$@"
}

run_valgrind() {
	local name started=$SECONDS
	echo "== valgrind: ${#valgrind_units[@]} unit tests and one look at the drill world (about 60 s)"
	make -s -C "$top/build" -j "$(jobs)" "${valgrind_units[@]/#/tests/unit/test_}" >&2 || return 1
	for name in "${valgrind_units[@]}"; do
		one_case "valgrind: $name" under_valgrind "$top/build/tests/unit/test_$name"
	done
	one_case "valgrind: sitrep --world --once" \
		under_valgrind "$top/build/sitrep" --world --once --timeout 60
	echo "== valgrind: $((SECONDS - started)) s"
}

# A skip is a failure where nothing may be left out.
skip_cluster() {
	echo "  skipped: the cluster tests: $1"
	if [ "${CI:-}" = true ]; then
		count 0 1 0
		echo "  FAIL with CI=true that is a failure"
	else
		count 0 0 "$(find "$top/tests/cluster" -name 'test_*.sh' | wc -l)"
	fi
}

run_cluster() {
	local test started=$SECONDS
	echo "== real control plane (built once, up to 10 min; each test then starts its own in 6 s)"
	if ! "$top/tests/cluster/build.sh" >"$log/bin"; then
		skip_cluster "the control plane cannot be built here"
		return
	fi
	for test in "$top"/tests/cluster/test_*.sh; do
		run_tap "${test#"$top"/}" env top="$top" tree="$top/build" "$test"
	done
	echo "== cluster: $((SECONDS - started)) s"
}

compile_with_clang() {
	mkdir -p "$top/build-clang"
	(cd "$top/build-clang" && "$top/configure" --silent CC=clang && make -s -j "$(jobs)" all) ||
		return 1
}

# What a distribution does with a release: from a read-only source, then install, then clean.
check_dist() { make -s -C "$top/build" distcheck TESTS= check_PROGRAMS=; }

run_tests() {
	local what=${1:-all} started=$SECONDS
	case $what in
	all | check | sanitizers | valgrind | cluster | clang | dist) ;;
	*) die "there is nothing called $what to test" ;;
	esac
	if [ "$what" = all ]; then
		# The long build goes on beside the other tests.
		"$top/tests/cluster/build.sh" >/dev/null 2>"$log/go-build" &
	fi
	[ "$what" = sanitizers ] || build_tree build
	if [ "$what" = all ] || [ "$what" = check ]; then run_tree build; fi
	if [ "$what" = all ] || [ "$what" = sanitizers ]; then
		build_tree build-asan --enable-sanitizers
		run_tree build-asan
	fi
	if [ "$what" = all ] || [ "$what" = valgrind ]; then run_valgrind; fi
	if [ "$what" = all ] || [ "$what" = clang ]; then
		one_case "clang builds it without a warning" compile_with_clang
	fi
	if [ "$what" = all ] || [ "$what" = dist ]; then
		one_case "make distcheck: a release builds, installs and cleans up" check_dist
	fi
	if [ "$what" = all ] || [ "$what" = cluster ]; then run_cluster; fi
	[ -z "$second_try" ] || echo "== passed only on the second try:$second_try"
	echo "== $((SECONDS - started)) s in all"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
}

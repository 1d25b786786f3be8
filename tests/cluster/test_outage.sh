#!/bin/bash
# The API server gone, then frozen: the screen stays, says how old its values are, and recovers.
# shellcheck source=tests/cluster/tap.sh
. "$(dirname "$0")/tap.sh"
need_sitrep
start_cluster
api="$top/tests/cluster/cluster.sh"

drive "killed for a minute" reader <<X
wait fresh: API
wait no incident
wait api-
run $api api-kill $dir
timeout 30000
wait API (stale|unknown|lost|down|unreach)
absent fresh: API
wait \\? Ready
wait \\? Running
absent ● (Ready|Running)
absent no incident
timeout 1000
key 3 j j k 2 ?
sync
key Esc
sync
absent fresh: API
pause 45000
absent fresh: API
absent ● (Ready|Running)
wait API stale ([4-9][0-9]s|[1-9]+m)
wait no verdict possible
dump
timeout 150000
run $api api-restart $dir
wait fresh: API
wait no incident
key q
exit 0
X
drive "frozen for a minute" reader <<X
wait fresh: API
wait no incident
wait api-
run $api api-freeze $dir
timeout 30000
wait API (stale|unknown|lost|down|unreach)
absent fresh: API
wait \\? Ready
absent ● (Ready|Running)
absent no incident
timeout 1000
key 3 j j k 2 ?
sync
key Esc
sync
pause 40000
absent fresh: API
absent ● (Ready|Running)
wait API stale ([4-9][0-9]s|[1-9]+m)
timeout 150000
run $api api-thaw $dir
wait fresh: API
wait no incident
key q
exit 0
X
drive "a Redis that is not there has no numbers" reader --redis redis://127.0.0.1:1 <<'X'
wait fresh: API
wait Redis (unknown|lost|down|stale)
wait keys +\? \(\? without TTL\)
absent [0-9] op/s
key q
exit 0
X
cluster api-freeze
check "--once says within its deadline that it cannot know" '^3$' \
	bash -c "\"\$@\" --read-only --once --timeout 3 >/dev/null 2>&1; echo \$?" once "$sitrep" \
	--config "$dir/sitrep.yaml" --kubeconfig "$dir/kubeconfig-reader"
cluster api-thaw
cluster api-kill
check "and when it is gone" '^3$' \
	bash -c "\"\$@\" --read-only --once --timeout 3 >/dev/null 2>&1; echo \$?" once "$sitrep" \
	--config "$dir/sitrep.yaml" --kubeconfig "$dir/kubeconfig-reader"
finish

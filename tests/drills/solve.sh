#!/bin/bash
# Each drill plays its own reference solution through sitrep: real verdicts, the whole ladder, the
# real protocols; and nothing of the person's own configuration gets into it.
. "$(dirname "$0")/lib.sh"
SITREP=${SITREP:-./sitrep}
[ -x "$SITREP" ] || skip_all "$SITREP is not built"
command -v jq >/dev/null || skip_all "there is no jq"
unset KUBECONFIG SITREP_CATALOGUE
export HOME=$dir XDG_CONFIG_HOME=$dir/config XDG_STATE_HOME=$dir/state

# A configuration that would lead elsewhere.
mkdir -p "$XDG_CONFIG_HOME/sitrep"
cat >"$XDG_CONFIG_HOME/sitrep/config.yaml" <<-'END'
	read_only: true
	kube: {context: production, servers: ["https://127.0.0.1:1"]}
	scope: [{verbs: ["*"], targets: ["*"], deny: true}]
END

solve() {
	timeout 200 "$SITREP" drill "$1" --solve --speed 4 2>&1 9>&-
	echo "status $?"
}

for drill in node-down coredns-down api-panic; do
	solve "$drill" >"$dir/$drill"
	check "$drill is solved without a loss" '100 of 100' cat "$dir/$drill"
	check "$drill ends with 0" '^status 0$' cat "$dir/$drill"
done
check "a restart is judged by what it did" 'rolled out, 1 of 1 available' cat "$dir/coredns-down"
check "an undo too" 'rolled out, 3 of 3 available' cat "$dir/api-panic"
check "redis-maxmemory is solved without a loss" '100 of 100' solve redis-maxmemory
log=$XDG_STATE_HOME/sitrep/drills.jsonl
check "every act has its intent before it" '^true$' jq -s '. as $all | to_entries |
	all(.[]; .key as $at | .value as $done | $done.kind != "done" or
	any($all[:$at][]; .kind == "intent" and .climb == $done.climb and .pid == $done.pid))' "$log"
check "and its outcome after it" '^true$' jq -s '[.[] | select(.kind == "done")] as $done |
	[.[] | select(.outcome == "worked")] as $worked |
	($done | length) > 1 and ($done | length) == ($worked | length)' "$log"
printf 'audit_file: %s\n' "$log" >"$dir/audit.yaml"
check "the chain of the drills is whole" 'the chain is whole' \
	"$SITREP" --config "$dir/audit.yaml" audit verify
check "the real audit file knows nothing of it" '^no$' \
	sh -c "[ -e $XDG_STATE_HOME/sitrep/audit.jsonl ] && echo yes || echo no"
check "an unknown drill is told" 'there is no drill' solve no-such
echo "1..$count"
[ "$failed" = 0 ]

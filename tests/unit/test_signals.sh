#!/bin/sh
# tests/unit/test_signals.sh: docs/signals.md is true: every way to break has its signals, and every
# path that it names is a path of the facts document.
src=${srcdir:-.}
signals=$src/docs/signals.md
known=$(mktemp)
trap 'rm -f "$known"' EXIT
count=0
failed=0

result() { # ok|"not ok" what
	count=$((count + 1))
	echo "$1 $count - $2"
	[ "$1" = ok ] || failed=1
}

ids='cf-edge-pop cf-global dns-hijack node-down quorum-lost all-nodes-down node-disk-full
etcd-member-bad coredns-down metrics-server-down vmagent-cannot-push metrics-no-data ufw-blocks
flannel-broken kube-proxy-broken api-oom api-panic api-deadlock admin-down worker-stalled redis-moved
residence-cache-stale redis-maxmemory neon-outage neon-pooler-down migrate-failed schema-precondition
b2-outage smtp-unreachable registry-unreachable cf-dns-failure everything-slow some-502 what-changed
node-upgrade k3s-upgrade cluster-loss'
missing=
total=0
for id in $ids; do
	total=$((total + 1))
	grep -q "^| \`$id\` | ..* | \`..*\` | ..* | " "$signals" || missing="$missing $id"
done
[ $total = 37 ] || missing="$missing (the test lists $total)"
if [ -z "$missing" ]; then
	result ok "all 37 ids have signals"
else
	result "not ok" "no signals for:$missing"
fi
strange=$(sed -n 's/^| `\([a-z0-9-]*\)` | .*/\1/p' "$signals" | sort -u |
	while read -r id; do case " $(echo $ids) " in *" $id "*) ;; *) echo "$id" ;; esac; done)
if [ -z "$strange" ]; then
	result ok "and no other has"
else
	result "not ok" "ids that nobody knows: $(echo $strange)"
fi

# In docs/facts.md, paths are what is in backticks in a table's first column.
sed -n 's/^\(| `.*\)$/\1/p' "$src/docs/facts.md" | cut -d'|' -f2 | grep -o '`[^`]*`' | tr -d '`' |
	sort -u >"$known"
unknown=$(sed -n 's/^| `[a-z0-9-]*` | //p' "$signals" | cut -d'|' -f2 | grep -o '`[^`]*`' |
	tr -d '`' | sort -u | comm -23 - "$known")
if [ -z "$unknown" ]; then
	result ok "every path is one of docs/facts.md"
else
	result "not ok" "paths that docs/facts.md doesn't have: $(echo $unknown)"
fi

# The keys that a signal needs are keys of the configuration.
keys=$(grep -o '^| `[^`]*`' "$src/docs/config.md" | tr -d '|` ' | sed 's/\[\]//g' | sort -u)
unknown=$(grep '^| `[a-z0-9-]*` | ' "$signals" | sed 's/\\|/ /g' | cut -d'|' -f6 | grep -o '`[^`]*`' |
	tr -d '`' | grep -E '^(kube|redis|asynq|ssh|postgres|vendors|probes|app_metrics|log_signs|names)(\.|$)' |
	sort -u | while read -r key; do echo "$keys" | grep -qx "$key" || echo "$key"; done)
if [ -z "$unknown" ]; then
	result ok "every key that one needs is one of docs/config.md"
else
	result "not ok" "keys that docs/config.md doesn't have: $(echo $unknown)"
fi

gone=
for proof in $(grep -o '`tests/[^`]*`' "$signals" | tr -d '`' | sort -u); do
	[ -e "$src/$proof" ] || gone="$gone $proof"
done
if [ -z "$gone" ]; then
	result ok "the tests that it names are there"
else
	result "not ok" "tests that aren't there:$gone"
fi
echo "1..$count"
exit $failed

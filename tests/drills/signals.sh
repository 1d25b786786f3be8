#!/bin/bash
# Every path of docs/signals.md on the simulated systems with everything configured: each has a value,
# or says by an explicit null, an empty list or its freshness that there is none.
. "$(dirname "$0")/lib.sh"
SITREP=${SITREP:-./sitrep}
[ -x "$SITREP" ] || skip_all "$SITREP is not built"
command -v jq >/dev/null || skip_all "there is no jq"
signals=$HERE/../../docs/signals.md
unset XDG_CONFIG_HOME XDG_STATE_HOME

# What a path meets: "value", "null", "empty" or "missing", once for each thing on its way.
cat >"$dir/seek.jq" <<'JQ'
def seek($parts):
  if ($parts | length) == 0 then (if . == null then "null" else "value" end)
  else $parts[0] as $part | $parts[1:] as $rest |
    if . == null then "null"
    elif type != "object" then "missing"
    elif $part == "*" then (if length == 0 then "empty" else .[] | seek($rest) end)
    elif ($part | endswith("[]")) then
      if has($part[:-2]) then .[$part[:-2]] |
        (if . == null then "null" elif length == 0 then "empty" else .[] | seek($rest) end)
      else "missing" end
    elif has($part) then .[$part] | seek($rest)
    else "missing" end
  end;
. as $doc | $paths | split("\n") | map(select(length > 0)) | unique |
  map({path: ., met: ([. as $path | $doc | seek($path | split("."))] | unique)}) |
  map(. + {kind: (if (.met | index("value")) then "value" elif (.met | index("null")) then "null"
    elif (.met | index("empty")) then "empty" else "missing" end)})
JQ
paths=$(sed -n 's/^| `[a-z0-9-]*` | //p' "$signals" | cut -d'|' -f2 | grep -o '`[^`]*`' | tr -d '`')
what() { jq -r --arg kind "$1" '[.[] | select(.kind == $kind) | .path] | join(" ")' "$dir/met"; }
states() {
	jq -r '[.. | objects | .freshness? | select(. != null) | .state] | unique | join(" ")' "$dir/facts"
}
look() {
	"$SITREP" --config "${KUBECONFIG%/*}/sitrep.yaml" facts --every 8 9>&- 2>"$dir/errors" | head -n 3 | tail -n 1 >"$dir/facts"
	jq --arg paths "$paths" -f "$dir/seek.jq" "$dir/facts" >"$dir/met"
	echo "# a value: $(jq '[.[] | select(.kind == "value")] | length' "$dir/met") of $(jq length "$dir/met")"
	echo "# null: $(what null)"
	echo "# nothing listed: $(what empty)"
}

world_start --speed 4 || not_ok "the world starts" "$(cat "$dir/err")"
look
check "healthy: no path is missing" '^$' what missing
check "most have a value" '^true$' jq '[.[] | select(.kind == "value")] | length > 100' "$dir/met"
check "and every source says how fresh it is" \
	'^((asleep|fresh|refused|stale|unknown) ?)+$' states
world_stop
world_start --speed 4 --scenario "$DRILLS/api-panic.yaml"
look
check "in trouble: no path is missing" '^$' what missing
done_testing

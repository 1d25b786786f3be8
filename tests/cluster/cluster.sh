#!/bin/bash
# A real Kubernetes control plane in a folder, for tests: etcd, kube-apiserver, controller manager
# and scheduler, with kwok as every node's kubelet. Everything listens on 127.0.0.1 only.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/cluster/lib/state.sh
. "$here/lib/state.sh"
# shellcheck source=tests/cluster/lib/pki.sh
. "$here/lib/pki.sh"
# shellcheck source=tests/cluster/lib/start.sh
. "$here/lib/start.sh"
# shellcheck source=tests/cluster/lib/objects.sh
. "$here/lib/objects.sh"
# shellcheck source=tests/cluster/lib/faults.sh
. "$here/lib/faults.sh"

usage() {
	cat <<'X'
usage: cluster.sh COMMAND DIR [ARGS]
  up DIR [--nodes N] [--grace SECONDS] [--port-redis P] [--empty]
                                start it; DIR gets kubeconfig, kubeconfig-reader,
                                kubeconfig-actor, audit.log, env and log/
  down DIR                      stop every process of it
  load DIR PODS NODES           add NODES nodes with PODS pods and wait until they run
  kubectl DIR ARGS              kubectl as the administrator
  node-stop DIR NAME            take a node away (its kubelet stops answering)
  node-start DIR NAME           bring it back
  api-freeze|api-thaw DIR       the API server accepts and never answers, and back
  api-kill|api-restart DIR      the API server is gone, and back
  deploy DIR NS NAME            roll out a new, healthy revision
  crash-deployment DIR NS NAME  roll out a revision whose pods exit with a panic, over and over
  crash-pods DIR NS SELECTOR KIND   running pods start to crash (KIND: panic, oom or corefile)
  heal-pods DIR NS SELECTOR     and stop crashing
  coredns DIR up|down           cluster DNS healthy, or crash-looping
X
}

case ${1:-} in
'' | -h | --help | help)
	usage
	exit 0
	;;
esac
if [ $# -lt 2 ]; then
	usage >&2
	exit 2
fi
command=$1
dir=$2
shift 2
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
case $command in
up | down) ;;
*) read_env ;;
esac
case $command in
up) cluster_up "$@" ;;
down) cluster_down ;;
load) cluster_load "$@" ;;
kubectl) kube "$@" ;;
node-stop) freeze "kwok-$1" ;;
node-start) thaw "kwok-$1" ;;
api-freeze) freeze kube-apiserver ;;
api-thaw) thaw kube-apiserver ;;
api-kill) stop_process kube-apiserver KILL ;;
api-restart) api_restart ;;
deploy) new_revision "$1" "$2" "" ;;
crash-deployment) new_revision "$1" "$2" panic ;;
crash-pods) crash_pods "$@" ;;
heal-pods) heal_pods "$@" ;;
coredns) coredns "$1" ;;
*)
	usage >&2
	exit 2
	;;
esac

# shellcheck shell=bash
# What goes wrong, on demand. The annotation sitrep.test/crash on a pod tells the kubelet how the
# pod's containers end; in a Deployment's template it makes a revision that never comes up.
: "${dir:=}"

# new_revision NAMESPACE NAME [KIND]: a rollout whose pods run (no KIND) or crash
new_revision() {
	local value=null
	[ -z "$3" ] || value="\"$3\""
	kube -n "$1" patch deployment "$2" --type strategic -p "{\"spec\": {\"template\":
		{\"metadata\": {\"annotations\": {\"sitrep.test/crash\": $value,
		\"sitrep.test/revision\": \"$(date +%s%N)\"}}}}}" >/dev/null
}

crash_pods() {
	kube -n "$1" annotate pods --overwrite -l "$2" "sitrep.test/crash=$3" >/dev/null
}

heal_pods() {
	kube -n "$1" annotate pods --overwrite -l "$2" sitrep.test/crash- >/dev/null
}

coredns() {
	case $1 in
	up) heal_pods kube-system k8s-app=kube-dns ;;
	down) crash_pods kube-system k8s-app=kube-dns corefile ;;
	*) note "coredns is up or down" && return 2 ;;
	esac
}

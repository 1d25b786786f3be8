# tests/cluster/: a real control plane. ./dev test runs these: they need Go programs built once.
CLUSTER_FILES = \
	tests/cluster/build.sh \
	tests/cluster/cluster.sh \
	tests/cluster/lib/faults.sh \
	tests/cluster/lib/objects.sh \
	tests/cluster/lib/pki.sh \
	tests/cluster/lib/start.sh \
	tests/cluster/lib/state.sh \
	tests/cluster/modules/etcd/go.mod \
	tests/cluster/modules/etcd/go.sum \
	tests/cluster/modules/etcd/tools.go \
	tests/cluster/modules/kubernetes/go.mod \
	tests/cluster/modules/kubernetes/go.sum \
	tests/cluster/modules/kubernetes/tools.go \
	tests/cluster/modules/kwok/go.mod \
	tests/cluster/modules/kwok/go.sum \
	tests/cluster/modules/kwok/tools.go \
	tests/cluster/objects/kwok.yaml \
	tests/cluster/objects/logs/app.log \
	tests/cluster/objects/logs/coredns.log \
	tests/cluster/objects/logs/panic.log \
	tests/cluster/objects/rbac.yaml \
	tests/cluster/objects/sitrep.yaml \
	tests/cluster/objects/workloads.yaml \
	tests/cluster/tap.sh \
	tests/cluster/test_act.sh \
	tests/cluster/test_forward.sh \
	tests/cluster/test_healthy.sh \
	tests/cluster/test_outage.sh \
	tests/cluster/test_proxy.sh \
	tests/cluster/test_readonly.sh \
	tests/cluster/test_reads.sh \
	tests/cluster/test_setup.sh \
	tests/cluster/test_signals.sh \
	tests/cluster/test_verdicts.sh
EXTRA_DIST += $(CLUSTER_FILES)

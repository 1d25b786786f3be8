#!/bin/bash
# What is read beside nodes, pods and workloads: storage, changes, API services, snapshots.
# shellcheck source=tests/cluster/tap.sh
. "$(dirname "$0")/tap.sh"
need_sitrep
start_cluster --nodes 2

k apply -f - >/dev/null <<'X'
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: honeydue}
spec: {accessModes: [ReadWriteOnce], storageClassName: "", volumeName: disk-1, resources: {requests: {storage: 8Gi}}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-1}
spec:
  capacity: {storage: 8Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Delete
  claimRef: {kind: PersistentVolumeClaim, namespace: honeydue, name: data, apiVersion: v1}
  local: {path: /var/lib/storage/disk-1}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node-1]}]}]}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: honeydue}
data: {password: hunter2-in-the-wrong-place}
X
fact "a claim stands on the node that its volume is pinned to" \
	'.storage.pinned == {"node-1": 1} and .storage.troubled == 0' 40
fact "all APIs are available" '.control.apis.total > 10 and .control.apis.unavailable_total == 0' 5
fact "without k3s there are no records of snapshots, and it says so" \
	'.control.snapshots.freshness | .state != "fresh" and (.reason | test("no records"))' 5
fact "nodes without etcd's condition tell nothing about it" '.control.etcd.can_lose == null' 5
fact "the first revision is a change" \
	'[.changes.items[] | select(.kind == "rollout" and .about == "deployment/honeydue/api")] | length == 1' 5

k -n honeydue patch configmap settings -p '{"data":{"password":"changed"}}' --field-manager=on-call >/dev/null
fact "so is a ConfigMap, with who wrote which key" \
	'[.changes.items[] | select(.about == "configmap/honeydue/settings" and .text == "changed by on-call: password")] | length == 1' 10
refute "what it holds is nowhere" 'hunter2|"changed"' cat "$dir/once"

k apply -f - >/dev/null <<'X'
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100,
  insecureSkipTLSVerify: true, service: {name: gone, namespace: kube-system}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: etcdsnapshotfiles.k3s.cattle.io}
spec:
  group: k3s.cattle.io
  scope: Cluster
  names: {kind: ETCDSnapshotFile, plural: etcdsnapshotfiles, singular: etcdsnapshotfile}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
X
k wait --for=condition=Established crd/etcdsnapshotfiles.k3s.cattle.io --timeout=20s >/dev/null
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
k apply -f - >/dev/null <<X
apiVersion: k3s.cattle.io/v1
kind: ETCDSnapshotFile
metadata: {name: one}
spec: {snapshotName: etcd-snapshot-node-1, nodeName: node-1, location: "file:///x"}
status: {readyToUse: true, size: "9437216", creationTime: "$now"}
---
apiVersion: k3s.cattle.io/v1
kind: ETCDSnapshotFile
metadata: {name: two}
spec: {snapshotName: etcd-snapshot-node-2, nodeName: node-2}
status: {readyToUse: false, error: {message: no space left on device, time: "$now"}}
X
fact "an API service without its pods is not available" \
	'.control.apis.unavailable[0] | .name == "v1beta1.metrics.k8s.io" and (.reason | length > 0)' 20
fact "snapshots are known by server, good and failed" '.control.snapshots.by_node |
	length == 2 and (.[0] | .node == "node-1" and .bytes == 9438208 and .age < 60) and
	(.[1] | .node == "node-2" and .age == null and .error == "no space left on device")' 10

cluster node-stop node-1
fact "a claim whose node is down is told as that" \
	'.storage.problems[0] | .name == "data" and (.trouble | test("node-1 is not Ready"))' 60
cluster node-start node-1

check "ConfigMaps were listed" '^list configmaps' asked sitrep-reader
refute "nobody asked for a Secret, or for one ConfigMap" '^(get configmaps|[a-z]+ secrets)' asked sitrep-reader
finish

#!/bin/bash
# The real kubectl on the simulated API server: whatever it cannot use is a bug of the world.
. "$(dirname "$0")/lib.sh"
[ -n "$KUBECTL" ] || skip_all "there is no kubectl"

world_start --speed 5 || not_ok "the world starts" "$(cat "$dir/err")"
api() { k get pods -l app.kubernetes.io/name=api -o name | head -1; }
node() { k get nodes -o name | tail -1; }

check "version" 'Server Version: v1\.35\.1\+k3s1' k version
check "api-resources" 'deployments +deploy +apps/v1 +true +Deployment' k api-resources
check "get nodes" 'nbg1-1 +Ready +control-plane,etcd,master' k get nodes
check "get nodes -o wide" 'Ubuntu 24.* containerd://' k get nodes -o wide
check "get pods -A" 'kube-system +coredns-[^ ]+ +1/1 +Running' k get pods -A
check "get pods as YAML" '^kind: List' k get pods -o yaml
check "get all" 'deployment.apps/api +3/3' k get all
check "label selector" '^3$' sh -c "$KUBECTL get pods -l app.kubernetes.io/name=api -o name | wc -l"
check "set-based selector" '^4$' \
	sh -c "$KUBECTL get pods -l 'app.kubernetes.io/name in (api,worker)' -o name | wc -l"
check "field selector" 'honeydue-migrate' k get pods --field-selector status.phase=Succeeded
check "pages" 'worker-' k get pods --chunk-size=2
check "not found" 'pods "nothing" not found' k get pod nothing
check "describe node" 'Allocated resources' k describe "$(node)"
check "describe pod" 'Controlled By: +ReplicaSet/api-' k describe "$(api)"
check "describe deployment" 'Progressing +True +NewReplicaSetAvailable' k describe deploy/api
check "describe service" 'Endpoints: +10\.42\.' k describe svc/api
check "describe budget" 'Allowed disruptions: +1' k describe pdb
check "logs" '"msg"|"method"' k logs deploy/api --tail=5
check "logs with times" '^20[0-9-]+T[0-9:.]+Z ' k logs "$(api)" --tail=1 --timestamps
check "no previous logs" 'previous terminated container .* not found' k logs "$(api)" --previous
check "follow" '"method"' timeout 6 "$KUBECTL" logs -f "$(api)" --tail=1
check "logs of two containers" 'lb-tcp-80' \
	k -n kube-system logs daemonset/svclb-traefik-3f1c7e52
check "top nodes" 'nbg1-1 +[0-9]+m +[0-9]+% ' k top nodes
check "top pods" 'api-[^ ]+ +[0-9]+m +[0-9]+Mi' k top pods
check "auth can-i" '^yes' k auth can-i delete pods --subresource=eviction
check "auth whoami" 'on-call' k auth whoami

check "rollout restart" 'restarted' k rollout restart deploy/api
check "rollout status" 'successfully rolled out' k rollout status deploy/api --timeout=40s
check "rollout history" '^4 ' k rollout history deploy/api
check "rollout undo, dry run" 'rolled back \(server dry run\)' \
	k rollout undo deploy/api --dry-run=server
check "rollout undo" 'rolled back' k rollout undo deploy/api
check "rollout status after undo" 'successfully rolled out' \
	k rollout status deploy/api --timeout=40s
check "the undone revision is the newest" '^5 +deploy 12b2f9d' k rollout history deploy/api
check "rollout undo to a revision" 'rolled back' k rollout undo deploy/api --to-revision=2
check "its image" '0f7450a' k get deploy api -o wide
check "rollout restart of a daemon set" 'restarted' \
	k -n kube-system rollout restart ds/svclb-traefik-3f1c7e52
check "its status" 'successfully rolled out' \
	k -n kube-system rollout status ds/svclb-traefik-3f1c7e52 --timeout=40s
check "events" 'ScalingReplicaSet' k get events
check "kubectl events" 'SuccessfulCreate' k events

check "cordon" 'cordoned' k cordon "$(node)"
check "cordoned" 'Ready,SchedulingDisabled' k get "$(node)"
check "uncordon" 'uncordoned' k uncordon "$(node)"
check "scale" 'scaled' k scale deploy/web --replicas=3
eventually 20 "scaled" '3/3' k get deploy web
check "label" 'labeled' k label "$(node)" zone=nbg1
check "unlabel" 'unlabeled' k label "$(node)" zone-
check "patch" 'patched' k patch cm honeydue-config --type=merge -p '{"data":{"K":"v2"}}'
check "patch, dry run" 'patched' \
	k patch cm honeydue-config --type=merge -p '{"data":{"K":"v3"}}' --dry-run=server
check "the dry run changed nothing" '^v2$' k get cm honeydue-config -o 'jsonpath={.data.K}'
check "a stale version" 'Conflict|modified' k patch cm honeydue-config --type=merge \
	-p '{"metadata":{"resourceVersion":"1"},"data":{"K":"v4"}}'

pod=$(k get pods -l app.kubernetes.io/name=worker -o name)
check "delete pod" 'deleted' k delete "$pod"
check "it is gone" 'not found' k get "$pod"
eventually 20 "and replaced" 'worker-[^ ]+ +1/1 +Running' \
	k get pods -l app.kubernetes.io/name=worker
check "watch" 'Terminating|Running' timeout 4 "$KUBECTL" get pods -w
check "drain" 'drained' k drain "$(node)" --ignore-daemonsets --delete-emptydir-data
k uncordon "$(node)" >/dev/null
check "readyz" '\[\+\]etcd ok' k get --raw '/readyz?verbose'
check "an expired watch" '"code":410' k get --raw '/api/v1/pods?watch=1&resourceVersion=1'
check "writes were told" '"what":"PATCH deployments/api restart"' cat "$dir/out"
check "undo was told" '"what":"PATCH deployments/api undo"' cat "$dir/out"
done_testing

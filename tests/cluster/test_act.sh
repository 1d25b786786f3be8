#!/bin/bash
# What is done through the one door arrives, once, and is judged by the real controllers.
# shellcheck source=tests/cluster/tap.sh
. "$(dirname "$0")/tap.sh"
need_sitrep
start_cluster --grace 10

# Everything of USER's that changes something, but for the dry runs that a preview is made of.
wrote() {
	sleep 0.5
	jq -r --arg user "$1" 'select(.user.username == $user) |
		select(.verb | IN("get", "list", "watch") | not) |
		select(.requestURI | (contains("dryRun=All") or contains("selfsubject")) | not) |
		"\(.verb) \(.objectRef.resource)/\(.objectRef.name // "") \(.responseStatus.code)"' \
		"$dir/audit.log"
}
nodes() { k get nodes --no-headers; }
revision() {
	k -n honeydue get deployment api \
		-o 'jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}'
}
pod=$(k -n honeydue get pods -l app=worker -o jsonpath='{.items[0].metadata.name}')

drive "restart: cancelled" actor <<'X'
wait no incident
wait api-
key 3
key /
type api
key Enter
key R
wait y does it
wait kubectl -n honeydue rollout restart deployment/api
key Esc
pause 500
key q
X
check "a cancelled action changes nothing" '^1$' revision
refute "and sends nothing" '.' wrote sitrep-actor

drive "restart: confirmed, and it worked" actor <<'X'
wait no incident
wait api-
key 3
key /
type api
key Enter
key R
wait y does it
key y
timeout 60000
wait verdict +worked
X
check "the API server was asked once" '^1$' grep -c 'patch deployments/api 200' <(wrote sitrep-actor)
check "there is a new revision" '^2$' revision
check "the real controller calls it rolled out" 'successfully rolled out' \
	k -n honeydue rollout status deployment/api --timeout=5s
check "everyone can see who did it" 'sitrep' k -n honeydue get events

drive "cordon" actor <<'X'
wait no incident
wait node-1
key 2
key c
wait kubectl cordon node-1
wait y does it
key y
timeout 30000
wait verdict +worked
X
check "the node takes no new pods" '^node-1 +Ready,SchedulingDisabled' nodes
drive "uncordon" actor <<'X'
wait no incident
wait node-1 .*Ready,Sched
key 2
key u
wait kubectl uncordon node-1
wait y does it
key y
timeout 30000
wait verdict +worked
X
check "it does again" '^node-1 +Ready +' nodes

drive "the preview of a deletion deletes nothing" actor <<X
wait no incident
wait worker-
key 3
key /
type worker
key Enter
key ^D
wait kubectl -n honeydue delete pod
wait type $pod and Enter
pause 1500
key Esc
pause 300
X
check "the pod is still there" "^$pod +1/1 +Running" k -n honeydue get pods --no-headers
drive "delete pod" actor <<X
wait no incident
wait worker-
key 3
key /
type worker
key Enter
key ^D
wait kubectl -n honeydue delete pod
wait type $pod and Enter
type $pod
key Enter
timeout 40000
wait verdict +worked
X
check "the API server was asked to delete once" '^1$' \
	grep -c "delete pods/$pod" <(wrote sitrep-actor)
refute "the pod is gone" "$pod" k -n honeydue get pods
check "its deployment made another" '^worker-.* 1/1 +Running' k -n honeydue get pods --no-headers

cluster crash-deployment honeydue api
eventually 30 "a crashing revision" '^api-.* 0/1 +CrashLoop' k -n honeydue get pods --no-headers
drive "one key from the verdict to the undo of the rollout" actor <<'X'
wait crashes since revision
key f
wait kubectl -n honeydue rollout undo deployment/api
wait type api and Enter
type api
key Enter
timeout 90000
wait verdict +worked
X
check "the old revision serves alone again" 'successfully rolled out' \
	k -n honeydue rollout status deployment/api --timeout=20s
check "the audit file's chain is whole" 'chain is whole' run_sitrep actor audit verify
drive "who may only look is told so" reader <<'X'
wait api-
wait no incident
key 3
key R
wait needs the right to patch deployments
X
refute "and nothing of the reader's was written" '.' wrote sitrep-reader
finish

#!/bin/bash
# What breaks is the first verdict, and is gone when it is mended.
# shellcheck source=tests/cluster/tap.sh
. "$(dirname "$0")/tap.sh"
need_sitrep
start_cluster --grace 10

first() { echo "(.verdicts | length > 0) and .verdicts[0].id == \"$1\""; }
ready() { k get nodes --no-headers; }

fact "at first there is none" '.verdicts == []'
cluster coredns down
eventually 10 "CoreDNS crash-loops" '^coredns-.* 0/1 +CrashLoop' k -n kube-system get pods --no-headers
fact "CoreDNS down is the first verdict, within 5 s" "$(first coredns-down)" 5
fact "with matched evidence" '.verdicts[0].evidence | any(.state == "matched")'
cluster coredns up
fact "and gone when it is back" '.verdicts | map(.id) | index("coredns-down") | not' 30

cluster crash-deployment honeydue api
eventually 20 "the new revision crash-loops" '^api-.* 0/1 +CrashLoop' k -n honeydue get pods --no-headers
fact "the panicking revision is the first verdict" "$(first api-panic)" 12
fact "its action is the undo of the rollout" '.verdicts[0].action.verb == "rollout-undo"'
fact "with the exact command" \
	'.verdicts[0].action.command | test("rollout undo deployment/api")'
k -n honeydue rollout undo deployment/api >/dev/null
fact "and gone after the undo" '.verdicts == []' 30

cluster node-stop node-2
eventually 30 "the node is NotReady" '^node-2 +NotReady' ready
fact "the dead node is the first verdict, within 5 s" "$(first node-down)" 5
fact "it names the node" '.verdicts[0] | tostring | test("node-2")'
fact "with a clock" '.verdicts[0].clocks | length > 0'
cluster node-start node-2
fact "and gone when it is back" '.verdicts == []' 40
finish

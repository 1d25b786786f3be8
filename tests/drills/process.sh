#!/bin/bash
# sitrep-world as a process: its words, how it starts, and that it leaves nothing behind.
. "$(dirname "$0")/lib.sh"

w() {
	timeout 10 "$WORLD" "$@" 2>&1 </dev/null
	echo "status $?"
}

check "--help" '^usage: sitrep-world' w --help
check "--version" '^sitrep-world [0-9.]+' w --version
check "a wrong option is refused" '^status 64$' w --frob
check "a wrong port is refused" '^status 64$' w --kube-port 99999
check "a wrong speed is refused" 'what is "0"' w --speed 0
check "something else on the line is refused" 'what is "x"' w x
check "a missing drill is told" 'nothing.yaml.*No such file' w --scenario "$dir/nothing.yaml"
check "so is a missing cluster" 'nothing.yaml.*No such file' w --cluster "$dir/nothing.yaml"

export TMPDIR=$dir/tmp
mkdir "$TMPDIR"
world_start || not_ok "the world starts" "$(cat "$dir/err")"
check "one JSON line says that it is ready" \
	'^\{"ready":true,"kubeconfig":"[^"]+","redis":"redis://127.0.0.1:[0-9]+","config":"[^"]+/sitrep.yaml","pid":[0-9]+,"ssh":"[^"]+/ssh_config"\}$' \
	head -1 "$dir/out"
check "its kubeconfig is there" '^current-context: drill$' cat "$KUBECONFIG"
port=$(sed -n 's/.*server: .*:\([0-9]*\)$/\1/p' "$KUBECONFIG")
check "a port in use is told" "127.0.0.1:$port: Address already in use" w --kube-port "$port"
check "for the Redis too" "127.0.0.1:$redis_port: address already in use" \
	w --redis-port "$redis_port"
check "those left nothing behind" '^1$' sh -c "ls '$TMPDIR' | wc -l"
kill -TERM "$world_pid"
wait "$world_pid"
check "SIGTERM ends it in peace" '^0$' echo $?
check "and nothing is left behind" '^0$' sh -c "ls '$TMPDIR' | wc -l"
exec 9>&-
world_start --dir "$dir/own" || not_ok "the world starts" "$(cat "$dir/err")"
check "a folder of our choice" "\"kubeconfig\":\"$dir/own/kubeconfig\"" cat "$dir/out"
done_testing

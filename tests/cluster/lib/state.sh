# shellcheck shell=bash
# Processes and ports of one cluster. Every process carries the folder's name in its environment,
# so that a process id which the system gave to somebody else is never signalled.
: "${dir:=}"

note() { echo "cluster: $*" >&2; }

process_id() { cat "$dir/pid/$1" 2>/dev/null; }

# Is process NAME of this cluster there? A zombie isn't.
alive() {
	local pid
	pid=$(process_id "$1") || return 1
	grep -qzxF "SITREP_TEST_CLUSTER=$dir" "/proc/$pid/environ" 2>/dev/null || return 1
	! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status" 2>/dev/null
}

# Start NAME as a process of its own session; its output goes to log/NAME.
spawn() {
	local name=$1
	shift
	SITREP_TEST_CLUSTER=$dir setsid "$@" >>"$dir/log/$name" 2>&1 </dev/null 9>&- &
	echo $! >"$dir/pid/$name"
}

signal() {
	if alive "$1"; then
		kill "-$2" "$(process_id "$1")"
	fi
}

freeze() {
	alive "$1" || { note "$1 is not running"; return 1; }
	signal "$1" STOP
}

thaw() { signal "$1" CONT; }

# Stop NAME with SIGNAL and see it gone within 5 s; after that it is killed.
stop_process() {
	local i
	signal "$1" "$2"
	signal "$1" CONT
	for ((i = 0; i < 100; i++)); do
		alive "$1" || { rm -f "$dir/pid/$1"; return 0; }
		sleep 0.05
	done
	note "$1 does not stop, killing it"
	signal "$1" KILL
	rm -f "$dir/pid/$1"
}

cluster_down() {
	local file name
	[ -d "$dir/pid" ] || return 0
	for file in "$dir"/pid/*; do
		name=${file##*/}
		signal "$name" CONT
		signal "$name" TERM
	done
	for file in "$dir"/pid/*; do
		[ -e "$file" ] && stop_process "${file##*/}" TERM
	done
	return 0
}

# A port nobody listens on, below the range that the kernel hands out by itself.
ports_taken=" "
free_port() {
	local try
	for ((try = 0; try < 200; try++)); do
		port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
		case $ports_taken in *" $port "*) continue ;; esac
		if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
			ports_taken+="$port "
			return 0
		fi
	done
	note "no free port"
	return 1
}

# wait_for SECONDS WHAT COMMAND...: poll until COMMAND succeeds.
wait_for() {
	local seconds=$1 what=$2 deadline
	shift 2
	deadline=$((SECONDS + seconds))
	until "$@" >/dev/null 2>&1; do
		if [ "$SECONDS" -ge "$deadline" ]; then
			note "$what: not within $seconds s"
			return 1
		fi
		sleep 0.1
	done
}

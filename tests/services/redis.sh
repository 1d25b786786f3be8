#!/bin/bash
# A throw-away Redis in a folder, on a free port of 127.0.0.1, for tests in C and in shell.
#
#   redis.sh up DIR [KIND]...   start it; prints the settings below, also kept in DIR/env
#   redis.sh down DIR           stop it
#
# KIND: tls (needs the CA in DIR/ca.crt; port is TLS only), expired (the same with a certificate of
# yesterday), otherhost (the same with one for other.example), clientcert (the same, and who comes
# needs one, too: DIR/client.crt and client.key), acl (user mon may look, user op may
# write, both with a password; the default user is off), maxmemory (2 MB, noeviction),
# unix (no TCP port at all), full (maxmemory, and filled to the brim). Kinds go together.
#
# Settings: port, socket, url (for sitrep and redis-cli), ca, pid, log
set -euo pipefail

die() {
	echo "redis.sh: $*" >&2
	exit 1
}

free_port() {
	local try
	for ((try = 0; try < 200; try++)); do
		port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
		(: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || return 0
	done
	die "no free port"
}

runs() { [ -e "/proc/$1" ] && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; }

# A process id may have been given to somebody else meanwhile.
ours() {
	[ -n "${1:-}" ] && grep -qzxF "SITREP_TEST_REDIS=$dir" "/proc/$1/environ" 2>/dev/null && runs "$1"
}

# make_certificates KIND: a CA, and what the server shows
make_certificates() {
	local days=2 names=IP:127.0.0.1,DNS:localhost
	[ "$1" != expired ] || days=-1
	[ "$1" != otherhost ] || names=DNS:other.example
	local ec=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
	openssl req -x509 "${ec[@]}" -days 2 -subj /CN=test-ca \
		-keyout "$dir/ca.key" -out "$dir/ca.crt" 2>/dev/null
	openssl req -new "${ec[@]}" -subj /CN=localhost \
		-keyout "$dir/redis.key" -out "$dir/redis.csr" 2>/dev/null
	openssl x509 -req -in "$dir/redis.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -days "$days" \
		-set_serial 2 -extfile <(echo "subjectAltName=$names") \
		-out "$dir/redis.crt" 2>/dev/null
	[ "$1" = clientcert ] || return 0
	openssl req -new "${ec[@]}" -subj /CN=client \
		-keyout "$dir/client.key" -out "$dir/client.csr" 2>/dev/null
	openssl x509 -req -in "$dir/client.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -days 2 \
		-set_serial 3 -out "$dir/client.crt" 2>/dev/null
}

write_config() {
	local kind scheme=redis user='' listen=$port tls=0 clients=no
	for kind in "$@"; do
		case $kind in
		tls | expired | otherhost | clientcert)
			[ "$kind" != clientcert ] || clients=yes
			make_certificates "$kind" && scheme=rediss && listen=0 && tls=$port
			;;
		unix) listen=0 ;;
		plain | acl | maxmemory | full) ;;
		*) die "there is no kind called $kind" ;;
		esac
	done
	{
		echo "bind 127.0.0.1"
		echo "port $listen"
		echo "unixsocket $dir/redis.sock"
		echo "dir $dir"
		echo 'save ""'
		# A title would be written over the environment, by which the process is known.
		echo "set-proc-title no"
		if [ "$tls" != 0 ]; then
			echo "tls-port $tls"
			echo "tls-cert-file $dir/redis.crt"
			echo "tls-key-file $dir/redis.key"
			echo "tls-ca-cert-file $dir/ca.crt"
			echo "tls-auth-clients $clients"
		fi
	} >"$dir/redis.conf"
	for kind in "$@"; do
		case $kind in
		acl)
			echo "user default off"
			echo "user mon on >mon-secret ~* &* -@all +@read +@connection +info +scan +type \
+memory|usage +config|get +client|setname +client|id +client|kill +latency|latest +slowlog|get +dbsize"
			echo "user op on >op-secret ~* &* +@all"
			user=mon:mon-secret@
			;;
		maxmemory | full)
			echo "maxmemory 2mb"
			echo "maxmemory-policy noeviction"
			;;
		esac
	done >>"$dir/redis.conf"
	url=$scheme://${user}127.0.0.1:$port
	[ "$listen$tls" != 00 ] || url=unix://$dir/redis.sock
}

answers() {
	local reply
	reply=$(redis-cli -s "$dir/redis.sock" ping 2>&1) || return 1
	case $reply in PONG | NOAUTH* | *"uthentication required"*) return 0 ;; esac
	return 1
}

fill() {
	redis-cli -s "$dir/redis.sock" eval \
		"for i = 1, 100000 do local r = redis.pcall('SET', 'fill:' .. i, string.rep('x', 4096))
		if r.err then return i end end" 0 >/dev/null 2>&1 || true
}

up() {
	local i try
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd)
	command -v redis-server >/dev/null || die "redis-server is not installed"
	for ((try = 0; try < 5; try++)); do
		free_port
		write_config "$@"
		SITREP_TEST_REDIS=$dir setsid redis-server "$dir/redis.conf" >"$dir/log" 2>&1 </dev/null &
		pid=$!
		for ((i = 0; i < 200; i++)); do
			if answers; then
				printf '%s\n' "port=$port" "socket=$dir/redis.sock" "url=$url" \
					"ca=$dir/ca.crt" "pid=$pid" "log=$dir/log" | tee "$dir/env"
				case " $* " in *" full "*) fill ;; esac
				return 0
			fi
			runs "$pid" || break
			sleep 0.02
		done
	done
	tail -n 5 "$dir/log" >&2
	die "it does not start"
}

down() {
	local i
	[ -e "$dir/env" ] || return 0
	dir=$(cd "$dir" && pwd)
	pid=$(sed -n 's/^pid=//p' "$dir/env")
	if ours "$pid"; then
		kill -CONT "$pid"
		kill "$pid"
	fi
	for ((i = 0; i < 100; i++)); do
		ours "$pid" || return 0
		sleep 0.05
	done
	! ours "$pid" || kill -KILL "$pid"
}

[ $# -ge 2 ] || die "usage: redis.sh up DIR [tls|acl|maxmemory|full|unix]... | down DIR"
command=$1
dir=$2
shift 2
case $command in
up) up "$@" ;;
down) down ;;
*) die "there is no command called $command" ;;
esac

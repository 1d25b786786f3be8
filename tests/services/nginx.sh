#!/bin/bash
# A throw-away nginx in a folder, on free ports of 127.0.0.1, for status pages and probes.
#
#   nginx.sh up DIR     start it; prints the settings below, also kept in DIR/env
#   nginx.sh down DIR   stop it
#
# It serves DIR/www, with ETag and Last-Modified, on `http`, and on `https` with a certificate of
# DIR/ca.crt for localhost, site.example and 127.0.0.1. `expired` has one of yesterday, `otherhost`
# one for other.example. All of them know these places too:
#   /status/CODE       that answer (429 with Retry-After)
#   /reset             the connection is closed without a word
#   /drip/FILE         the file, ten bytes a second
#   /gzip/FILE         the file as it is, said to be gzip
#   /moved/FILE        sent on to /FILE; /loop for ever; /downgrade from https to http
#   /cdn-cgi/trace     as an edge in FRA
#   /edge/CODE         that answer with CF-RAY from FRA
#   /v2/               as a registry; /v2-elsewhere/ with another host's realm
#   /token             200 for the bearer "s3cret", else 401
#   /s3                403 as object storage refuses strangers
#   /dns/FILE          a file of DNS answers in JSON
#
# Settings: http, https, expired, otherhost (ports), ca, www, pid, log (requests)
set -euo pipefail

die() {
	echo "nginx.sh: $*" >&2
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

ours() {
	[ -n "${1:-}" ] && grep -qzxF "SITREP_TEST_NGINX=$dir" "/proc/$1/environ" 2>/dev/null &&
		! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

# make_certificate NAME DAYS SUBJECTALTNAMES
make_certificate() {
	openssl req -new "${ec[@]}" -subj "/CN=$1" -keyout "$dir/$1.key" -out "$dir/$1.csr" 2>/dev/null
	openssl x509 -req -in "$dir/$1.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -days "$2" \
		-set_serial "$RANDOM" -extfile <(echo "subjectAltName=$3") -out "$dir/$1.crt" 2>/dev/null
}

make_certificates() {
	local ec=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
	local ours=DNS:localhost,DNS:site.example,IP:127.0.0.1
	openssl req -x509 "${ec[@]}" -days 2 -subj /CN=test-ca \
		-keyout "$dir/ca.key" -out "$dir/ca.crt" 2>/dev/null
	make_certificate good 10 "$ours"
	make_certificate expired -1 "$ours"
	make_certificate otherhost 10 DNS:other.example
}

write_places() {
	cat <<X
root $dir/www;
location ~ ^/status/429\$ { add_header Retry-After 7 always; return 429 "slow down"; }
location = /status/403 { return 403 "x"; }
location = /status/404 { return 404 "x"; }
location = /status/500 { return 500 "x"; }
location = /status/502 { return 502 "x"; }
location = /status/503 { return 503 "x"; }
location = /reset { return 444; }
location /drip/ { alias $dir/www/; limit_rate 10; }
location /gzip/ { alias $dir/www/; default_type application/json; add_header Content-Encoding gzip; }
location /moved/ { rewrite ^/moved/(.*)\$ /\$1 redirect; }
location = /loop { return 302 /loop; }
location = /downgrade { return 302 http://127.0.0.1:$http/ok.json; }
location = /cdn-cgi/trace { return 200 "fl=1\\nh=x\\nip=127.0.0.1\\ncolo=FRA\\nsliver=none\\n"; }
location = /edge/200 { add_header CF-RAY 8d12-FRA always; return 200 "ok"; }
location = /edge/502 { add_header CF-RAY 8d12-FRA always; return 502 "x"; }
location = /edge/521 { add_header CF-RAY 8d12-FRA always; return 521; }
location = /v2/ {
	add_header Docker-Distribution-Api-Version registry/2.0 always;
	add_header WWW-Authenticate 'Bearer realm="https://localhost:$https/v2/token"' always;
	return 401 "{}";
}
location = /v2-elsewhere/ {
	add_header WWW-Authenticate 'Bearer realm="http://internal.example/v2/token"' always;
	return 401 "{}";
}
location = /token { if (\$http_authorization != "Bearer s3cret") { return 401; } return 200 "ok"; }
location = /s3 { add_header x-amz-request-id abc always; return 403; }
location /dns/ { alias $dir/www/; default_type application/dns-json; }
X
}

# server PORT [CERTIFICATE]
server() {
	if [ -n "${2:-}" ]; then
		echo "server { listen 127.0.0.1:$1 ssl; server_name _; ssl_certificate $dir/$2.crt;"
		echo "ssl_certificate_key $dir/$2.key; include $dir/places.conf; }"
	else
		echo "server { listen 127.0.0.1:$1; server_name _; include $dir/places.conf; }"
	fi
}

write_config() {
	local name
	for name in http https expired otherhost; do
		free_port
		printf -v "$name" %s "$port"
	done
	write_places >"$dir/places.conf"
	{
		[ "$(id -u)" -ne 0 ] || echo "user root;"
		echo "daemon off; master_process off; pid $dir/nginx.pid; error_log $dir/errors;"
		echo "events {}"
		echo "http {"
		echo "log_format short '\$request_uri \$status \$http_host \$ssl_server_name';"
		echo "access_log $dir/log short; etag on;"
		for name in client_body proxy fastcgi uwsgi scgi; do
			echo "${name}_temp_path $dir/temp;"
		done
		server "$http"
		# shellcheck disable=SC2154
		server "$https" good
		# shellcheck disable=SC2154
		server "$expired" expired
		# shellcheck disable=SC2154
		server "$otherhost" otherhost
		echo "}"
	} >"$dir/nginx.conf"
}

answers() { [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$http/status/404")" = 404 ]; }

up() {
	local i try
	mkdir -p "$dir/www"
	dir=$(cd "$dir" && pwd)
	command -v nginx >/dev/null || die "nginx is not installed"
	make_certificates
	for ((try = 0; try < 5; try++)); do
		write_config
		SITREP_TEST_NGINX=$dir setsid nginx -c "$dir/nginx.conf" -e "$dir/errors" \
			>"$dir/out" 2>&1 </dev/null &
		pid=$!
		for ((i = 0; i < 100; i++)); do
			if answers; then
				printf '%s\n' "http=$http" "https=$https" "expired=$expired" \
					"otherhost=$otherhost" "ca=$dir/ca.crt" "www=$dir/www" \
					"pid=$pid" "log=$dir/log" | tee "$dir/env"
				return 0
			fi
			ours "$pid" || break
			sleep 0.02
		done
	done
	tail -n 5 "$dir/errors" "$dir/out" >&2
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

[ $# -eq 2 ] || die "usage: nginx.sh up DIR | down DIR"
dir=$2
case $1 in
up) up ;;
down) down ;;
*) die "there is no command called $1" ;;
esac

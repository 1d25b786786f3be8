#!/bin/bash
# The kube backend through real TLS: nginx with certificates of our own stands for the API server.
# Authorities, client certificates, other names than the address, and what is wrong with them.
srcdir=${srcdir:-.}
sitrep=${SITREP:-$PWD/sitrep}
for program in nginx openssl jq; do
	command -v "$program" >/dev/null || {
		echo "1..0 # SKIP there is no $program"
		exit 77
	}
done
[ -x "$sitrep" ] || {
	echo "1..0 # SKIP sitrep is not built"
	exit 77
}
dir=$(mktemp -d "${TMPDIR:-/tmp}/kube-tls.XXXXXX") || exit 99
points=0
failures=0
unset KUBECONFIG
export XDG_CONFIG_HOME=$dir XDG_STATE_HOME=$dir
clean_up() {
	[ ! -s "$dir/nginx.pid" ] || kill "$(cat "$dir/nginx.pid")" 2>/dev/null
	rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj "/CN=$1" -keyout "$dir/$1.key" -out "$dir/$1.crt" 2>/dev/null
}

# certificate NAME CA DAYS [SAN]
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$dir/$1.key" -out "$dir/$1.csr" 2>/dev/null
	openssl x509 -req -in "$dir/$1.csr" -CA "$dir/$2.crt" -CAkey "$dir/$2.key" -CAcreateserial \
		-days "$3" -extfile <(echo "${4:+subjectAltName=$4}") -out "$dir/$1.crt" 2>/dev/null
}

authority ca
authority stranger
certificate server ca 2 DNS:kubernetes,DNS:kubernetes.default
certificate expired ca -1 DNS:kubernetes,IP:127.0.0.1
certificate person ca 2
certificate nobody stranger 2

block() {
	cat <<X
  server {
    listen 127.0.0.1:$1 ssl;
    ssl_certificate $dir/$2.crt;
    ssl_certificate_key $dir/$2.key;
    ssl_client_certificate $dir/ca.crt;
    ssl_verify_client optional_no_ca;
    default_type application/json;
    if (\$ssl_client_verify != SUCCESS) { return 401 '{"kind":"Status","message":"Unauthorized","code":401}'; }
    location = /readyz { return 200 ok; }
    location = /version { return 200 '{"gitVersion":"v9.9.9"}'; }
    location = /api/v1/nodes { return 200 '{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"by-tls"}}]}'; }
    location / { return 200 '{"metadata":{"resourceVersion":"1"},"items":[]}'; }
  }
X
}
write_nginx() {
	echo "pid $dir/nginx.pid; error_log stderr crit; worker_processes 1; events { }"
	echo "http { access_log off; client_body_temp_path $dir/t1; proxy_temp_path $dir/t2;"
	echo "fastcgi_temp_path $dir/t3; uwsgi_temp_path $dir/t4; scgi_temp_path $dir/t5;"
	block "$port" server
	block "$old" expired
	echo "}"
}

# Ports may be someone else's: try others.
for ((attempt = 0; attempt < 5; attempt++)); do
	port=$((20000 + RANDOM % 20000))
	old=$((port + 1))
	write_nginx >"$dir/nginx.conf"
	nginx -e stderr -c "$dir/nginx.conf" 2>"$dir/errors" && break
done
[ "$attempt" -lt 5 ] || {
	cat "$dir/errors"
	echo "Bail out! nginx does not start"
	exit 1
}

# look CLUSTER-YAML USER-YAML: a look through a kubeconfig with these
look() {
	cat >"$dir/kubeconfig" <<X
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {$1}}]
users: [{name: u, user: {$2}}]
X
	"$sitrep" --kubeconfig "$dir/kubeconfig" --once --json --timeout 3 >"$dir/once" 2>"$dir/said" \
		</dev/null
}

# is NAME JQ
is() {
	points=$((points + 1))
	if jq -e "$2" "$dir/once" >/dev/null 2>&1; then
		echo "ok $points - $1"
	else
		echo "not ok $points - $1"
		jq -c '[.cluster.freshness, .nodes]' "$dir/once" 2>&1 | head -c 1500 | sed 's/^/# /'
		head -n 3 "$dir/said" | sed 's/^/# /'
		failures=$((failures + 1))
	fi
}

here="server: 'https://127.0.0.1:$port'"
ours="certificate-authority: ca.crt"
mine="client-certificate: person.crt, client-key: person.key"
seen='.nodes.items[0].name == "by-tls" and .cluster.version == "v9.9.9"'
base64_of() { base64 -w0 "$dir/$1"; }

look "$here, $ours, tls-server-name: kubernetes" "$mine"
is "the certificate's name is another than the address" "$seen"
look "$here, certificate-authority-data: $(base64_of ca.crt), tls-server-name: kubernetes" \
	"client-certificate-data: $(base64_of person.crt), client-key-data: $(base64_of person.key)"
is "all of it given as data" "$seen"
look "$here, insecure-skip-tls-verify: true" "$mine"
is "unchecked, as it was asked for" "$seen"
look "$here, $ours" "$mine"
is "a wrong name is refused, and says so" \
	'.nodes.items == [] and (.cluster.freshness.reason | test("name|match"; "i"))'
look "$here, certificate-authority: stranger.crt, tls-server-name: kubernetes" "$mine"
is "so is another authority" \
	'.nodes.items == [] and (.cluster.freshness.reason | test("certificate"; "i"))'
look "server: 'https://127.0.0.1:$old', $ours" "$mine"
is "so is a certificate that has run out" \
	'.nodes.items == [] and (.cluster.freshness.reason | test("expired"; "i"))'
look "$here, $ours, tls-server-name: kubernetes" "client-certificate: nobody.crt, client-key: nobody.key"
is "a stranger's certificate is refused by the server" \
	'.nodes.freshness.state == "refused" and (.nodes.freshness.reason | test("Unauthorized"))'
look "$here, $ours, tls-server-name: kubernetes" "client-certificate: person.crt, client-key: nobody.key"
is "a key that doesn't belong to the certificate is told" \
	'.nodes.items == [] and (.cluster.freshness.reason | length > 0)'
look "server: 'http://127.0.0.1:$port'" "$mine"
is "plain HTTP to a TLS port is no cluster" '.nodes.items == [] and .nodes.freshness.state != "fresh"'
echo "1..$points"
[ "$failures" -eq 0 ]

#!/bin/bash
# Probes of every kind against real servers: nginx with good and bad certificates, a mail server,
# resolvers; what hangs, and what lies.
# shellcheck source=tests/services/lib.sh
. "$(dirname "$0")/lib.sh"
nginx_up
silent_server

dns() { printf '{"Status":%s,"Answer":[{"name":"x","type":5,"data":"y."},{"name":"x","type":1,"data":"%s"}]}' "$@"; }
dns 0 127.0.0.1 >"$www/ours"
dns 0 6.6.6.6 >"$www/theirs"
dns 2 127.0.0.1 >"$www/servfail"
echo '{"Answer":[{"type":1,"data":"\u001b[2J"}],"Status":0}' >"$www/poison"
echo 'nonsense' >"$www/nonsense"
head -c 600000 /dev/zero | tr '\0' x >"$www/big"

# An exim of our own, on a free port, with STARTTLS.
mail_up() {
	local exim
	exim=$(command -v exim4 || echo /usr/sbin/exim4)
	[ -x "$exim" ] || return 1
	mkdir -p "$work/spool"
	cat >"$work/exim.conf" <<X
primary_hostname = mail.example
spool_directory = $work/spool
log_file_path = $work/spool/%slog
pid_file_path = $work/exim.pid
exim_user = $(id -un)
local_interfaces = 127.0.0.1
daemon_smtp_ports = $1
tls_certificate = $work/nginx/good.crt
tls_privatekey = $work/nginx/good.key
tls_advertise_hosts = ${2-*}
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
begin acl
X
	chmod 644 "$work/exim.conf"
	"$exim" -bdf -C "$work/exim.conf" >"$work/exim.out" 2>&1 &
	children+=($!)
	for _ in $(seq 100); do
		(: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
		sleep 0.05
	done
	return 1
}
mail=$((32000 + RANDOM % 500))
mail_up "$mail" && has_mail=yes || has_mail=

export OBS_TOKEN=s3cret BAD_TOKEN=wrong
config <<X
kube: {enabled: false}
probes:
  - {name: site, kind: edge, url: "https://localhost:@https@/edge/200", ca_file: @ca@}
  - {name: edge521, kind: edge, url: "https://localhost:@https@/edge/521", ca_file: @ca@}
  - {name: edge502, kind: edge, url: "https://localhost:@https@/edge/502", ca_file: @ca@}
  - {name: plain, url: "http://127.0.0.1:@http@/edge/200"}
  - {name: teapot, url: "http://127.0.0.1:@http@/status/404", expect_status: [200, "404-405"]}
  - {name: missing, url: "http://127.0.0.1:@http@/status/404"}
  - {name: big, url: "http://127.0.0.1:@http@/big"}
  - {name: reset, url: "http://127.0.0.1:@http@/reset"}
  - {name: untrusted, url: "https://localhost:@https@/edge/200"}
  - {name: insecure, url: "https://localhost:@https@/edge/200", insecure: true}
  - {name: expired, url: "https://localhost:@expired@/edge/200", ca_file: @ca@}
  - {name: otherhost, url: "https://localhost:@otherhost@/edge/200", ca_file: @ca@}
  - {name: silent, url: "http://127.0.0.1:$silent/", timeout: 700ms}
  - {name: nobody, url: "http://127.0.0.1:1/"}
  - name: origin
    kind: origin
    url: https://site.example/edge/200
    ca_file: @ca@
    via: ["one=127.0.0.1:@https@", "two=127.0.0.1:1", "three=127.0.0.1:@otherhost@"]
  - {name: registry, kind: registry, url: "https://localhost:@https@/v2/", ca_file: @ca@}
  - {name: elsewhere, kind: registry, url: "https://localhost:@https@/v2-elsewhere/", ca_file: @ca@}
  - {name: noregistry, kind: registry, url: "https://localhost:@https@/token", ca_file: @ca@}
  - {name: obs, kind: obs, url: "https://localhost:@https@/token", ca_file: @ca@, bearer: {env: OBS_TOKEN}}
  - {name: obsbad, kind: obs, url: "https://localhost:@https@/token", ca_file: @ca@, bearer: {env: BAD_TOKEN}}
  - {name: obsnone, kind: obs, url: "https://localhost:@https@/token", ca_file: @ca@, bearer: {env: NO_SUCH_TOKEN}}
  - {name: s3, kind: storage, url: "https://localhost:@https@/s3", ca_file: @ca@}
  - {name: nos3, kind: storage, url: "https://localhost:@https@/status/403", ca_file: @ca@}
  - {name: tcp, kind: tcp, url: "tcp://127.0.0.1:$silent"}
  - {name: notcp, kind: tcp, url: "tcp://127.0.0.1:1"}
  - name: agree
    kind: dns
    host: localhost
    resolvers: [system, "http://127.0.0.1:@http@/dns/ours"]
    expect: [127.0.0.0/8]
  - name: hijack
    kind: dns
    host: localhost
    resolvers: [system, "http://127.0.0.1:@http@/dns/theirs"]
  - {name: range, kind: dns, host: localhost, resolvers: "http://127.0.0.1:@http@/dns/theirs", expect: 127.0.0.0/8}
  - {name: servfail, kind: dns, host: localhost, resolvers: "http://127.0.0.1:@http@/dns/servfail"}
  - {name: poison, kind: dns, host: localhost, resolvers: "http://127.0.0.1:@http@/dns/poison"}
  - {name: nonsense, kind: dns, host: localhost, resolvers: "http://127.0.0.1:@http@/dns/nonsense"}
  - {name: nosuch, kind: dns, host: no-such-name.invalid}
  - {name: mail, kind: smtp, url: "smtp://localhost:$mail", ca_file: @ca@}
  - {name: mailuntrusted, kind: smtp, url: "smtp://localhost:$mail"}
  - {name: mailsilent, kind: smtp, url: "smtp://127.0.0.1:$silent", timeout: 700ms}
X
began=$(date +%s%N)
take_facts
took=$((($(date +%s%N) - began) / 1000000))
probe() { facts ".probes.by_name.\"$1\" | [.result, .failed_at, .text]"; }
check "edge: answers" '"ok",null,"200"' probe site
check "edge: says from where" FRA facts .probes.by_name.site.pop
check "edge: the certificate's days are counted" '^9$' facts .probes.by_name.site.cert_days
check "edge: every step has its time" '^true$' \
	facts '.probes.by_name.site.ms | .tcp > 0 and .tls > 0 and .answer > 0 and .total >= .tls'
check "edge: 521 is told in words" '"failed","answer",.*origin refuses' probe edge521
check "edge: a 502 has a teller" '"failed","answer",.*502, told by nginx' probe edge502
check "plain HTTP" '"ok",null,"200"' probe plain
check "what is expected is good" '"ok",null,"404"' probe teapot
check "what isn't, is bad" '"failed","answer","answers 404"' probe missing
check "a page without end" '"ok",null,"200"' probe big
check "a connection that breaks" '"failed","answer",.*closed' probe reset
check "an unknown authority" '"failed","tls",.*certificate' probe untrusted
check "unless nobody asks" '"ok",null' probe insecure
check "an expired certificate" '"failed","tls",.*expired' probe expired
check "a certificate for another host" '"failed","tls"' probe otherhost
check "a server that says nothing" '"failed","answer",.*in time' probe silent
check "nobody there" '"failed","tcp",.*refuses' probe nobody
check "an origin at its own address" '"ok",null,"200"' probe "origin one"
check "is asked with the site's Host and SNI" '^/edge/200 200 site.example site.example$' cat "$log"
check "another origin is dead" '"failed","tcp","127.0.0.1:1 refuses' probe "origin two"
check "another has the wrong certificate" '"failed","tls"' probe "origin three"
check "a registry's 401 is good" '"ok",null,"401 registry/2.0"' probe registry
check "where it sends clients is told" '"ok",null,.*internal.example' probe elsewhere
check "any other 401 isn't" '"failed","answer"' probe noregistry
check "a token opens" '"ok",null,"200"' probe obs
check "a wrong token is our fault" '"failed","my rights"' \
	facts '.probes.by_name.obsbad | [.result, .freshness.fault]'
check "without a token nothing is known" '"unknown","refused"' \
	facts '.probes.by_name.obsnone | [.result, .freshness.state]'
check "storage refuses strangers and lives" '"ok",null,"403' probe s3
check "a 403 without its mark isn't storage" '"failed","answer"' probe nos3
check "tcp: accepts" '"ok",null,"accepts"' probe tcp
check "tcp: refuses" '"failed","tcp"' probe notcp
check "the system's resolver" '"ok",null,"127.0.0.1"' probe "agree system"
check "one over HTTPS" '"ok",null,"127.0.0.1"' probe "agree 127.0.0.1"
check "resolvers that agree" '^false$' facts '.probes.by_name."agree system".disagrees'
check "resolvers that don't" '^true$' facts '.probes.by_name."hijack system".disagrees'
check "an answer outside of the ranges" '"failed","dns","6.6.6.6 is outside' probe "range 127.0.0.1"
check "SERVFAIL" '"failed","dns","SERVFAIL' probe "servfail 127.0.0.1"
check "an answer that is no address is none" '"failed","dns","the name has no' probe "poison 127.0.0.1"
check "an answer that is no DNS" '"failed","dns",.*no DNS' probe "nonsense 127.0.0.1"
check "a name that isn't there" '"failed","dns"' probe "nosuch system"
if [ -n "$has_mail" ]; then
	check "mail: greeting, STARTTLS, NOOP" '"ok",null,"220 mail.example"' probe mail
	check "mail: its certificate" '^9$' facts .probes.by_name.mail.cert_days
	check "mail: an unknown authority" '"failed","tls",.*certificate' probe mailuntrusted
else
	echo "# no exim4: mail isn't tested"
fi
check "mail: a server that says nothing" '"failed","answer",.*in time' probe mailsilent
# A rule must be able to tell them apart without reading sentences.
causes() { facts '[.probes.by_name | .reset, .untrusted, .silent, .nobody, .missing, .obsbad,
	."origin two", ."origin three", ."range 127.0.0.1", ."servfail 127.0.0.1",
	."poison 127.0.0.1", ."nonsense 127.0.0.1", .notcp, .mailsilent, .site | .cause] | join(" ")'; }
check "what fails is never well for cron" '^FAILING probe .*; and [0-9]* more; unknown: probe obs' \
	look check
check "why one failed, in one word" "^\"broke tls timeout refused status token refused tls outside \
servfail no_name nonsense refused timeout \"$" causes
check "what answers out there proves our own link" '^true$' facts '.link.outside |
	.answering >= 2 and .answering < .total and .second_age <= 60'
check "no token is ever shown" '^0$' grep -c s3cret "$work/facts"
check "what hangs holds up nothing" '^ok$' eval "[ $took -lt 4000 ] && echo ok || echo $took ms"

# What an app outside of the cluster tells, at an address of its own.
cat >"$www/metrics" <<'X'
# HELP vm_rows_inserted_total rows
vm_rows_inserted_total{type="a"} 40
vm_rows_inserted_total{type="b"} 2
vm_app_start_timestamp 1.7e9
X
head -c 17000000 /dev/zero | tr '\0' 'x' | fold -w 60 | sed 's/$/ 1/' >"$www/endless"
config <<X
kube: {enabled: false}
app_metrics:
  - {name: store, url: "https://localhost:@https@/metrics", ca_file: @ca@,
     keep: ["vm_rows_*_total", vm_app_start_timestamp, vm_rows_dropped_total]}
  - {name: told, url: "https://localhost:@https@/token", ca_file: @ca@, keep: x, bearer: {env: OBS_TOKEN}}
  - {name: refused, url: "https://localhost:@https@/token", ca_file: @ca@, keep: x, bearer: {env: BAD_TOKEN}}
  - {name: noone, url: "https://localhost:@https@/token", ca_file: @ca@, keep: x, bearer: {env: NO_SUCH_TOKEN}}
  - {name: untrusted, url: "https://localhost:@https@/metrics", keep: x}
  - {name: broken, url: "http://127.0.0.1:@http@/status/500", keep: x}
  - {name: endless, url: "http://127.0.0.1:@http@/endless", keep: y}
  - {name: nobody, url: "http://127.0.0.1:1/metrics", keep: x}
X
take_facts
app() { facts ".apps.$1.freshness | [.state, .fault, .reason]"; }
check "an app at its own address" '^\["fresh","none",null\]$' app store
check "its metrics, summed" '^\[42,2,1700000000\(\.0\)\?\]$' facts '.apps.store.values |
	[.vm_rows_inserted_total.sum, .vm_rows_inserted_total.series, .vm_app_start_timestamp.max]'
check "a metric that isn't there" '^\["vm_rows_dropped_total"\]$' facts .apps.store.missing
check "what is no metrics" '"unknown","the server","the answer is no Prometheus' app told
check "a refused token" '"refused","my rights","it answers 401"' app refused
check "no token" '"refused","my rights"' app noone
check "an unknown authority" '"unknown","the server",".*certificate' app untrusted
check "an error" '"unknown","the server","it answers 500"' app broken
check "an answer without end" '"unknown","the server","the answer is longer' app endless
check "nobody there" '"unknown","the server",.*refuses' app nobody
check "what it costs is told" '^true$' facts '.cost.apps.requests >= 7'
check "nothing is told of a token" '^0$' grep -c s3cret "$work/facts"
printf 'app_metrics:\n  - {name: a, keep: x}\n' >"$work/config.yaml"
check "an app is asked somewhere" 'config.yaml:2:.*either service or url' look facts

# A proxy of the environment is for the web, not for what is asked at an address of its own.
config <<X
kube: {enabled: false}
probes:
  - {name: at, kind: origin, url: "http://site.example/edge/200", via: "one=127.0.0.1:@http@", timeout: 1s}
  - {name: tcp, kind: tcp, url: "tcp://127.0.0.1:1", timeout: 1s}
X
http_proxy=http://127.0.0.1:$silent no_proxy='' NO_PROXY='' look facts >"$work/facts"
check "an origin is asked at its own address" '"ok",null,"200"' probe "at one"
check "and no proxy accepts for a port" '"failed","tcp"' probe tcp

# A name server that hangs doesn't hold us when we leave.
if command -v gcc >/dev/null && ! grep -qa __asan_init "$sitrep"; then
	cat >"$work/slow.c" <<'X'
#include <netdb.h>
#include <unistd.h>
int getaddrinfo(const char *a, const char *b, const struct addrinfo *c, struct addrinfo **d)
{
	sleep(12);
	*d = 0;
	return EAI_AGAIN;
}
X
	gcc -shared -fPIC -o "$work/slow.so" "$work/slow.c"
	config <<'X'
kube: {enabled: false}
probes:
  - {name: hanging, kind: dns, host: name.example, timeout: 500ms}
  - {name: site, url: "https://site.example/", timeout: 500ms}
X
	began=$(date +%s%N)
	LD_PRELOAD=$work/slow.so look --once --timeout 2 >"$work/once"
	took=$((($(date +%s%N) - began) / 1000000))
	check "a name server that hangs: told" 'hanging.*failed.*dns' cat "$work/once"
	check "and left behind" '^ok$' eval "[ $took -lt 6000 ] && echo ok || echo $took ms"
fi
finish

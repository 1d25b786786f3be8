#!/bin/bash
# Status pages on a real server: what is asked, what is not asked twice, and everything that can be
# wrong with an answer. What is in the bodies is test_status's business.
# shellcheck source=tests/services/lib.sh
. "$(dirname "$0")/lib.sh"
nginx_up
silent_server

cat >"$www/page.json" <<'X'
{"page":{"name":"Edge"},"status":{"indicator":"major"},"components":[
{"id":"g","name":"Europe","group":true,"status":"operational"},
{"id":"1","name":"CDN","status":"operational"},
{"id":"2","name":"Frankfurt, Germany - (FRA)","status":"partial_outage","group_id":"g"},
{"id":"3","name":"Singapore - (SIN)","status":"major_outage","group_id":"g"}],
"incidents":[{"id":"i","name":"Fibre cut in Frankfurt","status":"identified","impact":"major",
"started_at":"2026-01-02T03:04:05Z","components":[{"id":"2","name":"Frankfurt, Germany - (FRA)"}],
"incident_updates":[{"body":"It is <b>being</b> repaired.","status":"identified"}]}]}
X
echo '{"page":{"name":"Edge"},"status":{"indicator":"none"},"components":[]}' >"$www/ok.json"
head -c 500 "$www/page.json" >"$www/cut.json"
{ printf '{"page":{},"status":{},"x":"'; head -c 5000000 /dev/zero | tr '\0' x; printf '"}'; } >"$www/huge.json"
head -c 200000000 /dev/zero | gzip -1 >"$www/bomb.json"
gzip -c "$www/page.json" >"$www/small.json"
echo '<html><title>just a moment</title></html>' >"$www/page.html"
cat >"$www/feed.atom" <<'X'
<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>
X
# What stands only in the feed, a quarter of an hour ago.
cat >"$www/feed.rss" <<X
<rss version="2.0"><channel><title>x</title><item><guid>1</guid><title>Storage unavailable</title>
<pubDate>$(date -u -R -d '-15 min')</pubDate><description>looking</description></item></channel></rss>
X

config <<'X'
kube: {enabled: false}
vendors:
  - {name: edge, url: "http://127.0.0.1:@http@/page.json", components: CDN,
     pop_url: "http://127.0.0.1:@http@/cdn-cgi/trace", every: 10s}
  - {name: tls, url: "https://localhost:@https@/ok.json", ca_file: @ca@}
  - {name: untrusted, url: "https://localhost:@https@/ok.json"}
  - {name: expired, url: "https://localhost:@expired@/ok.json", ca_file: @ca@}
  - {name: otherhost, url: "https://localhost:@otherhost@/ok.json", ca_file: @ca@}
  - {name: moved, url: "http://127.0.0.1:@http@/moved/ok.json"}
  - {name: loop, url: "http://127.0.0.1:@http@/loop"}
  - {name: downgrade, url: "https://localhost:@https@/downgrade", ca_file: @ca@}
  - {name: cut, url: "http://127.0.0.1:@http@/cut.json"}
  - {name: huge, url: "http://127.0.0.1:@http@/huge.json"}
  - {name: bomb, url: "http://127.0.0.1:@http@/gzip/bomb.json"}
  - {name: small, url: "http://127.0.0.1:@http@/gzip/small.json", components: CDN}
  - {name: html, url: "http://127.0.0.1:@http@/page.html"}
  - {name: wrong, url: "http://127.0.0.1:@http@/ok.json", format: statusio}
  - {name: many, url: "http://127.0.0.1:@http@/status/429"}
  - {name: broken, url: "http://127.0.0.1:@http@/status/500"}
  - {name: reset, url: "http://127.0.0.1:@http@/reset"}
  - {name: other, url: "http://127.0.0.1:@http@/status/403", fallback: "http://127.0.0.1:@http@/ok.json"}
  - {name: two, url: "http://127.0.0.1:@http@/ok.json", also: "http://127.0.0.1:@http@/feed.rss"}
  - {name: half, url: "http://127.0.0.1:@http@/ok.json", also: "http://127.0.0.1:@http@/status/500"}
  - {name: feed, url: "http://127.0.0.1:@http@/feed.atom"}
X
take_facts
state() { facts "[.vendors.by_name.$1 | .state, .freshness.state, .freshness.reason]"; }
check "a page: our own POP counts, and no other" '"partial outage","fresh"' state edge
check "the incident is dated as the page dates it" '^\[1767323045,"Fibre cut in Frankfurt"\]$' \
	facts '[.vendors.by_name.edge | .notices[0].started, .headline]'
check "the POP is the one that serves us" FRA facts .vendors.by_name.edge.pop
check "over TLS" '"ok","fresh"' state tls
check "an unknown authority" '"unknown","unknown".*certificate' state untrusted
check "an expired certificate" '"unknown","unknown".*expired' state expired
check "a certificate for another host" '"unknown","unknown".*localhost' state otherhost
check "a page that has moved" '"ok","fresh"' state moved
check "a page that moves for ever" '"unknown","unknown".*redirect' state loop
check "a page that sends us to plain HTTP" '"unknown","unknown"' state downgrade
check "a body cut short" '"unknown","unknown".*cut short' state cut
check "a body without end" '"unknown","unknown".*larger than' state huge
check "a small body that unpacks to a huge one" '"unknown","unknown".*larger than' state bomb
check "a packed body" '"ok","fresh"' state small
check "a web page instead" '"unknown","unknown".*web page' state html
check "another format than configured" '"unknown","unknown".*not statusio' state wrong
check "too many requests" '"unknown","unknown".*429' state many
check "an error" '"unknown","unknown".*500' state broken
check "a connection that breaks" '"unknown","unknown".*closed' state reset
check "refused at one address, read at the other" '"ok","fresh"' state other
check "what stands in the second document counts" '"partial outage","fresh"' state two
check "half of what should be read isn't enough" '"ok","unknown".*500\|"unknown","unknown".*500' state half
check "an empty feed" '"ok","fresh"' state feed
check "the tally" '^\[21,7,2\]$' facts '[.vendors | .total, .answering, .troubled]'
check "requests are counted" true facts '.cost.vendors.requests > 20'

# A page that says nothing holds up no other.
config <<X
kube: {enabled: false}
vendors:
  - {name: silent, url: "http://127.0.0.1:$silent/"}
  - {name: drip, url: "http://127.0.0.1:@http@/drip/page.json"}
  - {name: fine, url: "http://127.0.0.1:@http@/ok.json"}
X
began=$(date +%s%N)
look --once --timeout 1 >"$work/once"
took=$((($(date +%s%N) - began) / 1000000))
check "a page that says nothing: the others are told in time" '^ok$' \
	eval "[ $took -lt 3000 ] && echo ok || echo $took ms"
check "what has answered is told" 'fine: ok' cat "$work/once"
check "what hasn't is unknown" 'silent: unknown' cat "$work/once"

# Asked again, a page that hasn't changed says so in a few bytes; then it stops answering.
config <<'X'
kube: {enabled: false}
vendors:
  - {name: edge, url: "http://127.0.0.1:@http@/page.json", components: CDN, every: 10s}
X
: >"$log"
timeout 20 "${VTDRIVE:-tests/screen/vtdrive}" -s 100x20 "$sitrep" --config "$work/config.yaml" >"$work/screen" 2>&1 <<'X'
wait 1/1 ok
pause 12000
wait 1/1 ok
key q
exit 0
X
check "not modified: 304, and still known" 'page.json 304' cat "$log"
finish

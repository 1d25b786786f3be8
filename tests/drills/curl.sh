#!/bin/bash
# The real curl on the world's outside: status pages in every format, the edge, the origins, DNS,
# registry, storage, mail; a drill's steps break each of them, and sitrep sees it.
# shellcheck source=tests/drills/lib.sh
. "$(dirname "$0")/lib.sh"
command -v curl >/dev/null || skip_all "curl is not installed"
command -v jq >/dev/null || skip_all "jq is not installed"
SITREP=${SITREP:-./sitrep}
[ -x "$SITREP" ] || skip_all "$SITREP is not built"
XDG_STATE_HOME=$dir/state
export XDG_STATE_HOME

cat >"$dir/drill.yaml" <<'X'
timeline:
  - {at: 1, do: vendor-incident, vendor: Cloudflare, component: "Frankfurt, Germany - (FRA)", impact: partial, title: Fibre cut, message: "It is <b>being</b> repaired."}
  - {at: 1, do: vendor-incident, vendor: Neon, component: Database Connectivity, region: AWS us-east-1, impact: major, title: Computes do not start}
  - {at: 1, do: vendor-incident, vendor: Backblaze, component: US East Region, impact: degraded, title: Slow uploads}
  - {at: 1, do: vendor-incident, vendor: Hetzner, component: NBG1-DC3, impact: major, title: Network outage}
  - {at: 1, do: vendor-incident, vendor: Fastmail, component: Mail sending, impact: maintenance, title: Disks}
  - {at: 1, do: vendor-incident, vendor: Pager, component: Alerts, impact: major, title: No alerts}
  - {at: 1, do: stop-node, node: ubuntu-8gb-nbg1-3}
  - {at: 1, do: endpoint-fault, endpoint: edge/admin.myhoneydue.com, fault: status, status: 521}
  - {at: 1, do: endpoint-fault, endpoint: origin/ubuntu-8gb-nbg1-2, fault: reset}
  - {at: 1, do: endpoint-fault, endpoint: dns-b, fault: answer, answer: 6.6.6.6}
  - {at: 1, do: endpoint-fault, endpoint: registry, fault: hang}
  - {at: 1, do: endpoint-fault, endpoint: storage, fault: slow, delay: 0.3}
  - {at: 1, do: endpoint-fault, endpoint: smtp, fault: status, status: 421}
  - {at: 1, do: endpoint-fault, endpoint: obs, fault: status, status: 503}
  - {at: 45, do: vendor-resolved, vendor: Cloudflare}
  - {at: 45, do: endpoint-heal, endpoint: registry}
healed:
  - {vendor_well: Cloudflare, endpoint_well: registry}
X
# Vendors and probes stand in the world's configuration as JSON, one line each.
read_config() {
	config=$(head -n 1 "$dir/out" | jq -r .config)
	sed -n 's/^\(vendors\|probes\): \(.*\)$/{"\1": \2}/p' "$config" | jq -s add >"$dir/outside"
}
world_start || not_ok "the world starts" "$(cat "$dir/err")"
read_config
url_of() { jq -r "(.vendors + .probes)[] | select(.name == \"$1\") | .$2" "$dir/outside"; }
get() { curl -s -m 1 "$@"; }
says() { # NAME JQ URL
	if [ "$(get "$3" | jq "$2" 2>/dev/null)" = true ]; then
		ok "$1"
	else
		not_ok "$1"
	fi
}
answers() { # NAME CODE CURL ARGUMENTS
	name=$1
	want=$2
	shift 2
	got=$(get -o /dev/null -w '%{http_code}' "$@")
	if [ "$got" = "$want" ]; then ok "$name"; else not_ok "$name: $got"; fi
}
edge=$(url_of api.myhoneydue.com via | sed 's/.*=//')
origin() { jq -r '.probes[] | select(.name == "origin") | .via[]' "$dir/outside" | sed -n "s/^ubuntu-8gb-nbg1-$1=//p"; }
site() { echo "api.myhoneydue.com:80:$1"; }

says "statuspage" '.status.indicator == "none" and (.components | length) > 5' "$(url_of Cloudflare url)"
says "statusio" '.result.status[0].containers[0].status_code == 100' "$(url_of Neon url)"
says "firehydrant" '.incidents == []' "$(url_of Backblaze url)"
says "instatus" '.page.status == "UP" and (has("activeIncidents") | not)' "$(url_of Fastmail url)"
says "instatus: its components" '.components[0].status == "OPERATIONAL"' "$(url_of Fastmail also)"
says "incidentio" '.ongoing_incidents == []' "$(url_of Pager url)"
if get "$(url_of Hetzner url)" | grep -q '<feed'; then ok "a feed"; else not_ok "a feed"; fi
tag=$(get -D - -o /dev/null "$(url_of Cloudflare url)" | tr -d '\r' | sed -n 's/^ETag: //p')
answers "a page that hasn't changed" 304 -H "If-None-Match: $tag" "$(url_of Cloudflare url)"
if get "http://$edge/cdn-cgi/trace" | grep -qx colo=FRA; then ok "the edge's place"; else not_ok "the edge's place"; fi
answers "a site by way of the edge" 200 --connect-to "$(site "$edge")" http://api.myhoneydue.com/api/health/
answers "the same at an origin" 200 --connect-to "$(site "$(origin 1)")" http://api.myhoneydue.com/api/health/
answers "no other site" 404 "http://$(origin 1)/"
answers "the registry" 401 "$(url_of registry url)"
answers "observability wants a token" 401 "$(url_of obs url)"
answers "and takes the right one" 200 -H "Authorization: Bearer drill" "$(url_of obs url)"
answers "storage refuses strangers" 403 "$(url_of storage url)"
says "DNS" '.Answer[0].data == "104.18.12.34"' "$(jq -r '.probes[] | select(.name == "dns") | .resolvers[0]' "$dir/outside")?name=x"
if get -v "$(url_of mail url)/x" -X NOOP -I 2>&1 | grep -q '^< 220 mail.drill'; then
	ok "mail greets"
else
	not_ok "mail greets"
fi

see() { "$SITREP" --config "$config" --timeout 3 facts 2>/dev/null; }
# A busy machine may not let every answer in before the deadline: it is looked at again.
sees() { # NAME JQ
	for _ in 1 2 3 4; do
		if [ "$(jq "$2" "$dir/facts" 2>/dev/null)" = true ]; then
			ok "$1"
			return
		fi
		see >"$dir/facts"
	done
	not_ok "$1" "$(jq -c '.vendors.by_name, .probes.by_name' "$dir/facts")"
}
see >"$dir/facts"
sees "sitrep finds all well before" '.vendors.answering == 6 and .vendors.troubled == 0 and .probes.failed == 0 and .probes.unknown == 0'
world_stop
world_start --scenario "$dir/drill.yaml" || not_ok "the drill starts" "$(cat "$dir/err")"
read_config
eventually 20 "the drill breaks everything" 'endpoint-fault.*obs' tail -n 1 "$dir/out"
see >"$dir/facts"
sees "statuspage: our POP is in trouble" '.vendors.by_name.Cloudflare | .state == "partial outage" and .headline == "Fibre cut"'
sees "statusio: our region is" '.vendors.by_name.Neon.state == "major outage"'
sees "firehydrant: our region is" '.vendors.by_name.Backblaze.state == "degraded"'
sees "feed: our place is" '.vendors.by_name.Hetzner | .state == "partial outage" and (.headline | test("NBG1"))'
sees "instatus: works are not an outage" '.vendors.by_name.Fastmail.state == "maintenance"'
sees "incidentio: what we use is" '.vendors.by_name.Pager.state == "major outage"'
sees "the edge says why" '.probes.by_name."admin.myhoneydue.com edge" | .result == "failed" and .status == 521'
sees "an origin that breaks" '.probes.by_name."origin ubuntu-8gb-nbg1-2" | .result == "failed" and .failed_at == "answer"'
sees "an origin whose node is dead" '.probes.by_name."origin ubuntu-8gb-nbg1-3".result == "failed"'
sees "the third origin answers" '.probes.by_name."origin ubuntu-8gb-nbg1-1".result == "ok"'
sees "one resolver lies" '[.probes.by_name[] | select(.kind == "dns") | .outside] | sort == [false, true]'
sees "the registry hangs" '.probes.by_name.registry.result == "failed"'
sees "storage is slow" '.probes.by_name.storage | .result == "ok" and .ms.total >= 290'
sees "mail is refused" '.probes.by_name.mail | .result == "failed" and (.text | test("421"))'
sees "observability is down" '.probes.by_name.obs.status == 503'
eventually 70 "and it is whole again" recovered cat "$dir/out"
done_testing

#!/bin/bash
# Pages as vendors really make them, from a real server: hundreds of places, works always going on
# somewhere, words that nobody has heard of, markup without end, dates of every kind.
# shellcheck source=tests/services/lib.sh
. "$(dirname "$0")/lib.sh"
nginx_up
ago() { date -u -d "-$1 min" +%Y-%m-%dT%H:%M:%SZ; }

# Cloudflare: 340 places, some always being worked on; ours is FRA. What an update calls its parts
# isn't what the page calls them.
cloudflare() { # FRA's-STATE indicator incidents
	jq -n --arg fra "$1" --arg indicator "$2" --argjson incidents "$3" --arg soon "$(ago -600)" \
		--arg began "$(ago 30)" '
	def place($i): ["Ashburn, VA, United States", "São Paulo, Brazil", "Osaka, Japan"][$i % 3]
		+ " " + ($i | tostring) + " - (" + ([65 + $i / 26 % 26, 65 + $i % 26, 88] | implode) + ")";
	{page: {id: "yh6f0r4529hb", name: "Cloudflare", time_zone: "Etc/UTC"},
	status: {indicator: $indicator, description: "Minor Service Outage"},
	components: ([{id: "sites", name: "Cloudflare Sites and Services", group: true, group_id: null,
		status: "major_outage", components: ["cdn", "dns"]},
		{id: "eu", name: "Europe", group: true, group_id: null, status: "partial_outage"},
		{id: "cdn", name: "CDN/Cache", group: false, group_id: "sites", status: "operational"},
		{id: "dns", name: "Authoritative DNS", group: false, group_id: "sites", status: "operational"},
		{id: "fra", name: "Frankfurt, Germany - (FRA) ", group: false, group_id: "eu", status: $fra}]
		+ [range(340) | {id: "p\(.)", name: place(.), group: false, group_id: "eu",
		status: (["operational", "under_maintenance", "partial_outage", "operational"][. % 4])}]),
	incidents: $incidents,
	scheduled_maintenances: ([range(40) | {id: "m\(.)", name: "AMS (Amsterdam) on 2026-11-2\(. % 9)",
		status: (if . % 2 == 0 then "in_progress" else "scheduled" end), impact: "maintenance",
		scheduled_for: $began, scheduled_until: $soon, components: [], incident_updates: [
		{status: "in_progress", body: "<p>Traffic&nbsp;might be re-routed.</p>", affected_components: null}]}])}'
}
incident() { # status impact affected-name code
	jq -nc --arg status "$1" --arg impact "$2" --arg name "$3" --arg code "$4" --arg at "$(ago 20)" '
	[{id: "i1", name: "Elevated errors", status: $status, impact: $impact, started_at: $at,
	components: [], incident_updates: [{status: $status, body: "Looking &#8212; \u003cb\u003enow",
	display_at: $at, affected_components: [{code: $code, name: $name,
	old_status: "operational", new_status: "degraded_performance"}]}]}]'
}
cloudflare operational minor '[]' >"$www/cf-usual.json"
cloudflare under_maintenance minor '[]' >"$www/cf-works.json"
cloudflare partial_outage minor '[]' >"$www/cf-pop.json"
cloudflare re_routed minor '[]' >"$www/cf-word.json"
cloudflare operational major "$(incident identified major 'Cloudflare Sites and Services - CDN/Cache' cdn)" >"$www/cf-cdn.json"
cloudflare operational major "$(incident identified critical 'Cloudflare Sites and Services - Zaraz' zz)" >"$www/cf-other.json"
cloudflare operational major "$(incident mitigating catastrophic 'Cloudflare Sites and Services - CDN/Cache' gone)" >"$www/cf-odd.json"
jq '.components |= map(select(.id != "fra"))' "$www/cf-usual.json" >"$www/cf-nopop.json"
jq '.components = [] | .status.indicator = "critical"' "$www/cf-usual.json" >"$www/cf-empty.json"

# Neon: a component that is down as a whole while its regions still say that all is well; a code
# from the future; works going on in our region.
neon() { # component-code region-code maintenance
	jq -n --argjson code "$1" --argjson region "$2" --argjson active "$3" '{result: {
	status_overall: {status: "Operational", status_code: 100, updated: "2026-10-02T11:00:00Z"},
	status: [{id: "1", name: "Database Connectivity", status: "?", status_code: $code, containers: [
	{id: "a", name: "AWS us-east-1", status: "?", status_code: $region},
	{id: "b", name: "Azure eastus2", status: "Operational", status_code: 100}]}],
	incidents: [], maintenance: {active: $active, upcoming: []}}}'
}
neon 100 100 '[]' >"$www/neon-well.json"
neon 500 100 '[]' >"$www/neon-whole.json"
neon 100 700 '[]' >"$www/neon-code.json"
neon 200 200 '[{"_id":"m","name":"Compute upgrades","datetime_planned_start":"2026-11-20 09:00:00 UTC",
	"datetime_planned_end":"2026-11-30T09:00+0200","components_affected":[{"name":"Database Connectivity"}],
	"containers_affected":[{"name":"AWS us-east-1"}],"messages":[]}]' >"$www/neon-works.json"
# As incident.io made it look.
printf '\xef\xbb\xbf{"page_title":"AWS us-east-1","page_url":"https://x","ongoing_incidents":[{"id":"01J","name":"Slow computes","status":"investigating","current_worst_impact":"%s","last_update_at":"2026-11-23T10:00:00+05:30","last_update_message":"x","affected_components":[]}],"in_progress_maintenances":[],"scheduled_maintenances":[]}' partial_outage >"$www/neon-bom.json"
sed 's/partial_outage/wobbly/' "$www/neon-bom.json" >"$www/neon-wobbly.json"

# Backblaze: the payload without incidents proves nothing; its feed has the rest.
cat >"$www/b2.json" <<'X'
{"config":{"companyName":"Backblaze","operationalMessage":"All systems operational."},"components":
[{"id":"us-west","name":"US West Region"},{"id":"eu","name":"EU Central Region"}],
"conditions":{"Degraded":"DEGRADED","Unavailable":"OFFLINE","Operational":"OPERATIONAL","Odd":"SIDEWAYS"}}
X
jq --arg at "$(ago 9)" '.incidents = [{id: "1", name: "Uploads", currentMilestone: "investigating",
	timestamps: {started: $at}, componentConditions: {"EU Central Region": "Odd"}}]' \
	"$www/b2.json" >"$www/b2-odd.json"
item() {
	printf '<item><guid>%s</guid><title>%s</title><pubDate>%s</pubDate>' "$1" "$2" "$3"
	printf '<description><![CDATA[%s]]></description></item>' "$4"
}
rss() {
	printf '<?xml version="1.0" encoding="ISO-8859-1"?><rss version="2.0"><channel>'
	printf '<title>x</title>%s</channel></rss>' "$*"
}
rfc() { date -u -R -d "$1 min ago"; }
rss >"$www/b2-quiet.rss"
rss "$(item 1 'Scheduled Maintenance: vault' "$(rfc 3000)" \
	"Scheduled maintenance window: $(rfc 60) - $(rfc -60)<br>EU Central Region: Maintenance")" \
	>"$www/b2-works.rss"
rss "$(item 1 'Uploads unavailable' "$(rfc 30)" \
	"EU Central Region: Unavailable. It hasn't been resolved.")" >"$www/b2-down.rss"
rss "$(item 1 'Uploads unavailable' "$(TZ=PST8PDT date -d '30 min ago' \
	'+%a, %d %b %Y %H:%M:%S %Z')" "EU Central Region: Unavailable.")" >"$www/b2-zone.rss"

# Hetzner: several places in one entry, of which ours isn't well yet; markup in markup.
atom() { # title content
	printf '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>%s</title>' "$1"
	printf '<published>%s</published><content type="html">%s</content></entry></feed>' \
		"$(ago 50)" "$2"
}
# often TEXT COUNT
often() { printf "%0$2d" 0 | sed "s/0/$1/g"; }
atom 'Network disruption NBG1' \
	'&lt;p&gt;St&amp;ouml;rung: fsn1 is resolved. nbg1 is still affected.&lt;/p&gt;' \
	>"$www/hetzner-still.atom"
atom 'Fault report nbg1' 'Das Problem ist noch nicht behoben' >"$www/hetzner-german.atom"
atom 'Fault report nbg1' 'This fault has been resolved. We continue to monitor.' \
	>"$www/hetzner-over.atom"
atom 'Limited availability of cloud instances' 'nbg1: limited availability of some types' \
	>"$www/hetzner-info.atom"
atom 'Outage nbg1' "$(often '\&lt;div\&gt;' 20000)deep down" >"$www/hetzner-deep.atom"

# Fastmail: what is absent is empty; a word from nowhere.
mail() { # page's state, and what else there is
	printf '{"page":{"name":"Fastmail","url":"https://fastmailstatus.com","status":"%s"}%s}' "$@"
}
mail UP '' >"$www/mail-up.json"
mail ALLGOOD '' >"$www/mail-word.json"
mail UNDERMAINTENANCE ',"activeMaintenances":[{"id":"1","name":"Disks","start":"'"$(ago 10)"'",
	"status":"INPROGRESS","duration":"60"}]' >"$www/mail-works.json"
mail HASISSUES ',"activeIncidents":[{"id":"1","name":"Delays","started":"2026-11-23 11:00:00 PST",
	"status":"MONITORING","impact":"DEGRADEDPERFORMANCE","message":"'"$(
	often '<div><table>\&amp;lt;' 30000)"'"}]' >"$www/mail-markup.json"

cf='components: [CDN/Cache, Authoritative DNS], pop_url: "http://127.0.0.1:@http@/cdn-cgi/trace"'
ne='components: ["Database Connectivity"], regions: ["*us-east-1*"]'
bb='regions: ["EU Central*"], ignore: ["US West*"], recent: 1d'
he='format: feed, regions: [nbg1], ignore: [fsn1, "limited availability"]'
vendors() { # PREFIX END SETTINGS NAMES...
	local prefix=$1 end=$2 settings=$3 name
	shift 3
	for name in "$@"; do
		echo "  - {name: $prefix$name, url: \"http://127.0.0.1:@http@/$prefix$name$end\"$settings}"
	done
}
{
	echo 'kube: {enabled: false}'
	echo 'vendors:'
	vendors cf- .json ", $cf" usual works pop word cdn other odd nopop empty
	vendors neon- .json ", $ne" well whole code works
	vendors '' .json '' neon-bom neon-wobbly mail-up mail-word mail-works mail-markup b2-odd
	for feed in quiet works down zone; do
		echo "  - {name: b2-$feed, url: \"http://127.0.0.1:@http@/b2.json\","
		echo "     also: \"http://127.0.0.1:@http@/b2-$feed.rss\", $bb}"
	done
	vendors hetzner- .atom ", $he" still german over info deep
} | config
take_facts
is() { facts ".vendors.by_name.\"$1\" | [.state, .freshness.state, .format, .pop_state]"; }
kept() { facts ".vendors.by_name.\"$1\" | [(.notices | length), .others]"; }

check "places of others are worked on as always: all is well" \
	'^."ok","fresh","statuspage","operational".\|^."ok","fresh","statuspage","ok".' is cf-usual
check "and their works are only counted" '^\[0,40\]$' kept cf-usual
check "ours is being worked on: no outage" \
	'^."maintenance","fresh","statuspage","maintenance".' is cf-works
check "ours is out" '^."partial outage",.*"partial outage".$' is cf-pop
check "a word that nobody knows isn't well" '^."unknown",.*"unknown".$' is cf-word
check "a part is known by its id, whatever an update calls it" '^."partial outage"' is cf-cdn
check "and the incident is the headline" '^"Elevated errors"$' \
	facts '.vendors.by_name."cf-cdn".headline'
check "an incident of a part that we don't use" '^."ok"' is cf-other
check "an impact that nobody knows isn't well" '^."unknown"' is cf-odd
check "a place that isn't listed has no state" 'null.$' is cf-nopop
check "a page that lists nothing: its own word counts" '^."major outage"' is cf-empty

check "Status.io: well" '^."ok","fresh","statusio"' is neon-well
check "what is down as a whole is down here" '^."major outage"' is neon-whole
check "a code that nobody knows isn't well" '^."unknown"' is neon-code
check "works in our region are no outage" '^."maintenance"' is neon-works
check "dates of any kind" '^."2026-11-20T09:00:00Z",true,"2026-11-30T07:00:00Z".$' \
	facts '.vendors.by_name."neon-works".notices[0] |
		[(.started | todate), .maintenance, (.until | todate)]'
check "incident.io behind a byte order mark" '^."partial outage","fresh","incidentio"' is neon-bom
check "its unknown impact isn't well" '^."unknown","fresh"' is neon-wobbly

check "FireHydrant: a condition of an unknown kind isn't well" \
	'^."unknown","fresh","firehydrant"' is b2-odd
check "names alone, and a quiet feed" '^."ok","fresh"' is b2-quiet
check "works within their window" '^."maintenance"' is b2-works
check "what hasn't been resolved isn't" '^."partial outage"' is b2-down
check "a date in another zone" '^true$' \
	facts '.vendors.by_name."b2-zone".notices[0].started_age | . > 1700 and . < 2100'

check "one place is well again, ours isn't" '^."partial outage"' is hetzner-still
check "not yet, in German" '^."degraded"' is hetzner-german
check "over" '^."ok"' is hetzner-over
check "what isn't a fault is ignored" '^."ok"' is hetzner-info
check "markup without end" '^."partial outage","fresh"' is hetzner-deep

check "Instatus: what is absent is empty" '^."ok","fresh","instatus"' is mail-up
check "a state that nobody knows isn't well" '^."unknown","fresh"' is mail-word
check "works" '^."maintenance"' is mail-works
check "markup a thousand deep" '^."degraded"' is mail-markup
look --once --json >"$work/full" 2>/dev/null
text() { jq -r ".vendors.by_name.\"$1\".notices[0].text" "$work/full"; }
check "words are readable" 'Looking — now$' text cf-cdn
check "umlauts are" 'Störung: fsn1' text hetzner-still
longest() { text mail-markup | wc -c; }
check "and texts have an end" '^[0-9]\{1,3\}$\|^[1-4][0-9]\{3\}$' longest
finish

#!/bin/sh
# Vendors and Edge and probes on a screen: all well, their stories, and what is wrong on top.
. "${srcdir:-.}/tests/screen/lib.sh"
sitrep_home
[ -x ./sitrep-world ] || skip_all "sitrep-world was not built (--disable-world)"
well='Vendors 6/6 ok'
probes='Edge and probes 12/12 ok'

for size in 200x50 120x35 80x24; do
	passes "both at $size" -m -s $size -- ./sitrep --world <<X
timeout 8000
wait $well
wait $probes
key 7
wait Cloudflare +. ok
key Enter
wait Vendor +Cloudflare
wait our POP +FRA
wait No incident and no maintenance concerns us
key q
key 8
wait api\.myhon.*edge +. ok
key j Enter
wait Probe  admin
wait answer +200 at FRA
key q
key q
exit 0
X
done

LC_ALL=C passes "in the C locale" -m -s 80x24 -- ./sitrep --world <<X
timeout 8000
wait $well
key 8
wait registry +\* ok .* 401 registry
key q
exit 0
X

cat >"$work/drill.yaml" <<'X'
id: outside
title: what is outside breaks
mode: none
story: A vendor has an incident, and two probes fail.
timeline:
  - {at: 2, do: vendor-incident, vendor: Pager, component: Alerts, impact: major, title: No alerts}
  - {at: 2, do: endpoint-fault, endpoint: registry, fault: status, status: 502}
  - {at: 2, do: endpoint-fault, endpoint: storage, fault: reset}
healed:
  - {vendor_well: Pager}
solution:
  - {wait_recovered: true, within: 60}
X
passes "what is wrong stands on top" -m -s 200x50 -- ./sitrep drill "$work/drill.yaml" <<'X'
timeout 30000
wait Vendors 5/6 ok
wait probes 10/12 ok
wait no incident known, but probe registry fails: .*; and 2 more
wait [?] incidents
wait registry +! answer
wait storage +! answer
wait Pager +! major +No alerts
key q
key q
exit 0
X
finish

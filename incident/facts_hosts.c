/* incident/facts_hosts.c: what the machines say of themselves, over SSH */
#include "incident/facts.h"
#include "incident/facts_parts.h"

static json_t *disk_facts(const struct host *host)
{
	json_t *disks = json_array();

	for (size_t i = 0; i < host->ndisks; i++) {
		const struct host_disk *disk = &host->disks[i];

		json_array_append_new(disks, json_pack(
			"{s:o, s:o, s:o, s:I}", "mount", facts_text(disk->mount), "percent",
			facts_number(host_disk_percent(disk)), "inodes_percent",
			facts_number(disk->inodes_percent), "free_bytes",
			(json_int_t)disk->free_kib * 1024));
	}
	return disks;
}

static json_t *big_facts(const struct host *host)
{
	json_t *big = json_array();

	for (size_t i = 0; i < host->nbig; i++)
		json_array_append_new(big, json_pack("{s:o, s:I}", "path",
						     facts_text(host->big[i].path), "bytes",
						     (json_int_t)host->big[i].kib * 1024));
	return big;
}

static json_t *firewall_facts(const struct host *host)
{
	json_t *unexpected = json_array(), *missing = json_array();

	for (size_t i = 0; i < host->nrules; i++)
		if (!host->rules[i].expected)
			json_array_append_new(unexpected, json_pack(
				"{s:i, s:o}", "number", host->rules[i].number, "text",
				facts_text(host->rules[i].text)));
	for (size_t i = 0; i < host->nmissing; i++)
		json_array_append_new(missing, facts_text(host->missing[i]));
	return json_pack("{s:o, s:I, s:o, s:o}", "state",
			 host->firewall == FIREWALL_UNKNOWN ? json_null()
			 : json_string(host_firewall_name(host->firewall)), "rules",
			 (json_int_t)host->nrules, "unexpected", unexpected, "missing", missing);
}

static json_t *reach_facts(const struct host *host)
{
	json_t *reach = json_array();

	for (size_t i = 0; i < host->nreach; i++)
		json_array_append_new(reach, json_pack(
			"{s:o, s:b, s:I}", "target", facts_text(host->reach[i].target), "ok",
			host->reach[i].ok, "ms", (json_int_t)host->reach[i].took_ms));
	return reach;
}

static json_t *host_facts(const struct facts_maker *maker, const struct host *host)
{
	const struct host_disk *fullest = host_fullest(host);

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o, s:o}, s:o, "
			 "s:o, s:o, s:o, s:o}",
			 "freshness", facts_freshness(maker, &host->fresh, true),
			 "node", facts_text(host->node), "uptime_s", facts_number(host->uptime_s),
			 "cpus", facts_number(host->cpus), "load1", facts_real(host->load1),
			 "skew_ms", host->skew_ms == HOST_SKEW_UNKNOWN ? json_null()
				    : json_integer(host->skew_ms),
			 "journal_bytes", facts_number(host->journal_bytes),
			 "fullest_percent", fullest ? facts_number(host_disk_percent(fullest))
						    : json_null(),
			 "disks", disk_facts(host),
			 "unit", "name", facts_text(host->unit), "active", facts_text(host->active),
			 "sub", facts_text(host->sub), "restarts", facts_number(host->restarts),
			 "firewall", firewall_facts(host), "reach", reach_facts(host),
			 "big", big_facts(host), "big_age", facts_age(maker, host->big_ms),
			 "big_partial", host->big_ms ? json_boolean(host->big_partial) : json_null());
}

json_t *facts_hosts(const struct facts_maker *maker)
{
	const struct hosts *hosts = &maker->sit->hosts;
	json_t *items = json_array();
	json_int_t answering = 0;

	for (size_t i = 0; i < hosts->len; i++) {
		answering += facts_is_fresh(maker, &hosts->items[i].fresh);
		json_array_append_new(items, host_facts(maker, &hosts->items[i]));
	}
	return json_pack("{s:I, s:I, s:o}", "total", (json_int_t)hosts->len, "answering", answering,
			 "items", items);
}

/* core/model/hosts.c: see hosts.h */
#include "core/model/hosts.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

const char *host_firewall_name(enum host_firewall state)
{
	static const char *const names[] = {
		[FIREWALL_UNKNOWN] = "unknown", [FIREWALL_INACTIVE] = "inactive",
		[FIREWALL_ACTIVE] = "active",
	};

	return names[state];
}

static void clear_lists(struct host *host)
{
	while (host->ndisks)
		free(host->disks[--host->ndisks].mount);
	while (host->nrules)
		free(host->rules[--host->nrules].text);
	while (host->nmissing)
		free(host->missing[--host->nmissing]);
	while (host->nreach)
		free(host->reach[--host->nreach].target);
	free(host->missing);
	host->missing = NULL;
}

void host_clear_big(struct host *host)
{
	while (host->nbig)
		free(host->big[--host->nbig].path);
	host->big_partial = false;
}

void host_clear(struct host *host)
{
	clear_lists(host);
	host->uptime_s = host->cpus = host->journal_bytes = host->restarts = -1;
	host->load1 = -1;
	host->skew_ms = HOST_SKEW_UNKNOWN;
	host->unit[0] = host->active[0] = host->sub[0] = '\0';
	host->firewall = FIREWALL_UNKNOWN;
}

void hosts_release(struct hosts *hosts)
{
	while (hosts->len) {
		struct host *host = &hosts->items[--hosts->len];

		clear_lists(host);
		host_clear_big(host);
		free(host->node);
		free(host->alias);
	}
	free(hosts->items);
	hosts->items = NULL;
}

struct host *hosts_add(struct hosts *hosts, const char *node, const char *alias)
{
	struct host *host;

	hosts->items = xreallocarray(hosts->items, hosts->len + 1, sizeof(*hosts->items));
	host = &hosts->items[hosts->len++];
	memset(host, 0, sizeof(*host));
	host->node = xstrdup(node);
	host->alias = xstrdup(alias);
	host_clear(host);
	return host;
}

const struct host *hosts_find(const struct hosts *hosts, const char *node)
{
	for (size_t i = 0; i < hosts->len; i++)
		if (!strcmp(hosts->items[i].node, node))
			return &hosts->items[i];
	return NULL;
}

int host_disk_percent(const struct host_disk *disk)
{
	int64_t room = disk->used_kib + disk->free_kib;

	return room > 0 ? (int)((disk->used_kib * 100 + room - 1) / room) : -1;
}

const struct host_disk *host_fullest(const struct host *host)
{
	const struct host_disk *fullest = NULL;

	for (size_t i = 0; i < host->ndisks; i++)
		if (!fullest || host_disk_percent(&host->disks[i]) > host_disk_percent(fullest))
			fullest = &host->disks[i];
	return fullest;
}

size_t host_unexpected_rules(const struct host *host)
{
	size_t count = 0;

	for (size_t i = 0; i < host->nrules; i++)
		count += !host->rules[i].expected;
	return count;
}

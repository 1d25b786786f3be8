/* core/situation.c: see situation.h */
#include "core/situation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void situation_init(struct situation *sit)
{
	memset(sit, 0, sizeof(*sit));
	sit->strings = intern_new();
	sit->pods.expected = -1;
	redis_init(&sit->redis);
	postgres_init(&sit->postgres);
}

void situation_release(struct situation *sit)
{
	int i;

	nodes_clear(&sit->nodes, sit->strings);
	pods_clear(&sit->pods, sit->strings);
	workloads_clear(&sit->workloads, sit->strings);
	pdbs_clear(&sit->pdbs, sit->strings);
	apps_release(&sit->apps);
	api_services_clear(&sit->apis);
	snapshots_clear(&sit->snapshots);
	configs_clear(&sit->configs, sit->strings);
	storage_clear(&sit->storage, sit->strings);
	events_clear(&sit->events, sit->strings);
	logsigns_clear(&sit->logsigns);
	redis_release(&sit->redis);
	hosts_release(&sit->hosts);
	vendors_release(&sit->vendors);
	probes_release(&sit->probes);
	postgres_release(&sit->postgres);
	for (i = 0; i < sit->cluster.nservers; i++)
		free(sit->cluster.servers[i].url);
	free(sit->cluster.context);
	free(sit->cluster.version);
	free(sit->cluster.namespaces);
	intern_free(sit->strings);
	memset(sit, 0, sizeof(*sit));
}

void situation_touch(struct situation *sit, unsigned int sections)
{
	bool clean = !sit->dirty;

	sit->dirty |= sections;
	if (clean && sit->dirty && sit->on_change)
		sit->on_change(sit->on_change_arg);
}

unsigned int situation_take_dirty(struct situation *sit)
{
	unsigned int dirty = sit->dirty;

	sit->dirty = 0;
	return dirty;
}

const char *situation_workload_of(const struct situation *sit, const struct pod *pod,
				  char buf[WORKLOAD_KEY])
{
	const struct workload *set = NULL;
	int kind = pod->owner_kind && pod->owner_name ? workload_kind_parse(pod->owner_kind) : -1;

	buf[0] = '\0';
	if (kind < 0)
		return buf;
	if (kind == WORKLOAD_REPLICASET)
		set = workloads_find(&sit->workloads, WORKLOAD_REPLICASET, pod->ns,
				     pod->owner_name);
	if (set && set->owner)
		snprintf(buf, WORKLOAD_KEY, "deployment/%s/%s", pod->ns, set->owner);
	else
		snprintf(buf, WORKLOAD_KEY, "%s/%s/%s",
			 workload_kind_name((enum workload_kind)kind), pod->ns, pod->owner_name);
	return buf;
}

static bool answered(const struct freshness *fresh)
{
	return fresh->state != FRESH_UNKNOWN || fresh->reason[0];
}

/* What is asked through the API server, of those that can answer. */
static bool proxied_settled(const struct situation *sit)
{
	const struct nodes *nodes = &sit->nodes;
	size_t i;

	for (i = 0; i < sit->apps.len; i++)
		if (!answered(&sit->apps.items[i]->fresh))
			return false;
	if (nodes->disks_wanted && !answered(&nodes->disks_fresh))
		return false;
	for (i = 0; i < nodes->len; i++) {
		const struct node *node = nodes->items[i];

		if (node_ready(node) != TRI_TRUE)
			continue;
		if ((nodes->disks_wanted && !node->disk_tried &&
		     nodes->disks_fresh.state != FRESH_REFUSED) ||
		    (nodes->reach_wanted && !answered(&node->reach.fresh)))
			return false;
	}
	return true;
}

bool situation_settled(const struct situation *sit)
{
	size_t at;
	int kind;

	for (at = 0; at < sit->hosts.len; at++)
		if (!answered(&sit->hosts.items[at].fresh))
			return false;
	for (at = 0; at < sit->vendors.len; at++)
		if (!answered(&sit->vendors.items[at].fresh))
			return false;
	for (at = 0; at < sit->probes.len; at++)
		if (!answered(&sit->probes.items[at]->fresh))
			return false;
	for (at = 0; at < sit->apps.len; at++)
		if (sit->apps.items[at]->outside && !answered(&sit->apps.items[at]->fresh))
			return false;
	if (sit->redis.configured && !answered(&sit->redis.fresh))
		return false;
	if (sit->postgres.configured && !answered(&sit->postgres.look))
		return false;
	if (sit->asynq.present && !answered(&sit->asynq.fresh))
		return false;
	if (!sit->cluster.nservers)
		return true;
	if (!answered(&sit->cluster.fresh) || !answered(&sit->nodes.fresh) || !answered(&sit->pods.fresh) ||
	    !answered(&sit->pdbs.fresh) || !answered(&sit->events.fresh))
		return false;
	for (kind = 0; kind < WORKLOAD_KINDS; kind++)
		if (!answered(&sit->workloads.fresh[kind]))
			return false;
	return proxied_settled(sit);
}

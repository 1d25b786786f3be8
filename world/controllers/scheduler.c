/* world/controllers/scheduler.c: see scheduler.h */
#include "world/controllers/scheduler.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "world/controllers/nodes.h"
#include "world/jx.h"
#include "world/store.h"
#include "world/world.h"

struct misfits {
	int unschedulable, down, selector, volume;
};

static bool labels_fit(const json_t *pod, const json_t *node)
{
	const char *key;
	json_t *value;

	json_object_foreach(jx_get(pod, "spec.nodeSelector"), key, value) {
		if (strcmp(jx_label(node, key), json_string_value(value)))
			return false;
	}
	return true;
}

/* A volume that stands on a node's own disk is to be had there and nowhere else. */
static bool volumes_fit(const struct world *world, const json_t *pod, const json_t *node)
{
	const json_t *volume, *claim, *disk, *term;
	size_t i;

	json_array_foreach(jx_get(pod, "spec.volumes"), i, volume) {
		claim = store_get(world->store, RES_PVCS, jx_namespace(pod),
				  jx_str(volume, "persistentVolumeClaim.claimName"));
		disk = store_get(world->store, RES_PVS, "", jx_str(claim, "spec.volumeName"));
		term = json_array_get(jx_get(disk, "spec.nodeAffinity.required.nodeSelectorTerms"), 0);
		term = json_array_get(json_object_get(term, "matchExpressions"), 0);
		if (term && strcmp(json_string_value(json_array_get(json_object_get(term, "values"), 0)),
				   jx_name(node)))
			return false;
	}
	return true;
}

static bool fits(const struct world *world, const json_t *pod, const json_t *node,
		 struct misfits *misfits)
{
	bool daemon = !strcmp(jx_str(jx_controller(pod), "kind"), "DaemonSet");

	if (!labels_fit(pod, node))
		misfits->selector++;
	else if (!volumes_fit(world, pod, node))
		misfits->volume++;
	else if (jx_true(node, "spec.unschedulable") && !daemon)
		misfits->unschedulable++;
	else if (!nodes_schedulable(world, jx_name(node)) && !daemon)
		misfits->down++;
	else
		return true;
	return false;
}

/* Spread siblings first, then level the number of pods. */
static int load(const struct world *world, const json_t *pod, const char *node)
{
	const char *owner = jx_str(jx_controller(pod), "uid");
	const json_t *other;
	int load = 0;

	for (size_t i = 0; (other = store_at(world->store, RES_PODS, i)); i++) {
		if (strcmp(jx_str(other, "spec.nodeName"), node))
			continue;
		load += 1;
		if (!strcmp(jx_str(jx_controller(other), "uid"), owner))
			load += 100;
	}
	return load;
}

static int node_number(const struct world *world, const char *name)
{
	return (int)store_index(world->store, RES_NODES, "", name);
}

static bool address_taken(const struct world *world, const char *ip)
{
	const json_t *other;

	for (size_t i = 0; (other = store_at(world->store, RES_PODS, i)); i++) {
		if (!strcmp(jx_str(other, "status.podIP"), ip))
			return true;
	}
	return false;
}

static void address(const struct world *world, json_t *pod, const json_t *node)
{
	char ip[32];
	const char *host = jx_str(jx_find(jx_get(node, "status.addresses"), "type",
					  "InternalIP"), "address");

	do {
		snprintf(ip, sizeof(ip), "10.42.%d.%u", node_number(world, jx_name(node)),
			 2 + world_random(250));
	} while (address_taken(world, ip));
	jx_set_str(pod, "spec.nodeName", jx_name(node));
	jx_set_str(pod, "status.hostIP", host);
	jx_set(pod, "status.hostIPs", json_pack("[{s:s}]", "ip", host));
	jx_set_str(pod, "status.podIP", ip);
	jx_set(pod, "status.podIPs", json_pack("[{s:s}]", "ip", ip));
}

static void explain(const struct misfits *misfits, int total, char *why, size_t size)
{
	const struct {
		int count;
		const char *text;
	} rows[] = {
		{misfits->selector, "didn't match Pod's node affinity/selector"},
		{misfits->volume, "had volume node affinity conflict"},
		{misfits->unschedulable, "were unschedulable"},
		{misfits->down, "had untolerated taint(s)"},
	};
	size_t len = (size_t)snprintf(why, size, "0/%d nodes are available:", total);
	const char *comma = "";

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!rows[i].count || len >= size)
			continue;
		len += (size_t)snprintf(why + len, size - len, "%s %d node(s) %s", comma,
					rows[i].count, rows[i].text);
		comma = ",";
	}
	if (len < size)
		snprintf(why + len, size - len, ".");
}

bool scheduler_place(struct world *world, json_t *pod, char *why, size_t size)
{
	const char *wanted = jx_str(pod, "spec.nodeName");
	const json_t *node, *best = NULL;
	struct misfits misfits = {0};
	int least = INT_MAX, total = 0;

	for (size_t i = 0; (node = store_at(world->store, RES_NODES, i)); i++) {
		int busy = load(world, pod, jx_name(node));

		total++;
		if (*wanted && !strcmp(wanted, jx_name(node)))
			least = 0, best = node;
		else if (!*wanted && fits(world, pod, node, &misfits) && busy < least)
			least = busy, best = node;
	}
	if (best) {
		address(world, pod, best);
		return true;
	}
	explain(&misfits, total, why, size);
	return false;
}

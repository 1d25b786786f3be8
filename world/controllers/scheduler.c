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
	int unschedulable, down, selector;
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

static bool fits(const struct world *world, const json_t *pod, const json_t *node,
		 struct misfits *misfits)
{
	bool daemon = !strcmp(jx_str(jx_controller(pod), "kind"), "DaemonSet");

	if (!labels_fit(pod, node))
		misfits->selector++;
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
	snprintf(why, size,
		 "0/%d nodes are available: %d node(s) didn't match Pod's node "
		 "affinity/selector, %d node(s) were unschedulable, %d node(s) had untolerated "
		 "taint {node.kubernetes.io/unreachable: }.", total, misfits.selector,
		 misfits.unschedulable, misfits.down);
	return false;
}

/* core/model/nodes.c: see nodes.h */
#include "core/model/nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/intern.h"
#include "core/model/sorted.h"

const char *tri_name(enum tri value)
{
	static const char *const names[] = {
		[TRI_UNKNOWN] = "Unknown", [TRI_FALSE] = "False", [TRI_TRUE] = "True",
	};

	return names[value];
}

const char *reach_result_name(enum reach_result result)
{
	static const char *const names[] = {
		[REACH_UNKNOWN] = "unknown", [REACH_ANSWERED] = "answered",
		[REACH_CLOSED] = "closed", [REACH_FAILED] = "failed",
	};

	return names[result];
}

bool node_disk_known(const struct nodes *nodes, const struct node *node, int64_t now_wall_ms)
{
	return node->disk_ms && now_wall_ms - node->disk_ms <= nodes->disks_fresh.max_age_ms;
}

static int order(const void *item, const void *key)
{
	const struct node *node = item;

	return strcmp(node->name, key);
}

static size_t place(const struct nodes *nodes, const char *name, bool *ret_found)
{
	return sorted_place(nodes->items, nodes->len, order, name, ret_found);
}

struct node *nodes_find(const struct nodes *nodes, const char *name)
{
	bool found;
	size_t at = place(nodes, name, &found);

	return found ? nodes->items[at] : NULL;
}

bool nodes_index(const struct nodes *nodes, const char *name, size_t *ret_at)
{
	bool found;

	*ret_at = place(nodes, name, &found);
	return found;
}

struct node *nodes_get(struct nodes *nodes, const char *name)
{
	bool found;
	size_t at = place(nodes, name, &found);
	struct node *node;

	if (found)
		return nodes->items[at];
	node = xcalloc(1, sizeof(*node));
	node->name = xstrdup(name);
	node->cpu_milli = node->mem_kib = -1;
	node->reach.took_ms = -1;
	nodes->items = sorted_insert(nodes->items, &nodes->len, &nodes->cap, at, node);
	nodes->members++;
	return node;
}

size_t node_finder_place(struct node_finder *finder, const struct nodes *nodes, const char *name)
{
	size_t slot = ((uintptr_t)name >> 4) % (sizeof(finder->known) / sizeof(finder->known[0]));

	if (finder->known[slot].name != name) {
		finder->known[slot].name = name;
		if (!nodes_index(nodes, name, &finder->known[slot].at))
			finder->known[slot].at = NODE_NOWHERE;
	}
	return finder->known[slot].at;
}

static void node_free(struct node *node, struct intern *strings)
{
	int i;

	for (i = 0; i < node->nconditions; i++) {
		intern_put(strings, node->conditions[i].type);
		intern_put(strings, node->conditions[i].reason);
	}
	free(node->name);
	free(node->roles);
	free(node->version);
	free(node->internal_ip);
	free(node->taints);
	free(node->labels);
	free(node->reach.pod);
	free(node);
}

bool nodes_remove(struct nodes *nodes, struct intern *strings, const char *name)
{
	bool found;
	size_t at = place(nodes, name, &found);

	if (!found)
		return false;
	node_free(nodes->items[at], strings);
	sorted_remove(nodes->items, &nodes->len, at);
	nodes->members++;
	return true;
}

void nodes_unmark(struct nodes *nodes)
{
	size_t i;

	for (i = 0; i < nodes->len; i++)
		nodes->items[i]->seen = false;
}

size_t nodes_sweep(struct nodes *nodes, struct intern *strings)
{
	size_t i, kept = 0, gone;

	for (i = 0; i < nodes->len; i++) {
		if (nodes->items[i]->seen)
			nodes->items[kept++] = nodes->items[i];
		else
			node_free(nodes->items[i], strings);
	}
	gone = nodes->len - kept;
	nodes->len = kept;
	if (gone)
		nodes->members++;
	return gone;
}

void nodes_clear(struct nodes *nodes, struct intern *strings)
{
	size_t i;

	for (i = 0; i < nodes->len; i++)
		node_free(nodes->items[i], strings);
	free(nodes->items);
	nodes->items = NULL;
	nodes->len = nodes->cap = 0;
	nodes->members++;
}

const struct node_condition *node_condition(const struct node *node, const char *type)
{
	int i;

	for (i = 0; i < node->nconditions; i++)
		if (!strcmp(node->conditions[i].type, type))
			return &node->conditions[i];
	return NULL;
}

enum tri node_ready(const struct node *node)
{
	const struct node_condition *ready = node_condition(node, "Ready");

	return ready ? ready->status : TRI_UNKNOWN;
}

const char *node_status_text(const struct node *node, char *buf, size_t size)
{
	static const char *const words[] = {
		[TRI_UNKNOWN] = "Unknown", [TRI_FALSE] = "NotReady", [TRI_TRUE] = "Ready",
	};

	snprintf(buf, size, "%s%s", words[node_ready(node)],
		 node->unschedulable ? ",SchedulingDisabled" : "");
	return buf;
}

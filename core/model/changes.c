/* core/model/changes.c: see changes.h */
#include "core/model/changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/situation.h"

#define SAME_MS 60000

/* Only where it stands: the words are made for those that are kept. */
struct mark {
	int64_t at_ms;
	enum change_kind kind;
	const void *item;          /* by kind; of a node or a vendor the index of its part is below */
	int part;
};

struct marks {
	const struct situation *sit;
	int64_t since_ms;
	unsigned int kinds;
	struct mark *items;
	size_t len, cap;
};

const char *change_kind_name(enum change_kind kind)
{
	static const char *const names[CHANGE_KINDS] = {
		[CHANGE_ROLLOUT] = "rollout", [CHANGE_CONFIG] = "config", [CHANGE_NODE] = "node",
		[CHANGE_RESTART] = "restart", [CHANGE_WARNING] = "warning",
		[CHANGE_VENDOR] = "vendor",
	};

	return names[kind];
}

static void mark(struct marks *marks, enum change_kind kind, int64_t at_ms, const void *item,
		 int part)
{
	if (at_ms < marks->since_ms || !(marks->kinds & (1u << kind)))
		return;
	if (marks->len == marks->cap) {
		marks->cap = marks->cap ? 2 * marks->cap : 64;
		marks->items = xreallocarray(marks->items, marks->cap, sizeof(*marks->items));
	}
	marks->items[marks->len++] = (struct mark){at_ms, kind, item, part};
}

/* Where things stand and how to say them, one pair a kind. */

static void mark_rollouts(struct marks *marks)
{
	const struct workloads *all = &marks->sit->workloads;
	size_t i;

	for (i = 0; i < all->len; i++) {
		const struct workload *work = all->items[i];

		if (work->kind == WORKLOAD_JOB || (work->kind == WORKLOAD_REPLICASET && work->owner))
			mark(marks, CHANGE_ROLLOUT, work->created_ms, work, 0);
	}
}

static void say_rollout(const struct mark *mark, struct change *change)
{
	const struct workload *work = mark->item;
	const char *image = work->image ? work->image : "no image";

	if (work->kind == WORKLOAD_JOB) {
		snprintf(change->about, sizeof(change->about), "job/%s/%s", work->ns, work->name);
		snprintf(change->text, sizeof(change->text), "created: %s", image);
		return;
	}
	snprintf(change->about, sizeof(change->about), "deployment/%s/%s", work->ns, work->owner);
	snprintf(change->text, sizeof(change->text), "revision %lld: %s",
		 (long long)work->revision, image);
}

static void mark_configs(struct marks *marks)
{
	const struct configs *configs = &marks->sit->configs;
	size_t i;

	for (i = 0; i < configs->len; i++)
		mark(marks, CHANGE_CONFIG, configs->items[i]->changed_ms, configs->items[i], 0);
}

static void say_config(const struct mark *mark, struct change *change)
{
	const struct config_map *map = mark->item;

	snprintf(change->about, sizeof(change->about), "configmap/%s/%s", map->ns, map->name);
	snprintf(change->text, sizeof(change->text), "%s%s%.80s%s%s",
		 map->changed_ms > map->created_ms ? "changed" : "created", map->by ? " by " : "",
		 map->by ? map->by : "", map->keys ? ": " : "", map->keys ? map->keys : "");
}

static void mark_nodes(struct marks *marks)
{
	const struct nodes *nodes = &marks->sit->nodes;
	size_t i;
	int at;

	for (i = 0; i < nodes->len; i++) {
		const struct node *node = nodes->items[i];

		mark(marks, CHANGE_NODE, node->created_ms, node, -1);
		for (at = 0; at < node->nconditions; at++)
			if (node->conditions[at].since_ms > node->created_ms)
				mark(marks, CHANGE_NODE, node->conditions[at].since_ms, node, at);
	}
}

static void say_node(const struct mark *mark, struct change *change)
{
	const struct node *node = mark->item;
	const struct node_condition *condition = &node->conditions[mark->part < 0 ? 0 : mark->part];

	snprintf(change->about, sizeof(change->about), "node/%s", node->name);
	if (mark->part < 0)
		snprintf(change->text, sizeof(change->text), "joined the cluster");
	else
		snprintf(change->text, sizeof(change->text), "%s is %s%s%s", condition->type,
			 tri_name(condition->status), condition->reason ? ": " : "",
			 condition->reason ? condition->reason : "");
}

static void mark_restarts(struct marks *marks)
{
	const struct pods *pods = &marks->sit->pods;
	size_t i;

	if (!pods_restarted_since(pods, marks->since_ms))
		return;
	for (i = 0; i < pods->len; i++)
		if (pods->items[i]->restarts > 0 && pods->items[i]->last_finished_ms)
			mark(marks, CHANGE_RESTART, pods->items[i]->last_finished_ms,
			     pods->items[i], 0);
}

static void say_restart(const struct mark *mark, struct change *change)
{
	const struct pod *pod = mark->item;

	snprintf(change->about, sizeof(change->about), "pod/%s/%s", pod->ns, pod->name);
	snprintf(change->text, sizeof(change->text), "a container ended: %s (%d), restarts %d",
		 pod->last_reason ? pod->last_reason : "?", pod->last_exit_code, pod->restarts);
}

static void mark_warnings(struct marks *marks)
{
	const struct events *events = &marks->sit->events;
	size_t i;

	for (i = 0; i < events->len; i++)
		mark(marks, CHANGE_WARNING, events->items[i].last_ms, &events->items[i], 0);
}

static void say_warning(const struct mark *mark, struct change *change)
{
	const struct event *event = mark->item;
	char *at;

	snprintf(change->about, sizeof(change->about), "%s/%s/%s",
		 event->kind ? event->kind : "?", event->ns, event->object);
	for (at = change->about; *at && *at != '/'; at++)
		*at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
	snprintf(change->text, sizeof(change->text), "%s: %.160s",
		 event->reason ? event->reason : "?", event->message);
}

static void mark_vendors(struct marks *marks)
{
	const struct vendors *vendors = &marks->sit->vendors;
	size_t i, at;

	for (i = 0; i < vendors->len; i++)
		for (at = 0; at < vendors->items[i].nnotices; at++)
			if (!vendors->items[i].notices[at].upcoming)
				mark(marks, CHANGE_VENDOR,
				     vendors->items[i].notices[at].started_ms, &vendors->items[i],
				     (int)at);
}

static void say_vendor(const struct mark *mark, struct change *change)
{
	const struct vendor *vendor = mark->item;
	const struct vendor_notice *notice = &vendor->notices[mark->part];

	snprintf(change->about, sizeof(change->about), "vendor/%s", vendor->name);
	snprintf(change->text, sizeof(change->text), "%s: %.160s", notice->maintenance
		 ? "maintenance" : vendor_state_name(notice->impact), notice->title);
}

static const struct {
	void (*mark)(struct marks *marks);
	void (*say)(const struct mark *mark, struct change *change);
} sources[CHANGE_KINDS] = {
	[CHANGE_ROLLOUT] = {mark_rollouts, say_rollout},
	[CHANGE_CONFIG] = {mark_configs, say_config},
	[CHANGE_NODE] = {mark_nodes, say_node},
	[CHANGE_RESTART] = {mark_restarts, say_restart},
	[CHANGE_WARNING] = {mark_warnings, say_warning},
	[CHANGE_VENDOR] = {mark_vendors, say_vendor},
};

static int newest_first(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? 1 : -1;
	return (int)x->kind - (int)y->kind;
}

static bool told_already(const struct changes *changes, const struct change *change)
{
	size_t i = changes->len;

	while (i-- > 0 && changes->items[i].at_ms - change->at_ms <= SAME_MS)
		if (changes->items[i].kind == change->kind &&
		    !strcmp(changes->items[i].about, change->about) &&
		    !strcmp(changes->items[i].text, change->text))
			return true;
	return false;
}

void changes_collect(struct changes *changes, const struct situation *sit, int64_t since_ms,
		     unsigned int kinds, size_t max)
{
	struct marks marks = {.sit = sit, .since_ms = since_ms > 0 ? since_ms : 1, .kinds = kinds};
	size_t i;
	int kind;

	changes_release(changes);
	for (kind = 0; kind < CHANGE_KINDS; kind++)
		sources[kind].mark(&marks);
	if (marks.len)
		qsort(marks.items, marks.len, sizeof(*marks.items), newest_first);
	changes->total = marks.len;
	changes->items = xcalloc(marks.len < max ? marks.len + 1 : max, sizeof(*changes->items));
	for (i = 0; i < marks.len && changes->len < max; i++) {
		struct change *change = &changes->items[changes->len];

		change->at_ms = marks.items[i].at_ms;
		change->kind = marks.items[i].kind;
		sources[change->kind].say(&marks.items[i], change);
		if (!told_already(changes, change))
			changes->len++;
	}
	free(marks.items);
}

void changes_release(struct changes *changes)
{
	free(changes->items);
	*changes = (struct changes){.len = 0};
}

/* core/model/workloads.c: see workloads.h */
#include "core/model/workloads.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/intern.h"
#include "core/model/sorted.h"

static const char *const kind_names[] = {
	[WORKLOAD_DEPLOYMENT] = "deployment", [WORKLOAD_REPLICASET] = "replicaset",
	[WORKLOAD_STATEFULSET] = "statefulset", [WORKLOAD_DAEMONSET] = "daemonset",
	[WORKLOAD_JOB] = "job",
};

const char *workload_kind_name(enum workload_kind kind)
{
	return kind_names[kind];
}

int workload_kind_parse(const char *name)
{
	int kind;

	for (kind = 0; kind < WORKLOAD_KINDS; kind++)
		if (!strcasecmp(name, kind_names[kind]))
			return kind;
	return -EINVAL;
}

struct key {
	enum workload_kind kind;
	const char *ns, *name;
};

static int order(const void *item, const void *key)
{
	const struct workload *work = item;
	const struct key *want = key;
	int side;

	if (work->kind != want->kind)
		return work->kind < want->kind ? -1 : 1;
	side = work->ns == want->ns ? 0 : strcmp(work->ns, want->ns);
	return side ? side : strcmp(work->name, want->name);
}

static size_t place(const struct workloads *all, enum workload_kind kind, const char *ns,
		    const char *name, bool *ret_found)
{
	struct key key = {kind, ns, name};

	return sorted_place(all->items, all->len, order, &key, ret_found);
}

struct workload *workloads_find(const struct workloads *all, enum workload_kind kind,
				const char *ns, const char *name)
{
	bool found;
	size_t at = place(all, kind, ns, name, &found);

	return found ? all->items[at] : NULL;
}

bool workloads_index(const struct workloads *all, enum workload_kind kind, const char *ns,
		     const char *name, size_t *ret_at)
{
	bool found;

	*ret_at = place(all, kind, ns, name, &found);
	return found;
}

static bool is_lasting(enum workload_kind kind)
{
	return kind != WORKLOAD_JOB && kind != WORKLOAD_REPLICASET;
}

static void forget_gone(struct workloads *all, const struct workload *work)
{
	char key[WORKLOAD_KEY];
	size_t i;

	workload_key(work, key);
	for (i = 0; i < all->ngone; i++) {
		if (strcmp(all->gone[i].key, key))
			continue;
		all->ngone--;
		memmove(&all->gone[i], &all->gone[i + 1],
			(all->ngone - i) * sizeof(all->gone[0]));
		return;
	}
}

/* The oldest makes room. */
static void note_gone(struct workloads *all, const struct workload *work)
{
	struct workload_gone *gone;

	if (!is_lasting(work->kind))
		return;
	if (all->ngone == WORKLOADS_GONE) {
		all->ngone--;
		memmove(&all->gone[0], &all->gone[1], all->ngone * sizeof(all->gone[0]));
	}
	gone = &all->gone[all->ngone++];
	workload_key(work, gone->key);
	gone->at_ms = clock_wall_ms();
}

struct workload *workloads_get(struct workloads *all, struct intern *strings,
			       enum workload_kind kind, const char *ns, const char *name)
{
	bool found;
	size_t at = place(all, kind, ns, name, &found);
	struct workload *work;

	all->generation++;
	if (found)
		return all->items[at];
	work = xcalloc(1, sizeof(*work));
	work->kind = kind;
	work->name = xstrdup(name);
	work->ns = intern_get(strings, ns);
	if (all->ngone)
		forget_gone(all, work);
	all->items = sorted_insert(all->items, &all->len, &all->cap, at, work);
	return work;
}

static void workload_free(struct workload *work, struct intern *strings)
{
	intern_put(strings, work->ns);
	intern_put(strings, work->owner);
	intern_put(strings, work->image);
	intern_put(strings, work->condition);
	free(work->name);
	free(work);
}

bool workloads_remove(struct workloads *all, struct intern *strings, enum workload_kind kind,
		      const char *ns, const char *name)
{
	bool found;
	size_t at = place(all, kind, ns, name, &found);

	if (!found)
		return false;
	note_gone(all, all->items[at]);
	workload_free(all->items[at], strings);
	sorted_remove(all->items, &all->len, at);
	all->generation++;
	return true;
}

static bool belongs(const struct workload *work, enum workload_kind kind, const char *ns)
{
	return work->kind == kind && (!ns || !strcmp(work->ns, ns));
}

void workloads_unmark(struct workloads *all, enum workload_kind kind, const char *ns)
{
	size_t i;

	for (i = 0; i < all->len; i++)
		if (belongs(all->items[i], kind, ns))
			all->items[i]->seen = false;
}

size_t workloads_sweep(struct workloads *all, struct intern *strings, enum workload_kind kind,
		       const char *ns)
{
	size_t i, kept = 0, gone;

	for (i = 0; i < all->len; i++) {
		struct workload *work = all->items[i];

		if (!work->seen && belongs(work, kind, ns)) {
			note_gone(all, work);
			workload_free(work, strings);
		} else {
			all->items[kept++] = work;
		}
	}
	gone = all->len - kept;
	all->len = kept;
	if (gone)
		all->generation++;
	return gone;
}

void workloads_clear(struct workloads *all, struct intern *strings)
{
	size_t i;

	for (i = 0; i < all->len; i++)
		workload_free(all->items[i], strings);
	free(all->items);
	all->items = NULL;
	all->len = all->cap = 0;
	all->generation++;
}

const char *workload_key(const struct workload *work, char buf[WORKLOAD_KEY])
{
	snprintf(buf, WORKLOAD_KEY, "%s/%s/%s", kind_names[work->kind], work->ns, work->name);
	return buf;
}

static enum rollout_state waiting(char *text, size_t size, const char *why, int have, int want)
{
	snprintf(text, size, "%d of %d %s", have, want, why);
	return ROLLOUT_WAITING;
}

static enum rollout_state deployment_rollout(const struct workload *work, char *text, size_t size)
{
	if (work->condition && !strcmp(work->condition, "ProgressDeadlineExceeded")) {
		snprintf(text, size, "exceeded its progress deadline");
		return ROLLOUT_FAILED;
	}
	if (work->updated < work->desired)
		return waiting(text, size, "new replicas have been updated",
			       work->updated, work->desired);
	if (work->current > work->updated)
		return waiting(text, size, "replicas are old and pending termination",
			       work->current - work->updated, work->current);
	if (work->available < work->updated)
		return waiting(text, size, "updated replicas are available",
			       work->available, work->updated);
	snprintf(text, size, "successfully rolled out");
	return ROLLOUT_DONE;
}

static enum rollout_state set_rollout(const struct workload *work, int have, char *text,
				      size_t size)
{
	if (work->updated < work->desired)
		return waiting(text, size, "pods have been updated", work->updated,
			       work->desired);
	if (have < work->desired)
		return waiting(text, size, "pods are ready", have, work->desired);
	snprintf(text, size, "successfully rolled out");
	return ROLLOUT_DONE;
}

enum rollout_state workload_rollout(const struct workload *work, char *text, size_t size)
{
	if (work->observed_generation < work->generation) {
		snprintf(text, size, "waiting for the spec update to be observed");
		return ROLLOUT_WAITING;
	}
	if (work->kind == WORKLOAD_DEPLOYMENT)
		return deployment_rollout(work, text, size);
	if (work->kind == WORKLOAD_DAEMONSET)
		return set_rollout(work, work->available, text, size);
	if (work->kind == WORKLOAD_STATEFULSET)
		return set_rollout(work, work->ready, text, size);
	snprintf(text, size, "%s", work->condition ? work->condition : "");
	return ROLLOUT_DONE;
}

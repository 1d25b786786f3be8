/* core/model/storage.c: see storage.h */
#include "core/model/storage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/intern.h"
#include "core/model/nodes.h"
#include "core/model/sorted.h"

struct key {
	enum volume_kind kind;
	const char *ns, *name;
};

const char *volume_kind_name(enum volume_kind kind)
{
	return kind == VOLUME_CLAIM ? "persistentvolumeclaim" : "persistentvolume";
}

static int order(const void *item, const void *key)
{
	const struct volume *volume = item;
	const struct key *want = key;
	int side = (int)volume->kind - (int)want->kind;

	if (!side)
		side = strcmp(volume->ns, want->ns);
	return side ? side : strcmp(volume->name, want->name);
}

struct volume *storage_find(const struct storage *storage, enum volume_kind kind, const char *ns,
			    const char *name)
{
	struct key key = {kind, ns, name};
	bool found;
	size_t at = sorted_place(storage->items, storage->len, order, &key, &found);

	return found ? storage->items[at] : NULL;
}

struct volume *storage_get(struct storage *storage, struct intern *strings, enum volume_kind kind,
			   const char *ns, const char *name)
{
	struct key key = {kind, ns, name};
	bool found;
	size_t at = sorted_place(storage->items, storage->len, order, &key, &found);
	struct volume *volume;

	if (found)
		return storage->items[at];
	volume = xcalloc(1, sizeof(*volume));
	volume->kind = kind;
	volume->name = xstrdup(name);
	volume->ns = intern_get(strings, ns);
	volume->other = xstrdup("");
	volume->reason = xstrdup("");
	volume->bytes = -1;
	storage->items = sorted_insert(storage->items, &storage->len, &storage->cap, at, volume);
	return volume;
}

static void volume_free(struct volume *volume, struct intern *strings)
{
	intern_put(strings, volume->ns);
	intern_set(strings, &volume->phase, NULL);
	intern_set(strings, &volume->class, NULL);
	intern_set(strings, &volume->policy, NULL);
	intern_set(strings, &volume->node, NULL);
	free(volume->name);
	free(volume->other);
	free(volume->reason);
	free(volume);
}

bool storage_remove(struct storage *storage, struct intern *strings, enum volume_kind kind,
		    const char *ns, const char *name)
{
	struct key key = {kind, ns, name};
	bool found;
	size_t at = sorted_place(storage->items, storage->len, order, &key, &found);

	if (!found)
		return false;
	volume_free(storage->items[at], strings);
	sorted_remove(storage->items, &storage->len, at);
	return true;
}

static bool is_one_of(const struct volume *volume, enum volume_kind kind, const char *ns)
{
	return volume->kind == kind && (!ns || kind == VOLUME_DISK || !strcmp(volume->ns, ns));
}

void storage_unmark(struct storage *storage, enum volume_kind kind, const char *ns)
{
	size_t i;

	for (i = 0; i < storage->len; i++)
		if (is_one_of(storage->items[i], kind, ns))
			storage->items[i]->seen = false;
}

void storage_sweep(struct storage *storage, struct intern *strings, enum volume_kind kind,
		   const char *ns)
{
	size_t i, kept = 0;

	for (i = 0; i < storage->len; i++) {
		struct volume *volume = storage->items[i];

		if (!volume->seen && is_one_of(volume, kind, ns))
			volume_free(volume, strings);
		else
			storage->items[kept++] = volume;
	}
	storage->len = kept;
}

void storage_clear(struct storage *storage, struct intern *strings)
{
	size_t i;

	for (i = 0; i < storage->len; i++)
		volume_free(storage->items[i], strings);
	free(storage->items);
	storage->items = NULL;
	storage->len = storage->cap = 0;
}

const char *volume_node(const struct storage *storage, const struct volume *volume)
{
	const struct volume *disk = NULL;

	if (volume->kind == VOLUME_CLAIM)
		disk = storage_find(storage, VOLUME_DISK, "", volume->other);
	/* What was chosen for a claim counts only until it has a disk. */
	return disk ? disk->node : volume->node;
}

static bool has_phase(const struct volume *volume, const char *phase)
{
	return volume->phase && !strcmp(volume->phase, phase);
}

const char *volume_trouble(const struct storage *storage, const struct nodes *nodes,
			   const struct volume *volume, char *buf, size_t size)
{
	const char *where = volume_node(storage, volume);
	const struct node *node = where ? nodes_find(nodes, where) : NULL;

	buf[0] = '\0';
	if (has_phase(volume, "Lost"))
		snprintf(buf, size, "its disk %s is gone", volume->other);
	else if (has_phase(volume, "Failed"))
		snprintf(buf, size, "failed%s%s", volume->reason[0] ? ": " : "", volume->reason);
	else if (has_phase(volume, "Pending") && where)
		snprintf(buf, size, "no disk yet, waits on %s", where);
	else if (where && !node && nodes->complete)
		snprintf(buf, size, "its node %s is not there any more", where);
	else if (node && node_ready(node) != TRI_TRUE)
		snprintf(buf, size, "its node %s is not Ready, and it can't move", where);
	else if (has_phase(volume, "Released"))
		snprintf(buf, size, "its claim is gone; the data is kept");
	else if (volume->deleting)
		snprintf(buf, size, "is being deleted");
	return buf;
}

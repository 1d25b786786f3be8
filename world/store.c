/* world/store.c: see store.h */
#include "world/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "world/jx.h"
#include "world/when.h"
#include "world/world.h"

struct shelf {
	json_t **objects;              /* sorted by namespace, then name */
	size_t count, cap;
	struct change *history;        /* a ring of STORE_HISTORY, made on the first change */
	size_t first, used;
	uint64_t forgotten;            /* the newest version no longer in the history */
};

struct listener {
	store_listener call;
	void *arg;
};

struct store {
	struct shelf shelves[RES_COUNT];
	uint64_t version;
	struct listener listeners[8];
	int listener_count;
};

struct store *store_new(void)
{
	struct store *store = xcalloc(1, sizeof(*store));

	store->version = 48120;        /* a cluster that has lived for a while */
	return store;
}

static void forget(struct change *change)
{
	json_decref(change->object);
	json_decref(change->before);
}

void store_free(struct store *store)
{
	if (!store)
		return;
	for (int r = 0; r < RES_COUNT; r++) {
		struct shelf *shelf = &store->shelves[r];

		for (size_t i = 0; i < shelf->count; i++)
			json_decref(shelf->objects[i]);
		for (size_t i = 0; i < shelf->used; i++)
			forget(&shelf->history[(shelf->first + i) % STORE_HISTORY]);
		free(shelf->objects);
		free(shelf->history);
	}
	free(store);
}

void store_listen(struct store *store, store_listener listener, void *arg)
{
	if (store->listener_count < (int)(sizeof(store->listeners) / sizeof(*store->listeners)))
		store->listeners[store->listener_count++] = (struct listener){listener, arg};
}

uint64_t store_version(const struct store *store)
{
	return store->version;
}

uint64_t store_oldest(const struct store *store, enum resource_id res)
{
	return store->shelves[res].forgotten;
}

size_t store_count(const struct store *store, enum resource_id res)
{
	return store->shelves[res].count;
}

json_t *store_at(const struct store *store, enum resource_id res, size_t index)
{
	const struct shelf *shelf = &store->shelves[res];

	return index < shelf->count ? shelf->objects[index] : NULL;
}

static int compare(const json_t *object, const char *ns, const char *name)
{
	int order = strcmp(jx_namespace(object), ns);

	return order ? order : strcmp(jx_name(object), name);
}

size_t store_index(const struct store *store, enum resource_id res, const char *ns,
		   const char *name)
{
	const struct shelf *shelf = &store->shelves[res];
	size_t low = 0, high = shelf->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare(shelf->objects[mid], ns, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

json_t *store_get(const struct store *store, enum resource_id res, const char *ns,
		  const char *name)
{
	json_t *object = store_at(store, res, store_index(store, res, ns, name));

	return object && !compare(object, ns, name) ? object : NULL;
}

json_t *store_edit(const struct store *store, enum resource_id res, const char *ns,
		   const char *name)
{
	json_t *object = store_get(store, res, ns, name);

	return object ? json_deep_copy(object) : NULL;
}

void store_new_uid(char uid[37])
{
	uint32_t a = world_random(UINT32_MAX), b = world_random(UINT32_MAX);

	snprintf(uid, 37, "%08x-%04x-4%03x-8%03x-%08x%04x", a, b & 0xffffu, b >> 20,
		 a & 0xfffu, world_random(UINT32_MAX), (a >> 8) & 0xffffu);
}

void store_admit(json_t *object, enum resource_id res)
{
	const struct resource *resource = &resources[res];
	char uid[37], api_version[64];

	jx_set_str(object, "kind", resource->kind);
	jx_set_str(object, "apiVersion",
		   resource_api_version(res, api_version, sizeof(api_version)));
	if (!*jx_uid(object)) {
		store_new_uid(uid);
		jx_set_str(object, "metadata.uid", uid);
	}
	if (!*jx_str(object, "metadata.creationTimestamp"))
		jx_set(object, "metadata.creationTimestamp", when_json(when_now_us()));
	if ((resource->flags & RESF_GENERATION) && !jx_int(object, "metadata.generation"))
		jx_set_int(object, "metadata.generation", 1);
}

/* A copy for comparing: the same but for the version, which is always different. */
static bool same(json_t *a, json_t *b)
{
	json_t *meta_a = json_object_get(a, "metadata"), *meta_b = json_object_get(b, "metadata");

	json_object_set(meta_b, "resourceVersion", json_object_get(meta_a, "resourceVersion"));
	return json_equal(a, b);
}

static void note(struct store *store, enum change_type type, enum resource_id res,
		 json_t *object, json_t *before)
{
	struct shelf *shelf = &store->shelves[res];
	struct change *slot;

	if (!shelf->history)
		shelf->history = xcalloc(STORE_HISTORY, sizeof(*shelf->history));
	if (shelf->used == STORE_HISTORY) {
		slot = &shelf->history[shelf->first];
		shelf->forgotten = slot->version;
		forget(slot);
		shelf->first = (shelf->first + 1) % STORE_HISTORY;
		shelf->used--;
	}
	slot = &shelf->history[(shelf->first + shelf->used++) % STORE_HISTORY];
	*slot = (struct change){type, res, store->version, json_incref(object),
				json_incref(before)};
	for (int i = 0; i < store->listener_count; i++)
		store->listeners[i].call(store->listeners[i].arg, slot);
}

static void stamp(struct store *store, json_t *object)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, ++store->version);
	jx_set_str(object, "metadata.resourceVersion", text);
}

json_t *store_put(struct store *store, enum resource_id res, json_t *object)
{
	struct shelf *shelf = &store->shelves[res];
	size_t at = store_index(store, res, jx_namespace(object), jx_name(object));
	json_t *before = store_get(store, res, jx_namespace(object), jx_name(object));

	if (before) {
		if (same(before, object)) {
			json_decref(object);
			return before;
		}
		stamp(store, object);
		shelf->objects[at] = object;
		note(store, CHANGE_MODIFIED, res, object, before);
		json_decref(before);
		return object;
	}
	store_admit(object, res);
	stamp(store, object);
	if (shelf->count == shelf->cap) {
		shelf->cap = shelf->cap ? shelf->cap * 2 : 8;
		shelf->objects = xreallocarray(shelf->objects, shelf->cap, sizeof(json_t *));
	}
	memmove(shelf->objects + at + 1, shelf->objects + at,
		(shelf->count - at) * sizeof(json_t *));
	shelf->objects[at] = object;
	shelf->count++;
	note(store, CHANGE_ADDED, res, object, NULL);
	return object;
}

void store_remove(struct store *store, enum resource_id res, const char *ns, const char *name)
{
	struct shelf *shelf = &store->shelves[res];
	size_t at = store_index(store, res, ns, name);
	json_t *before = store_get(store, res, ns, name), *last;

	if (!before)
		return;
	memmove(shelf->objects + at, shelf->objects + at + 1,
		(shelf->count - at - 1) * sizeof(json_t *));
	shelf->count--;
	last = json_deep_copy(before);
	stamp(store, last);
	note(store, CHANGE_DELETED, res, last, before);
	json_decref(last);
	json_decref(before);
}

void store_replay(const struct store *store, enum resource_id res, uint64_t after,
		  store_listener listener, void *arg)
{
	const struct shelf *shelf = &store->shelves[res];

	for (size_t i = 0; i < shelf->used; i++) {
		const struct change *change =
			&shelf->history[(shelf->first + i) % STORE_HISTORY];

		if (change->version > after)
			listener(arg, change);
	}
}

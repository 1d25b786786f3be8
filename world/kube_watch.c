/* world/kube_watch.c: the stream of changes; see kube_api.h */
#include "world/kube_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "core/alloc.h"
#include "world/jx.h"
#include "world/kube_select.h"
#include "world/kube_table.h"
#include "world/store.h"
#include "world/watchers.h"
#include "world/world.h"

#define BOOKMARK_EVERY_MS 60000

struct watch {
	struct world *world;
	struct stream *stream;
	struct target target;
	char *labels, *fields;         /* owned */
	enum include_object include;
	bool bookmarks;
	bool told_columns;
	int64_t bookmark_at, end_at;   /* world time */
	struct watch *next, **link;
};

struct watchers {
	struct world *world;
	struct watch *first;
	uv_timer_t timer;
};

static void send_event(struct watch *watch, const char *type, json_t *object)
{
	json_t *event = json_pack("{s:s, s:o}", "type", type, "object", object);
	char *text = json_dumps(event, JSON_COMPACT | JSON_PRESERVE_ORDER);

	json_decref(event);
	if (!text)
		return;
	stream_write(watch->stream, text, strlen(text));
	stream_write(watch->stream, "\n", 1);
	free(text);
}

static void send_object(struct watch *watch, const char *type, json_t *object)
{
	json_t *table;

	if (watch->target.shape != SHAPE_TABLE) {
		send_event(watch, type, kube_present(&watch->target, object));
		return;
	}
	table = table_new(watch->target.res, !watch->told_columns);
	watch->told_columns = true;
	jx_set(table, "metadata.resourceVersion",
	       json_incref(jx_get(object, "metadata.resourceVersion")));
	table_add(table, watch->target.res, object, watch->include);
	send_event(watch, type, table);
}

static bool wanted(const struct watch *watch, const json_t *object)
{
	struct selection selection = {watch->labels, watch->fields};

	if (!object || (*watch->target.ns && strcmp(jx_namespace(object), watch->target.ns)))
		return false;
	if (*watch->target.name && strcmp(jx_name(object), watch->target.name))
		return false;
	return select_object(&selection, object);
}

/* An object that begins or ceases to match is added or deleted for this watch. */
static void on_change(void *arg, const struct change *change)
{
	struct watch *watch = arg;
	bool now, before;

	if (change->res != watch->target.res)
		return;
	now = change->type != CHANGE_DELETED && wanted(watch, change->object);
	before = wanted(watch, change->before);
	if (now)
		send_object(watch, before ? "MODIFIED" : "ADDED", change->object);
	else if (before)
		send_object(watch, "DELETED", change->object);
}

static void send_bookmark(struct watch *watch, bool initial_end)
{
	const struct resource *res = &resources[watch->target.res];
	char version[24], api_version[64];
	json_t *object;

	snprintf(version, sizeof(version), "%" PRIu64, store_version(watch->world->store));
	resource_api_version(watch->target.res, api_version, sizeof(api_version));
	if (watch->target.shape == SHAPE_TABLE) {
		object = table_new(watch->target.res, false);
		jx_set_str(object, "metadata.resourceVersion", version);
	} else {
		object = json_pack("{s:s, s:s, s:{s:s, s:n}}", "kind", res->kind, "apiVersion",
				   api_version, "metadata", "resourceVersion", version,
				   "creationTimestamp");
	}
	if (initial_end)
		json_object_set_new(jx_make(object, "metadata.annotations"),
				    "k8s.io/initial-events-end", json_string("true"));
	send_event(watch, "BOOKMARK", object);
}

static void send_all(struct watch *watch)
{
	json_t *object;

	for (size_t i = 0; (object = store_at(watch->world->store, watch->target.res, i)); i++) {
		if (wanted(watch, object))
			send_object(watch, "ADDED", object);
	}
}

/* False when the asked version is no longer, or not yet, known. */
static bool send_past(struct watch *watch, const char *version_text, bool initial)
{
	const struct store *store = watch->world->store;
	uint64_t version = version_text ? strtoull(version_text, NULL, 10) : 0;
	char message[96];

	if (initial || !version) {
		send_all(watch);
		if (initial && watch->bookmarks)
			send_bookmark(watch, true);
		return true;
	}
	if (version >= store_oldest(store, watch->target.res)) {
		store_replay(store, watch->target.res, version, on_change, watch);
		return true;
	}
	snprintf(message, sizeof(message), "too old resource version: %" PRIu64 " (%" PRIu64 ")",
		 version, store_oldest(store, watch->target.res));
	send_event(watch, "ERROR", status_object(410, "Expired", message));
	return false;
}

static void on_stream_closed(void *arg)
{
	struct watch *watch = arg;

	*watch->link = watch->next;
	if (watch->next)
		watch->next->link = watch->link;
	free(watch->labels);
	free(watch->fields);
	free(watch);
}

static struct watch *watch_new(const struct request *request, const struct target *target)
{
	struct watchers *all = request->world->watchers;
	struct watch *watch = xcalloc(1, sizeof(*watch));
	const char *timeout = request_arg(request, "timeoutSeconds");
	int64_t now = world_now(request->world);
	long seconds = timeout ? strtol(timeout, NULL, 10) : 0;

	if (seconds <= 0)
		seconds = 1800 + world_random(1800);
	watch->world = request->world;
	watch->target = *target;
	watch->labels = xstrdup(request_arg(request, "labelSelector"));
	watch->fields = xstrdup(request_arg(request, "fieldSelector"));
	watch->include = table_include(request_arg(request, "includeObject"));
	watch->bookmarks = request_flag(request, "allowWatchBookmarks");
	watch->bookmark_at = now + BOOKMARK_EVERY_MS;
	watch->end_at = now + seconds * 1000;
	watch->next = all->first;
	watch->link = &all->first;
	if (watch->next)
		watch->next->link = &watch->next;
	all->first = watch;
	return watch;
}

int kube_watch(const struct request *request, const struct target *target)
{
	struct watch *watch = watch_new(request, target);
	const struct stream_owner owner = {on_stream_closed, watch};
	int rc = reply_stream(request,
			      target->shape == SHAPE_TABLE
				      ? "application/json;as=Table;g=meta.k8s.io;v=v1"
				      : "application/json",
			      &owner, &watch->stream);

	if (rc && !send_past(watch, request_arg(request, "resourceVersion"),
		       request_flag(request, "sendInitialEvents")))
		stream_end(watch->stream);
	return rc;
}

static void on_any_change(void *arg, const struct change *change)
{
	struct watchers *all = arg;

	for (struct watch *watch = all->first; watch; watch = watch->next)
		on_change(watch, change);
}

static void on_timer(uv_timer_t *timer)
{
	struct watchers *all = timer->data;
	int64_t now = world_now(all->world);

	for (struct watch *watch = all->first; watch; watch = watch->next) {
		if (now >= watch->end_at) {
			if (watch->bookmarks)
				send_bookmark(watch, false);
			stream_end(watch->stream);
		} else if (watch->bookmarks && now >= watch->bookmark_at) {
			send_bookmark(watch, false);
			watch->bookmark_at = now + BOOKMARK_EVERY_MS;
		}
	}
}

struct watchers *watchers_new(struct world *world)
{
	struct watchers *all = xcalloc(1, sizeof(*all));

	all->world = world;
	all->timer.data = all;
	uv_timer_init(world->loop, &all->timer);
	uv_timer_start(&all->timer, on_timer, 1000, 1000);
	store_listen(world->store, on_any_change, all);
	return all;
}

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void watchers_free(struct watchers *all)
{
	if (all)
		uv_close((uv_handle_t *)&all->timer, on_timer_closed);
}

/* world/kube_read.c: get and list, in every shape; see kube_api.h */
#include "world/kube_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/jx.h"
#include "world/kube_select.h"
#include "world/kube_table.h"
#include "world/store.h"
#include "world/world.h"

static void move_key(json_t *object, const char *from, const char *to)
{
	json_t *value = json_object_get(object, from);

	if (!value)
		return;
	json_object_set(object, to, value);
	json_object_del(object, from);
}

/* The same event under its newer names. */
static json_t *as_new_event(json_t *event)
{
	json_t *copy = json_copy(event);

	jx_set_str(copy, "apiVersion", "events.k8s.io/v1");
	move_key(copy, "involvedObject", "regarding");
	move_key(copy, "message", "note");
	move_key(copy, "source", "deprecatedSource");
	move_key(copy, "firstTimestamp", "deprecatedFirstTimestamp");
	move_key(copy, "lastTimestamp", "deprecatedLastTimestamp");
	move_key(copy, "count", "deprecatedCount");
	move_key(copy, "reportingComponent", "reportingController");
	return copy;
}

json_t *kube_present(const struct target *target, json_t *object)
{
	if (target->shape == SHAPE_PARTIAL)
		return partial_object(object);
	if (target->new_events)
		return as_new_event(object);
	return json_incref(object);
}

static void set_version(json_t *list, uint64_t version)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, version);
	jx_set_str(list, "metadata.resourceVersion", text);
}

/* Kind and version first, as people read it. */
static json_t *kind_first(const json_t *object)
{
	json_t *ordered = json_object();
	static const char *const first[] = {"apiVersion", "kind", "metadata"};

	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++)
		json_object_set(ordered, first[i], json_object_get(object, first[i]));
	json_object_update_missing(ordered, (json_t *)(uintptr_t)object);
	return ordered;
}

int kube_get(const struct request *request, const struct target *target)
{
	json_t *object = store_get(request->world->store, target->res, target->ns, target->name);
	json_t *table, *shown;

	if (!object)
		return reply_not_found(request, target);
	if (target->shape != SHAPE_TABLE) {
		shown = kube_present(target, object);
		table = kind_first(shown);
		json_decref(shown);
		return reply_json(request, 200, table);
	}
	table = table_new(target->res, true);
	jx_set(table, "metadata.resourceVersion",
	       json_incref(jx_get(object, "metadata.resourceVersion")));
	table_add(table, target->res, object, table_include(request_arg(request,
									"includeObject")));
	return reply_json(request, 200, table);
}

/* Where a page begins: after the object that the token names. */
static size_t page_start(const struct request *request, const struct target *target)
{
	const char *token = request_arg(request, "continue");
	char ns[64], name[254];
	size_t index;

	if (!token || sscanf(token, "%63[^:]:%253s", ns, name) != 2)
		return 0;
	if (!strcmp(ns, "-"))
		*ns = '\0';
	index = store_index(request->world->store, target->res, ns, name);
	return index + (store_get(request->world->store, target->res, ns, name) != NULL);
}

/* Items of a list carry no kind of their own. */
static json_t *as_item(const struct target *target, json_t *object)
{
	json_t *item, *shown = kube_present(target, object);

	if (target->shape == SHAPE_PARTIAL)
		return shown;
	item = json_copy(shown);
	json_decref(shown);
	json_object_del(item, "kind");
	json_object_del(item, "apiVersion");
	return item;
}

static json_t *empty_list(const struct target *target)
{
	const struct resource *res = &resources[target->res];
	char kind[80], version[64];

	if (target->shape == SHAPE_TABLE)
		return table_new(target->res, true);
	if (target->shape == SHAPE_PARTIAL)
		return json_pack("{s:s, s:s, s:{}, s:[]}", "kind", "PartialObjectMetadataList",
				 "apiVersion", "meta.k8s.io/v1", "metadata", "items");
	snprintf(kind, sizeof(kind), "%sList", res->kind);
	return json_pack("{s:s, s:s, s:{}, s:[]}", "kind", kind, "apiVersion",
			 target->new_events
				 ? "events.k8s.io/v1"
				 : resource_api_version(target->res, version, sizeof(version)),
			 "metadata", "items");
}

static void end_page(json_t *list, const json_t *last, size_t rest, bool selected)
{
	char token[320];
	const char *ns = jx_namespace(last);

	snprintf(token, sizeof(token), "%s:%s", *ns ? ns : "-", jx_name(last));
	jx_set_str(list, "metadata.continue", token);
	if (!selected)
		jx_set_int(list, "metadata.remainingItemCount", (json_int_t)rest);
}

int kube_list(const struct request *request, const struct target *target)
{
	const struct store *store = request->world->store;
	struct selection selection = {request_arg(request, "labelSelector"),
				      request_arg(request, "fieldSelector")};
	enum include_object include = table_include(request_arg(request, "includeObject"));
	const char *limit_text = request_arg(request, "limit");
	size_t limit = limit_text ? strtoul(limit_text, NULL, 10) : 0, taken = 0;
	json_t *list = empty_list(target), *last = NULL, *object;

	set_version(list, store_version(store));
	for (size_t i = page_start(request, target); (object = store_at(store, target->res, i));
	     i++) {
		if (*target->ns && strcmp(jx_namespace(object), target->ns))
			continue;
		if (!select_object(&selection, object))
			continue;
		if (limit && taken == limit) {
			end_page(list, last, store_count(store, target->res) - i,
				 selection.labels || selection.fields || *target->ns);
			break;
		}
		if (target->shape == SHAPE_TABLE)
			table_add(list, target->res, object, include);
		else
			json_array_append_new(json_object_get(list, "items"),
					      as_item(target, object));
		last = object;
		taken++;
	}
	return reply_json(request, 200, list);
}

/* world/controllers/daemonsets.c: one pod on each node; see workloads.h */
#include "world/controllers/workloads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/controllers/events.h"
#include "world/controllers/kubelet.h"
#include "world/controllers/nodes.h"
#include "world/jx.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

#define HASH_LABEL "controller-revision-hash"

/* Without nulls and empty things, which clients send or leave out as they like. */
static json_t *without_empty(const json_t *value)
{
	const char *key;
	json_t *out, *item, *kept;
	size_t i;

	if (json_is_object(value)) {
		out = json_object();
		json_object_foreach((json_t *)(uintptr_t)value, key, item) {
			kept = without_empty(item);
			if (kept)
				json_object_set_new(out, key, kept);
		}
		if (json_object_size(out))
			return out;
		json_decref(out);
		return NULL;
	}
	if (json_is_array(value)) {
		out = json_array();
		json_array_foreach(value, i, item) {
			kept = without_empty(item);
			json_array_append_new(out, kept ? kept : json_object());
		}
		if (json_array_size(out))
			return out;
		json_decref(out);
		return NULL;
	}
	if (json_is_null(value) || (json_is_string(value) && !json_string_length(value)))
		return NULL;
	return json_deep_copy(value);
}

json_t *template_plain(const json_t *template)
{
	json_t *plain = without_empty(template);

	if (!plain)
		return json_object();
	jx_del(plain, "metadata.creationTimestamp");
	json_object_del(jx_get(plain, "metadata.labels"), "pod-template-hash");
	json_object_del(jx_get(plain, "metadata.labels"), HASH_LABEL);
	return plain;
}

void template_hash(const json_t *template, char hash[12])
{
	static const char letters[] = "bcdf456789";
	json_t *plain = template_plain(template);
	char *text = json_dumps(plain, JSON_COMPACT | JSON_SORT_KEYS);
	uint64_t sum = 1469598103934665603ull;

	for (const char *at = text; at && *at; at++)
		sum = (sum ^ (unsigned char)*at) * 1099511628211ull;
	free(text);
	json_decref(plain);
	for (int i = 0; i < 10; i++, sum /= 10)
		hash[i] = letters[sum % 10];
	hash[10] = '\0';
}

/* The set's living pod on a node, and whether an ending one is still there. */
static json_t *pod_on(const struct world *world, const json_t *set, const char *node,
		      bool *ret_ending)
{
	json_t *pod, *found = NULL;

	*ret_ending = false;
	for (size_t i = 0; (pod = store_at(world->store, RES_PODS, i)); i++) {
		if (strcmp(jx_str(jx_controller(pod), "uid"), jx_uid(set)) ||
		    strcmp(jx_str(pod, "spec.nodeName"), node))
			continue;
		if (pod_is_active(pod))
			found = pod;
		else
			*ret_ending = true;
	}
	return found;
}

static void add_pod(struct world *world, json_t *set, const char *node, const char *hash)
{
	char name[254], tail[6];
	json_t *pod;

	random_tail(tail, 5);
	snprintf(name, sizeof(name), "%s-%s", jx_name(set), tail);
	pod = json_deep_copy(owner_add_pod(world, set, name, node, when_now_us()));
	json_object_set_new(jx_make(pod, "metadata.labels"), HASH_LABEL, json_string(hash));
	store_put(world->store, RES_PODS, pod);
	event_record(world, set, "daemonset-controller", "Normal", "SuccessfulCreate", 0,
		     "Created pod: %s", name);
}

static void write_status(struct world *world, const json_t *set, int wanted, int have, int ready,
			 int updated)
{
	json_t *copy = store_edit(world->store, RES_DAEMONSETS, jx_namespace(set), jx_name(set));

	jx_set_int(copy, "status.desiredNumberScheduled", wanted);
	jx_set_int(copy, "status.currentNumberScheduled", have);
	jx_set_int(copy, "status.numberReady", ready);
	jx_set_int(copy, "status.numberAvailable", ready);
	jx_set_int(copy, "status.updatedNumberScheduled", updated);
	jx_set_int(copy, "status.numberMisscheduled", 0);
	jx_set_int(copy, "status.observedGeneration", jx_int(copy, "metadata.generation"));
	if (wanted > ready)
		jx_set_int(copy, "status.numberUnavailable", wanted - ready);
	else
		jx_del(copy, "status.numberUnavailable");
	store_put(world->store, RES_DAEMONSETS, copy);
}

static void reconcile(struct world *world, json_t *set)
{
	int wanted = 0, have = 0, ready = 0, updated = 0;
	json_t *outdated = NULL, *node;
	char hash[12];
	bool ending;

	template_hash(jx_get(set, "spec.template"), hash);
	for (size_t i = 0; (node = store_at(world->store, RES_NODES, i)); i++) {
		json_t *pod = pod_on(world, set, jx_name(node), &ending);

		wanted++;
		if (!pod && !ending && nodes_up(world, jx_name(node)))
			add_pod(world, set, jx_name(node), hash);
		if (!pod)
			continue;
		have++;
		ready += pod_is_ready(pod);
		if (!strcmp(jx_label(pod, HASH_LABEL), hash))
			updated++;
		else
			outdated = pod;
	}
	write_status(world, set, wanted, have, ready, updated);
	if (outdated && ready == wanted)
		kubelet_delete(world->kubelet, jx_namespace(outdated), jx_name(outdated), 30);
}

void daemonsets_reconcile(struct world *world)
{
	for (size_t i = 0; i < store_count(world->store, RES_DAEMONSETS); i++) {
		json_t *set = json_incref(store_at(world->store, RES_DAEMONSETS, i));

		reconcile(world, set);
		json_decref(set);
	}
}

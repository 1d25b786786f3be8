/* world/controllers/replicasets.c: as many pods as are asked for; see workloads.h */
#include "world/controllers/workloads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "world/controllers/events.h"
#include "world/controllers/kubelet.h"
#include "world/jx.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

/* Three small nodes hold no more; a typing error must not hold up the world. */
#define PODS_MAX 100

bool pod_is_ready(const json_t *pod)
{
	return !strcmp(jx_str(jx_find(jx_get(pod, "status.conditions"), "type", "Ready"),
			      "status"), "True");
}

bool pod_is_active(const json_t *pod)
{
	const char *phase = jx_str(pod, "status.phase");

	return !*jx_str(pod, "metadata.deletionTimestamp") && strcmp(phase, "Succeeded") &&
	       strcmp(phase, "Failed");
}

void random_tail(char *tail, int len)
{
	static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";

	for (int i = 0; i < len; i++)
		tail[i] = letters[world_random(sizeof(letters) - 1)];
	tail[len] = '\0';
}

json_t *owner_reference(const json_t *owner)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "apiVersion",
			 jx_str(owner, "apiVersion"), "kind", jx_str(owner, "kind"), "name",
			 jx_name(owner), "uid", jx_uid(owner), "controller", 1,
			 "blockOwnerDeletion", 1);
}

/* What admission adds to a pod that does not say it. */
static void add_defaults(json_t *spec)
{
	static const char *const taints[] = {"node.kubernetes.io/not-ready",
					     "node.kubernetes.io/unreachable"};
	static const char *const texts[][2] = {
		{"restartPolicy", "Always"}, {"dnsPolicy", "ClusterFirst"},
		{"serviceAccountName", "default"}, {"schedulerName", "default-scheduler"},
	};
	json_t *tolerations = json_object_get(spec, "tolerations");

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (!json_object_get(spec, texts[i][0]))
			jx_set_str(spec, texts[i][0], texts[i][1]);
	}
	if (!json_object_get(spec, "terminationGracePeriodSeconds"))
		jx_set_int(spec, "terminationGracePeriodSeconds", 30);
	jx_set_int(spec, "priority", 0);
	jx_set(spec, "enableServiceLinks", json_true());
	if (!tolerations) {
		tolerations = json_array();
		json_object_set_new(spec, "tolerations", tolerations);
	}
	for (size_t i = 0; i < 2; i++)
		json_array_append_new(tolerations,
				      json_pack("{s:s, s:s, s:s, s:i}", "key", taints[i],
						"operator", "Exists", "effect", "NoExecute",
						"tolerationSeconds", 300));
}

static const char *quality(const json_t *spec)
{
	const json_t *container;
	const char *class = "BestEffort";
	size_t i;

	json_array_foreach(json_object_get(spec, "containers"), i, container) {
		if (json_object_size(jx_get(container, "resources.requests")) ||
		    json_object_size(jx_get(container, "resources.limits")))
			class = "Burstable";
	}
	return class;
}

json_t *owner_add_pod(struct world *world, const json_t *owner, const char *name,
		      const char *node, int64_t at_us)
{
	json_t *pod = json_deep_copy(jx_get(owner, "spec.template"));

	jx_del(pod, "metadata.creationTimestamp");
	jx_set_str(pod, "metadata.name", name);
	jx_set_str(pod, "metadata.namespace", jx_namespace(owner));
	jx_set(pod, "metadata.generateName", json_sprintf("%s-", jx_name(owner)));
	jx_set(pod, "metadata.creationTimestamp", when_json(at_us));
	jx_set(pod, "metadata.ownerReferences", json_pack("[o]", owner_reference(owner)));
	if (*node)
		jx_set_str(pod, "spec.nodeName", node);
	add_defaults(jx_make(pod, "spec"));
	jx_set_str(pod, "status.phase", "Pending");
	jx_set_str(pod, "status.qosClass", quality(json_object_get(pod, "spec")));
	return store_put(world->store, RES_PODS, pod);
}

static void add_pods(struct world *world, json_t *set, long long count)
{
	char name[254], tail[6];

	while (count-- > 0) {
		random_tail(tail, 5);
		snprintf(name, sizeof(name), "%s-%s", jx_name(set), tail);
		owner_add_pod(world, set, name, "", when_now_us());
		event_record(world, set, "replicaset-controller", "Normal", "SuccessfulCreate",
			     0, "Created pod: %s", name);
	}
}

/* Those go first that serve the least: not on a node, not ready, the youngest. */
static int rank(const json_t *pod)
{
	if (!*jx_str(pod, "spec.nodeName"))
		return 0;
	if (!strcmp(jx_str(pod, "status.phase"), "Pending"))
		return 1;
	return pod_is_ready(pod) ? 3 : 2;
}

static int compare(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int order = rank(x) - rank(y);

	if (order)
		return order;
	return strcmp(jx_str(y, "metadata.creationTimestamp"),
		      jx_str(x, "metadata.creationTimestamp"));
}

static void drop_pods(struct world *world, json_t *set, json_t **pods, size_t have, size_t drop)
{
	qsort(pods, have, sizeof(*pods), compare);
	for (size_t i = 0; i < drop && i < have; i++) {
		event_record(world, set, "replicaset-controller", "Normal", "SuccessfulDelete",
			     0, "Deleted pod: %s", jx_name(pods[i]));
		kubelet_delete(world->kubelet, jx_namespace(pods[i]), jx_name(pods[i]),
			       jx_int(pods[i], "spec.terminationGracePeriodSeconds"));
	}
}

static void write_status(struct world *world, const json_t *set, long long have, long long ready)
{
	json_t *copy = store_edit(world->store, RES_REPLICASETS, jx_namespace(set),
				  jx_name(set));

	jx_set_int(copy, "status.replicas", have);
	jx_set_int(copy, "status.fullyLabeledReplicas", have);
	jx_set_int(copy, "status.readyReplicas", ready);
	jx_set_int(copy, "status.availableReplicas", ready);
	jx_set_int(copy, "status.observedGeneration", jx_int(copy, "metadata.generation"));
	for (const char *const *key = (const char *const[]){"fullyLabeledReplicas",
	     "readyReplicas", "availableReplicas", NULL}; *key; key++) {
		json_t *status = json_object_get(copy, "status");

		if (!jx_int(status, *key))
			json_object_del(status, *key);
	}
	store_put(world->store, RES_REPLICASETS, copy);
}

static void reconcile(struct world *world, json_t *set)
{
	size_t count = store_count(world->store, RES_PODS), have = 0;
	json_t **pods = xcalloc(count, sizeof(*pods));
	long long wanted = jx_int(set, "spec.replicas"), ready = 0;

	wanted = wanted < 0 ? 0 : wanted > PODS_MAX ? PODS_MAX : wanted;
	for (size_t i = 0; i < count; i++) {
		json_t *pod = store_at(world->store, RES_PODS, i);

		if (strcmp(jx_str(jx_controller(pod), "uid"), jx_uid(set)) ||
		    !pod_is_active(pod))
			continue;
		pods[have++] = json_incref(pod);
		ready += pod_is_ready(pod);
	}
	if (wanted > (long long)have)
		add_pods(world, set, wanted - (long long)have);
	else if (wanted < (long long)have)
		drop_pods(world, set, pods, have, have - (size_t)wanted);
	write_status(world, set, (long long)have, ready);
	for (size_t i = 0; i < have; i++)
		json_decref(pods[i]);
	free(pods);
}

void replicasets_reconcile(struct world *world)
{
	for (size_t i = 0; i < store_count(world->store, RES_REPLICASETS); i++) {
		json_t *set = json_incref(store_at(world->store, RES_REPLICASETS, i));

		reconcile(world, set);
		json_decref(set);
	}
}

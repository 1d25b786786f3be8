/* world/kube_metrics.c: metrics.k8s.io/v1beta1, as metrics-server answers; see kube_api.h */
#include "world/kube_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/controllers/kubelet.h"
#include "world/controllers/nodes.h"
#include "world/controllers/workloads.h"
#include "world/jx.h"
#include "world/kube_select.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

#define WINDOW_US 15000000

/* Around the plan's number, never twice the same. */
static long long around(long long value)
{
	return value * (850 + world_random(300)) / 1000;
}

static json_t *usage(long long milli, long long mebi)
{
	return json_pack("{s:o, s:o}", "cpu",
			 json_sprintf("%lldn", around(milli) * 1000000 + world_random(999999)),
			 "memory", json_sprintf("%lldKi", around(mebi) * 1024));
}

static json_t *head(const json_t *object, const char *kind)
{
	int64_t now_us = when_now_us();
	json_t *row = json_pack("{s:s, s:s, s:{s:s, s:o}, s:o, s:s}", "kind", kind, "apiVersion",
				"metrics.k8s.io/v1beta1", "metadata", "name", jx_name(object),
				"creationTimestamp", when_json(now_us), "timestamp",
				when_json(now_us - now_us % WINDOW_US), "window", "15.021s");
	json_t *labels = jx_get(object, "metadata.labels");

	if (labels)
		jx_set(row, "metadata.labels", json_incref(labels));
	if (*jx_namespace(object))
		jx_set_str(row, "metadata.namespace", jx_namespace(object));
	return row;
}

static json_t *pod_row(const struct world *world, const json_t *pod)
{
	const json_t *plan = kubelet_plan(world, pod), *container;
	json_t *row = head(pod, "PodMetrics"), *list = json_array();
	size_t i;

	json_array_foreach(jx_get(pod, "spec.containers"), i, container)
		json_array_append_new(list, json_pack("{s:s, s:o}", "name",
						      jx_str(container, "name"), "usage",
						      usage(jx_int(plan, "usage.cpu"),
							    jx_int(plan, "usage.memory"))));
	json_object_set_new(row, "containers", list);
	return row;
}

static json_t *node_row(const struct world *world, const json_t *node)
{
	const json_t *plan = jx_find(json_object_get(world->plan, "nodes"), "name",
				     jx_name(node));
	json_t *row = head(node, "NodeMetrics");

	json_object_set_new(row, "usage", usage(jx_int(plan, "usage.cpu"),
						jx_int(plan, "usage.memory")));
	return row;
}

static bool measured(const struct world *world, enum resource_id res, const json_t *object)
{
	if (res == RES_NODES)
		return nodes_up(world, jx_name(object));
	return !strcmp(jx_str(object, "status.phase"), "Running") &&
	       nodes_up(world, jx_str(object, "spec.nodeName"));
}

static json_t *row_of(const struct world *world, enum resource_id res, const json_t *object)
{
	return res == RES_NODES ? node_row(world, object) : pod_row(world, object);
}

static int list(const struct request *request, enum resource_id res, const char *ns)
{
	struct world *world = request->world;
	struct selection selection = {request_arg(request, "labelSelector"),
				      request_arg(request, "fieldSelector")};
	json_t *items = json_array();
	const json_t *object;

	for (size_t i = 0; (object = store_at(world->store, res, i)); i++) {
		if ((*ns && strcmp(ns, jx_namespace(object))) ||
		    !measured(world, res, object) || !select_object(&selection, object))
			continue;
		json_array_append_new(items, row_of(world, res, object));
	}
	return reply_json(request, 200,
			  json_pack("{s:s, s:s, s:{}, s:o}", "kind",
				    res == RES_NODES ? "NodeMetricsList" : "PodMetricsList",
				    "apiVersion", "metrics.k8s.io/v1beta1", "metadata", "items",
				    items));
}

static int one(const struct request *request, enum resource_id res, const char *ns,
	       const char *name)
{
	const json_t *object = store_get(request->world->store, res, ns, name);

	if (!object || !measured(request->world, res, object))
		return reply_status(request, 404, "NotFound", "%s.metrics.k8s.io \"%s\" not found",
				    resources[res].plural, name);
	return reply_json(request, 200, row_of(request->world, res, object));
}

int kube_metrics(const struct request *request, const char *rest)
{
	char ns[64] = "", what[32] = "", name[254] = "";

	if (!api_is_available(request->world, "v1beta1.metrics.k8s.io"))
		return reply_text(request, 503, "service unavailable\n");
	if (sscanf(rest, "namespaces/%63[^/]/%31[^/]/%253s", ns, what, name) < 2) {
		*ns = '\0';
		if (sscanf(rest, "%31[^/]/%253s", what, name) < 1)
			return reply_text(request, 404, "404 page not found\n");
	}
	if (!strcmp(what, "nodes") && !*ns)
		return *name ? one(request, RES_NODES, "", name)
			     : list(request, RES_NODES, "");
	if (!strcmp(what, "pods"))
		return *name ? one(request, RES_PODS, ns, name) : list(request, RES_PODS, ns);
	return reply_text(request, 404, "404 page not found\n");
}

/* world/controllers/services.c: who answers for a service; see workloads.h */
#include "world/controllers/workloads.h"

#include <stdio.h>
#include <string.h>

#include "world/jx.h"
#include "world/store.h"
#include "world/world.h"

static bool selected(const json_t *service, const json_t *pod)
{
	json_t *selector = jx_get(service, "spec.selector"), *value;
	const char *key;

	if (!json_object_size(selector) || strcmp(jx_namespace(service), jx_namespace(pod)))
		return false;
	json_object_foreach(selector, key, value) {
		if (strcmp(jx_label(pod, key), json_string_value(value)))
			return false;
	}
	return *jx_str(pod, "status.podIP") && pod_is_active(pod);
}

static json_t *reference(const json_t *pod)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "kind", "Pod", "name", jx_name(pod),
			 "namespace", jx_namespace(pod), "uid", jx_uid(pod));
}

/* A service's ports, as its endpoints list them. */
static json_t *port_list(const json_t *service)
{
	json_t *list = json_array();
	const json_t *port;
	size_t i;

	json_array_foreach(jx_get(service, "spec.ports"), i, port) {
		long long number = jx_int(port, "targetPort");

		json_array_append_new(list, json_pack("{s:s, s:I, s:s}", "name",
						      jx_str(port, "name"), "port",
						      (json_int_t)(number ? number
									  : jx_int(port, "port")),
						      "protocol", "TCP"));
	}
	return list;
}

static void head(json_t *object, const json_t *service, const char *suffix)
{
	jx_set(object, "metadata.name", json_sprintf("%s%s", jx_name(service), suffix));
	jx_set_str(object, "metadata.namespace", jx_namespace(service));
	jx_set(object, "metadata.creationTimestamp",
	       json_incref(jx_get(service, "metadata.creationTimestamp")));
}

/* Keep what the server once filled in. */
static void put(struct world *world, enum resource_id res, json_t *object)
{
	const json_t *old = store_get(world->store, res, jx_namespace(object), jx_name(object));

	if (old)
		jx_set_str(object, "metadata.uid", jx_uid(old));
	store_admit(object, res);
	store_put(world->store, res, object);
}

static void reconcile(struct world *world, const json_t *service)
{
	json_t *slice = json_object(), *old = json_object();
	json_t *endpoints = json_array(), *addresses = json_array(), *pod;

	for (size_t i = 0; (pod = store_at(world->store, RES_PODS, i)); i++) {
		bool ready = pod_is_ready(pod);

		if (!selected(service, pod))
			continue;
		json_array_append_new(endpoints,
				      json_pack("{s:[s], s:{s:b, s:b, s:b}, s:o, s:s}",
						"addresses", jx_str(pod, "status.podIP"),
						"conditions", "ready", ready, "serving", ready,
						"terminating", 0, "targetRef", reference(pod),
						"nodeName", jx_str(pod, "spec.nodeName")));
		if (ready)
			json_array_append_new(addresses,
					      json_pack("{s:s, s:s, s:o}", "ip",
							jx_str(pod, "status.podIP"), "nodeName",
							jx_str(pod, "spec.nodeName"),
							"targetRef", reference(pod)));
	}
	head(slice, service, "-slice");
	jx_set(slice, "metadata.labels",
	       json_pack("{s:s}", "kubernetes.io/service-name", jx_name(service)));
	jx_set_str(slice, "addressType", "IPv4");
	jx_set(slice, "endpoints", endpoints);
	jx_set(slice, "ports", port_list(service));
	put(world, RES_ENDPOINTSLICES, slice);
	head(old, service, "");
	jx_set(old, "subsets", json_pack("[{s:o, s:o}]", "addresses", addresses, "ports",
					 port_list(service)));
	put(world, RES_ENDPOINTS, old);
}

void services_reconcile(struct world *world)
{
	const json_t *service;

	for (size_t i = 0; (service = store_at(world->store, RES_SERVICES, i)); i++) {
		if (json_object_size(jx_get(service, "spec.selector")))
			reconcile(world, service);
	}
}

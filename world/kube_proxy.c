/*
 * world/kube_proxy.c: the API server asks a service's pod, a pod or a kubelet for a client; see
 * kube_api.h. What it says when it can't reach them is what a v1.34 server says.
 */
#include "world/kube_api.h"
#include "world/role.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/controllers/nodes.h"
#include "world/exporter.h"
#include "world/jx.h"
#include "world/kubelet_stats.h"
#include "world/store.h"
#include "world/world.h"

#define DIAL_S 30.0              /* how long a server tries to connect */

/* .../NAME[:PORT]/proxy/PATH; a scheme before the name changes nothing here. */
struct way {
	char ns[64], kind[16], name[254], port[64];
	const char *path;
};

static void cut_name(struct way *way, char *text)
{
	char *first = strchr(text, ':'), *second = first ? strchr(first + 1, ':') : NULL;

	if (second) {
		*second = '\0';
		snprintf(way->name, sizeof(way->name), "%s", first + 1);
		snprintf(way->port, sizeof(way->port), "%.63s", second + 1);
		return;
	}
	if (first)
		*first = '\0';
	snprintf(way->name, sizeof(way->name), "%s", text);
	snprintf(way->port, sizeof(way->port), "%.63s", first ? first + 1 : "");
}

static bool read_way(const char *path, struct way *way)
{
	char name[254];
	int end = 0;

	*way = (struct way){.path = "/"};
	sscanf(path, "/api/v1/namespaces/%63[^/]/%15[^/]/%253[^/]/proxy%n", way->ns, way->kind, name,
	       &end);
	if (end && strcmp(way->kind, "services") && strcmp(way->kind, "pods"))
		return false;
	if (!end) {
		*way->ns = '\0';
		snprintf(way->kind, sizeof(way->kind), "nodes");
		sscanf(path, "/api/v1/nodes/%253[^/]/proxy%n", name, &end);
	}
	if (!end || (path[end] && path[end] != '/'))
		return false;
	cut_name(way, name);
	if (path[end])
		way->path = path + end;
	return true;
}

static int unreachable(const struct request *request, const char *ip, long long port,
		       const char *why)
{
	return reply_status(request, 503, "ServiceUnavailable", "error trying to reach service: dial "
			    "tcp %s:%lld: %s", ip, port, why);
}

/* Nobody says no: the server waits until it gives up. */
static int silence(const struct request *request, const char *ip, long long port)
{
	if (!request->held)
		return request_hold(request, world_delay(request->world, DIAL_S));
	return unreachable(request, ip, port, "i/o timeout");
}

static int ask_pod(const struct request *request, const json_t *pod, long long port,
		   const char *path)
{
	const char *node = jx_str(pod, "spec.nodeName"), *ip = jx_str(pod, "status.podIP");
	char *body;
	int status, rc;

	if (!*ip)
		return reply_status(request, 400, "BadRequest", "address not allowed");
	if (!nodes_up(request->world, node) || !nodes_overlay_works(request->world, node))
		return silence(request, ip, port);
	body = exporter_answer(request->world->exporter, pod, port, path, &status);
	if (!body)
		return unreachable(request, ip, port, "connect: connection refused");
	rc = reply_text(request, status, body);
	free(body);
	return rc;
}

static int no_such(const struct request *request, const struct way *way)
{
	return reply_status(request, 404, "NotFound", "%s \"%s\" not found", way->kind, way->name);
}

static int ask_named_pod(const struct request *request, const struct way *way)
{
	const json_t *pod = store_get(request->world->store, RES_PODS, way->ns, way->name);
	const json_t *container = json_array_get(jx_get(pod, "spec.containers"), 0);
	long long port = jx_int(json_array_get(jx_get(container, "ports"), 0), "containerPort");

	if (!pod)
		return no_such(request, way);
	return ask_pod(request, pod, *way->port ? strtoll(way->port, NULL, 10) : port, way->path);
}

/* The number of a service's port among its endpoints; 0 = it has none of that name or number. */
static long long target_port(const json_t *service, const json_t *subset, const char *wanted)
{
	const json_t *ports = jx_get(service, "spec.ports"), *port;
	char number[24];
	size_t i;

	json_array_foreach(ports, i, port) {
		snprintf(number, sizeof(number), "%lld", jx_int(port, "port"));
		if (strcmp(wanted, number) && strcmp(wanted, jx_str(port, "name")) &&
		    (*wanted || json_array_size(ports) > 1))
			continue;
		return jx_int(jx_find(json_object_get(subset, "ports"), "name",
				      jx_str(port, "name")), "port");
	}
	return 0;
}

static int ask_service(const struct request *request, const struct way *way)
{
	const struct store *store = request->world->store;
	const json_t *service = store_get(store, RES_SERVICES, way->ns, way->name);
	const json_t *endpoints = store_get(store, RES_ENDPOINTS, way->ns, way->name);
	const json_t *subset = json_array_get(jx_get(endpoints, "subsets"), 0), *pod;
	const json_t *addresses = json_object_get(subset, "addresses");
	size_t count = json_array_size(addresses);
	long long port;

	if (!service)
		return no_such(request, way);
	port = target_port(service, subset, way->port);
	if (!port && endpoints)
		return reply_status(request, 503, "ServiceUnavailable", "no service port \"%s\" found "
				    "for service \"%s\"", way->port, way->name);
	if (!count)
		return reply_status(request, 503, "ServiceUnavailable", "no endpoints available for "
				    "service \"%s\"", way->name);
	pod = store_get(store, RES_PODS, way->ns,
			jx_str(json_array_get(addresses, world_random((uint32_t)count)),
			       "targetRef.name"));
	return ask_pod(request, pod, port, way->path);
}

static int ask_node(const struct request *request, const struct way *way)
{
	const json_t *node = store_get(request->world->store, RES_NODES, "", way->name);
	const char *ip = jx_str(jx_find(jx_get(node, "status.addresses"), "type", "InternalIP"),
				"address");

	if (!node)
		return no_such(request, way);
	if (!nodes_up(request->world, way->name))
		return silence(request, ip, 10250);
	if (!strcmp(way->path, "/healthz"))
		return reply_text(request, 200, "ok");
	if (!strcmp(way->path, "/stats/summary"))
		return reply_json(request, 200, kubelet_stats(request->world, node));
	return reply_text(request, 404, "404 page not found\n");
}

static const struct {
	const char *kind;
	int (*ask)(const struct request *request, const struct way *way);
} kinds[] = {
	{"services", ask_service},
	{"pods", ask_named_pod},
	{"nodes", ask_node},
};

int kube_proxy(const struct request *request)
{
	char resource[40];
	struct way way;

	if (!read_way(request->path, &way))
		return -1;
	snprintf(resource, sizeof(resource), "%s/proxy", way.kind);
	if (!role_allows(request->world, strcmp(request->method, "GET") ? "create" : "get", resource))
		return reply_status(request, 403, "Forbidden", "%s \"%s\" is forbidden: the role '%s' "
				    "of this drill does not allow to %s %s", way.kind, way.name,
				    role_name(request->world), request->method, resource);
	if (strcmp(request->method, "GET"))
		return reply_text(request, 405, "Method Not Allowed\n");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].kind, way.kind))
			return kinds[i].ask(request, &way);
	return -1;
}

/* world/kube_health.c: what the API server says of itself; see kube_api.h */
#include "world/kube_api.h"

#include <stdio.h>
#include <string.h>

#include "world/controllers/nodes.h"
#include "world/world.h"

static const char *const checks[] = {
	"ping", "log", "etcd", "etcd-readiness", "informer-sync",
	"poststarthook/start-apiserver-admission-initializer",
	"poststarthook/generic-apiserver-start-informers", "poststarthook/rbac/bootstrap-roles",
	"poststarthook/apiservice-registration-controller", "shutdown",
};

#define CHECKS (sizeof(checks) / sizeof(*checks))

static size_t find(const char *name)
{
	size_t i;

	for (i = 0; i < CHECKS && strcmp(checks[i], name) != 0; i++)
		continue;
	return i;
}

bool kube_health_has(const char *name)
{
	return find(name) < CHECKS;
}

void kube_health_set(struct kube_server *server, const char *name, bool well)
{
	unsigned int *failing = kube_server_failing(server), bit = 1u << find(name);

	*failing = well ? *failing & ~bit : *failing | bit;
}

static bool is_etcd(const char *name)
{
	return !strncmp(name, "etcd", 4);
}

bool kube_health_is_well(const struct world *world, struct kube_server *server, const char *name)
{
	const char *node = server ? kube_server_node(server) : NULL;

	if (*kube_server_failing(server ? server : world->kube) & (1u << find(name)))
		return false;
	return !is_etcd(name) || (nodes_quorum(world) && (!node || nodes_member_well(world, node)));
}

static int one(const struct request *request, const char *name)
{
	char text[200];

	if (!kube_health_has(name))
		return reply_text(request, 404, "404 page not found\n");
	if (kube_health_is_well(request->world, request->server, name))
		return reply_text(request, 200, "ok");
	snprintf(text, sizeof(text), "internal server error: %s: reason withheld\n", name);
	return reply_text(request, 500, text);
}

int kube_health(const struct request *request, const char *name, const char *check)
{
	char text[2048];
	bool well = true;
	size_t len = 0;

	if (check)
		return one(request, check);
	for (size_t i = 0; i < CHECKS; i++)
		well &= kube_health_is_well(request->world, request->server, checks[i]);
	if (well && !request_arg(request, "verbose"))
		return reply_text(request, 200, "ok");
	for (size_t i = 0; i < CHECKS; i++) {
		bool ok = kube_health_is_well(request->world, request->server, checks[i]);

		len += (size_t)snprintf(text + len, sizeof(text) - len, "[%s]%s %s\n",
					ok ? "+" : "-", checks[i],
					ok ? "ok" : "failed: reason withheld");
	}
	snprintf(text + len, sizeof(text) - len, "%s check %s\n", name, well ? "passed" : "failed");
	return reply_text(request, well ? 200 : 500, text);
}

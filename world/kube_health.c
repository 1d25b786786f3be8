/* world/kube_health.c: what the API server says of itself; see kube_api.h */
#include "world/kube_api.h"

#include <stdio.h>
#include <string.h>

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

void kube_health_set(struct world *world, const char *name, bool well)
{
	unsigned int bit = 1u << find(name);

	world->failing_checks = well ? world->failing_checks & ~bit : world->failing_checks | bit;
}

bool kube_health_is_well(const struct world *world, const char *name)
{
	return !(world->failing_checks & (1u << find(name)));
}

static int one(const struct request *request, const char *name)
{
	char text[200];

	if (!kube_health_has(name))
		return reply_text(request, 404, "404 page not found\n");
	if (kube_health_is_well(request->world, name))
		return reply_text(request, 200, "ok");
	snprintf(text, sizeof(text), "internal server error: %s: reason withheld\n", name);
	return reply_text(request, 500, text);
}

int kube_health(const struct request *request, const char *name, const char *check)
{
	bool well = !request->world->failing_checks;
	char text[2048];
	size_t len = 0;

	if (check)
		return one(request, check);
	if (well && !request_arg(request, "verbose"))
		return reply_text(request, 200, "ok");
	for (size_t i = 0; i < CHECKS; i++) {
		bool ok = kube_health_is_well(request->world, checks[i]);

		len += (size_t)snprintf(text + len, sizeof(text) - len, "[%s]%s %s\n",
					ok ? "+" : "-", checks[i],
					ok ? "ok" : "failed: reason withheld");
	}
	snprintf(text + len, sizeof(text) - len, "%s check %s\n", name, well ? "passed" : "failed");
	return reply_text(request, well ? 200 : 500, text);
}

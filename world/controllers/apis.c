/* world/controllers/apis.c: aggregated APIs are there while what serves them is; see workloads.h */
#include "world/controllers/workloads.h"

#include <string.h>

#include "world/controllers/pod_status.h"
#include "world/jx.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

#define NOBODY "MissingEndpoints"

/* Whether anybody answers for the service; true for an API that the server itself serves. */
static bool is_served(const struct world *world, const json_t *api)
{
	const char *ns = jx_str(api, "spec.service.namespace");
	const char *name = jx_str(api, "spec.service.name");
	const json_t *endpoints = store_get(world->store, RES_ENDPOINTS, ns, name);
	const json_t *subset = json_array_get(jx_get(endpoints, "subsets"), 0);

	return !*name || json_array_size(json_object_get(subset, "addresses"));
}

void api_set_available(struct world *world, const char *name, const char *reason,
		       const char *message)
{
	json_t *api = store_edit(world->store, RES_APISERVICES, "", name);

	if (!api)
		return;
	condition_set(api, "Available", *reason ? "False" : "True", *reason ? reason : "Passed",
		      *reason ? message : "all checks passed", when_now_us());
	store_put(world->store, RES_APISERVICES, api);
}

bool api_is_available(const struct world *world, const char *name)
{
	const json_t *api = store_get(world->store, RES_APISERVICES, "", name);
	const json_t *condition = jx_find(jx_get(api, "status.conditions"), "type", "Available");

	return !api || !strcmp(jx_str(condition, "status"), "True");
}

/* Another reason for not being there is somebody else's to take back. */
void apis_reconcile(struct world *world)
{
	const json_t *api;

	for (size_t i = 0; (api = store_at(world->store, RES_APISERVICES, i)); i++) {
		const json_t *was = jx_find(jx_get(api, "status.conditions"), "type", "Available");
		bool served = is_served(world, api), told = !strcmp(jx_str(was, "status"), "True");

		if (served && !told && !strcmp(jx_str(was, "reason"), NOBODY))
			api_set_available(world, jx_name(api), "", "");
		else if (!served && told)
			api_set_available(world, jx_name(api), NOBODY,
					  "endpoints for the service that serves it have no addresses");
	}
}

/* world/controllers/budgets.c: how many pods may be lost; see workloads.h */
#include "world/controllers/workloads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "world/controllers/pod_status.h"
#include "world/jx.h"
#include "world/kube_select.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

/* As many as their controllers ask for. */
static long long expected(const struct world *world, const json_t *budget)
{
	const json_t *deployment;
	long long total = 0;

	for (size_t i = 0; (deployment = store_at(world->store, RES_DEPLOYMENTS, i)); i++) {
		if (!strcmp(jx_namespace(deployment), jx_namespace(budget)) &&
		    select_by(jx_get(budget, "spec.selector"),
			      jx_get(deployment, "spec.template.metadata.labels")))
			total += jx_int(deployment, "spec.replicas");
	}
	return total;
}

static long long healthy(const struct world *world, const json_t *budget)
{
	const json_t *pod;
	long long total = 0;

	for (size_t i = 0; (pod = store_at(world->store, RES_PODS, i)); i++) {
		if (!strcmp(jx_namespace(pod), jx_namespace(budget)) && pod_is_active(pod) &&
		    pod_is_ready(pod) &&
		    select_by(jx_get(budget, "spec.selector"), jx_get(pod, "metadata.labels")))
			total++;
	}
	return total;
}

static long long amount(const json_t *value, long long of)
{
	if (json_is_string(value))
		return (long long)ceil((double)of * atof(json_string_value(value)) / 100);
	return json_integer_value(value);
}

static void reconcile(struct world *world, const json_t *budget)
{
	json_t *copy = json_deep_copy(budget);
	const json_t *least = jx_get(budget, "spec.minAvailable");
	long long all = expected(world, budget), now = healthy(world, budget);
	long long needed = least ? amount(least, all)
				 : all - amount(jx_get(budget, "spec.maxUnavailable"), all);
	long long allowed = now > needed ? now - needed : 0;

	jx_set_int(copy, "status.expectedPods", all);
	jx_set_int(copy, "status.currentHealthy", now);
	jx_set_int(copy, "status.desiredHealthy", needed);
	jx_set_int(copy, "status.disruptionsAllowed", allowed);
	jx_set_int(copy, "status.observedGeneration", jx_int(copy, "metadata.generation"));
	condition_set(copy, "DisruptionAllowed", allowed ? "True" : "False",
		      allowed ? "SufficientPods" : "InsufficientPods", "", when_now_us());
	store_put(world->store, RES_PDBS, copy);
}

void budgets_reconcile(struct world *world)
{
	for (size_t i = 0; i < store_count(world->store, RES_PDBS); i++)
		reconcile(world, store_at(world->store, RES_PDBS, i));
}

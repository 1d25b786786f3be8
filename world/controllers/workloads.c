/* world/controllers/workloads.c: see workloads.h */
#include "world/controllers/workloads.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "world/store.h"
#include "world/world.h"

#define LOOK_ANYWAY_MS 1000     /* deadlines pass without a change */

struct workloads {
	struct world *world;
	bool dirty;
	int64_t look_at;
};

/* What no controller looks at, or what only they write. */
static const bool ignored[RES_COUNT] = {
	[RES_LEASES] = true, [RES_EVENTS] = true, [RES_CONFIGMAPS] = true,
	[RES_ENDPOINTS] = true, [RES_ENDPOINTSLICES] = true,
};

static void on_change(void *arg, const struct change *change)
{
	struct workloads *workloads = arg;

	if (!ignored[change->res])
		workloads->dirty = true;
}

void workloads_tick(struct workloads *workloads)
{
	int64_t now = world_now(workloads->world);

	if (!workloads->dirty && now < workloads->look_at)
		return;
	workloads->dirty = false;
	workloads->look_at = now + LOOK_ANYWAY_MS;
	deployments_reconcile(workloads->world);
	replicasets_reconcile(workloads->world);
	daemonsets_reconcile(workloads->world);
	budgets_reconcile(workloads->world);
	services_reconcile(workloads->world);
	apis_reconcile(workloads->world);
}

struct workloads *workloads_new(struct world *world)
{
	struct workloads *workloads = xcalloc(1, sizeof(*workloads));

	workloads->world = world;
	workloads->dirty = true;
	store_listen(world->store, on_change, workloads);
	return workloads;
}

void workloads_free(struct workloads *workloads)
{
	free(workloads);
}

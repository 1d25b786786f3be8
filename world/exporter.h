/*
 * world/exporter.h: what the workloads' own HTTP servers answer: health, and metrics whose values
 * follow the world: restarts, what is up, and what an agent that ships metrics can't get rid of.
 * The plan's workloads say which: "metrics" and "ships".
 */
#ifndef SITREP_WORLD_EXPORTER_H
#define SITREP_WORLD_EXPORTER_H

#include <stdbool.h>

#include <jansson.h>

struct world;
struct exporter;

struct exporter *exporter_new(struct world *world);
void exporter_free(struct exporter *exporter);
void exporter_tick(struct exporter *exporter);

/* What a pod answers on that port; NULL: nobody listens there. Caller frees. */
char *exporter_answer(const struct exporter *exporter, const json_t *pod, long long port,
		      const char *path, int *ret_status);

/* ---- for scenarios ---- */

/* A metric of a workload that is no longer told, or told again; name is the metric's. */
void exporter_hide(struct exporter *exporter, const char *ns, const char *workload,
		   const char *name, bool hidden);
/* The pods of this owner (a replica set's uid) get nothing rid of any more. */
void exporter_stick(struct exporter *exporter, const char *owner);
bool exporter_ships(const struct world *world, const char *ns, const char *workload);
/* Every metric of the workload is told, and its pods get rid of what they gather. */
bool exporter_is_well(const struct exporter *exporter, const char *ns, const char *workload);

#endif

/*
 * world/scenario.h: what breaks when, and whether it is whole again.
 */
#ifndef SITREP_WORLD_SCENARIO_H
#define SITREP_WORLD_SCENARIO_H

#include "core/err.h"

struct world;
struct scenario;

/* -EINVAL with file and place for a file that is not a drill. */
int scenario_load(struct world *world, const char *path, struct scenario **ret_scenario,
		  struct err *err);
void scenario_free(struct scenario *scenario);
void scenario_tick(struct scenario *scenario);   /* NULL does nothing */

#endif

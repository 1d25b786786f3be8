/*
 * world/controllers/scheduler.h: which node a pod goes to.
 */
#ifndef SITREP_WORLD_CONTROLLERS_SCHEDULER_H
#define SITREP_WORLD_CONTROLLERS_SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct world;

/* Sets spec.nodeName, hostIP and podIP; or says why no node fits. */
bool scheduler_place(struct world *world, json_t *pod, char *why, size_t size);

#endif

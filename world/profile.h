/*
 * world/profile.h: the configuration that a sitrep needs to watch this world: where its systems
 * listen, then world/profile.yaml. sitrep reads it like any other, so it knows no simulation.
 */
#ifndef SITREP_WORLD_PROFILE_H
#define SITREP_WORLD_PROFILE_H

#include "core/err.h"
#include "world/world.h"

/* Writes it to path, for a world that has been started; -errno with err. */
int profile_write(const struct world *world, const char *path, const char *kubeconfig,
		  struct err *err);

#endif

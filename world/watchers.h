/*
 * world/watchers.h: every open watch of the API (kube_watch.c).
 */
#ifndef SITREP_WORLD_WATCHERS_H
#define SITREP_WORLD_WATCHERS_H

struct watchers;
struct world;

struct watchers *watchers_new(struct world *world);
/* The API server, and with it every stream, must have stopped before. */
void watchers_free(struct watchers *watchers);

#endif

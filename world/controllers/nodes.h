/*
 * world/controllers/nodes.h: node heartbeats, and what the control plane does without them:
 * Unknown after 40 s, taints, and eviction 300 s later.
 */
#ifndef SITREP_WORLD_CONTROLLERS_NODES_H
#define SITREP_WORLD_CONTROLLERS_NODES_H

#include <stdbool.h>

struct world;
struct nodes;

struct nodes *nodes_new(struct world *world);   /* of the Node objects that are stored */
void nodes_free(struct nodes *nodes);
void nodes_tick(struct nodes *nodes);

/* A node that is not up has no kubelet: nothing on it moves or answers. */
bool nodes_up(const struct world *world, const char *name);
/* False when there is no such node. */
bool nodes_set_up(struct world *world, const char *name, bool up);
/* Can a new pod go there: up, Ready, not cordoned. */
bool nodes_schedulable(const struct world *world, const char *name);

#endif

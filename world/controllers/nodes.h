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
/* The same name, which lives as long as the nodes do; NULL = there is no such node. */
const char *nodes_name(const struct world *world, const char *name);
/* Whether etcd has a majority, and whether that node's member of it is well. */
bool nodes_quorum(const struct world *world);
bool nodes_member_well(const struct world *world, const char *name);
/* False when there is no such node. */
bool nodes_set_up(struct world *world, const char *name, bool up);
/* How full its disk is, which its kubelet tells; from 95 % on it is under pressure, and a pod has to
 * go. */
void nodes_set_disk(struct world *world, const char *name, double percent);
double nodes_disk_percent(const struct world *world, const char *name);
/* Whether pods there can be reached from other nodes. */
void nodes_set_overlay(struct world *world, const char *name, bool works);
bool nodes_overlay_works(const struct world *world, const char *name);
/* Why it doesn't vote in etcd ("Unhealthy", "MemberIsLearner", "NotAMember"); "" = it does. */
void nodes_set_member(struct world *world, const char *name, const char *reason);
/* Can a new pod go there: up, Ready, not cordoned. */
bool nodes_schedulable(const struct world *world, const char *name);

#endif

/*
 * world/seed.h: the cluster as it stands when the world begins.
 */
#ifndef SITREP_WORLD_SEED_H
#define SITREP_WORLD_SEED_H

struct world;

/* Nodes and everything that nothing moves; before the node controller starts. */
void seed_objects(struct world *world);
/* Workloads with their revisions and running pods; the kubelet must be listening. */
void seed_workloads(struct world *world);

#endif

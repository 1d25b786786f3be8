/*
 * world/kubelet_stats.h: what a kubelet tells under /stats/summary (k8s.io/kubelet,
 * stats/v1alpha1): the node, its file systems, its pods.
 */
#ifndef SITREP_WORLD_KUBELET_STATS_H
#define SITREP_WORLD_KUBELET_STATS_H

#include <jansson.h>

struct world;

json_t *kubelet_stats(const struct world *world, const json_t *node);   /* a new reference */

#endif

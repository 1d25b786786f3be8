/*
 * core/model/control.h: what the cluster itself stands on, beside its nodes: API services that
 * don't answer, and the snapshots of its own store.
 */
#ifndef SITREP_CORE_MODEL_CONTROL_H
#define SITREP_CORE_MODEL_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"

#define CONTROL_APIS_MAX 16            /* unavailable ones; more are only counted */
#define CONTROL_NODES_MAX 32           /* that keep snapshots */

/* An aggregated API that is not available: what asks for it fails. */
struct api_service {
	char *name;                /* "v1beta1.metrics.k8s.io", owned as all char * here */
	char *reason, *message;
	int64_t since_ms;
};

struct api_services {
	struct freshness fresh;
	size_t total, unavailable;
	struct api_service items[CONTROL_APIS_MAX];
	size_t len;
};

/* The newest good snapshot of the store that one server has made, and whether a later one failed. */
struct snapshot {
	char *node;
	char *name;                /* "" = there is no good one */
	char *error;               /* of the newest failed one since; "" = none */
	int64_t created_ms;        /* 0 = there is no good one */
	int64_t failed_ms;
	int64_t bytes;
};

struct snapshots {
	struct freshness fresh;
	size_t total;
	struct snapshot items[CONTROL_NODES_MAX];
	size_t len;
};

void api_services_add(struct api_services *apis, const struct api_service *service);
/* One snapshot file; texts are borrowed, bytes < 0 or an error mean that it failed. */
void snapshots_add(struct snapshots *snapshots, const struct snapshot *file);
/* Free and empty, but keep the freshness. */
void api_services_clear(struct api_services *apis);
void snapshots_clear(struct snapshots *snapshots);

#endif

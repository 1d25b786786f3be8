/*
 * world/resources.h: the one table of what the simulated API server serves.
 */
#ifndef SITREP_WORLD_RESOURCES_H
#define SITREP_WORLD_RESOURCES_H

#include <stdbool.h>
#include <stddef.h>

enum resource_id {
	RES_NODES,
	RES_PODS,
	RES_NAMESPACES,
	RES_EVENTS,
	RES_CONFIGMAPS,
	RES_SECRETS,
	RES_SERVICES,
	RES_ENDPOINTS,
	RES_SERVICEACCOUNTS,
	RES_PVS,
	RES_PVCS,
	RES_DEPLOYMENTS,
	RES_REPLICASETS,
	RES_DAEMONSETS,
	RES_STATEFULSETS,
	RES_CONTROLLERREVISIONS,
	RES_JOBS,
	RES_CRONJOBS,
	RES_PDBS,
	RES_LEASES,
	RES_ENDPOINTSLICES,
	RES_INGRESSES,
	RES_STORAGECLASSES,
	RES_APISERVICES, RES_SNAPSHOTS,
	RES_HPAS,
	RES_COUNT,
	RES_NONE = RES_COUNT,
};

#define RESF_NAMESPACED 1u
#define RESF_STATUS     2u   /* has a /status subresource */
#define RESF_SCALE      4u
#define RESF_GENERATION 8u   /* metadata.generation counts changes of spec */

struct resource {
	const char *group;        /* "" is the core group */
	const char *version;
	const char *plural;
	const char *singular;
	const char *kind;
	const char *short_names;  /* comma separated, or "" */
	unsigned flags;
	bool in_all;              /* part of `kubectl get all` */
};

extern const struct resource resources[RES_COUNT];

/* RES_NONE when there is no such resource. */
enum resource_id resource_find(const char *group, const char *version, const char *plural);
enum resource_id resource_by_kind(const char *kind);
/* "v1" or "apps/v1", into buf. */
const char *resource_api_version(enum resource_id res, char *buf, size_t size);

#endif

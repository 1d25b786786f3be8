/*
 * core/situation.h: everything sitrep knows, in one place. Backends fill it; incident, panes and
 * the JSON form read it. Nothing here knows a protocol or a failure mode.
 *
 * One thread: a reader's pointers into the situation hold until control returns to the loop.
 */
#ifndef SITREP_CORE_SITUATION_H
#define SITREP_CORE_SITUATION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/cost.h"
#include "core/fresh.h"
#include "core/intern.h"
#include "core/model/apps.h"
#include "core/model/configs.h"
#include "core/model/control.h"
#include "core/model/asynq.h"
#include "core/model/events.h"
#include "core/model/hosts.h"
#include "core/model/logsigns.h"
#include "core/model/nodes.h"
#include "core/model/pdbs.h"
#include "core/model/pods.h"
#include "core/model/probes.h"
#include "core/model/postgres.h"
#include "core/model/redis.h"
#include "core/model/storage.h"
#include "core/model/vendors.h"
#include "core/model/workloads.h"

/* What has changed since the last look, as bits. */
enum section {
	SECTION_CLUSTER   = 1 << 0,
	SECTION_NODES     = 1 << 1,
	SECTION_PODS      = 1 << 2,
	SECTION_WORKLOADS = 1 << 3,
	SECTION_EVENTS    = 1 << 4,
	SECTION_PDBS      = 1 << 5,
	SECTION_METRICS   = 1 << 6,
	SECTION_REDIS     = 1 << 7,
	SECTION_LOGSIGNS  = 1 << 8,
	SECTION_HOSTS     = 1 << 10,
	SECTION_VENDORS   = 1 << 12,
	SECTION_PROBES    = 1 << 13,
	SECTION_POSTGRES  = 1 << 14,
	SECTION_STORAGE   = 1 << 16,
	SECTION_CONFIGS   = 1 << 17,
	SECTION_ASYNQ     = 1 << 19,
	SECTION_APPS      = 1 << 18,
};

#define CLUSTER_SERVERS_MAX 8

/* The API server addresses of this one cluster, and how each answers. */
struct cluster_server {
	char *url;
	bool current;              /* the one in use */
	char failing[160];         /* its checks that fail: "etcd, informer-sync"; "" = none */
	struct freshness fresh;
};

struct cluster {
	struct freshness fresh;    /* the API as a whole: what watches and the heartbeat prove */
	char *context;             /* kubeconfig context name */
	char *version;             /* gitVersion, NULL until known */
	char *namespaces;          /* "app, db": some kinds at least are read there only; NULL = all */
	struct cluster_server servers[CLUSTER_SERVERS_MAX];
	int nservers;
	struct freshness metrics_fresh;  /* metrics.k8s.io */
};

struct situation {
	struct intern *strings;    /* pool behind every `const char *` marked interned */
	struct cluster cluster;
	struct nodes nodes;
	struct pods pods;
	struct workloads workloads;
	struct pdbs pdbs;
	struct events events;
	struct logsigns logsigns;
	struct redis redis;
	struct configs configs;
	struct apps apps;
	struct api_services apis;
	struct snapshots snapshots;
	struct storage storage;
	struct asynq asynq;
	struct hosts hosts;
	struct vendors vendors;
	struct probes probes;
	struct postgres postgres;
	struct costs costs;        /* what each system is asked; filled as backends start */

	unsigned int dirty;        /* enum section bits since the last situation_take_dirty() */
	void (*on_change)(void *arg);  /* set by the program; called on the clean -> dirty edge */
	void *on_change_arg;
};

void situation_init(struct situation *sit);
void situation_release(struct situation *sit);
void situation_touch(struct situation *sit, unsigned int sections);
unsigned int situation_take_dirty(struct situation *sit);

/* "deployment/ns/name" that a pod belongs to, through its replica set; "" when nothing does. */
const char *situation_workload_of(const struct situation *sit, const struct pod *pod,
				  char buf[WORKLOAD_KEY]);

/* True once every source that is configured has answered or failed at least once. */
bool situation_settled(const struct situation *sit);

#endif

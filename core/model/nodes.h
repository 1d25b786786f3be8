/* core/model/nodes.h: the cluster's nodes. A few, kept sorted by name. */
#ifndef SITREP_CORE_MODEL_NODES_H
#define SITREP_CORE_MODEL_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"

struct intern;

enum tri { TRI_UNKNOWN, TRI_FALSE, TRI_TRUE };   /* a condition's status */
const char *tri_name(enum tri value);            /* "Unknown", "False", "True" as the API says */

#define NODE_CONDITIONS_MAX 12

struct node_condition {
	const char *type;      /* interned: Ready, MemoryPressure, EtcdIsVoter, ... */
	enum tri status;
	const char *reason;    /* interned */
	int64_t since_ms;      /* lastTransitionTime */
	int64_t heartbeat_ms;  /* lastHeartbeatTime */
};

/* Whether a pod on it can be reached from the API server. */
enum reach_result {
	REACH_UNKNOWN,
	REACH_ANSWERED,            /* whatever it answered */
	REACH_CLOSED,              /* its address refuses: the network carries, nobody listens */
	REACH_FAILED,              /* nothing comes back */
};
const char *reach_result_name(enum reach_result result);   /* "answered", ... */

struct node_reach {
	struct freshness fresh;    /* of the result */
	enum reach_result result;  /* as last proven */
	int failures;              /* in a row; each time another pod, where there are more */
	int64_t since_ms;          /* wall: since when the result is that */
	int64_t asked_ms;          /* wall; 0 = never */
	int64_t took_ms;           /* the last answer; -1 = none yet */
	char *pod;                 /* "namespace/name:port" asked last; NULL = none; owned */
	char text[160];            /* "HTTP 200", "i/o timeout" */
};

struct node {
	char *name;            /* owned, as all char * here */
	char *roles;           /* "control-plane,etcd", "" when none */
	char *version;         /* kubelet */
	char *internal_ip;
	char *taints;          /* "key:Effect,..." */
	char *labels;          /* those that people gave it: "key=value,..." */
	struct node_condition conditions[NODE_CONDITIONS_MAX];
	int nconditions;
	bool unschedulable;
	int64_t created_ms;
	int64_t lease_renew_ms;     /* kube-node-lease renewTime; 0 = unknown */
	int64_t cpu_alloc_milli, mem_alloc_kib;        /* allocatable */
	int64_t cpu_milli, mem_kib;                    /* used; -1 = unknown */
	int pods_max;
	int64_t disk_bytes, disk_free_bytes;           /* of the kubelet's fuller file system; 0 */
	int64_t disk_ms, disk_asked_ms;                /* wall; 0 = never */
	bool disk_tried;                               /* it has answered or failed to */
	struct node_reach reach;
	uint64_t digest;       /* of what the API tells, heartbeats apart: the same = no change */
	bool seen;             /* mark of a relist in progress */
};

struct nodes {
	struct freshness fresh;
	struct freshness leases_fresh;
	struct freshness disks_fresh;
	bool disks_wanted, reach_wanted;       /* whether anybody is asked */
	bool complete;         /* the first list has ended */
	struct node **items;   /* sorted by name */
	size_t len, cap;
	uint64_t generation;   /* moves when what a node tells has changed */
	uint64_t members;      /* moves when one joins or goes: places in items have changed */
};

/* Finds nodes by interned name, over and over and quickly; zeroed before use, and thrown away when
 * members moves. */
struct node_finder {
	struct {
		const char *name;
		size_t at;
	} known[256];
};
#define NODE_NOWHERE ((size_t)-1)
/* Place in items, NODE_NOWHERE when there is none. */
size_t node_finder_place(struct node_finder *finder, const struct nodes *nodes, const char *name);

struct node *nodes_find(const struct nodes *nodes, const char *name);
/* Where it stands in items; false when there is none. */
bool nodes_index(const struct nodes *nodes, const char *name, size_t *ret_at);
struct node *nodes_get(struct nodes *nodes, const char *name);    /* finds or adds */
bool nodes_remove(struct nodes *nodes, struct intern *strings, const char *name);
void nodes_unmark(struct nodes *nodes);
size_t nodes_sweep(struct nodes *nodes, struct intern *strings);
void nodes_clear(struct nodes *nodes, struct intern *strings);
/* Whether its disk's numbers are recent enough to count. */
bool node_disk_known(const struct nodes *nodes, const struct node *node, int64_t now_wall_ms);
const struct node_condition *node_condition(const struct node *node, const char *type);
enum tri node_ready(const struct node *node);
/* "Ready", "NotReady", "Unknown", with ",SchedulingDisabled" as kubectl says it. */
const char *node_status_text(const struct node *node, char *buf, size_t size);

#endif

/*
 * core/model/pods.h: pods, compact (<= 512 bytes each with their strings, whatever the cluster's
 * size), kept sorted by namespace and name, which is the order lists arrive in.
 */
#ifndef SITREP_CORE_MODEL_PODS_H
#define SITREP_CORE_MODEL_PODS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"

struct intern;

enum pod_phase { POD_PENDING, POD_RUNNING, POD_SUCCEEDED, POD_FAILED, POD_UNKNOWN };
const char *pod_phase_name(enum pod_phase phase);

#define POD_RESTARTS_KEPT 6

struct pod {
	char *name;                /* owned */
	const char *ns;            /* interned, as every const char * below; NULL = none */
	const char *node;
	const char *owner_kind;    /* controller: ReplicaSet, DaemonSet, ... */
	const char *owner_name;
	const char *status;        /* the STATUS column as kubectl works it out */
	const char *image;         /* first container's */
	const char *message;       /* of the Ready/PodScheduled condition or the waiting container */
	const char *last_reason;   /* last terminated container: OOMKilled, Error, ... */
	uint8_t uid[16];
	int64_t created_ms;
	int64_t last_finished_ms;  /* last termination, 0 = never */
	int64_t not_ready_since_ms; /* Ready condition's last transition to not True; 0 = ready */
	int32_t last_exit_code;    /* valid when last_reason */
	int32_t restarts;
	uint32_t restarted_s[POD_RESTARTS_KEPT];   /* wall clock of those we know, ring; 0 = none */
	int32_t cpu_milli;         /* used, -1 = unknown */
	int32_t mem_kib;           /* used, -1 = unknown */
	uint8_t containers, containers_ready;
	uint8_t phase;             /* enum pod_phase */
	uint8_t restarted_at;
	bool ready : 1;            /* Ready condition True */
	bool deleting : 1;
	bool problem : 1;          /* someone should look: see pod_judge() */
	bool mirror : 1;           /* static pod */
	bool empty_dir : 1;
	bool local_volume : 1;     /* uses a PVC */
	bool host_network : 1;     /* its address is its node's */
	bool seen : 1;             /* mark of a relist in progress */
};

struct pods {
	struct freshness fresh;
	bool complete;             /* the list has ended at least once */
	int64_t expected;          /* total the server promised while listing; -1 = unknown */
	struct pod **items;        /* sorted by (ns, name) */
	size_t len, cap;
	size_t ready, problems;    /* counts over items, kept by pods_judge() */
	uint64_t generation;       /* rises with every change: views know when to rebuild */
	uint64_t judged;           /* the generation that pods_judge() has seen last */
	int64_t last_end_ms;       /* newest end of a restarted container, as of judged; 0 = none */
	int64_t judge_again_ms;    /* when time alone makes or ends the next problem */
};

struct pod *pods_find(const struct pods *pods, const char *ns, const char *name);
/* Finds or adds; a new pod is zeroed but for ns and name, with metrics -1. */
struct pod *pods_get(struct pods *pods, struct intern *strings, const char *ns, const char *name);
bool pods_remove(struct pods *pods, struct intern *strings, const char *ns, const char *name);
void pods_clear(struct pods *pods, struct intern *strings);
/* A relist of one namespace (NULL = all): unmark before it, and after it sweep away what has not
 * been seen. Returns how many went. */
void pods_unmark(struct pods *pods, const char *ns);
size_t pods_sweep(struct pods *pods, struct intern *strings, const char *ns);

/* Its restarts are so many now, and it last ended then: of those that are new, when they were. Of a
 * pod that is seen for the first time only the last one is known. */
void pod_restarted(struct pod *pod, int32_t restarts, int64_t finished_ms);
/* How many of the known ones were after that; never more than POD_RESTARTS_KEPT. */
int pod_restarts_since(const struct pod *pod, int64_t since_wall_ms);

/* Should someone look? Failed, pending over a minute, not ready over 30 s while it should be,
 * waiting in a back-off, or restarted in the last ten minutes. */
bool pod_is_problem(const struct pod *pod, int64_t now_wall_ms);
/* Sets pod->problem. */
void pod_judge(struct pod *pod, int64_t now_wall_ms);
void pods_judge(struct pods *pods, int64_t now_wall_ms);   /* all, and the counts */
/* May a container have ended and been restarted since then? Often told without walking them all. */
bool pods_restarted_since(const struct pods *pods, int64_t wall_ms);

#endif

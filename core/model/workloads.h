/*
 * core/model/workloads.h: what owns pods: deployments and their replica sets, stateful sets,
 * daemon sets, jobs. Sorted by (kind, ns, name).
 */
#ifndef SITREP_CORE_MODEL_WORKLOADS_H
#define SITREP_CORE_MODEL_WORKLOADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"

struct intern;

enum workload_kind {
	WORKLOAD_DEPLOYMENT,
	WORKLOAD_REPLICASET,
	WORKLOAD_STATEFULSET,
	WORKLOAD_DAEMONSET,
	WORKLOAD_JOB,
	WORKLOAD_KINDS
};
const char *workload_kind_name(enum workload_kind kind);   /* "deployment", as in targets */
int workload_kind_parse(const char *name);                 /* kind or -EINVAL; any case */

struct workload {
	enum workload_kind kind;
	char *name;                /* owned */
	const char *ns;            /* interned, as every const char * below */
	const char *owner;         /* replica set: its deployment's name; else NULL */
	const char *image;         /* first container of the template */
	const char *condition;     /* deployment: reason of Progressing; job: Complete or Failed */
	int64_t created_ms;
	int64_t revision;          /* deployment.kubernetes.io/revision; 0 = none */
	int64_t generation, observed_generation;
	int32_t desired, current, updated, ready, available;
	int32_t failed;            /* job: failed pods */
	int64_t cpu_limit_milli, mem_limit_kib;        /* of one pod; 0 = it has none */
	bool paused;
	bool deleting;
	bool seen;
};

#define WORKLOAD_KEY 400
#define WORKLOADS_GONE 16

/* One that was deleted while we watched, and isn't back. */
struct workload_gone {
	char key[WORKLOAD_KEY];    /* "deployment/ns/name" */
	int64_t at_ms;             /* wall; when we saw it, within a second of the act */
};

struct workloads {
	struct freshness fresh[WORKLOAD_KINDS];
	bool complete[WORKLOAD_KINDS];
	struct workload **items;
	size_t len, cap;
	uint64_t generation;
	struct workload_gone gone[WORKLOADS_GONE];     /* the newest; no jobs, no replica sets */
	size_t ngone;
};

struct workload *workloads_find(const struct workloads *all, enum workload_kind kind,
				const char *ns, const char *name);
/* Where it stands in items; false when there is none. */
bool workloads_index(const struct workloads *all, enum workload_kind kind, const char *ns,
		     const char *name, size_t *ret_at);
struct workload *workloads_get(struct workloads *all, struct intern *strings,
			       enum workload_kind kind, const char *ns, const char *name);
bool workloads_remove(struct workloads *all, struct intern *strings, enum workload_kind kind,
		      const char *ns, const char *name);
/* As for pods, for one kind. */
void workloads_unmark(struct workloads *all, enum workload_kind kind, const char *ns);
size_t workloads_sweep(struct workloads *all, struct intern *strings, enum workload_kind kind,
		       const char *ns);
void workloads_clear(struct workloads *all, struct intern *strings);

/* "deployment/ns/name" */
const char *workload_key(const struct workload *work, char buf[WORKLOAD_KEY]);

/* How far a rollout is, in kubectl's order of questions. */
enum rollout_state { ROLLOUT_DONE, ROLLOUT_WAITING, ROLLOUT_FAILED };
enum rollout_state workload_rollout(const struct workload *work, char *text, size_t size);

#endif

/* incident/facts_parts.h: the sections of the facts document, private to facts*.c. */
#ifndef SITREP_INCIDENT_FACTS_PARTS_H
#define SITREP_INCIDENT_FACTS_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/config.h"
#include "core/situation.h"

/* What the pods of one workload tell together, and its replica sets. */
struct workload_sum {
	int pods, crashing, oom_killed;
	int32_t max_restarts;
	int recent_restarts;               /* that are known, within ten minutes */
	size_t first, last;                /* its pods stand in this range; first > last = none */
	int64_t first_crash_ms, last_crash_ms;
	const struct pod *worst;           /* the crashing pod with the most restarts, or NULL */
	const struct workload *newest;     /* deployment: its newest replica set, or NULL */
	bool earlier;                      /* deployment: a set of an older revision exists */
};

struct ns_sum {
	const char *ns;
	size_t total, ready, problems;
};

struct status_sum {
	const char *status;
	size_t count;
};

#define STATUSES_MAX 32                    /* distinct; the rest is counted as "other" */

/* Everything that one walk over pods and workloads can tell, however many there are. */
struct facts_sums {
	struct workload_sum *workloads;    /* in the model's order */
	size_t *on_node;                   /* pods per node, in the model's order */
	struct ns_sum *namespaces;
	size_t nnamespaces;
	struct status_sum statuses[STATUSES_MAX + 1];
	size_t nstatuses;
	const struct pod **problems;       /* newest trouble first */
	size_t nproblems;
	size_t ready, finished;
	/* What they were made from. settled: no pod counts otherwise when only time has passed. */
	uint64_t pods, workload_list, nodes;
	bool settled;
};

/* Into a zeroed struct, or over one that was made before: then they are made again only when
 * something has changed. */
void facts_sums_make(struct facts_sums *sums, const struct situation *sit, int64_t now_ms);
void facts_sums_release(struct facts_sums *sums);

struct facts_maker {
	const struct situation *sit;
	const struct config *config;
	int64_t now_ms;
	bool full;
	const struct facts_sums *sums;
};

/* complete: false while the first list is still arriving, which nobody may call fresh. */
json_t *facts_freshness(const struct facts_maker *maker, const struct freshness *fresh,
			bool complete);
bool facts_is_fresh(const struct facts_maker *maker, const struct freshness *fresh);
/* Unknown is null: a negative number, a missing text, a time that never was. */
json_t *facts_number(int64_t value);
json_t *facts_real(double value);
json_t *facts_text(const char *text);
json_t *facts_age(const struct facts_maker *maker, int64_t at_ms);      /* seconds */
json_t *facts_epoch(int64_t at_ms);                                     /* seconds */
json_t *facts_ratio(int64_t part, int64_t whole);

json_t *facts_link(const struct facts_maker *maker);
json_t *facts_nodes(const struct facts_maker *maker);
json_t *facts_pods(const struct facts_maker *maker);
json_t *facts_workloads(const struct facts_maker *maker);
json_t *facts_postgres(const struct facts_maker *maker);
json_t *facts_redis(const struct facts_maker *maker);
json_t *facts_asynq(const struct facts_maker *maker);
json_t *facts_hosts(const struct facts_maker *maker);
json_t *facts_probes(const struct facts_maker *maker);
json_t *facts_changes(const struct facts_maker *maker);
json_t *facts_control(const struct facts_maker *maker);
json_t *facts_apps(const struct facts_maker *maker);
json_t *facts_storage(const struct facts_maker *maker);
json_t *facts_vendors(const struct facts_maker *maker);

#endif

/* incident/facts_parts.h: the sections of the facts document, private to facts*.c. */
#ifndef SITREP_INCIDENT_FACTS_PARTS_H
#define SITREP_INCIDENT_FACTS_PARTS_H

#include <jansson.h>

#include "core/config.h"
#include "core/situation.h"

struct facts_maker {
	const struct situation *sit;
	const struct config *config;
	int64_t now_ms;
	bool full;
};

json_t *facts_freshness(const struct facts_maker *maker, const struct freshness *fresh);
/* Unknown is null: a negative number, a missing text, a time that never was. */
json_t *facts_number(int64_t value);
json_t *facts_real(double value);
json_t *facts_text(const char *text);
json_t *facts_age(const struct facts_maker *maker, int64_t at_ms);      /* seconds */
json_t *facts_epoch(int64_t at_ms);                                     /* seconds */
json_t *facts_ratio(int64_t part, int64_t whole);

json_t *facts_nodes(const struct facts_maker *maker);
json_t *facts_pods(const struct facts_maker *maker);
json_t *facts_workloads(const struct facts_maker *maker);
json_t *facts_redis(const struct facts_maker *maker);

/* "deployment/ns/name" that a pod belongs to, through its replica set; "" when nothing does. */
const char *facts_workload_of(const struct situation *sit, const struct pod *pod, char *buf,
			      size_t size);

#endif

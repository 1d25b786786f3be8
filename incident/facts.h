/*
 * incident/facts.h: the situation as the small JSON document that rules, `sitrep facts` and
 * people's jq read. Its size follows what is wrong, not what exists. docs/facts.md lists it.
 */
#ifndef SITREP_INCIDENT_FACTS_H
#define SITREP_INCIDENT_FACTS_H

#include <jansson.h>

#include "core/config.h"
#include "core/situation.h"

#define FACTS_LIST_MAX 50          /* problem pods, workloads, events listed; counts are exact */

/* New reference. full = list everything that exists (for --once --json). */
json_t *facts_build(const struct situation *sit, const struct config *config,
		    int64_t now_wall_ms, bool full);

/* For whoever builds them again and again: what is summed over every pod is kept in memory until
 * something of it has changed. */
struct facts_memory;
struct facts_memory *facts_memory_new(void);
void facts_memory_free(struct facts_memory *memory);
json_t *facts_build_again(struct facts_memory *memory, const struct situation *sit,
			  const struct config *config, int64_t now_wall_ms, bool full);

#endif

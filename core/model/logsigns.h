/*
 * core/model/logsigns.h: what a few log lines have shown. The configuration names the signs
 * (a pattern, and whose logs to look in); the cluster's backend samples within a budget.
 */
#ifndef SITREP_CORE_MODEL_LOGSIGNS_H
#define SITREP_CORE_MODEL_LOGSIGNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"

struct logsign {
	char *sign;                /* owned: the configured name, e.g. "panic" */
	char *workload;            /* owned: "deployment/ns/name" */
	char *pod;                 /* owned: where it was last seen; "" when looked at and absent */
	char *line;                /* owned: the matching line, at most 200 bytes */
	bool previous;             /* found in the previous container's log */
	int64_t seen_ms;           /* last match; 0 = looked, never matched */
	int64_t looked_ms;         /* last look */
	int32_t matches;           /* in the last look */
};

struct logsigns {
	struct freshness fresh;
	struct logsign *items;
	size_t len, cap;
};

/* Finds or adds; the caller fills the rest (owned strings are replaced with free + strdup). */
struct logsign *logsigns_get(struct logsigns *signs, const char *sign, const char *workload);
void logsigns_clear(struct logsigns *signs);

#endif

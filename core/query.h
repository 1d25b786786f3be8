/*
 * core/query.h: reads on demand, for detail views: describe, YAML, events, logs, a Redis key.
 * A query streams text to its owner until it is done or cancelled; it never changes anything.
 */
#ifndef SITREP_CORE_QUERY_H
#define SITREP_CORE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/actuator.h"

enum query_kind {
	QUERY_DESCRIBE,        /* fields as `kubectl describe` groups them, with events */
	QUERY_YAML,            /* the object as YAML, without managedFields */
	QUERY_EVENTS,          /* events about the object, oldest first */
	QUERY_LOGS,            /* last lines, then following */
	QUERY_LOGS_PREVIOUS,   /* of the previous container */
	QUERY_DIFF,            /* deployment: current revision's template against the one before */
	QUERY_KEY,             /* redis: type, TTL, memory, encoding and the first elements */
};

struct query_request {
	enum query_kind kind;
	struct act_target target;  /* for a deployment's logs: those of one of its pods */
	char container[254];       /* "" = the first, or the only one that fits */
	int tail_lines;            /* logs; 0 = 200 */
	bool follow;               /* logs: go on until cancelled */
};

struct query;                      /* one running query, owned by its backend */

struct query_sink {
	/* Text as it arrives, not NUL-terminated, whole lines not guaranteed. */
	void (*data)(void *arg, const char *text, size_t len);
	/* Exactly once unless cancelled; rc 0 or -errno with a sentence. */
	void (*done)(void *arg, int rc, const char *text);
	void *arg;
};

struct query_ops {
	/* Which targets this backend can be asked about. */
	bool (*can)(void *self, const struct query_request *request);
	/* NULL with err on failure. */
	struct query *(*start)(void *self, const struct query_request *request,
			       const struct query_sink *sink, struct err *err);
	/* Ends it silently; the query is gone afterwards. */
	void (*cancel)(void *self, struct query *query);
};

#endif

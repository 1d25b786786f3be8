/*
 * backends/backend.h: a backend is a table of functions in one struct, listed in backends.c.
 * A new system is one folder here and one row there.
 */
#ifndef SITREP_BACKENDS_BACKEND_H
#define SITREP_BACKENDS_BACKEND_H

#include <stdbool.h>

#include <uv.h>

#include "backends/stream.h"
#include "core/actuator.h"
#include "core/config.h"
#include "core/err.h"
#include "core/query.h"
#include "core/situation.h"
#include "core/trust.h"

/* What every backend is given. Owned by the program, outlives the backends. */
struct backend_env {
	uv_loop_t *loop;
	const struct config *config;
	struct situation *sit;
	bool read_only;            /* no actuator is registered, and the write function refuses */
	const struct stream_ways *ways;    /* filled while backends start */
};

struct backend_ops {
	const char *name;          /* "kube", "redis" */
	/* Is there anything configured for it? A backend that isn't is never started. */
	bool (*wanted)(const struct config *config);
	/* Begin reading. Errors of configuration only: an unreachable peer is no error;
	 * -ENODEV = there is nothing to watch here, and nobody has named anything. The private
	 * state comes back in ret_self. Must not block. */
	int (*start)(const struct backend_env *env, void **ret_self, struct err *err);
	/* Stop everything and free self once the loop has run its close callbacks. */
	void (*stop)(void *self);
	/* Ask again now (the person pressed the key). May be NULL. */
	void (*refresh)(void *self);
	/* The one write door; NULL in ops means the system is only read. Never called read-only. */
	const struct actuator_ops *actuator;
	/* On-demand reads for detail views; NULL = none. See struct query in core/query.h. */
	const struct query_ops *queries;
	/* Peers whose keys nobody knows yet; NULL = none. */
	const struct trust_ops *trust;
	/* A way to peers that only this system can make; NULL = none. */
	const struct stream_way_ops *way;
};

extern const struct backend_ops backend_kube;
extern const struct backend_ops backend_metrics;
extern const struct backend_ops backend_probe;
extern const struct backend_ops backend_redis;
extern const struct backend_ops backend_ssh;
extern const struct backend_ops backend_status;
extern const struct backend_ops backend_postgres;
extern const struct backend_ops *const backends_all[];   /* NULL-terminated */

#endif

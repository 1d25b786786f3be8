/*
 * backends/postgres/probe.h: one connection from its name to SELECT 1, each step timed, and then
 * whatever else is to be read over it. libpq without its blocking calls; nothing waits for ever.
 */
#ifndef SITREP_BACKENDS_POSTGRES_PROBE_H
#define SITREP_BACKENDS_POSTGRES_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>
#include <uv.h>

#include "backends/postgres/errors.h"
#include "backends/postgres/roots.h"
#include "core/config.h"

struct postgres_probe;

struct postgres_result {
	struct postgres_error error;           /* state POSTGRES_OK when SELECT 1 has answered */
	enum postgres_step step;               /* where it ended, when that is a failure */
	int64_t step_us[POSTGRES_STEPS];       /* -1 = not reached, or not part of the way */
	bool reached;                          /* a TCP connection was made */
	uint64_t connections, requests, bytes_in, bytes_out;
	char tls[16];
};

struct postgres_events {
	/* The ways to SELECT 1 are over, well or badly; called once. */
	void (*looked)(void *arg, const struct postgres_result *result);
	/* After a good SELECT 1: the nth thing to read, one or more statements; NULL = no more. */
	const char *(*next)(void *arg, int n);
	/* A row of the nth thing's statement (BEGIN, SET and the like don't count). */
	void (*row)(void *arg, int n, int statement, const PGresult *row);
	/* That thing has ended; error is NULL when it was read whole. */
	void (*read)(void *arg, int n, const struct postgres_error *error);
	/* Always last, unless it was cancelled; the probe is gone after it. */
	void (*ended)(void *arg, const struct postgres_result *result);
	void *arg;
};

struct postgres_peer {
	const char *host;
	int port;
	const char *user, *database;           /* NULL: libpq's own ways */
	const char *password;                  /* NULL likewise; copied */
	struct postgres_roots *roots;          /* outlives the probe */
};

/* Begins; every event comes later, from the loop. config outlives the probe. */
struct postgres_probe *postgres_probe_start(uv_loop_t *loop, const struct config_postgres *config,
					    const struct postgres_peer *peer,
					    const struct postgres_events *events);
/* Ends it silently. NULL is fine. */
void postgres_probe_cancel(struct postgres_probe *probe);
/* The step it is at, and for how long. */
enum postgres_step postgres_probe_step(const struct postgres_probe *probe, int64_t *ret_us);

#endif

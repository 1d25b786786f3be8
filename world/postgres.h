/*
 * world/postgres.h: a Postgres as its clients see it: the wire protocol on two loopback ports, the
 * server itself and its connection pooler; a compute that falls asleep and wakes; sessions of the
 * application; and the ways in which all that fails.
 * Source: https://www.postgresql.org/docs/current/protocol.html
 */
#ifndef SITREP_WORLD_POSTGRES_H
#define SITREP_WORLD_POSTGRES_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "core/err.h"

struct world;
struct postgres_server;

enum postgres_way_bits { POSTGRES_DIRECT = 1, POSTGRES_POOLER = 2, POSTGRES_BOTH = 3 };
extern const char *const postgres_ways[];      /* "direct", "pooler", "both": index + 1 is the bits */

enum postgres_fault {
	POSTGRES_WELL, POSTGRES_HANGS, POSTGRES_OVER_QUOTA, POSTGRES_COMPUTE_GONE,
	POSTGRES_REFUSES, POSTGRES_CROWDED, POSTGRES_STARTS, POSTGRES_HANGS_UP,
};
extern const char *const postgres_faults[];    /* as drills write them; NULL at the end */

int postgres_start(struct world *world, struct postgres_server **ret, struct err *err);
void postgres_stop(struct postgres_server *server);
void postgres_free(struct postgres_server *server);    /* once the loop has run on */
void postgres_tick(struct postgres_server *server);
/* sitrep's configuration of it, as its `postgres` section. */
json_t *postgres_config(const struct postgres_server *server);

/* For scenarios. */
void postgres_set_fault(struct postgres_server *server, unsigned int ways,
			enum postgres_fault fault);
/* The application stops using it, and it falls asleep at once; or is used again. */
void postgres_set_use(struct postgres_server *server, bool used);
/* A session sits in a transaction and others wait for its lock; waiting 0 ends it. */
void postgres_set_blocker(struct postgres_server *server, const char *application, int64_t waiting);
void postgres_set_version(struct postgres_server *server, int64_t version);    /* goose's */
void postgres_set_invalid_index(struct postgres_server *server, const char *name);   /* or NULL */
bool postgres_is_well(const struct postgres_server *server, unsigned int ways);

#endif

/*
 * world/redis.h: a Redis as its clients see it: RESP2 on a loopback port, a keyspace with sizes
 * and times to live, the limit on memory and what happens at it, and the application's clients.
 */
#ifndef SITREP_WORLD_REDIS_H
#define SITREP_WORLD_REDIS_H

#include <stdbool.h>

#include <jansson.h>

#include "core/err.h"

struct world;
struct redis_server;

int redis_start(struct world *world, int port, struct redis_server **ret_server,
		struct err *err);
void redis_stop(struct redis_server *server);
int redis_port(const struct redis_server *server);

/* For scenarios. The policy must be one that Redis knows: false otherwise. */
bool redis_known_policy(const char *policy);
bool redis_set_policy(struct redis_server *server, const char *policy);
void redis_set_maxmemory(struct redis_server *server, long long bytes);
/* Add keys like the row's {pattern, type, size, ttl} until memory use reaches the percentage. */
void redis_fill(struct redis_server *server, const json_t *row, double percent);
double redis_used_percent(const struct redis_server *server);   /* 0 without a limit */
const char *redis_policy(const struct redis_server *server);
/* Would a write be refused for lack of memory now? */
bool redis_refuses_writes(const struct redis_server *server);

#endif

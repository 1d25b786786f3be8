/*
 * world/redis_commands.h: the inside of the simulated Redis, shared by its files.
 */
#ifndef SITREP_WORLD_REDIS_COMMANDS_H
#define SITREP_WORLD_REDIS_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "core/buf.h"
#include "world/redis.h"
#include "world/redis_keys.h"

#define ERRORS_MAX 16

struct setting {
	const char *name;
	char *value;             /* owned */
};

struct redis_client {
	struct redis_server *server;
	uv_tcp_t socket;
	uint64_t id;
	char address[64];
	char name[128];
	char last_command[32];
	struct buf in, out;
	int64_t since_ms, active_ms;   /* wall clock */
	int db;
	bool monitoring, closing, no_evict;
	struct redis_client *next, **link;
};

struct redis_server {
	struct world *world;
	uv_tcp_t socket;
	uv_timer_t timer;
	int port, open_handles;
	uint64_t next_id;
	struct redis_client *clients;
	size_t client_count, monitor_count;
	struct keyspace *keys;
	size_t used_peak;
	struct setting *settings;
	size_t setting_count;
	int64_t started_ms;
	uint64_t commands, connections, writes_since_save;
	uint64_t input_bytes, output_bytes;
	struct {
		char code[24];
		uint64_t count;
	} errors[ERRORS_MAX];
	/* the application's own clients (redis_traffic.c) */
	const json_t *traffic;
	double reads_due, writes_due[8];
	double beat_due, tasks_due;      /* redis_tasks.c */
	unsigned sweep_at;
	json_t *filling;         /* rows being filled, NULL when none */
	double fill_to;          /* percent */
	uint64_t ops_window[8];
	int ops_at;
};

struct args {
	int count;
	const char **value;      /* each followed by a NUL */
	size_t *len;
};

/* Run one command: writes exactly one reply to the client's buffer. */
void redis_execute(struct redis_client *client, const struct args *args);

/* Replies. */
void reply_status_line(struct redis_client *client, const char *text);
void reply_error(struct redis_client *client, const char *code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void reply_integer(struct redis_client *client, long long value);
void reply_bulk(struct redis_client *client, const char *data, size_t len);
void reply_text_bulk(struct redis_client *client, const char *text);
void reply_null(struct redis_client *client);
void reply_array(struct redis_client *client, size_t count);

/* redis_server.c */
size_t redis_used(const struct redis_server *server);
long long redis_maxmemory(const struct redis_server *server);
const char *redis_setting(const struct redis_server *server, const char *name);
/* False when there is no such setting. */
bool redis_set_setting(struct redis_server *server, const char *name, const char *value);
/* Make room as the policy says; false when it cannot. */
bool redis_make_room(struct redis_server *server);
void redis_count_error(struct redis_server *server, const char *code);
void redis_feed_monitors(struct redis_server *server, const char *address,
			 const struct args *args);

/* redis_info.c */
void redis_info(struct redis_client *client, const struct args *args);
void redis_client_list(struct redis_client *client);
void redis_describe_client(const struct redis_client *client, struct buf *out);

/* redis_values.c: commands on keys that hold values. */
void cmd_get(struct redis_client *client, const struct args *args);
void cmd_mget(struct redis_client *client, const struct args *args);
void cmd_set(struct redis_client *client, const struct args *args);
void cmd_setex(struct redis_client *client, const struct args *args);
void cmd_incr(struct redis_client *client, const struct args *args);
void cmd_length(struct redis_client *client, const struct args *args);
void cmd_push(struct redis_client *client, const struct args *args);
void cmd_pop(struct redis_client *client, const struct args *args);
void cmd_add(struct redis_client *client, const struct args *args);
void cmd_hset(struct redis_client *client, const struct args *args);
void cmd_hget(struct redis_client *client, const struct args *args);
void cmd_hgetall(struct redis_client *client, const struct args *args);
void cmd_range(struct redis_client *client, const struct args *args);
void cmd_members(struct redis_client *client, const struct args *args);
void cmd_zadd(struct redis_client *client, const struct args *args);
void cmd_zscore(struct redis_client *client, const struct args *args);
void cmd_zcount(struct redis_client *client, const struct args *args);
void cmd_zrangebyscore(struct redis_client *client, const struct args *args);
void cmd_subscan(struct redis_client *client, const struct args *args);
/* The key if it has this type; NULL after a WRONGTYPE error, or when missing (*ret_missing). */
struct key *typed_key(struct redis_client *client, const char *name, enum key_type type,
		      bool *ret_missing);

/* redis_traffic.c */
void redis_seed(struct redis_server *server, const json_t *plan);
void redis_traffic(struct redis_server *server, double seconds);

/* redis_tasks.c */
void redis_tasks(struct redis_server *server, double seconds);

#endif

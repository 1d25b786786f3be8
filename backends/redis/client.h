/*
 * backends/redis/client.h: commands and replies over a stream, with hiredis's reader. Reconnects
 * by itself; commands that were under way when the connection broke get NULL.
 */
#ifndef SITREP_BACKENDS_REDIS_CLIENT_H
#define SITREP_BACKENDS_REDIS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>
#include <uv.h>

#include "backends/stream.h"
#include "core/config.h"
#include "core/secret.h"

struct redis_client;

/* reply is NULL when the connection broke before it came. It belongs to the client. */
typedef void (*redis_reply_cb)(void *arg, const redisReply *reply);

struct redis_events {
	void (*ready)(void *arg);                  /* connected and let in */
	/* Not connected (any more), or not let in; it is tried again by itself. */
	void (*failed)(void *arg, enum fresh_fault fault, const char *why);
	void *arg;
};

/* NULL with err when the URL makes no sense. config and ways outlive the client. */
struct redis_client *redis_client_new(uv_loop_t *loop, const struct config_redis *config,
				      const struct stream_ways *ways,
				      const struct redis_events *events, struct err *err);
void redis_client_free(struct redis_client *client);
bool redis_client_is_ready(const struct redis_client *client);
/* Try to connect now instead of after the pause. */
void redis_client_kick(struct redis_client *client);
const char *redis_client_endpoint(const struct redis_client *client);
/* Commands, bytes and connections from now on; cost outlives the client. */
void redis_client_count(struct redis_client *client, struct cost *cost);
uint64_t redis_client_bytes_in(const struct redis_client *client);
uint64_t redis_client_bytes_out(const struct redis_client *client);
uint64_t redis_client_commands(const struct redis_client *client);

/* A command that only reads: its name must be on the list in client.c, else -EPERM and no
 * callback. Binary-safe. -ENOTCONN, -ENOBUFS. The callback comes later, from the loop, and once. */
int redis_read(struct redis_client *client, redis_reply_cb cb, void *arg, int argc,
	       const char *const *argv, const size_t *lens);
/* The same for plain words, NULL at the end. */
int redis_read_words(struct redis_client *client, redis_reply_cb cb, void *arg, ...)
	__attribute__((sentinel));
/* Sends now what was asked so far, instead of when the loop gets its turn. */
void redis_client_flush(struct redis_client *client);
/* Any command. For the write door in actuator.c alone. */
int redis_client_send(struct redis_client *client, redis_reply_cb cb, void *arg, int argc,
		      const char *const *argv, const size_t *lens);

/* Turns an error reply into freshness words: "refused: needs +config|get". Returns the fault. */
enum fresh_fault redis_error_text(const char *error, char *buf, size_t size);

#endif

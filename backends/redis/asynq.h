/*
 * backends/redis/asynq.h: reads what Asynq keeps in this Redis, over the same connection. Nothing
 * that Asynq's own inspector does is done here: that deletes the entries of dead servers, which are
 * what is looked for.
 * Source: hibiken/asynq 0.26, internal/base/base.go (keys), internal/rdb/rdb.go,
 * internal/proto/asynq.proto.
 */
#ifndef SITREP_BACKENDS_REDIS_ASYNQ_H
#define SITREP_BACKENDS_REDIS_ASYNQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "core/model/asynq.h"

struct redis_backend;

struct asynq_reader {
	struct redis_backend *redis;
	uv_timer_t timer;
	bool off;                  /* refused, and not asked for: not asked again */
	size_t waiting;            /* answers that are still to come */
	int64_t now_ms;            /* Redis's clock */
	struct asynq next;         /* being read */
	char error[160];
};

void asynq_reader_init(struct asynq_reader *reader, struct redis_backend *redis);
/* The connection stands. */
void asynq_reader_go(struct asynq_reader *reader);
void asynq_reader_refresh(struct asynq_reader *reader);
/* The connection broke. */
void asynq_reader_pause(struct asynq_reader *reader, enum fresh_fault fault, const char *why);

/* A server's heartbeat: protobuf ServerInfo. What is missing or broken stays as it is. */
void asynq_read_server(struct asynq_server *server, const char *bytes, size_t len);

#endif

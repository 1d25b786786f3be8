/*
 * core/model/asynq.h: the task queues that live in the watched Redis, as their own keys tell them.
 * Ages are by Redis's clock, which the workers' heartbeats are compared with, too.
 */
#ifndef SITREP_CORE_MODEL_ASYNQ_H
#define SITREP_CORE_MODEL_ASYNQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"

#define ASYNQ_QUEUES_MAX 32
#define ASYNQ_SERVERS_MAX 32
#define ASYNQ_HISTORY 24       /* readings of a queue's backlog */

/* -1 is unknown in every count. */
struct asynq_queue {
	char name[64];             /* printable */
	bool paused;
	int64_t pending, active, scheduled, retry, archived, completed;
	int64_t overdue;           /* scheduled or retried for a time that has passed */
	int64_t orphaned;          /* begun, and nobody has extended the lease for 30 s */
	int64_t oldest_ms;         /* how long the oldest pending one has waited; -1 = none */
	int64_t processed, failed; /* today, UTC; the failed count as processed, too */
	int32_t backlog[ASYNQ_HISTORY];    /* due and not begun, oldest first */
	int backlog_len;
};

struct asynq_server {
	char host[64];             /* printable: the pod's name */
	int64_t pid;
	int64_t concurrency, busy; /* -1 = it tells nothing any more */
	char status[16];           /* "active", "stopped", "closed"; "" = unknown */
	int64_t started_ms;        /* wall clock; 0 = unknown */
	int64_t beat_ms;           /* age of its last heartbeat */
	bool live;
};

#define ASYNQ_TREND 16

/* Over all queues, at one time. */
struct asynq_sample {
	int64_t at_ms;             /* wall clock */
	int64_t pending, retry, archived;
};

struct asynq_trend {
	struct asynq_sample samples[ASYNQ_TREND];      /* ring */
	int len, at;
};

struct asynq {
	bool present;              /* there are queues, or the configuration says so */
	struct freshness fresh;
	struct asynq_queue queues[ASYNQ_QUEUES_MAX];
	int nqueues, more_queues;  /* more: there are, but aren't shown */
	struct asynq_server servers[ASYNQ_SERVERS_MAX];
	int nservers, more_servers;
	struct asynq_trend trend;
};

/* A newer reading takes the place of the older one; freshness stays, trend and backlogs go on. */
void asynq_take(struct asynq *asynq, const struct asynq *next);

/* Over all queues. Unknown where any is unknown. */
struct asynq_sums {
	int64_t pending, active, retry, archived, scheduled, overdue, orphaned, oldest_ms;
	int64_t processed, failed;
	int64_t live, dead, concurrency, busy;
	int64_t paused;
};
struct asynq_sums asynq_sum(const struct asynq *asynq);

/* Remembers what stands now; more often than every quarter of a minute is no news. */
void asynq_remember(struct asynq *asynq, int64_t now_wall_ms);
/* How fast each grows, tasks a minute over the last minutes, negative when it shrinks. false: what is
 * remembered reaches less than a minute back. */
struct asynq_growth {
	double pending, retry, archived;
};
bool asynq_growth(const struct asynq *asynq, int64_t now_wall_ms, struct asynq_growth *ret);

#endif

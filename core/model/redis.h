/* core/model/redis.h: one Redis as its own INFO tells it, and what the key scan has found. */
#ifndef SITREP_CORE_MODEL_REDIS_H
#define SITREP_CORE_MODEL_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"

#define REDIS_TOP_KEYS 20
#define REDIS_TOP_PREFIXES 20
#define REDIS_HISTORY 60

struct redis_key {
	char *name;                /* owned; bytes made printable */
	char type[8];              /* string, list, set, hash, zset, stream, other */
	int64_t bytes;             /* MEMORY USAGE */
	int64_t ttl_ms;            /* -1 = no TTL */
};

struct redis_prefix {
	char *prefix;              /* owned: up to and with the first separator */
	int64_t keys, bytes;
	int64_t no_ttl;            /* of keys; an estimate when fewer were asked */
	int64_t ttl_asked;
};

#define REDIS_PATTERNS 8

/* Keys that the configuration has a name for. */
struct redis_pattern {
	char *name;                /* owned */
	int64_t keys, no_ttl;
	int64_t ttl_least_ms, ttl_most_ms;     /* -1 = none of them has one */
};

enum redis_scan_state { SCAN_OFF, SCAN_RUNNING, SCAN_PAUSED, SCAN_DONE, SCAN_STOPPED };
const char *redis_scan_state_name(enum redis_scan_state state);

struct redis_scan {
	struct freshness fresh;
	enum redis_scan_state state;
	char why[80];              /* why paused or stopped: "server latency rising", "budget" */
	int64_t scanned, total;    /* keys; total is DBSIZE at the start */
	int64_t bytes;             /* over scanned */
	int64_t no_ttl;            /* of scanned; an estimate when fewer were asked */
	int64_t ttl_asked;
	int64_t started_ms, ended_ms;
	int64_t commands, busy_us; /* the cost: commands sent, server time they took (estimate) */
	struct redis_key big[REDIS_TOP_KEYS];         /* by bytes, biggest first */
	int nbig;
	struct redis_key no_ttl_big[REDIS_TOP_KEYS];  /* the biggest without a TTL */
	int nno_ttl_big;
	struct redis_prefix prefixes[REDIS_TOP_PREFIXES];
	int nprefixes;
	struct redis_pattern patterns[REDIS_PATTERNS];
	int npatterns;
};

struct redis {
	bool configured;
	char *endpoint;            /* owned: how it is reached, without a secret */
	struct freshness fresh;
	char version[24];
	char role[16];
	char policy[24];           /* maxmemory-policy; "" = unknown */
	char policy_source[80];    /* why policy is unknown: "refused: needs +config|get" */
	int64_t started_ms;        /* wall clock; 0 = unknown */
	char run_id[44];           /* changes with each start; "" = unknown */
	int64_t restarted_ms;      /* when we saw it change; 0 = never */
	int64_t keys_before;       /* how many keys there were before that; -1 = unknown */
	int64_t used, rss, peak, maxmemory;           /* bytes; maxmemory 0 = no limit; -1 unknown */
	int64_t keys, expires;                        /* over all databases; -1 = unknown, as below */
	int64_t clients, blocked, max_clients;
	int64_t ops_per_s;
	int64_t hits, misses, evicted, expired;
	int64_t errors_oom;        /* errorstat_OOM; -1 = unknown */
	double oom_per_min;        /* from the last polls; -1 = unknown */
	double evicted_per_min;    /* likewise */
	int64_t lazyfree_pending;
	int64_t ping_us;           /* last round trip */
	bool loading;
	bool bgsave_failed, aof_failed;
	int64_t used_history[REDIS_HISTORY];          /* ring, newest at used_history_at - 1 */
	int used_history_len, used_history_at;
	struct redis_scan scan;
};

void redis_init(struct redis *redis);             /* zeroed before: every number unknown */
void redis_release(struct redis *redis);
void redis_scan_reset(struct redis_scan *scan);   /* frees its strings, back to SCAN_OFF */

#endif

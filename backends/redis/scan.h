/*
 * backends/redis/scan.h: looks for big keys and keys without a TTL, in the background: the next
 * SCAN goes ahead of MEMORY USAGE and PTTL of the keys at hand, so that a step costs at most one
 * way to the server and back, and the server measures while we count. It takes at most its share
 * of the server's time, steps back when answers slow down, goes on from its cursor after a broken
 * connection, and says what it has cost. No key's content is read.
 */
#ifndef SITREP_BACKENDS_REDIS_SCAN_H
#define SITREP_BACKENDS_REDIS_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "core/model/redis.h"

struct redis_backend;
struct scan_prefix;

struct scan_key {
	char *name;
	size_t len;
	int64_t bytes, ttl_ms;     /* -2 = gone meanwhile */
};

/* The keys of one SCAN, being measured. */
struct scan_step {
	struct redis_scanner *scanner;
	char from[24];             /* the cursor that gave them */
	struct scan_key *keys;
	size_t nkeys, cap;
	size_t waiting;            /* answers about them that are still to come */
	size_t answered;
	int64_t sent_us;           /* monotonic */
	bool measured;             /* nothing is left to do with them */
};

struct redis_scanner {
	struct redis_backend *redis;
	uv_timer_t timer;
	struct scan_step steps[2]; /* one being measured, and the next */
	int at;                    /* the newer one */
	char next[24];             /* the cursor after it */
	bool scanning;             /* a SCAN is under way */
	bool at_end;               /* there is nothing after the newer step */
	int64_t asked_us;          /* when DBSIZE left; 0 = it isn't under way */
	int64_t free_us;           /* since when the server has nothing of ours to do */
	int64_t way_us;            /* shortest way to the server and back; 0 = unknown */
	int64_t usual_ns;          /* what a key usually takes, smoothed */
	int64_t backed_off_ms;     /* pause added because answers are slow */
	int64_t owed_us;           /* rest that the server has still to get */
	int64_t resting_us;        /* since when it rests; 0 = it doesn't */
	char error[160];           /* the first error since the scan went on */
	struct scan_prefix *prefixes;  /* hash table */
	size_t nprefixes;
	int64_t published_ms;
};

void redis_scanner_init(struct redis_scanner *scanner, struct redis_backend *redis);
/* The connection stands: begin, or go on where it broke. */
void redis_scanner_go(struct redis_scanner *scanner);
/* The connection broke: remember where. */
void redis_scanner_pause(struct redis_scanner *scanner, const char *why);
void redis_scanner_stop(struct redis_scanner *scanner);

#endif

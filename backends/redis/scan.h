/*
 * backends/redis/scan.h: looks for big keys and keys without a TTL, in the background: SCAN in
 * small steps, MEMORY USAGE and PTTL of each key in one pipeline with the next step. It takes at
 * most its share of the server's time, steps back when answers slow down, goes on from its
 * cursor after a broken connection, and says what it has cost. No key's content is read.
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

#define SCAN_STEP_MAX 10000

/* A key of the step at hand. */
struct scan_key {
	char *name;
	size_t len;
	int64_t bytes, ttl_ms;     /* -2 = gone meanwhile */
};

struct redis_scanner {
	struct redis_backend *redis;
	uv_timer_t timer;
	char cursor[24];
	struct scan_key *keys;     /* of this step */
	size_t nkeys, cap;
	size_t expected;           /* replies still to come */
	bool last;                 /* the step at hand is the last */
	int64_t step_us;           /* when the step's commands left, monotonic */
	int64_t usual_ns;          /* what a key usually takes, smoothed */
	int64_t backed_off_ms;     /* pause added because answers are slow */
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

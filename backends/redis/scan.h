/*
 * backends/redis/scan.h: looks for big keys and keys without a TTL, in the background. Sizes are
 * asked in small portions, several of them under way, with the next SCANs riding along: the server
 * never waits for us, and nobody else waits for more than a few dozen of our questions. It gives
 * way when answers come late, goes on from its cursor after a broken connection, and says what it
 * has cost. No key's content is read.
 */
#ifndef SITREP_BACKENDS_REDIS_SCAN_H
#define SITREP_BACKENDS_REDIS_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "backends/redis/scan_pace.h"
#include "backends/redis/scan_tally.h"
#include "core/model/redis.h"

#define SCAN_PAGES 4               /* fetched ahead, so that there is always something to ask */
#define SCAN_PORTIONS 16

struct redis_backend;

/* The keys of one SCAN. */
struct scan_page {
	struct redis_scanner *scanner;
	char from[24];             /* the cursor that gave them */
	char *names;               /* one after the other */
	size_t names_cap;
	struct scan_key *keys;
	size_t nkeys, cap;
	size_t asked, answered;    /* sizes */
	size_t *ttls;              /* keys whose TTL was asked, in this order */
	size_t ttls_asked, ttls_answered;
};

/* Sizes that were asked together. */
struct scan_portion {
	size_t end;                /* its page's first key after them */
	size_t keys;
};

struct redis_scanner {
	struct redis_backend *redis;
	uv_timer_t timer;
	struct scan_page pages[SCAN_PAGES];    /* a ring, oldest first */
	size_t first_page, npages;
	struct scan_portion portions[SCAN_PORTIONS];   /* under way, likewise */
	size_t first_portion, nportions;
	size_t under_way;          /* keys whose size is to come */
	char next[24];             /* the cursor after the newest page */
	bool scanning;             /* a SCAN is under way */
	bool at_end;               /* there is nothing after the newest page */
	int64_t asked_us;          /* when DBSIZE left; 0 = it isn't under way */
	bool alone;                /* nothing else was under way then */
	bool resting;
	struct scan_pace pace;
	struct scan_tally tally;
	char error[160];           /* the first error since the scan went on */
	int64_t published_ms;
};

void redis_scanner_init(struct redis_scanner *scanner, struct redis_backend *redis);
/* The connection stands: begin, or go on where it broke. */
void redis_scanner_go(struct redis_scanner *scanner);
/* The connection broke: remember where. */
void redis_scanner_pause(struct redis_scanner *scanner, const char *why);
void redis_scanner_stop(struct redis_scanner *scanner);

#endif

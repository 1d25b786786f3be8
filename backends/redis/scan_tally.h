/*
 * backends/redis/scan_tally.h: what the key scan has found so far: by prefix, and the biggest.
 * Not every key's TTL is asked: all of a prefix's first hundred, then one in so many, and all that
 * might be shown by name. Keys come in no order, so that a share of those asked stands for all.
 */
#ifndef SITREP_BACKENDS_REDIS_SCAN_TALLY_H
#define SITREP_BACKENDS_REDIS_SCAN_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config.h"
#include "core/model/redis.h"

#define SCAN_GONE (-1)             /* bytes: there is no such key (any more) */
#define SCAN_TTL_UNASKED (-3)      /* ttl_ms; -2 = gone, -1 = none */

struct scan_prefix;

struct scan_key {
	const char *name;          /* raw, with a NUL after it */
	size_t len;
	int64_t bytes, ttl_ms;
	struct scan_prefix *prefix;
	bool sampled;              /* its TTL stands for others' */
	int pattern;               /* the first one that it fits; -1 = none */
};

struct scan_tally {
	struct redis_scan *scan;   /* what is shown */
	const char *separators;
	int64_t ttl_every;
	const struct schema_pair *patterns;    /* as many as scan has */
	struct scan_prefix *prefixes;  /* hash table */
	size_t nprefixes;
};

/* config outlives the tally. */
void scan_tally_begin(struct scan_tally *tally, struct redis_scan *scan,
		      const struct config_redis *config);
void scan_tally_end(struct scan_tally *tally);     /* frees; the findings stay in scan */
/* Finds the key's prefix. Returns whether its TTL is to be asked at once. */
bool scan_tally_meet(struct scan_tally *tally, struct scan_key *key);
/* Its size is known now: is it big enough to be shown, so that its TTL matters? */
bool scan_tally_is_big(const struct scan_tally *tally, const struct scan_key *key);
void scan_tally_count(struct scan_tally *tally, const struct scan_key *key);
/* The findings about prefixes and TTLs into scan; the rest is there already. */
void scan_tally_publish(struct scan_tally *tally);

#endif

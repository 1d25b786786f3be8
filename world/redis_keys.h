/*
 * world/redis_keys.h: the keyspace of the simulated Redis.
 *
 * What clients write is kept. What the world puts there itself has a size and is made up when it
 * is read, so that 256 MB of keys cost a few hundred kB.
 */
#ifndef SITREP_WORLD_REDIS_KEYS_H
#define SITREP_WORLD_REDIS_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#define KEY_BUCKETS 16384u   /* never resized: a SCAN cursor is a bucket */

enum key_type { KEY_STRING, KEY_LIST, KEY_SET, KEY_HASH, KEY_ZSET, KEY_TYPES };

struct key {
	struct key *next;
	enum key_type type;
	int64_t expires_ms;      /* wall clock; 0 = never */
	int64_t used_ms;         /* of the last read or write */
	size_t length;           /* bytes of a string; elements of the rest */
	size_t item_size;        /* made-up elements: bytes of each */
	long long score;         /* made-up zsets: seconds from now */
	size_t bytes;            /* what Redis would account for it */
	char *value;             /* a kept string; NULL when made up */
	json_t *items;           /* kept elements, flat for hashes (field, value) and zsets
				  * (member, score); NULL when made up */
	char name[];
};

struct keyspace {
	struct key *buckets[KEY_BUCKETS];
	size_t count, expires, bytes;
	uint64_t expired, evicted, hits, misses;
};

struct keyspace *keyspace_new(void);
void keyspace_free(struct keyspace *keys);

const char *key_type_name(enum key_type type);
/* -1 when there is no such type. */
int key_type_by_name(const char *name);
unsigned key_bucket(const char *name);

/* NULL when missing or expired (which removes it). */
struct key *key_find(struct keyspace *keys, const char *name);
/* Replaces what was there; an empty string, or an empty list of elements. */
struct key *key_create(struct keyspace *keys, const char *name, enum key_type type);
bool key_remove(struct keyspace *keys, const char *name);
void key_set_string(struct keyspace *keys, struct key *key, const char *value, size_t len);
void key_set_expiry(struct keyspace *keys, struct key *key, int64_t wall_ms);
/* Make it up: length as in the struct, item_size for elements. */
void key_pretend(struct keyspace *keys, struct key *key, size_t length, size_t item_size);
/* The elements, kept from now on. Flat, as in the struct. */
json_t *key_items(struct keyspace *keys, struct key *key);
/* After items were added or removed. An empty one is removed: the key is then gone. */
void key_recount(struct keyspace *keys, struct key *key);

/* The n-th made-up byte string of a key, size bytes and a NUL. */
void key_make_up(const struct key *key, size_t index, char *out, size_t size);

/* Drop what has expired in one bucket. */
void keyspace_sweep(struct keyspace *keys, unsigned bucket);
/* Evict one key as the policy says; false when none may go. */
bool keyspace_evict(struct keyspace *keys, const char *policy);

#endif

/* world/redis_keys.c: see redis_keys.h */
#include "world/redis_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "world/jx.h"
#include "world/when.h"
#include "world/world.h"

#define SAMPLES 5            /* maxmemory-samples */

static const char *const type_names[KEY_TYPES] = {"string", "list", "set", "hash", "zset"};

const char *key_type_name(enum key_type type)
{
	return type_names[type];
}

int key_type_by_name(const char *name)
{
	for (int i = 0; i < KEY_TYPES; i++) {
		if (!strcmp(type_names[i], name))
			return i;
	}
	return -1;
}

static uint64_t hash(const char *name)
{
	uint64_t sum = 1469598103934665603ull;

	for (; *name; name++)
		sum = (sum ^ (unsigned char)*name) * 1099511628211ull;
	return sum ^ (sum >> 29);
}

unsigned key_bucket(const char *name)
{
	return (unsigned)(hash(name) % KEY_BUCKETS);
}

static int64_t now_ms(void)
{
	return when_now_us() / 1000;
}

struct keyspace *keyspace_new(void)
{
	return xcalloc(1, sizeof(struct keyspace));
}

static size_t weigh(const struct key *key)
{
	size_t name = 56 + strlen(key->name) + 9;

	if (key->type == KEY_STRING)
		return (name + key->length + 9 + 15) / 16 * 16;
	return (name + 64 + key->length * (key->item_size + 11) + 15) / 16 * 16;
}

static void account(struct keyspace *keys, struct key *key)
{
	keys->bytes -= key->bytes;
	key->bytes = weigh(key);
	keys->bytes += key->bytes;
}

static void drop(struct keyspace *keys, struct key **link)
{
	struct key *key = *link;

	*link = key->next;
	keys->count--;
	keys->bytes -= key->bytes;
	if (key->expires_ms)
		keys->expires--;
	free(key->value);
	json_decref(key->items);
	free(key);
}

void keyspace_free(struct keyspace *keys)
{
	if (!keys)
		return;
	for (unsigned b = 0; b < KEY_BUCKETS; b++) {
		while (keys->buckets[b])
			drop(keys, &keys->buckets[b]);
	}
	free(keys);
}

static struct key **link_of(struct keyspace *keys, const char *name)
{
	struct key **link = &keys->buckets[key_bucket(name)];

	while (*link && strcmp((*link)->name, name))
		link = &(*link)->next;
	return link;
}

struct key *key_find(struct keyspace *keys, const char *name)
{
	struct key **link = link_of(keys, name);

	if (!*link)
		return NULL;
	if ((*link)->expires_ms && (*link)->expires_ms <= now_ms()) {
		keys->expired++;
		drop(keys, link);
		return NULL;
	}
	return *link;
}

struct key *key_create(struct keyspace *keys, const char *name, enum key_type type)
{
	struct key **link = link_of(keys, name);
	size_t len = strlen(name);
	struct key *key;

	if (*link)
		drop(keys, link);
	key = xcalloc(1, sizeof(*key) + len + 1);
	memcpy(key->name, name, len + 1);
	key->type = type;
	key->used_ms = now_ms();
	if (type != KEY_STRING)
		key->items = json_array();
	link = &keys->buckets[key_bucket(name)];
	key->next = *link;
	*link = key;
	keys->count++;
	account(keys, key);
	return key;
}

bool key_remove(struct keyspace *keys, const char *name)
{
	struct key **link = link_of(keys, name);

	if (!*link)
		return false;
	drop(keys, link);
	return true;
}

void key_set_string(struct keyspace *keys, struct key *key, const char *value, size_t len)
{
	free(key->value);
	key->value = xmalloc(len + 1);
	memcpy(key->value, value, len);
	key->value[len] = '\0';
	key->length = len;
	account(keys, key);
}

void key_set_expiry(struct keyspace *keys, struct key *key, int64_t wall_ms)
{
	keys->expires -= key->expires_ms != 0;
	key->expires_ms = wall_ms;
	keys->expires += wall_ms != 0;
}

void key_pretend(struct keyspace *keys, struct key *key, size_t length, size_t item_size)
{
	free(key->value);
	key->value = NULL;
	json_decref(key->items);
	key->items = NULL;
	key->length = length;
	key->item_size = item_size;
	account(keys, key);
}

void key_make_up(const struct key *key, size_t index, char *out, size_t size)
{
	static const char letters[] = "0123456789abcdef";
	uint64_t state = hash(key->name) + index * 0x9e3779b97f4a7c15ull;

	for (size_t i = 0; i < size; i++) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		out[i] = letters[(state >> 40) & 15];
	}
	out[size] = '\0';
}

static void add_made_up(const struct key *key, json_t *items, size_t index)
{
	char text[512];
	size_t size = key->item_size < sizeof(text) ? key->item_size : sizeof(text) - 1;

	if (key->type == KEY_HASH) {
		snprintf(text, sizeof(text), "field%zu", index);
		json_array_append_new(items, json_string(text));
	}
	key_make_up(key, index, text, size);
	json_array_append_new(items, json_string(text));
	if (key->type == KEY_ZSET)
		json_array_append_new(items, json_sprintf("%lld", (long long)(now_ms() / 1000) +
								  key->score +
								  (long long)index * 60));
}

json_t *key_items(struct keyspace *keys, struct key *key)
{
	if (key->items)
		return key->items;
	key->items = json_array();
	for (size_t i = 0; i < key->length; i++)
		add_made_up(key, key->items, i);
	key_recount(keys, key);
	return key->items;
}

void key_recount(struct keyspace *keys, struct key *key)
{
	size_t total = 0, width = key->type == KEY_HASH || key->type == KEY_ZSET ? 2 : 1, i;
	json_t *item;

	json_array_foreach(key->items, i, item)
		total += json_string_length(item);
	key->length = json_array_size(key->items) / width;
	if (!key->length) {
		drop(keys, link_of(keys, key->name));
		return;
	}
	key->item_size = total / key->length;
	account(keys, key);
}

void keyspace_sweep(struct keyspace *keys, unsigned bucket)
{
	struct key **link = &keys->buckets[bucket % KEY_BUCKETS];
	int64_t now = now_ms();

	while (*link) {
		if ((*link)->expires_ms && (*link)->expires_ms <= now) {
			keys->expired++;
			drop(keys, link);
		} else {
			link = &(*link)->next;
		}
	}
}

/* The better of two to evict: soonest to expire, or longest unused. */
static bool better(const struct key *a, const struct key *b, bool by_ttl)
{
	if (!b)
		return true;
	return by_ttl ? a->expires_ms < b->expires_ms : a->used_ms < b->used_ms;
}

bool keyspace_evict(struct keyspace *keys, const char *policy)
{
	bool volatile_only = !strncmp(policy, "volatile-", 9);
	bool by_ttl = !strcmp(policy, "volatile-ttl");
	struct key *best = NULL;
	int seen = 0;

	if (!strcmp(policy, "noeviction") || !keys->count || (volatile_only && !keys->expires))
		return false;
	/* From a random bucket on, the best of the first few. */
	for (unsigned b = world_random(KEY_BUCKETS), n = 0; n < KEY_BUCKETS && seen < SAMPLES;
	     n++, b = (b + 1) % KEY_BUCKETS) {
		for (struct key *key = keys->buckets[b]; key; key = key->next) {
			if (volatile_only && !key->expires_ms)
				continue;
			seen++;
			if (better(key, best, by_ttl))
				best = key;
		}
	}
	if (!best)
		return false;
	keys->evicted++;
	return key_remove(keys, best->name);
}

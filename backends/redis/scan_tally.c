/* backends/redis/scan_tally.c: see scan_tally.h */
#include "backends/redis/scan_tally.h"

#include <stdlib.h>
#include <string.h>

#include "backends/redis/redis.h"
#include "core/alloc.h"
#include "core/hash.h"

#define PREFIX_SLOTS 8192
#define PREFIXES_MAX 4096          /* distinct ones; the rest is counted as one */
#define ASK_FIRST 100              /* TTLs of a prefix, before only some are asked */

struct scan_prefix {
	char *name;                /* NULL = a free slot */
	size_t len;
	int64_t met, keys, bytes, ttl_asked, no_ttl;
};

void scan_tally_begin(struct scan_tally *tally, struct redis_scan *scan,
		      const struct config_redis *config)
{
	size_t i;

	scan_tally_end(tally);
	tally->scan = scan;
	tally->separators = config->separators ? config->separators : ":";
	tally->ttl_every = config->scan_ttl_every;
	tally->patterns = config->patterns;
	for (i = 0; i < config->npatterns && i < REDIS_PATTERNS; i++)
		scan->patterns[scan->npatterns++] = (struct redis_pattern){
			.name = xstrdup(config->patterns[i].key), .ttl_least_ms = -1,
			.ttl_most_ms = -1,
		};
	tally->prefixes = xcalloc(PREFIX_SLOTS, sizeof(*tally->prefixes));
}

void scan_tally_end(struct scan_tally *tally)
{
	size_t i;

	for (i = 0; tally->prefixes && i < PREFIX_SLOTS; i++)
		free(tally->prefixes[i].name);
	free(tally->prefixes);
	tally->prefixes = NULL;
	tally->nprefixes = 0;
}

/* An open hash; when full, everything new counts under one name. */
static struct scan_prefix *find_prefix(struct scan_tally *tally, const char *name, size_t len)
{
	size_t i;

	for (i = hash_bytes(name, len) % PREFIX_SLOTS;; i = (i + 1) % PREFIX_SLOTS) {
		struct scan_prefix *slot = &tally->prefixes[i];

		if (!slot->name)
			break;
		if (slot->len == len && !memcmp(slot->name, name, len))
			return slot;
	}
	if (tally->nprefixes >= PREFIXES_MAX && strcmp(name, "(other)"))
		return find_prefix(tally, "(other)", 7);
	tally->nprefixes++;
	tally->prefixes[i].name = xmalloc(len + 1);
	memcpy(tally->prefixes[i].name, name, len);
	tally->prefixes[i].name[len] = '\0';
	tally->prefixes[i].len = len;
	return &tally->prefixes[i];
}

/* Up to and with the first separator; of a key without one, the empty prefix. */
static size_t prefix_len(const struct scan_tally *tally, const struct scan_key *key)
{
	size_t i;

	for (i = 0; i < key->len; i++)
		if (key->name[i] && strchr(tally->separators, key->name[i]))
			return i + 1;
	return 0;
}

static int pattern_of(const struct scan_tally *tally, const struct scan_key *key)
{
	int i;

	for (i = 0; i < tally->scan->npatterns; i++)
		if (config_glob(tally->patterns[i].value, key->name))
			return i;
	return -1;
}

bool scan_tally_meet(struct scan_tally *tally, struct scan_key *key)
{
	key->prefix = find_prefix(tally, key->name, prefix_len(tally, key));
	key->sampled = key->prefix->met < ASK_FIRST || key->prefix->met % tally->ttl_every == 0;
	key->prefix->met++;
	key->pattern = pattern_of(tally, key);
	return key->sampled || key->pattern >= 0;
}

static bool makes_list(const struct redis_key *list, int count, int64_t bytes)
{
	return count < REDIS_TOP_KEYS || bytes > list[count - 1].bytes;
}

bool scan_tally_is_big(const struct scan_tally *tally, const struct scan_key *key)
{
	const struct redis_scan *scan = tally->scan;

	return makes_list(scan->big, scan->nbig, key->bytes) ||
	       makes_list(scan->no_ttl_big, scan->nno_ttl_big, key->bytes);
}

/* A short sorted list, smallest at the end. */
static void keep_big(struct redis_key *list, int *count, const struct scan_key *key)
{
	char *name;
	int at;

	if (!makes_list(list, *count, key->bytes))
		return;
	name = redis_key_show(key->name, key->len);
	for (at = 0; at < *count; at++) {
		/* SCAN may give a key twice. */
		if (!strcmp(list[at].name, name)) {
			list[at].bytes = key->bytes;
			free(name);
			return;
		}
	}
	if (*count == REDIS_TOP_KEYS)
		free(list[--*count].name);
	for (at = *count; at > 0 && list[at - 1].bytes < key->bytes; at--)
		list[at] = list[at - 1];
	list[at] = (struct redis_key){
		.name = name, .type = "", .bytes = key->bytes, .ttl_ms = key->ttl_ms,
	};
	(*count)++;
}

static void count_pattern(struct redis_pattern *pattern, int64_t ttl_ms)
{
	pattern->keys++;
	pattern->no_ttl += ttl_ms == -1;
	if (ttl_ms < 0)
		return;
	if (pattern->ttl_least_ms < 0 || ttl_ms < pattern->ttl_least_ms)
		pattern->ttl_least_ms = ttl_ms;
	if (ttl_ms > pattern->ttl_most_ms)
		pattern->ttl_most_ms = ttl_ms;
}

void scan_tally_count(struct scan_tally *tally, const struct scan_key *key)
{
	struct redis_scan *scan = tally->scan;
	struct scan_prefix *prefix = key->prefix;

	if (key->bytes == SCAN_GONE || key->ttl_ms == -2)
		return;
	scan->scanned++;
	scan->bytes += key->bytes;
	prefix->keys++;
	prefix->bytes += key->bytes;
	if (key->sampled) {
		prefix->ttl_asked++;
		prefix->no_ttl += key->ttl_ms == -1;
	}
	if (key->pattern >= 0)
		count_pattern(&scan->patterns[key->pattern], key->ttl_ms);
	if (key->ttl_ms == SCAN_TTL_UNASKED)
		return;
	keep_big(scan->big, &scan->nbig, key);
	if (key->ttl_ms == -1)
		keep_big(scan->no_ttl_big, &scan->nno_ttl_big, key);
}

static int by_bytes(const void *a, const void *b)
{
	const struct scan_prefix *const *one = a, *const *two = b;

	return (*one)->bytes < (*two)->bytes ? 1 : (*one)->bytes > (*two)->bytes ? -1 : 0;
}

static int64_t estimate(const struct scan_prefix *prefix)
{
	if (!prefix->ttl_asked)
		return 0;
	return (prefix->no_ttl * prefix->keys + prefix->ttl_asked / 2) / prefix->ttl_asked;
}

void scan_tally_publish(struct scan_tally *tally)
{
	struct redis_scan *scan = tally->scan;
	struct scan_prefix **sorted = xcalloc(tally->nprefixes + 1, sizeof(*sorted)), *prefix;
	size_t count = 0, i;

	scan->no_ttl = scan->ttl_asked = 0;
	for (i = 0; i < PREFIX_SLOTS; i++) {
		prefix = &tally->prefixes[i];
		scan->no_ttl += estimate(prefix);
		scan->ttl_asked += prefix->ttl_asked;
		if (prefix->len)
			sorted[count++] = prefix;
	}
	qsort(sorted, count, sizeof(*sorted), by_bytes);
	while (scan->nprefixes > 0)
		free(scan->prefixes[--scan->nprefixes].prefix);
	for (i = 0; i < count && i < REDIS_TOP_PREFIXES; i++)
		scan->prefixes[scan->nprefixes++] = (struct redis_prefix){
			.prefix = redis_key_show(sorted[i]->name, sorted[i]->len),
			.keys = sorted[i]->keys, .bytes = sorted[i]->bytes,
			.no_ttl = estimate(sorted[i]), .ttl_asked = sorted[i]->ttl_asked,
		};
	free(sorted);
}

/* backends/redis/scan.c: see scan.h */
#include "backends/redis/scan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/redis/redis.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/hash.h"

#define PREFIX_SLOTS 8192
#define PREFIXES_MAX 4096          /* distinct ones; the rest is counted as one */
#define PUBLISH_MS 500
#define SLOW_FACTOR 6              /* a step this much slower than usual: the server has a load */
#define SLOW_US 20000
#define BACK_OFF_MS 200
#define BACK_OFF_MAX_MS 5000

struct scan_prefix {
	char *name;                /* NULL = a free slot */
	size_t len;
	int64_t keys, bytes, no_ttl;
};

static struct redis_scan *model_of(const struct redis_scanner *scanner)
{
	return &scanner->redis->model->scan;
}

static int64_t mono_us(void)
{
	return (int64_t)(uv_hrtime() / 1000);
}

void redis_scanner_init(struct redis_scanner *scanner, struct redis_backend *redis)
{
	memset(scanner, 0, sizeof(*scanner));
	scanner->redis = redis;
	uv_timer_init(redis->env->loop, &scanner->timer);
	scanner->timer.data = scanner;
}

static void drop_keys(struct redis_scanner *scanner)
{
	while (scanner->nkeys > 0)
		free(scanner->keys[--scanner->nkeys].name);
}

static void drop_prefixes(struct redis_scanner *scanner)
{
	size_t i;

	for (i = 0; scanner->prefixes && i < PREFIX_SLOTS; i++)
		free(scanner->prefixes[i].name);
	free(scanner->prefixes);
	scanner->prefixes = NULL;
	scanner->nprefixes = 0;
}

/* Prefixes: an open hash; when full, everything new counts under one name. */

static struct scan_prefix *find_prefix(struct redis_scanner *scanner, const char *name, size_t len)
{
	size_t i;

	for (i = hash_bytes(name, len) % PREFIX_SLOTS;; i = (i + 1) % PREFIX_SLOTS) {
		struct scan_prefix *slot = &scanner->prefixes[i];

		if (!slot->name)
			break;
		if (slot->len == len && !memcmp(slot->name, name, len))
			return slot;
	}
	if (scanner->nprefixes >= PREFIXES_MAX && strcmp(name, "(other)"))
		return find_prefix(scanner, "(other)", 7);
	scanner->nprefixes++;
	scanner->prefixes[i].name = xmalloc(len + 1);
	memcpy(scanner->prefixes[i].name, name, len);
	scanner->prefixes[i].name[len] = '\0';
	scanner->prefixes[i].len = len;
	return &scanner->prefixes[i];
}

static void count_prefix(struct redis_scanner *scanner, const struct scan_key *key)
{
	const char *separators = scanner->redis->env->config->redis.separators;
	size_t len = strcspn(key->name, separators ? separators : ":");
	struct scan_prefix *prefix;

	if (len >= key->len)
		return;
	prefix = find_prefix(scanner, key->name, len + 1);
	prefix->keys++;
	prefix->bytes += key->bytes;
	prefix->no_ttl += key->ttl_ms == -1;
}

static int by_bytes(const void *a, const void *b)
{
	const struct scan_prefix *const *one = a, *const *two = b;

	return (*one)->bytes < (*two)->bytes ? 1 : (*one)->bytes > (*two)->bytes ? -1 : 0;
}

static void publish_prefixes(struct redis_scanner *scanner)
{
	struct redis_scan *scan = model_of(scanner);
	struct scan_prefix **sorted = xcalloc(scanner->nprefixes + 1, sizeof(*sorted));
	size_t count = 0, i;

	for (i = 0; i < PREFIX_SLOTS; i++)
		if (scanner->prefixes[i].name)
			sorted[count++] = &scanner->prefixes[i];
	qsort(sorted, count, sizeof(*sorted), by_bytes);
	while (scan->nprefixes > 0)
		free(scan->prefixes[--scan->nprefixes].prefix);
	for (i = 0; i < count && i < REDIS_TOP_PREFIXES; i++)
		scan->prefixes[scan->nprefixes++] = (struct redis_prefix){
			.prefix = redis_key_show(sorted[i]->name, sorted[i]->len),
			.keys = sorted[i]->keys, .bytes = sorted[i]->bytes,
			.no_ttl = sorted[i]->no_ttl,
		};
	free(sorted);
}

/* The biggest: a short sorted list, smallest at the end. */
static void keep_big(struct redis_key *list, int *count, const struct scan_key *key)
{
	char *name;
	int at;

	if (*count == REDIS_TOP_KEYS && list[*count - 1].bytes >= key->bytes)
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

static void count_keys(struct redis_scanner *scanner)
{
	struct redis_scan *scan = model_of(scanner);
	size_t i;

	for (i = 0; i < scanner->nkeys; i++) {
		const struct scan_key *key = &scanner->keys[i];

		if (key->ttl_ms == -2 || key->bytes < 0)
			continue;
		scan->scanned++;
		scan->bytes += key->bytes;
		keep_big(scan->big, &scan->nbig, key);
		if (key->ttl_ms == -1) {
			scan->no_ttl++;
			keep_big(scan->no_ttl_big, &scan->nno_ttl_big, key);
		}
		count_prefix(scanner, key);
	}
}

static void publish(struct redis_scanner *scanner)
{
	int64_t now = clock_mono_ms();

	freshness_proven(&model_of(scanner)->fresh, clock_wall_ms());
	if (now - scanner->published_ms < PUBLISH_MS && !scanner->last)
		return;
	scanner->published_ms = now;
	publish_prefixes(scanner);
	situation_touch(scanner->redis->env->sit, SECTION_REDIS);
}

static void next_step(struct redis_scanner *scanner);

static void on_timer(uv_timer_t *timer)
{
	redis_scanner_go(timer->data);
}

/* Types are only asked for the few keys that are shown. */

struct type_ask {
	struct redis_scanner *scanner;
	char *name;
};

static void got_type(void *arg, const redisReply *reply)
{
	struct type_ask *ask = arg;
	struct redis_scan *scan = model_of(ask->scanner);
	int i;

	for (i = 0; reply && reply->type == REDIS_REPLY_STATUS && i < REDIS_TOP_KEYS; i++) {
		if (i < scan->nbig && !strcmp(scan->big[i].name, ask->name))
			snprintf(scan->big[i].type, sizeof(scan->big[i].type), "%s", reply->str);
		if (i < scan->nno_ttl_big && !strcmp(scan->no_ttl_big[i].name, ask->name))
			snprintf(scan->no_ttl_big[i].type, sizeof(scan->no_ttl_big[i].type),
				 "%s", reply->str);
	}
	situation_touch(ask->scanner->redis->env->sit, SECTION_REDIS);
	free(ask->name);
	free(ask);
}

static void ask_type(struct redis_scanner *scanner, const struct redis_key *key)
{
	struct type_ask *ask;
	const char *argv[2] = {"TYPE"};
	size_t lens[2] = {4};
	char *raw;

	if (key->type[0])
		return;
	ask = xcalloc(1, sizeof(*ask));
	raw = redis_key_parse(key->name, &lens[1]);
	argv[1] = raw;
	ask->scanner = scanner;
	ask->name = xstrdup(key->name);
	if (redis_read(scanner->redis->client, got_type, ask, 2, argv, lens)) {
		free(ask->name);
		free(ask);
	}
	free(raw);
}

static void scan_ended(struct redis_scanner *scanner)
{
	struct redis_scan *scan = model_of(scanner);
	int i;

	scan->state = SCAN_DONE;
	scan->why[0] = '\0';
	scan->ended_ms = clock_wall_ms();
	publish_prefixes(scanner);
	drop_prefixes(scanner);
	for (i = 0; i < scan->nbig; i++)
		ask_type(scanner, &scan->big[i]);
	for (i = 0; i < scan->nno_ttl_big; i++)
		ask_type(scanner, &scan->no_ttl_big[i]);
	situation_touch(scanner->redis->env->sit, SECTION_REDIS);
	uv_timer_start(&scanner->timer, on_timer,
		       (uint64_t)scanner->redis->env->config->redis.scan_every_ms, 0);
}

/* How long to leave the server alone after a step that took `took` microseconds. */
static int64_t pause_ms(struct redis_scanner *scanner, int64_t took)
{
	struct redis_scan *scan = model_of(scanner);
	double load = scanner->redis->env->config->redis.scan_load;
	int64_t keys = scanner->nkeys ? (int64_t)scanner->nkeys : 1, per_key = took * 1000 / keys;

	scan->busy_us += took;
	if (took > SLOW_US && scanner->usual_ns && per_key > scanner->usual_ns * SLOW_FACTOR) {
		scanner->backed_off_ms = scanner->backed_off_ms ? scanner->backed_off_ms * 2
								: BACK_OFF_MS;
		if (scanner->backed_off_ms > BACK_OFF_MAX_MS)
			scanner->backed_off_ms = BACK_OFF_MAX_MS;
		snprintf(scan->why, sizeof(scan->why), "slowed: the server answers late");
	} else {
		scanner->backed_off_ms /= 2;
		if (!scanner->backed_off_ms)
			scan->why[0] = '\0';
		scanner->usual_ns = scanner->usual_ns ? (scanner->usual_ns * 7 + per_key) / 8
						      : per_key;
	}
	return scanner->backed_off_ms + (int64_t)((double)took * (1 / load - 1) / 1000);
}

static void step_done(struct redis_scanner *scanner)
{
	int64_t pause;

	if (model_of(scanner)->state != SCAN_RUNNING)
		return;
	pause = pause_ms(scanner, mono_us() - scanner->step_us);
	count_keys(scanner);
	drop_keys(scanner);
	publish(scanner);
	if (scanner->last)
		scan_ended(scanner);
	else if (pause > 0)
		uv_timer_start(&scanner->timer, on_timer, (uint64_t)pause, 0);
	else
		next_step(scanner);
}

static void stop_for_good(struct redis_scanner *scanner, const char *error)
{
	struct redis_scan *scan = model_of(scanner);
	char text[160];
	enum fresh_fault fault = redis_error_text(error, text, sizeof(text));

	scan->state = SCAN_STOPPED;
	snprintf(scan->why, sizeof(scan->why), "%.79s", text);
	freshness_failed(&scan->fresh, fault, text);
	situation_touch(scanner->redis->env->sit, SECTION_REDIS);
}

/* Replies come in the order of the commands: all sizes, then all TTLs. */
static void got_number(void *arg, const redisReply *reply)
{
	struct redis_scanner *scanner = arg;
	size_t at = 2 * scanner->nkeys - scanner->expected;
	int64_t value = reply && reply->type == REDIS_REPLY_INTEGER ? reply->integer : -2;

	if (!reply || !scanner->expected)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		if (model_of(scanner)->state == SCAN_RUNNING)
			stop_for_good(scanner, reply->str);
		return;
	}
	if (at < scanner->nkeys)
		scanner->keys[at].bytes = value;
	else
		scanner->keys[at - scanner->nkeys].ttl_ms = value;
	if (!--scanner->expected)
		step_done(scanner);
}

static void ask_numbers(struct redis_scanner *scanner)
{
	static const char *const usage[] = {"MEMORY", "USAGE"};
	struct redis_client *client = scanner->redis->client;
	const char *argv[3];
	size_t lens[3], i;

	scanner->expected = 2 * scanner->nkeys;
	for (i = 0; i < scanner->nkeys; i++) {
		argv[0] = usage[0];
		argv[1] = usage[1];
		argv[2] = scanner->keys[i].name;
		lens[0] = 6;
		lens[1] = 5;
		lens[2] = scanner->keys[i].len;
		redis_read(client, got_number, scanner, 3, argv, lens);
	}
	for (i = 0; i < scanner->nkeys; i++) {
		argv[0] = "PTTL";
		argv[1] = scanner->keys[i].name;
		lens[0] = 4;
		lens[1] = scanner->keys[i].len;
		redis_read(client, got_number, scanner, 2, argv, lens);
	}
	model_of(scanner)->commands += (int64_t)scanner->expected;
	if (!scanner->nkeys)
		step_done(scanner);
}

static void take_keys(struct redis_scanner *scanner, const redisReply *list)
{
	size_t i;

	drop_keys(scanner);
	if (list->elements > scanner->cap) {
		scanner->cap = list->elements;
		scanner->keys = xreallocarray(scanner->keys, scanner->cap, sizeof(*scanner->keys));
	}
	for (i = 0; i < list->elements && i < SCAN_STEP_MAX; i++) {
		const redisReply *item = list->element[i];

		if (item->type != REDIS_REPLY_STRING)
			continue;
		scanner->keys[scanner->nkeys] = (struct scan_key){
			.name = xmalloc((size_t)item->len + 1), .len = (size_t)item->len,
			.bytes = -1, .ttl_ms = -2,
		};
		memcpy(scanner->keys[scanner->nkeys].name, item->str, (size_t)item->len + 1);
		scanner->nkeys++;
	}
}

static void got_step(void *arg, const redisReply *reply)
{
	struct redis_scanner *scanner = arg;

	if (!reply || model_of(scanner)->state != SCAN_RUNNING)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		stop_for_good(scanner, reply->str);
		return;
	}
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
	    reply->element[0]->type != REDIS_REPLY_STRING ||
	    reply->element[1]->type != REDIS_REPLY_ARRAY) {
		stop_for_good(scanner, "SCAN's answer makes no sense");
		return;
	}
	snprintf(scanner->cursor, sizeof(scanner->cursor), "%s", reply->element[0]->str);
	scanner->last = !strcmp(scanner->cursor, "0");
	take_keys(scanner, reply->element[1]);
	ask_numbers(scanner);
}

static void next_step(struct redis_scanner *scanner)
{
	char count[24];

	snprintf(count, sizeof(count), "%lld",
		 (long long)scanner->redis->env->config->redis.scan_count);
	scanner->step_us = mono_us();
	model_of(scanner)->commands++;
	redis_read_words(scanner->redis->client, got_step, scanner, "SCAN", scanner->cursor,
			 "COUNT", count, NULL);
}

static void got_size(void *arg, const redisReply *reply)
{
	struct redis_scanner *scanner = arg;

	if (reply && reply->type == REDIS_REPLY_INTEGER)
		model_of(scanner)->total = reply->integer;
}

static void begin(struct redis_scanner *scanner)
{
	struct redis_scan *scan = model_of(scanner);

	redis_scan_reset(scan);
	drop_prefixes(scanner);
	scanner->prefixes = xcalloc(PREFIX_SLOTS, sizeof(*scanner->prefixes));
	scanner->usual_ns = scanner->backed_off_ms = 0;
	snprintf(scanner->cursor, sizeof(scanner->cursor), "0");
	scan->started_ms = clock_wall_ms();
	scan->commands = 1;
	redis_read_words(scanner->redis->client, got_size, scanner, "DBSIZE", NULL);
}

void redis_scanner_go(struct redis_scanner *scanner)
{
	struct redis_scan *scan = model_of(scanner);

	if (!scanner->redis->env->config->redis.scan ||
	    !redis_client_is_ready(scanner->redis->client))
		return;
	/* Running or paused: go on from the cursor. Else: from the start. */
	if (scan->state != SCAN_RUNNING && scan->state != SCAN_PAUSED)
		begin(scanner);
	scan->state = SCAN_RUNNING;
	scanner->last = false;
	next_step(scanner);
}

void redis_scanner_pause(struct redis_scanner *scanner, const char *why)
{
	struct redis_scan *scan = model_of(scanner);

	uv_timer_stop(&scanner->timer);
	scanner->expected = 0;
	drop_keys(scanner);
	if (scan->state != SCAN_RUNNING)
		return;
	scan->state = SCAN_PAUSED;
	snprintf(scan->why, sizeof(scan->why), "%.79s", why);
	freshness_failed(&scan->fresh, FAULT_SERVER, why);
}

void redis_scanner_stop(struct redis_scanner *scanner)
{
	drop_keys(scanner);
	drop_prefixes(scanner);
	free(scanner->keys);
	scanner->keys = NULL;
}

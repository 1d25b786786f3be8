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
#define SLOW_FACTOR 5              /* a step this much slower than usual: the server has a load */
#define SLOW_US 5000
#define REST_LEAST_US 1000         /* what the loop's timers can do; less is saved up */
#define AGAIN_MS 5000              /* after an error that may pass, such as LOADING */
#define FEW_KEYS 10                /* too few to tell what a key takes */
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
	scanner->steps[0].scanner = scanner->steps[1].scanner = scanner;
	scanner->steps[0].measured = scanner->steps[1].measured = true;
}

static void drop_keys(struct scan_step *step)
{
	while (step->nkeys > 0)
		free(step->keys[--step->nkeys].name);
	step->waiting = 0;
	step->measured = true;
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

static void count_keys(struct redis_scanner *scanner, const struct scan_step *step)
{
	struct redis_scan *scan = model_of(scanner);
	size_t i;

	for (i = 0; i < step->nkeys; i++) {
		const struct scan_key *key = &step->keys[i];

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

/* Answers slower than usual: somebody needs the server more than we do. */
static void watch_speed(struct redis_scanner *scanner, int64_t took, size_t keys)
{
	struct redis_scan *scan = model_of(scanner);
	int64_t per_key = took * 1000 / (int64_t)keys;

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
	scanner->owed_us += scanner->backed_off_ms * 1000;
}

/* What a step has cost, and the rest that the server gets for it. The way there and back is
 * nobody's work; other clients' work in between counts as ours, which makes the scan the slower
 * the more the server has to do. */
static void account(struct redis_scanner *scanner, const struct scan_step *step)
{
	double load = scanner->redis->env->config->redis.scan_load;
	int64_t now = mono_us(), took, busy;

	took = now - (step->sent_us > scanner->free_us ? step->sent_us : scanner->free_us);
	busy = took > 2 * scanner->way_us ? took - scanner->way_us : took / 2;
	scanner->free_us = now;
	model_of(scanner)->busy_us += busy;
	scanner->owed_us += (int64_t)((double)busy * (1 / load - 1));
	if (step->nkeys >= FEW_KEYS)
		watch_speed(scanner, took, step->nkeys);
}

static void hold(struct redis_scanner *scanner, const char *why)
{
	struct redis_scan *scan = model_of(scanner);

	scan->state = SCAN_PAUSED;
	snprintf(scan->why, sizeof(scan->why), "%.79s", why);
	freshness_failed(&scan->fresh, FAULT_SERVER, why);
	situation_touch(scanner->redis->env->sit, SECTION_REDIS);
}

static void note_error(struct redis_scanner *scanner, const char *error)
{
	if (!scanner->error[0])
		snprintf(scanner->error, sizeof(scanner->error), "%s", error);
}

/* Without the right there is no scan; other errors may pass. Waits until nothing is under way, so
 * that no old answer is taken for a new one. */
static void give_up(struct redis_scanner *scanner)
{
	struct redis_scan *scan = model_of(scanner);
	char text[160];
	enum fresh_fault fault;

	if (scanner->scanning || scanner->asked_us || scanner->steps[0].waiting ||
	    scanner->steps[1].waiting)
		return;
	fault = redis_error_text(scanner->error, text, sizeof(text));
	hold(scanner, text);
	if (fault == FAULT_RIGHTS || !strncmp(scanner->error, "ERR unknown command", 19)) {
		scan->state = SCAN_STOPPED;
		freshness_failed(&scan->fresh, fault, text);
	} else {
		uv_timer_start(&scanner->timer, on_timer, AGAIN_MS, 0);
	}
}

static void take_keys(struct scan_step *step, const redisReply *list)
{
	size_t i;

	drop_keys(step);
	if (list->elements > step->cap) {
		step->cap = list->elements;
		step->keys = xreallocarray(step->keys, step->cap, sizeof(*step->keys));
	}
	for (i = 0; i < list->elements; i++) {
		const redisReply *item = list->element[i];

		if (item->type != REDIS_REPLY_STRING)
			continue;
		step->keys[step->nkeys] = (struct scan_key){
			.name = xmalloc((size_t)item->len + 1), .len = (size_t)item->len,
			.bytes = -1, .ttl_ms = -2,
		};
		memcpy(step->keys[step->nkeys].name, item->str, (size_t)item->len + 1);
		step->nkeys++;
	}
	step->measured = false;
}

static void measure(struct redis_scanner *scanner);

/* The newer step waits to be measured: now, or after what the server is owed. */
static void go_on(struct redis_scanner *scanner)
{
	if (scanner->owed_us < REST_LEAST_US) {
		measure(scanner);
		return;
	}
	scanner->resting_us = mono_us();
	uv_timer_start(&scanner->timer, on_timer, (uint64_t)(scanner->owed_us / 1000), 0);
}

/* Timers are late: what was rested too long is good for the next steps. */
static void rested(struct redis_scanner *scanner)
{
	scanner->owed_us -= mono_us() - scanner->resting_us;
	scanner->resting_us = 0;
	if (scanner->owed_us < -REST_LEAST_US)
		scanner->owed_us = -REST_LEAST_US;
	measure(scanner);
}

/* How long is the way alone? Asked now and then with the least there is to ask. */
static void got_size(void *arg, const redisReply *reply)
{
	struct redis_scanner *scanner = arg;
	int64_t took = mono_us() - scanner->asked_us;

	scanner->asked_us = 0;
	if (!reply || model_of(scanner)->state != SCAN_RUNNING)
		return;
	if (!scanner->way_us || took < scanner->way_us)
		scanner->way_us = took;
	if (reply->type == REDIS_REPLY_INTEGER)
		model_of(scanner)->total = reply->integer;
	go_on(scanner);
}

static void ask_size(struct redis_scanner *scanner)
{
	scanner->asked_us = mono_us();
	model_of(scanner)->commands++;
	redis_read_words(scanner->redis->client, got_size, scanner, "DBSIZE", NULL);
}

static bool time_to_publish(const struct redis_scanner *scanner)
{
	return clock_mono_ms() - scanner->published_ms >= PUBLISH_MS;
}

static void publish(struct redis_scanner *scanner)
{
	scanner->published_ms = clock_mono_ms();
	freshness_proven(&model_of(scanner)->fresh, clock_wall_ms());
	publish_prefixes(scanner);
	situation_touch(scanner->redis->env->sit, SECTION_REDIS);
}

static bool is_waiting(const struct scan_step *step)
{
	return !step->measured && !step->sent_us;
}

static void publish_or_go_on(struct redis_scanner *scanner)
{
	if (time_to_publish(scanner)) {
		publish(scanner);
		ask_size(scanner);
	} else {
		go_on(scanner);
	}
}

/* A step's last answer is in, or it had no key. */
static void step_done(struct redis_scanner *scanner, struct scan_step *step)
{
	if (model_of(scanner)->state != SCAN_RUNNING)
		return;
	if (scanner->error[0]) {
		give_up(scanner);
		return;
	}
	account(scanner, step);
	count_keys(scanner, step);
	drop_keys(step);
	if (scanner->at_end && scanner->steps[0].measured && scanner->steps[1].measured)
		scan_ended(scanner);
	else if (is_waiting(&scanner->steps[scanner->at]))
		publish_or_go_on(scanner);
}

/* Answers come in the order of the questions: size and TTL of each key. */
static void got_number(void *arg, const redisReply *reply)
{
	struct scan_step *step = arg;
	size_t at = step->answered++;
	int64_t value;

	if (!reply || !step->waiting)
		return;
	value = reply->type == REDIS_REPLY_INTEGER ? reply->integer : -2;
	if (reply->type == REDIS_REPLY_ERROR)
		note_error(step->scanner, reply->str);
	else if (at % 2)
		step->keys[at / 2].ttl_ms = value;
	else
		step->keys[at / 2].bytes = value;
	if (!--step->waiting)
		step_done(step->scanner, step);
}

static bool is_page(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
	       reply->element[0]->type == REDIS_REPLY_STRING &&
	       reply->element[1]->type == REDIS_REPLY_ARRAY;
}

/* With less than the whole server granted, overlapping steps would only make bursts: measured, they
 * doubled what one PING in a hundred waits. */
static bool hurries(const struct redis_scanner *scanner)
{
	return scanner->redis->env->config->redis.scan_load >= 1 &&
	       scanner->owed_us < REST_LEAST_US;
}

/* It comes before the numbers of the step at hand. In a hurry, the new step's questions leave
 * before those are in, so that the server need not wait for us. */
static void got_page(void *arg, const redisReply *reply)
{
	struct redis_scanner *scanner = arg;
	struct scan_step *older = &scanner->steps[scanner->at], *step;

	scanner->scanning = false;
	if (!reply || model_of(scanner)->state != SCAN_RUNNING)
		return;
	if (reply->type == REDIS_REPLY_ERROR)
		note_error(scanner, reply->str);
	else if (!is_page(reply))
		note_error(scanner, "SCAN's answer makes no sense");
	if (scanner->error[0]) {
		give_up(scanner);
		return;
	}
	scanner->at = !scanner->at;
	step = &scanner->steps[scanner->at];
	take_keys(step, reply->element[1]);
	memcpy(step->from, scanner->next, sizeof(step->from));
	step->sent_us = 0;
	snprintf(scanner->next, sizeof(scanner->next), "%s", reply->element[0]->str);
	scanner->at_end = !strcmp(scanner->next, "0");
	if (older->measured)
		publish_or_go_on(scanner);
	else if (hurries(scanner) && !time_to_publish(scanner))
		measure(scanner);
}

static void ask_page(struct redis_scanner *scanner)
{
	char count[24];

	snprintf(count, sizeof(count), "%lld",
		 (long long)scanner->redis->env->config->redis.scan_count);
	if (!redis_read_words(scanner->redis->client, got_page, scanner, "SCAN", scanner->next,
			      "COUNT", count, NULL)) {
		scanner->scanning = true;
		model_of(scanner)->commands++;
	}
}

static void ask_numbers(struct scan_step *step, size_t from, size_t to)
{
	struct redis_client *client = step->scanner->redis->client;
	size_t i;

	for (i = from; i < to; i++) {
		const struct scan_key *key = &step->keys[i];
		const char *usage[] = {"MEMORY", "USAGE", key->name}, *ttl[] = {"PTTL", key->name};
		size_t usage_lens[] = {6, 5, key->len}, ttl_lens[] = {4, key->len};

		step->waiting += !redis_read(client, got_number, step, 3, usage, usage_lens);
		step->waiting += !redis_read(client, got_number, step, 2, ttl, ttl_lens);
	}
}

/* In two halves: while the server is busy with the second, the first one's answers, and the next
 * page, are here already. Other clients get their turn in between, too. */
static void measure(struct redis_scanner *scanner)
{
	struct scan_step *step = &scanner->steps[scanner->at];

	step->sent_us = mono_us();
	step->answered = 0;
	if (!scanner->at_end)
		ask_page(scanner);
	ask_numbers(step, 0, step->nkeys / 2);
	redis_client_flush(scanner->redis->client);
	ask_numbers(step, step->nkeys / 2, step->nkeys);
	redis_client_flush(scanner->redis->client);
	model_of(scanner)->commands += (int64_t)step->waiting;
	if (step->waiting != 2 * step->nkeys)
		note_error(scanner, "too much to ask at once");
	if (!step->waiting && !step->measured)
		step_done(scanner, step);
}

static void begin(struct redis_scanner *scanner)
{
	struct redis_scan *scan = model_of(scanner);

	redis_scan_reset(scan);
	drop_prefixes(scanner);
	scanner->prefixes = xcalloc(PREFIX_SLOTS, sizeof(*scanner->prefixes));
	scanner->usual_ns = scanner->backed_off_ms = scanner->owed_us = 0;
	snprintf(scanner->next, sizeof(scanner->next), "0");
	scan->started_ms = clock_wall_ms();
}

/* Keys that were being measured are lost: the cursor that gave them gives them again. */
static void rewind_steps(struct redis_scanner *scanner)
{
	const struct scan_step *newer = &scanner->steps[scanner->at];
	const struct scan_step *older = &scanner->steps[!scanner->at];
	const struct scan_step *lost = !older->measured ? older : !newer->measured ? newer : NULL;

	if (lost)
		memcpy(scanner->next, lost->from, sizeof(scanner->next));
}

void redis_scanner_go(struct redis_scanner *scanner)
{
	struct redis_scan *scan = model_of(scanner);

	if (!scanner->redis->env->config->redis.scan ||
	    !redis_client_is_ready(scanner->redis->client))
		return;
	if (scan->state == SCAN_RUNNING) {
		rested(scanner);
		return;
	}
	/* Done: the next one is due when the timer says so, whatever the connection does. */
	if (scan->state == SCAN_DONE && uv_is_active((uv_handle_t *)&scanner->timer))
		return;
	if (scan->state == SCAN_PAUSED)
		rewind_steps(scanner);
	else
		begin(scanner);
	drop_keys(&scanner->steps[0]);
	drop_keys(&scanner->steps[1]);
	scanner->at_end = scanner->scanning = false;
	scanner->error[0] = '\0';
	scanner->way_us = 0;
	scan->state = SCAN_RUNNING;
	scan->why[0] = '\0';
	ask_size(scanner);
}

void redis_scanner_pause(struct redis_scanner *scanner, const char *why)
{
	enum redis_scan_state state = model_of(scanner)->state;

	scanner->scanning = false;
	scanner->asked_us = 0;
	scanner->steps[0].waiting = scanner->steps[1].waiting = 0;
	if (state != SCAN_RUNNING && state != SCAN_PAUSED)
		return;
	uv_timer_stop(&scanner->timer);
	hold(scanner, why);
}

void redis_scanner_stop(struct redis_scanner *scanner)
{
	drop_prefixes(scanner);
	drop_keys(&scanner->steps[0]);
	drop_keys(&scanner->steps[1]);
	free(scanner->steps[0].keys);
	free(scanner->steps[1].keys);
}

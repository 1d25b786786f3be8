/* backends/redis/scan.c: see scan.h */
#include "backends/redis/scan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/redis/redis.h"
#include "core/alloc.h"
#include "core/clock.h"

#define PUBLISH_MS 500
#define AGAIN_MS 5000              /* after an error that may pass, such as LOADING */

static struct redis_scan *model_of(const struct redis_scanner *scanner)
{
	return &scanner->redis->model->scan;
}

static const struct config_redis *config_of(const struct redis_scanner *scanner)
{
	return &scanner->redis->env->config->redis;
}

static int64_t mono_us(void)
{
	return (int64_t)(uv_hrtime() / 1000);
}

static bool is_running(const struct redis_scanner *scanner)
{
	return model_of(scanner)->state == SCAN_RUNNING;
}

void redis_scanner_init(struct redis_scanner *scanner, struct redis_backend *redis)
{
	size_t i;

	memset(scanner, 0, sizeof(*scanner));
	scanner->redis = redis;
	uv_timer_init(redis->env->loop, &scanner->timer);
	scanner->timer.data = scanner;
	for (i = 0; i < SCAN_PAGES; i++)
		scanner->pages[i].scanner = scanner;
}

static struct scan_page *page_at(struct redis_scanner *scanner, size_t index)
{
	return &scanner->pages[(scanner->first_page + index) % SCAN_PAGES];
}

static struct scan_portion *portion_at(struct redis_scanner *scanner, size_t index)
{
	return &scanner->portions[(scanner->first_portion + index) % SCAN_PORTIONS];
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

static void put_type(struct redis_key *keys, int count, const char *name, const char *type)
{
	int i;

	for (i = 0; i < count; i++)
		if (!strcmp(keys[i].name, name))
			snprintf(keys[i].type, sizeof(keys[i].type), "%s", type);
}

static void got_type(void *arg, const redisReply *reply)
{
	struct type_ask *ask = arg;
	struct redis_scan *scan = model_of(ask->scanner);

	if (reply && reply->type == REDIS_REPLY_STATUS) {
		put_type(scan->big, scan->nbig, ask->name, reply->str);
		put_type(scan->no_ttl_big, scan->nno_ttl_big, ask->name, reply->str);
		situation_touch(ask->scanner->redis->env->sit, SECTION_REDIS);
	}
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

/* How it goes on, and how it ends */

static void publish(struct redis_scanner *scanner)
{
	struct redis_scan *scan = model_of(scanner);

	scanner->published_ms = clock_mono_ms();
	snprintf(scan->why, sizeof(scan->why), "%s", scan_pace_is_late(&scanner->pace)
		 ? "slowed: the server answers late" : "");
	freshness_proven(&scan->fresh, clock_wall_ms());
	scan_tally_publish(&scanner->tally);
	situation_touch(scanner->redis->env->sit, SECTION_REDIS);
}

static void scan_ended(struct redis_scanner *scanner)
{
	struct redis_scan *scan = model_of(scanner);
	int i;

	publish(scanner);
	scan_tally_end(&scanner->tally);
	scan->state = SCAN_DONE;
	scan->why[0] = '\0';
	scan->ended_ms = clock_wall_ms();
	for (i = 0; i < scan->nbig; i++)
		ask_type(scanner, &scan->big[i]);
	for (i = 0; i < scan->nno_ttl_big; i++)
		ask_type(scanner, &scan->no_ttl_big[i]);
	uv_timer_start(&scanner->timer, on_timer, (uint64_t)config_of(scanner)->scan_every_ms, 0);
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

static bool is_quiet(struct redis_scanner *scanner)
{
	size_t i;

	for (i = 0; i < scanner->npages; i++)
		if (page_at(scanner, i)->ttls_answered < page_at(scanner, i)->ttls_asked)
			return false;
	return !scanner->scanning && !scanner->asked_us && !scanner->under_way;
}

/* Without the right there is no scan; other errors may pass. Waits until nothing is under way, so
 * that no old answer is taken for a new one. */
static void give_up(struct redis_scanner *scanner)
{
	struct redis_scan *scan = model_of(scanner);
	char text[160];
	enum fresh_fault fault;

	if (!is_quiet(scanner))
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

static void go_on(struct redis_scanner *scanner);

/* How long is the way alone? Told by the least there is to ask, when nothing else is asked. */
static void got_size(void *arg, const redisReply *reply)
{
	struct redis_scanner *scanner = arg;
	int64_t took = mono_us() - scanner->asked_us;

	scanner->asked_us = 0;
	if (!reply || !is_running(scanner))
		return;
	if (scanner->alone)
		scan_pace_way(&scanner->pace, took);
	if (reply->type == REDIS_REPLY_INTEGER)
		model_of(scanner)->total = reply->integer;
	go_on(scanner);
}

static void ask_size(struct redis_scanner *scanner)
{
	scanner->alone = is_quiet(scanner);
	if (redis_read_words(scanner->redis->client, got_size, scanner, "DBSIZE", NULL))
		return;
	scanner->asked_us = mono_us();
	model_of(scanner)->commands++;
}

/* Pages */

static size_t names_size(const redisReply *list)
{
	size_t size = 0, i;

	for (i = 0; i < list->elements; i++)
		if (list->element[i]->type == REDIS_REPLY_STRING)
			size += (size_t)list->element[i]->len + 1;
	return size;
}

static void make_room(struct scan_page *page, const redisReply *list)
{
	size_t names = names_size(list);

	if (names > page->names_cap) {
		page->names_cap = names;
		page->names = xreallocarray(page->names, names, 1);
	}
	if (list->elements > page->cap) {
		page->cap = list->elements;
		page->keys = xreallocarray(page->keys, page->cap, sizeof(*page->keys));
		page->ttls = xreallocarray(page->ttls, page->cap, sizeof(*page->ttls));
	}
}

static void take_keys(struct scan_page *page, const redisReply *list)
{
	char *name;
	size_t i;

	page->nkeys = page->asked = page->answered = page->ttls_asked = page->ttls_answered = 0;
	make_room(page, list);
	name = page->names;
	for (i = 0; i < list->elements; i++) {
		const redisReply *item = list->element[i];

		if (item->type != REDIS_REPLY_STRING)
			continue;
		page->keys[page->nkeys++] = (struct scan_key){
			.name = name, .len = (size_t)item->len, .bytes = SCAN_GONE,
			.ttl_ms = SCAN_TTL_UNASKED,
		};
		memcpy(name, item->str, (size_t)item->len + 1);
		name += item->len + 1;
	}
}

static bool is_measured(const struct scan_page *page)
{
	return page->answered == page->nkeys && page->ttls_answered == page->ttls_asked;
}

/* In their order: what was counted is never asked again. */
static void count_pages(struct redis_scanner *scanner)
{
	while (scanner->npages && is_measured(page_at(scanner, 0))) {
		const struct scan_page *page = page_at(scanner, 0);
		size_t i;

		for (i = 0; i < page->nkeys; i++)
			scan_tally_count(&scanner->tally, &page->keys[i]);
		scanner->first_page = (scanner->first_page + 1) % SCAN_PAGES;
		scanner->npages--;
	}
}

static bool is_page(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
	       reply->element[0]->type == REDIS_REPLY_STRING &&
	       reply->element[1]->type == REDIS_REPLY_ARRAY;
}

static void got_page(void *arg, const redisReply *reply)
{
	struct redis_scanner *scanner = arg;
	struct scan_page *page;

	scanner->scanning = false;
	if (!reply || !is_running(scanner))
		return;
	if (reply->type == REDIS_REPLY_ERROR)
		note_error(scanner, reply->str);
	else if (!is_page(reply))
		note_error(scanner, "SCAN's answer makes no sense");
	if (!scanner->error[0]) {
		page = page_at(scanner, scanner->npages++);
		take_keys(page, reply->element[1]);
		memcpy(page->from, scanner->next, sizeof(page->from));
		snprintf(scanner->next, sizeof(scanner->next), "%s", reply->element[0]->str);
		scanner->at_end = !strcmp(scanner->next, "0");
		count_pages(scanner);      /* it may be empty */
	}
	go_on(scanner);
}

static void ask_page(struct redis_scanner *scanner)
{
	char count[24];

	snprintf(count, sizeof(count), "%lld", (long long)config_of(scanner)->scan_count);
	if (!redis_read_words(scanner->redis->client, got_page, scanner, "SCAN", scanner->next,
			      "COUNT", count, NULL)) {
		scanner->scanning = true;
		model_of(scanner)->commands++;
	}
}

/* Numbers: answers come in the order of the questions. */

static void got_ttl(void *arg, const redisReply *reply)
{
	struct scan_page *page = arg;
	struct redis_scanner *scanner = page->scanner;
	struct scan_key *key;

	if (!reply || !is_running(scanner))
		return;
	key = &page->keys[page->ttls[page->ttls_answered++]];
	if (reply->type == REDIS_REPLY_ERROR)
		note_error(scanner, reply->str);
	else if (reply->type == REDIS_REPLY_INTEGER)
		key->ttl_ms = reply->integer;
	if (scanner->error[0] || is_measured(page))
		go_on(scanner);
}

static int ask_ttl(struct scan_page *page, size_t index)
{
	const struct scan_key *key = &page->keys[index];
	const char *argv[] = {"PTTL", key->name};
	size_t lens[] = {4, key->len};
	int rc = redis_read(page->scanner->redis->client, got_ttl, page, 2, argv, lens);

	if (rc)
		return rc;
	page->ttls[page->ttls_asked++] = index;
	model_of(page->scanner)->commands++;
	return 0;
}

static void portion_answered(struct redis_scanner *scanner)
{
	size_t keys = portion_at(scanner, 0)->keys;

	scanner->first_portion = (scanner->first_portion + 1) % SCAN_PORTIONS;
	scanner->nportions--;
	model_of(scanner)->busy_us += scan_pace_answered(&scanner->pace, keys, mono_us());
	go_on(scanner);
}

static void got_bytes(void *arg, const redisReply *reply)
{
	struct scan_page *page = arg;
	struct redis_scanner *scanner = page->scanner;
	struct scan_key *key;

	if (!reply || !is_running(scanner))
		return;
	key = &page->keys[page->answered++];
	scanner->under_way--;
	if (reply->type == REDIS_REPLY_ERROR)
		note_error(scanner, reply->str);
	else if (reply->type == REDIS_REPLY_INTEGER)
		key->bytes = reply->integer;
	if (!key->sampled && key->pattern < 0 && scan_tally_is_big(&scanner->tally, key) &&
	    ask_ttl(page, page->answered - 1))
		note_error(scanner, "too much to ask at once");
	if (page->answered == portion_at(scanner, 0)->end)
		portion_answered(scanner);
}

static int ask_bytes(struct scan_page *page)
{
	struct scan_key *key = &page->keys[page->asked];
	const char *argv[] = {"MEMORY", "USAGE", key->name};
	size_t lens[] = {6, 5, key->len};
	int rc = redis_read(page->scanner->redis->client, got_bytes, page, 3, argv, lens);

	if (rc)
		return rc;
	page->asked++;
	page->scanner->under_way++;
	model_of(page->scanner)->commands++;
	if (scan_tally_meet(&page->scanner->tally, key))
		return ask_ttl(page, page->asked - 1);
	return 0;
}

static void ask_portion(struct redis_scanner *scanner, struct scan_page *page)
{
	size_t from = page->asked, most = scan_pace_portion(&scanner->pace);
	struct scan_portion *portion = portion_at(scanner, scanner->nportions);

	while (page->asked < page->nkeys && page->asked < from + most)
		if (ask_bytes(page)) {
			note_error(scanner, "too much to ask at once");
			break;
		}
	*portion = (struct scan_portion){page->asked, page->asked - from};
	scanner->nportions += portion->keys > 0;
}

static struct scan_page *page_to_ask(struct redis_scanner *scanner, size_t *ret_unasked)
{
	struct scan_page *first = NULL;
	size_t i;

	*ret_unasked = 0;
	for (i = 0; i < scanner->npages; i++) {
		struct scan_page *page = page_at(scanner, i);

		if (!first && page->asked < page->nkeys)
			first = page;
		*ret_unasked += page->nkeys - page->asked;
	}
	return first;
}

/* The next page is asked for before the one at hand runs out. */
static void top_up(struct redis_scanner *scanner)
{
	size_t window = scan_pace_window(&scanner->pace), unasked;
	size_t portion = scan_pace_portion(&scanner->pace);
	struct scan_page *page = page_to_ask(scanner, &unasked);

	if (!scanner->under_way)
		scan_pace_wakes(&scanner->pace, mono_us());
	if (!scanner->scanning && !scanner->at_end && scanner->npages < SCAN_PAGES &&
	    unasked < window)
		ask_page(scanner);
	while (page && scanner->under_way + portion <= window &&
	       scanner->nportions < SCAN_PORTIONS && !scanner->error[0]) {
		ask_portion(scanner, page);
		redis_client_flush(scanner->redis->client);
		page = page_to_ask(scanner, &unasked);
	}
	redis_client_flush(scanner->redis->client);
}

static void go_on(struct redis_scanner *scanner)
{
	uint64_t rest;

	count_pages(scanner);
	if (scanner->error[0]) {
		give_up(scanner);
		return;
	}
	if (scanner->at_end && !scanner->npages) {
		scan_ended(scanner);
		return;
	}
	if (clock_mono_ms() - scanner->published_ms >= PUBLISH_MS) {
		publish(scanner);
		if (!scanner->asked_us)
			ask_size(scanner);
	}
	if (scanner->resting)
		return;
	rest = scan_pace_rest(&scanner->pace, mono_us());
	if (rest) {
		scanner->resting = true;
		uv_timer_start(&scanner->timer, on_timer, rest, 0);
	} else {
		top_up(scanner);
	}
}

/* From outside */

static void begin(struct redis_scanner *scanner)
{
	const struct config_redis *config = config_of(scanner);
	struct redis_scan *scan = model_of(scanner);

	redis_scan_reset(scan);
	scan_tally_begin(&scanner->tally, scan, config);
	scan_pace_begin(&scanner->pace, config->scan_load, (size_t)config->scan_count);
	snprintf(scanner->next, sizeof(scanner->next), "0");
	scan->started_ms = clock_wall_ms();
}

/* Keys that were being measured are lost: the cursor that gave them gives them again. */
static void go_back(struct redis_scanner *scanner)
{
	if (scanner->npages)
		memcpy(scanner->next, page_at(scanner, 0)->from, sizeof(scanner->next));
	scanner->pace.way_us = 0;
}

void redis_scanner_go(struct redis_scanner *scanner)
{
	struct redis_scan *scan = model_of(scanner);

	if (!config_of(scanner)->scan || !redis_client_is_ready(scanner->redis->client))
		return;
	if (scan->state == SCAN_RUNNING) {
		scanner->resting = false;
		scan_pace_rested(&scanner->pace, mono_us());
		go_on(scanner);
		return;
	}
	/* Done: the next one is due when the timer says so, whatever the connection does. */
	if (scan->state == SCAN_DONE && uv_is_active((uv_handle_t *)&scanner->timer))
		return;
	if (scan->state == SCAN_PAUSED)
		go_back(scanner);
	else
		begin(scanner);
	scanner->npages = scanner->nportions = scanner->under_way = 0;
	scanner->at_end = scanner->scanning = scanner->resting = false;
	scanner->error[0] = '\0';
	scanner->published_ms = clock_mono_ms();
	scan->state = SCAN_RUNNING;
	scan->why[0] = '\0';
	ask_size(scanner);
}

void redis_scanner_pause(struct redis_scanner *scanner, const char *why)
{
	enum redis_scan_state state = model_of(scanner)->state;

	scanner->scanning = scanner->resting = false;
	scanner->asked_us = 0;
	if (state != SCAN_RUNNING && state != SCAN_PAUSED)
		return;
	uv_timer_stop(&scanner->timer);
	hold(scanner, why);
}

void redis_scanner_stop(struct redis_scanner *scanner)
{
	size_t i;

	scan_tally_end(&scanner->tally);
	for (i = 0; i < SCAN_PAGES; i++) {
		free(scanner->pages[i].names);
		free(scanner->pages[i].keys);
		free(scanner->pages[i].ttls);
	}
}

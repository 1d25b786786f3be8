/* world/redis_values.c: commands on what keys hold; see redis_commands.h */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "world/redis_commands.h"
#include "world/when.h"

#define MADE_UP_MAX (1u << 20)   /* of one value, when it is read */

static struct keyspace *keys_of(const struct redis_client *client)
{
	return client->server->keys;
}

static bool named(const struct args *args, const char *name)
{
	return !strcasecmp(args->value[0], name);
}

static void wrong_type(struct redis_client *client)
{
	reply_error(client, "WRONGTYPE",
		    "Operation against a key holding the wrong kind of value");
}

struct key *typed_key(struct redis_client *client, const char *name, enum key_type type,
		      bool *ret_missing)
{
	struct key *key = client->db ? NULL : key_find(keys_of(client), name);

	*ret_missing = !key;
	if (!key) {
		keys_of(client)->misses++;
		return NULL;
	}
	keys_of(client)->hits++;
	key->used_ms = when_now_us() / 1000;
	if (key->type == type)
		return key;
	wrong_type(client);
	return NULL;
}

/* The same for writing: a missing key is made. NULL after an error only. */
static struct key *made_key(struct redis_client *client, const char *name, enum key_type type)
{
	struct key *key = key_find(keys_of(client), name);

	if (!key)
		return key_create(keys_of(client), name, type);
	key->used_ms = when_now_us() / 1000;
	if (key->type == type)
		return key;
	wrong_type(client);
	return NULL;
}

static const char *item(const json_t *items, size_t index)
{
	const char *text = json_string_value(json_array_get(items, index));

	return text ? text : "";
}

/* What is not UTF-8 is kept as a question mark: only sizes matter here. */
static json_t *kept(const char *text, size_t len)
{
	json_t *value = json_stringn(text, len);

	return value ? value : json_string("?");
}

/* ---- strings ------------------------------------------------------------------------------ */

static void reply_value(struct redis_client *client, const struct key *key)
{
	size_t size = key->length < MADE_UP_MAX ? key->length : MADE_UP_MAX;
	char *text;

	if (key->value) {
		reply_bulk(client, key->value, key->length);
		return;
	}
	text = xmalloc(size + 1);
	key_make_up(key, 0, text, size);
	reply_bulk(client, text, size);
	free(text);
}

void cmd_get(struct redis_client *client, const struct args *args)
{
	bool missing;
	const struct key *key = typed_key(client, args->value[1], KEY_STRING, &missing);

	if (key)
		reply_value(client, key);
	else if (missing)
		reply_null(client);
}

void cmd_mget(struct redis_client *client, const struct args *args)
{
	reply_array(client, (size_t)args->count - 1);
	for (int i = 1; i < args->count; i++) {
		const struct key *key = client->db ? NULL
						   : key_find(keys_of(client), args->value[i]);

		if (key && key->type == KEY_STRING)
			reply_value(client, key);
		else
			reply_null(client);
	}
}

/* EX, PX, NX, XX, KEEPTTL; false after an error. */
struct set_options {
	int64_t expires_ms;
	bool only_new, only_old, keep;
};

static bool set_options(const struct args *args, struct set_options *o)
{
	int64_t now = when_now_us() / 1000;

	*o = (struct set_options){0};
	for (int i = 3; i < args->count; i++) {
		const char *word = args->value[i];
		bool more = i + 1 < args->count;

		if (!strcasecmp(word, "ex") && more)
			o->expires_ms = now + strtoll(args->value[++i], NULL, 10) * 1000;
		else if (!strcasecmp(word, "px") && more)
			o->expires_ms = now + strtoll(args->value[++i], NULL, 10);
		else if (!strcasecmp(word, "nx"))
			o->only_new = true;
		else if (!strcasecmp(word, "xx"))
			o->only_old = true;
		else if (!strcasecmp(word, "keepttl"))
			o->keep = true;
		else
			return false;
	}
	return true;
}

static void append(struct redis_client *client, const struct args *args)
{
	struct key *key = made_key(client, args->value[1], KEY_STRING);
	struct buf text = BUF_INIT(64u << 20);

	if (!key)
		return;
	if (key->value)
		buf_append(&text, key->value, key->length);
	buf_append(&text, args->value[2], args->len[2]);
	key_set_string(keys_of(client), key, text.data ? text.data : "", text.len);
	reply_integer(client, (long long)key->length);
	buf_release(&text);
}

void cmd_set(struct redis_client *client, const struct args *args)
{
	struct set_options options;
	struct key *key = key_find(keys_of(client), args->value[1]);

	if (named(args, "append")) {
		append(client, args);
		return;
	}
	if (!set_options(args, &options)) {
		reply_error(client, "ERR", "syntax error");
		return;
	}
	if ((options.only_new && key) || (options.only_old && !key)) {
		reply_null(client);
		return;
	}
	if (options.keep && key)
		options.expires_ms = key->expires_ms;
	key = key_create(keys_of(client), args->value[1], KEY_STRING);
	key_set_string(keys_of(client), key, args->value[2], args->len[2]);
	key_set_expiry(keys_of(client), key, options.expires_ms);
	reply_status_line(client, "OK");
}

void cmd_setex(struct redis_client *client, const struct args *args)
{
	long long unit = named(args, "psetex") ? 1 : 1000;
	long long time = strtoll(args->value[2], NULL, 10);
	struct key *key;

	if (time <= 0) {
		reply_error(client, "ERR", "invalid expire time in '%s' command",
			    args->value[0]);
		return;
	}
	key = key_create(keys_of(client), args->value[1], KEY_STRING);
	key_set_string(keys_of(client), key, args->value[3], args->len[3]);
	key_set_expiry(keys_of(client), key, when_now_us() / 1000 + time * unit);
	reply_status_line(client, "OK");
}

void cmd_incr(struct redis_client *client, const struct args *args)
{
	struct key *key = made_key(client, args->value[1], KEY_STRING);
	long long by = args->count > 2 ? strtoll(args->value[2], NULL, 10) : 1;
	char text[24], *end = NULL;
	long long value;

	if (!key)
		return;
	value = key->value ? strtoll(key->value, &end, 10) : 0;
	if (end && *end) {
		reply_error(client, "ERR", "value is not an integer or out of range");
		return;
	}
	value += by;
	snprintf(text, sizeof(text), "%lld", value);
	key_set_string(keys_of(client), key, text, strlen(text));
	reply_integer(client, value);
}

/* ---- lengths of all types ----------------------------------------------------------------- */

void cmd_length(struct redis_client *client, const struct args *args)
{
	static const struct {
		const char *name;
		enum key_type type;
	} rows[] = {{"strlen", KEY_STRING}, {"llen", KEY_LIST}, {"scard", KEY_SET},
		    {"hlen", KEY_HASH}, {"zcard", KEY_ZSET}};
	const struct key *key;
	bool missing;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!named(args, rows[i].name))
			continue;
		key = typed_key(client, args->value[1], rows[i].type, &missing);
		if (key || missing)
			reply_integer(client, key ? (long long)key->length : 0);
		return;
	}
	/* XLEN: there are no streams here. */
	if (key_find(keys_of(client), args->value[1]))
		wrong_type(client);
	else
		reply_integer(client, 0);
}

/* ---- lists and sets ----------------------------------------------------------------------- */

void cmd_push(struct redis_client *client, const struct args *args)
{
	struct key *key = made_key(client, args->value[1], KEY_LIST);
	json_t *items;

	if (!key)
		return;
	items = key_items(keys_of(client), key);
	for (int i = 2; i < args->count; i++) {
		json_t *value = kept(args->value[i], args->len[i]);

		if (named(args, "lpush"))
			json_array_insert_new(items, 0, value);
		else
			json_array_append_new(items, value);
	}
	reply_integer(client, (long long)json_array_size(items));
	key_recount(keys_of(client), key);
}

void cmd_pop(struct redis_client *client, const struct args *args)
{
	bool missing;
	struct key *key = typed_key(client, args->value[1], KEY_LIST, &missing);
	json_t *items;
	size_t at;

	if (!key) {
		if (missing)
			reply_null(client);
		return;
	}
	items = key_items(keys_of(client), key);
	at = named(args, "lpop") ? 0 : json_array_size(items) - 1;
	reply_text_bulk(client, item(items, at));
	json_array_remove(items, at);
	key_recount(keys_of(client), key);
}

static bool holds(const json_t *items, const char *text, size_t step)
{
	for (size_t i = 0; i < json_array_size(items); i += step) {
		if (!strcmp(item(items, i), text))
			return true;
	}
	return false;
}

void cmd_add(struct redis_client *client, const struct args *args)
{
	struct key *key = made_key(client, args->value[1], KEY_SET);
	long long added = 0;
	json_t *items;

	if (!key)
		return;
	items = key_items(keys_of(client), key);
	for (int i = 2; i < args->count; i++) {
		if (holds(items, args->value[i], 1))
			continue;
		json_array_append_new(items, kept(args->value[i], args->len[i]));
		added++;
	}
	key_recount(keys_of(client), key);
	reply_integer(client, added);
}

void cmd_members(struct redis_client *client, const struct args *args)
{
	bool missing;
	struct key *key = typed_key(client, args->value[1], KEY_SET, &missing);
	const json_t *items;

	if (!key) {
		if (missing)
			reply_array(client, 0);
		return;
	}
	items = key_items(keys_of(client), key);
	reply_array(client, json_array_size(items));
	for (size_t i = 0; i < json_array_size(items); i++)
		reply_text_bulk(client, item(items, i));
}

/* ---- hashes ------------------------------------------------------------------------------- */

/* Sets a pair in a flat list; true when it is new. */
static bool set_pair(json_t *items, const char *name, const char *value)
{
	for (size_t i = 0; i + 1 < json_array_size(items); i += 2) {
		if (strcmp(item(items, i), name))
			continue;
		json_array_set_new(items, i + 1, kept(value, strlen(value)));
		return false;
	}
	json_array_append_new(items, kept(name, strlen(name)));
	json_array_append_new(items, kept(value, strlen(value)));
	return true;
}

void cmd_hset(struct redis_client *client, const struct args *args)
{
	struct key *key;
	long long added = 0;
	json_t *items;

	if (args->count % 2) {
		reply_error(client, "ERR", "wrong number of arguments for 'hset' command");
		return;
	}
	key = made_key(client, args->value[1], KEY_HASH);
	if (!key)
		return;
	items = key_items(keys_of(client), key);
	for (int i = 2; i + 1 < args->count; i += 2)
		added += set_pair(items, args->value[i], args->value[i + 1]);
	key_recount(keys_of(client), key);
	reply_integer(client, added);
}

/* The index of a name in a flat list of pairs; -1. */
static long pair_at(const json_t *items, const char *name)
{
	for (size_t i = 0; i + 1 < json_array_size(items); i += 2) {
		if (!strcmp(item(items, i), name))
			return (long)i;
	}
	return -1;
}

/* The value that stands behind a name. */
static void reply_pair(struct redis_client *client, const struct args *args, enum key_type type)
{
	bool missing;
	struct key *key = typed_key(client, args->value[1], type, &missing);
	const json_t *items;
	long at;

	if (!key) {
		if (missing)
			reply_null(client);
		return;
	}
	items = key_items(keys_of(client), key);
	at = pair_at(items, args->value[2]);
	if (at < 0)
		reply_null(client);
	else
		reply_text_bulk(client, item(items, (size_t)at + 1));
}

void cmd_hget(struct redis_client *client, const struct args *args)
{
	reply_pair(client, args, KEY_HASH);
}

void cmd_hgetall(struct redis_client *client, const struct args *args)
{
	bool missing, all = named(args, "hgetall");
	struct key *key = typed_key(client, args->value[1], KEY_HASH, &missing);
	const json_t *items;
	size_t first = named(args, "hvals"), step = all ? 1 : 2;

	if (!key) {
		if (missing)
			reply_array(client, 0);
		return;
	}
	items = key_items(keys_of(client), key);
	reply_array(client, json_array_size(items) / step);
	for (size_t i = first; i < json_array_size(items); i += step)
		reply_text_bulk(client, item(items, i));
}

/* ---- sorted sets -------------------------------------------------------------------------- */

struct scored {
	const char *member, *score;
	double value;
};

static int by_score(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return strcmp(x->member, y->member);
}

/* In the order of their scores; caller frees. */
static struct scored *sorted(const json_t *items, size_t *ret_count)
{
	size_t count = json_array_size(items) / 2;
	struct scored *list = xcalloc(count, sizeof(*list));

	for (size_t i = 0; i < count; i++) {
		list[i].member = item(items, i * 2);
		list[i].score = item(items, i * 2 + 1);
		list[i].value = atof(list[i].score);
	}
	qsort(list, count, sizeof(*list), by_score);
	*ret_count = count;
	return list;
}

/* "-inf", "+inf", "12", "(12". */
static double bound(const char *text, bool *ret_open)
{
	*ret_open = *text == '(';
	return atof(text + *ret_open);
}

static bool within(double value, const char *low, const char *high)
{
	bool open_low, open_high;
	double from = bound(low, &open_low), to = bound(high, &open_high);

	return (open_low ? value > from : value >= from) &&
	       (open_high ? value < to : value <= to);
}

void cmd_zadd(struct redis_client *client, const struct args *args)
{
	struct key *key;
	long long added = 0;
	json_t *items;

	if (args->count % 2) {
		reply_error(client, "ERR", "syntax error");
		return;
	}
	key = made_key(client, args->value[1], KEY_ZSET);
	if (!key)
		return;
	items = key_items(keys_of(client), key);
	for (int i = 2; i + 1 < args->count; i += 2)
		added += set_pair(items, args->value[i + 1], args->value[i]);
	key_recount(keys_of(client), key);
	reply_integer(client, added);
}

void cmd_zscore(struct redis_client *client, const struct args *args)
{
	reply_pair(client, args, KEY_ZSET);
}

void cmd_zcount(struct redis_client *client, const struct args *args)
{
	bool missing;
	struct key *key = typed_key(client, args->value[1], KEY_ZSET, &missing);
	struct scored *list;
	size_t count;
	long long hits = 0;

	if (!key) {
		if (missing)
			reply_integer(client, 0);
		return;
	}
	list = sorted(key_items(keys_of(client), key), &count);
	for (size_t i = 0; i < count; i++)
		hits += within(list[i].value, args->value[2], args->value[3]);
	reply_integer(client, hits);
	free(list);
}

static bool has_word(const struct args *args, int from, const char *word)
{
	for (int i = from; i < args->count; i++) {
		if (!strcasecmp(args->value[i], word))
			return true;
	}
	return false;
}

static void reply_scored(struct redis_client *client, const struct scored *list, size_t count,
			 bool with_scores)
{
	reply_array(client, count * (with_scores ? 2 : 1));
	for (size_t i = 0; i < count; i++) {
		reply_text_bulk(client, list[i].member);
		if (with_scores)
			reply_text_bulk(client, list[i].score);
	}
}

void cmd_zrangebyscore(struct redis_client *client, const struct args *args)
{
	bool missing;
	struct key *key = typed_key(client, args->value[1], KEY_ZSET, &missing);
	struct scored *list;
	size_t count, kept = 0;

	if (!key) {
		if (missing)
			reply_array(client, 0);
		return;
	}
	list = sorted(key_items(keys_of(client), key), &count);
	for (size_t i = 0; i < count; i++) {
		if (within(list[i].value, args->value[2], args->value[3]))
			list[kept++] = list[i];
	}
	reply_scored(client, list, kept, has_word(args, 4, "withscores"));
	free(list);
}

/* Negative indices count from the end. */
static void clip(const struct args *args, size_t size, size_t *ret_from, size_t *ret_count)
{
	long from = atol(args->value[2]), to = atol(args->value[3]), len = (long)size;

	from = from < 0 ? from + len : from;
	to = to < 0 ? to + len : to;
	from = from < 0 ? 0 : from;
	to = to >= len ? len - 1 : to;
	*ret_from = from < len ? (size_t)from : 0;
	*ret_count = from <= to && from < len ? (size_t)(to - from + 1) : 0;
}

/* LRANGE, and ZRANGE by rank. */
void cmd_range(struct redis_client *client, const struct args *args)
{
	bool missing, list_range = named(args, "lrange");
	struct key *key = typed_key(client, args->value[1], list_range ? KEY_LIST : KEY_ZSET,
				    &missing);
	struct scored *list;
	size_t from, count;
	json_t *items;

	if (!key) {
		if (missing)
			reply_array(client, 0);
		return;
	}
	items = key_items(keys_of(client), key);
	if (list_range) {
		clip(args, json_array_size(items), &from, &count);
		reply_array(client, count);
		for (size_t i = 0; i < count; i++)
			reply_text_bulk(client, item(items, from + i));
		return;
	}
	list = sorted(items, &count);
	clip(args, count, &from, &count);
	reply_scored(client, list + from, count, has_word(args, 4, "withscores"));
	free(list);
}

/* HSCAN, SSCAN, ZSCAN: everything in one page, as Redis does for small ones. */
void cmd_subscan(struct redis_client *client, const struct args *args)
{
	enum key_type type = named(args, "hscan") ? KEY_HASH
			     : named(args, "sscan") ? KEY_SET : KEY_ZSET;
	bool missing;
	struct key *key = typed_key(client, args->value[1], type, &missing);
	const json_t *items = NULL;

	if (!key && !missing)
		return;
	if (key)
		items = key_items(keys_of(client), key);
	reply_array(client, 2);
	reply_text_bulk(client, "0");
	reply_array(client, json_array_size(items));
	for (size_t i = 0; i < json_array_size(items); i++)
		reply_text_bulk(client, item(items, i));
}

/* world/redis_traffic.c: the keys that are there, and the application that uses them */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "world/jx.h"
#include "world/redis_commands.h"
#include "world/when.h"
#include "world/world.h"

#define SWEEP_PER_TICK 2048      /* buckets looked at for expired keys */
#define FILL_PER_TICK 400        /* keys */

static void hex(char *out, size_t digits)
{
	for (size_t i = 0; i < digits; i++)
		out[i] = "0123456789abcdef"[world_random(16)];
	out[digits] = '\0';
}

/* What a placeholder stands for; NULL for braces that are the key's own. */
static const char *stand_in(const char *name, size_t len, int number, char text[48])
{
	time_t day = (time_t)(when_now_us() / 1000000 - (int64_t)number * 86400);
	struct tm tm;

	if (len == 5 && !memcmp(name, "hex40", 5)) {
		hex(text, 40);
	} else if (len == 4 && !memcmp(name, "uuid", 4)) {
		hex(text, 36);
		text[8] = text[13] = text[18] = text[23] = '-';
	} else if (len == 1 && *name == 'n') {
		snprintf(text, 48, "%u", 1000 + world_random(9000));
	} else if (len == 2 && !memcmp(name, "ip", 2)) {
		snprintf(text, 48, "203.0.113.%u", world_random(256));
	} else if (len == 3 && !memcmp(name, "day", 3)) {
		gmtime_r(&day, &tm);
		strftime(text, 48, "%Y-%m-%d", &tm);
	} else {
		return NULL;
	}
	return text;
}

static void name_key(const char *pattern, int number, char *out, size_t size)
{
	size_t len = 0;

	while (*pattern && len + 1 < size) {
		const char *end = *pattern == '{' ? strchr(pattern, '}') : NULL;
		const char *filled = NULL;
		char text[48];

		if (end)
			filled = stand_in(pattern + 1, (size_t)(end - pattern - 1), number, text);
		if (!filled) {
			out[len++] = *pattern++;
			continue;
		}
		len += (size_t)snprintf(out + len, size - len, "%s", filled);
		if (len >= size)
			len = size - 1;
		pattern = end + 1;
	}
	out[len] = '\0';
}

/* A number from a row's [low, high]; `otherwise` when the row has none. */
static long long between(const json_t *row, const char *key, long long otherwise)
{
	const json_t *range = json_object_get(row, key);
	long long low, high;

	if (json_is_integer(range))
		return json_integer_value(range);
	if (json_array_size(range) != 2)
		return otherwise;
	low = json_integer_value(json_array_get(range, 0));
	high = json_integer_value(json_array_get(range, 1));
	return high > low ? low + world_random((uint32_t)(high - low + 1)) : low;
}

static void add_key(struct redis_server *server, const json_t *row, int number)
{
	const char *pattern = jx_str(row, "pattern");
	int type = key_type_by_name(jx_str(row, "type"));
	long long ttl = between(row, "ttl", 0), size = between(row, "size", 0);
	const json_t *value = json_object_get(row, "value");
	json_t *members = json_object_get(row, "members");
	struct key *key;
	char name[256];

	if (!*pattern)
		pattern = jx_str(row, "key");
	name_key(pattern, number, name, sizeof(name));
	key = key_create(server->keys, name, type < 0 ? KEY_STRING : (enum key_type)type);
	if (value) {
		key_set_string(server->keys, key, json_string_value(value),
			       json_string_length(value));
	} else if (members) {
		json_decref(key->items);
		key->items = json_deep_copy(members);
		key_recount(server->keys, key);
	} else if (key->type == KEY_STRING) {
		key_pretend(server->keys, key, (size_t)size, 0);
	} else {
		key_pretend(server->keys, key, (size_t)between(row, "length", 4), (size_t)size);
		key->score = between(row, "score", 0);
	}
	if (ttl)
		key_set_expiry(server->keys, key, when_now_us() / 1000 + ttl * 1000);
}

void redis_seed(struct redis_server *server, const json_t *plan)
{
	const json_t *row;
	size_t i;

	redis_set_maxmemory(server, jx_int(plan, "maxmemory"));
	redis_set_policy(server, jx_str(plan, "policy"));
	server->traffic = json_object_get(plan, "clients");
	json_array_foreach(json_object_get(plan, "keys"), i, row) {
		long long count = between(row, "count", 1);

		for (int n = 0; n < count; n++)
			add_key(server, row, n);
	}
	server->used_peak = redis_used(server);
	server->commands = 90211337;
	server->keys->hits = 41200911;
	server->keys->misses = 2608871;
	server->keys->expired = 5011213;
}

void redis_fill(struct redis_server *server, const json_t *row, double percent)
{
	json_decref(server->filling);
	server->filling = json_deep_copy(row);
	server->fill_to = percent;
}

/* Filling ignores the limit: it stands for what was written before it was reached. */
static void fill_some(struct redis_server *server)
{
	for (int i = 0; i < FILL_PER_TICK && server->filling; i++) {
		if (redis_used_percent(server) >= server->fill_to) {
			json_decref(server->filling);
			server->filling = NULL;
			return;
		}
		add_key(server, server->filling, i);
	}
}

/* ---- the application's clients ------------------------------------------------------------ */

static void show(struct redis_server *server, const char *command, const char *name)
{
	const char *values[] = {command, name};
	size_t lens[] = {strlen(command), strlen(name)};
	const struct args args = {2, values, lens};

	redis_feed_monitors(server, "10.42.0.14:40112", &args);
}

static void count_command(struct redis_server *server, size_t in, size_t out)
{
	server->commands++;
	server->ops_window[server->ops_at]++;
	server->input_bytes += in;
	server->output_bytes += out;
}

/* Reads keep a key warm; misses are for tokens that nobody has. */
static void read_one(struct redis_server *server)
{
	bool hit = (long long)world_random(100) < jx_int(server->traffic, "hit_percent");
	unsigned start = world_random(KEY_BUCKETS);

	count_command(server, 70, hit ? 320 : 5);
	server->keys->misses += !hit;
	for (unsigned n = 0; hit && n < 64; n++) {
		struct key *key = server->keys->buckets[(start + n) % KEY_BUCKETS];

		if (!key || key->type != KEY_STRING)
			continue;
		key->used_ms = when_now_us() / 1000;
		server->keys->hits++;
		show(server, "get", key->name);
		return;
	}
}

static void write_one(struct redis_server *server, const json_t *row)
{
	count_command(server, 410, 5);
	show(server, "setex", jx_str(row, "pattern"));
	if (!redis_make_room(server)) {
		redis_count_error(server, "OOM");
		return;
	}
	server->writes_since_save++;
	add_key(server, row, 0);
}

void redis_traffic(struct redis_server *server, double seconds)
{
	const json_t *row;
	size_t i;

	server->ops_at = (server->ops_at + 1) % 8;
	server->ops_window[server->ops_at] = 0;
	server->reads_due += seconds * (double)jx_int(server->traffic, "reads_per_second");
	for (; server->reads_due >= 1; server->reads_due -= 1)
		read_one(server);
	json_array_foreach(jx_get(server->traffic, "writes"), i, row) {
		if (i >= sizeof(server->writes_due) / sizeof(*server->writes_due))
			break;
		server->writes_due[i] +=
			seconds * json_number_value(json_object_get(row, "per_second"));
		for (; server->writes_due[i] >= 1; server->writes_due[i] -= 1)
			write_one(server, row);
	}
	redis_tasks(server, seconds);
	if (server->filling)
		fill_some(server);
	for (unsigned n = 0; n < SWEEP_PER_TICK; n++)
		keyspace_sweep(server->keys, server->sweep_at++);
}

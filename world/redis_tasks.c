/*
 * world/redis_tasks.c: the task queues of the application, in the keys that hibiken/asynq 0.26
 * uses: tasks are put in, the workers' pods beat, take and finish them. Without room in memory
 * none of this can be written, and without a ready pod nobody beats.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "world/jx.h"
#include "world/redis_commands.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

#define BEAT_S 5
#define BEAT_TTL_S 10
#define LEASE_S 30
#define TASK_S 2                 /* what a task takes */
#define NAME_MAX_LEN 256

static const json_t *tasks_of(const struct redis_server *server)
{
	return jx_get(server->traffic, "tasks");
}

static void queue_key(const struct redis_server *server, const char *what, char out[NAME_MAX_LEN])
{
	snprintf(out, NAME_MAX_LEN, "asynq:{%s}:%s", jx_str(tasks_of(server), "queue"), what);
}

/* The key, made if need be; NULL when it is of another kind. */
static struct key *key_of_type(struct redis_server *server, const char *name, enum key_type type)
{
	struct key *key = key_find(server->keys, name);

	if (!key)
		key = key_create(server->keys, name, type);
	return key->type == type ? key : NULL;
}

static bool has_room(struct redis_server *server)
{
	if (redis_make_room(server))
		return true;
	redis_count_error(server, "OOM");
	return false;
}

/* ---- sorted sets and lists ---- */

static void set_score(struct redis_server *server, const char *name, const char *member,
		      int64_t score)
{
	struct key *key = key_of_type(server, name, KEY_ZSET);
	char text[24];
	json_t *items;
	size_t i;

	if (!key)
		return;
	snprintf(text, sizeof(text), "%" PRId64, score);
	items = key_items(server->keys, key);
	for (i = 0; i + 1 < json_array_size(items); i += 2) {
		if (strcmp(json_string_value(json_array_get(items, i)), member))
			continue;
		json_array_set_new(items, i + 1, json_string(text));
		return;
	}
	json_array_append_new(items, json_string(member));
	json_array_append_new(items, json_string(text));
	key_recount(server->keys, key);
}

/* From a list (width 1) or a sorted set (width 2). */
static void take_out(struct redis_server *server, const char *name, const char *member, size_t width)
{
	struct key *key = key_find(server->keys, name);
	json_t *items = key ? key_items(server->keys, key) : NULL;
	size_t i;

	for (i = 0; i < json_array_size(items); i += width) {
		if (strcmp(json_string_value(json_array_get(items, i)), member))
			continue;
		if (width == 2)
			json_array_remove(items, i + 1);
		json_array_remove(items, i);
		key_recount(server->keys, key);
		return;
	}
}

static void push(struct redis_server *server, const char *name, const char *member)
{
	struct key *key = key_of_type(server, name, KEY_LIST);

	if (!key)
		return;
	json_array_insert_new(key_items(server->keys, key), 0, json_string(member));
	key_recount(server->keys, key);
}

/* ---- workers ---- */

static bool is_ready(const json_t *pod)
{
	const json_t *ready = jx_find(jx_get(pod, "status.conditions"), "type", "Ready");

	return ready && !strcmp(jx_str(ready, "status"), "True");
}

static size_t put_varint(unsigned char *out, uint64_t value)
{
	size_t len = 0;

	for (; value >= 0x80; value >>= 7)
		out[len++] = (unsigned char)(value | 0x80);
	out[len++] = (unsigned char)value;
	return len;
}

static size_t put_text(unsigned char *out, unsigned field, const char *text)
{
	size_t len = strlen(text), at;

	out[0] = (unsigned char)(field << 3 | 2);
	at = 1 + put_varint(out + 1, len);
	memcpy(out + at, text, len);
	return at + len;
}

static size_t put_number(unsigned char *out, unsigned field, uint64_t value)
{
	out[0] = (unsigned char)(field << 3);
	return 1 + put_varint(out + 1, value);
}

/* Asynq's ServerInfo as protobuf. */
static size_t server_info(const struct redis_server *server, const json_t *pod, uint64_t busy,
			  unsigned char out[1024])
{
	unsigned char started[16];
	size_t len = 0, inner = put_number(started, 1, (uint64_t)(server->started_ms / 1000));

	len += put_text(out + len, 1, jx_name(pod));
	len += put_number(out + len, 2, 1);
	len += put_text(out + len, 3, jx_uid(pod));
	len += put_number(out + len, 4, (uint64_t)jx_int(tasks_of(server), "concurrency"));
	len += put_text(out + len, 7, "active");
	out[len++] = 8 << 3 | 2;
	len += put_varint(out + len, inner);
	memcpy(out + len, started, inner);
	len += inner;
	if (busy)
		len += put_number(out + len, 9, busy);
	return len;
}

static void beat(struct redis_server *server, const json_t *pod, uint64_t busy)
{
	int64_t now_ms = when_now_us() / 1000;
	char name[NAME_MAX_LEN];
	unsigned char info[1024];
	struct key *key;

	if (!has_room(server))
		return;
	snprintf(name, sizeof(name), "asynq:servers:{%.100s:1:%.100s}", jx_name(pod), jx_uid(pod));
	key = key_of_type(server, name, KEY_STRING);
	if (!key)
		return;
	key_set_string(server->keys, key, (const char *)info, server_info(server, pod, busy, info));
	key_set_expiry(server->keys, key, now_ms + BEAT_TTL_S * 1000);
	set_score(server, "asynq:servers", name, now_ms / 1000 + BEAT_TTL_S);
}

/* Who leaves in good order takes its entry along; a pod that is only not ready leaves it. */
static void drop_gone(struct redis_server *server, const json_t *names)
{
	struct key *key = key_find(server->keys, "asynq:servers");
	json_t *items = key ? json_deep_copy(key_items(server->keys, key)) : NULL, *member, *name;
	size_t i, n;

	json_array_foreach(items, i, member) {
		bool known = i % 2;

		json_array_foreach(names, n, name)
			known |= strstr(json_string_value(member), json_string_value(name)) != NULL;
		if (!known)
			take_out(server, "asynq:servers", json_string_value(member), 2);
	}
	json_decref(items);
}

/* Returns how many pods of the workload are ready; they beat when it is time. */
static size_t workers(struct redis_server *server, bool beats)
{
	const struct world *world = server->world;
	const char *ns = jx_str(world->plan, "namespace");
	json_t *names = json_array();
	const json_t *pod;
	size_t ready = 0, i;
	char active[NAME_MAX_LEN];
	const struct key *at_work;

	queue_key(server, "active", active);
	at_work = key_find(server->keys, active);
	for (i = 0; (pod = store_at(world->store, RES_PODS, i)); i++) {
		if (strcmp(jx_namespace(pod), ns) ||
		    strcmp(jx_label(pod, "app.kubernetes.io/name"),
			   jx_str(tasks_of(server), "workload")))
			continue;
		json_array_append_new(names, json_string(jx_uid(pod)));
		if (!is_ready(pod))
			continue;
		if (beats)
			beat(server, pod, ready || !at_work ? 0 : at_work->length);
		ready++;
	}
	if (beats)
		drop_gone(server, names);
	json_decref(names);
	return ready;
}

/* ---- tasks ---- */

static void count_done(struct redis_server *server)
{
	time_t now = (time_t)(when_now_us() / 1000000);
	char day[32], name[NAME_MAX_LEN], text[24];
	struct key *key;
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(day, sizeof(day), "processed:%Y-%m-%d", &tm);
	queue_key(server, day, name);
	key = key_of_type(server, name, KEY_STRING);
	if (!key)
		return;
	snprintf(text, sizeof(text), "%lld", (key->value ? atoll(key->value) : 0) + 1);
	key_set_string(server->keys, key, text, strlen(text));
}

static void put_task(struct redis_server *server)
{
	char id[37], name[NAME_MAX_LEN], what[64], since[32];
	struct key *key;
	json_t *items;

	if (!has_room(server))
		return;
	store_new_uid(id);
	snprintf(what, sizeof(what), "t:%s", id);
	queue_key(server, what, name);
	key = key_create(server->keys, name, KEY_HASH);
	items = key_items(server->keys, key);
	snprintf(since, sizeof(since), "%" PRId64 "000", when_now_us());
	json_array_append_new(items, json_string("msg"));
	json_array_append_new(items, json_string("\n\nnotify:user"));
	json_array_append_new(items, json_string("state"));
	json_array_append_new(items, json_string("pending"));
	json_array_append_new(items, json_string("pending_since"));
	json_array_append_new(items, json_string(since));
	key_recount(server->keys, key);
	queue_key(server, "pending", name);
	push(server, name, id);
}

/* The oldest goes from pending to active; false when there is none, or no room. */
static bool begin_task(struct redis_server *server)
{
	char pending[NAME_MAX_LEN], active[NAME_MAX_LEN], lease[NAME_MAX_LEN], id[64];
	struct key *key;
	json_t *items;

	queue_key(server, "pending", pending);
	queue_key(server, "active", active);
	queue_key(server, "lease", lease);
	key = key_find(server->keys, pending);
	if (!key || !has_room(server))
		return false;
	items = key_items(server->keys, key);
	snprintf(id, sizeof(id), "%s",
		 json_string_value(json_array_get(items, json_array_size(items) - 1)));
	take_out(server, pending, id, 1);
	push(server, active, id);
	set_score(server, lease, id, when_now_us() / 1000000 + LEASE_S);
	return true;
}

static void finish_tasks(struct redis_server *server)
{
	int64_t done = when_now_us() / 1000000 + LEASE_S - TASK_S;
	char active[NAME_MAX_LEN], lease[NAME_MAX_LEN], task[NAME_MAX_LEN], what[72];
	struct key *key;
	json_t *items;
	size_t i;

	queue_key(server, "active", active);
	queue_key(server, "lease", lease);
	key = key_find(server->keys, lease);
	items = key ? json_deep_copy(key_items(server->keys, key)) : NULL;
	for (i = 0; i + 1 < json_array_size(items); i += 2) {
		const char *id = json_string_value(json_array_get(items, i));

		if (atoll(json_string_value(json_array_get(items, i + 1))) > done)
			continue;
		take_out(server, lease, id, 2);
		take_out(server, active, id, 1);
		snprintf(what, sizeof(what), "t:%.60s", id);
		queue_key(server, what, task);
		key_remove(server->keys, task);
		count_done(server);
	}
	json_decref(items);
}

void redis_tasks(struct redis_server *server, double seconds)
{
	const json_t *plan = tasks_of(server);
	size_t ready, n;

	if (!plan)
		return;
	server->beat_due -= seconds;
	ready = workers(server, server->beat_due <= 0);
	if (server->beat_due <= 0 && ready)
		server->beat_due = BEAT_S;
	server->tasks_due += seconds * json_number_value(json_object_get(plan, "per_second"));
	for (; server->tasks_due >= 1; server->tasks_due -= 1)
		put_task(server);
	if (!ready)
		return;
	finish_tasks(server);
	for (n = 0; n < ready && begin_task(server); n++)
		;
}

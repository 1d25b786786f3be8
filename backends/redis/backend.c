/* backends/redis/backend.c: one Redis, asked for its own INFO every few seconds. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/redis/redis.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/printable.h"

#define CONFIG_EVERY 5             /* polls between two looks at CONFIG */
#define RATE_MS 10000              /* a rate is made over at least this long */
#define STALE_POLLS 4

static bool wanted(const struct config *config)
{
	return config->redis.url != NULL;
}

/* INFO */

struct info_row {
	const char *name;
	size_t offset;             /* of an int64_t in struct redis */
};

static const struct info_row numbers[] = {
	{"used_memory", offsetof(struct redis, used)},
	{"used_memory_rss", offsetof(struct redis, rss)},
	{"used_memory_peak", offsetof(struct redis, peak)},
	{"maxmemory", offsetof(struct redis, maxmemory)},
	{"connected_clients", offsetof(struct redis, clients)},
	{"blocked_clients", offsetof(struct redis, blocked)},
	{"maxclients", offsetof(struct redis, max_clients)},
	{"instantaneous_ops_per_sec", offsetof(struct redis, ops_per_s)},
	{"keyspace_hits", offsetof(struct redis, hits)},
	{"keyspace_misses", offsetof(struct redis, misses)},
	{"evicted_keys", offsetof(struct redis, evicted)},
	{"expired_keys", offsetof(struct redis, expired)},
	{"lazyfree_pending_objects", offsetof(struct redis, lazyfree_pending)},
};

static void take_keyspace(struct redis *model, const char *value)
{
	long long keys = 0, expires = 0;

	if (sscanf(value, "keys=%lld,expires=%lld", &keys, &expires) == 2) {
		model->keys += keys;
		model->expires += expires;
	}
}

/* Foreign text that is shown. */
static void put_text(char *buf, size_t size, const char *value)
{
	char *safe = printable_dup(value);

	snprintf(buf, size, "%s", safe);
	free(safe);
}

static void take_word(struct redis *model, const char *name, const char *value)
{
	if (!strcmp(name, "redis_version"))
		put_text(model->version, sizeof(model->version), value);
	else if (!strcmp(name, "uptime_in_seconds"))
		model->started_ms = clock_wall_ms() - strtoll(value, NULL, 10) * 1000;
	else if (!strcmp(name, "run_id"))
		put_text(model->run_id, sizeof(model->run_id), value);
	else if (!strcmp(name, "role"))
		put_text(model->role, sizeof(model->role), value);
	else if (!strcmp(name, "maxmemory_policy"))
		put_text(model->policy, sizeof(model->policy), value);
	else if (!strcmp(name, "loading"))
		model->loading = value[0] == '1';
	else if (!strcmp(name, "rdb_last_bgsave_status"))
		model->bgsave_failed = strcmp(value, "ok") != 0;
	else if (!strcmp(name, "aof_last_write_status"))
		model->aof_failed = strcmp(value, "ok") != 0;
	else if (!strncmp(name, "db", 2) && name[2] >= '0' && name[2] <= '9')
		take_keyspace(model, value);
	else if (!strcmp(name, "errorstat_OOM") && !strncmp(value, "count=", 6))
		model->errors_oom = strtoll(value + 6, NULL, 10);
}

static void take_line(struct redis *model, char *line)
{
	char *value = strchr(line, ':');
	size_t i;

	if (!value)
		return;
	*value++ = '\0';
	value[strcspn(value, "\r")] = '\0';
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (!strcmp(numbers[i].name, line)) {
			*(int64_t *)(void *)((char *)model + numbers[i].offset) =
				strtoll(value, NULL, 10);
			return;
		}
	}
	take_word(model, line, value);
}

static void take_rates(struct redis_backend *redis)
{
	struct redis *model = redis->model;
	int64_t now = clock_mono_ms(), passed = now - redis->rate_mono_ms;

	if (redis->rate_mono_ms && passed < RATE_MS && redis->polls > 2 &&
	    model->errors_oom == redis->oom_before)
		return;
	if (redis->rate_mono_ms && passed > 0) {
		model->oom_per_min = (double)(model->errors_oom - redis->oom_before) * 60000 /
				     (double)passed;
		model->evicted_per_min = (double)(model->evicted - redis->evicted_before) * 60000 /
					 (double)passed;
	}
	/* After CONFIG RESETSTAT or a restart the counters begin anew. */
	if (redis->rate_mono_ms && (model->oom_per_min < 0 || model->evicted_per_min < 0))
		model->oom_per_min = model->evicted_per_min = 0;
	if (model->errors_oom < 0)
		model->oom_per_min = -1;
	redis->oom_before = model->errors_oom;
	redis->evicted_before = model->evicted;
	redis->rate_mono_ms = now;
}

static void remember_use(struct redis *model)
{
	model->used_history[model->used_history_at] = model->used;
	model->used_history_at = (model->used_history_at + 1) % REDIS_HISTORY;
	if (model->used_history_len < REDIS_HISTORY)
		model->used_history_len++;
}

/* What a person or a rule would notice; small wobbles repaint and judge nothing. */
static bool worth_telling(const struct redis *before, const struct redis *now)
{
	int64_t room = before->used / 100;

	return before->used < 0 || now->used > before->used + room ||
	       now->used < before->used - room || now->maxmemory != before->maxmemory ||
	       strcmp(now->policy, before->policy) || now->errors_oom != before->errors_oom ||
	       now->evicted != before->evicted || now->loading != before->loading ||
	       now->oom_per_min != before->oom_per_min || now->keys != before->keys ||
	       now->expires != before->expires || now->clients != before->clients ||
	       freshness_at(&before->fresh, clock_wall_ms()) != FRESH_OK;
}

/* Another process, perhaps elsewhere and with nothing in it. */
static void note_restart(struct redis *model, const struct redis *before)
{
	if (!before->run_id[0] || !strcmp(before->run_id, model->run_id))
		return;
	model->restarted_ms = clock_wall_ms();
	model->keys_before = before->keys;
}

static void take_info(struct redis_backend *redis, const char *text)
{
	struct redis *model = redis->model, before = *model;
	char *copy = xstrdup(text), *save = NULL, *line;

	model->keys = model->expires = 0;
	/* Without the section (before 6.2) nobody counts; with it, no line means none. */
	model->errors_oom = strstr(text, "# Errorstats") ? 0 : -1;
	for (line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		take_line(model, line);
	free(copy);
	redis->polls++;
	note_restart(model, &before);
	take_rates(redis);
	remember_use(model);
	freshness_proven(&model->fresh, clock_wall_ms());
	if (worth_telling(&before, model))
		situation_touch(redis->env->sit, SECTION_REDIS);
}

static void refused(struct redis_backend *redis, const char *error)
{
	char text[160];
	enum fresh_fault fault = redis_error_text(error, text, sizeof(text));

	freshness_failed(&redis->model->fresh, fault, text);
	situation_touch(redis->env->sit, SECTION_REDIS);
}

static void got_info(void *arg, const redisReply *reply)
{
	struct redis_backend *redis = arg;
	struct freshness *fresh = &redis->model->fresh;

	redis->asked = false;
	if (!reply)
		return;
	redis->model->ping_us = (int64_t)(uv_hrtime() / 1000) - redis->asked_mono_us;
	fresh->requests = redis_client_commands(redis->client);
	fresh->bytes_in = redis_client_bytes_in(redis->client);
	fresh->bytes_out = redis_client_bytes_out(redis->client);
	if (reply->type == REDIS_REPLY_ERROR && !redis->one_section_only &&
	    !strncmp(reply->str, "ERR", 3))
		redis->one_section_only = true;
	else if (reply->type == REDIS_REPLY_ERROR)
		refused(redis, reply->str);
	else if (reply->type == REDIS_REPLY_STRING)
		take_info(redis, reply->str);
	else
		refused(redis, "INFO's answer makes no sense");
}

static void got_config(void *arg, const redisReply *reply)
{
	struct redis_backend *redis = arg;
	size_t i;

	if (!reply)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		redis_error_text(reply->str, redis->model->policy_source,
				 sizeof(redis->model->policy_source));
		return;
	}
	redis->model->policy_source[0] = '\0';
	for (i = 0; reply->type == REDIS_REPLY_ARRAY && i + 1 < reply->elements; i += 2) {
		const redisReply *name = reply->element[i], *value = reply->element[i + 1];

		if (name->str && value->str && !strcmp(name->str, "maxmemory-policy"))
			put_text(redis->model->policy, sizeof(redis->model->policy), value->str);
	}
}

static void ask(uv_timer_t *timer)
{
	struct redis_backend *redis = timer->data;

	if (redis->asked || !redis_client_is_ready(redis->client))
		return;
	redis->asked = true;
	redis->asked_mono_us = (int64_t)(uv_hrtime() / 1000);
	if (redis->polls % CONFIG_EVERY == 0)
		redis_read_words(redis->client, got_config, redis, "CONFIG", "GET",
				 "maxmemory*", NULL);
	/* Several sections in one command came with 7.0; before that only one or all. */
	if (redis->one_section_only)
		redis_read_words(redis->client, got_info, redis, "INFO", "everything", NULL);
	else
		redis_read_words(redis->client, got_info, redis, "INFO", "memory", "stats",
				 "keyspace", "clients", "errorstats", "persistence",
				 "replication", redis->polls ? NULL : "server", NULL);
}

static void on_ready(void *arg)
{
	struct redis_backend *redis = arg;

	redis->asked = false;
	redis->polls = 0;
	redis->rate_mono_ms = 0;
	uv_timer_start(&redis->poll, ask, 0, (uint64_t)redis->env->config->redis.every_ms);
	redis_scanner_go(&redis->scanner);
	asynq_reader_go(&redis->asynq);
}

static void on_failed(void *arg, enum fresh_fault fault, const char *why)
{
	struct redis_backend *redis = arg;

	redis->asked = false;
	uv_timer_stop(&redis->poll);
	freshness_failed(&redis->model->fresh, fault, why);
	redis_scanner_pause(&redis->scanner, why);
	asynq_reader_pause(&redis->asynq, fault, why);
	situation_touch(redis->env->sit, SECTION_REDIS);
}

static int start(const struct backend_env *env, void **ret_self, struct err *err)
{
	struct redis_backend *redis = xcalloc(1, sizeof(*redis));
	struct redis_events events = {on_ready, on_failed, redis};
	const char *way;

	redis->env = env;
	redis->client = redis_client_new(env->loop, &env->config->redis, env->ways, &events, err);
	if (!redis->client) {
		free(redis);
		return -EINVAL;
	}
	redis_client_count(redis->client, costs_get(&env->sit->costs, "redis"));
	redis->model = &env->sit->redis;
	redis->model->configured = true;
	redis->model->fresh.max_age_ms = STALE_POLLS * env->config->redis.every_ms;
	uv_timer_init(env->loop, &redis->poll);
	redis->poll.data = redis;
	redis_scanner_init(&redis->scanner, redis);
	asynq_reader_init(&redis->asynq, redis);
	way = config_via_name(&env->config->redis.via);
	redis->model->endpoint = xasprintf("%s%s%s", redis_client_endpoint(redis->client),
					   way ? " through " : "", way ? way : "");
	*ret_self = redis;
	return 0;
}

static void closed(uv_handle_t *handle)
{
	struct redis_backend *redis = handle->data;

	if (--redis->closing == 0)
		free(redis);
}

static void scanner_closed(uv_handle_t *handle)
{
	struct redis_scanner *scanner = handle->data;

	handle->data = scanner->redis;
	closed(handle);
}

static void asynq_closed(uv_handle_t *handle)
{
	struct asynq_reader *reader = handle->data;

	handle->data = reader->redis;
	closed(handle);
}

static void stop(void *self)
{
	struct redis_backend *redis = self;

	redis->closing = 3;
	redis_act_stop(redis);
	redis_queries_stop(redis);
	redis_client_free(redis->client);
	redis_scanner_stop(&redis->scanner);
	uv_close((uv_handle_t *)&redis->poll, closed);
	uv_close((uv_handle_t *)&redis->scanner.timer, scanner_closed);
	uv_close((uv_handle_t *)&redis->asynq.timer, asynq_closed);
}

static void refresh(void *self)
{
	struct redis_backend *redis = self;

	redis_client_kick(redis->client);
	ask(&redis->poll);
	asynq_reader_refresh(&redis->asynq);
}

const struct backend_ops backend_redis = {
	.name = "redis",
	.wanted = wanted,
	.start = start,
	.stop = stop,
	.refresh = refresh,
	.actuator = &redis_actuator,
	.queries = &redis_queries,
};

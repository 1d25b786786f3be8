/* backends/redis/asynq.c: see asynq.h */
#include "backends/redis/asynq.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backends/redis/redis.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/printable.h"

#define ABSENT_MS 60000            /* between two looks whether there are queues by now */
#define ORPHAN_S 30                /* its own recoverer waits as long */
#define BEAT_TTL_S 10              /* a heartbeat's entry expires so long after the beat */
#define DEAD_AFTER_S 5             /* ... and so long after that nobody is there any more */
#define FAR_FUTURE_S 1e11          /* no score that Asynq has written */
#define KEY_MAX 256

/* One question about one queue or server. */
struct ask {
	struct asynq_reader *reader;
	int64_t *into;             /* in reader->next */
	int index;                 /* of the queue or server */
};

static struct asynq *model_of(const struct asynq_reader *reader)
{
	return &reader->redis->env->sit->asynq;
}

static const struct config_asynq *config_of(const struct asynq_reader *reader)
{
	return &reader->redis->env->config->asynq;
}

static void on_timer(uv_timer_t *timer);

void asynq_reader_init(struct asynq_reader *reader, struct redis_backend *redis)
{
	memset(reader, 0, sizeof(*reader));
	reader->redis = redis;
	uv_timer_init(redis->env->loop, &reader->timer);
	reader->timer.data = reader;
	model_of(reader)->present = config_of(reader)->watch == ASYNQ_YES;
	model_of(reader)->fresh.max_age_ms = 4 * config_of(reader)->every_ms;
}

static void wait_for_next(struct asynq_reader *reader)
{
	uint64_t ms = model_of(reader)->present ? (uint64_t)config_of(reader)->every_ms
						: ABSENT_MS;

	uv_timer_start(&reader->timer, on_timer, ms, 0);
}

/* The round is over: everything was answered. */
static void publish(struct asynq_reader *reader)
{
	struct asynq *model = model_of(reader);
	char text[160];
	enum fresh_fault fault;

	if (reader->error[0]) {
		fault = redis_error_text(reader->error, text, sizeof(text));
		/* Who hasn't asked for it isn't told that it isn't allowed. */
		reader->off = fault == FAULT_RIGHTS && config_of(reader)->watch != ASYNQ_YES;
		if (model->present)
			freshness_failed(&model->fresh, fault, text);
	} else {
		reader->next.present = reader->next.nqueues || reader->next.nservers ||
				       config_of(reader)->watch == ASYNQ_YES;
		asynq_take(model, &reader->next);
		asynq_remember(model, clock_wall_ms());
		freshness_proven(&model->fresh, clock_wall_ms());
	}
	situation_touch(reader->redis->env->sit, SECTION_ASYNQ);
	if (!reader->off)
		wait_for_next(reader);
}

static void one_less(struct asynq_reader *reader)
{
	if (!--reader->waiting)
		publish(reader);
}

/* Takes the answer's error, if it is one. */
static bool is_error(struct asynq_reader *reader, const redisReply *reply)
{
	if (reply->type != REDIS_REPLY_ERROR)
		return false;
	if (!reader->error[0])
		snprintf(reader->error, sizeof(reader->error), "%s", reply->str);
	return true;
}

static void ask_words(struct asynq_reader *reader, redis_reply_cb cb, void *arg, int argc,
		      const char *const *argv)
{
	size_t lens[6];
	int i;

	for (i = 0; i < argc; i++)
		lens[i] = strlen(argv[i]);
	if (!redis_read(reader->redis->client, cb, arg, argc, argv, lens))
		reader->waiting++;
	else
		free(arg);
}

static struct ask *new_ask(struct asynq_reader *reader, int64_t *into, int index)
{
	struct ask *ask = xcalloc(1, sizeof(*ask));

	ask->reader = reader;
	ask->into = into;
	ask->index = index;
	return ask;
}

/* Queues */

static void got_count(void *arg, const redisReply *reply)
{
	struct ask *ask = arg;
	struct asynq_reader *reader = ask->reader;

	if (reply) {
		if (!is_error(reader, reply)) {
			int64_t count = reply->type == REDIS_REPLY_INTEGER ? reply->integer
				: reply->type == REDIS_REPLY_STRING ? strtoll(reply->str, NULL, 10)
				: 0;

			/* Two questions may share one answer. */
			*ask->into = *ask->into < 0 ? count : *ask->into + count;
		}
		one_less(reader);
	}
	free(ask);
}

static void got_paused(void *arg, const redisReply *reply)
{
	struct ask *ask = arg;
	struct asynq_reader *reader = ask->reader;

	if (reply) {
		if (!is_error(reader, reply))
			reader->next.queues[ask->index].paused = reply->integer > 0;
		one_less(reader);
	}
	free(ask);
}

static void got_since(void *arg, const redisReply *reply)
{
	struct ask *ask = arg;
	struct asynq_reader *reader = ask->reader;
	int64_t since_ms, age;

	if (reply) {
		if (!is_error(reader, reply) && reply->type == REDIS_REPLY_STRING) {
			since_ms = strtoll(reply->str, NULL, 10) / 1000000;
			age = reader->now_ms - since_ms;
			*ask->into = age < 0 ? 0 : age;
		}
		one_less(reader);
	}
	free(ask);
}

/* The oldest pending task's id; its hash says since when it waits. */
static void got_oldest(void *arg, const redisReply *reply)
{
	struct ask *ask = arg;
	struct asynq_reader *reader = ask->reader;
	struct asynq_queue *queue;
	const char *argv[] = {"HGET", NULL, "pending_since"};
	char key[KEY_MAX];

	if (reply) {
		queue = &reader->next.queues[ask->index];
		if (!is_error(reader, reply) && reply->type == REDIS_REPLY_ARRAY &&
		    reply->elements == 1 && reply->element[0]->str) {
			snprintf(key, sizeof(key), "asynq:{%s}:t:%s", queue->name,
				 reply->element[0]->str);
			argv[1] = key;
			ask_words(reader, got_since, new_ask(reader, &queue->oldest_ms, ask->index),
				  3, argv);
		}
		one_less(reader);
	}
	free(ask);
}

struct question {
	const char *command, *key; /* what follows "asynq:{queue}:" */
	size_t into;               /* of an int64_t in struct asynq_queue */
	enum { PLAIN, UNTIL_NOW, UNTIL_ORPHANED, TODAY } kind;
};

#define INTO(member) offsetof(struct asynq_queue, member)

static const struct question questions[] = {
	{"LLEN", "pending", INTO(pending), PLAIN}, {"LLEN", "active", INTO(active), PLAIN},
	{"ZCARD", "scheduled", INTO(scheduled), PLAIN}, {"ZCARD", "retry", INTO(retry), PLAIN},
	{"ZCARD", "archived", INTO(archived), PLAIN},
	{"ZCARD", "completed", INTO(completed), PLAIN},
	{"ZCOUNT", "scheduled", INTO(overdue), UNTIL_NOW},
	{"ZCOUNT", "retry", INTO(overdue), UNTIL_NOW},
	{"ZCOUNT", "lease", INTO(orphaned), UNTIL_ORPHANED},
	{"GET", "processed", INTO(processed), TODAY}, {"GET", "failed", INTO(failed), TODAY},
};

static void ask_question(struct asynq_reader *reader, int index, const struct question *question)
{
	struct asynq_queue *queue = &reader->next.queues[index];
	int64_t *into = (int64_t *)(void *)((char *)queue + question->into);
	time_t now = (time_t)(reader->now_ms / 1000), upto = now;
	char key[KEY_MAX], day[16] = "", until[24];
	const char *argv[] = {question->command, key, "-inf", until};
	struct tm tm;

	if (question->kind == TODAY) {
		gmtime_r(&now, &tm);
		strftime(day, sizeof(day), ":%Y-%m-%d", &tm);
	}
	if (question->kind == UNTIL_ORPHANED)
		upto -= ORPHAN_S;
	snprintf(until, sizeof(until), "%lld", (long long)upto);
	snprintf(key, sizeof(key), "asynq:{%s}:%s%s", queue->name, question->key, day);
	ask_words(reader, got_count, new_ask(reader, into, index),
		  question->kind == UNTIL_NOW || question->kind == UNTIL_ORPHANED ? 4 : 2, argv);
}

static void ask_about_queue(struct asynq_reader *reader, int index)
{
	struct asynq_queue *queue = &reader->next.queues[index];
	char pending[KEY_MAX], paused[KEY_MAX];
	const char *oldest[] = {"LRANGE", pending, "-1", "-1"}, *stopped[] = {"EXISTS", paused};
	size_t i;

	snprintf(pending, sizeof(pending), "asynq:{%s}:pending", queue->name);
	snprintf(paused, sizeof(paused), "asynq:{%s}:paused", queue->name);
	for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		ask_question(reader, index, &questions[i]);
	ask_words(reader, got_paused, new_ask(reader, NULL, index), 2, stopped);
	ask_words(reader, got_oldest, new_ask(reader, NULL, index), 4, oldest);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct asynq_queue *)a)->name, ((const struct asynq_queue *)b)->name);
}

/* A name that isn't text as it stands is none that Asynq's users give; it is counted alone. */
static void take_queues(struct asynq_reader *reader, const redisReply *reply)
{
	struct asynq *next = &reader->next;
	size_t i;
	int at;

	for (i = 0; i < reply->elements; i++) {
		const redisReply *name = reply->element[i];
		char *safe = name->str ? printable_dup(name->str) : NULL;

		if (next->nqueues == ASYNQ_QUEUES_MAX || !safe || strcmp(safe, name->str) ||
		    strlen(safe) >= sizeof(next->queues[0].name)) {
			next->more_queues++;
		} else {
			struct asynq_queue *queue = &next->queues[next->nqueues++];

			*queue = (struct asynq_queue){
				.pending = -1, .active = -1, .scheduled = -1, .retry = -1,
				.archived = -1, .completed = -1, .overdue = -1, .orphaned = -1,
				.oldest_ms = -1, .processed = -1, .failed = -1,
			};
			snprintf(queue->name, sizeof(queue->name), "%s", safe);
		}
		free(safe);
	}
	qsort(next->queues, (size_t)next->nqueues, sizeof(next->queues[0]), by_name);
	for (at = 0; at < next->nqueues; at++)
		ask_about_queue(reader, at);
}

static void got_queues(void *arg, const redisReply *reply)
{
	struct asynq_reader *reader = arg;

	if (!reply)
		return;
	if (!is_error(reader, reply) && reply->type == REDIS_REPLY_ARRAY)
		take_queues(reader, reply);
	one_less(reader);
}

/* Servers */

static void got_server(void *arg, const redisReply *reply)
{
	struct ask *ask = arg;
	struct asynq_reader *reader = ask->reader;

	if (reply) {
		if (!is_error(reader, reply) && reply->type == REDIS_REPLY_STRING)
			asynq_read_server(&reader->next.servers[ask->index], reply->str,
					  (size_t)reply->len);
		one_less(reader);
	}
	free(ask);
}

/* "asynq:servers:{host:pid:uuid}": what is known also of who says nothing any more. */
static void take_server(struct asynq_reader *reader, const char *key, double expires_s)
{
	struct asynq *next = &reader->next;
	const char *host = strchr(key, '{'), *colon = host ? strchr(host, ':') : NULL;
	struct asynq_server *server;
	const char *argv[] = {"GET", key};
	char *raw, *safe;

	if (next->nservers == ASYNQ_SERVERS_MAX) {
		next->more_servers++;
		return;
	}
	server = &next->servers[next->nservers];
	*server = (struct asynq_server){.concurrency = -1, .busy = -1};
	raw = colon ? xstrndup(host + 1, (size_t)(colon - host - 1)) : xstrdup(key);
	safe = printable_dup(raw);
	snprintf(server->host, sizeof(server->host), "%s", safe);
	free(safe);
	free(raw);
	server->pid = colon ? strtoll(colon + 1, NULL, 10) : 0;
	if (!(expires_s >= 0 && expires_s < FAR_FUTURE_S))
		expires_s = 0;
	server->beat_ms = reader->now_ms - (int64_t)((expires_s - BEAT_TTL_S) * 1000);
	server->beat_ms = server->beat_ms < 0 ? 0 : server->beat_ms;
	server->live = server->beat_ms <= (BEAT_TTL_S + DEAD_AFTER_S) * 1000;
	ask_words(reader, got_server, new_ask(reader, NULL, next->nservers++), 2, argv);
}

static void got_servers(void *arg, const redisReply *reply)
{
	struct asynq_reader *reader = arg;
	size_t i;

	if (!reply)
		return;
	if (!is_error(reader, reply) && reply->type == REDIS_REPLY_ARRAY)
		for (i = 0; i + 1 < reply->elements; i += 2)
			if (reply->element[i]->str && reply->element[i + 1]->str)
				take_server(reader, reply->element[i]->str,
					    strtod(reply->element[i + 1]->str, NULL));
	one_less(reader);
}

/* The round: Redis's clock, the names, then everything about each. */

static void got_time(void *arg, const redisReply *reply)
{
	static const char *const queues[] = {"SMEMBERS", "asynq:queues"};
	static const char *const servers[] = {"ZRANGE", "asynq:servers", "0", "-1", "WITHSCORES"};
	struct asynq_reader *reader = arg;
	size_t lens[5] = {8, 12};
	int i;

	if (!reply)
		return;
	if (!is_error(reader, reply) && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
	    reply->element[0]->str && reply->element[1]->str) {
		reader->now_ms = strtoll(reply->element[0]->str, NULL, 10) * 1000 +
				 strtoll(reply->element[1]->str, NULL, 10) / 1000;
		reader->waiting += !redis_read(reader->redis->client, got_queues, reader, 2, queues,
					       lens);
		for (i = 0; i < 5; i++)
			lens[i] = strlen(servers[i]);
		reader->waiting += !redis_read(reader->redis->client, got_servers, reader, 5,
					       servers, lens);
	}
	one_less(reader);
}

static void ask_everything(struct asynq_reader *reader)
{
	if (reader->waiting || !redis_client_is_ready(reader->redis->client))
		return;
	memset(&reader->next, 0, sizeof(reader->next));
	reader->error[0] = '\0';
	reader->waiting += !redis_read_words(reader->redis->client, got_time, reader, "TIME", NULL);
}

static void on_timer(uv_timer_t *timer)
{
	ask_everything(timer->data);
}

void asynq_reader_go(struct asynq_reader *reader)
{
	if (config_of(reader)->watch == ASYNQ_NO)
		return;
	reader->off = false;
	ask_everything(reader);
}

void asynq_reader_refresh(struct asynq_reader *reader)
{
	if (model_of(reader)->present && !reader->off)
		ask_everything(reader);
}

void asynq_reader_pause(struct asynq_reader *reader, enum fresh_fault fault, const char *why)
{
	struct asynq *model = model_of(reader);

	reader->waiting = 0;
	uv_timer_stop(&reader->timer);
	if (!model->present)
		return;
	freshness_failed(&model->fresh, fault, why);
	situation_touch(reader->redis->env->sit, SECTION_ASYNQ);
}

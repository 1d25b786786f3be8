/* backends/redis/query.c: one key told: type, TTL, memory, encoding. Never its content. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/redis/redis.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"

#define TEXT_MAX 4096

struct query {
	struct redis_backend *redis;
	struct query *next;
	struct query_sink sink;
	struct buf text;
	int waiting;
	bool cancelled;
};

static bool can(void *self, const struct query_request *request)
{
	(void)self;
	return request->kind == QUERY_KEY && !strcmp(request->target.kind, "redis") &&
	       request->target.name[0];
}

static void query_free(struct query *query)
{
	struct query **slot = &query->redis->queries;

	while (*slot != query)
		slot = &(*slot)->next;
	*slot = query->next;
	buf_release(&query->text);
	free(query);
}

static void one_more(struct query *query, const char *label, const redisReply *reply)
{
	char age[CLOCK_TEXT];

	if (!reply)
		buf_printf(&query->text, "%-12s ?\n", label);
	else if (reply->type != REDIS_REPLY_INTEGER)
		buf_printf(&query->text, "%-12s %s\n", label, reply->str ? reply->str : "none");
	else if (strcmp(label, "ttl") || reply->integer >= 0)
		buf_printf(&query->text, "%-12s %s\n", label, !strcmp(label, "ttl")
			   ? clock_format_age(reply->integer, age)
			   : (snprintf(age, sizeof(age), "%lld", reply->integer), age));
	else
		buf_printf(&query->text, "%-12s %s\n", label,
			   reply->integer == -1 ? "none: it stays until deleted" : "no such key");
	if (--query->waiting)
		return;
	if (!query->cancelled) {
		query->sink.data(query->sink.arg, query->text.data, query->text.len);
		query->sink.done(query->sink.arg, 0, "");
	}
	query_free(query);
}

static void got_type(void *arg, const redisReply *reply)
{
	one_more(arg, "type", reply);
}

static void got_encoding(void *arg, const redisReply *reply)
{
	one_more(arg, "encoding", reply);
}

static void got_ttl(void *arg, const redisReply *reply)
{
	one_more(arg, "ttl", reply);
}

static void got_bytes(void *arg, const redisReply *reply)
{
	one_more(arg, "bytes", reply);
}

static void got_idle(void *arg, const redisReply *reply)
{
	one_more(arg, "idle seconds", reply);
}

struct question {
	const char *first, *second;
	redis_reply_cb cb;
};

static struct query *start(void *self, const struct query_request *request,
			   const struct query_sink *sink, struct err *err)
{
	static const struct question questions[] = {
		{"TYPE", NULL, got_type}, {"PTTL", NULL, got_ttl},
		{"MEMORY", "USAGE", got_bytes}, {"OBJECT", "ENCODING", got_encoding},
		{"OBJECT", "IDLETIME", got_idle},
	};
	struct redis_backend *redis = self;
	struct query *query = xcalloc(1, sizeof(*query));
	size_t len, i;
	char *key = redis_key_parse(request->target.name, &len);

	query->redis = redis;
	query->sink = *sink;
	query->text.max = TEXT_MAX;
	query->next = redis->queries;
	redis->queries = query;
	buf_printf(&query->text, "%-12s %s\n", "key", request->target.name);
	for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		const char *argv[3] = {questions[i].first, questions[i].second, key};
		size_t lens[3] = {strlen(questions[i].first),
				  questions[i].second ? strlen(questions[i].second) : 0, len};

		if (!questions[i].second) {
			argv[1] = key;
			lens[1] = len;
		}
		if (!redis_read(redis->client, questions[i].cb, query,
				questions[i].second ? 3 : 2, argv, lens))
			query->waiting++;
	}
	free(key);
	if (query->waiting)
		return query;
	query_free(query);
	err_set(err, -1, "Redis is not connected");
	return NULL;
}

static void cancel(void *self, struct query *query)
{
	(void)self;
	query->cancelled = true;
}

void redis_queries_stop(struct redis_backend *redis)
{
	struct query *query;

	for (query = redis->queries; query; query = query->next)
		query->cancelled = true;
}

const struct query_ops redis_queries = {
	.can = can,
	.start = start,
	.cancel = cancel,
};

/*
 * backends/redis/actuator.c: Redis's side of the write door. redis_write() is the one function
 * through which a command that changes data or settings leaves. Keys go by UNLINK, in batches;
 * nothing here ever flushes a database.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/redis/redis.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/printable.h"

#define STEP "500"
#define PATTERN_MAX 2048
#define PREVIEW_MS 3000            /* the ladder waits 5 s for it */
#define PROGRESS_EVERY 20          /* steps between two replies about progress */

struct redis_act {
	struct redis_backend *redis;
	struct redis_act *next;
	struct act_request request;
	act_cb cb;
	void *arg;
	bool dry, cancelled, gone;     /* gone: ended while replies were still to come */
	int waiting;                   /* replies to come */
	char *key;                     /* raw bytes */
	size_t key_len;
	struct buf pattern;            /* prefix, its glob characters escaped, and a star */
	char cursor[24];
	int64_t found, done, steps;
	int64_t until_mono_ms;         /* a preview has to end then */
	char type[16], ttl[64];        /* of the one key */
	struct act_reply reply;
};

int redis_write(struct redis_backend *redis, redis_reply_cb cb, void *arg, int argc,
		const char *const *argv, const size_t *lens)
{
	if (redis->env->read_only)
		return -EPERM;
	return redis_client_send(redis->client, cb, arg, argc, argv, lens);
}

static void act_free(struct redis_act *act)
{
	struct redis_act **slot = &act->redis->acts;

	while (*slot != act)
		slot = &(*slot)->next;
	*slot = act->next;
	if (act->redis->act == act)
		act->redis->act = NULL;
	free(act->key);
	buf_release(&act->pattern);
	free(act);
}

static void end(struct redis_act *act, int rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void end(struct redis_act *act, int rc, const char *format, ...)
{
	va_list args;

	if (!act->gone) {
		act->reply.rc = rc;
		act->reply.partial = false;
		va_start(args, format);
		vsnprintf(act->reply.text, sizeof(act->reply.text), format, args);
		va_end(args);
		if (rc)
			act->reply.undo.verb[0] = '\0';
		act->gone = true;
		act->cb(act->arg, &act->reply);
	}
	if (!act->waiting)
		act_free(act);
}

/* Every reply passes here: false when there is nobody to tell any more or it is an error. */
static bool take(struct redis_act *act, const redisReply *reply)
{
	char text[200];
	enum fresh_fault fault;

	act->waiting--;
	if (act->gone) {
		if (!act->waiting)
			act_free(act);
		return false;
	}
	if (!reply) {
		if (act->dry)
			end(act, -ECONNRESET, "the connection broke");
		else
			end(act, -ECONNRESET, "the connection broke after %lld keys; the last "
			    "step may or may not have happened", (long long)act->done);
		return false;
	}
	if (reply->type == REDIS_REPLY_ERROR) {
		fault = redis_error_text(reply->str, text, sizeof(text));
		end(act, fault == FAULT_RIGHTS ? -EACCES : -EIO, "%s", text);
		return false;
	}
	return true;
}

static void sent(struct redis_act *act, int rc)
{
	if (!rc)
		act->waiting++;
	else
		end(act, rc, rc == -EPERM ? "read-only: nothing is changed"
					  : "Redis is not connected");
}

static void read_words(struct redis_act *act, redis_reply_cb cb, int argc,
		       const char *const *argv, const size_t *lens)
{
	sent(act, redis_read(act->redis->client, cb, act, argc, argv, lens));
}

/* maxmemory-policy */

static bool known_policy(const char *policy)
{
	static const char *const all[] = {
		"noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru",
		"volatile-lfu", "volatile-random", "volatile-ttl",
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i], policy))
			return true;
	return false;
}

static void policy_set(void *arg, const redisReply *reply)
{
	struct redis_act *act = arg;

	if (!take(act, reply))
		return;
	act->reply.count = 1;
	end(act, 0, "maxmemory-policy is %s now, was %s; put it into the manifest too",
	    act_param(&act->request, "policy"), act->redis->model->policy);
}

static void set_policy(struct redis_act *act)
{
	const char *policy = act_param(&act->request, "policy");
	const char *argv[] = {"CONFIG", "SET", "maxmemory-policy", policy};
	size_t lens[] = {6, 3, 16, 0};

	lens[3] = strlen(policy);
	sent(act, redis_write(act->redis, policy_set, act, 4, argv, lens));
}

static void policy_read(void *arg, const redisReply *reply)
{
	struct redis_act *act = arg;
	const char *policy = act_param(&act->request, "policy");
	const char *old;
	bool useless;

	if (!take(act, reply))
		return;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2 || !reply->element[1]->str) {
		end(act, -EIO, "CONFIG GET maxmemory-policy gave nothing");
		return;
	}
	old = reply->element[1]->str;
	snprintf(act->redis->model->policy, sizeof(act->redis->model->policy), "%s", old);
	act->reply.undo = act->request;
	act_param_set(&act->reply.undo, "policy", old);
	useless = !strncmp(policy, "volatile-", 9) && !act->redis->model->expires;
	if (act->dry) {
		act->reply.count = 1;
		end(act, 0, "maxmemory-policy: %s -> %s%s; lost when the pod restarts, unless the "
		    "manifest says so too", old, policy, useless
		    ? "; no key has a TTL, so this evicts nothing" : "");
	} else {
		set_policy(act);
	}
}

static void policy_begin(struct redis_act *act)
{
	const char *argv[] = {"CONFIG", "GET", "maxmemory-policy"};
	size_t lens[] = {6, 3, 16};

	read_words(act, policy_read, 3, argv, lens);
}

/* One key */

static void key_gone(void *arg, const redisReply *reply)
{
	struct redis_act *act = arg;

	if (!take(act, reply))
		return;
	act->reply.count = reply->integer;
	end(act, 0, reply->integer ? "the key is gone" : "there was no such key any more");
}

static void type_seen(void *arg, const redisReply *reply)
{
	struct redis_act *act = arg;
	char *safe;

	if (!take(act, reply))
		return;
	safe = printable_dup(reply->str);
	snprintf(act->type, sizeof(act->type), "%s", safe);
	free(safe);
}

static void ttl_seen(void *arg, const redisReply *reply)
{
	struct redis_act *act = arg;
	char age[CLOCK_TEXT];

	if (!take(act, reply))
		return;
	if (reply->type == REDIS_REPLY_INTEGER && reply->integer >= 0)
		snprintf(act->ttl, sizeof(act->ttl), "expires in %s",
			 clock_format_age(reply->integer, age));
	else
		snprintf(act->ttl, sizeof(act->ttl), "without a TTL");
}

/* The last of the three: nil for a key that isn't there. */
static void bytes_seen(void *arg, const redisReply *reply)
{
	struct redis_act *act = arg;

	if (!take(act, reply))
		return;
	act->reply.count = reply->type == REDIS_REPLY_INTEGER ? 1 : 0;
	if (reply->type != REDIS_REPLY_INTEGER)
		end(act, -ENOENT, "there is no such key");
	else
		end(act, 0, "%s, %s; %lld bytes are freed; there is no way back", act->type,
		    act->ttl, reply->integer);
}

static void look_at_key(struct redis_act *act)
{
	static const struct {
		const char *first, *second;
		redis_reply_cb cb;
	} questions[] = {
		{"TYPE", NULL, type_seen}, {"PTTL", NULL, ttl_seen},
		{"MEMORY", "USAGE", bytes_seen},
	};
	size_t i;

	for (i = 0; i < sizeof(questions) / sizeof(questions[0]) && !act->gone; i++) {
		const char *argv[3] = {questions[i].first, questions[i].second, act->key};
		size_t lens[3] = {strlen(argv[0]), argv[1] ? strlen(argv[1]) : 0, act->key_len};

		if (!argv[1]) {
			argv[1] = act->key;
			lens[1] = act->key_len;
		}
		read_words(act, questions[i].cb, questions[i].second ? 3 : 2, argv, lens);
	}
}

static void key_begin(struct redis_act *act)
{
	const char *drop[] = {"UNLINK", act->key};
	size_t drop_lens[] = {6, act->key_len};

	if (act->dry)
		look_at_key(act);
	else
		sent(act, redis_write(act->redis, key_gone, act, 2, drop, drop_lens));
}

/* A prefix */

/* Redis's own matching takes any byte, NUL too, and a backslash before the special ones. */
static void put_pattern(struct buf *out, const char *prefix, size_t len)
{
	size_t i;

	out->max = PATTERN_MAX;
	for (i = 0; i < len; i++) {
		if (prefix[i] && strchr("*?[]^-\\", prefix[i]))
			buf_append(out, "\\", 1);
		buf_append(out, prefix + i, 1);
	}
	buf_append(out, "*", 1);
}

static void prefix_step(struct redis_act *act);

static void tell_progress(struct redis_act *act)
{
	if (++act->steps % PROGRESS_EVERY)
		return;
	act->reply.partial = true;
	act->reply.count = act->done;
	snprintf(act->reply.text, sizeof(act->reply.text), "%lld keys gone so far",
		 (long long)act->done);
	act->cb(act->arg, &act->reply);
}

static void prefix_over(struct redis_act *act)
{
	act->reply.count = act->dry ? act->found : act->done;
	if (act->dry)
		end(act, act->found ? 0 : -ENOENT, act->found
		    ? "%lld keys begin with it; they go by UNLINK, in batches; there is no way back"
		    : "no key begins with it (%lld)", (long long)act->found);
	else
		end(act, 0, "%lld keys are gone", (long long)act->done);
}

/* A keyspace too large to be counted while somebody waits for the preview. */
static void prefix_cut_short(struct redis_act *act)
{
	act->reply.count = act->found;
	end(act, 0, "at least %lld keys begin with it (not all %lld keys were looked at); they go by "
	    "UNLINK, in batches; there is no way back", (long long)act->found,
	    (long long)act->redis->model->keys);
}

static void prefix_next(struct redis_act *act)
{
	if (act->cancelled)
		end(act, -ECANCELED, "stopped: %lld keys are gone, the others stay",
		    (long long)act->done);
	else if (!strcmp(act->cursor, "0"))
		prefix_over(act);
	else if (act->dry && clock_mono_ms() > act->until_mono_ms)
		prefix_cut_short(act);
	else
		prefix_step(act);
}

static void batch_gone(void *arg, const redisReply *reply)
{
	struct redis_act *act = arg;

	if (!take(act, reply))
		return;
	act->done += reply->integer;
	if (strcmp(act->cursor, "0"))
		tell_progress(act);
	prefix_next(act);
}

static void drop_batch(struct redis_act *act, const redisReply *list)
{
	const char **argv = xcalloc(list->elements + 1, sizeof(*argv));
	size_t *lens = xcalloc(list->elements + 1, sizeof(*lens)), i;
	int argc = 1;

	argv[0] = "UNLINK";
	lens[0] = 6;
	for (i = 0; i < list->elements; i++) {
		const redisReply *item = list->element[i];

		/* The server's matching is trusted only as far as the bytes agree. */
		if (item->type != REDIS_REPLY_STRING || (size_t)item->len < act->key_len ||
		    memcmp(item->str, act->key, act->key_len))
			continue;
		argv[argc] = item->str;
		lens[argc++] = (size_t)item->len;
	}
	if (argc > 1)
		sent(act, redis_write(act->redis, batch_gone, act, argc, argv, lens));
	else
		prefix_next(act);
	free(argv);
	free(lens);
}

static void got_step(void *arg, const redisReply *reply)
{
	struct redis_act *act = arg;

	if (!take(act, reply))
		return;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
	    !reply->element[0]->str) {
		end(act, -EIO, "SCAN's answer makes no sense");
		return;
	}
	snprintf(act->cursor, sizeof(act->cursor), "%s", reply->element[0]->str);
	act->found += (int64_t)reply->element[1]->elements;
	if (act->dry)
		prefix_next(act);
	else
		drop_batch(act, reply->element[1]);
}

static void prefix_step(struct redis_act *act)
{
	const char *argv[] = {"SCAN", act->cursor, "MATCH", act->pattern.data, "COUNT", STEP};
	size_t lens[] = {4, strlen(act->cursor), 5, act->pattern.len, 5, 3};

	read_words(act, got_step, 6, argv, lens);
}

static void prefix_begin(struct redis_act *act)
{
	put_pattern(&act->pattern, act->key, act->key_len);
	act->until_mono_ms = clock_mono_ms() + PREVIEW_MS;
	snprintf(act->cursor, sizeof(act->cursor), "0");
	prefix_step(act);
}

/* The table */

/* An empty prefix would mean every key. */
static bool is_name(const char *name)
{
	return name[0] != '\0';
}

struct verb_row {
	const char *verb, *param, *command;
	bool (*valid)(const char *value);
	void (*begin)(struct redis_act *act);
};

static const struct verb_row rows[] = {
	{"redis-set-policy", "policy", "config|set", known_policy, policy_begin},
	{"redis-delete-key", "key", "unlink", is_name, key_begin},
	{"redis-delete-prefix", "prefix", "unlink", is_name, prefix_begin},
};

static const char *const verb_names[] = {
	"redis-set-policy", "redis-delete-key", "redis-delete-prefix", NULL,
};

static const struct verb_row *find_row(const char *verb)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].verb, verb))
			return &rows[i];
	return NULL;
}

static struct redis_act *begin(struct redis_backend *redis, const struct act_request *request,
			       act_cb cb, void *arg)
{
	const struct verb_row *row = find_row(request->verb);
	const char *param = row ? act_param(request, row->param) : NULL;
	struct redis_act *act;

	if (!param || !row->valid(param) || !redis_client_is_ready(redis->client))
		return NULL;
	act = xcalloc(1, sizeof(*act));
	act->redis = redis;
	act->next = redis->acts;
	redis->acts = act;
	act->request = *request;
	act->cb = cb;
	act->arg = arg;
	act->reply.count = -1;
	act->key = redis_key_parse(param, &act->key_len);
	return act;
}

static int climb(struct redis_backend *redis, const struct act_request *request, act_cb cb,
		 void *arg, bool dry)
{
	struct redis_act *act;

	if (redis->act)
		return -EBUSY;
	if (!dry && redis->env->read_only)
		return -EPERM;
	act = begin(redis, request, cb, arg);
	if (!act)
		return redis_client_is_ready(redis->client) ? -EINVAL : -ENOTCONN;
	act->dry = dry;
	redis->act = act;
	find_row(request->verb)->begin(act);
	return 0;
}

static int preview(void *self, const struct act_request *request, act_cb cb, void *arg)
{
	return climb(self, request, cb, arg, true);
}

static int act_now(void *self, const struct act_request *request, act_cb cb, void *arg)
{
	return climb(self, request, cb, arg, false);
}

static void cancel(void *self)
{
	struct redis_backend *redis = self;

	if (redis->act)
		redis->act->cancelled = true;
}

/* Rights: who we are, then a dry run of the very command as that user (ACL DRYRUN, 7.0). Where
 * neither may be asked, the server will tell when it comes to it. */

static void rights_dry_run(void *arg, const redisReply *reply)
{
	struct redis_act *act = arg;
	bool asked = reply && reply->type != REDIS_REPLY_ERROR;
	bool allowed = asked && reply->type == REDIS_REPLY_STATUS && !strcmp(reply->str, "OK");

	act->waiting--;
	if (!reply)
		end(act, -ECONNRESET, "the connection broke");
	else if (asked && !allowed)
		end(act, -EACCES, "refused: needs +%s", find_row(act->request.verb)->command);
	else
		end(act, 0, allowed ? "allowed" : "rights cannot be asked here; the server decides");
}

static void rights_who(void *arg, const redisReply *reply)
{
	struct redis_act *act = arg;
	bool config = !strcmp(act->request.verb, "redis-set-policy");
	const char *key = act->key_len ? act->key : "x";
	const char *argv[] = {"ACL", "DRYRUN", NULL, config ? "CONFIG" : "UNLINK",
			      config ? "SET" : key, "maxmemory-policy", "noeviction"};
	size_t lens[7];
	int i, argc = config ? 7 : 5;

	act->waiting--;
	if (!reply || reply->type != REDIS_REPLY_STRING) {
		end(act, reply ? 0 : -ECONNRESET, reply
		    ? "rights cannot be asked here; the server decides" : "the connection broke");
		return;
	}
	argv[2] = reply->str;
	for (i = 0; i < argc; i++)
		lens[i] = argv[i] == act->key ? act->key_len : strlen(argv[i]);
	read_words(act, rights_dry_run, argc, argv, lens);
}

static int rights(void *self, const struct act_request *request, act_cb cb, void *arg)
{
	static const char *const argv[] = {"ACL", "WHOAMI"};
	static const size_t lens[] = {3, 6};
	struct redis_backend *redis = self;
	struct redis_act *act = begin(redis, request, cb, arg);

	if (!act)
		return redis_client_is_ready(redis->client) ? -EINVAL : -ENOTCONN;
	read_words(act, rights_who, 2, argv, lens);
	return 0;
}

void redis_act_stop(struct redis_backend *redis)
{
	struct redis_act *act;

	/* Redis's replies still come, as NULL, when the client goes; nobody is told of those. */
	for (act = redis->acts; act; act = act->next) {
		if (act->gone)
			continue;
		act->gone = true;
		act->reply.rc = -ECANCELED;
		act->reply.partial = false;
		snprintf(act->reply.text, sizeof(act->reply.text),
			 "sitrep has ended before the answer came");
		act->cb(act->arg, &act->reply);
	}
}

const struct actuator_ops redis_actuator = {
	.name = "redis",
	.verbs = verb_names,
	.rights = rights,
	.preview = preview,
	.act = act_now,
	.cancel = cancel,
};

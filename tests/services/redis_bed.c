/* tests/services/redis_bed.c: see redis_bed.h */
#include "tests/services/redis_bed.h"

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"

bool bed_possible(void)
{
	return system("command -v redis-server >/dev/null 2>&1") == 0;
}

/* The socket's file is there a moment before somebody listens. */
static void connect_to(struct bed *bed)
{
	int i;

	for (i = 0; i < 500 && (!bed->context || bed->context->err); i++) {
		if (bed->context)
			redisFree(bed->context);
		if (i)
			usleep(10000);
		bed->context = redisConnectUnix(bed->socket);
		assert_non_null(bed->context);
	}
	assert_int_equal(bed->context->err, 0);
	/* Where the default user is off; elsewhere this is refused and changes nothing. */
	freeReplyObject(redisCommand(bed->context, "AUTH op op-secret"));
}

static void take_setting(struct bed *bed, const char *line)
{
	sscanf(line, "port=%d", &bed->port);
	sscanf(line, "pid=%d", &bed->pid);
	sscanf(line, "socket=%95s", bed->socket);
	sscanf(line, "ca=%95s", bed->ca);
}

void bed_up(struct bed *bed, const char *kinds)
{
	char command[1024], line[256];
	FILE *out;

	memset(bed, 0, sizeof(*bed));
	bed_folder(bed->dir, "redis");
	snprintf(command, sizeof(command), "'%s' up %s %s", bed_script("redis"), bed->dir, kinds);
	out = popen(command, "r");
	assert_non_null(out);
	while (fgets(line, sizeof(line), out))
		take_setting(bed, line);
	assert_int_equal(pclose(out), 0);
	connect_to(bed);
}

void bed_down(struct bed *bed)
{
	if (bed->context)
		redisFree(bed->context);
	bed->context = NULL;
	assert_int_equal(bed_take_down(), 0);
}

void bed_kill(struct bed *bed)
{
	redisFree(bed->context);
	bed->context = NULL;
	kill(bed->pid, SIGKILL);
	while (access(bed->socket, F_OK) == 0 && unlink(bed->socket) == 0)
		;
	usleep(50000);
}

void bed_again(struct bed *bed, const char *options)
{
	char command[1024], line[64] = "";
	FILE *out;

	snprintf(command, sizeof(command), "SITREP_TEST_REDIS=%s setsid redis-server "
		 "%s/redis.conf %s >>%s/log 2>&1 </dev/null & echo $!; sed -i \"s/^pid=.*/pid=$!/\" "
		 "%s/env", bed->dir, bed->dir, options, bed->dir, bed->dir);
	out = popen(command, "r");
	assert_non_null(fgets(line, sizeof(line), out));
	pclose(out);
	bed->pid = (pid_t)strtol(line, NULL, 10);
	connect_to(bed);
}

static redisReply *ask(struct bed *bed, const char *format, va_list args)
{
	redisReply *reply = redisvCommand(bed->context, format, args);

	if (!reply || reply->type == REDIS_REPLY_ERROR)
		fail_msg("%s: %s", format, reply ? reply->str : bed->context->errstr);
	return reply;
}

redisReply *bed_ask(struct bed *bed, const char *format, ...)
{
	redisReply *reply;
	va_list args;

	va_start(args, format);
	reply = ask(bed, format, args);
	va_end(args);
	return reply;
}

void bed_do(struct bed *bed, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	freeReplyObject(ask(bed, format, args));
	va_end(args);
}

long long bed_number(struct bed *bed, const char *format, ...)
{
	redisReply *reply;
	long long number;
	va_list args;

	va_start(args, format);
	reply = ask(bed, format, args);
	va_end(args);
	assert_int_equal(reply->type, REDIS_REPLY_INTEGER);
	number = reply->integer;
	freeReplyObject(reply);
	return number;
}

void bed_fill(struct bed *bed, const char *name, int n, int size)
{
	bed_do(bed, "EVAL %s 0 %s %d %d",
	       "for i = 0, tonumber(ARGV[2]) - 1 do "
	       "local key = ARGV[1] .. ':' .. i "
	       "redis.call('SET', key, string.rep('x', tonumber(ARGV[3]))) "
	       "if i % 2 == 0 then redis.call('EXPIRE', key, 86400) end end", name, n, size);
}

void monitor_start(struct bed_monitor *monitor, struct bed *bed)
{
	monitor->context = redisConnectUnix(bed->socket);
	freeReplyObject(redisCommand(monitor->context, "AUTH op op-secret"));
	freeReplyObject(redisCommand(monitor->context, "MONITOR"));
}

static const char *put_word(struct buf *seen, const char *word)
{
	size_t len = strcspn(word + 1, "\""), i;

	for (i = 1; i <= len; i++)
		buf_append(seen, (char[]){(char)toupper((unsigned char)word[i])}, 1);
	return word + len + 2;
}

/* '1700000000.1 [0 127.0.0.1:1] "config" "get"': ours over the unix socket and scripts' are left out.
 */
static bool take_command(struct buf *seen, const char *line)
{
	static const char *const with_second[] = {
		"\"acl\"", "\"client\"", "\"config\"", "\"memory\"", "\"object\"",
	};
	const char *word = strchr(line, '"'), *rest;
	size_t i;

	if (strstr(line, "sitrep-test-end"))
		return false;
	if (!word || strstr(line, " unix:") || strstr(line, " lua]"))
		return true;
	rest = put_word(seen, word);
	for (i = 0; i < sizeof(with_second) / sizeof(with_second[0]); i++) {
		if (strncasecmp(word, with_second[i], strlen(with_second[i])) || rest[0] != ' ')
			continue;
		buf_append_str(seen, "|");
		put_word(seen, rest + 1);
		break;
	}
	buf_append_str(seen, " ");
	return true;
}

static void assert_reads(struct bed *bed, const char *name)
{
	redisReply *reply = bed_ask(bed, "COMMAND INFO %s", name), *flags;
	size_t i;

	assert_int_equal(reply->element[0]->type, REDIS_REPLY_ARRAY);
	flags = reply->element[0]->element[2];
	for (i = 0; i < flags->elements; i++)
		if (!strcmp(flags->element[i]->str, "write"))
			fail_msg("%s was sent", name);
	if (!strcmp(name, "CONFIG|SET"))
		fail_msg("%s was sent", name);
	freeReplyObject(reply);
}

void assert_no_write(struct bed *bed, const char *seen)
{
	struct buf done = BUF_INIT(65536);
	char *copy = xstrdup(seen), *save = NULL, *word, mark[64];

	buf_append_str(&done, " ");
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		snprintf(mark, sizeof(mark), " %s ", word);
		if (strstr(done.data, mark))
			continue;
		buf_append_str(&done, mark);
		assert_reads(bed, word);
	}
	assert_true(done.len > 1);
	buf_release(&done);
	free(copy);
}

char *monitor_end(struct bed_monitor *monitor, struct bed *bed)
{
	struct buf seen = BUF_INIT(64 * 1024 * 1024);
	void *line = NULL;
	bool more = true;

	bed_do(bed, "ECHO sitrep-test-end");
	while (more && redisGetReply(monitor->context, &line) == REDIS_OK) {
		more = take_command(&seen, ((redisReply *)line)->str);
		freeReplyObject(line);
	}
	assert_false(more);
	redisFree(monitor->context);
	return buf_detach(&seen);
}

/* The backend */

void watched_prepare(struct watched *watched, const char *url, int port)
{
	char text[256];

	watched_open(watched, &backend_redis);
	snprintf(text, sizeof(text), "%s:%d", url, port);
	watched->config.redis.url = xstrdup(text);
	watched->config.redis.every_ms = 200;
	watched->config.redis.scan = false;
}

void watched_password(struct watched *watched, const char *password)
{
	watched_secret(&watched->config.redis.password, password);
}

void watched_start(struct watched *watched, const char *url, int port)
{
	watched_prepare(watched, url, port);
	watched_go(watched);
}

static void query_text(void *arg, const char *text, size_t len)
{
	struct watched *watched = arg;

	snprintf(watched->text, sizeof(watched->text), "%.*s", (int)len, text);
}

static void query_done(void *arg, int rc, const char *text)
{
	struct watched *watched = arg;

	watched->replies++;
	watched->reply.rc = rc;
	if (rc)
		snprintf(watched->text, sizeof(watched->text), "%s", text);
}

void watched_query(struct watched *watched, const struct query_request *request)
{
	struct query_request whole = *request;
	struct query_sink sink = {query_text, query_done, watched};

	snprintf(whole.target.kind, sizeof(whole.target.kind), "redis");
	watched->replies = 0;
	assert_true(backend_redis.queries->can(watched->self, &whole));
	assert_non_null(backend_redis.queries->start(watched->self, &whole, &sink, NULL));
	assert_int_equal(watched->replies, 0);
}

static void acted(void *arg, const struct act_reply *reply)
{
	struct watched *watched = arg;

	watched->reply = *reply;
	if (reply->partial)
		watched->partials++;
	else
		watched->replies++;
}

int watched_act(struct watched *watched, const char *rung, const char *verb, const char *param,
		const char *value)
{
	const struct actuator_ops *ops = backend_redis.actuator;
	struct act_request request = {.target.kind = "redis"};
	int rc;

	snprintf(request.verb, sizeof(request.verb), "%s", verb);
	assert_int_equal(act_param_set(&request, param, value), 0);
	watched->replies = watched->partials = 0;
	rc = (!strcmp(rung, "act") ? ops->act : !strcmp(rung, "preview") ? ops->preview
	      : ops->rights)(watched->self, &request, acted, watched);
	/* Never before it returns. */
	assert_int_equal(watched->replies, 0);
	return rc;
}

bool is_fresh(struct watched *watched)
{
	return freshness_at(&watched->sit.redis.fresh, clock_wall_ms()) == FRESH_OK;
}

bool is_not_fresh(struct watched *watched)
{
	return !is_fresh(watched) && watched->sit.redis.fresh.reason[0];
}

bool is_scanned(struct watched *watched)
{
	return watched->sit.redis.scan.state == SCAN_DONE;
}

bool has_reply(struct watched *watched)
{
	return watched->replies > 0;
}

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

static const char *script(void)
{
	static char path[512];
	const char *srcdir = getenv("srcdir");

	snprintf(path, sizeof(path), "%s/tests/services/redis.sh", srcdir ? srcdir : ".");
	return path;
}

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

/* The one that runs: a failed test jumps out of the function that holds its struct bed. */
static char left_running[64];

static int take_down(const char *dir)
{
	char command[1024];

	snprintf(command, sizeof(command), "'%s' down %s; rm -rf %s", script(), dir, dir);
	left_running[0] = '\0';
	return system(command);
}

int bed_clean(void **state)
{
	char dir[64];

	(void)state;
	memcpy(dir, left_running, sizeof(dir));
	return dir[0] ? take_down(dir) : 0;
}

void bed_up(struct bed *bed, const char *kinds)
{
	char command[1024], line[256];
	FILE *out;

	memset(bed, 0, sizeof(*bed));
	snprintf(bed->dir, sizeof(bed->dir), "/tmp/redis-bed.XXXXXX");
	assert_non_null(mkdtemp(bed->dir));
	memcpy(left_running, bed->dir, sizeof(left_running));
	snprintf(command, sizeof(command), "'%s' up %s %s", script(), bed->dir, kinds);
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
	assert_int_equal(take_down(bed->dir), 0);
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

static void on_tick(uv_timer_t *tick)
{
	struct watched *watched = tick->data;
	uint64_t now = (uint64_t)clock_mono_ms();

	if (watched->ticked_ms && now - watched->ticked_ms > watched->longest_ms)
		watched->longest_ms = now - watched->ticked_ms;
	watched->ticked_ms = now;
	if (watched->until && watched->until(watched))
		uv_stop(&watched->loop);
}

void watched_prepare(struct watched *watched, const char *url, int port)
{
	char text[256];

	signal(SIGPIPE, SIG_IGN);  /* as the program does */
	memset(watched, 0, sizeof(*watched));
	uv_loop_init(&watched->loop);
	uv_timer_init(&watched->loop, &watched->tick);
	watched->tick.data = watched;
	situation_init(&watched->sit);
	config_init(&watched->config);
	snprintf(text, sizeof(text), "%s:%d", url, port);
	watched->config.redis.url = xstrdup(text);
	watched->config.redis.every_ms = 200;
	watched->config.redis.scan = false;
}

void watched_password(struct watched *watched, const char *password)
{
	setenv("SITREP_TEST_PASSWORD", password, 1);
	free(watched->config.redis.password.env);
	watched->config.redis.password.env = xstrdup("SITREP_TEST_PASSWORD");
}

void watched_go(struct watched *watched)
{
	struct err err = ERR_INIT;

	watched->env.loop = &watched->loop;
	watched->env.config = &watched->config;
	watched->env.sit = &watched->sit;
	assert_true(backend_redis.wanted(&watched->config));
	if (backend_redis.start(&watched->env, &watched->self, &err))
		fail_msg("%s", err.text);
}

void watched_start(struct watched *watched, const char *url, int port)
{
	watched_prepare(watched, url, port);
	watched_go(watched);
}

bool watched_until(struct watched *watched, bool (*until)(struct watched *watched), int ms)
{
	int64_t end = clock_mono_ms() + ms;

	watched->until = until;
	watched->ticked_ms = 0;
	uv_timer_start(&watched->tick, on_tick, 5, 5);
	while (!until(watched) && clock_mono_ms() < end)
		uv_run(&watched->loop, UV_RUN_ONCE);
	uv_timer_stop(&watched->tick);
	return until(watched);
}

static bool never(struct watched *watched)
{
	(void)watched;
	return false;
}

void watched_for(struct watched *watched, int ms)
{
	watched_until(watched, never, ms);
}

void watched_stop(struct watched *watched)
{
	backend_redis.stop(watched->self);
	uv_close((uv_handle_t *)&watched->tick, NULL);
	uv_run(&watched->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&watched->loop), 0);
	situation_release(&watched->sit);
	config_release(&watched->config);
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

/* A server of our own */

struct guest {
	uv_tcp_t tcp;
	uv_write_t request;
	struct fake *fake;
	char noise[65536];
	bool writing;
};

static void guest_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void part(struct guest *guest)
{
	if (!uv_is_closing((uv_handle_t *)&guest->tcp))
		uv_close((uv_handle_t *)&guest->tcp, guest_closed);
}

static void said(uv_write_t *request, int status)
{
	struct guest *guest = request->data;
	uv_buf_t noise = uv_buf_init(guest->noise, (unsigned int)guest->fake->endless);

	guest->writing = false;
	if (status || guest->fake->hang_up) {
		part(guest);
	} else if (guest->fake->endless) {
		guest->writing = true;
		uv_write(&guest->request, (uv_stream_t *)&guest->tcp, &noise, 1, said);
	}
}

static void speak(struct guest *guest)
{
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)guest->fake->say,
				   (unsigned int)guest->fake->len);

	if (guest->writing)
		return;
	guest->writing = true;
	uv_write(&guest->request, (uv_stream_t *)&guest->tcp, &buf, 1, said);
}

static void lend(uv_handle_t *handle, size_t wish, uv_buf_t *buf)
{
	static char bytes[65536];

	(void)handle;
	(void)wish;
	*buf = uv_buf_init(bytes, sizeof(bytes));
}

static void heard(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct guest *guest = stream->data;

	(void)buf;
	if (len < 0)
		part(guest);
	else if (len > 0 && guest->fake->answer)
		speak(guest);
}

static void visited(uv_stream_t *server, int status)
{
	struct fake *fake = server->data;
	struct guest *guest = xcalloc(1, sizeof(*guest));

	(void)status;
	fake->connections++;
	guest->fake = fake;
	memset(guest->noise, 'x', sizeof(guest->noise));
	uv_tcp_init(server->loop, &guest->tcp);
	guest->tcp.data = guest->request.data = guest;
	uv_accept(server, (uv_stream_t *)&guest->tcp);
	uv_read_start((uv_stream_t *)&guest->tcp, lend, heard);
	if (!fake->answer)
		speak(guest);
}

void fake_start(struct fake *fake, uv_loop_t *loop)
{
	struct sockaddr_in where;
	int len = sizeof(where);

	uv_ip4_addr("127.0.0.1", 0, &where);
	uv_tcp_init(loop, &fake->server);
	fake->server.data = fake;
	assert_int_equal(uv_tcp_bind(&fake->server, (struct sockaddr *)&where, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&fake->server, 16, visited), 0);
	uv_tcp_getsockname(&fake->server, (struct sockaddr *)&where, &len);
	fake->port = ntohs(where.sin_port);
}

void fake_stop(struct fake *fake)
{
	uv_close((uv_handle_t *)&fake->server, NULL);
}

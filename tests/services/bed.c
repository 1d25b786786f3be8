/* tests/services/bed.c: see bed.h */
#include "tests/services/bed.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/clock.h"

/* The one that runs: a failed test jumps out of the function that holds its struct bed. */
static char left_running[64], left_name[32];

const char *bed_script(const char *name)
{
	static char path[512];
	const char *srcdir = getenv("srcdir");

	snprintf(path, sizeof(path), "%s/tests/services/%s.sh", srcdir ? srcdir : ".", name);
	return path;
}

void bed_folder(char dir[64], const char *name)
{
	snprintf(dir, 64, "/tmp/%s-bed.XXXXXX", name);
	assert_non_null(mkdtemp(dir));
	snprintf(left_running, sizeof(left_running), "%s", dir);
	snprintf(left_name, sizeof(left_name), "%s", name);
}

int bed_take_down(void)
{
	char command[1024];

	snprintf(command, sizeof(command), "'%s' down %s; rm -rf %s", bed_script(left_name),
		 left_running, left_running);
	left_running[0] = '\0';
	return system(command);
}

int bed_clean(void **state)
{
	(void)state;
	return left_running[0] ? bed_take_down() : 0;
}

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

void watched_open(struct watched *watched, const struct backend_ops *backend)
{
	signal(SIGPIPE, SIG_IGN);  /* as the program does */
	memset(watched, 0, sizeof(*watched));
	watched->backend = backend;
	uv_loop_init(&watched->loop);
	uv_timer_init(&watched->loop, &watched->tick);
	watched->tick.data = watched;
	situation_init(&watched->sit);
	config_init(&watched->config);
}

void watched_secret(struct config_secret *secret, const char *password)
{
	setenv("SITREP_TEST_PASSWORD", password, 1);
	free(secret->env);
	secret->env = xstrdup("SITREP_TEST_PASSWORD");
}

void watched_go(struct watched *watched)
{
	struct err err = ERR_INIT;

	watched->env.loop = &watched->loop;
	watched->env.config = &watched->config;
	watched->env.sit = &watched->sit;
	assert_true(watched->backend->wanted(&watched->config));
	if (watched->backend->start(&watched->env, &watched->self, &err))
		fail_msg("%s", err.text);
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
	watched->backend->stop(watched->self);
	uv_close((uv_handle_t *)&watched->tick, NULL);
	uv_run(&watched->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&watched->loop), 0);
	situation_release(&watched->sit);
	config_release(&watched->config);
}

/* A server of our own */

struct guest {
	uv_tcp_t tcp;
	uv_write_t request;
	struct fake *fake;
	char noise[65536];
	bool writing, told_no;
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
	const struct fake *fake = guest->fake;
	bool no = fake->refuse_tls && !guest->told_no;
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)(no ? "N" : fake->say),
				   no ? 1 : (unsigned int)fake->len);

	if (guest->writing || !buf.base)
		return;
	guest->writing = !no;
	guest->told_no = no || guest->told_no;
	uv_write(&guest->request, (uv_stream_t *)&guest->tcp, &buf, 1, no ? NULL : said);
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

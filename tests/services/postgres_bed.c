/* tests/services/postgres_bed.c: see postgres_bed.h */
#include "tests/services/postgres_bed.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"

static const char *script(void)
{
	static char path[512];
	const char *srcdir = getenv("srcdir");

	snprintf(path, sizeof(path), "%s/tests/services/postgres.sh", srcdir ? srcdir : ".");
	return path;
}

bool bed_possible(void)
{
	return system("PATH=$PATH:/usr/sbin; command -v pgbouncer >/dev/null && "
		      "ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1") == 0;
}

static void take_setting(struct bed *bed, const char *line)
{
	sscanf(line, "port=%d", &bed->port);
	sscanf(line, "pooler=%d", &bed->pooler_port);
	sscanf(line, "pid=%d", &bed->pid);
	sscanf(line, "pooler_pid=%d", &bed->pooler_pid);
	sscanf(line, "ca=%95s", bed->ca);
}

static void read_settings(struct bed *bed)
{
	char path[128], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/env", bed->dir);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		take_setting(bed, line);
	fclose(file);
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
	char command[1024];

	memset(bed, 0, sizeof(*bed));
	snprintf(bed->dir, sizeof(bed->dir), "/tmp/postgres-bed.XXXXXX");
	assert_non_null(mkdtemp(bed->dir));
	memcpy(left_running, bed->dir, sizeof(left_running));
	snprintf(command, sizeof(command), "'%s' up %s %s >/dev/null", script(), bed->dir, kinds);
	assert_int_equal(system(command), 0);
	read_settings(bed);
}

void bed_down(struct bed *bed)
{
	assert_int_equal(take_down(bed->dir), 0);
}

void bed_order(struct bed *bed, const char *what, const char *how)
{
	char command[1024];

	snprintf(command, sizeof(command), "'%s' %s %s %s", script(), what, bed->dir, how);
	assert_int_equal(system(command), 0);
	read_settings(bed);
}

static PGconn *connected(const char *info)
{
	PGconn *conn = PQconnectdb(info);

	if (PQstatus(conn) != CONNECTION_OK)
		fail_msg("%s", PQerrorMessage(conn));
	return conn;
}

PGconn *bed_boss(struct bed *bed)
{
	char info[256];

	snprintf(info, sizeof(info), "host=%s port=%d user=boss dbname=shop", bed->dir, bed->port);
	return connected(info);
}

PGconn *bed_app(struct bed *bed)
{
	char info[256];

	snprintf(info, sizeof(info), "host=127.0.0.1 port=%d user=app password=secret dbname=shop "
		 "sslmode=require application_name=api", bed->port);
	return connected(info);
}

void bed_do(PGconn *conn, const char *sql)
{
	PGresult *result = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(conn));
	PQclear(result);
}

char *bed_log(struct bed *bed)
{
	struct buf text = BUF_INIT(64 * 1024 * 1024);
	char path[128], bytes[4096];
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "%s/log", bed->dir);
	file = fopen(path, "r");
	assert_non_null(file);
	while ((len = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buf_append(&text, bytes, len);
	fclose(file);
	return buf_detach(&text);
}

/* The backend */

static void on_tick(uv_timer_t *tick)
{
	struct watched *watched = tick->data;
	uint64_t now = (uint64_t)clock_mono_ms();

	if (watched->ticked_ms && now - watched->ticked_ms > watched->longest_ms)
		watched->longest_ms = now - watched->ticked_ms;
	watched->ticked_ms = now;
}

void watched_prepare(struct watched *watched, const char *direct, const char *pooler)
{
	struct config_postgres *config = &watched->config.postgres;

	memset(watched, 0, sizeof(*watched));
	uv_loop_init(&watched->loop);
	uv_timer_init(&watched->loop, &watched->tick);
	watched->tick.data = watched;
	situation_init(&watched->sit);
	config_init(&watched->config);
	config->direct = xstrdup(direct);
	config->pooler = xstrdup(pooler);
	config->every_ms = 200;
	config->suspend_after_ms = 0;
	config->timeout_ms = 3000;
	config->statement_timeout_ms = 1000;
}

void watched_bed(struct watched *watched, const struct bed *bed)
{
	char direct[64], pooler[64];

	snprintf(direct, sizeof(direct), "postgres://mon@localhost:%d/shop", bed->port);
	snprintf(pooler, sizeof(pooler), "localhost:%d", bed->pooler_port);
	watched_prepare(watched, direct, pooler);
	watched->config.postgres.ca_file = xstrdup(bed->ca);
	watched->config.postgres.goose_version = 20240702;
	watched_password(watched, "secret");
}

void watched_password(struct watched *watched, const char *password)
{
	setenv("SITREP_TEST_PASSWORD", password, 1);
	free(watched->config.postgres.password.env);
	watched->config.postgres.password.env = xstrdup("SITREP_TEST_PASSWORD");
}

void watched_go(struct watched *watched)
{
	struct err err = ERR_INIT;

	watched->env.loop = &watched->loop;
	watched->env.config = &watched->config;
	watched->env.sit = &watched->sit;
	assert_true(backend_postgres.wanted(&watched->config));
	if (backend_postgres.start(&watched->env, &watched->self, &err))
		fail_msg("%s", err.text);
}

bool watched_until(struct watched *watched, bool (*until)(const struct postgres *postgres), int ms)
{
	int64_t end = clock_mono_ms() + ms;

	watched->ticked_ms = 0;
	uv_timer_start(&watched->tick, on_tick, 5, 5);
	while (!until(&watched->sit.postgres) && clock_mono_ms() < end)
		uv_run(&watched->loop, UV_RUN_ONCE);
	uv_timer_stop(&watched->tick);
	return until(&watched->sit.postgres);
}

static bool never(const struct postgres *postgres)
{
	(void)postgres;
	return false;
}

void watched_for(struct watched *watched, int ms)
{
	watched_until(watched, never, ms);
}

void watched_stop(struct watched *watched)
{
	backend_postgres.stop(watched->self);
	uv_close((uv_handle_t *)&watched->tick, NULL);
	uv_run(&watched->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&watched->loop), 0);
	situation_release(&watched->sit);
	config_release(&watched->config);
}

const struct postgres *watched_postgres(const struct watched *watched)
{
	return &watched->sit.postgres;
}

/* A server of our own */

struct guest {
	uv_tcp_t tcp;
	uv_write_t request;
	struct fake *fake;
	bool told_no;
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

	if (status || (guest->fake->hang_up && (guest->told_no || !guest->fake->refuse_tls)))
		part(guest);
}

static void speak(struct guest *guest)
{
	struct fake *fake = guest->fake;
	bool no = fake->refuse_tls && !guest->told_no;
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)(no ? "N" : fake->say),
				   no ? 1 : (unsigned int)fake->len);

	if (!no && !fake->say)
		return;
	uv_write(&guest->request, (uv_stream_t *)&guest->tcp, &buf, 1, no ? NULL : said);
	guest->told_no = no || guest->told_no;
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
	else if (len > 0)
		speak(guest);
}

static void visited(uv_stream_t *server, int status)
{
	struct fake *fake = server->data;
	struct guest *guest = xcalloc(1, sizeof(*guest));

	(void)status;
	fake->connections++;
	guest->fake = fake;
	uv_tcp_init(server->loop, &guest->tcp);
	guest->tcp.data = guest->request.data = guest;
	uv_accept(server, (uv_stream_t *)&guest->tcp);
	uv_read_start((uv_stream_t *)&guest->tcp, lend, heard);
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

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

void bed_up(struct bed *bed, const char *kinds)
{
	char command[1024];

	memset(bed, 0, sizeof(*bed));
	bed_folder(bed->dir, "postgres");
	snprintf(command, sizeof(command), "'%s' up %s %s >/dev/null", bed_script("postgres"),
		 bed->dir, kinds);
	assert_int_equal(system(command), 0);
	read_settings(bed);
}

void bed_down(struct bed *bed)
{
	(void)bed;
	assert_int_equal(bed_take_down(), 0);
}

void bed_order(struct bed *bed, const char *what, const char *how)
{
	char command[1024];

	snprintf(command, sizeof(command), "'%s' %s %s %s", bed_script("postgres"), what, bed->dir, how);
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

static char *log_so_far(const struct bed *bed, size_t *ret_len)
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
	*ret_len = text.len;
	return buf_detach(&text);
}

/* The server may be at the midst of a line. */
char *bed_log(struct bed *bed)
{
	char *text;
	size_t len;
	int i;

	for (i = 0;; i++) {
		text = log_so_far(bed, &len);
		if ((len && text[len - 1] == '\n') || i == 200)
			return text;
		free(text);
		usleep(100000);
	}
}

/* The backend */

void watched_prepare(struct watched *watched, const char *direct, const char *pooler)
{
	struct config_postgres *config = &watched->config.postgres;

	watched_open(watched, &backend_postgres);
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
	watched_secret(&watched->config.postgres.password, password);
}

const struct postgres *watched_postgres(const struct watched *watched)
{
	return &watched->sit.postgres;
}

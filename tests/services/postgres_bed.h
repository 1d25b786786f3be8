/*
 * tests/services/postgres_bed.h: a real PostgreSQL and pgbouncer started by postgres.sh, a scripted
 * stand-in, and sitrep's Postgres backend run against them on a loop whose stops are measured.
 */
#ifndef SITREP_TESTS_SERVICES_POSTGRES_BED_H
#define SITREP_TESTS_SERVICES_POSTGRES_BED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <libpq-fe.h>

#include "tests/services/bed.h"

struct bed {
	char dir[64], ca[96];
	int port, pooler_port;
	pid_t pid, pooler_pid;
};

bool bed_possible(void);
void bed_up(struct bed *bed, const char *kinds);   /* see postgres.sh */
void bed_down(struct bed *bed);
/* "server stop", "pooler start"; what it says about ports and pids is taken over. */
void bed_order(struct bed *bed, const char *what, const char *how);
/* A session of our own: as boss over the socket, or as app over TLS. */
PGconn *bed_boss(struct bed *bed);
PGconn *bed_app(struct bed *bed);
/* Fails the test unless it works. */
void bed_do(PGconn *conn, const char *sql);
/* The server's log so far; caller frees. */
char *bed_log(struct bed *bed);

/* Defaults, a look every 200 ms, never asleep; then watched_go(). */
void watched_prepare(struct watched *watched, const char *direct, const char *pooler);
/* The same for a bed's two ways, as mon. */
void watched_bed(struct watched *watched, const struct bed *bed);
void watched_password(struct watched *watched, const char *password);
const struct postgres *watched_postgres(const struct watched *watched);

#endif

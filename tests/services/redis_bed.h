/*
 * tests/services/redis_bed.h: a real redis-server started by redis.sh, and sitrep's Redis backend
 * run against it (or against anything else) on a loop whose stops are measured.
 */
#ifndef SITREP_TESTS_SERVICES_REDIS_BED_H
#define SITREP_TESTS_SERVICES_REDIS_BED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <hiredis/hiredis.h>

#include "tests/services/bed.h"

/* The server */

struct bed {
	char dir[64], socket[96], ca[96];
	int port;
	pid_t pid;
	redisContext *context;     /* ours, blocking, over the unix socket */
};

bool bed_possible(void);                           /* is there a redis-server? */
void bed_up(struct bed *bed, const char *kinds);   /* "tls acl": see redis.sh */
void bed_down(struct bed *bed);
void bed_kill(struct bed *bed);                    /* without a word */
/* The same server again, with further options; waits until its socket accepts. */
void bed_again(struct bed *bed, const char *options);
/* A command as redisCommand() takes it; fails the test unless it works. Caller frees. */
redisReply *bed_ask(struct bed *bed, const char *format, ...);
void bed_do(struct bed *bed, const char *format, ...);
long long bed_number(struct bed *bed, const char *format, ...);
/* n keys NAME:0..., and their size; every second one has a TTL. */
void bed_fill(struct bed *bed, const char *name, int n, int size);

/* What the server was asked by others, through MONITOR. */
struct bed_monitor {
	redisContext *context;
};
void monitor_start(struct bed_monitor *monitor, struct bed *bed);
/* Every command seen since, upper case, each followed by a blank; "CONFIG|GET" where the second
 * word tells what it does. Caller frees. */
char *monitor_end(struct bed_monitor *monitor, struct bed *bed);
/* Fails the test when one of them changes data or settings, as the server itself tells. */
void assert_no_write(struct bed *bed, const char *seen);

/* The backend */

/* url's %d is the port; NULL password_env = none. Sets the defaults; then watched_go(). */
void watched_prepare(struct watched *watched, const char *url, int port);
void watched_password(struct watched *watched, const char *password);
void watched_start(struct watched *watched, const char *url, int port);

/* Asks; the answer stands in watched->text once has_reply(). */
void watched_query(struct watched *watched, const struct query_request *request);
/* "act", "preview" or "rights" of a verb; what it returned. The answer stands in watched->reply. */
int watched_act(struct watched *watched, const char *rung, const char *verb, const char *param,
		const char *value);

bool is_fresh(struct watched *watched);
bool is_not_fresh(struct watched *watched);        /* and there is a reason */
bool is_scanned(struct watched *watched);
bool has_reply(struct watched *watched);

#endif

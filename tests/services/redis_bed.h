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
#include <uv.h>

#include "backends/backend.h"

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
/* After each test: what a failed one has left running is stopped. */
int bed_clean(void **state);
#define BED_TEST(test) cmocka_unit_test_teardown(test, bed_clean)
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

struct watched {
	uv_loop_t loop;
	uv_timer_t tick;
	uint64_t ticked_ms, longest_ms;   /* the longest time the loop stood still */
	struct config config;
	struct situation sit;
	struct backend_env env;
	void *self;
	bool (*until)(struct watched *watched);
	/* the last reply of an act or a query */
	int replies, partials;
	struct act_reply reply;
	char text[4096];
};

/* url's %d is the port; NULL password_env = none. Sets the defaults; then watched_go(). */
void watched_prepare(struct watched *watched, const char *url, int port);
void watched_password(struct watched *watched, const char *password);
void watched_go(struct watched *watched);
void watched_start(struct watched *watched, const char *url, int port);
/* False when ms have passed first. */
bool watched_until(struct watched *watched, bool (*until)(struct watched *watched), int ms);
void watched_for(struct watched *watched, int ms);
void watched_stop(struct watched *watched);        /* checks that the loop closes clean */

/* Asks; the answer stands in watched->text once has_reply(). */
void watched_query(struct watched *watched, const struct query_request *request);
/* "act", "preview" or "rights" of a verb; what it returned. The answer stands in watched->reply. */
int watched_act(struct watched *watched, const char *rung, const char *verb, const char *param,
		const char *value);

bool is_fresh(struct watched *watched);
bool is_not_fresh(struct watched *watched);        /* and there is a reason */
bool is_scanned(struct watched *watched);
bool has_reply(struct watched *watched);

/* A server of our own on the same loop, that does as it is told. */
struct fake {
	uv_tcp_t server;
	int port, connections;
	const char *say;           /* to who connects */
	size_t len;
	int endless;               /* then 'x' for ever, so many bytes a turn */
	bool hang_up;              /* then close */
	bool answer;               /* say it to each thing read, not at the start */
};
void fake_start(struct fake *fake, uv_loop_t *loop);
void fake_stop(struct fake *fake);

#endif

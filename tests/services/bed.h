/*
 * tests/services/bed.h: what the tests of every service have in common: a folder with a real server
 * in it that is taken down whatever happens, a backend run on a loop whose stops are measured, and
 * a stand-in of our own that says one thing.
 */
#ifndef SITREP_TESTS_SERVICES_BED_H
#define SITREP_TESTS_SERVICES_BED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "backends/backend.h"

/* tests/services/NAME.sh, which takes orders: "up DIR", "down DIR". */
const char *bed_script(const char *name);
/* A new folder for a server that NAME.sh starts. */
void bed_folder(char dir[64], const char *name);
/* Stops the server and removes its folder; what NAME.sh returned. */
int bed_take_down(void);
/* After each test: what a failed one has left running is stopped. */
int bed_clean(void **state);
#define BED_TEST(test) cmocka_unit_test_teardown(test, bed_clean)

/* A backend and what it fills. */
struct watched {
	uv_loop_t loop;
	uv_timer_t tick;
	uint64_t ticked_ms, longest_ms;    /* the longest time the loop stood still */
	struct config config;
	struct situation sit;
	struct backend_env env;
	const struct backend_ops *backend;
	void *self;
	bool (*until)(struct watched *watched);
	/* the last reply of an act or a query */
	int replies, partials;
	struct act_reply reply;
	char text[4096];
};

/* The configuration's defaults; then watched_go(). */
void watched_open(struct watched *watched, const struct backend_ops *backend);
void watched_secret(struct config_secret *secret, const char *password);
void watched_go(struct watched *watched);
/* False when ms have passed first. */
bool watched_until(struct watched *watched, bool (*until)(struct watched *watched), int ms);
void watched_for(struct watched *watched, int ms);
void watched_stop(struct watched *watched);        /* checks that the loop closes clean */

/* A server of our own on the same loop, that does as it is told. */
struct fake {
	uv_tcp_t server;
	int port, connections;
	const char *say;           /* to who connects; NULL = nothing */
	size_t len;
	int endless;               /* then 'x' for ever, so many bytes a turn */
	bool hang_up;              /* then close */
	bool answer;               /* say it to each thing read, not at the start */
	bool refuse_tls;           /* answer 'N' to the first thing read: Postgres's "no TLS here" */
};
void fake_start(struct fake *fake, uv_loop_t *loop);
void fake_stop(struct fake *fake);

#endif

/*
 * tests/unit/kube_bed.h: the kube backend against a server whose every answer the test decides.
 * Unless the test says otherwise the server is a healthy, empty cluster. Timers of the program
 * (not libcurl's own deadlines) run bed_speed times as fast.
 */
#ifndef SITREP_TESTS_UNIT_KUBE_BED_H
#define SITREP_TESTS_UNIT_KUBE_BED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backends/backend.h"
#include "core/buf.h"
#include "tests/unit/httpd.h"

extern int bed_speed;

#define BED_WATCHES 64
#define BED_ASKED_MAX (1024 * 1024)

struct bed {
	uv_loop_t loop;
	uv_timer_t tick;
	struct httpd *httpd;
	char dir[64];
	struct config config;
	struct situation sit;
	struct backend_env env;
	void *self;
	struct err err;
	/* The test's own answers: true = answered, or on purpose not. */
	bool (*special)(struct bed *bed, struct httpd_conn *conn, const char *path);
	int step;                  /* the test's to use */
	struct httpd_conn *watch;  /* the newest watch of pods; NULL once cut */
	int watches;               /* of pods, so far */
	struct buf asked;          /* every path asked for, one a line */
};

/* A server and a kubeconfig that leads to it; user and cluster: further YAML, "" = none. */
void bed_up(struct bed *bed, const char *user, const char *cluster);
/* Starts the backend. */
void bed_watch(struct bed *bed);
void bed_down(struct bed *bed);
void bed_put(struct bed *bed, const char *name, const char *text, unsigned int mode);

/* Runs the loop until the condition holds; fails the test after 10 s. */
#define bed_until(bed, condition)                                                          \
	do {                                                                               \
		uint64_t bed_deadline = uv_hrtime() + 10000000000ull;                      \
		while (!(condition)) {                                                     \
			if (uv_hrtime() > bed_deadline)                                    \
				fail_msg("never: %s; asked:\n%.3000s", #condition,         \
					 (bed)->asked.len > 3000                           \
					 ? (bed)->asked.data + (bed)->asked.len - 3000     \
					 : (bed)->asked.data);                             \
			uv_run(&(bed)->loop, UV_RUN_ONCE);                                 \
		}                                                                          \
	} while (0)
void bed_run(struct bed *bed, int ms);
/* How many requests had this in their path. */
int bed_count(const struct bed *bed, const char *text);

/* Answers */
void bed_list(struct httpd_conn *conn, const char *meta, const char *names);
void bed_status(struct httpd_conn *conn, int code, const char *headers, const char *message);
/* {"type": TYPE, "object": a pod}\n */
void bed_event(struct httpd_conn *conn, const char *type, const char *name, const char *version);
bool bed_is(const char *path, const char *start);   /* does it begin so? */

enum fresh_state bed_pods_state(const struct bed *bed);

#endif

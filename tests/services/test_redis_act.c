/* tests/services/test_redis_act.c: the write door, against a real redis-server */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "tests/services/redis_bed.h"

static void assert_text(const struct watched *watched, int rc, const char *part)
{
	if (watched->reply.rc != rc || !strstr(watched->reply.text, part))
		fail_msg("%d, '%s': wanted %d, '%s'", watched->reply.rc, watched->reply.text, rc,
			 part);
}

/* Climbs one rung and waits for the one reply. */
static void rung(struct watched *watched, const char *name, const char *verb, const char *param,
		 const char *value)
{
	assert_int_equal(watched_act(watched, name, verb, param, value), 0);
	assert_true(watched_until(watched, has_reply, 20000));
	watched_for(watched, 30);
	assert_int_equal(watched->replies, 1);
}

static void start(struct watched *watched, struct bed *bed, const char *kinds)
{
	bed_up(bed, kinds);
	watched_start(watched, "redis://127.0.0.1", bed->port);
	assert_true(watched_until(watched, is_fresh, 20000));
}

static void stop(struct watched *watched, struct bed *bed)
{
	watched_stop(watched);
	bed_down(bed);
}

static void policy(void **state)
{
	struct watched watched;
	redisReply *reply;
	struct bed bed;

	(void)state;
	start(&watched, &bed, "maxmemory");
	rung(&watched, "preview", "redis-set-policy", "policy", "volatile-lru");
	assert_text(&watched, 0, "noeviction -> volatile-lru");
	assert_text(&watched, 0, "no key has a TTL");
	assert_text(&watched, 0, "lost when the pod restarts");
	rung(&watched, "rights", "redis-set-policy", "policy", "allkeys-lru");
	assert_text(&watched, 0, "allowed");
	rung(&watched, "act", "redis-set-policy", "policy", "allkeys-lru");
	assert_text(&watched, 0, "is allkeys-lru now, was noeviction");
	reply = bed_ask(&bed, "CONFIG GET maxmemory-policy");
	assert_string_equal(reply->element[1]->str, "allkeys-lru");
	freeReplyObject(reply);
	assert_string_equal(watched.reply.undo.verb, "redis-set-policy");
	assert_string_equal(act_param(&watched.reply.undo, "policy"), "noeviction");
	assert_int_equal(watched_act(&watched, "act", "redis-set-policy", "policy", "never"),
			 -EINVAL);
	assert_int_equal(watched_act(&watched, "act", "redis-set-policy", "policy", ""), -EINVAL);
	assert_int_equal(watched_act(&watched, "act", "redis-flush", "policy", "x"), -EINVAL);
	stop(&watched, &bed);
}

static void one_key(void **state)
{
	struct query_request request = {.kind = QUERY_KEY, .target.name = "bin\\x00\\xff\\\\"};
	struct watched watched;
	struct bed bed;

	(void)state;
	start(&watched, &bed, "plain");
	bed_do(&bed, "SADD %b a b c", "bin\0\xff\\", (size_t)6);
	bed_do(&bed, "EXPIRE %b 7200", "bin\0\xff\\", (size_t)6);
	bed_do(&bed, "SET bin x");
	watched_query(&watched, &request);
	assert_true(watched_until(&watched, has_reply, 20000));
	assert_non_null(strstr(watched.text, "set"));
	assert_null(strstr(watched.text, "no such key"));
	rung(&watched, "preview", "redis-delete-key", "key", "bin\\x00\\xff\\\\");
	assert_text(&watched, 0, "set, expires in");
	assert_text(&watched, 0, "bytes are freed");
	assert_int_equal(watched.reply.count, 1);
	assert_int_equal(bed_number(&bed, "DBSIZE"), 2);
	rung(&watched, "act", "redis-delete-key", "key", "bin\\x00\\xff\\\\");
	assert_text(&watched, 0, "gone");
	assert_int_equal(watched.reply.count, 1);
	assert_string_equal(watched.reply.undo.verb, "");
	assert_int_equal(bed_number(&bed, "EXISTS bin"), 1);
	assert_int_equal(bed_number(&bed, "DBSIZE"), 1);
	rung(&watched, "preview", "redis-delete-key", "key", "absent");
	assert_text(&watched, -ENOENT, "no such key");
	rung(&watched, "act", "redis-delete-key", "key", "absent");
	assert_int_equal(watched.reply.count, 0);
	assert_int_equal(watched_act(&watched, "act", "redis-delete-key", "key", ""), -EINVAL);
	stop(&watched, &bed);
}

/* Prefixes full of what a pattern would take for its own, beside keys that it would then match. */
static void a_prefix_is_no_pattern(void **state)
{
	static const struct { const char *shown, *key; size_t len; const char *bait; } rows[] = {
		{"a*b:", "a*b:", 4, "aXXb:"}, {"q?:", "q?:", 3, "qX:"},
		{"[ab]:", "[ab]:", 5, "a:"}, {"[^a]:", "[^a]:", 5, "b:"},
		{"b\\\\*:", "b\\*:", 4, "b*:"}, {"\\xff\\xfe:", "\xff\xfe:", 3, "\xff:"},
		{"n\\x00:", "n\0:", 3, "n:"}, {"a-z]:", "a-z]:", 5, "b]:"},
		{"cr\\x0d\\x0alf:", "cr\r\nlf:", 7, "crlf:"},
	};
	struct watched watched;
	struct bed bed;
	size_t i;

	(void)state;
	start(&watched, &bed, "plain");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bed_do(&bed, "FLUSHALL");
		bed_do(&bed, "SET %b1 x", rows[i].key, rows[i].len);
		bed_do(&bed, "SET %b2 x", rows[i].key, rows[i].len);
		bed_do(&bed, "SET %s1 x", rows[i].bait);
		bed_do(&bed, "SET x%b x", rows[i].key, rows[i].len);
		rung(&watched, "preview", "redis-delete-prefix", "prefix", rows[i].shown);
		if (watched.reply.count != 2)
			fail_msg("%s: counted %d", rows[i].shown, (int)watched.reply.count);
		rung(&watched, "act", "redis-delete-prefix", "prefix", rows[i].shown);
		assert_text(&watched, 0, "2 keys are gone");
		assert_int_equal(bed_number(&bed, "EXISTS %s1", rows[i].bait), 1);
		assert_int_equal(bed_number(&bed, "DBSIZE"), 2);
	}
	assert_int_equal(watched_act(&watched, "act", "redis-delete-prefix", "prefix", ""), -EINVAL);
	rung(&watched, "preview", "redis-delete-prefix", "prefix", "absent:");
	assert_text(&watched, -ENOENT, "no key");
	stop(&watched, &bed);
}

static void many_keys(void **state)
{
	struct bed_monitor monitor;
	struct watched watched;
	struct bed bed;
	char *seen;

	(void)state;
	start(&watched, &bed, "plain");
	bed_fill(&bed, "many", 50000, 10);
	bed_fill(&bed, "others", 1000, 10);
	monitor_start(&monitor, &bed);
	rung(&watched, "preview", "redis-delete-prefix", "prefix", "many:");
	assert_int_equal(watched.reply.count, 50000);
	rung(&watched, "act", "redis-delete-prefix", "prefix", "many:");
	assert_int_equal(watched.reply.count, 50000);
	assert_true(watched.partials > 0);
	assert_int_equal(bed_number(&bed, "DBSIZE"), 1000);
	seen = monitor_end(&monitor, &bed);
	assert_non_null(strstr(seen, "UNLINK"));
	assert_null(strstr(seen, "FLUSH"));
	assert_null(strstr(seen, "KEYS"));
	assert_null(strstr(seen, "DEL "));
	free(seen);
	stop(&watched, &bed);
}

static bool has_progress(struct watched *watched)
{
	return watched->partials > 0;
}

static void cancelled(void **state)
{
	struct watched watched;
	struct bed bed;
	long long left;

	(void)state;
	start(&watched, &bed, "plain");
	bed_fill(&bed, "many", 100000, 10);
	assert_int_equal(watched_act(&watched, "act", "redis-delete-prefix", "prefix", "many:"), 0);
	assert_int_equal(watched_act(&watched, "preview", "redis-delete-prefix", "prefix", "x"),
			 -EBUSY);
	assert_true(watched_until(&watched, has_progress, 20000));
	backend_redis.actuator->cancel(watched.self);
	assert_true(watched_until(&watched, has_reply, 20000));
	left = bed_number(&bed, "DBSIZE");
	assert_text(&watched, -ECANCELED, "the others stay");
	assert_in_range(left, 1, 99999);
	watched_for(&watched, 200);
	assert_int_equal(bed_number(&bed, "DBSIZE"), left);
	rung(&watched, "act", "redis-delete-prefix", "prefix", "many:");
	assert_int_equal(watched.reply.count, left);
	stop(&watched, &bed);
}

/* Cut off in the middle: told once, with what is known; and then again it can be done. */
static void cut_off(void **state)
{
	struct watched watched;
	struct bed bed;

	(void)state;
	start(&watched, &bed, "plain");
	bed_fill(&bed, "many", 100000, 10);
	assert_int_equal(watched_act(&watched, "act", "redis-delete-prefix", "prefix", "many:"), 0);
	assert_true(watched_until(&watched, has_progress, 20000));
	bed_do(&bed, "CLIENT KILL TYPE normal SKIPME yes");
	assert_true(watched_until(&watched, has_reply, 20000));
	assert_text(&watched, -ECONNRESET, "may or may not have happened");
	assert_true(watched_until(&watched, is_not_fresh, 20000));
	assert_int_equal(watched_act(&watched, "act", "redis-delete-prefix", "prefix", "many:"),
			 -ENOTCONN);
	assert_true(watched_until(&watched, is_fresh, 20000));
	rung(&watched, "act", "redis-delete-prefix", "prefix", "many:");
	assert_int_equal(bed_number(&bed, "DBSIZE"), 0);
	stop(&watched, &bed);
}

/* The program ends while answers are still to come: nobody is told, nothing is left. */
static void stopped_amid(void **state)
{
	struct watched watched;
	struct query_request request = {.kind = QUERY_KEY, .target.name = "many:1"};
	struct bed bed;

	(void)state;
	start(&watched, &bed, "plain");
	bed_fill(&bed, "many", 1000, 10);
	watched_query(&watched, &request);
	assert_int_equal(watched_act(&watched, "rights", "redis-set-policy", "policy",
				     "noeviction"), 0);
	assert_int_equal(watched_act(&watched, "act", "redis-delete-prefix", "prefix", "many:"), 0);
	assert_int_equal(watched.replies, 0);
	watched_stop(&watched);
	assert_int_equal(watched.replies, 2);
	assert_int_equal(watched.reply.rc, -ECANCELED);
	bed_down(&bed);
}

static const char *const verbs[][3] = {
	{"redis-set-policy", "policy", "allkeys-lru"},
	{"redis-delete-key", "key", "k:1"},
	{"redis-delete-prefix", "prefix", "k:"},
};

static void read_only(void **state)
{
	struct bed_monitor monitor;
	struct watched watched;
	struct bed bed;
	char *seen;
	size_t i;

	(void)state;
	bed_up(&bed, "maxmemory");
	bed_fill(&bed, "k", 10, 10);
	monitor_start(&monitor, &bed);
	watched_prepare(&watched, "redis://127.0.0.1", bed.port);
	watched.env.read_only = true;
	watched_go(&watched);
	assert_true(watched_until(&watched, is_fresh, 20000));
	for (i = 0; i < 3; i++) {
		assert_int_equal(watched_act(&watched, "act", verbs[i][0], verbs[i][1], verbs[i][2]),
				 -EPERM);
		rung(&watched, "preview", verbs[i][0], verbs[i][1], verbs[i][2]);
	}
	watched_stop(&watched);
	seen = monitor_end(&monitor, &bed);
	assert_non_null(strstr(seen, "SCAN"));
	assert_no_write(&bed, seen);
	assert_int_equal(bed_number(&bed, "DBSIZE"), 10);
	free(seen);
	bed_down(&bed);
}

static void no_right(void **state)
{
	static const char *const needs[] = {"config|set", "unlink", "unlink"};
	struct watched watched;
	struct bed bed;
	size_t i;

	(void)state;
	bed_up(&bed, "acl");
	bed_fill(&bed, "k", 10, 10);
	bed_do(&bed, "ACL SETUSER mon +acl|whoami +acl|dryrun +pttl");
	watched_prepare(&watched, "redis://mon@127.0.0.1", bed.port);
	watched_password(&watched, "mon-secret");
	watched_go(&watched);
	assert_true(watched_until(&watched, is_fresh, 20000));
	for (i = 0; i < 3; i++) {
		rung(&watched, "rights", verbs[i][0], verbs[i][1], verbs[i][2]);
		assert_text(&watched, -EACCES, needs[i]);
		rung(&watched, "act", verbs[i][0], verbs[i][1], verbs[i][2]);
		assert_text(&watched, -EACCES, needs[i]);
	}
	bed_do(&bed, "ACL SETUSER mon -acl");
	rung(&watched, "rights", verbs[0][0], verbs[0][1], verbs[0][2]);
	assert_text(&watched, 0, "the server decides");
	assert_int_equal(bed_number(&bed, "DBSIZE"), 10);
	watched_stop(&watched);
	bed_down(&bed);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_TEST(policy), BED_TEST(one_key),
		BED_TEST(a_prefix_is_no_pattern), BED_TEST(many_keys),
		BED_TEST(cancelled), BED_TEST(cut_off),
		BED_TEST(stopped_amid), BED_TEST(read_only),
		BED_TEST(no_right),
	};

	if (!bed_possible()) {
		puts("1..0 # SKIP redis-server is not installed");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

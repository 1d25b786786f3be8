/* tests/services/test_redis_hurt.c: servers that stop, die, lie or never end, and names that do not
 * resolve: nothing blocks, the reason is told, and it recovers by itself */
#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "tests/services/redis_bed.h"

#define BLOCKED_MS 1500            /* a busy machine's slack; what is caught here takes seconds */
#define NAME_SERVER_S 6            /* longer than a connection may take */

/* The resolver of this program: a name server that does not answer. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **ret);

static volatile int names_asked, names_answered;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **ret)
{
	(void)node;
	(void)service;
	(void)hints;
	*ret = NULL;
	names_asked++;
	sleep(NAME_SERVER_S);
	names_answered++;
	return EAI_AGAIN;
}

static void assert_told(struct watched *watched, const char *why)
{
	if (!strstr(watched->sit.redis.fresh.reason, why))
		fail_msg("'%s' does not hold '%s'", watched->sit.redis.fresh.reason, why);
	assert_in_range(watched->longest_ms, 0, BLOCKED_MS);
}

static void a_slow_name_server(void **state)
{
	struct watched watched;
	int i;

	(void)state;
	watched_start(&watched, "redis://redis.example", 6379);
	assert_true(watched_until(&watched, is_not_fresh, 20000));
	assert_true(names_asked > 0);
	assert_told(&watched, "no connection in time");
	watched_for(&watched, 500);
	assert_told(&watched, "no connection in time");
	watched_stop(&watched);
	for (i = 0; i < 1000 && names_answered < names_asked; i++)
		usleep(10000);
}

static void nobody_there(void **state)
{
	struct watched watched;
	struct fake fake = {0};
	int port;

	(void)state;
	watched_prepare(&watched, "redis://127.0.0.1", 1);
	fake_start(&fake, &watched.loop);
	port = fake.port;
	fake_stop(&fake);
	watched_for(&watched, 20);
	free(watched.config.redis.url);
	watched.config.redis.url = xasprintf("redis://127.0.0.1:%d", port);
	watched_go(&watched);
	assert_true(watched_until(&watched, is_not_fresh, 20000));
	assert_told(&watched, "connection refused");
	watched_stop(&watched);
}

static bool has_reason(struct watched *watched)
{
	return watched->sit.redis.fresh.reason[0];
}

static void stopped(void **state)
{
	struct watched watched;
	const struct freshness *fresh = &watched.sit.redis.fresh;
	struct bed bed;
	int64_t as_of;

	(void)state;
	bed_up(&bed, "plain");
	bed_fill(&bed, "k", 100, 10);
	watched_start(&watched, "redis://127.0.0.1", bed.port);
	assert_true(watched_until(&watched, is_fresh, 20000));
	kill(bed.pid, SIGSTOP);
	assert_true(watched_until(&watched, is_not_fresh, 20000));
	as_of = fresh->as_of_ms;
	/* Stale before the reason is known, and then with it; the values and their age stay. */
	assert_int_equal(freshness_at(fresh, clock_wall_ms()), FRESH_STALE);
	assert_true(watched_until(&watched, has_reason, 20000));
	assert_told(&watched, "no answer in time");
	watched_for(&watched, 1000);
	assert_int_equal(watched.sit.redis.keys, 100);
	assert_int_equal(freshness_at(fresh, clock_wall_ms()), FRESH_STALE);
	assert_int_equal(fresh->as_of_ms, as_of);
	assert_true(clock_wall_ms() - as_of > 1000);
	kill(bed.pid, SIGCONT);
	assert_true(watched_until(&watched, is_fresh, 20000));
	assert_in_range(watched.longest_ms, 0, BLOCKED_MS);
	watched_stop(&watched);
	bed_down(&bed);
}

static void killed(void **state)
{
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "plain");
	bed_fill(&bed, "k", 1000, 10);
	watched_start(&watched, "redis://127.0.0.1", bed.port);
	assert_true(watched_until(&watched, is_fresh, 20000));
	assert_int_equal(watched.sit.redis.keys, 1000);
	bed_kill(&bed);
	assert_true(watched_until(&watched, is_not_fresh, 20000));
	watched_for(&watched, 1000);
	assert_told(&watched, "connection refused");
	bed_again(&bed, "");
	assert_int_equal(watched.sit.redis.keys_before, -1);
	assert_true(watched_until(&watched, is_fresh, 20000));
	assert_int_equal(watched.sit.redis.keys, 0);
	assert_int_equal(watched.sit.redis.keys_before, 1000);
	assert_true(clock_wall_ms() - watched.sit.redis.restarted_ms < 12000);
	assert_true(clock_wall_ms() - watched.sit.redis.started_ms < 40000);
	watched_stop(&watched);
	bed_down(&bed);
}

static void too_many_clients(void **state)
{
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "plain");
	bed_do(&bed, "CONFIG SET maxclients 1");
	watched_start(&watched, "redis://127.0.0.1", bed.port);
	assert_true(watched_until(&watched, is_not_fresh, 20000));
	assert_told(&watched, "maxclients");
	bed_do(&bed, "CONFIG SET maxclients 100");
	assert_true(watched_until(&watched, is_fresh, 20000));
	watched_stop(&watched);
	bed_down(&bed);
}

static bool asks_much(struct watched *watched)
{
	return watched->sit.redis.scan.commands > 2000;
}

/* More questions than the socket takes, to a server that doesn't read: they wait, and go on. */
static void partial_writes(void **state)
{
	struct watched watched;
	struct bed bed;
	char name[1025];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	bed_up(&bed, "plain");
	bed_fill(&bed, name, 6000, 1);
	watched_prepare(&watched, "redis://127.0.0.1", bed.port);
	watched.config.redis.scan = true;
	watched.config.redis.scan_load = 1;
	watched.config.redis.scan_count = 4000;
	watched_go(&watched);
	assert_true(watched_until(&watched, asks_much, 20000));
	kill(bed.pid, SIGSTOP);
	watched_for(&watched, 1500);
	kill(bed.pid, SIGCONT);
	assert_true(watched_until(&watched, is_scanned, 20000));
	assert_int_equal(watched.sit.redis.scan.scanned, 6000);
	watched_stop(&watched);
	bed_down(&bed);
}

/* Servers that are none */

static void lied_to(struct fake *fake, int ms, const char *why)
{
	struct watched watched;

	if (!fake->len)
		fake->len = strlen(fake->say);
	watched_prepare(&watched, "redis://127.0.0.1", 1);
	fake_start(fake, &watched.loop);
	free(watched.config.redis.url);
	watched.config.redis.url = xasprintf("redis://127.0.0.1:%d", fake->port);
	watched_go(&watched);
	assert_true(watched_until(&watched, is_not_fresh, ms));
	assert_told(&watched, why);
	watched_for(&watched, 300);
	assert_told(&watched, why);
	fake_stop(fake);
	watched_stop(&watched);
}

static void garbage(void **state)
{
	struct fake web = {.say = "HTTP/1.1 400 Bad Request\r\n\r\n"};
	struct fake zeros = {.say = "\0\0\0\0\0\0\0\0", .len = 8};
	struct fake deep = {.say = "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"};
	struct fake negative = {.say = "*-7\r\n"};

	(void)state;
	lied_to(&web, 3000, "not Redis's protocol");
	lied_to(&zeros, 3000, "not Redis's protocol");
	lied_to(&deep, 3000, "not Redis's protocol");
	lied_to(&negative, 3000, "not Redis's protocol");
}

/* What came whole counts, and nothing of what didn't. */
static void half_a_reply(void **state)
{
	struct fake early = {.say = "$5\r\nab", .hang_up = true};
	struct fake late = {
		.say = "+OK\r\n+OK\r\n+PONG\r\n*2\r\n$16\r\nmaxmemory-policy\r\n$10\r\nnoeviction\r\n"
		       "$500\r\n# Memory\r\nused_memory:77\r\n", .hang_up = true,
	};
	struct fake refused = {
		.say = "-DENIED Redis is running in protected mode because ...\r\n", .hang_up = true,
	};

	(void)state;
	lied_to(&early, 3000, "connection closed");
	lied_to(&late, 3000, "connection closed");
	lied_to(&refused, 3000, "protected mode");
}

/* Answers of the right form and the wrong kind, to everything that is asked. */
static void nonsense(void **state)
{
	struct fake arrays = {.say = "*2\r\n:1\r\n*1\r\n$-1\r\n", .answer = true};

	(void)state;
	arrays.say = "*2\r\n:1\r\n:2\r\n*2\r\n:1\r\n:2\r\n*2\r\n:1\r\n:2\r\n*2\r\n:1\r\n:2\r\n";
	lied_to(&arrays, 5000, "makes no sense");
}

static void without_end(void **state)
{
	struct fake bulk = {.say = "$999999999\r\n", .endless = 65536};
	struct fake line = {.say = "+", .endless = 65536};

	(void)state;
	lied_to(&bulk, 8000, "larger than 8 MiB");
	lied_to(&line, 6000, "not Redis's protocol");
}

/* hiredis would take 16 GB at once, and walk through them all to free them. */
static void a_huge_array(void **state)
{
	struct fake fake = {.say = "*2147483647\r\n"};

	(void)state;
	lied_to(&fake, 3000, "not Redis's protocol");
}

static void a_drip(void **state)
{
	struct fake fake = {.say = "$100000\r\n", .endless = 1};
	struct fake silent = {.say = "", .len = 0, .answer = true};

	(void)state;
	lied_to(&silent, 7000, "no answer in time");
	fake.endless = 0;
	lied_to(&fake, 7000, "no answer in time");
}

/* Who hangs up at once is not called again at once, for ever. */
static void a_reconnect_storm(void **state)
{
	struct fake fake = {.say = "+OK\r\n+OK\r\n+PONG\r\n", .hang_up = true};
	struct watched watched;

	(void)state;
	fake.len = strlen(fake.say);
	watched_prepare(&watched, "redis://127.0.0.1", 1);
	fake_start(&fake, &watched.loop);
	free(watched.config.redis.url);
	watched.config.redis.url = xasprintf("redis://127.0.0.1:%d", fake.port);
	watched_go(&watched);
	watched_for(&watched, 5000);
	assert_in_range(fake.connections, 2, 8);
	assert_told(&watched, "connection");
	fake_stop(&fake);
	watched_stop(&watched);
}

static void urls(void **state)
{
	static const char *const wrong[] = {
		"redis://user:secret@127.0.0.1:6379", "redis://:secret@127.0.0.1", "redis://",
		"http://127.0.0.1:1", "redis://127.0.0.1:0", "redis://127.0.0.1:70000",
		"redis://127.0.0.1:12x", "127.0.0.1",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct watched watched;
		struct err err = ERR_INIT;

		watched_prepare(&watched, "redis://x", 1);
		free(watched.config.redis.url);
		watched.config.redis.url = xstrdup(wrong[i]);
		watched.env = (struct backend_env){&watched.loop, &watched.config, &watched.sit, false};
		assert_int_equal(backend_redis.start(&watched.env, &watched.self, &err), -EINVAL);
		assert_true(err.text[0] && !strstr(err.text, "secret"));
		uv_close((uv_handle_t *)&watched.tick, NULL);
		uv_run(&watched.loop, UV_RUN_DEFAULT);
		assert_int_equal(uv_loop_close(&watched.loop), 0);
		situation_release(&watched.sit);
		config_release(&watched.config);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_TEST(a_slow_name_server), BED_TEST(nobody_there),
		BED_TEST(stopped), BED_TEST(killed),
		BED_TEST(too_many_clients), BED_TEST(partial_writes),
		BED_TEST(garbage), BED_TEST(half_a_reply),
		BED_TEST(nonsense),
		BED_TEST(without_end), BED_TEST(a_huge_array),
		BED_TEST(a_drip), BED_TEST(a_reconnect_storm),
		BED_TEST(urls),
	};

	if (!bed_possible()) {
		puts("1..0 # SKIP redis-server is not installed");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

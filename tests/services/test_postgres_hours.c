/*
 * tests/services/test_postgres_hours.c: hours with a compute that is suspended: how often is it
 * connected to? The clock of this program runs so many times as fast as the world's, for libuv
 * and sitrep alike, and what waits waits so much shorter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "tests/services/postgres_bed.h"

#define SPEED 2500
#define HOUR_MS INT64_C(3600000)
#define HOURS 5
#define SLACK_MS 600000            /* a quarter of a second, outside */
#define SEEN_MAX 512

/* Ours go before the C library's. */

int clock_gettime(clockid_t id, struct timespec *now)
{
	static struct timespec begun[16];
	int64_t ns;

	if (syscall(SYS_clock_gettime, id, now) || id < 0 || id >= 16)
		return -1;
	if (!begun[id].tv_sec)
		begun[id] = *now;
	ns = ((int64_t)(now->tv_sec - begun[id].tv_sec) * 1000000000 + now->tv_nsec -
	      begun[id].tv_nsec) * SPEED;
	now->tv_sec = begun[id].tv_sec + (time_t)(ns / 1000000000);
	now->tv_nsec = (long)(ns % 1000000000);
	return 0;
}

static int slowed(int timeout_ms)
{
	return timeout_ms > 0 ? timeout_ms / SPEED + 1 : timeout_ms;
}

int epoll_pwait(int fd, struct epoll_event *events, int max, int timeout_ms, const sigset_t *mask)
{
	return (int)syscall(SYS_epoll_pwait, fd, events, max, slowed(timeout_ms), mask, 8);
}

int epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
	return epoll_pwait(fd, events, max, timeout_ms, NULL);
}

/* When the stand-in was connected to. */
struct log {
	int64_t at_ms[SEEN_MAX];
	int len;
};

static void note(struct log *log, const struct fake *fake)
{
	while (log->len < fake->connections && log->len < SEEN_MAX)
		log->at_ms[log->len++] = clock_mono_ms();
}

/* The most within any one hour, but for how late a connection is noticed on a busy machine. */
static int most_in_an_hour(const struct log *log)
{
	int most = 0, i, j;

	for (i = 0; i < log->len; i++) {
		for (j = i; j < log->len && log->at_ms[j] - log->at_ms[i] < HOUR_MS - SLACK_MS;)
			j++;
		most = j - i > most ? j - i : most;
	}
	return most;
}

static void watch(struct watched *watched, struct fake *fake, int every_ms, int budget)
{
	struct config_postgres *config = &watched->config.postgres;
	char where[64];

	watched_prepare(watched, "127.0.0.1:1", "127.0.0.1:1");
	fake_start(fake, &watched->loop);
	snprintf(where, sizeof(where), "postgres://u@127.0.0.1:%d/d", fake->port);
	free(config->direct);
	free(config->pooler);
	config->direct = xstrdup(where);
	config->pooler = xstrdup(where);
	config->sslmode = 0;
	config->every_ms = every_ms;
	/* Real ones take a real millisecond, which is a second here. */
	config->timeout_ms = 600000;
	config->suspend_after_ms = 300000;
	config->wake_budget = budget;
	watched_go(watched);
}

/* Direct and pooler together, whatever the stand-in does once it is reached. */
static void run(struct fake *fake, int every_ms, int budget)
{
	struct watched watched;
	struct log log = {.len = 0};
	int64_t end;
	int most;

	watch(&watched, fake, every_ms, budget);
	end = clock_mono_ms() + HOURS * HOUR_MS;
	while (clock_mono_ms() < end) {
		watched_for(&watched, 5000);
		note(&log, fake);
		assert_true(watched_postgres(&watched)->wake_spent <= budget);
	}
	most = most_in_an_hour(&log);
	print_message("every %d s, budget %d: %d connections in %d hours, at most %d in one\n",
		      every_ms / 1000, budget, log.len, HOURS, most);
	if (most > budget)
		fail_msg("%d connections in one hour, the budget is %d", most, budget);
	/* It is looked at all the same. */
	assert_true(budget ? log.len >= HOURS / 2 : !log.len);
	fake_stop(fake);
	watched_stop(&watched);
}

static void error_of_a_proxy(char bytes[64], size_t *ret_len)
{
	static const char text[] = "E\0\0\0\0SERROR\0CXX000\0Mno compute\0";

	memcpy(bytes, text, sizeof(text));
	bytes[4] = sizeof(text) - 1;
	*ret_len = sizeof(text);
}

static void a_proxy_that_says_no(void **state)
{
	static const int budgets[] = {4, 1, 0};
	char bytes[64];
	size_t len, i;

	(void)state;
	for (i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++) {
		struct fake fake = {.answer = true, .say = bytes, .hang_up = true};

		error_of_a_proxy(bytes, &len);
		fake.len = len;
		run(&fake, 5000, budgets[i]);
	}
}

static void one_that_hangs_up(void **state)
{
	struct fake fake = {.answer = true, .say = "", .hang_up = true};

	(void)state;
	run(&fake, 5000, 3);
}

static void one_that_says_nothing(void **state)
{
	struct fake fake = {.answer = true, .say = NULL};

	(void)state;
	run(&fake, 5000, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(a_proxy_that_says_no),
		BED_TEST(one_that_hangs_up),
		BED_TEST(one_that_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * tests/bench/ping.c: another client of the same Redis: a PING each millisecond until stdin ends or
 * SECONDS have passed. Prints n, and the median, 99th percentile and longest answer in us.
 *
 *   ping PORT SECONDS
 */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#define MOST 600000

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

static bool input_ended(void)
{
	struct pollfd pfd = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&pfd, 1, 1) > 0;
}

int main(int argc, char *argv[])
{
	redisContext *redis = argc == 3 ? redisConnect("127.0.0.1", (int)strtol(argv[1], NULL, 10))
					: NULL;
	double *us = calloc(MOST, sizeof(*us));
	double until;
	size_t n = 0;

	if (!redis || redis->err || !us) {
		fputs("usage: ping PORT SECONDS\n", stderr);
		return 2;
	}
	until = now_us() + strtod(argv[2], NULL) * 1e6;
	while (n < MOST && now_us() < until && !input_ended()) {
		double begun = now_us();
		redisReply *reply = redisCommand(redis, "PING");

		if (!reply)
			return 1;
		freeReplyObject(reply);
		us[n++] = now_us() - begun;
	}
	if (!n)
		return 1;
	qsort(us, n, sizeof(*us), compare);
	printf("{\"n\": %zu, \"median\": %.0f, \"p99\": %.0f, \"max\": %.0f}\n", n, us[n / 2],
	       us[n * 99 / 100], us[n - 1]);
	redisFree(redis);
	free(us);
	return 0;
}

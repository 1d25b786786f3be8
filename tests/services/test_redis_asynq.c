/* tests/services/test_redis_asynq.c: Asynq's keys as it lays them out, in a real redis-server */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "backends/redis/asynq.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "tests/services/redis_bed.h"

/* host "worker-1", pid 7, server_id "u", concurrency 10, queues {"default": 3}, status "active",
 * start 1700000000 s, active_worker_count 4; as protobuf. */
static const char server_info[] =
	"\x0a\x08worker-1\x10\x07\x1a\x01u\x20\x0a\x2a\x0b\x0a\x07" "default\x10\x03\x3a\x06" "active"
	"\x42\x06\x08\x80\xe2\xcf\xaa\x06\x48\x04";

static void put_queue(struct bed *bed, const char *queue)
{
	long long now = (long long)time(NULL);

	bed_do(bed, "SADD asynq:queues %s", queue);
	bed_do(bed, "LPUSH asynq:{%s}:pending old", queue);
	bed_do(bed, "LPUSH asynq:{%s}:pending new", queue);
	bed_do(bed, "HSET asynq:{%s}:t:old msg x state pending pending_since %lld000000000", queue,
	       now - 90);
	bed_do(bed, "HSET asynq:{%s}:t:new msg x state pending pending_since %lld000000000", queue, now);
	bed_do(bed, "LPUSH asynq:{%s}:active a b c", queue);
	bed_do(bed, "ZADD asynq:{%s}:lease %lld a %lld b %lld c", queue, now + 20, now - 10, now - 31);
	bed_do(bed, "ZADD asynq:{%s}:scheduled %lld s1 %lld s2", queue, now + 500, now - 60);
	bed_do(bed, "ZADD asynq:{%s}:retry %lld r1", queue, now - 60);
	bed_do(bed, "ZADD asynq:{%s}:archived %lld x1 %lld x2 %lld x3", queue, now, now, now);
	bed_do(bed, "ZADD asynq:{%s}:completed %lld d1", queue, now);
}

static void put_today(struct bed *bed, const char *queue)
{
	time_t now = time(NULL);
	char day[16];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	bed_do(bed, "SET asynq:{%s}:processed:%s 41", queue, day);
	bed_do(bed, "SET asynq:{%s}:failed:%s 3", queue, day);
	bed_do(bed, "SET asynq:{%s}:processed 9000", queue);
}

static void put_server(struct bed *bed, const char *host, long long expires_in)
{
	char key[128];

	snprintf(key, sizeof(key), "asynq:servers:{%s:7:5b1c}", host);
	bed_do(bed, "ZADD asynq:servers %lld %s", (long long)time(NULL) + expires_in, key);
	if (expires_in > 0)
		bed_do(bed, "SETEX %s 600 %b", key, server_info, sizeof(server_info) - 1);
}

static bool has_queues(struct watched *watched)
{
	return watched->sit.asynq.nqueues > 0;
}

static bool asynq_is_known(struct watched *watched)
{
	return watched->sit.asynq.fresh.as_of_ms || watched->sit.asynq.fresh.reason[0];
}

static void start(struct watched *watched, struct bed *bed)
{
	watched_prepare(watched, "redis://127.0.0.1", bed->port);
	watched->config.asynq.every_ms = 200;
	watched_go(watched);
}

static void check_queue(const struct asynq_queue *queue)
{
	assert_int_equal(queue->pending, 2);
	assert_in_range(queue->oldest_ms, 89000, 150000);
	assert_int_equal(queue->active, 3);
	assert_int_equal(queue->orphaned, 1);
	assert_int_equal(queue->scheduled, 2);
	assert_int_equal(queue->retry, 1);
	assert_int_equal(queue->overdue, 2);
	assert_int_equal(queue->archived, 3);
	assert_int_equal(queue->completed, 1);
	assert_int_equal(queue->processed, 41);
	assert_int_equal(queue->failed, 3);
}

static void check_servers(const struct asynq *asynq)
{
	/* Of the dead one only its key and the time of its last beat are left. */
	assert_string_equal(asynq->servers[0].host, "worker-9");
	assert_false(asynq->servers[0].live);
	assert_in_range(asynq->servers[0].beat_ms, 49000, 110000);
	assert_int_equal(asynq->servers[0].concurrency, -1);
	assert_string_equal(asynq->servers[1].host, "worker-1");
	assert_true(asynq->servers[1].live);
	assert_int_equal(asynq->servers[1].pid, 7);
	assert_int_equal(asynq->servers[1].concurrency, 10);
	assert_int_equal(asynq->servers[1].busy, 4);
	assert_string_equal(asynq->servers[1].status, "active");
	assert_int_equal(asynq->servers[1].started_ms, 1700000000000);
}

static void everything(void **state)
{
	struct watched watched;
	const struct asynq *asynq = &watched.sit.asynq;
	const struct asynq_queue *queue = &asynq->queues[1];
	struct bed_monitor monitor;
	struct asynq_sums sums;
	struct bed bed;
	char *seen;

	(void)state;
	bed_up(&bed, "plain");
	put_queue(&bed, "default");
	put_today(&bed, "default");
	bed_do(&bed, "SADD asynq:queues critical");
	bed_do(&bed, "SET asynq:{critical}:paused 1700000000");
	put_server(&bed, "worker-1", 8);
	put_server(&bed, "worker-9", -40);
	monitor_start(&monitor, &bed);
	start(&watched, &bed);
	assert_true(watched_until(&watched, has_queues, 20000));
	assert_true(asynq->present);
	assert_int_equal(freshness_at(&asynq->fresh, clock_wall_ms()), FRESH_OK);
	assert_int_equal(asynq->nqueues, 2);
	assert_string_equal(asynq->queues[0].name, "critical");
	assert_true(asynq->queues[0].paused);
	assert_int_equal(asynq->queues[0].pending, 0);
	assert_int_equal(asynq->queues[0].oldest_ms, -1);
	assert_string_equal(queue->name, "default");
	assert_false(queue->paused);
	check_queue(queue);
	sums = asynq_sum(asynq);
	assert_int_equal(sums.live, 1);
	assert_int_equal(sums.dead, 1);
	assert_int_equal(sums.pending, 2);
	assert_int_equal(sums.paused, 1);
	check_servers(asynq);
	watched_stop(&watched);
	seen = monitor_end(&monitor, &bed);
	assert_no_write(&bed, seen);
	free(seen);
	assert_int_equal(bed_number(&bed, "ZCARD asynq:servers"), 2);
	bed_down(&bed);
}

static bool is_empty_now(struct watched *watched)
{
	return watched->sit.asynq.nqueues == 1 && watched->sit.asynq.queues[0].pending == 0;
}

static bool asynq_is_stale(struct watched *watched)
{
	return freshness_at(&watched->sit.asynq.fresh, clock_wall_ms()) == FRESH_STALE &&
	       watched->sit.asynq.fresh.reason[0];
}

static bool asynq_is_fresh(struct watched *watched)
{
	return freshness_at(&watched->sit.asynq.fresh, clock_wall_ms()) == FRESH_OK;
}

static void it_changes_and_breaks(void **state)
{
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "plain");
	put_queue(&bed, "default");
	start(&watched, &bed);
	assert_true(watched_until(&watched, has_queues, 20000));
	bed_do(&bed, "DEL asynq:{default}:pending");
	assert_true(watched_until(&watched, is_empty_now, 20000));
	assert_int_equal(watched.sit.asynq.queues[0].oldest_ms, -1);
	bed_kill(&bed);
	assert_true(watched_until(&watched, asynq_is_stale, 20000));
	assert_int_equal(watched.sit.asynq.queues[0].active, 3);
	bed_again(&bed, "");
	put_queue(&bed, "other");
	assert_true(watched_until(&watched, asynq_is_fresh, 20000));
	assert_string_equal(watched.sit.asynq.queues[0].name, "other");
	watched_stop(&watched);
	bed_down(&bed);
}

/* Nothing there, nothing configured: nothing is shown, and hardly anything is asked. */
static void without_queues(void **state)
{
	struct bed_monitor monitor;
	struct watched watched;
	struct bed bed;
	char *seen, *at;
	int asked = 0;

	(void)state;
	bed_up(&bed, "plain");
	monitor_start(&monitor, &bed);
	start(&watched, &bed);
	assert_true(watched_until(&watched, is_fresh, 20000));
	watched_for(&watched, 1000);
	assert_false(watched.sit.asynq.present);
	watched_stop(&watched);
	seen = monitor_end(&monitor, &bed);
	for (at = seen; (at = strstr(at, "SMEMBERS")); at++)
		asked++;
	assert_int_equal(asked, 1);
	free(seen);
	bed_down(&bed);
}

static void no_right(void **state)
{
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "acl");
	put_queue(&bed, "default");
	bed_do(&bed, "ACL SETUSER little reset on >little-secret ~* -@all +info +time +zrange");
	watched_prepare(&watched, "redis://little@127.0.0.1", bed.port);
	watched_password(&watched, "little-secret");
	watched.config.asynq.every_ms = 200;
	watched_go(&watched);
	assert_true(watched_until(&watched, is_fresh, 20000));
	watched_for(&watched, 500);
	assert_false(watched.sit.asynq.present);
	watched_stop(&watched);
	/* Who has asked for it is told. */
	watched_prepare(&watched, "redis://little@127.0.0.1", bed.port);
	watched_password(&watched, "little-secret");
	watched.config.asynq.watch = ASYNQ_YES;
	watched.config.asynq.every_ms = 200;
	watched_go(&watched);
	assert_true(watched_until(&watched, asynq_is_known, 20000));
	assert_true(watched.sit.asynq.present);
	assert_int_equal(watched.sit.asynq.fresh.state, FRESH_REFUSED);
	assert_string_equal(watched.sit.asynq.fresh.reason, "needs +smembers");
	bed_do(&bed, "ACL SETUSER little +@all");
	assert_true(watched_until(&watched, has_queues, 20000));
	watched_stop(&watched);
	bed_down(&bed);
}

static bool has_settled(struct watched *watched)
{
	return watched->sit.asynq.fresh.as_of_ms || watched->sit.asynq.fresh.reason[0];
}

/* Keys of other kinds under Asynq's names, names that are none, and far too many of them. */
static void foreign_keys(void **state)
{
	struct watched watched;
	const struct asynq *asynq = &watched.sit.asynq;
	struct bed bed;
	int i;

	(void)state;
	bed_up(&bed, "plain");
	for (i = 0; i < 100; i++)
		bed_do(&bed, "SADD asynq:queues q%02d", i);
	bed_do(&bed, "SADD asynq:queues %b", "\x1b[31m\xff", (size_t)6);
	for (i = 0; i < 100; i++)
		bed_do(&bed, "ZADD asynq:servers %d nonsense%d", i, i);
	bed_do(&bed, "ZADD asynq:servers inf asynq:servers:{:::");
	start(&watched, &bed);
	assert_true(watched_until(&watched, has_settled, 20000));
	assert_int_equal(asynq->nqueues, ASYNQ_QUEUES_MAX);
	assert_int_equal(asynq->more_queues, 101 - ASYNQ_QUEUES_MAX);
	assert_int_equal(asynq->nservers, ASYNQ_SERVERS_MAX);
	watched_stop(&watched);
	bed_do(&bed, "DEL asynq:queues");
	bed_do(&bed, "SET asynq:queues x");
	start(&watched, &bed);
	watched_for(&watched, 600);
	assert_false(watched.sit.asynq.present);
	assert_true(is_fresh(&watched));
	watched_stop(&watched);
	bed_down(&bed);
}

/* A heartbeat cut at any byte, and bytes that are none. */
static void broken_heartbeats(void **state)
{
	struct asynq_server server;
	unsigned char noise[64];
	size_t len, i;
	unsigned int dice = 1;

	(void)state;
	for (len = 0; len < sizeof(server_info); len++) {
		char *copy = xmalloc(len + 1);

		memcpy(copy, server_info, len);
		server = (struct asynq_server){.concurrency = -1};
		asynq_read_server(&server, copy, len);
		assert_true(server.pid == 0 || server.pid == 7);
		assert_true(server.concurrency == -1 || server.concurrency == 10);
		free(copy);
	}
	for (i = 0; i < 20000; i++) {
		for (len = 0; len < sizeof(noise); len++)
			noise[len] = (unsigned char)((dice = dice * 1103515245 + 12345) >> 16);
		asynq_read_server(&server, (const char *)noise, sizeof(noise));
		assert_true(server.busy >= -1 && server.concurrency >= -1 && server.started_ms >= 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_TEST(everything), BED_TEST(it_changes_and_breaks),
		BED_TEST(without_queues), BED_TEST(no_right),
		BED_TEST(foreign_keys), BED_TEST(broken_heartbeats),
	};

	if (!bed_possible()) {
		puts("1..0 # SKIP redis-server is not installed");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

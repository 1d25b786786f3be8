/* tui/once/redis.c: Redis and the queues in it, as text */
#include <string.h>

#include "core/clock.h"
#include "tui/once/parts.h"
#include "tui/plain.h"

#define KEYS_SHOWN 10

static void put_scan(const struct redis_scan *scan, FILE *out)
{
	char bytes[PLAIN_BYTES];
	int i;

	if (scan->state == SCAN_OFF)
		return;
	fprintf(out, "  key scan %s: ", redis_scan_state_name(scan->state));
	fprintf(out, "%lld of %lld keys", (long long)scan->scanned, (long long)scan->total);
	if (scan->ttl_asked || !scan->scanned)
		fprintf(out, ", %s%lld without a TTL",
			scan->ttl_asked < scan->scanned ? "~" : "", (long long)scan->no_ttl);
	fputc('\n', out);
	for (i = 0; i < scan->nbig && i < KEYS_SHOWN; i++) {
		fprintf(out, "    %8s  %-6s  %s  ", plain_bytes(scan->big[i].bytes, bytes),
			scan->big[i].type, scan->big[i].ttl_ms < 0 ? "no TTL" : "TTL   ");
		plain_put(scan->big[i].name, out);
		fputc('\n', out);
	}
}

static void put_age(struct plain_table *table, int64_t ms)
{
	char age[CLOCK_TEXT];

	plain_cell(table, ms < 0 ? NULL : clock_format_age(ms, age));
}

static void cell_count(struct plain_table *table, int64_t count)
{
	if (count < 0)
		plain_cell(table, "?");
	else
		plain_cellf(table, "%lld", (long long)count);
}

static void put_queue_table(const struct asynq *asynq, FILE *out)
{
	static const char *const heads[] = {"QUEUE", "WAITING", "OLDEST", "ACTIVE", "LOST", "SCHEDULED",
					    "RETRY", "ARCHIVED", "FAILED TODAY", "STATE", NULL};
	struct plain_table table;
	int i;

	plain_start(&table, heads);
	for (i = 0; i < asynq->nqueues; i++) {
		const struct asynq_queue *queue = &asynq->queues[i];

		plain_cell(&table, queue->name);
		cell_count(&table, queue->pending);
		put_age(&table, queue->oldest_ms);
		cell_count(&table, queue->active);
		cell_count(&table, queue->orphaned);
		cell_count(&table, queue->scheduled);
		cell_count(&table, queue->retry);
		cell_count(&table, queue->archived);
		cell_count(&table, queue->failed);
		plain_cell(&table, queue->paused ? "paused" : NULL);
	}
	plain_end(&table, 2, out);
}

void once_put_queues(const struct once_view *view, FILE *out)
{
	static const char *const heads[] = {"WORKER", "HEARTBEAT", "BUSY", "OF", "STATE", NULL};
	const struct asynq *asynq = &view->sit->asynq;
	struct plain_table table;
	int i;

	if (!asynq->present)
		return;
	once_put_heading(view, "QUEUES", &asynq->fresh, out);
	if (!asynq->fresh.as_of_ms)
		return;
	put_queue_table(asynq, out);
	if (!asynq->nservers)
		fputs("  no worker has a heartbeat\n", out);
	plain_start(&table, heads);
	for (i = 0; i < asynq->nservers; i++) {
		const struct asynq_server *server = &asynq->servers[i];

		plain_cell(&table, server->host);
		put_age(&table, server->beat_ms);
		cell_count(&table, server->busy);
		cell_count(&table, server->concurrency);
		plain_cell(&table, server->live ? "live" : "silent");
	}
	if (asynq->nservers)
		plain_end(&table, 2, out);
	else
		plain_drop(&table);
}

void once_put_redis(const struct once_view *view, FILE *out)
{
	const struct redis *redis = &view->sit->redis;
	char used[PLAIN_BYTES], max[PLAIN_BYTES];

	once_put_heading(view, "REDIS", &redis->fresh, out);
	fputs("  ", out);
	plain_put(redis->endpoint, out);
	if (!redis->fresh.as_of_ms) {
		fputc('\n', out);
		return;
	}
	fprintf(out, "  version %s, %s\n", redis->version, redis->role[0] ? redis->role : "?");
	fprintf(out, "  used %s of %s", plain_bytes(redis->used, used),
		redis->maxmemory ? plain_bytes(redis->maxmemory, max) : "no limit");
	if (redis->used >= 0 && redis->maxmemory > 0)
		fprintf(out, " (%.0f%%)", 100.0 * (double)redis->used / (double)redis->maxmemory);
	fputs(", policy ", out);
	plain_put(redis->policy[0] ? redis->policy : "unknown", out);
	if (!redis->policy[0] && redis->policy_source[0]) {
		fputs(": ", out);
		plain_put(redis->policy_source, out);
	}
	once_put_count("\n  keys", redis->keys, out);
	once_put_count(", with a TTL", redis->expires, out);
	once_put_count(", clients", redis->clients, out);
	once_put_count(", ops/s", redis->ops_per_s, out);
	once_put_count(", OOM errors", redis->errors_oom, out);
	once_put_count(", evicted", redis->evicted, out);
	if (redis->ping_us >= 0)
		fprintf(out, ", ping %.1f ms", (double)redis->ping_us / 1000);
	fputc('\n', out);
	put_scan(&redis->scan, out);
}

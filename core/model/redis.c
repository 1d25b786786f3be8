/* core/model/redis.c: see redis.h */
#include "core/model/redis.h"

#include <stdlib.h>
#include <string.h>

const char *redis_scan_state_name(enum redis_scan_state state)
{
	static const char *const names[] = {
		[SCAN_OFF] = "off", [SCAN_RUNNING] = "running", [SCAN_PAUSED] = "paused",
		[SCAN_DONE] = "done", [SCAN_STOPPED] = "stopped",
	};

	return names[state];
}

void redis_scan_reset(struct redis_scan *scan)
{
	struct freshness fresh = scan->fresh;
	int i;

	for (i = 0; i < scan->nbig; i++)
		free(scan->big[i].name);
	for (i = 0; i < scan->nno_ttl_big; i++)
		free(scan->no_ttl_big[i].name);
	for (i = 0; i < scan->nprefixes; i++)
		free(scan->prefixes[i].prefix);
	for (i = 0; i < scan->npatterns; i++)
		free(scan->patterns[i].name);
	memset(scan, 0, sizeof(*scan));
	scan->fresh = fresh;
}

void redis_init(struct redis *redis)
{
	redis->keys_before = -1;
	redis->used = redis->rss = redis->peak = redis->maxmemory = -1;
	redis->keys = redis->expires = -1;
	redis->clients = redis->blocked = redis->max_clients = -1;
	redis->ops_per_s = -1;
	redis->hits = redis->misses = redis->evicted = redis->expired = -1;
	redis->errors_oom = -1;
	redis->oom_per_min = redis->evicted_per_min = -1;
	redis->lazyfree_pending = redis->ping_us = -1;
}

void redis_release(struct redis *redis)
{
	redis_scan_reset(&redis->scan);
	free(redis->endpoint);
	redis->endpoint = NULL;
}

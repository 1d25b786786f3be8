/* incident/facts_redis.c: the Redis section of the facts */
#include <stddef.h>

#include "incident/facts_parts.h"

static json_t *key_list(const struct redis_key *keys, int count)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < count; i++)
		json_array_append_new(list, json_pack(
			"{s:o, s:o, s:o, s:o}", "key", facts_text(keys[i].name), "type",
			facts_text(keys[i].type), "bytes", facts_number(keys[i].bytes), "ttl",
			keys[i].ttl_ms < 0 ? json_null() : json_integer(keys[i].ttl_ms / 1000)));
	return list;
}

static json_t *prefix_list(const struct redis_scan *scan)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < scan->nprefixes; i++)
		json_array_append_new(list, json_pack(
			"{s:o, s:I, s:I, s:I, s:I}", "prefix",
			facts_text(scan->prefixes[i].prefix), "keys",
			(json_int_t)scan->prefixes[i].keys, "bytes",
			(json_int_t)scan->prefixes[i].bytes, "no_ttl",
			(json_int_t)scan->prefixes[i].no_ttl, "ttl_asked",
			(json_int_t)scan->prefixes[i].ttl_asked));
	return list;
}

static json_t *seconds(int64_t ms)
{
	return ms < 0 ? json_null() : json_integer(ms / 1000);
}

static json_t *pattern_map(const struct redis_scan *scan)
{
	json_t *map = json_object();
	int i;

	for (i = 0; i < scan->npatterns; i++) {
		const struct redis_pattern *pattern = &scan->patterns[i];

		json_object_set_new(map, pattern->name, json_pack(
			"{s:I, s:I, s:o, s:o}", "keys", (json_int_t)pattern->keys, "no_ttl",
			(json_int_t)pattern->no_ttl, "ttl_least", seconds(pattern->ttl_least_ms),
			"ttl_most", seconds(pattern->ttl_most_ms)));
	}
	return map;
}

static json_t *scan_facts(const struct facts_maker *maker, const struct redis_scan *scan)
{
	return json_pack("{s:o, s:s, s:o, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:o, s:o, s:o,"
			 " s:o}", "freshness", facts_freshness(maker, &scan->fresh, true),
			 "state", redis_scan_state_name(scan->state), "why",
			 facts_text(scan->why), "scanned", (json_int_t)scan->scanned, "total",
			 (json_int_t)scan->total, "bytes", (json_int_t)scan->bytes, "no_ttl",
			 facts_number(scan->ttl_asked || !scan->scanned ? scan->no_ttl : -1), "ttl_asked",
			 (json_int_t)scan->ttl_asked, "commands", (json_int_t)scan->commands,
			 "busy_us", (json_int_t)scan->busy_us, "big",
			 key_list(scan->big, scan->nbig), "no_ttl_big",
			 key_list(scan->no_ttl_big, scan->nno_ttl_big), "prefixes",
			 prefix_list(scan), "patterns", pattern_map(scan));
}

struct number_row {
	const char *name;
	size_t offset;
};

/* Plain counts: -1 is unknown. */
static const struct number_row numbers[] = {
	{"used", offsetof(struct redis, used)},
	{"keys_before", offsetof(struct redis, keys_before)},
	{"rss", offsetof(struct redis, rss)}, {"peak", offsetof(struct redis, peak)},
	{"maxmemory", offsetof(struct redis, maxmemory)},
	{"keys", offsetof(struct redis, keys)}, {"expires", offsetof(struct redis, expires)},
	{"clients", offsetof(struct redis, clients)},
	{"blocked", offsetof(struct redis, blocked)},
	{"max_clients", offsetof(struct redis, max_clients)},
	{"ops_per_s", offsetof(struct redis, ops_per_s)},
	{"hits", offsetof(struct redis, hits)}, {"misses", offsetof(struct redis, misses)},
	{"evicted", offsetof(struct redis, evicted)},
	{"expired", offsetof(struct redis, expired)},
	{"errors_oom", offsetof(struct redis, errors_oom)},
	{"lazyfree_pending", offsetof(struct redis, lazyfree_pending)},
	{"ping_us", offsetof(struct redis, ping_us)},
};

json_t *facts_redis(const struct facts_maker *maker)
{
	const struct redis *redis = &maker->sit->redis;
	json_t *facts = json_pack(
		"{s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:o}",
		"freshness", facts_freshness(maker, &redis->fresh, true), "configured",
		redis->configured, "endpoint", facts_text(redis->endpoint), "version",
		facts_text(redis->version), "role", facts_text(redis->role), "policy",
		facts_text(redis->policy), "policy_source", facts_text(redis->policy_source),
		"used_ratio", facts_ratio(redis->used, redis->maxmemory), "no_ttl_keys",
		redis->keys < redis->expires || redis->expires < 0 ? json_null()
		: json_integer(redis->keys - redis->expires), "oom_per_min",
		facts_real(redis->oom_per_min), "evicted_per_min",
		facts_real(redis->evicted_per_min), "loading", redis->loading,
		"bgsave_failed", redis->bgsave_failed, "aof_failed", redis->aof_failed,
		"scan", scan_facts(maker, &redis->scan));
	bool known = redis->fresh.as_of_ms != 0;
	size_t i;

	json_object_set_new(facts, "uptime", facts_age(maker, redis->started_ms));
	json_object_set_new(facts, "restarted_age", facts_age(maker, redis->restarted_ms));
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const int64_t *value = (const void *)((const char *)redis + numbers[i].offset);

		json_object_set_new(facts, numbers[i].name,
				    facts_number(known ? *value : -1));
	}
	return facts;
}

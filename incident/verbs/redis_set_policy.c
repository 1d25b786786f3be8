/* incident/verbs/redis_set_policy.c: what Redis does when its memory is full */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "incident/verbs/verbs.h"

/* https://redis.io/docs/latest/develop/reference/eviction/ */
static const char *const policies[] = {
	"noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random",
	"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
};

static int check(const struct act_request *request, struct err *err)
{
	const char *policy = act_param(request, "policy");

	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
		if (strcmp(policies[i], policy) == 0)
			return 0;
	return err_set(err, -EINVAL, "\"%s\" is no eviction policy of Redis", policy);
}

static void command(const struct act_request *request, char *buf, size_t size)
{
	char policy[64];

	snprintf(buf, size, "redis-cli CONFIG SET maxmemory-policy %s",
		 shell_quote(act_param(request, "policy"), policy, sizeof(policy)));
}

static enum confirm_level risks(const struct act_request *request, const struct situation *sit,
				char *buf, size_t size)
{
	const char *policy = act_param(request, "policy");
	const struct redis *redis = &sit->redis;
	long long no_ttl = redis->keys - redis->expires;

	if (strcmp(policy, "noeviction") == 0)
		line_add(buf, size, "when memory is full, writes will fail");
	else if (strncmp(policy, "allkeys", 7) == 0 && no_ttl > 0)
		line_add(buf, size, "any key may be evicted, also the %lld without a TTL", no_ttl);
	else if (strncmp(policy, "volatile", 8) == 0 && redis->expires == 0)
		line_add(buf, size, "no key has a TTL: nothing could be evicted");
	line_add(buf, size, "a restart of Redis brings its configured policy back");
	return CONFIRM_KEY;
}

static enum outcome judge(const struct verb_watch *watch, char *text, size_t size)
{
	const struct redis *redis = &watch->sit->redis;
	const char *policy = act_param(watch->request, "policy");

	if (!section_readable(&redis->fresh, "Redis", watch->now_ms, text, size))
		return OUTCOME_UNKNOWN;
	if (!redis->policy[0])
		return say(text, size, OUTCOME_UNKNOWN, "the policy cannot be read%s%s",
			   redis->policy_source[0] ? ": " : "", redis->policy_source);
	if (strcmp(redis->policy, policy) == 0)
		return say(text, size, OUTCOME_WORKED, "the policy is %s", policy);
	return say(text, size, watch->last ? OUTCOME_NO_CHANGE : OUTCOME_PENDING,
		   "the policy is still %s", redis->policy);
}

const struct verb verb_redis_set_policy = {
	.id = "redis-set-policy",
	.title = "Set eviction policy",
	.help = "CONFIG SET maxmemory-policy, until Redis restarts",
	.kinds = "redis",
	.params = "policy",
	.typed_param = "policy",
	.confirm = CONFIRM_KEY,
	.watch_ms = 30 * VERB_SECOND,
	.check = check,
	.command = command,
	.risks = risks,
	.judge = judge,
};

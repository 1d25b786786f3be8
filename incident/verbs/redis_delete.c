/* incident/verbs/redis_delete.c: delete one key, or every key that starts alike */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "incident/verbs/verbs.h"

static int check_key(const struct act_request *request, struct err *err)
{
	if (!act_param(request, "key")[0])
		return err_set(err, -EINVAL, "the key's name is empty");
	return 0;
}

/* An empty prefix is every key there is: that door doesn't exist. */
static int check_prefix(const struct act_request *request, struct err *err)
{
	if (!act_param(request, "prefix")[0])
		return err_set(err, -EINVAL, "an empty prefix would be every key");
	return 0;
}

static void key_command(const struct act_request *request, char *buf, size_t size)
{
	char key[800];

	snprintf(buf, size, "redis-cli UNLINK %s",
		 shell_quote(act_param(request, "key"), key, sizeof(key)));
}

/* Redis's glob pattern for "starts with". */
static void prefix_pattern(const char *prefix, char *buf, size_t size)
{
	size_t len = 0;

	for (; *prefix && len + 4 < size; prefix++) {
		if (strchr("*?[]\\^", *prefix))
			buf[len++] = '\\';
		buf[len++] = *prefix;
	}
	buf[len++] = '*';
	buf[len] = '\0';
}

static void prefix_command(const struct act_request *request, char *buf, size_t size)
{
	char pattern[520], word[800];

	prefix_pattern(act_param(request, "prefix"), pattern, sizeof(pattern));
	snprintf(buf, size, "redis-cli --scan --pattern %s | xargs -r -d '\\n' -n 500 redis-cli "
		 "UNLINK", shell_quote(pattern, word, sizeof(word)));
}

static enum confirm_level risks(const struct act_request *request, const struct situation *sit,
				char *buf, size_t size)
{
	(void)request;
	(void)sit;
	line_add(buf, size, "deleted keys cannot be brought back");
	return CONFIRM_TYPED;
}

/* A single key isn't in the situation: only the server's count tells. */
static enum outcome judge(const struct verb_watch *watch, char *text, size_t size)
{
	if (watch->count < 0)
		return say(text, size, OUTCOME_UNKNOWN, "the server did not say how many it "
			   "deleted");
	if (watch->count == 0)
		return say(text, size, OUTCOME_NO_CHANGE, "there was nothing to delete");
	return say(text, size, OUTCOME_WORKED, "%lld %s deleted", (long long)watch->count,
		   watch->count == 1 ? "key is" : "keys are");
}

const struct verb verb_redis_delete_key = {
	.id = "redis-delete-key",
	.title = "Delete key",
	.help = "UNLINK one key",
	.kinds = "redis",
	.params = "key",
	.typed_param = "key",
	.confirm = CONFIRM_TYPED,
	.watch_ms = 15 * VERB_SECOND,
	.check = check_key,
	.command = key_command,
	.risks = risks,
	.judge = judge,
};

const struct verb verb_redis_delete_prefix = {
	.id = "redis-delete-prefix",
	.title = "Delete key prefix",
	.help = "count, then UNLINK in batches, every key that starts so",
	.kinds = "redis",
	.params = "prefix",
	.typed_param = "prefix",
	.confirm = CONFIRM_TYPED,
	.watch_ms = 15 * VERB_SECOND,
	.check = check_prefix,
	.command = prefix_command,
	.risks = risks,
	.judge = judge,
};

/* backends/redis/redis.h: the parts of one watched Redis, private to this folder. */
#ifndef SITREP_BACKENDS_REDIS_REDIS_H
#define SITREP_BACKENDS_REDIS_REDIS_H

#include "backends/backend.h"
#include "backends/redis/asynq.h"
#include "backends/redis/client.h"
#include "backends/redis/scan.h"

struct redis_act;

struct redis_backend {
	const struct backend_env *env;
	struct redis_client *client;
	struct redis *model;           /* env->sit->redis */
	uv_timer_t poll;
	bool asked;                    /* a poll is under way */
	bool one_section_only;         /* an old server: INFO takes one section */
	int polls;                     /* since the connection was made */
	int64_t asked_mono_us;
	int64_t oom_before, evicted_before;    /* counters a minute's rate is made from */
	int64_t rate_mono_ms;
	struct redis_scanner scanner;
	struct asynq_reader asynq;
	struct redis_act *act;         /* under way or being previewed; NULL = none */
	struct redis_act *acts;        /* that one, questions about rights, and ended ones */
	struct query *queries;
	int closing;
};

extern const struct actuator_ops redis_actuator;
extern const struct query_ops redis_queries;

/* The one way a command that changes data or settings can leave. -EPERM in read-only mode. */
int redis_write(struct redis_backend *redis, redis_reply_cb cb, void *arg, int argc,
		const char *const *argv, const size_t *lens);

void redis_act_stop(struct redis_backend *redis);
void redis_queries_stop(struct redis_backend *redis);

/* Key names as people see and type them: \xHH for what isn't printable ASCII or UTF-8, \\ for a
 * backslash. Both callers free. */
char *redis_key_show(const char *key, size_t len);
char *redis_key_parse(const char *text, size_t *ret_len);

#endif

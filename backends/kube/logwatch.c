/* backends/kube/logwatch.c: see logwatch.h */
#include "backends/kube/logwatch.h"

#include <stdlib.h>
#include <string.h>

#include "backends/kube/kube.h"
#include "core/alloc.h"
#include "core/clock.h"

#define EVERY_MS 2000
#define AGAIN_MS 30000             /* a workload's current log is looked at this often */
#define KEPT_MS 90000              /* what one pod has shown stands, whatever others show */
#define ANSWER_MS 5000
#define BODY_MAX (64 * 1024)
#define LOOKS_MAX 128
#define LINE_MAX_BYTES 200

/* The last look at one pod. */
struct look {
	char *pod;                 /* "ns/name" */
	int32_t restarts;          /* as they were then */
	bool previous;
	int64_t at_ms;
};

static void next_look(uv_timer_t *timer);

void logwatch_start(struct logwatch *watch, struct kube *kube)
{
	const struct config *config = kube->env->config;
	size_t i;

	watch->kube = kube;
	watch->body.max = BODY_MAX;
	watch->npatterns = config->nlogsigns;
	watch->patterns = xcalloc(watch->npatterns, sizeof(*watch->patterns));
	for (i = 0; i < watch->npatterns; i++)
		regcomp(&watch->patterns[i], config->logsigns[i].pattern,
			REG_EXTENDED | REG_NOSUB);
	uv_timer_init(kube->env->loop, &watch->timer);
	watch->timer.data = watch;
	if (watch->npatterns)
		uv_timer_start(&watch->timer, next_look, EVERY_MS, EVERY_MS);
}

void logwatch_stop(struct logwatch *watch, uv_close_cb closed)
{
	size_t i;

	http_cancel(watch->call);
	for (i = 0; i < watch->npatterns; i++)
		regfree(&watch->patterns[i]);
	free(watch->patterns);
	for (i = 0; i < watch->nlooks; i++)
		free(watch->looks[i].pod);
	free(watch->looks);
	buf_release(&watch->body);
	uv_close((uv_handle_t *)&watch->timer, closed);
}

static bool wanted(const struct config *config, const char *workload, bool previous)
{
	size_t i, j;

	for (i = 0; i < config->nlogsigns; i++) {
		const struct config_logsign *sign = &config->logsigns[i];

		for (j = 0; j < sign->workloads.len; j++)
			if ((!previous || sign->previous) &&
			    config_glob(sign->workloads.items[j], workload))
				return true;
	}
	return false;
}

static struct look *look_at(struct logwatch *watch, const struct pod *pod)
{
	char *key = xasprintf("%s/%s", pod->ns, pod->name);
	struct look *oldest = NULL;
	size_t i;

	for (i = 0; i < watch->nlooks; i++) {
		if (!strcmp(watch->looks[i].pod, key)) {
			free(key);
			return &watch->looks[i];
		}
		if (!oldest || watch->looks[i].at_ms < oldest->at_ms)
			oldest = &watch->looks[i];
	}
	if (watch->nlooks < LOOKS_MAX) {
		watch->looks = xreallocarray(watch->looks, watch->nlooks + 1,
					     sizeof(*watch->looks));
		oldest = &watch->looks[watch->nlooks++];
	} else {
		free(oldest->pod);
	}
	*oldest = (struct look){.pod = key, .restarts = -1};
	return oldest;
}

static bool crash_looping(const struct pod *pod)
{
	return pod->restarts > 0 && !pod->ready && pod->last_reason;
}

/* Is a look at this pod due? What it is to be goes into *ret_previous. */
static bool due(struct logwatch *watch, const struct pod *pod, const char *workload, int64_t now,
		bool *ret_previous)
{
	const struct config *config = watch->kube->env->config;
	struct look *look;

	*ret_previous = crash_looping(pod);
	if (!wanted(config, workload, *ret_previous))
		return false;
	if (pod->phase == POD_PENDING && !*ret_previous)
		return false;
	look = look_at(watch, pod);
	if (*ret_previous)
		return look->restarts != pod->restarts || !look->previous;
	return now - look->at_ms > AGAIN_MS;
}

/* Do what the apps lean on, and those who ask them, find anything wrong? */
static bool trouble_around(const struct situation *sit)
{
	const struct postgres *postgres = &sit->postgres;
	enum postgres_state state = postgres_overall(postgres);
	size_t i;

	if (postgres->configured && state != POSTGRES_OK && state != POSTGRES_ASLEEP &&
	    state != POSTGRES_UNKNOWN && state != POSTGRES_WAKING)
		return true;
	if (postgres->pooler.configured && postgres->pooler.error[0])
		return true;
	if (sit->redis.oom_per_min > 0 || asynq_sum(&sit->asynq).dead)
		return true;
	for (i = 0; i < sit->probes.len; i++)
		if (sit->probes.items[i]->result == RESULT_FAILED)
			return true;
	return false;
}

static bool anything_wrong(const struct situation *sit)
{
	size_t i;

	if (sit->pods.problems || trouble_around(sit))
		return true;
	for (i = 0; i < sit->workloads.len; i++) {
		const struct workload *work = sit->workloads.items[i];

		if (work->kind == WORKLOAD_DEPLOYMENT && work->available < work->desired)
			return true;
	}
	return false;
}

static void keep(char **slot, const char *text, size_t len)
{
	free(*slot);
	*slot = xstrndup(text, len);
}

static void match_line(struct logwatch *watch, size_t sign_at, const char *line,
		       struct logsign *sign, int64_t now)
{
	if (regexec(&watch->patterns[sign_at], line, 0, NULL, 0))
		return;
	sign->matches++;
	sign->seen_ms = now;
	sign->previous = watch->previous;
	keep(&sign->pod, watch->pod, strlen(watch->pod));
	keep(&sign->line, line, strnlen(line, LINE_MAX_BYTES));
}

static void match_sign(struct logwatch *watch, size_t sign_at, int64_t now)
{
	const struct config_logsign *sign = &watch->kube->env->config->logsigns[sign_at];
	struct logsign *found;
	char *copy, *line, *save = NULL;
	size_t i;
	bool ours = false;

	for (i = 0; i < sign->workloads.len; i++)
		ours |= config_glob(sign->workloads.items[i], watch->workload);
	if (!ours || (watch->previous && !sign->previous))
		return;
	found = logsigns_get(&watch->kube->env->sit->logsigns, sign->name, watch->workload);
	found->looked_ms = now;
	/* What another pod has shown just now isn't taken back by one that is well. */
	if (!found->seen_ms || now - found->seen_ms > KEPT_MS || !strcmp(found->pod, watch->pod))
		found->matches = 0;
	copy = xstrdup(watch->body.data ? watch->body.data : "");
	for (line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		match_line(watch, sign_at, line, found, now);
	free(copy);
}

static void on_data(void *arg, long status, const char *bytes, size_t len)
{
	struct logwatch *watch = arg;

	(void)status;
	buf_append(&watch->body, bytes, len);
}

static void on_done(void *arg, const struct http_outcome *outcome)
{
	struct logwatch *watch = arg;
	struct freshness *fresh = &watch->kube->env->sit->logsigns.fresh;
	char text[400], reason[160];
	size_t i;

	watch->call = NULL;
	kube_client_learn(&watch->kube->client, outcome);
	if (!outcome->rc && outcome->status == 200) {
		freshness_proven(fresh, clock_wall_ms());
		for (i = 0; i < watch->npatterns; i++)
			match_sign(watch, i, clock_wall_ms());
	} else if (outcome->rc || outcome->status == 403) {
		kube_failure_text(outcome, watch->body.data, watch->body.len, text, sizeof(text));
		snprintf(reason, sizeof(reason), "%.159s", text);
		freshness_failed(fresh, outcome->fault, reason);
	}
	buf_release(&watch->body);
	situation_touch(watch->kube->env->sit, SECTION_LOGSIGNS);
}

static void read_log(struct logwatch *watch, const struct pod *pod)
{
	struct kube_ask ask = {
		.total_ms = ANSWER_MS, .data = on_data, .done = on_done, .arg = watch,
	};
	char *path = xasprintf("/api/v1/namespaces/%s/pods/%s/log?tailLines=%d&limitBytes=%d%s",
			       pod->ns, pod->name, watch->previous ? 80 : 200, BODY_MAX - 1,
			       watch->previous ? "&previous=true" : "&sinceSeconds=120");

	snprintf(watch->pod, sizeof(watch->pod), "%s", pod->name);
	ask.path = path;
	watch->call = kube_read(&watch->kube->client, &ask);
	free(path);
}

/* One look: crash-looping pods before the others. */
static void next_look(uv_timer_t *timer)
{
	struct logwatch *watch = timer->data;
	const struct situation *sit = watch->kube->env->sit;
	const struct pod *chosen = NULL;
	int64_t now = clock_wall_ms();
	bool previous;
	size_t i;

	if (watch->call || !sit->pods.complete || !anything_wrong(sit))
		return;
	for (i = 0; i < sit->pods.len && !(chosen && watch->previous); i++) {
		const struct pod *pod = sit->pods.items[i];
		char workload[sizeof(watch->workload)];

		if ((chosen && !crash_looping(pod)) ||
		    !situation_workload_of(sit, pod, workload)[0] ||
		    !due(watch, pod, workload, now, &previous))
			continue;
		chosen = pod;
		watch->previous = previous;
		memcpy(watch->workload, workload, sizeof(workload));
	}
	if (chosen) {
		struct look *look = look_at(watch, chosen);

		look->at_ms = now;
		look->restarts = chosen->restarts;
		look->previous = watch->previous;
		read_log(watch, chosen);
	}
}

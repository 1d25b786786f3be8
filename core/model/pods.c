/* core/model/pods.c: see pods.h */
#include "core/model/pods.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/intern.h"
#include "core/model/sorted.h"

#define PENDING_LIMIT_MS 60000
#define NOT_READY_LIMIT_MS 30000
#define RECENT_RESTART_MS 600000
#define JUDGE_ANYWAY_MS 60000      /* clocks may be set */

struct key {
	const char *ns, *name;
};

static int order(const void *item, const void *key)
{
	const struct pod *pod = item;
	const struct key *want = key;
	int side = pod->ns == want->ns ? 0 : strcmp(pod->ns, want->ns);

	return side ? side : strcmp(pod->name, want->name);
}

static size_t place(const struct pods *pods, const char *ns, const char *name, bool *ret_found)
{
	struct key key = {ns, name};

	return sorted_place(pods->items, pods->len, order, &key, ret_found);
}

const char *pod_phase_name(enum pod_phase phase)
{
	static const char *const names[] = {
		[POD_PENDING] = "Pending", [POD_RUNNING] = "Running",
		[POD_SUCCEEDED] = "Succeeded", [POD_FAILED] = "Failed", [POD_UNKNOWN] = "Unknown",
	};

	return names[phase];
}

struct pod *pods_find(const struct pods *pods, const char *ns, const char *name)
{
	bool found;
	size_t at = place(pods, ns, name, &found);

	return found ? pods->items[at] : NULL;
}

struct pod *pods_get(struct pods *pods, struct intern *strings, const char *ns, const char *name)
{
	bool found;
	size_t at = place(pods, ns, name, &found);
	struct pod *pod;

	pods->generation++;
	if (found)
		return pods->items[at];
	pod = xcalloc(1, sizeof(*pod));
	pod->name = xstrdup(name);
	pod->ns = intern_get(strings, ns);
	pod->cpu_milli = pod->mem_kib = -1;
	pods->items = sorted_insert(pods->items, &pods->len, &pods->cap, at, pod);
	return pod;
}

static void pod_free(struct pod *pod, struct intern *strings)
{
	intern_put(strings, pod->ns);
	intern_put(strings, pod->node);
	intern_put(strings, pod->owner_kind);
	intern_put(strings, pod->owner_name);
	intern_put(strings, pod->status);
	intern_put(strings, pod->image);
	intern_put(strings, pod->message);
	intern_put(strings, pod->last_reason);
	free(pod->name);
	free(pod);
}

bool pods_remove(struct pods *pods, struct intern *strings, const char *ns, const char *name)
{
	bool found;
	size_t at = place(pods, ns, name, &found);

	if (!found)
		return false;
	pod_free(pods->items[at], strings);
	sorted_remove(pods->items, &pods->len, at);
	pods->generation++;
	return true;
}

void pods_clear(struct pods *pods, struct intern *strings)
{
	size_t i;

	for (i = 0; i < pods->len; i++)
		pod_free(pods->items[i], strings);
	free(pods->items);
	pods->items = NULL;
	pods->len = pods->cap = 0;
	pods->generation++;
}

void pods_unmark(struct pods *pods, const char *ns)
{
	size_t i;

	for (i = 0; i < pods->len; i++)
		if (!ns || !strcmp(pods->items[i]->ns, ns))
			pods->items[i]->seen = false;
}

size_t pods_sweep(struct pods *pods, struct intern *strings, const char *ns)
{
	size_t i, kept = 0, gone;

	for (i = 0; i < pods->len; i++) {
		struct pod *pod = pods->items[i];

		if (!pod->seen && (!ns || !strcmp(pod->ns, ns)))
			pod_free(pod, strings);
		else
			pods->items[kept++] = pod;
	}
	gone = pods->len - kept;
	pods->len = kept;
	if (gone)
		pods->generation++;
	return gone;
}

static bool waits_in_backoff(const char *status)
{
	static const char *const bad[] = {
		"CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName",
		"CreateContainerConfigError", "CreateContainerError", "RunContainerError",
		"Error", "OOMKilled", "Evicted", "NodeLost", "ContainerStatusUnknown",
	};
	size_t i;

	if (!status)
		return false;
	if (!strncmp(status, "Init:", 5))
		status += 5;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!strcmp(status, bad[i]))
			return true;
	return false;
}

void pod_restarted(struct pod *pod, int32_t restarts, int64_t finished_ms)
{
	int64_t fresh = pod->restarts ? (int64_t)restarts - pod->restarts : restarts > 0;

	/* Another one of that name. */
	if (restarts < pod->restarts)
		memset(pod->restarted_s, 0, sizeof(pod->restarted_s));
	if (finished_ms <= 0)
		return;
	for (fresh = fresh < POD_RESTARTS_KEPT ? fresh : POD_RESTARTS_KEPT; fresh > 0; fresh--) {
		pod->restarted_s[pod->restarted_at] = (uint32_t)(finished_ms / 1000);
		pod->restarted_at = (uint8_t)((pod->restarted_at + 1) % POD_RESTARTS_KEPT);
	}
}

int pod_restarts_since(const struct pod *pod, int64_t since_ms)
{
	int i, count = 0;

	for (i = 0; i < POD_RESTARTS_KEPT; i++)
		count += pod->restarted_s[i] && pod->restarted_s[i] >= since_ms / 1000;
	return count;
}

bool pod_is_problem(const struct pod *pod, int64_t now_wall_ms)
{
	bool finished = pod->phase == POD_SUCCEEDED;
	bool slow_start = pod->phase == POD_PENDING &&
			  now_wall_ms - pod->created_ms > PENDING_LIMIT_MS;
	bool unready = pod->phase == POD_RUNNING && !pod->ready && pod->not_ready_since_ms &&
		       now_wall_ms - pod->not_ready_since_ms > NOT_READY_LIMIT_MS;
	bool restarted = pod->restarts > 0 && pod->last_finished_ms &&
			 now_wall_ms - pod->last_finished_ms < RECENT_RESTART_MS;

	/* Nearly every pod is this one, and the list of bad words is long. */
	if (finished || (pod->ready && pod->phase == POD_RUNNING && !restarted))
		return false;
	return pod->phase == POD_FAILED || waits_in_backoff(pod->status) ||
	       (!pod->deleting && (slow_start || unready)) || restarted;
}

void pod_judge(struct pod *pod, int64_t now_wall_ms)
{
	pod->problem = pod_is_problem(pod, now_wall_ms);
}

static int64_t sooner(int64_t at_ms, int64_t than_ms, int64_t now_ms)
{
	return at_ms > now_ms && at_ms < than_ms ? at_ms : than_ms;
}

/* When pod_is_problem() will change its mind if nothing but time goes by, if before than_ms. */
static int64_t changes_mind(const struct pod *pod, int64_t now_ms, int64_t than_ms)
{
	if (pod->phase == POD_PENDING)
		than_ms = sooner(pod->created_ms + PENDING_LIMIT_MS + 1, than_ms, now_ms);
	if (!pod->ready && pod->not_ready_since_ms)
		than_ms = sooner(pod->not_ready_since_ms + NOT_READY_LIMIT_MS + 1, than_ms, now_ms);
	if (pod->restarts && pod->last_finished_ms)
		than_ms = sooner(pod->last_finished_ms + RECENT_RESTART_MS, than_ms, now_ms);
	return than_ms;
}

void pods_judge(struct pods *pods, int64_t now_wall_ms)
{
	size_t i;

	/* Twenty thousand pods of which nothing is new are not walked again every few seconds. */
	if (pods->judged == pods->generation && now_wall_ms < pods->judge_again_ms)
		return;
	pods->judged = pods->generation;
	pods->judge_again_ms = now_wall_ms + JUDGE_ANYWAY_MS;
	pods->ready = pods->problems = 0;
	pods->last_end_ms = 0;
	for (i = 0; i < pods->len; i++) {
		struct pod *pod = pods->items[i];

		pod_judge(pod, now_wall_ms);
		pods->ready += pod->ready;
		pods->problems += pod->problem;
		if (pod->restarts > 0 && pod->last_finished_ms > pods->last_end_ms)
			pods->last_end_ms = pod->last_finished_ms;
		pods->judge_again_ms = changes_mind(pod, now_wall_ms, pods->judge_again_ms);
	}
}

bool pods_restarted_since(const struct pods *pods, int64_t wall_ms)
{
	return pods->judged != pods->generation || pods->last_end_ms >= wall_ms;
}

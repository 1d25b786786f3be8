/*
 * backends/kube/query_logs.c: a container's log, followed across broken connections and restarts.
 * Lines are asked for with their time stamps, which never reach the reader: behind the last one
 * the next connection goes on. The API takes sinceTime in whole seconds, so what comes twice is
 * skipped here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backends/kube/jsonx.h"
#include "backends/kube/query.h"
#include "core/alloc.h"

#define TAIL_LINES 200
#define AGAIN_MS 1000
#define AGAIN_MAX_MS 8000

static void ask_pod(struct query *query);

/* Stamps have 0 to 9 digits of a second ("...:01Z", "...:01.5Z"): their order as text, with the
 * fraction filled up. Same zone throughout one log. */
static int stamp_order(const char *a, const char *b)
{
	size_t alen = strcspn(a, ".Z+"), blen = strcspn(b, ".Z+"), i;
	int side;

	if (alen != blen)
		return strcmp(a, b);
	side = strncmp(a, b, alen);
	a += alen + (a[alen] == '.');
	b += blen + (b[blen] == '.');
	for (i = 0; !side && i < 9; i++) {
		char x = *a >= '0' && *a <= '9' ? *a++ : '0';
		char y = *b >= '0' && *b <= '9' ? *b++ : '0';

		side = x - y;
	}
	return side;
}

/* The stamp is whole: has this line been handed over before? */
static bool seen_before(struct log_place *place)
{
	int side = place->last[0] ? stamp_order(place->stamp, place->last) : 1;

	if (side < 0)
		return true;
	if (!side && place->passed < place->at_last) {
		place->passed++;
		return true;
	}
	if (side > 0) {
		memcpy(place->last, place->stamp, sizeof(place->last));
		place->at_last = 0;
	}
	place->passed = ++place->at_last;
	return false;
}

static bool is_stamp(const struct log_place *place)
{
	return place->stamp_len >= 20 && place->stamp[4] == '-' && place->stamp[10] == 'T';
}

/* The first word is whole. A server that sends no stamps has its words handed on. */
static void begin_text(struct query *query, char behind)
{
	struct log_place *place = &query->place;

	place->stamp[place->stamp_len] = '\0';
	place->in_text = behind != '\n';
	query->tries = 0;
	if (is_stamp(place)) {
		place->skipping = seen_before(place);
		if (place->in_text || place->skipping)
			return;
		place->stamp_len = 0;
	}
	place->skipping = false;
	query->sink.data(query->sink.arg, place->stamp, place->stamp_len);
	query->sink.data(query->sink.arg, &behind, 1);
	place->stamp_len = 0;
}

static void log_bytes(struct query *query, const char *bytes, size_t len)
{
	struct log_place *place = &query->place;
	size_t at = 0;

	while (at < len) {
		const char *end;
		size_t run;

		if (!place->in_text) {
			if (bytes[at] == ' ' || bytes[at] == '\n')
				begin_text(query, bytes[at]);
			else if (place->stamp_len < LOG_STAMP_MAX - 1)
				place->stamp[place->stamp_len++] = bytes[at];
			else
				begin_text(query, bytes[at]);
			at++;
			continue;
		}
		end = memchr(bytes + at, '\n', len - at);
		run = end ? (size_t)(end - bytes) + 1 - at : len - at;
		if (!place->skipping)
			query->sink.data(query->sink.arg, bytes + at, run);
		at += run;
		if (end) {
			place->in_text = false;
			place->stamp_len = 0;
		}
	}
}

static bool follows(const struct query *query)
{
	return query->request.follow && query->request.kind == QUERY_LOGS;
}

static void on_again(uv_timer_t *timer)
{
	ask_pod(timer->data);
}

/* Broken or ended: is there more to come? */
static void logs_ended(struct query *query, const struct http_outcome *outcome)
{
	int64_t ms = AGAIN_MS << (query->tries < 3 ? query->tries : 3);

	if (!follows(query) || (!outcome->rc && outcome->status >= 400 && outcome->status < 500 &&
				!query->place.last[0])) {
		if (outcome->rc || outcome->status != 200)
			query_end_failed(query, outcome);
		else
			query_end(query, 0, "");
		return;
	}
	if (query->place.in_text && !query->place.skipping)
		query->sink.data(query->sink.arg, "\n", 1);
	query->place.in_text = false;
	query->place.stamp_len = 0;
	query->tries++;
	uv_timer_start(&query->timer, on_again, (uint64_t)(ms < AGAIN_MAX_MS ? ms : AGAIN_MAX_MS),
		       0);
}

static void ask_logs(struct query *query)
{
	const struct query_request *request = &query->request;
	char from[LOG_STAMP_MAX + 16] = "";
	char *path;

	if (query->place.last[0])
		snprintf(from, sizeof(from), "sinceTime=%.19sZ", query->place.last);
	else
		snprintf(from, sizeof(from), "tailLines=%d",
			 request->tail_lines ? request->tail_lines : TAIL_LINES);
	query->place.passed = 0;
	path = xasprintf("/api/v1/namespaces/%s/pods/%s/log?container=%s&timestamps=true&%s%s%s",
			 request->target.ns, query->pod, query->container, from,
			 request->kind == QUERY_LOGS_PREVIOUS ? "&previous=true" : "",
			 follows(query) ? "&follow=true" : "");
	query->data = log_bytes;
	query->ended = logs_ended;
	query_ask(query, path, follows(query) ? 0 : QUERY_ANSWER_MS);
	free(path);
}

static const json_t *status_of(const json_t *pod, const char *container)
{
	static const char *const lists[] = {
		"status.containerStatuses", "status.initContainerStatuses",
		"status.ephemeralContainerStatuses",
	};
	const json_t *status;
	size_t i, j;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		json_array_foreach(jx_at(pod, lists[i]), j, status) {
			const char *name = jx_str(status, "name");

			if (name && !strcmp(name, container))
				return status;
		}
	}
	return NULL;
}

static const char *choose_container(const struct query *query, const json_t *pod)
{
	const char *usual = jx_str(jx_at(pod, "metadata.annotations"),
				   "kubectl.kubernetes.io/default-container");
	const char *first = jx_str(json_array_get(jx_at(pod, "spec.containers"), 0), "name");

	if (query->request.container[0])
		return query->request.container;
	return usual ? usual : first;
}

static void pod_first(struct query *query, const json_t *pod)
{
	const char *container = choose_container(query, pod);

	query->container = xstrdup(container ? container : "");
	query->restarts = jx_int(status_of(pod, query->container), "restartCount");
	ask_logs(query);
}

/* Looked at again after the log has ended or broken off. */
static void pod_again(struct query *query, const json_t *pod)
{
	const json_t *status = status_of(pod, query->container);
	const char *policy = jx_str(json_object_get(pod, "spec"), "restartPolicy");
	bool over = jx_at(status, "state.terminated") && policy && strcmp(policy, "Always");
	bool restarted = jx_int(status, "restartCount") != query->restarts;

	if (!status || (over && !restarted)) {
		query_end(query, 0, "the container has ended");
		return;
	}
	if (restarted) {
		char line[80];
		int len = snprintf(line, sizeof(line), "-- the container was restarted (%d) --\n",
				   (int)jx_int(status, "restartCount"));

		query->restarts = jx_int(status, "restartCount");
		query->sink.data(query->sink.arg, line, (size_t)len);
	}
	ask_logs(query);
}

static void pod_came(struct query *query, const struct http_outcome *outcome)
{
	json_t *pod = jx_load(query->body.data, query->body.len);

	if (!query->container && (outcome->rc || outcome->status != 200 || !pod))
		query_end_failed(query, outcome);
	else if (!query->container)
		pod_first(query, pod);
	else if (outcome->status == 404)
		query_end(query, 0, "the pod is gone");
	else if (outcome->rc || outcome->status != 200)
		logs_ended(query, outcome);
	else
		pod_again(query, pod);
	json_decref(pod);
}

static void ask_pod(struct query *query)
{
	char *path = xasprintf("/api/v1/namespaces/%s/pods/%s", query->request.target.ns,
			       query->pod);

	query->data = NULL;
	query->ended = pod_came;
	query_ask(query, path, QUERY_ANSWER_MS);
	free(path);
}

/* The pod of a workload whose logs say most: a failing one before a healthy one. */
static const struct pod *pod_of_workload(const struct situation *sit,
					 const struct act_target *target)
{
	const struct pod *best = NULL;
	size_t i;

	for (i = 0; i < sit->pods.len; i++) {
		const struct pod *pod = sit->pods.items[i];
		const struct workload *set = NULL;
		const char *owner = pod->owner_name;
		int kind = pod->owner_kind ? workload_kind_parse(pod->owner_kind) : -EINVAL;

		if (!owner || strcmp(pod->ns, target->ns))
			continue;
		if (!strcmp(target->kind, "deployment")) {
			set = workloads_find(&sit->workloads, WORKLOAD_REPLICASET, pod->ns, owner);
			owner = set ? set->owner : NULL;
		} else if (kind != workload_kind_parse(target->kind)) {
			continue;
		}
		if (owner && !strcmp(owner, target->name) &&
		    (!best || (pod->problem && !best->problem) ||
		     (pod->problem == best->problem && pod->restarts > best->restarts)))
			best = pod;
	}
	return best;
}

int query_logs_start(struct query *query, struct err *err)
{
	const struct act_target *target = &query->request.target;
	const struct pod *pod = NULL;

	if (strcmp(target->kind, "pod")) {
		pod = pod_of_workload(query->kube->env->sit, target);
		if (!pod)
			return err_set(err, -ENOENT, "%s %s has no pod", target->kind,
				       target->name);
	}
	query->pod = xstrdup(pod ? pod->name : target->name);
	ask_pod(query);
	return 0;
}

/* backends/kube/query.c: reads on demand: describe, YAML, events, logs, the diff of a rollout. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backends/kube/describe.h"
#include "backends/kube/jsonx.h"
#include "backends/kube/query.h"
#include "backends/kube/yamlout.h"
#include "core/alloc.h"

struct query_kind_row {
	const char *kind, *prefix, *plural, *word;
};

static const struct query_kind_row *find_kind(const char *kind)
{
	static const struct query_kind_row rows[] = {
		{"pod", "/api/v1", "pods", "Pod"},
		{"node", "/api/v1", "nodes", "Node"},
		{"deployment", "/apis/apps/v1", "deployments", "Deployment"},
		{"replicaset", "/apis/apps/v1", "replicasets", "ReplicaSet"},
		{"statefulset", "/apis/apps/v1", "statefulsets", "StatefulSet"},
		{"daemonset", "/apis/apps/v1", "daemonsets", "DaemonSet"},
		{"job", "/apis/batch/v1", "jobs", "Job"},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].kind, kind))
			return &rows[i];
	return NULL;
}

static bool is_logs(enum query_kind kind)
{
	return kind == QUERY_LOGS || kind == QUERY_LOGS_PREVIOUS;
}

static bool can(void *self, const struct query_request *request)
{
	(void)self;
	if (request->kind == QUERY_KEY || !find_kind(request->target.kind))
		return false;
	if (!kube_name_safe(request->target.ns) || !kube_name_safe(request->target.name) ||
	    !kube_name_safe(request->container))
		return false;
	if (request->kind == QUERY_DIFF)
		return !strcmp(request->target.kind, "deployment");
	if (is_logs(request->kind))
		return strcmp(request->target.kind, "node") != 0;
	return true;
}

static void timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void query_free(struct query *query)
{
	struct query **slot = &query->kube->queries;

	while (*slot != query)
		slot = &(*slot)->next;
	*slot = query->next;
	json_decref(query->object);
	buf_release(&query->body);
	buf_release(&query->text);
	free(query->pod);
	free(query->container);
	uv_close((uv_handle_t *)&query->timer, timer_closed);
}

void query_end(struct query *query, int rc, const char *text)
{
	struct query_sink sink = query->sink;

	if (!rc && query->text.len)
		sink.data(sink.arg, query->text.data, query->text.len);
	query_free(query);
	sink.done(sink.arg, rc, text);
}

void query_end_failed(struct query *query, const struct http_outcome *outcome)
{
	char text[400];

	kube_failure_text(outcome, query->body.data, query->body.len, text, sizeof(text));
	query_end(query, outcome->rc ? outcome->rc : -EIO, text);
}

static void on_data(void *arg, long status, const char *bytes, size_t len)
{
	struct query *query = arg;

	if (query->data && status == 200)
		query->data(query, bytes, len);
	else if (buf_append(&query->body, bytes, len))
		query->too_big = true;
}

static void on_done(void *arg, const struct http_outcome *outcome)
{
	struct query *query = arg;
	json_t *answer;

	query->call = NULL;
	kube_client_learn(&query->kube->client, outcome);
	if (query->ended) {
		query->ended(query, outcome);
		return;
	}
	if (outcome->rc || outcome->status != 200) {
		query_end_failed(query, outcome);
		return;
	}
	answer = jx_load(query->body.data, query->body.len);
	if (query->too_big)
		query_end(query, -EMSGSIZE, "the answer is too large to show");
	else if (!answer)
		query_end(query, -EBADMSG, "the answer is no JSON");
	else
		query->answered(query, json_incref(answer));
	json_decref(answer);
}

void query_ask(struct query *query, const char *path, int64_t total_ms)
{
	struct kube_ask request = {
		.path = path, .total_ms = total_ms, .data = on_data, .done = on_done,
		.arg = query, .gzip = !query->data,
	};

	buf_clear(&query->body);
	query->call = kube_read(&query->kube->client, &request);
}

static void ask(struct query *query, const char *path,
		void (*answered)(struct query *query, json_t *answer))
{
	query->answered = answered;
	query_ask(query, path, QUERY_ANSWER_MS);
}

/* Events */

static void events_came(struct query *query, json_t *list)
{
	describe_events(list, &query->text);
	json_decref(list);
	query_end(query, 0, "");
}

static void ask_events(struct query *query)
{
	const struct act_target *target = &query->request.target;
	char *space = target->ns[0] ? xasprintf("/namespaces/%s", target->ns) : xstrdup("");
	char *path = xasprintf("/api/v1%s/events?fieldSelector=involvedObject.kind%%3D%s%%2C"
			       "involvedObject.name%%3D%s", space,
			       find_kind(target->kind)->word, target->name);

	ask(query, path, events_came);
	free(path);
	free(space);
}

/* Describe and YAML */

static void described(struct query *query, json_t *object)
{
	describe_object(object, &query->text);
	json_decref(object);
	ask_events(query);
}

static void as_yaml(struct query *query, json_t *object)
{
	json_object_del(json_object_get(object, "metadata"), "managedFields");
	if (yamlout(object, &query->text))
		query_end(query, -EMSGSIZE, "too large to show");
	else
		query_end(query, 0, "");
	json_decref(object);
}

/* Diff: the deployment's template against the set before it. */

static int64_t revision_of(const json_t *object)
{
	const char *text = jx_str(jx_at(object, "metadata.annotations"),
				  "deployment.kubernetes.io/revision");

	return text ? strtoll(text, NULL, 10) : 0;
}

static void sets_came(struct query *query, json_t *list)
{
	const json_t *items = json_object_get(list, "items"), *set, *best = NULL;
	const char *uid = jx_str(json_object_get(query->object, "metadata"), "uid");
	int64_t now = revision_of(query->object);
	size_t i;

	json_array_foreach(items, i, set) {
		const char *owner = jx_str(jx_controller(json_object_get(set, "metadata")), "uid");

		if (owner && uid && !strcmp(owner, uid) && revision_of(set) < now &&
		    (!best || revision_of(set) > revision_of(best)))
			best = set;
	}
	if (best) {
		buf_printf(&query->text, "revision %lld -> %lld\n", (long long)revision_of(best),
			   (long long)now);
		describe_diff(jx_at(best, "spec.template"), jx_at(query->object, "spec.template"),
			      &query->text);
	} else {
		buf_append_str(&query->text, "there is no earlier revision\n");
	}
	json_decref(list);
	query_end(query, 0, "");
}

static void diff_object(struct query *query, json_t *object)
{
	char *selector = jx_selector(jx_at(object, "spec.selector.matchLabels"));
	char *path = xasprintf("/apis/apps/v1/namespaces/%s/replicasets?labelSelector=%s",
			       query->request.target.ns, selector);

	query->object = object;
	ask(query, path, sets_came);
	free(path);
	free(selector);
}

static void start_object(struct query *query)
{
	const struct act_target *target = &query->request.target;
	const struct query_kind_row *row = find_kind(target->kind);
	static void (*const answered[])(struct query *, json_t *) = {
		[QUERY_DESCRIBE] = described, [QUERY_YAML] = as_yaml, [QUERY_DIFF] = diff_object,
	};

	char *path = target->ns[0]
		? xasprintf("%s/namespaces/%s/%s/%s", row->prefix, target->ns, row->plural,
			    target->name)
		: xasprintf("%s/%s/%s", row->prefix, row->plural, target->name);

	ask(query, path, answered[query->request.kind]);
	free(path);
}

static struct query *start(void *self, const struct query_request *request,
			   const struct query_sink *sink, struct err *err)
{
	struct kube *kube = self;
	struct query *query;

	if (!can(self, request)) {
		err_set(err, -EINVAL, "there is no such view of a %s", request->target.kind);
		return NULL;
	}
	query = xcalloc(1, sizeof(*query));
	query->kube = kube;
	query->request = *request;
	query->sink = *sink;
	query->body.max = query->text.max = QUERY_BODY_MAX;
	uv_timer_init(kube->env->loop, &query->timer);
	query->timer.data = query;
	query->next = kube->queries;
	kube->queries = query;
	if (is_logs(request->kind)) {
		if (query_logs_start(query, err)) {
			query_free(query);
			return NULL;
		}
	} else if (request->kind == QUERY_EVENTS) {
		ask_events(query);
	} else {
		start_object(query);
	}
	return query;
}

static void cancel(void *self, struct query *query)
{
	(void)self;
	http_cancel(query->call);
	query_free(query);
}

void kube_queries_stop(struct kube *kube)
{
	while (kube->queries)
		cancel(kube, kube->queries);
}

const struct query_ops kube_queries = {
	.can = can,
	.start = start,
	.cancel = cancel,
};

/* backends/kube/query.c: reads on demand: describe, YAML, events, logs, the diff of a rollout. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backends/kube/describe.h"
#include "backends/kube/jsonx.h"
#include "backends/kube/kube.h"
#include "backends/kube/yamlout.h"
#include "core/alloc.h"
#include "core/clock.h"

#define ANSWER_MS 15000
#define BODY_MAX (8 * 1024 * 1024)

struct query {
	struct kube *kube;
	struct query *next;
	struct query_request request;
	struct query_sink sink;
	struct http_call *call;
	struct buf body;
	struct buf text;
	json_t *object;
	char *path;                /* of the object */
	bool streams;              /* bytes go straight to the sink */
	void (*answered)(struct query *query, const struct http_outcome *outcome);
};

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
	if (request->kind == QUERY_DIFF)
		return !strcmp(request->target.kind, "deployment");
	if (is_logs(request->kind))
		return strcmp(request->target.kind, "node") != 0;
	return true;
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
	free(query->path);
	free(query);
}

static void query_end(struct query *query, int rc, const char *text)
{
	struct query_sink sink = query->sink;

	if (!rc && query->text.len)
		sink.data(sink.arg, query->text.data, query->text.len);
	query_free(query);
	sink.done(sink.arg, rc, text);
}

static void query_end_failed(struct query *query, const struct http_outcome *outcome)
{
	char text[400];

	kube_failure_text(outcome, query->body.data, query->body.len, text, sizeof(text));
	query_end(query, outcome->rc ? outcome->rc : -EIO, text);
}

static void on_data(void *arg, long status, const char *bytes, size_t len)
{
	struct query *query = arg;

	if (query->streams && status == 200)
		query->sink.data(query->sink.arg, bytes, len);
	else
		buf_append(&query->body, bytes, len);
}

static void on_done(void *arg, const struct http_outcome *outcome)
{
	struct query *query = arg;

	query->call = NULL;
	kube_client_learn(&query->kube->client, outcome);
	if (outcome->rc || outcome->status != 200)
		query_end_failed(query, outcome);
	else
		query->answered(query, outcome);
}

static void ask(struct query *query, const char *path, int64_t total_ms,
		void (*answered)(struct query *query, const struct http_outcome *outcome))
{
	struct kube_ask request = {
		.path = path, .total_ms = total_ms, .data = on_data, .done = on_done,
		.arg = query,
	};

	query->answered = answered;
	buf_clear(&query->body);
	query->call = kube_read(&query->kube->client, &request);
}

static json_t *answer_of(const struct query *query)
{
	return json_loadb(query->body.data ? query->body.data : "", query->body.len, 0, NULL);
}

/* Events */

static void events_came(struct query *query, const struct http_outcome *outcome)
{
	json_t *list = answer_of(query);

	(void)outcome;
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

	ask(query, path, ANSWER_MS, events_came);
	free(path);
	free(space);
}

/* Describe and YAML */

static void described(struct query *query, const struct http_outcome *outcome)
{
	(void)outcome;
	query->object = answer_of(query);
	describe_object(query->object, &query->text);
	ask_events(query);
}

static void as_yaml(struct query *query, const struct http_outcome *outcome)
{
	(void)outcome;
	query->object = answer_of(query);
	json_object_del(json_object_get(query->object, "metadata"), "managedFields");
	if (yamlout(query->object, &query->text))
		query_end(query, -EMSGSIZE, "too large to show");
	else
		query_end(query, 0, "");
}

/* Diff: the deployment's template against the set before it. */

static int64_t revision_of(const json_t *object)
{
	const char *text = jx_str(jx_at(object, "metadata.annotations"),
				  "deployment.kubernetes.io/revision");

	return text ? strtoll(text, NULL, 10) : 0;
}

static void sets_came(struct query *query, const struct http_outcome *outcome)
{
	json_t *list = answer_of(query);
	const json_t *items = json_object_get(list, "items"), *set, *best = NULL;
	const char *uid = jx_str(json_object_get(query->object, "metadata"), "uid");
	int64_t now = revision_of(query->object);
	size_t i;

	(void)outcome;
	json_array_foreach(items, i, set) {
		const char *owner = jx_str(jx_controller(json_object_get(set, "metadata")), "uid");

		if (owner && uid && !strcmp(owner, uid) && revision_of(set) < now &&
		    (!best || revision_of(set) > revision_of(best)))
			best = set;
	}
	if (best)
		describe_diff(jx_at(best, "spec.template"), jx_at(query->object, "spec.template"),
			      &query->text);
	else
		buf_append_str(&query->text, "there is no earlier revision\n");
	json_decref(list);
	query_end(query, 0, "");
}

static void diff_object(struct query *query, const struct http_outcome *outcome)
{
	char *path = xasprintf("/apis/apps/v1/namespaces/%s/replicasets",
			       query->request.target.ns);

	(void)outcome;
	query->object = answer_of(query);
	ask(query, path, ANSWER_MS, sets_came);
	free(path);
}

/* Logs */

static void logs_ended(struct query *query, const struct http_outcome *outcome)
{
	(void)outcome;
	query_end(query, 0, query->request.follow ? "the container has ended" : "");
}

static const char *choose_container(const struct query *query, const json_t *pod)
{
	const json_t *list = jx_at(pod, "spec.containers");
	const char *usual = jx_str(jx_at(pod, "metadata.annotations"),
				   "kubectl.kubernetes.io/default-container");

	if (query->request.container[0])
		return query->request.container;
	return usual ? usual : jx_str(json_array_get(list, 0), "name");
}

static void ask_logs(struct query *query, const char *pod, const char *container)
{
	bool follow = query->request.follow && query->request.kind == QUERY_LOGS;
	int tail = query->request.tail_lines ? query->request.tail_lines : 200;
	char *path = xasprintf("/api/v1/namespaces/%s/pods/%s/log?container=%s&tailLines=%d%s%s",
			       query->request.target.ns, pod, container ? container : "", tail,
			       query->request.kind == QUERY_LOGS_PREVIOUS ? "&previous=true" : "",
			       follow ? "&follow=true" : "");

	query->streams = true;
	ask(query, path, follow ? 0 : ANSWER_MS, logs_ended);
	free(path);
}

static void pod_came(struct query *query, const struct http_outcome *outcome)
{
	const char *name;

	(void)outcome;
	query->object = answer_of(query);
	name = jx_str(json_object_get(query->object, "metadata"), "name");
	ask_logs(query, name ? name : "", choose_container(query, query->object));
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

		if (!owner || strcmp(pod->ns, target->ns))
			continue;
		if (!strcmp(target->kind, "deployment")) {
			set = workloads_find(&sit->workloads, WORKLOAD_REPLICASET, pod->ns, owner);
			owner = set ? set->owner : NULL;
		}
		if (owner && !strcmp(owner, target->name) &&
		    (!best || (pod->problem && !best->problem) || pod->restarts > best->restarts))
			best = pod;
	}
	return best;
}

static int start_logs(struct query *query, struct err *err)
{
	const struct act_target *target = &query->request.target;
	const struct pod *pod = NULL;
	char *path;

	if (strcmp(target->kind, "pod")) {
		pod = pod_of_workload(query->kube->env->sit, target);
		if (!pod)
			return err_set(err, -ENOENT, "%s %s has no pod", target->kind,
				       target->name);
	}
	path = xasprintf("/api/v1/namespaces/%s/pods/%s", target->ns,
			 pod ? pod->name : target->name);
	ask(query, path, ANSWER_MS, pod_came);
	free(path);
	return 0;
}

static void start_object(struct query *query)
{
	const struct act_target *target = &query->request.target;
	const struct query_kind_row *row = find_kind(target->kind);
	static void (*const answered[])(struct query *, const struct http_outcome *) = {
		[QUERY_DESCRIBE] = described, [QUERY_YAML] = as_yaml, [QUERY_DIFF] = diff_object,
	};

	query->path = target->ns[0]
		? xasprintf("%s/namespaces/%s/%s/%s", row->prefix, target->ns, row->plural,
			    target->name)
		: xasprintf("%s/%s/%s", row->prefix, row->plural, target->name);
	ask(query, query->path, ANSWER_MS, answered[query->request.kind]);
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
	query->body.max = query->text.max = BODY_MAX;
	query->next = kube->queries;
	kube->queries = query;
	if (is_logs(request->kind)) {
		if (start_logs(query, err)) {
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

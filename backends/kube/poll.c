/* backends/kube/poll.c: see poll.h */
#include "backends/kube/poll.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backends/kube/decode.h"
#include "backends/kube/jsonx.h"
#include "backends/kube/kube.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/quantity.h"

#define ANSWER_MS 8000
#define BODY_MAX (64 * 1024)
#define LEASES_CALM_MS 20000
#define LEASES_TROUBLE_MS 5000
#define VERSION_MS 600000
#define OTHERS_MS 30000
#define OTHERS_TROUBLE_MS 5000
#define APIS_MS 60000
#define SNAPSHOTS_MS 300000
#define REFUSED_MS 300000          /* rights and missing APIs change seldom */
#define ABORTED_MS 250
#define EARLY_MS 500               /* until there is what an answer is about */
/* Pods' metrics grow with the cluster: to read them may take a fixed share of our time. */
#define MS_PER_POD 10

struct kube_poll_kind {
	const char *path;          /* "%s" stands where a namespace goes, if not all are read */
	unsigned int section;
	int64_t (*every_ms)(const struct kube *kube);
	void (*object)(struct situation *sit, const json_t *object);   /* of a list; NULL = */
	void (*keep)(struct kube_poll *poll, const json_t *object);    /* or into the poll, */
	void (*commit)(struct kube_poll *poll, struct situation *sit); /* until it is whole */
	void (*whole)(struct kube *kube, const json_t *answer);        /* one answer */
	struct freshness *(*fresh)(struct situation *sit);             /* NULL = none */
	bool (*early)(const struct situation *sit);  /* nothing to put it on yet; NULL = never */
	bool others;               /* asks the servers that aren't in use */
	bool quiet;                /* what it brings counts by its age: no news unless it fails */
	const char *missing, *refused; /* what a 404 and a 403 mean to people */
};

static int64_t leases_every(const struct kube *kube)
{
	const struct nodes *nodes = &kube->env->sit->nodes;
	size_t i;

	for (i = 0; i < nodes->len; i++)
		if (node_ready(nodes->items[i]) != TRI_TRUE)
			return LEASES_TROUBLE_MS;
	return LEASES_CALM_MS;
}

static int64_t node_metrics_every(const struct kube *kube)
{
	return kube->env->config->kube.metrics_every_ms;
}

static int64_t pod_metrics_every(const struct kube *kube)
{
	int64_t ms = kube->env->config->kube.metrics_every_ms;

	int64_t least = (int64_t)kube->env->sit->pods.len * MS_PER_POD;

	return ms > least ? ms : least;
}

static int64_t version_every(const struct kube *kube)
{
	(void)kube;
	return VERSION_MS;
}

static int64_t others_every(const struct kube *kube)
{
	return freshness_at(&kube->env->sit->cluster.fresh, clock_wall_ms()) == FRESH_OK
	       ? OTHERS_MS : OTHERS_TROUBLE_MS;
}

static int64_t apis_every(const struct kube *kube)
{
	(void)kube;
	return APIS_MS;
}

static int64_t snapshots_every(const struct kube *kube)
{
	(void)kube;
	return SNAPSHOTS_MS;
}

static struct freshness *apis_fresh(struct situation *sit)
{
	return &sit->apis.fresh;
}

static struct freshness *snapshots_fresh(struct situation *sit)
{
	return &sit->snapshots.fresh;
}

static void keep_api(struct kube_poll *poll, const json_t *object)
{
	decode_apiservice(&poll->apis, object);
}

static void commit_apis(struct kube_poll *poll, struct situation *sit)
{
	struct freshness fresh = sit->apis.fresh;

	api_services_clear(&sit->apis);
	sit->apis = poll->apis;
	sit->apis.fresh = fresh;
	memset(&poll->apis, 0, sizeof(poll->apis));
}

static void keep_snapshot(struct kube_poll *poll, const json_t *object)
{
	decode_snapshot(&poll->snapshots, object);
}

static void commit_snapshots(struct kube_poll *poll, struct situation *sit)
{
	struct freshness fresh = sit->snapshots.fresh;

	snapshots_clear(&sit->snapshots);
	sit->snapshots = poll->snapshots;
	sit->snapshots.fresh = fresh;
	memset(&poll->snapshots, 0, sizeof(poll->snapshots));
}

static struct freshness *leases_fresh(struct situation *sit)
{
	return &sit->nodes.leases_fresh;
}

static struct freshness *metrics_fresh(struct situation *sit)
{
	return &sit->cluster.metrics_fresh;
}

static bool before_nodes(const struct situation *sit)
{
	return !sit->nodes.complete;
}

static bool before_pods(const struct situation *sit)
{
	return !sit->pods.complete;
}

static void put_node_metrics(struct situation *sit, const json_t *object)
{
	const char *name = jx_str(json_object_get(object, "metadata"), "name");
	const json_t *usage = json_object_get(object, "usage");
	struct node *node = name ? nodes_find(&sit->nodes, name) : NULL;

	if (!node)
		return;
	if (quantity_milli(jx_str(usage, "cpu"), &node->cpu_milli))
		node->cpu_milli = -1;
	if (quantity_kib(jx_str(usage, "memory"), &node->mem_kib))
		node->mem_kib = -1;
}

static int32_t clamp(int64_t value)
{
	return (int32_t)(value > INT32_MAX ? INT32_MAX : value);
}

static void put_pod_metrics(struct situation *sit, const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata"), *container;
	const json_t *containers = json_object_get(object, "containers");
	const char *ns = jx_str(meta, "namespace"), *name = jx_str(meta, "name");
	struct pod *pod = ns && name ? pods_find(&sit->pods, ns, name) : NULL;
	int64_t cpu = 0, mem = 0, value;
	size_t i;

	if (!pod)
		return;
	json_array_foreach(containers, i, container) {
		const json_t *usage = json_object_get(container, "usage");

		if (!quantity_milli(jx_str(usage, "cpu"), &value))
			cpu += value;
		if (!quantity_kib(jx_str(usage, "memory"), &value))
			mem += value;
	}
	pod->cpu_milli = clamp(cpu);
	pod->mem_kib = clamp(mem);
}

static void put_version(struct kube *kube, const json_t *answer)
{
	const char *version = jx_str(answer, "gitVersion");

	if (!version)
		return;
	free(kube->env->sit->cluster.version);
	kube->env->sit->cluster.version = xstrdup(version);
}

static const struct kube_poll_kind kinds[KUBE_POLLS] = {
	{.path = "/version", .section = SECTION_CLUSTER, .every_ms = version_every,
	 .whole = put_version},
	{.path = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
	 .section = SECTION_NODES, .every_ms = leases_every, .object = decode_lease,
	 .fresh = leases_fresh, .quiet = true, .missing = "this cluster has no node leases",
	 .refused = "needs the right to list leases in kube-node-lease"},
	{.path = "/apis/metrics.k8s.io/v1beta1/nodes", .section = SECTION_METRICS,
	 .every_ms = node_metrics_every, .object = put_node_metrics, .early = before_nodes,
	 .fresh = metrics_fresh,
	 .missing = "this cluster has no metrics API",
	 .refused = "needs the right to list nodes in metrics.k8s.io"},
	{.path = "/apis/metrics.k8s.io/v1beta1%s/pods", .section = SECTION_METRICS,
	 .every_ms = pod_metrics_every, .object = put_pod_metrics, .early = before_pods},
	{.path = "/apis/apiregistration.k8s.io/v1/apiservices", .section = SECTION_CLUSTER,
	 .every_ms = apis_every, .keep = keep_api, .commit = commit_apis, .fresh = apis_fresh,
	 .missing = "this cluster has no aggregated APIs",
	 .refused = "needs the right to list apiservices"},
	{.path = "/apis/k3s.cattle.io/v1/etcdsnapshotfiles", .section = SECTION_CLUSTER,
	 .every_ms = snapshots_every, .keep = keep_snapshot, .commit = commit_snapshots,
	 .fresh = snapshots_fresh, .missing = "this cluster keeps no records of snapshots",
	 .refused = "needs the right to list etcdsnapshotfiles in k3s.cattle.io"},
	{.path = "/readyz", .section = SECTION_CLUSTER, .every_ms = others_every, .others = true},
};

static void poll_now(struct kube_poll *poll);

static void on_timer(uv_timer_t *timer)
{
	poll_now(timer->data);
}

static void again(struct kube_poll *poll, const struct http_outcome *outcome)
{
	int64_t ms = poll->kind->every_ms(poll->kube);

	if (outcome && outcome->rc == -ECONNABORTED)
		ms = ABORTED_MS;
	else if (outcome && (outcome->status == 403 || outcome->status == 404))
		ms = REFUSED_MS;
	uv_timer_start(&poll->timer, on_timer, (uint64_t)ms, 0);
}

static void on_object(void *arg, const char *json, size_t len)
{
	struct kube_poll *poll = arg;
	json_t *object = jx_load(json, len);

	if (poll->kind->keep)
		poll->kind->keep(poll, object);
	else
		poll->kind->object(poll->kube->env->sit, object);
	json_decref(object);
}

static bool is_list(const struct kube_poll_kind *kind)
{
	return kind->object || kind->keep;
}

static void on_data(void *arg, long status, const char *bytes, size_t len)
{
	struct kube_poll *poll = arg;

	if (status == 200 && is_list(poll->kind)) {
		if (split_feed(&poll->split, bytes, len))
			poll->broken = true;
	} else {
		buf_append(&poll->body, bytes, len);
	}
}

static void judge_other(struct kube_poll *poll, const struct http_outcome *outcome)
{
	struct cluster_server *server = &poll->kube->env->sit->cluster.servers[poll->turn];
	struct freshness *fresh = &server->fresh;

	if (!outcome->rc)
		kube_failing_checks(poll->body.data, server->failing, sizeof(server->failing));
	else if (outcome->rc != -ECONNABORTED)
		server->failing[0] = '\0';
	/* 401 without credentials still proves that the process lives. */
	if (!outcome->rc && outcome->status < 500)
		freshness_proven(fresh, clock_wall_ms());
	else if (outcome->rc != -ECONNABORTED)
		freshness_failed(fresh, FAULT_SERVER, outcome->rc ? outcome->text : "not ready");
}

static void judge_answer(struct kube_poll *poll, const struct http_outcome *outcome)
{
	struct situation *sit = poll->kube->env->sit;
	char text[400], reason[160];

	if (outcome->rc == -ECONNABORTED)
		return;
	if (is_list(poll->kind) && !split_complete(&poll->split))
		poll->broken = true;
	if (!outcome->rc && outcome->status == 200 && !poll->broken) {
		if (poll->kind->whole) {
			json_t *answer = jx_load(poll->body.data, poll->body.len);

			poll->kind->whole(poll->kube, answer);
			json_decref(answer);
		}
		if (poll->kind->commit)
			poll->kind->commit(poll, sit);
		if (poll->kind->fresh)
			freshness_proven(poll->kind->fresh(sit), clock_wall_ms());
	} else if (poll->kind->fresh) {
		kube_failure_text(outcome, poll->body.data, poll->body.len, text, sizeof(text));
		snprintf(reason, sizeof(reason), "%.159s",
			 outcome->status == 404 ? poll->kind->missing
			 : outcome->status == 403 ? poll->kind->refused
			 : outcome->status == 200 ? "the answer is no list" : text);
		freshness_failed(poll->kind->fresh(sit), outcome->fault, reason);
	}
}

static void on_done(void *arg, const struct http_outcome *outcome)
{
	struct kube_poll *poll = arg;

	poll->call = NULL;
	if (poll->kind->others) {
		judge_other(poll, outcome);
	} else {
		kube_client_learn(&poll->kube->client, outcome);
		judge_answer(poll, outcome);
	}
	split_release(&poll->split);
	buf_release(&poll->body);
	api_services_clear(&poll->apis);
	snapshots_clear(&poll->snapshots);
	if (!poll->kind->quiet || outcome->rc || outcome->status != 200 || !poll->answered)
		situation_touch(poll->kube->env->sit, poll->kind->section);
	poll->answered = !outcome->rc && outcome->status == 200;
	again(poll, outcome);
}

static bool choose_other(struct kube_poll *poll)
{
	const struct kube_client *client = &poll->kube->client;

	if (client->nservers < 2)
		return false;
	poll->turn = (poll->turn + 1) % client->nservers;
	if (poll->turn == client->current)
		poll->turn = (poll->turn + 1) % client->nservers;
	return true;
}

/* The path, in the next of the watched namespaces when not all are. */
static char *path_of(struct kube_poll *poll)
{
	const struct strlist *spaces = &poll->kube->env->config->kube.namespaces;
	const char *ns = poll->kube->env->sit->cluster.namespaces;
	const char *percent = strstr(poll->kind->path, "%s");
	char *space, *path;

	if (!percent)
		return xstrdup(poll->kind->path);
	if (spaces->len)
		ns = spaces->items[poll->turn++ % (int)spaces->len];
	space = ns ? xasprintf("/namespaces/%s", ns) : xstrdup("");
	path = xasprintf("%.*s%s%s", (int)(percent - poll->kind->path), poll->kind->path, space,
			 percent + 2);
	free(space);
	return path;
}

static void poll_now(struct kube_poll *poll)
{
	struct kube_ask ask = {
		.total_ms = ANSWER_MS, .gzip = true, .data = on_data, .done = on_done,
		.arg = poll,
	};
	char *path;

	if (poll->call)
		return;
	if (poll->kind->early && poll->kind->early(poll->kube->env->sit)) {
		uv_timer_start(&poll->timer, on_timer, EARLY_MS, 0);
		return;
	}
	if (poll->kind->others && !choose_other(poll)) {
		again(poll, NULL);
		return;
	}
	ask.server = poll->kind->others ? poll->turn + 1 : 0;
	split_init(&poll->split, SPLIT_LIST, poll);
	poll->split.object = on_object;
	poll->broken = false;
	path = path_of(poll);
	ask.path = path;
	poll->call = kube_read(&poll->kube->client, &ask);
	free(path);
}

void kube_polls_start(struct kube *kube)
{
	int i;

	for (i = 0; i < KUBE_POLLS; i++) {
		struct kube_poll *poll = &kube->polls[i];
		struct freshness *fresh = kinds[i].fresh ? kinds[i].fresh(kube->env->sit) : NULL;

		poll->kube = kube;
		poll->kind = &kinds[i];
		poll->body.max = BODY_MAX;
		uv_timer_init(kube->env->loop, &poll->timer);
		poll->timer.data = poll;
		if (fresh)
			fresh->max_age_ms = 3 * kinds[i].every_ms(kube) + ANSWER_MS;
	}
}

void kube_polls_others(struct kube *kube)
{
	int i;

	for (i = 0; i < KUBE_POLLS; i++)
		if (kinds[i].others)
			poll_now(&kube->polls[i]);
}

void kube_polls_refresh(struct kube *kube)
{
	int i;

	for (i = 0; i < KUBE_POLLS; i++)
		poll_now(&kube->polls[i]);
}

void kube_polls_stop(struct kube *kube, uv_close_cb closed)
{
	int i;

	for (i = 0; i < KUBE_POLLS; i++) {
		http_cancel(kube->polls[i].call);
		split_release(&kube->polls[i].split);
		buf_release(&kube->polls[i].body);
		api_services_clear(&kube->polls[i].apis);
		snapshots_clear(&kube->polls[i].snapshots);
		uv_close((uv_handle_t *)&kube->polls[i].timer, closed);
	}
}

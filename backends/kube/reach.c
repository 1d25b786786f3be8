/* backends/kube/reach.c: see reach.h */
#include "backends/kube/reach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/kube/kube.h"
#include "backends/kube/proxied.h"
#include "core/alloc.h"
#include "core/clock.h"

#define BODY_MAX (64 * 1024)       /* of an answer that nobody needs */
#define KEPT_MAX 4096
#define FIRST_MS 200               /* between questions while some node has never been asked */
#define NONE_MS 2000               /* no node is known yet */
#define DOUBT_MS 3000              /* the API server has this long to show that it lives */

static const struct config_reach *config_of(const struct kube_reach *reach)
{
	return &reach->kube->env->config->kube.reach;
}

static struct nodes *nodes_of(const struct kube_reach *reach)
{
	return &reach->kube->env->sit->nodes;
}

static void ask(struct kube_reach *reach);

static void on_timer(uv_timer_t *timer)
{
	ask(timer->data);
}

/* ---- the budget --------------------------------------------------------------------------- */

/* Half of a minute's requests may come at once, the other half is spread over it: no minute ever
 * sees more than all of them. */
static void refill(struct kube_reach *reach)
{
	double most = (double)config_of(reach)->per_minute / 2;
	int64_t now = clock_mono_ms();

	most = most < 1 ? 1 : most;
	reach->tokens += (double)(now - reach->refilled_ms) * most / 60000;
	reach->tokens = reach->tokens > most ? most : reach->tokens;
	reach->refilled_ms = now;
}

static int64_t until_token(struct kube_reach *reach)
{
	double most = (double)config_of(reach)->per_minute / 2;

	refill(reach);
	return reach->tokens >= 1 ? 0 : (int64_t)((1 - reach->tokens) * 60000 / (most < 1 ? 1 : most));
}

static bool can_be_asked(const struct node *node)
{
	return node_ready(node) == TRI_TRUE && kube_name_safe(node->name);
}

static int64_t next_ms(struct kube_reach *reach)
{
	const struct nodes *nodes = nodes_of(reach);
	int64_t wait, token = until_token(reach);
	size_t ready = 0, unasked = 0, i;

	for (i = 0; i < nodes->len; i++) {
		ready += can_be_asked(nodes->items[i]);
		unasked += can_be_asked(nodes->items[i]) && !nodes->items[i]->reach.asked_ms;
	}
	wait = unasked ? FIRST_MS : config_of(reach)->every_ms / (int64_t)(ready ? ready : 1);
	return wait > token ? wait : token;
}

static void again(struct kube_reach *reach)
{
	buf_release(&reach->body);
	uv_timer_start(&reach->timer, on_timer, (uint64_t)next_ms(reach), 0);
}

/* ---- the answer --------------------------------------------------------------------------- */

/* That nothing has changed is no news: nobody need look at it. */
static void put(const struct kube_reach *reach, struct node_reach *mine, enum reach_result result,
		const char *text)
{
	int64_t now = clock_wall_ms();

	if (mine->fresh.state != FRESH_OK || mine->result != result || result == REACH_FAILED ||
	    strcmp(mine->text, text) != 0)
		situation_touch(reach->kube->env->sit, SECTION_NODES);
	if (mine->result != result || !mine->since_ms)
		mine->since_ms = now;
	mine->result = result;
	mine->failures = result == REACH_FAILED ? mine->failures + 1 : 0;
	snprintf(mine->text, sizeof(mine->text), "%s", text);
	freshness_proven(&mine->fresh, now);
}

static void failed(const struct kube_reach *reach, struct node_reach *mine, enum fresh_fault fault,
		   const char *why)
{
	if (mine->fresh.state == FRESH_OK || strcmp(mine->fresh.reason, why) != 0)
		situation_touch(reach->kube->env->sit, SECTION_NODES);
	freshness_failed(&mine->fresh, fault, why);
}

/* Who may not knows nothing of any node. */
static void refused(const struct kube_reach *reach)
{
	struct nodes *nodes = nodes_of(reach);
	size_t i;

	for (i = 0; i < nodes->len; i++)
		failed(reach, &nodes->items[i]->reach, FAULT_RIGHTS,
		       "needs the right to get pods/proxy there");
}

static void on_alive(void *arg, const struct http_outcome *outcome)
{
	struct kube_reach *reach = arg;
	struct node *node = nodes_find(nodes_of(reach), reach->node);
	char text[64];

	reach->call = NULL;
	kube_client_learn(&reach->kube->client, outcome);
	snprintf(text, sizeof(text), "no answer within %lld s",
		 (long long)config_of(reach)->timeout_ms / 1000);
	if (node && !outcome->rc && outcome->status < 500)
		put(reach, &node->reach, REACH_FAILED, text);
	else if (node && outcome->rc != -ECONNABORTED)
		failed(reach, &node->reach, outcome->fault,
		       outcome->rc ? outcome->text : "the API server isn't ready");
	again(reach);
}

/* Silence: is it the pod's, or the API server's own? Without etcd it can't even look the pod up. */
static void ask_alive(struct kube_reach *reach)
{
	struct kube_ask request = {
		.path = "/readyz", .total_ms = DOUBT_MS, .done = on_alive, .arg = reach,
	};

	reach->call = kube_read(&reach->kube->client, &request);
}

static void judge(struct kube_reach *reach, struct node_reach *mine, enum proxied means,
		  enum fresh_fault fault, const char *text)
{
	if (means == PROXIED_ANSWER)
		mine->took_ms = clock_mono_ms() - reach->began_ms;
	if (means == PROXIED_ANSWER)
		put(reach, mine, REACH_ANSWERED, text);
	else if (means == PROXIED_CLOSED)
		put(reach, mine, REACH_CLOSED, text);
	else if (means == PROXIED_SILENT)
		put(reach, mine, REACH_FAILED, text);
	else if (means == PROXIED_REFUSED)
		refused(reach);
	else
		failed(reach, mine, fault, text);
}

static void on_done(void *arg, const struct http_outcome *outcome)
{
	struct kube_reach *reach = arg;
	struct node *node = nodes_find(nodes_of(reach), reach->node);
	char text[160];
	enum proxied means = proxied_judge(outcome, reach->body.data, reach->body.len, text,
					   sizeof(text));

	reach->call = NULL;
	proxied_learn(&reach->kube->client, outcome);
	if (outcome->rc == -ETIMEDOUT && means == PROXIED_SILENT) {
		ask_alive(reach);
		return;
	}
	if (node && outcome->rc != -ECONNABORTED)
		judge(reach, &node->reach, means, outcome->fault, text);
	again(reach);
}

static void on_data(void *arg, long status, const char *bytes, size_t len)
{
	struct kube_reach *reach = arg;
	size_t room = KEPT_MAX - reach->body.len;
	struct node *node;
	char text[32];

	reach->got += len;
	if (status >= 400)
		buf_append(&reach->body, bytes, len < room ? len : room);
	if (reach->got <= BODY_MAX)
		return;
	/* It answers at length: that is all there is to know. */
	http_cancel(reach->call);
	reach->call = NULL;
	node = nodes_find(nodes_of(reach), reach->node);
	snprintf(text, sizeof(text), "HTTP %ld", status);
	if (node)
		judge(reach, &node->reach, PROXIED_ANSWER, FAULT_NONE, text);
	again(reach);
}

/* ---- the question ------------------------------------------------------------------------- */

/* The Ready node that was asked longest ago; what isn't Ready isn't judged by its pods. */
static struct node *choose_node(struct kube_reach *reach)
{
	struct nodes *nodes = nodes_of(reach);
	struct node *best = NULL;
	size_t i;

	for (i = 0; i < nodes->len; i++) {
		struct node *node = nodes->items[i];

		node->reach.fresh.max_age_ms = 3 * config_of(reach)->every_ms +
					       config_of(reach)->timeout_ms;
		if (!can_be_asked(node))
			failed(reach, &node->reach, FAULT_SERVER, "its node isn't Ready");
		else if (!best || node->reach.asked_ms < best->reach.asked_ms)
			best = node;
	}
	return best;
}

static bool is_wanted(const struct kube_reach *reach, const struct config_reach_pods *wanted,
		      const struct pod *pod, const char *node)
{
	char workload[WORKLOAD_KEY];
	size_t i;

	if (!pod->node || strcmp(pod->node, node) || !pod->ready || pod->deleting ||
	    pod->host_network || !kube_name_safe(pod->name) || !kube_name_safe(pod->ns))
		return false;
	situation_workload_of(reach->kube->env->sit, pod, workload);
	for (i = 0; i < wanted->workloads.len; i++)
		if (config_glob(wanted->workloads.items[i], workload))
			return true;
	return false;
}

/* Of those that fit, another one each turn. */
static const struct pod *choose_among(const struct kube_reach *reach,
				      const struct config_reach_pods *wanted, const char *node)
{
	const struct pods *pods = &reach->kube->env->sit->pods;
	size_t count = 0, at, i;

	for (i = 0; i < pods->len; i++)
		count += is_wanted(reach, wanted, pods->items[i], node);
	at = count ? reach->turn % count : 0;
	for (i = 0; i < pods->len && count; i++)
		if (is_wanted(reach, wanted, pods->items[i], node) && at-- == 0)
			return pods->items[i];
	return NULL;
}

static const struct pod *choose_pod(const struct kube_reach *reach, const char *node,
				    const struct config_reach_pods **ret)
{
	const struct config_reach *config = config_of(reach);
	const struct pod *pod = NULL;
	size_t i;

	for (i = 0; i < config->npods && !pod; i++) {
		*ret = &config->pods[i];
		pod = choose_among(reach, *ret, node);
	}
	return pod;
}

static void send_to(struct kube_reach *reach, struct node *node, const struct pod *pod,
		 const struct config_reach_pods *wanted)
{
	struct kube_ask request = {
		.accept = "*/*", .total_ms = config_of(reach)->timeout_ms, .data = on_data,
		.done = on_done, .arg = reach,
	};
	char *path = xasprintf("/api/v1/namespaces/%s/pods/%s:%lld/proxy%s%s", pod->ns, pod->name,
			       (long long)wanted->port, wanted->path[0] == '/' ? "" : "/",
			       wanted->path);

	free(node->reach.pod);
	node->reach.pod = xasprintf("%s/%s:%lld", pod->ns, pod->name, (long long)wanted->port);
	snprintf(reach->node, sizeof(reach->node), "%s", node->name);
	reach->tokens -= 1;
	reach->got = 0;
	reach->began_ms = clock_mono_ms();
	node->reach.fresh.requests++;
	request.path = path;
	reach->call = kube_read(&reach->kube->client, &request);
	free(path);
}

static void ask(struct kube_reach *reach)
{
	const struct config_reach_pods *wanted = NULL;
	const struct pod *pod;
	struct node *node;
	int64_t wait;

	if (reach->call || !config_of(reach)->npods)
		return;
	node = reach->kube->env->sit->pods.complete ? choose_node(reach) : NULL;
	wait = node ? until_token(reach) : NONE_MS;
	if (wait) {
		uv_timer_start(&reach->timer, on_timer, (uint64_t)wait, 0);
		return;
	}
	node->reach.asked_ms = clock_wall_ms();
	pod = choose_pod(reach, node->name, &wanted);
	if (!pod) {
		failed(reach, &node->reach, FAULT_NONE, "none of those pods is Ready there");
		again(reach);
		return;
	}
	reach->turn++;
	send_to(reach, node, pod, wanted);
}

void kube_reach_start(struct kube_reach *reach, struct kube *kube)
{
	reach->kube = kube;
	reach->body.max = KEPT_MAX;
	reach->refilled_ms = clock_mono_ms();
	reach->tokens = (double)config_of(reach)->per_minute;
	uv_timer_init(kube->env->loop, &reach->timer);
	reach->timer.data = reach;
	nodes_of(reach)->reach_wanted = config_of(reach)->npods > 0;
	refill(reach);
}

void kube_reach_refresh(struct kube_reach *reach)
{
	ask(reach);
}

void kube_reach_stop(struct kube_reach *reach, uv_close_cb closed)
{
	http_cancel(reach->call);
	buf_release(&reach->body);
	uv_close((uv_handle_t *)&reach->timer, closed);
}

/*
 * backends/kube/disks.c: see disks.h. Source: k8s.io/kubelet, stats/v1alpha1: Summary is {"node":
 * {..., "fs": {...}, "runtime": {"imageFs": {...}}}, "pods": [...]}: the node comes first, and
 * nothing behind it is waited for.
 */
#include "backends/kube/disks.h"

#include <stdlib.h>
#include <string.h>

#include "backends/kube/jsonx.h"
#include "backends/kube/kube.h"
#include "backends/kube/proxied.h"
#include "core/alloc.h"
#include "core/clock.h"

#define ANSWER_MS 10000
#define NONE_MS 2000               /* no node is known yet */
#define FIRST_MS 100               /* while some node has never been asked */
#define REFUSED_MS 300000
#define FAILURE_MAX 4096

static void ask(struct kube_disks *disks);

static void on_timer(uv_timer_t *timer)
{
	ask(timer->data);
}

static int64_t every_ms(const struct kube_disks *disks)
{
	return disks->kube->env->config->kube.disk_every_ms;
}

/* Of the two file systems, which are often one, the fuller. */
static void fuller(struct node *node, const json_t *fs)
{
	int64_t total = jx_int(fs, "capacityBytes"), available = jx_int(fs, "availableBytes");

	if (total <= 0 || available < 0 || available > total)
		return;
	if (node->disk_bytes > 0 && (double)available / (double)total >=
				    (double)node->disk_free_bytes / (double)node->disk_bytes)
		return;
	node->disk_bytes = total;
	node->disk_free_bytes = available;
}

/* What people and rules see of it. */
static int percent_of(const struct node *node)
{
	return node->disk_bytes > 0 ? (int)((node->disk_bytes - node->disk_free_bytes) * 100 /
					    node->disk_bytes) : -1;
}

static void on_node(void *arg, const char *json, size_t len)
{
	struct kube_disks *disks = arg;
	struct nodes *nodes = &disks->kube->env->sit->nodes;
	struct node *node = nodes_find(nodes, disks->node);
	json_t *answer = jx_load(json, len);

	if (node && answer) {
		int before = percent_of(node);

		node->disk_bytes = node->disk_free_bytes = 0;
		fuller(node, json_object_get(answer, "fs"));
		fuller(node, jx_at(answer, "runtime.imageFs"));
		node->disk_ms = node->disk_bytes ? clock_wall_ms() : 0;
		disks->read = node->disk_bytes > 0;
		disks->news |= percent_of(node) != before;
	}
	json_decref(answer);
}

static void again(struct kube_disks *disks, int64_t ms)
{
	struct node *node = nodes_find(&disks->kube->env->sit->nodes, disks->node);

	if (node)
		node->disk_tried = true;
	split_release(&disks->split);
	buf_release(&disks->failure);
	if (disks->news)
		situation_touch(disks->kube->env->sit, SECTION_NODES);
	disks->news = false;
	uv_timer_start(&disks->timer, on_timer, (uint64_t)ms, 0);
}

static int64_t next_ms(const struct kube_disks *disks)
{
	const struct nodes *nodes = &disks->kube->env->sit->nodes;
	size_t i;

	for (i = 0; i < nodes->len; i++)
		if (node_ready(nodes->items[i]) == TRI_TRUE && !nodes->items[i]->disk_asked_ms)
			return FIRST_MS;
	return every_ms(disks) / (int64_t)(nodes->len ? nodes->len : 1);
}

static void on_data(void *arg, long status, const char *bytes, size_t len)
{
	struct kube_disks *disks = arg;

	if (status != 200) {
		buf_append(&disks->failure, bytes, len);
		return;
	}
	split_feed(&disks->split, bytes, len);
	if (!disks->read)
		return;
	http_cancel(disks->call);
	disks->call = NULL;
	disks->news |= disks->kube->env->sit->nodes.disks_fresh.state != FRESH_OK;
	freshness_proven(&disks->kube->env->sit->nodes.disks_fresh, clock_wall_ms());
	again(disks, next_ms(disks));
}

static void on_done(void *arg, const struct http_outcome *outcome)
{
	struct kube_disks *disks = arg;
	struct freshness *fresh = &disks->kube->env->sit->nodes.disks_fresh;
	char text[160], reason[160];
	bool refused = proxied_judge(outcome, disks->failure.data, disks->failure.len, text,
				     sizeof(text)) == PROXIED_REFUSED;

	disks->call = NULL;
	proxied_learn(&disks->kube->client, outcome);
	snprintf(reason, sizeof(reason), "%.40s: %.110s", disks->node, refused
		 ? "needs the right to get nodes/proxy" : !outcome->rc && outcome->status == 200
		 ? "its kubelet tells nothing of a disk" : text);
	disks->news |= strcmp(fresh->reason, reason) != 0;
	freshness_failed(fresh, outcome->fault == FAULT_NONE ? FAULT_SERVER : outcome->fault, reason);
	again(disks, refused ? REFUSED_MS : next_ms(disks));
}

/* The one whose numbers are oldest, among those that answer at all. */
static const struct node *oldest(const struct nodes *nodes)
{
	const struct node *best = NULL;
	size_t i;

	for (i = 0; i < nodes->len; i++) {
		const struct node *node = nodes->items[i];

		if (node_ready(node) == TRI_TRUE && (!best || node->disk_asked_ms < best->disk_asked_ms))
			best = node;
	}
	return best;
}

static void ask(struct kube_disks *disks)
{
	struct kube_ask request = {
		.gzip = true, .total_ms = ANSWER_MS, .data = on_data, .done = on_done, .arg = disks,
	};
	struct node *node = (struct node *)(uintptr_t)oldest(&disks->kube->env->sit->nodes);
	char *path;

	if (disks->call || every_ms(disks) <= 0)
		return;
	if (!node || !kube_name_safe(node->name)) {
		uv_timer_start(&disks->timer, on_timer, NONE_MS, 0);
		return;
	}
	node->disk_asked_ms = clock_wall_ms();
	snprintf(disks->node, sizeof(disks->node), "%s", node->name);
	disks->read = false;
	split_init(&disks->split, SPLIT_LIST, disks);
	disks->split.meta_key = "node";
	disks->split.meta = on_node;
	path = xasprintf("/api/v1/nodes/%s/proxy/stats/summary", node->name);
	request.path = path;
	disks->call = kube_read(&disks->kube->client, &request);
	free(path);
}

void kube_disks_start(struct kube_disks *disks, struct kube *kube)
{
	disks->kube = kube;
	disks->failure.max = FAILURE_MAX;
	uv_timer_init(kube->env->loop, &disks->timer);
	disks->timer.data = disks;
	kube->env->sit->nodes.disks_wanted = every_ms(disks) > 0;
	kube->env->sit->nodes.disks_fresh.max_age_ms = 3 * every_ms(disks) + ANSWER_MS;
}

void kube_disks_refresh(struct kube_disks *disks)
{
	ask(disks);
}

void kube_disks_stop(struct kube_disks *disks, uv_close_cb closed)
{
	http_cancel(disks->call);
	split_release(&disks->split);
	buf_release(&disks->failure);
	uv_close((uv_handle_t *)&disks->timer, closed);
}

/* tui/once/cluster.c: nodes, pods, workloads, storage and what the cluster stands on, as text */
#include <math.h>
#include <string.h>

#include "core/clock.h"
#include "tui/once/parts.h"
#include "tui/plain.h"

#define PODS_SHOWN 100

/* What the cluster stands on, where it isn't as it should be; and the newest snapshots' age. */
void once_put_control(const struct once_view *view, FILE *out)
{
	const struct api_services *apis = &view->sit->apis;
	const struct snapshots *snapshots = &view->sit->snapshots;
	char age[CLOCK_TEXT];
	size_t i;

	for (i = 0; i < apis->len; i++) {
		fputs("  API ", out);
		plain_put(apis->items[i].name, out);
		fputs(" is not available: ", out);
		plain_put(apis->items[i].message, out);
		fputc('\n', out);
	}
	for (i = 0; i < snapshots->len; i++) {
		const struct snapshot *one = &snapshots->items[i];

		fputs("  etcd snapshot of ", out);
		plain_put(one->node, out);
		if (one->created_ms)
			fprintf(out, ": %s ago", clock_format_age(view->now_ms - one->created_ms,
								  age));
		else
			fputs(": none", out);
		if (one->error[0]) {
			fputs(", and one has failed since: ", out);
			plain_put(one->error, out);
		}
		fputc('\n', out);
	}
}

void once_put_nodes(const struct once_view *view, FILE *out)
{
	const struct nodes *nodes = &view->sit->nodes;
	const char *heads[] = {"NAME", "STATUS", "REASON", "LEASE", "CPU", "MEM", "ROLES", "VERSION",
			       "AGE", nodes->disks_wanted ? "DISK" : nodes->reach_wanted ? "PODS REACHED"
			       : NULL, nodes->disks_wanted && nodes->reach_wanted ? "PODS REACHED" : NULL,
			       NULL};
	bool metrics = freshness_at(&view->sit->cluster.metrics_fresh, view->now_ms) == FRESH_OK;
	struct plain_table table;
	char status[64];
	size_t i;

	once_put_heading(view, "NODES", &nodes->fresh, out);
	if (!nodes->len)
		return;
	plain_start(&table, heads);
	for (i = 0; i < nodes->len; i++) {
		const struct node *node = nodes->items[i];
		const struct node_condition *ready = node_condition(node, "Ready");

		plain_cell(&table, node->name);
		plain_cell(&table, node_status_text(node, status, sizeof(status)));
		plain_cell(&table, ready ? ready->reason : NULL);
		once_add_age(&table, view, node->lease_renew_ms);
		once_add_ratio(&table, metrics ? node->cpu_milli : -1, node->cpu_alloc_milli);
		once_add_ratio(&table, metrics ? node->mem_kib : -1, node->mem_alloc_kib);
		plain_cell(&table, node->roles);
		plain_cell(&table, node->version);
		once_add_age(&table, view, node->created_ms);
		if (nodes->disks_wanted)
			once_add_ratio(&table, node_disk_known(nodes, node, view->now_ms)
				  ? node->disk_bytes - node->disk_free_bytes : -1, node->disk_bytes);
		if (nodes->reach_wanted)
			plain_cell(&table, freshness_at(&node->reach.fresh, view->now_ms) == FRESH_OK
				   ? reach_result_name(node->reach.result) : "unknown");
	}
	plain_end(&table, 2, out);
}

static void put_pod(const struct once_view *view, struct plain_table *table, const struct pod *pod)
{
	plain_cell(table, pod->ns);
	plain_cell(table, pod->name);
	plain_cellf(table, "%d/%d", pod->containers_ready, pod->containers);
	plain_cell(table, pod->status);
	plain_cellf(table, "%d", pod->restarts);
	if (pod->last_reason)
		plain_cellf(table, "%s (%d)", pod->last_reason, pod->last_exit_code);
	else
		plain_cell(table, NULL);
	plain_cell(table, pod->node);
	once_add_age(table, view, pod->created_ms);
	plain_cell(table, pod->message);
}

void once_put_pods(const struct once_view *view, FILE *out)
{
	static const char *const heads[] = {"NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS",
					    "LAST", "NODE", "AGE", "MESSAGE", NULL};
	const struct pods *pods = &view->sit->pods;
	size_t ready = 0, finished = 0, problems = 0, i;
	struct plain_table table;

	once_put_heading(view, "PODS", &pods->fresh, out);
	if (!pods->len && !pods->complete)
		return;
	plain_start(&table, heads);
	for (i = 0; i < pods->len; i++) {
		ready += pods->items[i]->ready;
		finished += pods->items[i]->phase == POD_SUCCEEDED;
		if (!pod_is_problem(pods->items[i], view->now_ms))
			continue;
		if (problems++ < PODS_SHOWN)
			put_pod(view, &table, pods->items[i]);
	}
	fprintf(out, "  %zu pods%s: %zu ready, %zu finished, %zu with a problem%s\n", pods->len,
		pods->complete ? "" : " so far", ready, finished, problems, problems ? ":" : "");
	if (problems > PODS_SHOWN)
		fprintf(out, "  (the first %d)\n", PODS_SHOWN);
	if (problems)
		plain_end(&table, 2, out);
	else
		plain_drop(&table);
}

static bool is_unfinished(const struct workload *work)
{
	if (work->kind == WORKLOAD_REPLICASET)
		return false;
	if (work->kind == WORKLOAD_JOB)
		return work->condition && !strcmp(work->condition, "Failed");
	return work->available < work->desired || work->updated < work->desired;
}

void once_put_workloads(const struct once_view *view, FILE *out)
{
	static const char *const heads[] = {"WORKLOAD", "READY", "UPDATED", "AVAILABLE", "ROLLOUT",
					    NULL};
	const struct workloads *all = &view->sit->workloads;
	struct plain_table table;
	char text[160];
	size_t i;

	once_put_heading(view, "WORKLOADS not as wanted", &all->fresh[WORKLOAD_DEPLOYMENT], out);
	plain_start(&table, heads);
	for (i = 0; i < all->len; i++) {
		const struct workload *work = all->items[i];

		if (!is_unfinished(work))
			continue;
		workload_rollout(work, text, sizeof(text));
		plain_cellf(&table, "%s/%s/%s", workload_kind_name(work->kind), work->ns,
			    work->name);
		plain_cellf(&table, "%d/%d", work->ready, work->desired);
		plain_cellf(&table, "%d", work->updated);
		plain_cellf(&table, "%d", work->available);
		plain_cell(&table, text);
	}
	if (table.len > table.columns) {
		plain_end(&table, 2, out);
		return;
	}
	plain_drop(&table);
	if (freshness_at(&all->fresh[WORKLOAD_DEPLOYMENT], view->now_ms) == FRESH_OK)
		fputs("  none\n", out);
}

/* What is wrong alone; where data stands is for the pane. */
void once_put_storage(const struct once_view *view, FILE *out)
{
	const struct storage *storage = &view->sit->storage;
	char trouble[200];
	size_t claims = 0, i;

	once_put_heading(view, "STORAGE", &storage->fresh[VOLUME_CLAIM], out);
	for (i = 0; i < storage->len; i++)
		claims += storage->items[i]->kind == VOLUME_CLAIM;
	fprintf(out, "  %zu claims, %zu volumes\n", claims, storage->len - claims);
	for (i = 0; i < storage->len; i++) {
		const struct volume *volume = storage->items[i];

		if (!volume_trouble(storage, &view->sit->nodes, volume, trouble,
				    sizeof(trouble))[0])
			continue;
		fprintf(out, "    %s %s%s", volume_kind_name(volume->kind), volume->ns,
			volume->ns[0] ? "/" : "");
		plain_put(volume->name, out);
		fputs(": ", out);
		plain_put(trouble, out);
		fputc('\n', out);
	}
}

void once_put_apps(const struct once_view *view, FILE *out)
{
	const struct apps *apps = &view->sit->apps;
	size_t i, at;

	for (i = 0; i < apps->len; i++) {
		const struct app_metrics *app = apps->items[i];

		fputs("\nMETRICS of ", out);
		plain_put(app->name, out);
		fputs("  [", out);
		once_put_freshness(view, &app->fresh, out);
		fputs("]\n", out);
		for (at = 0; at < app->len; at++) {
			fputs("  ", out);
			plain_put(app->values[at].name, out);
			fprintf(out, "  %.6g", app->values[at].sum);
			if (isfinite(app->values[at].per_s))
				fprintf(out, ", %.3g a second", app->values[at].per_s);
			fputc('\n', out);
		}
	}
}

/* tui/once.c: the situation as plain text; see once.h */
#include "tui/once.h"

#include <math.h>
#include <string.h>

#include "core/clock.h"
#include "incident/ladder.h"
#include "tui/check.h"
#include "tui/plain.h"

#define PODS_SHOWN 100
#define KEYS_SHOWN 10

/* "fresh, 2s ago", "stale for 1m5s: connection refused (the server)". */
static void put_freshness(const struct once_view *view, const struct freshness *fresh, FILE *out)
{
	enum fresh_state state = freshness_at(fresh, view->now_ms);
	char age[CLOCK_TEXT];

	fputs(fresh_state_name(state), out);
	if (fresh->as_of_ms)
		fprintf(out, ", as of %s ago",
			clock_format_age(view->now_ms - fresh->as_of_ms, age));
	if (state == FRESH_OK)
		return;
	fputs(": ", out);
	plain_put(fresh->reason[0] ? fresh->reason : "no answer yet", out);
	if (fresh->fault != FAULT_NONE)
		fprintf(out, " (%s)", fresh_fault_name(fresh->fault));
}

static void put_heading(const struct once_view *view, const char *title,
			const struct freshness *fresh, FILE *out)
{
	fputc('\n', out);
	plain_put(title, out);
	fputs("  [", out);
	put_freshness(view, fresh, out);
	fputs("]\n", out);
}

/* What the cluster stands on, where it isn't as it should be; and the newest snapshots' age. */
static void put_control(const struct once_view *view, FILE *out)
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

static void put_head(const struct once_view *view, FILE *out)
{
	const struct cluster *cluster = &view->sit->cluster;
	const char *name = view->config->name ? view->config->name : cluster->context;
	char when[CLOCK_TEXT];
	int i;

	fputs("sitrep", out);
	if (name) {
		fputs("  ", out);
		plain_put(name, out);
	}
	fprintf(out, "  %s\n", clock_format_rfc3339(view->now_ms, when));
	if (!view->config->kube.enabled)
		return;
	put_heading(view, "CLUSTER", &cluster->fresh, out);
	fputs("  version ", out);
	plain_put(cluster->version ? cluster->version : "unknown", out);
	fputc('\n', out);
	for (i = 0; i < cluster->nservers; i++) {
		fprintf(out, "  %s ", cluster->servers[i].current ? "*" : " ");
		plain_put(cluster->servers[i].url, out);
		fputs("  ", out);
		put_freshness(view, &cluster->servers[i].fresh, out);
		if (cluster->servers[i].failing[0]) {
			fputs(", failing: ", out);
			plain_put(cluster->servers[i].failing, out);
		}
		fputc('\n', out);
	}
	put_control(view, out);
}

/* Incidents */

static void put_action(const struct verdict_action *action, FILE *out)
{
	const struct verb *verb = verb_find(action->request.verb);
	char command[1024];

	fputs("    action    ", out);
	plain_put(action->label, out);
	if (verb && verb->command) {
		verb->command(&action->request, command, sizeof(command));
		fputs("\n              $ ", out);
		plain_put(command, out);
	}
	fputc('\n', out);
}

static void put_told(const char *label, const char *text, FILE *out)
{
	if (!text || !text[0])
		return;
	fprintf(out, "    %-9s ", label);
	plain_put(text, out);
	fputc('\n', out);
}

static void put_clock(const struct once_view *view, const struct verdict_clock *clock, FILE *out)
{
	int64_t left = clock->due_ms - view->now_ms;
	char text[CLOCK_TEXT];

	fputs("    clock     ", out);
	plain_put(clock->label, out);
	fprintf(out, left > 0 ? " in %s\n" : " %s ago\n",
		clock_format_age(left > 0 ? left : -left, text));
}

static void put_verdict(const struct once_view *view, const struct verdict *verdict, FILE *out)
{
	const struct mode_told *told = &verdict->mode->told;
	char since[CLOCK_TEXT], age[CLOCK_TEXT];
	size_t i;

	fprintf(out, "  %s: ", verdict->mode->id);
	plain_put(verdict->title, out);
	fprintf(out, "\n    %s, since %s (%s)%s\n", severity_name(verdict->mode->severity),
		clock_format_rfc3339(verdict->since_ms, since),
		clock_format_age(view->now_ms - verdict->since_ms, age),
		verdict->state == VERDICT_FADING ? ", its evidence can't be read now" : "");
	for (i = 0; i < verdict->nevidence; i++) {
		fprintf(out, "    %-12s  ", evidence_state_name(verdict->evidence[i].state));
		plain_put(verdict->evidence[i].text, out);
		fputc('\n', out);
	}
	for (i = 0; i < verdict->nclocks; i++)
		put_clock(view, &verdict->clocks[i], out);
	put_told("recovers", told->recovers, out);
	put_told("to do", told->action, out);
	for (i = 0; i < verdict->nactions; i++)
		put_action(&verdict->actions[i], out);
}

static void put_verdicts(const struct once_view *view, FILE *out)
{
	char text[400], wrong[400];
	const char *unknown = check_unknown(view, text, sizeof(text));
	const char *failing = check_failing(view->sit, view->now_ms, wrong, sizeof(wrong));
	size_t i;

	if (!view->verdicts) {
		fputs("\nINCIDENTS  not judged\n", out);
		return;
	}
	fprintf(out, "\nINCIDENTS  %zu", view->verdicts->len);
	if (failing) {
		fputs(", but ", out);
		plain_put(failing, out);
	}
	if (unknown) {
		fputs(failing ? "; not all could be read: " : ", but not all could be read: ", out);
		plain_put(unknown, out);
	}
	fputc('\n', out);
	for (i = 0; i < view->verdicts->len; i++)
		put_verdict(view, &view->verdicts->items[i], out);
}

/* The cluster */

static void add_ratio(struct plain_table *table, int64_t part, int64_t whole)
{
	if (part < 0 || whole <= 0)
		plain_cell(table, "?");
	else
		plain_cellf(table, "%.0f%%", 100.0 * (double)part / (double)whole);
}

static void add_age(struct plain_table *table, const struct once_view *view, int64_t at_ms)
{
	char age[CLOCK_TEXT];

	plain_cell(table, at_ms ? clock_format_age(view->now_ms - at_ms, age) : NULL);
}

static void put_nodes(const struct once_view *view, FILE *out)
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

	put_heading(view, "NODES", &nodes->fresh, out);
	if (!nodes->len)
		return;
	plain_start(&table, heads);
	for (i = 0; i < nodes->len; i++) {
		const struct node *node = nodes->items[i];
		const struct node_condition *ready = node_condition(node, "Ready");

		plain_cell(&table, node->name);
		plain_cell(&table, node_status_text(node, status, sizeof(status)));
		plain_cell(&table, ready ? ready->reason : NULL);
		add_age(&table, view, node->lease_renew_ms);
		add_ratio(&table, metrics ? node->cpu_milli : -1, node->cpu_alloc_milli);
		add_ratio(&table, metrics ? node->mem_kib : -1, node->mem_alloc_kib);
		plain_cell(&table, node->roles);
		plain_cell(&table, node->version);
		add_age(&table, view, node->created_ms);
		if (nodes->disks_wanted)
			add_ratio(&table, node_disk_known(nodes, node, view->now_ms)
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
	add_age(table, view, pod->created_ms);
	plain_cell(table, pod->message);
}

static void put_pods(const struct once_view *view, FILE *out)
{
	static const char *const heads[] = {"NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS",
					    "LAST", "NODE", "AGE", "MESSAGE", NULL};
	const struct pods *pods = &view->sit->pods;
	size_t ready = 0, finished = 0, problems = 0, i;
	struct plain_table table;

	put_heading(view, "PODS", &pods->fresh, out);
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

static void put_workloads(const struct once_view *view, FILE *out)
{
	static const char *const heads[] = {"WORKLOAD", "READY", "UPDATED", "AVAILABLE", "ROLLOUT",
					    NULL};
	const struct workloads *all = &view->sit->workloads;
	struct plain_table table;
	char text[160];
	size_t i;

	put_heading(view, "WORKLOADS not as wanted", &all->fresh[WORKLOAD_DEPLOYMENT], out);
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

/* Redis */

static void put_count(const char *label, int64_t count, FILE *out)
{
	if (count < 0)
		fprintf(out, "%s ?", label);
	else
		fprintf(out, "%s %lld", label, (long long)count);
}

static void put_scan(const struct redis_scan *scan, FILE *out)
{
	char bytes[PLAIN_BYTES];
	int i;

	if (scan->state == SCAN_OFF)
		return;
	fprintf(out, "  key scan %s: ", redis_scan_state_name(scan->state));
	fprintf(out, "%lld of %lld keys", (long long)scan->scanned, (long long)scan->total);
	if (scan->ttl_asked || !scan->scanned)
		fprintf(out, ", %s%lld without a TTL",
			scan->ttl_asked < scan->scanned ? "~" : "", (long long)scan->no_ttl);
	fputc('\n', out);
	for (i = 0; i < scan->nbig && i < KEYS_SHOWN; i++) {
		fprintf(out, "    %8s  %-6s  %s  ", plain_bytes(scan->big[i].bytes, bytes),
			scan->big[i].type, scan->big[i].ttl_ms < 0 ? "no TTL" : "TTL   ");
		plain_put(scan->big[i].name, out);
		fputc('\n', out);
	}
}

static void put_age(struct plain_table *table, int64_t ms)
{
	char age[CLOCK_TEXT];

	plain_cell(table, ms < 0 ? NULL : clock_format_age(ms, age));
}

static void cell_count(struct plain_table *table, int64_t count)
{
	if (count < 0)
		plain_cell(table, "?");
	else
		plain_cellf(table, "%lld", (long long)count);
}

static void put_queue_table(const struct asynq *asynq, FILE *out)
{
	static const char *const heads[] = {"QUEUE", "WAITING", "OLDEST", "ACTIVE", "LOST", "SCHEDULED",
					    "RETRY", "ARCHIVED", "FAILED TODAY", "STATE", NULL};
	struct plain_table table;
	int i;

	plain_start(&table, heads);
	for (i = 0; i < asynq->nqueues; i++) {
		const struct asynq_queue *queue = &asynq->queues[i];

		plain_cell(&table, queue->name);
		cell_count(&table, queue->pending);
		put_age(&table, queue->oldest_ms);
		cell_count(&table, queue->active);
		cell_count(&table, queue->orphaned);
		cell_count(&table, queue->scheduled);
		cell_count(&table, queue->retry);
		cell_count(&table, queue->archived);
		cell_count(&table, queue->failed);
		plain_cell(&table, queue->paused ? "paused" : NULL);
	}
	plain_end(&table, 2, out);
}

static void put_queues(const struct once_view *view, FILE *out)
{
	static const char *const heads[] = {"WORKER", "HEARTBEAT", "BUSY", "OF", "STATE", NULL};
	const struct asynq *asynq = &view->sit->asynq;
	struct plain_table table;
	int i;

	if (!asynq->present)
		return;
	put_heading(view, "QUEUES", &asynq->fresh, out);
	if (!asynq->fresh.as_of_ms)
		return;
	put_queue_table(asynq, out);
	if (!asynq->nservers)
		fputs("  no worker has a heartbeat\n", out);
	plain_start(&table, heads);
	for (i = 0; i < asynq->nservers; i++) {
		const struct asynq_server *server = &asynq->servers[i];

		plain_cell(&table, server->host);
		put_age(&table, server->beat_ms);
		cell_count(&table, server->busy);
		cell_count(&table, server->concurrency);
		plain_cell(&table, server->live ? "live" : "silent");
	}
	if (asynq->nservers)
		plain_end(&table, 2, out);
	else
		plain_drop(&table);
}

static void put_redis(const struct once_view *view, FILE *out)
{
	const struct redis *redis = &view->sit->redis;
	char used[PLAIN_BYTES], max[PLAIN_BYTES];

	put_heading(view, "REDIS", &redis->fresh, out);
	fputs("  ", out);
	plain_put(redis->endpoint, out);
	if (!redis->fresh.as_of_ms) {
		fputc('\n', out);
		return;
	}
	fprintf(out, "  version %s, %s\n", redis->version, redis->role[0] ? redis->role : "?");
	fprintf(out, "  used %s of %s", plain_bytes(redis->used, used),
		redis->maxmemory ? plain_bytes(redis->maxmemory, max) : "no limit");
	if (redis->used >= 0 && redis->maxmemory > 0)
		fprintf(out, " (%.0f%%)", 100.0 * (double)redis->used / (double)redis->maxmemory);
	fputs(", policy ", out);
	plain_put(redis->policy[0] ? redis->policy : "unknown", out);
	if (!redis->policy[0] && redis->policy_source[0]) {
		fputs(": ", out);
		plain_put(redis->policy_source, out);
	}
	put_count("\n  keys", redis->keys, out);
	put_count(", with a TTL", redis->expires, out);
	put_count(", clients", redis->clients, out);
	put_count(", ops/s", redis->ops_per_s, out);
	put_count(", OOM errors", redis->errors_oom, out);
	put_count(", evicted", redis->evicted, out);
	if (redis->ping_us >= 0)
		fprintf(out, ", ping %.1f ms", (double)redis->ping_us / 1000);
	fputc('\n', out);
	put_scan(&redis->scan, out);
}

/* Postgres */

static void put_way(const struct once_view *view, const char *name,
		    const struct postgres_way *way, FILE *out)
{
	int i;

	if (!way->configured)
		return;
	fprintf(out, "  %s ", name);
	plain_put(way->where, out);
	fprintf(out, ": %s", postgres_state_name(way->state));
	if (way->error[0]) {
		fprintf(out, " at %s: %s%s", postgres_step_name(way->failed_step), way->sqlstate,
			way->sqlstate[0] ? " " : "");
		plain_put(way->error, out);
	}
	for (i = 0; i < POSTGRES_STEPS; i++)
		if (way->step_us[i] >= 0)
			fprintf(out, ", %s %.1f ms", postgres_step_name((enum postgres_step)i),
				(double)way->step_us[i] / 1000);
	fputs("  [", out);
	put_freshness(view, &way->fresh, out);
	fputs("]\n", out);
}

static void put_sessions(const char *label, const struct postgres_session *list, int count,
			 FILE *out)
{
	char age[CLOCK_TEXT];
	int i;

	for (i = 0; i < count; i++) {
		fprintf(out, "  %s %lld, ", label, (long long)list[i].pid);
		plain_put(list[i].application[0] ? list[i].application : list[i].user, out);
		fprintf(out, ", %s, for %s", list[i].state,
			clock_format_age(list[i].age_s * 1000, age));
		if (list[i].blocks > 0)
			fprintf(out, ", %lld wait for it", (long long)list[i].blocks);
		fputs(": ", out);
		plain_put(list[i].query, out);
		fputc('\n', out);
	}
}

static void put_schema(const struct postgres *postgres, FILE *out)
{
	char age[CLOCK_TEXT];
	int i;

	fprintf(out, "  schema %s", postgres_goose_name(postgres->goose));
	put_count(", version", postgres->goose_version, out);
	put_count(", expected", postgres->goose_expected, out);
	fputc('\n', out);
	if (postgres->lock.held) {
		fputs("  migrations' lock held by ", out);
		plain_put(postgres->lock.holder, out);
		fprintf(out, " (%lld), quiet for %s, %lld wait\n", (long long)postgres->lock.pid,
			clock_format_age(postgres->lock.idle_s * 1000, age),
			(long long)postgres->lock.waiting);
	}
	for (i = 0; i < postgres->nindexes; i++) {
		fprintf(out, "  %s index ", postgres->indexes[i].building ? "unfinished"
			: "invalid");
		plain_put(postgres->indexes[i].name, out);
		fputc('\n', out);
	}
}

static void put_postgres(const struct once_view *view, FILE *out)
{
	const struct postgres *postgres = &view->sit->postgres;

	put_heading(view, postgres->title ? postgres->title : "POSTGRES", &postgres->fresh, out);
	put_way(view, "direct", &postgres->direct, out);
	put_way(view, "pooler", &postgres->pooler, out);
	fprintf(out, "  looking cost %lld connections this hour",
		(long long)postgres->connections_made);
	if (postgres->wake_budget >= 0)
		fprintf(out, ", %lld of %lld that may wake it", (long long)postgres->wake_spent,
			(long long)postgres->wake_budget);
	fputc('\n', out);
	if (!postgres->fresh.as_of_ms)
		return;
	fprintf(out, "  version %s%s%s", postgres->version, postgres->read_only ? ", read-only"
		: "", postgres->in_recovery ? ", in recovery" : "");
	put_count("\n  sessions", postgres->connections, out);
	put_count(" of", postgres->max_connections, out);
	put_count(", active", postgres->active, out);
	put_count(", idle", postgres->idle, out);
	put_count(", idle in transaction", postgres->in_transaction, out);
	put_count(", waiting for a lock", postgres->waiting, out);
	fputc('\n', out);
	put_schema(postgres, out);
	put_sessions("blocks others:", postgres->blockers, postgres->nblockers, out);
	put_sessions("in a transaction:", postgres->longest, postgres->nlongest, out);
}

/* Vendors */

static void put_notice(const struct once_view *view, const struct vendor_notice *notice, FILE *out)
{
	char age[CLOCK_TEXT];
	int64_t passed = view->now_ms - notice->started_ms;

	fprintf(out, "    %s%s  ", notice->perhaps ? "perhaps " : "",
		vendor_state_name(notice->impact));
	plain_put(notice->title, out);
	if (notice->phase[0]) {
		fputs(", ", out);
		plain_put(notice->phase, out);
	}
	fprintf(out, passed < 0 ? ", begins in %s\n" : ", began %s ago\n",
		clock_format_age(passed < 0 ? -passed : passed, age));
}

static void put_vendor(const struct once_view *view, const struct vendor *vendor, FILE *out)
{
	bool known = vendor->fresh.as_of_ms != 0;
	size_t i;

	fputs("  ", out);
	plain_put(vendor->name, out);
	fprintf(out, ": %s", known ? vendor_state_name(vendor->state) : "unknown");
	if (vendor->asks_pop)
		fprintf(out, ", we are served from %s", vendor->pop[0] ? vendor->pop : "?");
	fputs("  [", out);
	put_freshness(view, &vendor->fresh, out);
	fputs("]\n", out);
	for (i = 0; i < vendor->ncomponents; i++) {
		if (vendor->components[i].state == VENDOR_OK)
			continue;
		fprintf(out, "    %s  ", vendor_state_name(vendor->components[i].state));
		plain_put(vendor->components[i].name, out);
		fputc('\n', out);
	}
	for (i = 0; i < vendor->nnotices; i++)
		if (!vendor->notices[i].ended_ms)
			put_notice(view, &vendor->notices[i], out);
}

/* What is wrong alone; where data stands is for the pane. */
static void put_storage(const struct once_view *view, FILE *out)
{
	const struct storage *storage = &view->sit->storage;
	char trouble[200];
	size_t claims = 0, i;

	put_heading(view, "STORAGE", &storage->fresh[VOLUME_CLAIM], out);
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

static void put_host(const struct once_view *view, struct plain_table *table,
		     const struct host *host)
{
	const struct host_disk *disk = host_fullest(host);
	size_t ok = 0, i;

	plain_cell(table, host->node);
	plain_cell(table, freshness_at(&host->fresh, view->now_ms) == FRESH_OK ? "open"
		   : host->fresh.reason);
	if (disk)
		plain_cellf(table, "%d%% %s", host_disk_percent(disk), disk->mount);
	else
		plain_cell(table, NULL);
	if (host->unit[0])
		plain_cellf(table, "%s %s", host->unit, host->active);
	else
		plain_cell(table, NULL);
	if (host->firewall == FIREWALL_ACTIVE)
		plain_cellf(table, "%zu rules, %zu unexpected, %zu missing", host->nrules,
			    host_unexpected_rules(host), host->nmissing);
	else
		plain_cell(table, host_firewall_name(host->firewall));
	for (i = 0; i < host->nreach; i++)
		ok += host->reach[i].ok;
	plain_cellf(table, "%zu of %zu", ok, host->nreach);
	if (host->skew_ms != HOST_SKEW_UNKNOWN)
		plain_cellf(table, "%+lld ms", (long long)host->skew_ms);
	else
		plain_cell(table, NULL);
}

static void put_hosts(const struct once_view *view, FILE *out)
{
	static const char *const heads[] = {"MACHINE", "SSH", "FULLEST DISK", "SERVICE", "FIREWALL",
					    "REACHES", "CLOCK", NULL};
	const struct hosts *hosts = &view->sit->hosts;
	struct plain_table table;
	size_t i;

	if (!hosts->len)
		return;
	fputs("\nMACHINES\n", out);
	plain_start(&table, heads);
	for (i = 0; i < hosts->len; i++)
		put_host(view, &table, &hosts->items[i]);
	plain_end(&table, 2, out);
}

static void put_apps(const struct once_view *view, FILE *out)
{
	const struct apps *apps = &view->sit->apps;
	size_t i, at;

	for (i = 0; i < apps->len; i++) {
		const struct app_metrics *app = apps->items[i];

		fputs("\nMETRICS of ", out);
		plain_put(app->name, out);
		fputs("  [", out);
		put_freshness(view, &app->fresh, out);
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

static void put_vendors(const struct once_view *view, FILE *out)
{
	const struct vendors *vendors = &view->sit->vendors;
	size_t i;

	if (vendors->len)
		fputs("\nVENDORS\n", out);
	for (i = 0; i < vendors->len; i++)
		put_vendor(view, &vendors->items[i], out);
}

/* Probes */

static void put_probe(const struct once_view *view, struct plain_table *table,
		      const struct probe *probe)
{
	bool known = freshness_at(&probe->fresh, view->now_ms) == FRESH_OK &&
		     probe->result != RESULT_UNKNOWN;

	plain_cell(table, probe->name);
	plain_cell(table, known ? probe_result_name(probe->result) : "unknown");
	plain_cell(table, known && probe->result == RESULT_FAILED
		   ? probe_step_name(probe->failed_at) : probe->disagrees ? "differs"
		   : probe->base.slow ? "slow" : NULL);
	if (known && probe->total_us >= 0)
		plain_cellf(table, "%.1f ms", (double)probe->total_us / 1000);
	else
		plain_cell(table, NULL);
	if (probe->cert_expires_ms)
		plain_cellf(table, "%d days", probe_cert_days(probe, view->now_ms));
	else
		plain_cell(table, NULL);
	plain_cell(table, known ? probe->text : probe->fresh.reason);
}

static void put_probes(const struct once_view *view, FILE *out)
{
	static const char *const heads[] = {"PROBE", "RESULT", "AT", "TIME", "CERTIFICATE",
					    "ANSWER", NULL};
	const struct probes *probes = &view->sit->probes;
	struct plain_table table;
	size_t i;

	if (!probes->len)
		return;
	fputs("\nEDGE AND PROBES\n", out);
	plain_start(&table, heads);
	for (i = 0; i < probes->len; i++)
		put_probe(view, &table, probes->items[i]);
	plain_end(&table, 2, out);
}

void once_text(const struct once_view *view, FILE *out)
{
	put_head(view, out);
	put_verdicts(view, out);
	if (view->config->kube.enabled) {
		put_nodes(view, out);
		put_pods(view, out);
		put_workloads(view, out);
		put_storage(view, out);
		put_apps(view, out);
	}
	if (view->sit->redis.configured)
		put_redis(view, out);
	if (view->sit->postgres.configured)
		put_postgres(view, out);
	put_queues(view, out);
	put_hosts(view, out);
	put_vendors(view, out);
	put_probes(view, out);
}

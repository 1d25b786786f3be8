/* incident/facts_kube.c: nodes, pods and workloads in the facts: counts of all, details of what
 * is wrong and of what the configuration names. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "incident/facts.h"
#include "incident/facts_parts.h"

#define NODES_MAX 100

const char *facts_workload_of(const struct situation *sit, const struct pod *pod, char *buf,
			      size_t size)
{
	const struct workload *set = NULL;
	int kind = pod->owner_kind && pod->owner_name ? workload_kind_parse(pod->owner_kind) : -1;

	buf[0] = '\0';
	if (kind < 0)
		return buf;
	if (kind == WORKLOAD_REPLICASET)
		set = workloads_find(&sit->workloads, WORKLOAD_REPLICASET, pod->ns,
				     pod->owner_name);
	if (set && set->owner)
		snprintf(buf, size, "deployment/%s/%s", pod->ns, set->owner);
	else
		snprintf(buf, size, "%s/%s/%s", workload_kind_name((enum workload_kind)kind),
			 pod->ns, pod->owner_name);
	return buf;
}

/* Nodes */

static json_t *node_conditions(const struct node *node)
{
	json_t *map = json_object();
	int i;

	for (i = 0; i < node->nconditions; i++)
		json_object_set_new(map, node->conditions[i].type,
				    json_string(tri_name(node->conditions[i].status)));
	return map;
}

static json_t *split_list(const char *text)
{
	json_t *list = json_array();
	size_t len;

	for (; text && *text; text += len + (text[len] == ',')) {
		len = strcspn(text, ",");
		json_array_append_new(list, json_stringn(text, len));
	}
	return list;
}

static json_t *node_facts(const struct facts_maker *maker, const struct node *node, size_t pods)
{
	const struct node_condition *ready = node_condition(node, "Ready");
	char status[64];

	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:I, s:o, s:o, s:o,"
			 " s:o, s:o}",
			 "name", node->name, "ready", tri_name(node_ready(node)), "status",
			 node_status_text(node, status, sizeof(status)), "reason",
			 facts_text(ready ? ready->reason : NULL), "since",
			 facts_epoch(ready ? ready->since_ms : 0), "roles",
			 split_list(node->roles), "unschedulable", node->unschedulable,
			 "taints", split_list(node->taints), "conditions",
			 node_conditions(node), "lease_age",
			 facts_age(maker, node->lease_renew_ms), "pods", (json_int_t)pods,
			 "cpu_ratio", facts_ratio(node->cpu_milli, node->cpu_alloc_milli),
			 "mem_ratio", facts_ratio(node->mem_kib, node->mem_alloc_kib), "version",
			 facts_text(node->version), "ip", facts_text(node->internal_ip), "age",
			 facts_age(maker, node->created_ms));
}

static size_t *pods_by_node(const struct situation *sit)
{
	size_t *counts = xcalloc(sit->nodes.len + 1, sizeof(*counts)), i, last = 0;

	for (i = 0; i < sit->pods.len; i++) {
		const char *name = sit->pods.items[i]->node;
		size_t at;

		for (at = 0; name && at < sit->nodes.len; at++) {
			size_t guess = (last + at) % sit->nodes.len;

			if (!strcmp(sit->nodes.items[guess]->name, name)) {
				counts[guess]++;
				last = guess;
				break;
			}
		}
	}
	return counts;
}

static bool node_well(const struct node *node)
{
	return node_ready(node) == TRI_TRUE && !node->unschedulable;
}

json_t *facts_nodes(const struct facts_maker *maker)
{
	const struct nodes *nodes = &maker->sit->nodes;
	size_t *pods = pods_by_node(maker->sit), ready = 0, i;
	json_t *items = json_array();
	int well;

	/* What is wrong comes first, so that the ceiling cuts what is well. */
	for (well = 0; well < 2; well++) {
		for (i = 0; i < nodes->len; i++) {
			if (node_well(nodes->items[i]) != (bool)well ||
			    (!maker->full && json_array_size(items) >= NODES_MAX))
				continue;
			json_array_append_new(items, node_facts(maker, nodes->items[i], pods[i]));
		}
	}
	for (i = 0; i < nodes->len; i++)
		ready += node_ready(nodes->items[i]) == TRI_TRUE;
	free(pods);
	return json_pack("{s:o, s:o, s:b, s:I, s:I, s:o}",
			 "freshness", facts_freshness(maker, &nodes->fresh),
			 "leases", facts_freshness(maker, &nodes->leases_fresh),
			 "complete", nodes->complete, "total", (json_int_t)nodes->len, "ready",
			 (json_int_t)ready, "items", items);
}

/* Pods */

static json_t *pod_facts(const struct facts_maker *maker, const struct pod *pod)
{
	char workload[400], ready[16];

	snprintf(ready, sizeof(ready), "%d/%d", pod->containers_ready, pod->containers);
	facts_workload_of(maker->sit, pod, workload, sizeof(workload));
	return json_pack("{s:s, s:s, s:o, s:o, s:s, s:o, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o,"
			 " s:b, s:b}",
			 "ns", pod->ns, "name", pod->name, "workload", facts_text(workload),
			 "node", facts_text(pod->node), "phase",
			 pod_phase_name((enum pod_phase)pod->phase), "status",
			 facts_text(pod->status), "ready", ready, "restarts", pod->restarts,
			 "exit_code", pod->last_reason ? json_integer(pod->last_exit_code)
						       : json_null(),
			 "last_reason", facts_text(pod->last_reason), "last_finished_age",
			 facts_age(maker, pod->last_finished_ms), "not_ready_age",
			 facts_age(maker, pod->not_ready_since_ms), "age",
			 facts_age(maker, pod->created_ms), "message", facts_text(pod->message),
			 "deleting", pod->deleting, "problem", pod->problem);
}

static void bump(json_t *map, const char *key)
{
	json_t *old = json_object_get(map, key);

	json_object_set_new(map, key, json_integer(json_integer_value(old) + 1));
}

/* Pods are sorted by namespace, so one runs after the other. */
static json_t *by_namespace(const struct pods *pods)
{
	json_t *map = json_object();
	size_t i, start = 0;

	while (start < pods->len) {
		size_t ready = 0, problems = 0;

		for (i = start; i < pods->len && pods->items[i]->ns == pods->items[start]->ns; i++) {
			ready += pods->items[i]->ready;
			problems += pods->items[i]->problem;
		}
		json_object_set_new(map, pods->items[start]->ns,
				    json_pack("{s:I, s:I, s:I}", "total", (json_int_t)(i - start),
					      "ready", (json_int_t)ready, "problems",
					      (json_int_t)problems));
		start = i;
	}
	return map;
}

json_t *facts_pods(const struct facts_maker *maker)
{
	const struct pods *pods = &maker->sit->pods;
	json_t *problems = json_array(), *items = json_array(), *statuses = json_object();
	size_t bad = 0, ready = 0, i;
	json_t *facts;

	for (i = 0; i < pods->len; i++) {
		const struct pod *pod = pods->items[i];

		ready += pod->ready;
		bad += pod->problem;
		if (strcmp(pod->status ? pod->status : "", "Running"))
			bump(statuses, pod->status ? pod->status : "Unknown");
		if (pod->problem && json_array_size(problems) < FACTS_LIST_MAX)
			json_array_append_new(problems, pod_facts(maker, pod));
		if (maker->full)
			json_array_append_new(items, pod_facts(maker, pod));
	}
	facts = json_pack("{s:o, s:b, s:I, s:I, s:I, s:o, s:o, s:o}",
			  "freshness", facts_freshness(maker, &pods->fresh), "complete",
			  pods->complete, "total", (json_int_t)pods->len, "ready",
			  (json_int_t)ready, "problems_total", (json_int_t)bad, "by_namespace",
			  by_namespace(pods), "by_status", statuses, "problems", problems);
	if (maker->full)
		json_object_set(facts, "items", items);
	json_decref(items);
	return facts;
}

/* Workloads */

/* What the pods of one workload tell together. */
struct pod_sum {
	int pods, crashing, oom_killed;
	int32_t max_restarts, exit_code;
	bool has_exit;
	int64_t first_crash_ms, last_finished_ms;
	const struct pod *worst;
};

static bool crashes(const struct pod *pod)
{
	return pod->restarts > 0 && !pod->ready && pod->last_reason && pod->phase != POD_SUCCEEDED;
}

static void add_pod(struct pod_sum *sum, const struct pod *pod)
{
	sum->pods++;
	if (pod->restarts > sum->max_restarts)
		sum->max_restarts = pod->restarts;
	if (pod->last_reason && !strcmp(pod->last_reason, "OOMKilled"))
		sum->oom_killed++;
	if (!crashes(pod))
		return;
	sum->crashing++;
	if (!sum->worst || pod->restarts > sum->worst->restarts)
		sum->worst = pod;
	if (!sum->first_crash_ms || pod->created_ms < sum->first_crash_ms)
		sum->first_crash_ms = pod->created_ms;
	if (pod->last_finished_ms > sum->last_finished_ms)
		sum->last_finished_ms = pod->last_finished_ms;
	sum->exit_code = sum->worst->last_exit_code;
	sum->has_exit = true;
}

/* Sums for every workload at once: one walk over the pods, however many workloads. */
static struct pod_sum *sum_pods(const struct situation *sit)
{
	const struct workloads *all = &sit->workloads;
	struct pod_sum *sums = xcalloc(all->len + 1, sizeof(*sums));
	const struct workload *last = NULL;
	size_t last_at = 0, i, at;

	for (i = 0; i < sit->pods.len; i++) {
		const struct pod *pod = sit->pods.items[i];
		const struct workload *work = NULL;
		int kind = pod->owner_name && pod->owner_kind
			? workload_kind_parse(pod->owner_kind) : -1;

		if (kind < 0)
			continue;
		work = workloads_find(all, (enum workload_kind)kind, pod->ns, pod->owner_name);
		if (work && work->kind == WORKLOAD_REPLICASET && work->owner)
			work = workloads_find(all, WORKLOAD_DEPLOYMENT, pod->ns, work->owner);
		if (!work)
			continue;
		if (work != last) {
			for (at = 0; at < all->len && all->items[at] != work; at++)
				;
			last = work;
			last_at = at;
		}
		add_pod(&sums[last_at], pod);
	}
	return sums;
}

static bool has_earlier_revision(const struct workloads *all, const struct workload *work,
				 const struct workload *newest)
{
	size_t i;

	for (i = 0; newest && i < all->len; i++) {
		const struct workload *set = all->items[i];

		if (set->kind == WORKLOAD_REPLICASET && set->owner && set != newest &&
		    !strcmp(set->ns, work->ns) && !strcmp(set->owner, work->name))
			return true;
	}
	return false;
}

static json_t *workload_facts(const struct facts_maker *maker, const struct workload *work,
			      const struct pod_sum *sum)
{
	static const char *const rollouts[] = {
		[ROLLOUT_DONE] = "done", [ROLLOUT_WAITING] = "waiting", [ROLLOUT_FAILED] = "failed",
	};
	const struct workloads *all = &maker->sit->workloads;
	const struct workload *newest = work->kind == WORKLOAD_DEPLOYMENT
		? workload_newest_rs(all, work) : NULL;
	char key[400], text[160];
	enum rollout_state rollout = workload_rollout(work, text, sizeof(text));
	json_t *facts;

	snprintf(key, sizeof(key), "%s/%s/%s", workload_kind_name(work->kind), work->ns,
		 work->name);
	facts = json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:I, s:b, s:s, s:s, s:o, s:o,"
			  " s:b, s:o}",
			  "key", key, "kind", workload_kind_name(work->kind), "ns", work->ns,
			  "name", work->name, "desired", work->desired, "ready", work->ready,
			  "updated", work->updated, "available", work->available, "revision",
			  (json_int_t)work->revision, "previous_revision",
			  has_earlier_revision(all, work, newest), "rollout", rollouts[rollout],
			  "rollout_text", text, "rollout_age",
			  facts_age(maker, newest ? newest->created_ms : 0), "condition",
			  facts_text(work->condition), "paused", work->paused, "image",
			  facts_text(work->image));
	json_object_set_new(facts, "age", facts_age(maker, work->created_ms));
	json_object_set_new(facts, "failed", json_integer(work->failed));
	json_object_set_new(facts, "pods", json_integer(sum->pods));
	json_object_set_new(facts, "crashing", json_integer(sum->crashing));
	json_object_set_new(facts, "oom_killed", json_integer(sum->oom_killed));
	json_object_set_new(facts, "max_restarts", json_integer(sum->max_restarts));
	json_object_set_new(facts, "exit_code",
			    sum->has_exit ? json_integer(sum->exit_code) : json_null());
	json_object_set_new(facts, "crash_reason",
			    facts_text(sum->worst ? sum->worst->last_reason : NULL));
	json_object_set_new(facts, "crash_status",
			    facts_text(sum->worst ? sum->worst->status : NULL));
	json_object_set_new(facts, "first_crash_age", facts_age(maker, sum->first_crash_ms));
	json_object_set_new(facts, "last_crash_age", facts_age(maker, sum->last_finished_ms));
	return facts;
}

static bool is_named(const struct config *config, const struct workload *work)
{
	char key[400];
	size_t i;

	snprintf(key, sizeof(key), "%s/%s/%s", workload_kind_name(work->kind), work->ns,
		 work->name);
	for (i = 0; i < config->nnames; i++)
		if (!strcmp(config->names[i].value, key))
			return true;
	return false;
}

/* The namespace the system's own parts live in: the catalogue may speak of any of them. */
static bool is_system(const struct workload *work)
{
	return !strcmp(work->ns, "kube-system") && work->kind != WORKLOAD_REPLICASET &&
	       work->kind != WORKLOAD_JOB;
}

static bool is_wrong(const struct workload *work, const struct pod_sum *sum)
{
	if (work->kind == WORKLOAD_REPLICASET)
		return false;
	if (work->kind == WORKLOAD_JOB)
		return work->condition && !strcmp(work->condition, "Failed");
	return work->available < work->desired || work->updated < work->desired ||
	       sum->crashing || sum->oom_killed;
}

json_t *facts_workloads(const struct facts_maker *maker)
{
	const struct workloads *all = &maker->sit->workloads;
	const struct freshness *worst = &all->fresh[0];
	struct pod_sum *sums = sum_pods(maker->sit);
	json_t *items = json_array();
	bool complete = true;
	size_t i;
	int pass, kind;

	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < all->len; i++) {
			const struct workload *work = all->items[i];
			bool first = is_wrong(work, &sums[i]) || is_named(maker->config, work);
			bool listed = first || is_system(work) ||
				(maker->full && work->kind != WORKLOAD_REPLICASET);

			if (!listed || first != (pass == 0) ||
			    (!maker->full && json_array_size(items) >= FACTS_LIST_MAX))
				continue;
			json_array_append_new(items, workload_facts(maker, work, &sums[i]));
		}
	}
	free(sums);
	for (kind = 0; kind < WORKLOAD_KINDS; kind++) {
		if (freshness_at(&all->fresh[kind], maker->now_ms) != FRESH_OK)
			worst = &all->fresh[kind];
		complete &= all->complete[kind];
	}
	return json_pack("{s:o, s:b, s:I, s:o}", "freshness", facts_freshness(maker, worst),
			 "complete", complete, "total", (json_int_t)all->len, "items", items);
}

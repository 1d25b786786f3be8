/* incident/facts_kube.c: nodes and pods in the facts: counts of all, details of what is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "incident/facts.h"
#include "incident/facts_parts.h"

#define NODES_MAX 100
#define NAMESPACES_MAX 100

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

static json_t *labels(const char *text)
{
	json_t *map = json_object();
	char *copy = xstrdup(text ? text : ""), *label, *value, *save = NULL;

	for (label = strtok_r(copy, ",", &save); label; label = strtok_r(NULL, ",", &save)) {
		value = strchr(label, '=');
		if (!value)
			continue;
		*value = '\0';
		json_object_set_new(map, label, json_string(value + 1));
	}
	free(copy);
	return map;
}

/* Etcd's leader alone renews this one, every five minutes. */
static json_t *voter_age(const struct facts_maker *maker, const struct node *node)
{
	const struct node_condition *voter = node_condition(node, "EtcdIsVoter");

	return facts_age(maker, voter ? voter->heartbeat_ms : 0);
}

static void add_usage(const struct facts_maker *maker, const struct node *node, json_t *facts)
{
	bool known = facts_is_fresh(maker, &maker->sit->cluster.metrics_fresh);
	bool leases = facts_is_fresh(maker, &maker->sit->nodes.leases_fresh);

	json_object_set_new(facts, "cpu_ratio", facts_ratio(known ? node->cpu_milli : -1,
							     node->cpu_alloc_milli));
	json_object_set_new(facts, "mem_ratio", facts_ratio(known ? node->mem_kib : -1,
							     node->mem_alloc_kib));
	json_object_set_new(facts, "disk_ratio", facts_ratio(
			    node_disk_known(&maker->sit->nodes, node, maker->now_ms)
			    ? node->disk_bytes - node->disk_free_bytes : -1, node->disk_bytes));
	json_object_set_new(facts, "disk_age", facts_age(maker, node->disk_ms));
	/* An old lease that we have stopped reading says nothing about the node. */
	json_object_set_new(facts, "lease_age",
			    facts_age(maker, leases ? node->lease_renew_ms : 0));
}

static json_t *reach_facts(const struct facts_maker *maker, const struct node *node)
{
	const struct node_reach *reach = &node->reach;

	if (!maker->sit->nodes.reach_wanted)
		return json_null();
	return json_pack("{s:o, s:s, s:o, s:o, s:i, s:o, s:o}", "freshness",
			 facts_freshness(maker, &reach->fresh, true), "result",
			 reach_result_name(reach->result), "pod", facts_text(reach->pod), "text",
			 facts_text(reach->text), "failures", reach->failures, "since_age",
			 facts_age(maker, reach->since_ms), "ms", facts_number(reach->took_ms));
}

static json_t *node_facts(const struct facts_maker *maker, const struct node *node, size_t pods)
{
	const struct node_condition *ready = node_condition(node, "Ready");
	char status[64];
	json_t *facts = json_pack(
		"{s:o, s:s, s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:I, s:o, s:o, s:o}",
		"name", facts_text(node->name), "ready", tri_name(node_ready(node)),
		"status", node_status_text(node, status, sizeof(status)),
		"reason", facts_text(ready ? ready->reason : NULL),
		"since", facts_epoch(ready ? ready->since_ms : 0),
		"roles", split_list(node->roles), "unschedulable", node->unschedulable,
		"taints", split_list(node->taints), "conditions", node_conditions(node),
		"pods", (json_int_t)pods, "version", facts_text(node->version),
		"ip", facts_text(node->internal_ip), "age", facts_age(maker, node->created_ms));

	json_object_set_new(facts, "labels", labels(node->labels));
	json_object_set_new(facts, "etcd_voter_age", voter_age(maker, node));
	add_usage(maker, node, facts);
	json_object_set_new(facts, "reach", reach_facts(maker, node));
	return facts;
}

static bool node_well(const struct node *node)
{
	return node_ready(node) == TRI_TRUE && !node->unschedulable;
}

json_t *facts_nodes(const struct facts_maker *maker)
{
	const struct nodes *nodes = &maker->sit->nodes;
	json_t *items = json_array();
	size_t ready = 0, i;
	int well;

	/* What is wrong comes first, so that the ceiling cuts what is well. */
	for (well = 0; well < 2; well++) {
		for (i = 0; i < nodes->len; i++) {
			if (node_well(nodes->items[i]) != (bool)well ||
			    (!maker->full && json_array_size(items) >= NODES_MAX))
				continue;
			json_array_append_new(items, node_facts(maker, nodes->items[i],
								maker->sums->on_node[i]));
		}
	}
	for (i = 0; i < nodes->len; i++)
		ready += node_ready(nodes->items[i]) == TRI_TRUE;
	return json_pack("{s:o, s:s, s:o, s:I, s:I, s:o}",
			 "freshness", facts_freshness(maker, &nodes->fresh, nodes->complete),
			 "leases", fresh_state_name(freshness_at(&nodes->leases_fresh,
								 maker->now_ms)),
			 "disks", nodes->disks_wanted ? facts_freshness(maker, &nodes->disks_fresh, true)
			 : json_null(),
			 "total", (json_int_t)nodes->len, "ready", (json_int_t)ready,
			 "items", items);
}

/* Pods */

/* Why the scheduler cannot place it, by words that its versions have used; several may hold. Source:
 * kubernetes/pkg/scheduler/framework/plugins, the ErrReason constants. */
static const struct {
	const char *phrase, *word;
} reasons[] = {
	{"volume node affinity conflict", "volume"},
	{"PersistentVolume's node affinity", "volume"},
	{"node affinity/selector", "selector"},
	{"untolerated taint", "taint"},
	{"were unschedulable", "cordoned"},
	{"Insufficient ", "resources"},
	{"Too many pods", "resources"},
	{"unbound immediate PersistentVolumeClaims", "claim"},
	{"persistentvolumeclaim \"", "claim"},
};

static json_t *unplaced(const struct pod *pod)
{
	char words[80] = "";
	size_t i;

	if (pod->phase != POD_PENDING || pod->node || !pod->message)
		return json_null();
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strstr(pod->message, reasons[i].phrase) && !strstr(words, reasons[i].word))
			snprintf(words + strlen(words), sizeof(words) - strlen(words), "%s%s",
				 words[0] ? "," : "", reasons[i].word);
	return json_string(words[0] ? words : "other");
}

static json_t *pod_facts(const struct facts_maker *maker, const struct pod *pod)
{
	char workload[WORKLOAD_KEY], ready[16];

	snprintf(ready, sizeof(ready), "%d/%d", pod->containers_ready, pod->containers);
	situation_workload_of(maker->sit, pod, workload);
	return json_pack("{s:o, s:o, s:o, s:o, s:s, s:o, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o,"
			 " s:b, s:b, s:o}",
			 "ns", facts_text(pod->ns), "name", facts_text(pod->name),
			 "workload", facts_text(workload), "node", facts_text(pod->node),
			 "phase", pod_phase_name((enum pod_phase)pod->phase),
			 "status", facts_text(pod->status), "ready", ready,
			 "restarts", pod->restarts, "exit_code",
			 pod->last_reason ? json_integer(pod->last_exit_code) : json_null(),
			 "last_reason", facts_text(pod->last_reason),
			 "last_finished_age", facts_age(maker, pod->last_finished_ms),
			 "not_ready_age", facts_age(maker, pod->not_ready_since_ms),
			 "age", facts_age(maker, pod->created_ms),
			 "message", facts_text(pod->message), "deleting", pod->deleting,
			 "problem", pod_is_problem(pod, maker->now_ms),
			 "unplaced", unplaced(pod));
}

/* Namespaces with problems first, so that the ceiling cuts what is well. */
static json_t *by_namespace(const struct facts_maker *maker)
{
	const struct facts_sums *sums = maker->sums;
	json_t *map = json_object();
	size_t i;
	int well;

	for (well = 0; well < 2; well++) {
		for (i = 0; i < sums->nnamespaces; i++) {
			const struct ns_sum *sum = &sums->namespaces[i];

			if ((sum->problems == 0) != (bool)well ||
			    (!maker->full && json_object_size(map) >= NAMESPACES_MAX))
				continue;
			json_object_set_new(map, sum->ns, json_pack(
				"{s:I, s:I, s:I}", "total", (json_int_t)sum->total, "ready",
				(json_int_t)sum->ready, "problems", (json_int_t)sum->problems));
		}
	}
	return map;
}

static json_t *by_status(const struct facts_sums *sums)
{
	json_t *map = json_object();
	size_t i;

	for (i = 0; i < sums->nstatuses; i++)
		json_object_set_new(map, sums->statuses[i].status ? sums->statuses[i].status
				    : "Unknown", json_integer((json_int_t)sums->statuses[i].count));
	if (sums->statuses[STATUSES_MAX].count)
		json_object_set_new(map, "other",
				    json_integer((json_int_t)sums->statuses[STATUSES_MAX].count));
	return map;
}

json_t *facts_pods(const struct facts_maker *maker)
{
	const struct pods *pods = &maker->sit->pods;
	const struct facts_sums *sums = maker->sums;
	json_t *problems = json_array(), *facts, *items;
	size_t i;

	for (i = 0; i < sums->nproblems && (maker->full || i < FACTS_LIST_MAX); i++)
		json_array_append_new(problems, pod_facts(maker, sums->problems[i]));
	facts = json_pack("{s:o, s:b, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o}",
			  "freshness", facts_freshness(maker, &pods->fresh, pods->complete),
			  "complete", pods->complete, "expected", facts_number(pods->expected),
			  "total", (json_int_t)pods->len, "ready", (json_int_t)sums->ready,
			  "not_ready", (json_int_t)(pods->len - sums->ready - sums->finished),
			  "problems_total", (json_int_t)sums->nproblems,
			  "by_namespace", by_namespace(maker), "by_status", by_status(sums),
			  "problems", problems);
	if (!maker->full)
		return facts;
	items = json_array();
	for (i = 0; i < pods->len; i++)
		json_array_append_new(items, pod_facts(maker, pods->items[i]));
	json_object_set_new(facts, "items", items);
	return facts;
}

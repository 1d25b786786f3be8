/* incident/facts_workloads.c: what owns pods, in the facts: those that are wrong, those that the
 * configuration names, and the system's own. */
#include <stdio.h>
#include <string.h>

#include "incident/facts.h"
#include "incident/facts_parts.h"

#define PLACED_MAX 12
#define SINGLES_MAX 50

static void add_rollout(const struct facts_maker *maker, const struct workload *work,
			const struct workload_sum *sum, json_t *facts)
{
	static const char *const rollouts[] = {
		[ROLLOUT_DONE] = "done", [ROLLOUT_WAITING] = "waiting", [ROLLOUT_FAILED] = "failed",
	};
	const struct workloads *all = &maker->sit->workloads;
	bool sets = work->kind == WORKLOAD_DEPLOYMENT && all->complete[WORKLOAD_REPLICASET] &&
		    facts_is_fresh(maker, &all->fresh[WORKLOAD_REPLICASET]);
	char text[160];
	enum rollout_state rollout = workload_rollout(work, text, sizeof(text));

	json_object_set_new(facts, "revision", work->revision ? json_integer(work->revision)
							       : json_null());
	json_object_set_new(facts, "previous_revision",
			    sets ? json_boolean(sum->earlier) : json_null());
	json_object_set_new(facts, "rollout", json_string(rollouts[rollout]));
	json_object_set_new(facts, "rollout_text", facts_text(text));
	json_object_set_new(facts, "rollout_age",
			    facts_age(maker, sets && sum->newest ? sum->newest->created_ms : 0));
	json_object_set_new(facts, "condition", facts_text(work->condition));
	json_object_set_new(facts, "paused", json_boolean(work->paused));
}

/* What its pods tell is only known while pods are. */
static void add_pods(const struct facts_maker *maker, const struct workload_sum *sum,
		     json_t *facts)
{
	const struct pods *pods = &maker->sit->pods;
	bool known = pods->complete && facts_is_fresh(maker, &pods->fresh);
	const struct pod *worst = known ? sum->worst : NULL;

	json_object_set_new(facts, "pods", facts_number(known ? sum->pods : -1));
	json_object_set_new(facts, "crashing", facts_number(known ? sum->crashing : -1));
	json_object_set_new(facts, "oom_killed", facts_number(known ? sum->oom_killed : -1));
	json_object_set_new(facts, "max_restarts", facts_number(known ? sum->max_restarts : -1));
	json_object_set_new(facts, "recent_restarts",
			    facts_number(known ? sum->recent_restarts : -1));
	json_object_set_new(facts, "exit_code", worst && worst->last_reason
			    ? json_integer(worst->last_exit_code) : json_null());
	json_object_set_new(facts, "crash_reason",
			    facts_text(worst ? worst->last_reason : NULL));
	json_object_set_new(facts, "crash_status", facts_text(worst ? worst->status : NULL));
	json_object_set_new(facts, "first_crash_age",
			    facts_age(maker, known ? sum->first_crash_ms : 0));
	json_object_set_new(facts, "last_crash_age",
			    facts_age(maker, known ? sum->last_crash_ms : 0));
}

static bool owns(const struct facts_maker *maker, const char *key, const struct pod *pod)
{
	char own[WORKLOAD_KEY];

	return !strcmp(situation_workload_of(maker->sit, pod, own), key);
}

/* What of a workload's pods is told one by one. */
struct crew {
	json_t *placed;
	int32_t cpu_milli, mem_kib;        /* of the busiest; -1 = unknown */
};

static void add_to_crew(const struct facts_maker *maker, const struct pod *pod, struct crew *crew)
{
	if (pod->cpu_milli > crew->cpu_milli)
		crew->cpu_milli = pod->cpu_milli;
	if (pod->mem_kib > crew->mem_kib)
		crew->mem_kib = pod->mem_kib;
	if (json_array_size(crew->placed) < PLACED_MAX)
		json_array_append_new(crew->placed, json_pack(
			"{s:o, s:o, s:b, s:o}", "pod", facts_text(pod->name), "node",
			facts_text(pod->node), "ready", pod->ready, "age",
			facts_age(maker, pod->created_ms)));
}

/* Its pods stand near each other in the model's order. */
static void add_crew(const struct facts_maker *maker, const struct workload *work,
		     const struct workload_sum *sum, json_t *facts)
{
	const struct pods *pods = &maker->sit->pods;
	struct crew crew = {json_array(), -1, -1};
	char key[WORKLOAD_KEY];
	size_t i;

	workload_key(work, key);
	for (i = sum->first; i <= sum->last; i++)
		if (owns(maker, key, pods->items[i]))
			add_to_crew(maker, pods->items[i], &crew);
	if (!facts_is_fresh(maker, &maker->sit->cluster.metrics_fresh))
		crew.cpu_milli = crew.mem_kib = -1;
	json_object_set_new(facts, "placed", crew.placed);
	json_object_set_new(facts, "cpu_ratio", facts_ratio(crew.cpu_milli, work->cpu_limit_milli));
	json_object_set_new(facts, "mem_ratio", facts_ratio(crew.mem_kib, work->mem_limit_kib));
}

static json_t *workload_facts(const struct facts_maker *maker, const struct workload *work,
			      const struct workload_sum *sum)
{
	char key[WORKLOAD_KEY];
	json_t *facts = json_pack("{s:o, s:s, s:o, s:o, s:i, s:i, s:i, s:i, s:i, s:o, s:o}",
				  "key", facts_text(workload_key(work, key)),
				  "kind", workload_kind_name(work->kind),
				  "ns", facts_text(work->ns), "name", facts_text(work->name),
				  "desired", work->desired, "ready", work->ready,
				  "updated", work->updated, "available", work->available,
				  "failed", work->failed, "image", facts_text(work->image),
				  "age", facts_age(maker, work->created_ms));

	add_rollout(maker, work, sum, facts);
	add_pods(maker, sum, facts);
	return facts;
}

static bool is_named(const struct config *config, const struct workload *work)
{
	char key[WORKLOAD_KEY];
	size_t i;

	if (!config->nnames)
		return false;
	workload_key(work, key);
	for (i = 0; i < config->nnames; i++)
		if (!strcmp(config->names[i].value, key))
			return true;
	return false;
}

/* The namespace the system's own parts live in: the catalogue may speak of any of them. */
static bool is_system(const struct workload *work)
{
	return work->kind != WORKLOAD_JOB && !strcmp(work->ns, "kube-system");
}

static bool is_wrong(const struct workload *work, const struct workload_sum *sum)
{
	if (work->kind == WORKLOAD_JOB)
		return work->condition && !strcmp(work->condition, "Failed");
	return work->available < work->desired || work->updated < work->desired ||
	       sum->crashing || sum->oom_killed;
}

enum rank { RANK_NAMED, RANK_WRONG, RANK_SYSTEM, RANK_REST, RANK_NEVER };

static enum rank rank(const struct facts_maker *maker, const struct workload *work,
		      const struct workload_sum *sum)
{
	if (work->kind == WORKLOAD_REPLICASET && work->owner)
		return RANK_NEVER;
	if (maker->sit->workloads.fresh[work->kind].state == FRESH_REFUSED)
		return RANK_NEVER;
	if (is_named(maker->config, work))
		return RANK_NAMED;
	if (is_wrong(work, sum))
		return RANK_WRONG;
	if (is_system(work))
		return RANK_SYSTEM;
	return maker->full ? RANK_REST : RANK_NEVER;
}

/* The least fresh kind speaks for all; but a kind we may not read doesn't hide the others. */
static json_t *freshness(const struct facts_maker *maker)
{
	const struct workloads *all = &maker->sit->workloads;
	const struct freshness *worst = &all->fresh[WORKLOAD_DEPLOYMENT];
	bool complete = true;
	int kind;

	for (kind = 0; kind < WORKLOAD_KINDS; kind++) {
		if (freshness_at(&all->fresh[kind], maker->now_ms) == FRESH_REFUSED)
			continue;
		if (worst->state == FRESH_REFUSED || !facts_is_fresh(maker, &all->fresh[kind]))
			worst = &all->fresh[kind];
		complete &= all->complete[kind];
	}
	return facts_freshness(maker, worst, complete);
}

static json_t *kinds(const struct facts_maker *maker)
{
	const struct workloads *all = &maker->sit->workloads;
	json_t *map = json_object();
	int kind;

	for (kind = 0; kind < WORKLOAD_KINDS; kind++) {
		enum fresh_state state = freshness_at(&all->fresh[kind], maker->now_ms);

		json_object_set_new(map, workload_kind_name((enum workload_kind)kind),
				    json_string(fresh_state_name(state)));
	}
	return map;
}

/* What is away for a while when its node is: one pod and no second. */
static json_t *singles(const struct facts_maker *maker)
{
	const struct workloads *all = &maker->sit->workloads;
	const struct pods *pods = &maker->sit->pods;
	json_t *list = json_array();
	char key[WORKLOAD_KEY];
	size_t i;

	for (i = 0; i < all->len && json_array_size(list) < SINGLES_MAX; i++) {
		const struct workload *work = all->items[i];
		const struct workload_sum *sum = &maker->sums->workloads[i];

		if (work->desired != 1 || (work->kind != WORKLOAD_DEPLOYMENT &&
					   work->kind != WORKLOAD_STATEFULSET))
			continue;
		json_array_append_new(list, json_pack(
			"{s:o, s:o}", "key", facts_text(workload_key(work, key)), "node",
			facts_text(sum->pods ? pods->items[sum->first]->node : NULL)));
	}
	return list;
}

static json_t *listed(const struct facts_maker *maker, size_t at)
{
	static const char *const one_by_one[] = {"placed", "cpu_ratio", "mem_ratio"};
	const struct workload *work = maker->sit->workloads.items[at];
	const struct workload_sum *sum = &maker->sums->workloads[at];
	const struct pods *pods = &maker->sit->pods;
	json_t *facts = workload_facts(maker, work, sum);
	size_t i;

	if (pods->complete && facts_is_fresh(maker, &pods->fresh) &&
	    (is_named(maker->config, work) || is_system(work)))
		add_crew(maker, work, sum, facts);
	else
		for (i = 0; i < sizeof(one_by_one) / sizeof(one_by_one[0]); i++)
			json_object_set_new(facts, one_by_one[i], json_null());
	return facts;
}

static json_t *gone(const struct facts_maker *maker)
{
	const struct workloads *all = &maker->sit->workloads;
	json_t *list = json_array();
	size_t i;

	for (i = all->ngone; i-- > 0;)
		json_array_append_new(list, json_pack(
			"{s:o, s:o}", "key", facts_text(all->gone[i].key), "age",
			facts_age(maker, all->gone[i].at_ms)));
	return list;
}

json_t *facts_workloads(const struct facts_maker *maker)
{
	const struct workloads *all = &maker->sit->workloads;
	json_t *items = json_array();
	size_t i, total = 0;
	int wanted;

	for (wanted = RANK_NAMED; wanted < RANK_NEVER; wanted++) {
		for (i = 0; i < all->len; i++) {
			const struct workload_sum *sum = &maker->sums->workloads[i];

			if (rank(maker, all->items[i], sum) != (enum rank)wanted)
				continue;
			if (!maker->full && json_array_size(items) >= FACTS_LIST_MAX)
				break;
			json_array_append_new(items, listed(maker, i));
		}
	}
	for (i = 0; i < all->len; i++)
		total += !(all->items[i]->kind == WORKLOAD_REPLICASET && all->items[i]->owner);
	return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o}", "freshness", freshness(maker), "kinds",
			 kinds(maker), "total", (json_int_t)total, "single", singles(maker),
			 "gone", gone(maker), "items", items);
}

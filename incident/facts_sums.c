/* incident/facts_sums.c: one walk over pods and replica sets, for every section that counts them.
 * Twenty thousand pods take about a millisecond: pods stand in order, so neighbours share their
 * namespace and owner, and interned strings compare by pointer. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "incident/facts_parts.h"

#define CRASH_RECENT_MS 600000     /* the kubelet's longest back-off is 5 minutes */
#define FLAP_RECENT_MS 120000
#define OOM_RECENT_MS 3600000
#define RESTARTS_TELLING 12
#define NOWHERE SIZE_MAX

/* What the walk remembers of the pod before. */
struct walk {
	struct facts_sums *sums;
	const struct situation *sit;
	int64_t now_ms;
	size_t *home;              /* per workload: where its pods count */
	const char *ns, *owner_kind, *owner_name;
	size_t owner_at;
	size_t at;                 /* of the pod */
	struct node_finder nodes;
	size_t problems_cap, namespaces_cap;
};

static bool crashes(const struct pod *pod, int64_t now_ms)
{
	int64_t ago = now_ms - pod->last_finished_ms;

	if (pod->phase == POD_SUCCEEDED)
		return false;
	if (pod->status && !strcmp(pod->status, "CrashLoopBackOff"))
		return true;
	if (!pod->restarts || !pod->last_reason || !pod->last_finished_ms)
		return false;
	return pod->ready ? pod->restarts > 1 && ago < FLAP_RECENT_MS : ago < CRASH_RECENT_MS;
}

/* How long the kubelet has made a container wait by its nth restart: none at first, then 10 s,
 * doubled each time up to 5 minutes.
 * Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy */
static int64_t waited_ms(int32_t restarts)
{
	int64_t waited = 0, wait = 10000;
	int32_t i;

	for (i = 1; i < restarts; i++) {
		waited += wait;
		wait = wait * 2 < 300000 ? wait * 2 : 300000;
	}
	return waited;
}

/* A pod that gets ready between two crashes has lost its readiness just now; its restarts tell
 * how long this has gone on at least. Many restarts are of old and tell nothing. */
static int64_t began_ms(const struct pod *pod)
{
	int64_t began = pod->not_ready_since_ms ? pod->not_ready_since_ms : pod->last_finished_ms;
	int64_t first = pod->last_finished_ms - waited_ms(pod->restarts);

	if (!pod->last_finished_ms || pod->restarts > RESTARTS_TELLING)
		return began;
	if (first < pod->created_ms)
		first = pod->created_ms;
	return first < began ? first : began;
}

static void add_crash(struct workload_sum *sum, const struct pod *pod)
{
	int64_t began = began_ms(pod);

	sum->crashing++;
	if (!sum->worst || pod->restarts > sum->worst->restarts)
		sum->worst = pod;
	if (began && (!sum->first_crash_ms || began < sum->first_crash_ms))
		sum->first_crash_ms = began;
	if (pod->last_finished_ms > sum->last_crash_ms)
		sum->last_crash_ms = pod->last_finished_ms;
}

static void add_to_workload(struct walk *walk, struct workload_sum *sum, const struct pod *pod)
{
	if (!sum->pods++)
		sum->first = walk->at;
	sum->last = walk->at;
	if (pod->restarts > sum->max_restarts)
		sum->max_restarts = pod->restarts;
	if (pod->restarts)
		sum->recent_restarts += pod_restarts_since(pod, walk->now_ms - CRASH_RECENT_MS);
	if (pod->last_reason && !strcmp(pod->last_reason, "OOMKilled") &&
	    walk->now_ms - pod->last_finished_ms < OOM_RECENT_MS)
		sum->oom_killed++;
	if (crashes(pod, walk->now_ms))
		add_crash(sum, pod);
}

static void find_owner(struct walk *walk, const struct pod *pod)
{
	int kind;
	size_t at;

	if (pod->ns == walk->ns && pod->owner_name == walk->owner_name &&
	    pod->owner_kind == walk->owner_kind)
		return;
	walk->owner_kind = pod->owner_kind;
	walk->owner_name = pod->owner_name;
	walk->owner_at = NOWHERE;
	kind = pod->owner_kind && pod->owner_name ? workload_kind_parse(pod->owner_kind) : -1;
	if (kind >= 0 && workloads_index(&walk->sit->workloads, (enum workload_kind)kind, pod->ns,
					 pod->owner_name, &at))
		walk->owner_at = walk->home[at];
}

static void add_to_namespace(struct walk *walk, const struct pod *pod, bool problem)
{
	struct facts_sums *sums = walk->sums;
	struct ns_sum *sum;

	if (pod->ns != walk->ns || !sums->nnamespaces) {
		if (sums->nnamespaces == walk->namespaces_cap) {
			walk->namespaces_cap = walk->namespaces_cap * 2 + 16;
			sums->namespaces = xreallocarray(sums->namespaces, walk->namespaces_cap,
							 sizeof(*sums->namespaces));
		}
		sums->namespaces[sums->nnamespaces++] = (struct ns_sum){.ns = pod->ns};
		walk->ns = pod->ns;
	}
	sum = &sums->namespaces[sums->nnamespaces - 1];
	sum->total++;
	sum->ready += pod->ready;
	sum->problems += problem;
}

static void add_to_status(struct facts_sums *sums, const char *status)
{
	size_t i;

	for (i = 0; i < sums->nstatuses; i++) {
		if (sums->statuses[i].status == status) {
			sums->statuses[i].count++;
			return;
		}
	}
	if (i < STATUSES_MAX)
		sums->statuses[sums->nstatuses++] = (struct status_sum){status, 1};
	else
		sums->statuses[STATUSES_MAX].count++;
}

static void add_to_node(struct walk *walk, const char *name)
{
	size_t at = name ? node_finder_place(&walk->nodes, &walk->sit->nodes, name) : NODE_NOWHERE;

	if (at != NODE_NOWHERE)
		walk->sums->on_node[at]++;
}

static void add_problem(struct walk *walk, const struct pod *pod)
{
	struct facts_sums *sums = walk->sums;

	if (sums->nproblems == walk->problems_cap) {
		walk->problems_cap = walk->problems_cap * 2 + 64;
		sums->problems = xreallocarray(sums->problems, walk->problems_cap,
					       sizeof(*sums->problems));
	}
	sums->problems[sums->nproblems++] = pod;
}

static int64_t trouble_ms(const struct pod *pod)
{
	int64_t latest = pod->last_finished_ms;

	if (pod->not_ready_since_ms > latest)
		latest = pod->not_ready_since_ms;
	return latest ? latest : pod->created_ms;
}

static int newest_trouble_first(const void *a, const void *b)
{
	const struct pod *const *one = a, *const *two = b;
	int64_t left = trouble_ms(*one), right = trouble_ms(*two);
	int side;

	if (left != right)
		return left > right ? -1 : 1;
	side = strcmp((*one)->ns, (*two)->ns);
	return side ? side : strcmp((*one)->name, (*two)->name);
}

/* Replica sets count for their deployment, which learns its newest revision on the way. */
static void add_sets(struct walk *walk)
{
	const struct workloads *all = &walk->sit->workloads;
	size_t i, at;

	for (i = 0; i < all->len; i++) {
		const struct workload *set = all->items[i];
		struct workload_sum *sum;

		walk->home[i] = i;
		walk->sums->workloads[i].first = 1;
		if (set->kind != WORKLOAD_REPLICASET || !set->owner ||
		    !workloads_index(all, WORKLOAD_DEPLOYMENT, set->ns, set->owner, &at))
			continue;
		walk->home[i] = at;
		sum = &walk->sums->workloads[at];
		if (!sum->newest || set->revision > sum->newest->revision)
			sum->newest = set;
		if (set->revision > 0 && set->revision < all->items[at]->revision)
			sum->earlier = true;
	}
}

/* Well, and not restarted of late: the same at any later time. */
static bool is_settled(const struct pod *pod, int64_t now_ms)
{
	return (pod->phase == POD_SUCCEEDED || (pod->phase == POD_RUNNING && pod->ready)) &&
	       (!pod->restarts || now_ms - pod->last_finished_ms > OOM_RECENT_MS);
}

static bool still_hold(const struct facts_sums *sums, const struct situation *sit)
{
	return sums->settled && sums->pods == sit->pods.generation &&
	       sums->workload_list == sit->workloads.generation &&
	       sums->nodes == sit->nodes.members;
}

static void add_pods(struct walk *walk)
{
	struct facts_sums *sums = walk->sums;
	const struct pods *pods = &walk->sit->pods;

	sums->settled = true;
	for (size_t i = 0; i < pods->len; i++) {
		const struct pod *pod = pods->items[i];
		bool problem = pod_is_problem(pod, walk->now_ms);

		walk->at = i;
		find_owner(walk, pod);
		add_to_namespace(walk, pod, problem);
		add_to_status(sums, pod->status);
		add_to_node(walk, pod->node);
		if (walk->owner_at != NOWHERE)
			add_to_workload(walk, &sums->workloads[walk->owner_at], pod);
		if (problem)
			add_problem(walk, pod);
		sums->ready += pod->ready;
		sums->finished += pod->phase == POD_SUCCEEDED;
		sums->settled = sums->settled && is_settled(pod, walk->now_ms);
	}
}

void facts_sums_make(struct facts_sums *sums, const struct situation *sit, int64_t now_ms)
{
	struct walk walk = {.sums = sums, .sit = sit, .now_ms = now_ms, .owner_at = NOWHERE};

	if (still_hold(sums, sit))
		return;
	facts_sums_release(sums);
	sums->pods = sit->pods.generation;
	sums->workload_list = sit->workloads.generation;
	sums->nodes = sit->nodes.members;
	sums->workloads = xcalloc(sit->workloads.len, sizeof(*sums->workloads));
	sums->on_node = xcalloc(sit->nodes.len, sizeof(*sums->on_node));
	walk.home = xcalloc(sit->workloads.len, sizeof(*walk.home));
	add_sets(&walk);
	add_pods(&walk);
	if (sums->nproblems > 1)
		qsort(sums->problems, sums->nproblems, sizeof(*sums->problems),
		      newest_trouble_first);
	free(walk.home);
}

void facts_sums_release(struct facts_sums *sums)
{
	free(sums->workloads);
	free(sums->on_node);
	free(sums->namespaces);
	free(sums->problems);
	memset(sums, 0, sizeof(*sums));
}

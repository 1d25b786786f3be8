/* tests/unit/test_catalogue.c: the shipped failure modes against situations, each with the facts
 * that raise it, those that deny it, those that nobody can read, and its neighbours; and how
 * a broken file is told */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "incident/facts.h"
#include "incident/verdict.h"

#define NOW INT64_C(1700000000000)
#define SECONDS(n) ((n) * INT64_C(1000))
#define MINUTES(n) ((n) * INT64_C(60000))
#define MIB INT64_C(1048576)

/* --- a small cluster, healthy and busy, that each test breaks in its own way --- */

struct town {
	struct situation sit;
	struct config config;
	struct catalogue cat;
	struct judge *judge;
	int64_t now_ms;
};

static void prove(struct situation *sit)
{
	struct freshness *all[] = {
		&sit->cluster.fresh, &sit->cluster.metrics_fresh, &sit->nodes.fresh,
		&sit->nodes.leases_fresh, &sit->pods.fresh, &sit->pdbs.fresh, &sit->events.fresh,
		&sit->redis.fresh, &sit->redis.scan.fresh,
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		freshness_proven(all[i], NOW);
	for (size_t i = 0; i < WORKLOAD_KINDS; i++) {
		freshness_proven(&sit->workloads.fresh[i], NOW);
		sit->workloads.complete[i] = true;
	}
	sit->nodes.complete = sit->pods.complete = true;
	sit->pdbs.complete = sit->events.complete = true;
}

static struct node *add_node(struct situation *sit, const char *name)
{
	struct node *node = nodes_get(&sit->nodes, name);

	node->created_ms = NOW - MINUTES(100000);
	node->lease_renew_ms = NOW - SECONDS(6);
	node->conditions[node->nconditions++] = (struct node_condition){
		.type = intern_get(sit->strings, "Ready"), .status = TRI_TRUE,
		.reason = intern_get(sit->strings, "KubeletReady"),
		.since_ms = NOW - MINUTES(99999)};
	return node;
}

static struct pod *add_pod(struct situation *sit, const char *ns, const char *name,
			   const char *owner_kind, const char *owner)
{
	struct pod *pod = pods_get(&sit->pods, sit->strings, ns, name);

	pod->phase = POD_RUNNING;
	pod->ready = true;
	pod->containers = pod->containers_ready = 1;
	pod->created_ms = NOW - MINUTES(5000);
	intern_set(sit->strings, &pod->status, "Running");
	intern_set(sit->strings, &pod->node, "one");
	intern_set(sit->strings, &pod->owner_kind, owner_kind);
	intern_set(sit->strings, &pod->owner_name, owner);
	return pod;
}

static struct workload *add_deployment(struct situation *sit, const char *ns, const char *name,
				       int replicas)
{
	struct workload *work = workloads_get(&sit->workloads, sit->strings, WORKLOAD_DEPLOYMENT,
					      ns, name);

	work->revision = 1;
	work->generation = work->observed_generation = 1;
	work->desired = work->current = work->updated = replicas;
	work->ready = work->available = replicas;
	work->created_ms = NOW - MINUTES(90000);
	return work;
}

static void add_set(struct situation *sit, const char *ns, const char *deployment,
		    const char *name, int64_t revision, int64_t age_ms)
{
	struct workload *set = workloads_get(&sit->workloads, sit->strings, WORKLOAD_REPLICASET,
					     ns, name);

	set->revision = revision;
	set->created_ms = NOW - age_ms;
	intern_set(sit->strings, &set->owner, deployment);
}

static struct workload *shop(struct town *town, const char *name)
{
	return workloads_find(&town->sit.workloads, WORKLOAD_DEPLOYMENT, "shop", name);
}

static struct workload *coredns(struct town *town)
{
	return workloads_find(&town->sit.workloads, WORKLOAD_DEPLOYMENT, "kube-system", "coredns");
}

static struct pod *pod_of(struct town *town, const char *ns, const char *name)
{
	struct pod *pod = pods_find(&town->sit.pods, ns, name);

	assert_non_null(pod);
	return pod;
}

static void pod_crashes(struct town *town, struct pod *pod, int restarts, int code,
			const char *reason, int64_t since_ms)
{
	pod->ready = false;
	pod->containers_ready = 0;
	pod->restarts = restarts;
	pod->last_exit_code = code;
	pod->last_finished_ms = NOW - SECONDS(10);
	pod->not_ready_since_ms = NOW - since_ms;
	if (pod->created_ms < NOW - since_ms - SECONDS(20))
		pod->created_ms = NOW - since_ms - SECONDS(20);
	intern_set(town->sit.strings, &pod->status, "CrashLoopBackOff");
	intern_set(town->sit.strings, &pod->last_reason, reason);
}

/* What every cluster shows on a good day: a rollout half done, a pod that has just been made, one
 * that restarted once, a job that failed once and will be tried again. */
static void add_business(struct situation *sit)
{
	struct workload *rolling = add_deployment(sit, "shop", "web", 3);
	struct workload *job = workloads_get(&sit->workloads, sit->strings, WORKLOAD_JOB, "shop",
					     "report");
	struct pod *pod;

	rolling->revision = 8;
	rolling->generation = rolling->observed_generation = 9;
	rolling->updated = 1;
	rolling->ready = rolling->available = 2;
	add_set(sit, "shop", "web", "web-7", 7, MINUTES(4000));
	add_set(sit, "shop", "web", "web-8", 8, SECONDS(20));
	add_pod(sit, "shop", "web-7-a", "ReplicaSet", "web-7");
	pod = add_pod(sit, "shop", "web-8-a", "ReplicaSet", "web-8");
	pod->ready = false;
	pod->phase = POD_PENDING;
	pod->created_ms = pod->not_ready_since_ms = NOW - SECONDS(20);
	intern_set(sit->strings, &pod->status, "ContainerCreating");
	job->desired = 1;
	job->failed = 1;
	pod = add_pod(sit, "shop", "report-x", "Job", "report");
	pod->phase = POD_FAILED;
	pod->ready = false;
	pod->last_exit_code = 2;
	intern_set(sit->strings, &pod->status, "Error");
	intern_set(sit->strings, &pod->last_reason, "Error");
}

static void add_redis(struct redis *redis)
{
	redis->configured = true;
	redis->used = 120 * MIB;
	redis->maxmemory = 256 * MIB;
	redis->keys = 1000;
	redis->expires = 400;
	redis->errors_oom = 0;
	redis->oom_per_min = 0;
	strcpy(redis->policy, "allkeys-lru");
}

static int town_up(void **state)
{
	struct town *town = xcalloc(1, sizeof(*town));
	struct situation *sit = &town->sit;
	struct err err = ERR_INIT;
	struct pod *pod;

	situation_init(sit);
	config_init(&town->config);
	prove(sit);
	add_node(sit, "one");
	add_node(sit, "three");
	add_node(sit, "two");
	add_deployment(sit, "kube-system", "coredns", 1);
	add_set(sit, "kube-system", "coredns", "coredns-1", 1, MINUTES(90000));
	add_pod(sit, "kube-system", "coredns-1-a", "ReplicaSet", "coredns-1");
	add_deployment(sit, "shop", "api", 2)->revision = 2;
	add_set(sit, "shop", "api", "api-1", 1, MINUTES(90000));
	add_set(sit, "shop", "api", "api-2", 2, MINUTES(2));
	add_pod(sit, "shop", "api-1-a", "ReplicaSet", "api-1");
	add_pod(sit, "shop", "api-2-a", "ReplicaSet", "api-2")->created_ms = NOW - MINUTES(2);
	pod = add_pod(sit, "shop", "api-2-b", "ReplicaSet", "api-2");
	pod->created_ms = NOW - MINUTES(2);
	pod->restarts = 1;
	pod->last_exit_code = 2;
	pod->last_finished_ms = NOW - SECONDS(90);
	intern_set(sit->strings, &pod->last_reason, "Error");
	add_business(sit);
	add_redis(&sit->redis);
	if (catalogue_load(&town->cat, &town->config, &err))
		fail_msg("%s", err.text);
	town->judge = judge_new(&town->cat, &town->config);
	if (judge_compile(town->judge, &err))
		fail_msg("%s", err.text);
	town->now_ms = NOW;
	*state = town;
	return 0;
}

static int town_down(void **state)
{
	struct town *town = *state;

	judge_free(town->judge);
	catalogue_release(&town->cat);
	situation_release(&town->sit);
	config_release(&town->config);
	free(town);
	return 0;
}

/* Looks now and again when everything has held long enough. No rule may fail. */
static const struct verdicts *look(struct town *town)
{
	const struct verdicts *list = judge_verdicts(town->judge);

	for (int i = 0; i < 2; i++) {
		json_t *facts;

		pods_judge(&town->sit.pods, town->now_ms);
		facts = facts_build(&town->sit, &town->config, town->now_ms, false);
		list = judge_run(town->judge, facts, town->now_ms);
		json_decref(facts);
		town->now_ms += SECONDS(3);
	}
	for (size_t i = 0; i < list->len; i++)
		for (size_t j = 0; j < list->items[i].nevidence; j++)
			if (list->items[i].evidence[j].error)
				fail_msg("%s: %s: %s", list->items[i].mode->id,
					 list->items[i].evidence[j].text,
					 list->items[i].evidence[j].error);
	return list;
}

static const struct verdict *only(struct town *town, const char *id)
{
	const struct verdicts *list = look(town);

	if (list->len != 1 || strcmp(list->items[0].mode->id, id))
		fail_msg("%zu verdicts, first %s", list->len,
			 list->len ? list->items[0].mode->id : "none");
	assert_int_equal(list->items[0].state, VERDICT_STANDING);
	return &list->items[0];
}

static void none(struct town *town)
{
	const struct verdicts *list = look(town);

	if (list->len)
		fail_msg("%s: %s", list->items[0].mode->id, list->items[0].title);
}

static void fades(struct town *town)
{
	const struct verdicts *list = look(town);

	assert_int_equal(list->len, 1);
	assert_int_equal(list->items[0].state, VERDICT_FADING);
	assert_int_equal(list->items[0].matched, 0);
}

static enum evidence_state evidence(const struct verdict *verdict, const char *words)
{
	for (size_t i = 0; i < verdict->nevidence; i++)
		if (strstr(verdict->evidence[i].text, words))
			return verdict->evidence[i].state;
	fail_msg("no evidence says \"%s\"", words);
	return EVIDENCE_UNKNOWN;
}

static void healthy_and_busy_is_no_incident(void **state)
{
	none(*state);
}

static void nothing_known_is_no_incident(void **state)
{
	struct town *town = *state;

	town->now_ms = NOW + MINUTES(60);
	for (size_t i = 0; i < WORKLOAD_KINDS; i++)
		freshness_failed(&town->sit.workloads.fresh[i], FAULT_SERVER, "down");
	freshness_failed(&town->sit.nodes.fresh, FAULT_SERVER, "down");
	freshness_failed(&town->sit.pods.fresh, FAULT_SERVER, "down");
	freshness_failed(&town->sit.redis.fresh, FAULT_SERVER, "down");
	coredns(town)->available = 0;
	town->sit.nodes.items[0]->conditions[0].status = TRI_UNKNOWN;
	town->sit.redis.used = town->sit.redis.maxmemory;
	strcpy(town->sit.redis.policy, "noeviction");
	none(town);
}

/* --- nodes --- */

static void node_fails(struct town *town, int index, enum tri ready, int64_t since_ms)
{
	struct node *node = town->sit.nodes.items[index];

	node->conditions[0].status = ready;
	node->conditions[0].since_ms = NOW - since_ms;
	intern_set(town->sit.strings, &node->conditions[0].reason, "NodeStatusUnknown");
	node->lease_renew_ms = NOW - since_ms - SECONDS(40);
	free(node->taints);
	node->taints = xstrdup("node.kubernetes.io/unreachable:NoExecute");
}

static void a_node_is_down(void **state)
{
	struct town *town = *state;
	const struct verdict *verdict;

	node_fails(town, 1, TRI_UNKNOWN, SECONDS(5));
	verdict = only(town, "node-down");
	assert_string_equal(verdict->subject, "node/three");
	assert_string_equal(verdict->title, "Node three is down");
	assert_int_equal(verdict->since_ms, NOW - SECONDS(5));
	assert_int_equal(verdict->nclocks, 1);
	assert_int_equal(verdict->clocks[0].due_ms, NOW + SECONDS(295));
	assert_int_equal(evidence(verdict, "Ready is Unknown (NodeStatusUnknown)"),
			 EVIDENCE_MATCHED);
	assert_int_equal(evidence(verdict, "kubelet silent"), EVIDENCE_MATCHED);
	assert_int_equal(evidence(verdict, "2 of 3 nodes ready"), EVIDENCE_MATCHED);
	assert_int_equal(evidence(verdict, "unreachable"), EVIDENCE_MATCHED);
	assert_int_equal(verdict->nactions, 1);
	assert_string_equal(verdict->actions[0].request.verb, "cordon");
	assert_string_equal(verdict->actions[0].request.target.name, "three");
	town->sit.nodes.items[1]->unschedulable = true;
	assert_int_equal(only(town, "node-down")->nactions, 0);
	town->sit.nodes.items[1]->conditions[0].status = TRI_TRUE;
	town->sit.nodes.items[1]->lease_renew_ms = NOW;
	none(town);
}

static void a_node_without_leases_is_down_too(void **state)
{
	struct town *town = *state;
	const struct verdict *verdict;

	node_fails(town, 0, TRI_FALSE, SECONDS(5));
	freshness_failed(&town->sit.nodes.leases_fresh, FAULT_RIGHTS, "forbidden");
	verdict = only(town, "node-down");
	assert_int_equal(evidence(verdict, "kubelet silent"), EVIDENCE_UNKNOWN);
}

static void silence_is_seen_before_ready_falls(void **state)
{
	struct town *town = *state;
	const struct verdict *verdict;

	town->sit.nodes.items[0]->lease_renew_ms = NOW - SECONDS(80);
	verdict = only(town, "node-down");
	assert_int_equal(evidence(verdict, "but its kubelet is silent"), EVIDENCE_MATCHED);
	assert_int_equal(verdict->clocks[0].due_ms, NOW - SECONDS(40));
}

static void our_own_wrong_clock_is_no_dead_cluster(void **state)
{
	struct town *town = *state;

	for (int i = 0; i < 3; i++)
		town->sit.nodes.items[i]->lease_renew_ms = NOW - MINUTES(10) + SECONDS(i);
	none(town);
}

static void a_joining_or_cordoned_node_is_not_down(void **state)
{
	struct town *town = *state;
	struct node *node = town->sit.nodes.items[2];

	node->unschedulable = true;
	node = town->sit.nodes.items[1];
	node->conditions[0].status = TRI_FALSE;
	node->created_ms = NOW - SECONDS(30);
	none(town);
}

static void a_dead_node_fades_when_the_api_is_gone(void **state)
{
	struct town *town = *state;

	node_fails(town, 1, TRI_UNKNOWN, SECONDS(5));
	only(town, "node-down");
	freshness_failed(&town->sit.nodes.fresh, FAULT_SERVER, "connection refused");
	fades(town);
	freshness_proven(&town->sit.nodes.fresh, town->now_ms);
	only(town, "node-down");
}

static void a_dead_node_explains_the_dns_it_took_along(void **state)
{
	struct town *town = *state;
	const struct verdicts *list;

	node_fails(town, 0, TRI_UNKNOWN, SECONDS(5));
	coredns(town)->available = coredns(town)->ready = 0;
	list = look(town);
	assert_int_equal(list->len, 2);
	assert_string_equal(list->items[0].mode->id, "node-down");
	assert_string_equal(list->items[1].mode->id, "coredns-down");
}

/* --- DNS --- */

static void dns_is_down(void **state)
{
	struct town *town = *state;
	const struct verdict *verdict;

	coredns(town)->available = coredns(town)->ready = 0;
	verdict = only(town, "coredns-down");
	assert_string_equal(verdict->subject, "deployment/kube-system/coredns");
	assert_int_equal(evidence(verdict, "0 of 1 replicas"), EVIDENCE_MATCHED);
	assert_int_equal(evidence(verdict, "no such host"), EVIDENCE_UNKNOWN);
	assert_int_equal(verdict->nactions, 1);
	assert_string_equal(verdict->actions[0].request.verb, "rollout-restart");
	assert_string_equal(verdict->actions[0].request.target.ns, "kube-system");
	coredns(town)->available = coredns(town)->ready = 1;
	none(town);
}

static void dns_that_crashes_in_a_loop_is_down(void **state)
{
	struct town *town = *state;
	const struct verdict *verdict;

	pod_crashes(town, pod_of(town, "kube-system", "coredns-1-a"), 5, 1, "Error", MINUTES(4));
	verdict = only(town, "coredns-down");
	assert_int_equal(evidence(verdict, "5 restarts, exit code 1"), EVIDENCE_MATCHED);
}

static void dns_scaled_away_is_down_but_no_restart_helps(void **state)
{
	struct town *town = *state;

	coredns(town)->desired = coredns(town)->available = 0;
	assert_int_equal(only(town, "coredns-down")->nactions, 0);
}

static void dns_that_was_deleted_is_down_until_it_is_back(void **state)
{
	struct town *town = *state;
	struct situation *sit = &town->sit;
	const struct verdict *verdict;

	workloads_remove(&sit->workloads, sit->strings, WORKLOAD_DEPLOYMENT, "kube-system", "coredns");
	verdict = only(town, "coredns-down");
	assert_string_equal(verdict->subject, "deployment/kube-system/coredns");
	assert_int_equal(evidence(verdict, "has been deleted"), EVIDENCE_MATCHED);
	assert_int_equal(verdict->nactions, 0);
	add_deployment(sit, "kube-system", "coredns", 1);
	none(town);
}

static void dns_elsewhere(void **state)
{
	struct town *town = *state;
	struct schema_pair name = {xstrdup("coredns"), xstrdup("deployment/shop/dns")};
	struct err err = ERR_INIT;

	town->config.names = xcalloc(1, sizeof(name));
	town->config.names[0] = name;
	town->config.nnames = 1;
	judge_free(town->judge);
	town->judge = judge_new(&town->cat, &town->config);
	assert_int_equal(judge_compile(town->judge, &err), 0);
	coredns(town)->available = 0;
	none(town);
	add_deployment(&town->sit, "shop", "dns", 2)->available = 0;
	assert_string_equal(only(town, "coredns-down")->subject, "deployment/shop/dns");
}

static void dns_fades_when_workloads_are_stale(void **state)
{
	struct town *town = *state;

	coredns(town)->available = 0;
	only(town, "coredns-down");
	freshness_failed(&town->sit.workloads.fresh[WORKLOAD_DEPLOYMENT], FAULT_SERVER, "hangs");
	fades(town);
}

/* --- a deploy that crashes --- */

static void new_pods_crash(struct town *town, int code, const char *reason)
{
	pod_crashes(town, pod_of(town, "shop", "api-2-a"), 4, code, reason, SECONDS(110));
	pod_crashes(town, pod_of(town, "shop", "api-2-b"), 4, code, reason, SECONDS(110));
	shop(town, "api")->available = 0;
}

static void a_new_revision_panics(void **state)
{
	struct town *town = *state;
	const struct verdict *verdict;

	new_pods_crash(town, 2, "Error");
	verdict = only(town, "api-panic");
	assert_string_equal(verdict->subject, "deployment/shop/api");
	assert_string_equal(verdict->title, "shop/api crashes since revision 2");
	assert_int_equal(evidence(verdict, "2 of 3 pods crash"), EVIDENCE_MATCHED);
	assert_int_equal(evidence(verdict, "exit code 2"), EVIDENCE_MATCHED);
	assert_int_equal(evidence(verdict, "ends in a panic"), EVIDENCE_UNKNOWN);
	assert_string_equal(verdict->actions[0].request.verb, "rollout-undo");
	assert_string_equal(verdict->actions[0].request.target.name, "api");
}

static void its_log_raises_or_lowers_it(void **state)
{
	struct town *town = *state;
	struct logsign *sign = logsigns_get(&town->sit.logsigns, "panic", "deployment/shop/api");
	size_t matched;

	freshness_proven(&town->sit.logsigns.fresh, NOW);
	sign->looked_ms = NOW;
	new_pods_crash(town, 2, "Error");
	matched = only(town, "api-panic")->matched;
	assert_int_equal(evidence(only(town, "api-panic"), "ends in a panic"),
			 EVIDENCE_CONTRADICTED);
	sign->matches = 1;
	sign->seen_ms = NOW;
	assert_int_equal(only(town, "api-panic")->matched, matched + 1);
}

static void out_of_memory_is_another_thing(void **state)
{
	struct town *town = *state;

	new_pods_crash(town, 137, "OOMKilled");
	none(town);
}

static void an_old_revision_that_crashes_is_another_thing(void **state)
{
	struct town *town = *state;

	new_pods_crash(town, 2, "Error");
	workloads_find(&town->sit.workloads, WORKLOAD_REPLICASET, "shop", "api-2")->created_ms =
		NOW - MINUTES(3000);
	none(town);
}

static void a_rollout_that_mends_a_crash_is_not_its_cause(void **state)
{
	struct town *town = *state;
	struct pod *pod = pod_of(town, "shop", "api-1-a");

	pod_crashes(town, pod, 30, 2, "Error", MINUTES(60));
	none(town);
}

static void without_an_earlier_revision_there_is_no_way_back(void **state)
{
	struct town *town = *state;

	new_pods_crash(town, 2, "Error");
	workloads_remove(&town->sit.workloads, town->sit.strings, WORKLOAD_REPLICASET, "shop",
			 "api-1");
	none(town);
}

static void a_crash_fades_when_pods_are_stale(void **state)
{
	struct town *town = *state;

	new_pods_crash(town, 2, "Error");
	only(town, "api-panic");
	freshness_failed(&town->sit.pods.fresh, FAULT_SERVER, "hangs");
	freshness_failed(&town->sit.workloads.fresh[WORKLOAD_DEPLOYMENT], FAULT_SERVER, "hangs");
	fades(town);
}

/* --- Redis --- */

static void redis_refuses_writes(void **state)
{
	struct town *town = *state;
	struct redis *redis = &town->sit.redis;
	const struct verdict *verdict;

	redis->used = 252 * MIB;
	strcpy(redis->policy, "noeviction");
	redis->oom_per_min = 412;
	redis->errors_oom = 9000;
	verdict = only(town, "redis-maxmemory");
	assert_string_equal(verdict->title, "Redis at maxmemory, refusing writes");
	assert_int_equal(evidence(verdict, "used 252M of 256M (98%)"), EVIDENCE_MATCHED);
	assert_int_equal(evidence(verdict, "policy noeviction"), EVIDENCE_MATCHED);
	assert_int_equal(evidence(verdict, "412 writes"), EVIDENCE_MATCHED);
	assert_string_equal(verdict->actions[0].request.verb, "redis-set-policy");
	assert_string_equal(act_param(&verdict->actions[0].request, "policy"), "allkeys-lru");
	redis->oom_per_min = 0;
	assert_string_equal(only(town, "redis-maxmemory")->title,
			    "Redis at maxmemory, about to refuse writes");
	strcpy(redis->policy, "allkeys-lru");
	none(town);
}

static void a_full_cache_that_evicts_is_fine(void **state)
{
	struct town *town = *state;
	struct redis *redis = &town->sit.redis;

	redis->used = 257 * MIB;
	none(town);
	strcpy(redis->policy, "volatile-lru");
	none(town);
	redis->expires = 0;
	only(town, "redis-maxmemory");
	redis->maxmemory = 0;
	none(town);
}

static void redis_without_config_rights(void **state)
{
	struct town *town = *state;
	struct redis *redis = &town->sit.redis;

	redis->used = 256 * MIB;
	redis->policy[0] = '\0';
	none(town);
	redis->oom_per_min = 40;
	only(town, "redis-maxmemory");
}

static void redis_that_is_gone_fades(void **state)
{
	struct town *town = *state;
	struct redis *redis = &town->sit.redis;

	redis->used = 256 * MIB;
	strcpy(redis->policy, "noeviction");
	only(town, "redis-maxmemory");
	freshness_failed(&redis->fresh, FAULT_SERVER, "connection refused");
	fades(town);
}

/* --- files --- */

static void broken(const char *text, const char *words)
{
	char folder[] = "/tmp/sitrep-catalogue-XXXXXX";
	struct catalogue cat;
	struct config config;
	struct err err = ERR_INIT;
	char *path;
	FILE *file;

	assert_non_null(mkdtemp(folder));
	path = xasprintf("%s/mine.yaml", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	config_init(&config);
	strlist_add(&config.catalogue, folder);
	if (catalogue_load(&cat, &config, &err) != -EINVAL || !strstr(err.text, words))
		fail_msg("%s", err.text);
	assert_int_equal(cat.len, 0);
	config_release(&config);
	unlink(path);
	rmdir(folder);
	free(path);
}

#define HEAD "id: mine\ntitle: Mine\n"
#define TOLD "told: {symptom: s, recovers: us, action: a}\n"

static void broken_files_say_where_and_what(void **state)
{
	(void)state;
	broken(HEAD TOLD, "evidence");
	broken(HEAD TOLD "evidence:\n- {text: t, iff: x}\n", "mine.yaml:5:13: evidence");
	broken(HEAD TOLD "evidence:\n- {text: t, if: x, required: false}\n", "must be required");
	broken(HEAD "told: {symptom: s, recovers: god, action: a}\n"
	       "evidence: [{text: t, if: x}]\n", "automatic, us or vendor");
	broken(HEAD TOLD "each: .x\nevidence: [{text: t, if: x}]\n", "needs a subject");
	broken(HEAD TOLD "severity: awful\nevidence: [{text: t, if: x}]\n", "mine.yaml:4:");
	broken("id: Not Mine\ntitle: x\n" TOLD "evidence: [{text: t, if: x}]\n", "lower-case");
	broken(HEAD TOLD "evidence: [{text: t, if: x}]\nactions:\n"
	       "- {label: l, verb: explode, target: redis}\n", "mine.yaml:6: actions: verb");
	broken(HEAD TOLD "evidence: [{text: t, if: x}]\nactions:\n"
	       "- {label: l, verb: cordon, target: node/a, key: c}\n"
	       "- {label: m, verb: uncordon, target: node/a, key: c}\n", "'c' is taken by 'l'");
}

static void a_later_mode_replaces_an_earlier_one(void **state)
{
	char folder[] = "/tmp/sitrep-catalogue-XXXXXX";
	struct town *town = *state;
	struct catalogue cat;
	struct err err = ERR_INIT;
	char *path;
	FILE *file;

	assert_non_null(mkdtemp(folder));
	path = xasprintf("%s/mine.yaml", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("id: node-down\ntitle: Mine\n" TOLD "evidence: [{text: t, if: x}]\n", file);
	fclose(file);
	setenv("SITREP_CATALOGUE", folder, 1);
	if (catalogue_load(&cat, &town->config, &err))
		fail_msg("%s", err.text);
	unsetenv("SITREP_CATALOGUE");
	assert_int_equal(cat.len, town->cat.len);
	assert_string_equal(catalogue_find(&cat, "node-down")->title, "Mine");
	catalogue_release(&cat);
	unlink(path);
	rmdir(folder);
	free(path);
}

#define TOWN(test) cmocka_unit_test_setup_teardown(test, town_up, town_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TOWN(healthy_and_busy_is_no_incident),
		TOWN(nothing_known_is_no_incident),
		TOWN(a_node_is_down),
		TOWN(a_node_without_leases_is_down_too),
		TOWN(silence_is_seen_before_ready_falls),
		TOWN(our_own_wrong_clock_is_no_dead_cluster),
		TOWN(a_joining_or_cordoned_node_is_not_down),
		TOWN(a_dead_node_fades_when_the_api_is_gone),
		TOWN(a_dead_node_explains_the_dns_it_took_along),
		TOWN(dns_is_down),
		TOWN(dns_that_crashes_in_a_loop_is_down),
		TOWN(dns_scaled_away_is_down_but_no_restart_helps),
		TOWN(dns_that_was_deleted_is_down_until_it_is_back),
		TOWN(dns_elsewhere),
		TOWN(dns_fades_when_workloads_are_stale),
		TOWN(a_new_revision_panics),
		TOWN(its_log_raises_or_lowers_it),
		TOWN(out_of_memory_is_another_thing),
		TOWN(an_old_revision_that_crashes_is_another_thing),
		TOWN(a_rollout_that_mends_a_crash_is_not_its_cause),
		TOWN(without_an_earlier_revision_there_is_no_way_back),
		TOWN(a_crash_fades_when_pods_are_stale),
		TOWN(redis_refuses_writes),
		TOWN(a_full_cache_that_evicts_is_fine),
		TOWN(redis_without_config_rights),
		TOWN(redis_that_is_gone_fades),
		cmocka_unit_test(broken_files_say_where_and_what),
		TOWN(a_later_mode_replaces_an_earlier_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

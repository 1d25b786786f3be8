/* tests/unit/test_verbs.c: what each verb says it will do, what it warns of, and how it judges */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "incident/ladder.h"

#define NOW INT64_C(1700000000000)
#define SECONDS(n) ((n) * INT64_C(1000))

struct scene {
	struct situation sit;
	struct act_request request;
	_Alignas(16) unsigned char mark[VERB_MARK_SIZE];
	char text[1024];
};

static int scene_up(void **state)
{
	struct scene *scene = xcalloc(1, sizeof(*scene));
	struct situation *sit = &scene->sit;

	situation_init(sit);
	freshness_proven(&sit->nodes.fresh, NOW);
	freshness_proven(&sit->pods.fresh, NOW);
	freshness_proven(&sit->redis.fresh, NOW);
	for (size_t i = 0; i < WORKLOAD_KINDS; i++)
		freshness_proven(&sit->workloads.fresh[i], NOW);
	*state = scene;
	return 0;
}

static int scene_down(void **state)
{
	struct scene *scene = *state;

	situation_release(&scene->sit);
	free(scene);
	return 0;
}

static const struct verb *ask(struct scene *scene, const char *verb, const char *target)
{
	scene->request = (struct act_request){0};
	snprintf(scene->request.verb, sizeof(scene->request.verb), "%s", verb);
	assert_int_equal(act_target_parse(&scene->request.target, target, NULL), 0);
	assert_non_null(verb_find(verb));
	return verb_find(verb);
}

static void command_is(struct scene *scene, const char *words)
{
	char text[1024];

	verb_find(scene->request.verb)->command(&scene->request, text, sizeof(text));
	assert_string_equal(text, words);
}

static enum confirm_level warned(struct scene *scene, const char *words)
{
	const struct verb *verb = verb_find(scene->request.verb);
	enum confirm_level level;

	scene->text[0] = '\0';
	level = verb->risks(&scene->request, &scene->sit, scene->text, sizeof(scene->text));
	if (words && !strstr(scene->text, words))
		fail_msg("not warned of \"%s\": %s", words, scene->text);
	return level;
}

static void mark(struct scene *scene)
{
	memset(scene->mark, 0, sizeof(scene->mark));
	verb_find(scene->request.verb)->mark(&scene->request, &scene->sit, scene->mark,
					     sizeof(scene->mark));
}

static enum outcome judged(struct scene *scene, int64_t count, bool last)
{
	const struct verb_watch watch = {.request = &scene->request, .sit = &scene->sit,
					 .mark = scene->mark, .count = count, .acted_ms = NOW,
					 .now_ms = NOW + SECONDS(1), .last = last};

	return verb_find(scene->request.verb)->judge(&watch, scene->text, sizeof(scene->text));
}

static struct workload *add_work(struct scene *scene, int replicas)
{
	struct workload *work = workloads_get(&scene->sit.workloads, scene->sit.strings,
					      WORKLOAD_DEPLOYMENT, "shop", "api");
	struct workload *set = workloads_get(&scene->sit.workloads, scene->sit.strings,
					     WORKLOAD_REPLICASET, "shop", "api-2");

	intern_set(scene->sit.strings, &set->owner, "api");
	set->revision = work->revision = 2;
	work->generation = work->observed_generation = 5;
	work->desired = work->current = work->updated = replicas;
	work->ready = work->available = replicas;
	return work;
}

static struct pod *add_pod(struct scene *scene, const char *name)
{
	struct pod *pod = pods_get(&scene->sit.pods, scene->sit.strings, "shop", name);

	intern_set(scene->sit.strings, &pod->owner_kind, "ReplicaSet");
	intern_set(scene->sit.strings, &pod->owner_name, "api-2");
	pod->ready = true;
	pod->uid[0] = (uint8_t)name[strlen(name) - 1];
	pod->created_ms = NOW - SECONDS(3600);
	return pod;
}

static struct node *add_node(struct scene *scene, const char *name, enum tri ready)
{
	struct node *node = nodes_get(&scene->sit.nodes, name);

	node->conditions[node->nconditions++] = (struct node_condition){
		.type = intern_get(scene->sit.strings, "Ready"), .status = ready};
	return node;
}

/* Every verb the lists promise is whole: what the ladder calls is there. */
static void verbs_are_whole(void **state)
{
	size_t count = 0;

	(void)state;
	for (const struct verb *const *at = verbs_all; *at; at++, count++) {
		const struct verb *verb = *at;

		assert_ptr_equal(verb_find(verb->id), verb);
		assert_true(verb->confirm == CONFIRM_KEY || verb->confirm == CONFIRM_TYPED);
		assert_true(verb->watch_ms > 0);
		assert_non_null(verb->command);
		assert_non_null(verb->judge);
		assert_non_null(verb->risks);
		assert_true(strlen(verb->id) < sizeof(((struct act_request *)0)->verb));
		assert_true(verb->title[0] && verb->help[0] && verb->kinds[0]);
	}
	assert_int_equal(count, 8);
	assert_null(verb_find("flushall"));
	assert_true(verb_takes(verb_find("rollout-restart"), "daemonset"));
	assert_false(verb_takes(verb_find("rollout-restart"), "daemon"));
	assert_false(verb_takes(verb_find("rollout-restart"), ""));
	assert_false(verb_takes(verb_find("cordon"), "deployment"));
}

static void commands_can_be_pasted(void **state)
{
	struct scene *scene = *state;

	ask(scene, "rollout-restart", "deployment/shop/api");
	command_is(scene, "kubectl -n shop rollout restart deployment/api");
	ask(scene, "rollout-undo", "deployment/shop/api");
	command_is(scene, "kubectl -n shop rollout undo deployment/api");
	act_param_set(&scene->request, "to_revision", "7");
	command_is(scene, "kubectl -n shop rollout undo deployment/api --to-revision=7");
	ask(scene, "cordon", "node/one");
	command_is(scene, "kubectl cordon one");
	ask(scene, "uncordon", "node/one");
	command_is(scene, "kubectl uncordon one");
	ask(scene, "delete-pod", "pod/shop/api-2-a");
	command_is(scene, "kubectl -n shop delete pod api-2-a");
	ask(scene, "redis-set-policy", "redis");
	act_param_set(&scene->request, "policy", "allkeys-lru");
	command_is(scene, "redis-cli CONFIG SET maxmemory-policy allkeys-lru");
	ask(scene, "redis-delete-key", "redis");
	act_param_set(&scene->request, "key", "it's $HOME; rm -rf /");
	command_is(scene, "redis-cli UNLINK 'it'\\''s $HOME; rm -rf /'");
	act_param_set(&scene->request, "key", "a\nb'\x01\\");
	command_is(scene, "redis-cli UNLINK $'a\\x0ab\\'\\x01\\\\'");
	ask(scene, "redis-delete-prefix", "redis");
	act_param_set(&scene->request, "prefix", "sess*[1]:");
	command_is(scene, "redis-cli --scan --pattern 'sess\\*\\[1\\]:*' | xargs -r -d '\\n' "
			  "-n 500 redis-cli UNLINK");
}

static void params_are_checked(void **state)
{
	struct scene *scene = *state;
	const struct verb *verb = ask(scene, "rollout-undo", "deployment/shop/api");
	struct err err = ERR_INIT;

	assert_int_equal(verb->check(&scene->request, &err), 0);
	act_param_set(&scene->request, "to_revision", "7; reboot");
	assert_int_equal(verb->check(&scene->request, &err), -EINVAL);
	act_param_set(&scene->request, "to_revision", "");
	assert_int_equal(verb->check(&scene->request, &err), -EINVAL);
}

static void a_restart_warns(void **state)
{
	struct scene *scene = *state;
	struct workload *work;
	struct pod *pod;

	ask(scene, "rollout-restart", "deployment/shop/api");
	assert_int_equal(warned(scene, "nothing is known"), CONFIRM_TYPED);
	work = add_work(scene, 3);
	assert_int_equal(warned(scene, NULL), CONFIRM_KEY);
	assert_string_equal(scene->text, "");
	work->available = 2;
	warned(scene, "only 2 of 3");
	work->updated = 1;
	warned(scene, "already under way");
	work->paused = true;
	warned(scene, "paused");
	work->desired = work->updated = work->current = work->available = work->ready = 1;
	assert_int_equal(warned(scene, "a single replica"), CONFIRM_KEY);
	pod = add_pod(scene, "api-2-a");
	pod->local_volume = true;
	warned(scene, "volume claim");
	pod->empty_dir = true;
	assert_int_equal(warned(scene, "emptyDir"), CONFIRM_TYPED);
	ask(scene, "rollout-undo", "deployment/shop/api");
	warned(scene, "no earlier revision");
}

static void a_restart_that_works(void **state)
{
	struct scene *scene = *state;
	struct workload *work = add_work(scene, 3);

	ask(scene, "rollout-restart", "deployment/shop/api");
	mark(scene);
	assert_int_equal(judged(scene, -1, false), OUTCOME_PENDING);
	work->generation = 6;
	assert_int_equal(judged(scene, -1, false), OUTCOME_PENDING);
	work->observed_generation = 6;
	work->revision = 3;
	work->updated = 1;
	assert_int_equal(judged(scene, -1, false), OUTCOME_PENDING);
	work->updated = 3;
	assert_int_equal(judged(scene, -1, false), OUTCOME_WORKED);
	assert_string_equal(scene->text, "revision 3 is rolled out, 3 of 3 available");
}

static void a_restart_that_does_not(void **state)
{
	struct scene *scene = *state;
	struct workload *work = add_work(scene, 3);
	struct pod *pod = add_pod(scene, "api-2-x");

	ask(scene, "rollout-restart", "deployment/shop/api");
	mark(scene);
	assert_int_equal(judged(scene, -1, true), OUTCOME_NO_CHANGE);
	work->generation = work->observed_generation = 6;
	work->updated = 1;
	assert_int_equal(judged(scene, -1, true), OUTCOME_NO_CHANGE);
	work->available = 2;
	assert_int_equal(judged(scene, -1, true), OUTCOME_WORSE);
	assert_int_equal(judged(scene, -1, false), OUTCOME_PENDING);
	pod->created_ms = NOW;
	pod->ready = false;
	pod->restarts = 3;
	assert_int_equal(judged(scene, -1, false), OUTCOME_WORSE);
	assert_non_null(strstr(scene->text, "1 new pod is crash-looping; 2 available, 3 before"));
	pod->created_ms = NOW - SECONDS(60);
	assert_int_equal(judged(scene, -1, false), OUTCOME_PENDING);
	freshness_failed(&scene->sit.workloads.fresh[WORKLOAD_DEPLOYMENT], FAULT_SERVER, "hangs");
	assert_int_equal(judged(scene, -1, false), OUTCOME_UNKNOWN);
	freshness_proven(&scene->sit.workloads.fresh[WORKLOAD_DEPLOYMENT], NOW);
	workloads_remove(&scene->sit.workloads, scene->sit.strings, WORKLOAD_DEPLOYMENT, "shop",
			 "api");
	assert_int_equal(judged(scene, -1, false), OUTCOME_WORSE);
}

static void cordons(void **state)
{
	struct scene *scene = *state;
	struct node *node = add_node(scene, "one", TRI_TRUE);

	ask(scene, "cordon", "node/one");
	assert_int_equal(warned(scene, "no other node"), CONFIRM_TYPED);
	add_node(scene, "two", TRI_TRUE);
	assert_int_equal(warned(scene, "only one other"), CONFIRM_KEY);
	add_node(scene, "three", TRI_UNKNOWN);
	warned(scene, "only one other");
	add_node(scene, "four", TRI_TRUE);
	warned(scene, NULL);
	assert_string_equal(scene->text, "");
	assert_int_equal(judged(scene, -1, false), OUTCOME_PENDING);
	assert_int_equal(judged(scene, -1, true), OUTCOME_NO_CHANGE);
	node->unschedulable = true;
	assert_int_equal(judged(scene, -1, false), OUTCOME_WORKED);
	ask(scene, "uncordon", "node/three");
	warned(scene, "not Ready");
	assert_int_equal(judged(scene, -1, false), OUTCOME_WORKED);
	freshness_failed(&scene->sit.nodes.fresh, FAULT_SERVER, "hangs");
	assert_int_equal(judged(scene, -1, false), OUTCOME_UNKNOWN);
	ask(scene, "uncordon", "node/nine");
	assert_int_equal(warned(scene, "nothing is known"), CONFIRM_TYPED);
}

static void deleting_a_pod_warns(void **state)
{
	struct scene *scene = *state;
	struct pod *pod;
	struct pdb *pdb;

	ask(scene, "delete-pod", "pod/shop/api-2-a");
	assert_int_equal(warned(scene, "nothing is known"), CONFIRM_TYPED);
	pod = add_pod(scene, "api-2-a");
	assert_int_equal(warned(scene, "only ready pod"), CONFIRM_TYPED);
	add_pod(scene, "api-2-b");
	warned(scene, "whether a disruption budget forbids it is not known");
	scene->sit.pdbs.complete = true;
	assert_int_equal(warned(scene, NULL), CONFIRM_KEY);
	assert_string_equal(scene->text, "");
	pod->empty_dir = pod->local_volume = true;
	warned(scene, "emptyDir");
	warned(scene, "volume claim");
	pdb = pdbs_get(&scene->sit.pdbs, scene->sit.strings, "shop", "budget");
	pdb->disruptions_allowed = 0;
	warned(scene, "budget in this namespace allows no loss");
	intern_set(scene->sit.strings, &pod->owner_kind, NULL);
	assert_int_equal(warned(scene, "will not come back"), CONFIRM_TYPED);
	pod->mirror = true;
	warned(scene, "static pod");
}

static void a_deleted_pod_is_replaced(void **state)
{
	struct scene *scene = *state;
	struct workload *set;
	struct pod *pod;

	add_work(scene, 2);
	set = workloads_find(&scene->sit.workloads, WORKLOAD_REPLICASET, "shop", "api-2");
	set->desired = 2;
	add_pod(scene, "api-2-a");
	add_pod(scene, "api-2-b");
	ask(scene, "delete-pod", "pod/shop/api-2-a");
	mark(scene);
	assert_int_equal(judged(scene, -1, false), OUTCOME_PENDING);
	assert_int_equal(judged(scene, -1, true), OUTCOME_NO_CHANGE);
	pods_remove(&scene->sit.pods, scene->sit.strings, "shop", "api-2-a");
	assert_int_equal(judged(scene, -1, false), OUTCOME_PENDING);
	assert_int_equal(judged(scene, -1, true), OUTCOME_WORSE);
	pod = add_pod(scene, "api-2-c");
	pod->ready = false;
	assert_int_equal(judged(scene, -1, false), OUTCOME_PENDING);
	pod->ready = true;
	assert_int_equal(judged(scene, -1, false), OUTCOME_WORKED);
	assert_string_equal(scene->text, "the pod is replaced, 2 of 2 ready");
}

static void a_stateful_pod_comes_back_by_its_name(void **state)
{
	struct scene *scene = *state;
	struct workload *work = workloads_get(&scene->sit.workloads, scene->sit.strings,
					      WORKLOAD_STATEFULSET, "shop", "db");
	struct pod *pod = add_pod(scene, "db-0");

	work->desired = 1;
	intern_set(scene->sit.strings, &pod->owner_kind, "StatefulSet");
	intern_set(scene->sit.strings, &pod->owner_name, "db");
	ask(scene, "delete-pod", "pod/shop/db-0");
	mark(scene);
	pod->uid[0]++;
	pod->ready = false;
	assert_int_equal(judged(scene, -1, false), OUTCOME_PENDING);
	pod->ready = true;
	assert_int_equal(judged(scene, -1, false), OUTCOME_WORKED);
}

static void redis_policies(void **state)
{
	struct scene *scene = *state;
	struct redis *redis = &scene->sit.redis;

	redis->keys = 10;
	redis->expires = 0;
	ask(scene, "redis-set-policy", "redis");
	act_param_set(&scene->request, "policy", "volatile-lru");
	warned(scene, "no key has a TTL");
	act_param_set(&scene->request, "policy", "noeviction");
	warned(scene, "writes will fail");
	act_param_set(&scene->request, "policy", "allkeys-lru");
	assert_int_equal(warned(scene, "also the 10 without a TTL"), CONFIRM_KEY);
	assert_int_equal(judged(scene, -1, false), OUTCOME_UNKNOWN);
	strcpy(redis->policy, "noeviction");
	assert_int_equal(judged(scene, -1, false), OUTCOME_PENDING);
	assert_int_equal(judged(scene, -1, true), OUTCOME_NO_CHANGE);
	strcpy(redis->policy, "allkeys-lru");
	assert_int_equal(judged(scene, -1, false), OUTCOME_WORKED);
	freshness_failed(&redis->fresh, FAULT_SERVER, "gone");
	assert_int_equal(judged(scene, -1, false), OUTCOME_UNKNOWN);
}

static void redis_deletions(void **state)
{
	struct scene *scene = *state;

	ask(scene, "redis-delete-key", "redis");
	act_param_set(&scene->request, "key", "a");
	assert_int_equal(warned(scene, "cannot be brought back"), CONFIRM_TYPED);
	assert_int_equal(judged(scene, 1, false), OUTCOME_WORKED);
	assert_string_equal(scene->text, "1 key is deleted");
	assert_int_equal(judged(scene, 0, false), OUTCOME_NO_CHANGE);
	assert_int_equal(judged(scene, -1, false), OUTCOME_UNKNOWN);
}

static void long_words_are_cut_not_run_over(void **state)
{
	struct scene *scene = *state;
	char text[24];

	ask(scene, "redis-delete-prefix", "redis");
	act_param_set(&scene->request, "prefix", "''''''''''''''''''''''''''''''''''''''''''''''''''"
		      "''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''''");
	verb_find("redis-delete-prefix")->command(&scene->request, text, sizeof(text));
	assert_int_equal(strlen(text), sizeof(text) - 1);
	ask(scene, "delete-pod", "pod/shop/api-2-a");
	verb_find("delete-pod")->risks(&scene->request, &scene->sit, memset(text, 0, sizeof(text)),
				       sizeof(text));
	assert_int_equal(strlen(text), sizeof(text) - 1);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, scene_up, scene_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verbs_are_whole),
		SCENE(commands_can_be_pasted),
		SCENE(params_are_checked),
		SCENE(a_restart_warns),
		SCENE(a_restart_that_works),
		SCENE(a_restart_that_does_not),
		SCENE(cordons),
		SCENE(deleting_a_pod_warns),
		SCENE(a_deleted_pod_is_replaced),
		SCENE(a_stateful_pod_comes_back_by_its_name),
		SCENE(redis_policies),
		SCENE(redis_deletions),
		SCENE(long_words_are_cut_not_run_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

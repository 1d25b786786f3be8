/* tests/unit/test_facts.c: the facts document: every path is documented, unknown is null, the
 * size follows what is wrong, and it is made fast */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "incident/facts.h"
#include "tests/unit/facts_bed.h"

/* Paths */

#define PATHS_MAX 600

struct paths {
	char text[PATHS_MAX][120];
	size_t len;
};

static void add_path(struct paths *paths, const char *text)
{
	size_t i;

	for (i = 0; i < paths->len; i++)
		if (!strcmp(paths->text[i], text))
			return;
	assert_true(paths->len < PATHS_MAX);
	snprintf(paths->text[paths->len++], sizeof(paths->text[0]), "%s", text);
}

static bool has_free_keys(const char *path)
{
	static const char *const maps[] = {
		"names", "thresholds", "cost", "nodes.items[].conditions", "pods.by_namespace",
		"pods.by_status", "workloads.kinds", "vendors.by_name",
		"probes.by_name", "probes.by_kind", "storage.pinned", "asynq.by_queue", "apps",
		"apps.*.values", "nodes.items[].labels", "redis.scan.patterns",
	};
	size_t i;

	for (i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		if (!strcmp(path, maps[i]))
			return true;
	return false;
}

static void walk(const json_t *value, const char *path, struct paths *paths)
{
	char below[120];
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_array(value)) {
		snprintf(below, sizeof(below), "%s[]", path);
		json_array_foreach(value, i, member)
			walk(member, below, paths);
		assert_true(json_array_size(value) > 0);
	} else if (json_is_object(value)) {
		json_object_foreach((json_t *)value, key, member) {
			snprintf(below, sizeof(below), "%s%s%s", path, path[0] ? "." : "",
				 has_free_keys(path) ? "*" : key);
			walk(member, strcmp(key, "freshness") ? below : "freshness", paths);
		}
	} else {
		add_path(paths, path);
	}
}

/* Everything in backticks in the first column of a table. */
static void read_paths(struct paths *paths)
{
	const char *dir = getenv("srcdir");
	char path[512], line[1024], *at, *end;
	FILE *file;

	snprintf(path, sizeof(path), "%s/docs/facts.md", dir ? dir : ".");
	file = fopen(path, "r");
	if (!file)
		fail_msg("no %s: is srcdir set?", path);
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "| `", 3))
			continue;
		end = strstr(line, " | ");
		assert_non_null(end);
		*end = '\0';
		for (at = strchr(line, '`'); at; at = strchr(end + 1, '`')) {
			end = strchr(at + 1, '`');
			*end = '\0';
			add_path(paths, at + 1);
		}
	}
	fclose(file);
}

static bool has_path(const struct paths *paths, const char *text)
{
	size_t i;

	for (i = 0; i < paths->len; i++)
		if (!strcmp(paths->text[i], text))
			return true;
	return false;
}

static void every_path_is_documented(void **state)
{
	static struct paths made, told;
	struct situation sit;
	struct config config;
	json_t *facts;
	size_t i;

	(void)state;
	facts_whole(&sit, &config);
	facts = facts_build(&sit, &config, NOW, false);
	walk(facts, "", &made);
	read_paths(&told);
	for (i = 0; i < made.len; i++)
		if (!has_path(&told, made.text[i]))
			fail_msg("docs/facts.md does not tell of %s", made.text[i]);
	for (i = 0; i < told.len; i++)
		if (!has_path(&made, told.text[i]) && strcmp(told.text[i], "pods.items[]"))
			fail_msg("docs/facts.md tells of %s, which is not there", told.text[i]);
	json_decref(facts);
	facts_gone(&sit, &config);
}

/* Values */

static void pods_tell_about_their_deployment(void **state)
{
	struct situation sit;
	struct config config;
	const json_t *work;
	json_t *facts;

	(void)state;
	facts_whole(&sit, &config);
	facts = facts_build(&sit, &config, NOW, false);
	work = item(facts, "workloads", "items", 0);
	expect_text(work, "key", "deployment/shop/api");
	expect_int(work, "pods", 2);
	expect_int(work, "crashing", 1);
	expect_int(work, "exit_code", 2);
	expect_int(work, "max_restarts", 3);
	expect_int(work, "rollout_age", 120);
	expect_int(work, "first_crash_age", 90);
	expect_int(work, "last_crash_age", 30);
	assert_true(json_is_true(json_object_get(work, "previous_revision")));
	expect_text(work, "rollout", "waiting");
	expect_text(item(facts, "pods", "problems", 0), "workload", "deployment/shop/api");
	expect_int(item(facts, "nodes", "items", 0), "pods", 2);
	expect_int(item(facts, "nodes", "items", 0), "lease_age", 7);
	expect_text(item(facts, "logs", "signs", 0), "line", "panic: ?");
	json_decref(facts);
	facts_gone(&sit, &config);
}

static const char *state_of(const json_t *facts, const char *section)
{
	return json_string_value(json_object_get(json_object_get(
		json_object_get(facts, section), "freshness"), "state"));
}

static void unknown_is_null_and_said(void **state)
{
	struct situation sit;
	struct config config;
	json_t *facts;

	(void)state;
	facts_whole(&sit, &config);
	sit.pods.complete = false;
	freshness_failed(&sit.nodes.leases_fresh, FAULT_RIGHTS, "leases is forbidden");
	freshness_failed(&sit.workloads.fresh[WORKLOAD_JOB], FAULT_RIGHTS, "jobs is forbidden");
	freshness_failed(&sit.workloads.fresh[WORKLOAD_REPLICASET], FAULT_RIGHTS, "forbidden");
	facts = facts_build(&sit, &config, NOW, false);
	assert_string_equal(state_of(facts, "pods"), "unknown");
	assert_string_equal(state_of(facts, "workloads"), "fresh");
	expect_null(item(facts, "nodes", "items", 0), "lease_age");
	expect_null(item(facts, "workloads", "items", 0), "crashing");
	expect_null(item(facts, "workloads", "items", 0), "previous_revision");
	expect_null(item(facts, "workloads", "items", 0), "rollout_age");
	expect_null(json_object_get(facts, "redis"), "used");
	json_decref(facts);
	freshness_failed(&sit.workloads.fresh[WORKLOAD_DAEMONSET], FAULT_SERVER, "gone");
	facts = facts_build(&sit, &config, NOW, false);
	assert_string_equal(state_of(facts, "workloads"), "stale");
	json_decref(facts);
	facts_gone(&sit, &config);
}

static void an_unread_redis_has_no_zeros(void **state)
{
	static const char *const names[] = {"keys", "no_ttl_keys", "clients", "ops_per_s", "evicted"};
	struct config config = {0};
	struct situation sit;
	json_t *facts;
	size_t i;

	(void)state;
	situation_init(&sit);
	sit.redis.configured = true;
	assert_true(sit.redis.keys < 0 && sit.redis.clients < 0 && sit.redis.ops_per_s < 0);
	facts = facts_build(&sit, &config, NOW, false);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		expect_null(json_object_get(facts, "redis"), names[i]);
	json_decref(facts);
	situation_release(&sit);
}

static void old_crashes_are_no_crashes(void **state)
{
	struct situation sit;
	struct config config;
	struct pod *pod;
	json_t *facts;

	(void)state;
	facts_whole(&sit, &config);
	pod = pods_find(&sit.pods, "shop", "api-222-b");
	intern_set(sit.strings, &pod->status, "Running");
	pod->last_finished_ms = NOW - 86400000;
	facts = facts_build(&sit, &config, NOW, false);
	expect_int(item(facts, "workloads", "items", 0), "crashing", 0);
	expect_null(item(facts, "workloads", "items", 0), "exit_code");
	expect_int(json_object_get(facts, "pods"), "problems_total", 1);
	json_decref(facts);
	facts_gone(&sit, &config);
}

static void restarts_tell_how_long_it_goes_on(void **state)
{
	struct situation sit;
	struct config config;
	struct pod *pod;
	json_t *facts;

	(void)state;
	facts_whole(&sit, &config);
	pod = pods_find(&sit.pods, "shop", "api-222-b");
	pod->restarts = 6;
	pod->not_ready_since_ms = NOW - 5000;
	facts = facts_build(&sit, &config, NOW, false);
	expect_int(item(facts, "workloads", "items", 0), "first_crash_age", 30 + 310);
	json_decref(facts);
	pod->created_ms = NOW - 100000;
	facts = facts_build(&sit, &config, NOW, false);
	expect_int(item(facts, "workloads", "items", 0), "first_crash_age", 100);
	json_decref(facts);
	facts_gone(&sit, &config);
}

/* Twenty thousand pods of 200 deployments in 40 namespaces, every tenth crashing if asked. */
static void crowd(struct situation *sit, bool sick)
{
	char ns[32], name[64], set[32], node[16];
	int i;

	situation_init(sit);
	facts_prove(sit);
	for (i = 0; i < 45; i++) {
		snprintf(node, sizeof(node), "node-%d", i);
		nodes_get(&sit->nodes, node);
	}
	for (i = 0; i < 200; i++) {
		snprintf(ns, sizeof(ns), "team-%02d", i / 5);
		snprintf(name, sizeof(name), "app-%d", i % 5);
		workloads_get(&sit->workloads, sit->strings, WORKLOAD_DEPLOYMENT, ns, name);
		snprintf(set, sizeof(set), "app-%d-6d9f7c5b4", i % 5);
		intern_set(sit->strings,
			   &workloads_get(&sit->workloads, sit->strings, WORKLOAD_REPLICASET, ns,
					  set)->owner, name);
	}
	for (i = 0; i < 20000; i++) {
		struct pod *pod;

		snprintf(ns, sizeof(ns), "team-%02d", i / 500);
		snprintf(set, sizeof(set), "app-%d-6d9f7c5b4", i / 100 % 5);
		snprintf(name, sizeof(name), "%s-%05d", set, i);
		pod = facts_add_pod(sit, ns, name, set);
		snprintf(node, sizeof(node), "node-%d", i % 45);
		intern_set(sit->strings, &pod->node, node);
		if (sick && i % 10 == 0)
			facts_crash(sit, pod, 2, 1);
	}
}

static void size_follows_the_problem(void **state)
{
	struct config config = {0};
	struct timespec start, end;
	struct situation sit;
	json_t *facts;
	char *text;
	double ms;

	(void)state;
	crowd(&sit, true);
	clock_gettime(CLOCK_MONOTONIC, &start);
	facts = facts_build(&sit, &config, NOW, false);
	clock_gettime(CLOCK_MONOTONIC, &end);
	ms = (double)(end.tv_sec - start.tv_sec) * 1e3 +
	     (double)(end.tv_nsec - start.tv_nsec) / 1e6;
	print_message("facts of 20,000 pods in %.2f ms\n", ms);
	if (ms > 50)
		fail_msg("facts of 20,000 pods took %.1f ms", ms);
	expect_int(json_object_get(facts, "pods"), "total", 20000);
	expect_int(json_object_get(facts, "pods"), "problems_total", 2000);
	expect_int(item(facts, "workloads", "items", 0), "pods", 100);
	expect_int(item(facts, "workloads", "items", 0), "crashing", 10);
	assert_int_equal(json_array_size(json_object_get(json_object_get(facts, "pods"),
							 "problems")), FACTS_LIST_MAX);
	text = json_dumps(facts, JSON_COMPACT);
	print_message("and %zu bytes\n", strlen(text));
	assert_true(strlen(text) < 120000);
	free(text);
	json_decref(facts);
	situation_release(&sit);
}

/* Built again over its memory, the document is what it would be without one. */
static void same_again(struct facts_memory *memory, struct situation *sit,
		       const struct config *config, int64_t now_ms)
{
	json_t *again = facts_build_again(memory, sit, config, now_ms, false);
	json_t *fresh = facts_build(sit, config, now_ms, false);

	assert_true(json_equal(again, fresh));
	json_decref(again);
	json_decref(fresh);
}

static void memory_changes_nothing(void **state)
{
	struct facts_memory *memory = facts_memory_new();
	struct situation sit;
	struct config config;
	struct pod *pod;

	(void)state;
	facts_whole(&sit, &config);
	same_again(memory, &sit, &config, NOW);
	for (int minutes = 1; minutes < 120; minutes += 7)
		same_again(memory, &sit, &config, NOW + minutes * 60000);
	pods_clear(&sit.pods, sit.strings);
	facts_add_pod(&sit, "shop", "well", "api-2");
	pod = facts_add_pod(&sit, "shop", "well-again", "api-2");
	pod->restarts = 3;
	pod->last_finished_ms = NOW - 2 * 3600000;
	same_again(memory, &sit, &config, NOW);
	same_again(memory, &sit, &config, NOW + 1000);
	facts_crash(&sit, facts_add_pod(&sit, "shop", "well", "api-2"), 4, 1);
	same_again(memory, &sit, &config, NOW + 2000);
	nodes_get(&sit.nodes, "another");
	same_again(memory, &sit, &config, NOW + 3000);
	pods_remove(&sit.pods, sit.strings, "shop", "well");
	nodes_remove(&sit.nodes, sit.strings, "another");
	same_again(memory, &sit, &config, NOW + 4000);
	workloads_get(&sit.workloads, sit.strings, WORKLOAD_JOB, "shop", "new");
	same_again(memory, &sit, &config, NOW + 5000);
	facts_memory_free(memory);
	facts_gone(&sit, &config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_path_is_documented),
		cmocka_unit_test(pods_tell_about_their_deployment),
		cmocka_unit_test(unknown_is_null_and_said),
		cmocka_unit_test(an_unread_redis_has_no_zeros),
		cmocka_unit_test(old_crashes_are_no_crashes),
		cmocka_unit_test(restarts_tell_how_long_it_goes_on),
		cmocka_unit_test(size_follows_the_problem),
		cmocka_unit_test(memory_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

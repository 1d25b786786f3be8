/* tests/unit/test_facts_signals.c: facts that a rule decides by: what logs show, where pods stand, why
 * they find no node, and whether it is us */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "tests/unit/facts_bed.h"

static void old_log_looks_say_nothing(void **state)
{
	struct situation sit;
	struct config config;
	struct logsign *sign;
	json_t *facts;

	(void)state;
	facts_whole(&sit, &config);
	sign = logsigns_get(&sit.logsigns, "panic", "deployment/shop/api");
	sign->looked_ms = NOW - 100000;
	sign->matches = 3;
	facts = facts_build(&sit, &config, NOW, false);
	expect_int(item(facts, "logs", "signs", 0), "matches", 3);
	json_decref(facts);
	sign->looked_ms = NOW - 200000;
	facts = facts_build(&sit, &config, NOW, false);
	expect_null(item(facts, "logs", "signs", 0), "matches");
	json_decref(facts);
	sign->previous = true;
	facts = facts_build(&sit, &config, NOW, false);
	expect_int(item(facts, "logs", "signs", 0), "matches", 3);
	json_decref(facts);
	facts_gone(&sit, &config);
}

static void pods_are_placed(void **state)
{
	struct situation sit;
	struct config config;
	const json_t *work, *list;
	json_t *facts;

	(void)state;
	facts_whole(&sit, &config);
	pods_find(&sit.pods, "shop", "api-222-b")->cpu_milli = 900;
	workloads_find(&sit.workloads, WORKLOAD_DEPLOYMENT, "shop", "api")->cpu_limit_milli = 1000;
	facts_add_pod(&sit, "shop", "api-222-aa-other", "nobody");
	facts = facts_build(&sit, &config, NOW, false);
	work = item(facts, "workloads", "items", 0);
	list = json_object_get(work, "placed");
	assert_int_equal(json_array_size(list), 2);
	expect_text(json_array_get(list, 1), "pod", "api-222-b");
	expect_text(json_array_get(list, 1), "node", "one");
	assert_true(json_real_value(json_object_get(work, "cpu_ratio")) == 0.9);
	expect_null(work, "mem_ratio");
	expect_text(json_array_get(json_object_get(json_object_get(facts, "workloads"), "single"), 0),
		    "key", "deployment/shop/worker");
	json_decref(facts);
	sit.pods.complete = false;
	facts = facts_build(&sit, &config, NOW, false);
	expect_null(item(facts, "workloads", "items", 0), "placed");
	json_decref(facts);
	facts_gone(&sit, &config);
}

static void the_scheduler_says_why(void **state)
{
	static const struct {
		const char *message, *want;
	} rows[] = {
		{"0/3 nodes are available: 1 node(s) had untolerated taint {a: b}, 2 node(s) had volume "
		 "node affinity conflict.", "volume,taint"},
		{"0/2 nodes are available: 2 node(s) didn't match PersistentVolume's node affinity.",
		 "volume"},
		{"0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.", "resources"},
		{"0/1 nodes are available: something else", "other"},
	};
	struct situation sit;
	struct config config;
	struct pod *pod;
	json_t *facts;
	size_t i;

	(void)state;
	facts_whole(&sit, &config);
	pod = pods_find(&sit.pods, "shop", "api-222-b");
	pod->phase = POD_PENDING;
	intern_set(sit.strings, &pod->node, NULL);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		intern_set(sit.strings, &pod->message, rows[i].message);
		facts = facts_build(&sit, &config, NOW, false);
		expect_text(item(facts, "pods", "problems", 0), "unplaced", rows[i].want);
		json_decref(facts);
	}
	facts_gone(&sit, &config);
}

static const json_t *link_part(const json_t *facts, const char *part)
{
	return json_object_get(json_object_get(facts, "link"), part);
}

/* One page and one resolver out there, each host once; our own machines and the system's resolver
 * prove nothing. */
static void what_is_none_of_ours_proves_the_link(void **state)
{
	struct situation sit;
	struct config config;
	struct probe *probe;
	json_t *facts;

	(void)state;
	facts_whole(&sit, &config);
	probe = probes_add(&sit.probes, "dns", "dns.example");
	probe->kind = PROBE_DNS;
	freshness_proven(&probe->fresh, NOW - 30000);
	probe_ended(probe, true, 1000, NOW - 30000);
	probe = probes_add(&sit.probes, "page", "");
	probe->target = xstrdup("https://status.example/other");
	freshness_proven(&probe->fresh, NOW - 1000);
	probe_ended(probe, false, 1000, NOW - 1000);
	probe = probes_add(&sit.probes, "origin", "n1");
	probe->kind = PROBE_ORIGIN;
	probe->target = xstrdup("https://shop.example");
	freshness_proven(&probe->fresh, NOW);
	probe_ended(probe, true, 1000, NOW);
	sit.vendors.items[0].fresh.as_of_ms = NOW - 200000;
	facts = facts_build(&sit, &config, NOW, false);
	expect_int(link_part(facts, "outside"), "total", 2);
	expect_int(link_part(facts, "outside"), "answering", 1);
	expect_int(link_part(facts, "outside"), "newest_age", 30);
	expect_int(link_part(facts, "outside"), "second_age", 200);
	json_decref(facts);
	facts_gone(&sit, &config);
}

static void servers_answer_or_say_that_they_are_not_ready(void **state)
{
	struct situation sit;
	struct config config;
	struct cluster *cluster = &sit.cluster;
	const json_t *servers;
	json_t *facts;

	(void)state;
	facts_whole(&sit, &config);
	cluster->nservers = 3;
	cluster->servers[0].current = true;
	cluster->servers[1].url = xstrdup("https://10.0.0.2:6443");
	cluster->servers[2].url = xstrdup("https://n1.example:6443");
	nodes_get(&sit.nodes, "two")->internal_ip = xstrdup("10.0.0.2");
	config.ssh.hosts = xcalloc(1, sizeof(*config.ssh.hosts));
	config.ssh.nhosts = 1;
	config.ssh.hosts[0].node = xstrdup("n1");
	config.ssh.hosts[0].host = xstrdup("n1.example");
	freshness_failed(&cluster->fresh, FAULT_SERVER, "not ready");
	snprintf(cluster->servers[0].failing, sizeof(cluster->servers[0].failing), "etcd");
	freshness_failed(&cluster->servers[1].fresh, FAULT_SERVER, "refused");
	freshness_proven(&cluster->servers[2].fresh, NOW);
	facts = facts_build(&sit, &config, NOW, false);
	servers = link_part(facts, "api");
	expect_int(servers, "answering", 2);
	expect_int(servers, "unready", 1);
	servers = json_object_get(servers, "items");
	expect_text(json_array_get(servers, 0), "failing", "etcd");
	expect_null(json_array_get(servers, 0), "node");
	expect_text(json_array_get(servers, 1), "node", "two");
	expect_text(json_array_get(servers, 2), "node", "n1");
	json_decref(facts);
	facts_gone(&sit, &config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_log_looks_say_nothing),
		cmocka_unit_test(pods_are_placed),
		cmocka_unit_test(the_scheduler_says_why),
		cmocka_unit_test(what_is_none_of_ours_proves_the_link),
		cmocka_unit_test(servers_answer_or_say_that_they_are_not_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

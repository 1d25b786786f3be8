/* tests/unit/test_changes.c: one list of what changed, out of everything that tells it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/model/changes.h"
#include "core/situation.h"

#define NOW INT64_C(1795470495818)
#define AGO(seconds) (NOW - (seconds) * INT64_C(1000))

static void add_set(struct situation *sit, const char *name, int64_t at_ms, int revision)
{
	struct workload *set = workloads_get(&sit->workloads, sit->strings, WORKLOAD_REPLICASET,
					     "shop", name);

	set->created_ms = at_ms;
	set->revision = revision;
	intern_set(sit->strings, &set->owner, "api");
	intern_set(sit->strings, &set->image, "registry.example/api:2.8.0");
}

static void add_node(struct situation *sit)
{
	struct node *node = nodes_get(&sit->nodes, "n1");

	node->created_ms = AGO(900000);
	node->nconditions = 1;
	node->conditions[0] = (struct node_condition){
		.type = intern_get(sit->strings, "Ready"), .status = TRI_UNKNOWN,
		.reason = intern_get(sit->strings, "NodeStatusUnknown"), .since_ms = AGO(40)};
}

static void add_pod(struct situation *sit)
{
	struct pod *pod = pods_get(&sit->pods, sit->strings, "shop", "api-2-x");

	pod->restarts = 4;
	pod->last_exit_code = 137;
	pod->last_finished_ms = AGO(30);
	intern_set(sit->strings, &pod->last_reason, "OOMKilled");
	/* Never restarted: its end is no restart. */
	pod = pods_get(&sit->pods, sit->strings, "shop", "job-x");
	pod->last_finished_ms = AGO(20);
}

static void add_event(struct situation *sit, const char *name, int64_t at_ms)
{
	struct event event = {
		.ns = intern_get(sit->strings, "shop"), .kind = intern_get(sit->strings, "Pod"),
		.reason = intern_get(sit->strings, "BackOff"),
		.type = intern_get(sit->strings, "Warning"), .object = xstrdup("api-2-x"),
		.name = xstrdup(name), .message = xstrdup("Back-off restarting"), .last_ms = at_ms,
	};

	events_put(&sit->events, sit->strings, &event);
}

static void add_config(struct situation *sit)
{
	struct config_map *map = configs_get(&sit->configs, sit->strings, "shop", "settings");

	map->created_ms = AGO(90000);
	map->changed_ms = AGO(50);
	intern_set(sit->strings, &map->by, "kubectl-edit");
}

static void add_vendor(struct situation *sit)
{
	struct vendor *vendor = sit->vendors.items = xcalloc(1, sizeof(*vendor));

	sit->vendors.len = 1;
	vendor->name = xstrdup("edge");
	vendor->url = xstrdup("");
	vendor->format = xstrdup("");
	vendor->notices = xcalloc(2, sizeof(*vendor->notices));
	vendor->nnotices = 2;
	vendor->notices[0] = (struct vendor_notice){
		.id = xstrdup("1"), .title = xstrdup("errors"), .phase = xstrdup(""),
		.text = xstrdup(""), .impact = VENDOR_MAJOR, .started_ms = AGO(70)};
	vendor->notices[1] = (struct vendor_notice){
		.id = xstrdup("2"), .title = xstrdup("planned"), .phase = xstrdup(""),
		.text = xstrdup(""), .upcoming = true, .maintenance = true, .started_ms = NOW + 5};
}

static void fill(struct situation *sit)
{
	situation_init(sit);
	add_set(sit, "api-1", AGO(800000), 1);
	add_set(sit, "api-2", AGO(60), 2);
	add_node(sit);
	add_pod(sit);
	/* The same, told twice within a minute. */
	add_event(sit, "e1", AGO(10));
	add_event(sit, "e2", AGO(12));
	add_config(sit);
	add_vendor(sit);
}

static void newest_first(void **state)
{
	static const struct {
		const char *about, *text;
		int64_t at_ms;
	} want[] = {
		{"pod/shop/api-2-x", "BackOff: Back-off restarting", AGO(10)},
		{"pod/shop/api-2-x", "a container ended: OOMKilled (137), restarts 4", AGO(30)},
		{"node/n1", "Ready is Unknown: NodeStatusUnknown", AGO(40)},
		{"configmap/shop/settings", "changed by kubectl-edit", AGO(50)},
		{"deployment/shop/api", "revision 2: registry.example/api:2.8.0", AGO(60)},
		{"vendor/edge", "major outage: errors", AGO(70)},
	};
	struct changes changes = {.len = 0};
	struct situation sit;
	size_t i;

	(void)state;
	fill(&sit);
	changes_collect(&changes, &sit, AGO(3600), CHANGES_EVERY, 100);
	assert_int_equal(changes.len, sizeof(want) / sizeof(want[0]));
	for (i = 0; i < changes.len; i++) {
		assert_string_equal(changes.items[i].about, want[i].about);
		assert_string_equal(changes.items[i].text, want[i].text);
		assert_int_equal(changes.items[i].at_ms, want[i].at_ms);
	}
	/* Longer ago: the first revision, and the node that joined. */
	changes_collect(&changes, &sit, AGO(1000000), CHANGES_EVERY, 100);
	assert_int_equal(changes.len, 8);
	assert_string_equal(changes.items[7].text, "joined the cluster");
	changes_release(&changes);
	situation_release(&sit);
}

static void filtered_and_cut(void **state)
{
	struct changes changes = {.len = 0};
	struct situation sit;

	(void)state;
	fill(&sit);
	changes_collect(&changes, &sit, 0, 1u << CHANGE_ROLLOUT, 100);
	assert_int_equal(changes.len, 2);
	changes_collect(&changes, &sit, 0, CHANGES_EVERY, 3);
	assert_int_equal(changes.len, 3);
	assert_int_equal(changes.total, 9);
	changes_collect(&changes, &sit, NOW, CHANGES_EVERY, 3);
	assert_int_equal(changes.len, 0);
	changes_release(&changes);
	situation_release(&sit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newest_first),
		cmocka_unit_test(filtered_and_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

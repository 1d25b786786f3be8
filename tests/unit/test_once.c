/* tests/unit/test_once.c: the situation as text and as JSON, and the one line of `sitrep check` */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/printable.h"
#include "tui/check.h"
#include "tui/once/once.h"

#define NOW INT64_C(1700000000000)

struct bench {
	struct situation sit;
	struct config config;
	struct once_view view;
	struct mode mode;
	struct evidence evidence[2];
	struct verdict_action action;
	struct verdict verdict;
	struct verdicts verdicts;
};

static void prove_all(struct situation *sit)
{
	struct freshness *all[] = {
		&sit->cluster.fresh, &sit->nodes.fresh, &sit->pods.fresh, &sit->redis.fresh,
		&sit->pdbs.fresh, &sit->events.fresh, &sit->workloads.fresh[0],
		&sit->workloads.fresh[1], &sit->workloads.fresh[2], &sit->workloads.fresh[3],
		&sit->workloads.fresh[4],
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		freshness_proven(all[i], NOW - 2000);
	sit->pods.complete = sit->nodes.complete = true;
}

static void bench_start(struct bench *bench)
{
	struct situation *sit = &bench->sit;
	struct node *node;
	struct pod *pod;

	memset(bench, 0, sizeof(*bench));
	situation_init(sit);
	config_init(&bench->config);
	prove_all(sit);
	node = nodes_get(&sit->nodes, "one");
	node->conditions[node->nconditions++] = (struct node_condition){
		.type = intern_get(sit->strings, "Ready"), .status = TRI_TRUE};
	pod = pods_get(&sit->pods, sit->strings, "shop", "api-1");
	pod->phase = POD_RUNNING;
	pod->restarts = 4;
	pod->containers = 1;
	intern_set(sit->strings, &pod->status, "CrashLoopBackOff");
	intern_set(sit->strings, &pod->message, "back-off\033[2J");
	sit->redis.configured = true;
	sit->redis.endpoint = xstrdup("redis://cache:6379");
	sit->redis.used = 2000;
	sit->redis.maxmemory = 4000;
	bench->view = (struct once_view){sit, &bench->verdicts, &bench->config, NOW};
}

static void bench_raise(struct bench *bench)
{
	bench->mode = (struct mode){.id = (char *)"full", .title = (char *)"something is full",
				    .severity = SEVERITY_MAJOR,
				    .told.recovers = (char *)"us"};
	bench->evidence[0] = (struct evidence){.text = (char *)"level is 9",
					       .state = EVIDENCE_MATCHED, .required = true};
	bench->evidence[1] = (struct evidence){.text = (char *)"log says so",
					       .state = EVIDENCE_UNKNOWN};
	bench->action.label = (char *)"set the policy";
	snprintf(bench->action.request.verb, sizeof(bench->action.request.verb),
		 "redis-set-policy");
	act_target_parse(&bench->action.request.target, "redis", NULL);
	act_param_set(&bench->action.request, "policy", "allkeys-lru");
	bench->verdict = (struct verdict){.mode = &bench->mode, .subject = (char *)"redis",
					  .title = (char *)"Redis is full\033]0;x\a",
					  .since_ms = NOW - 90000,
					  .evidence = bench->evidence, .nevidence = 2,
					  .actions = &bench->action, .nactions = 1};
	bench->verdicts = (struct verdicts){.items = &bench->verdict, .len = 1};
}

static void bench_end(struct bench *bench)
{
	situation_release(&bench->sit);
	config_release(&bench->config);
}

static char *text_of(const struct once_view *view)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	once_text(view, out);
	fclose(out);
	return text;
}

static void expect(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void text_has_everything_and_no_escapes(void **state)
{
	struct bench bench;
	char *text;

	(void)state;
	bench_start(&bench);
	bench_raise(&bench);
	text = text_of(&bench.view);
	expect(text, "INCIDENTS  1\n  full: Redis is full?]0;x?\n");
	expect(text, "major, since 2023-11-14T22:11:50Z (90s)");
	expect(text, "matched       level is 9\n");
	expect(text, "unknown       log says so\n");
	expect(text, "$ redis-cli CONFIG SET maxmemory-policy allkeys-lru\n");
	expect(text, "NODES  [fresh, as of 2s ago]\n");
	expect(text, "1 pods: 0 ready, 0 finished, 1 with a problem:\n");
	expect(text, "CrashLoopBackOff");
	expect(text, "used 2.0K of 3.9K (50%)");
	assert_null(strchr(text, '\033'));
	free(text);
	bench_end(&bench);
}

static void what_failed_is_said(void **state)
{
	struct bench bench;
	char *text;

	(void)state;
	bench_start(&bench);
	freshness_failed(&bench.sit.nodes.fresh, FAULT_SERVER, "connection refused");
	text = text_of(&bench.view);
	expect(text, "INCIDENTS  0, but not all could be read: nodes: stale, connection refused\n");
	expect(text, "NODES  [stale, as of 2s ago: connection refused (the server)]\n");
	free(text);
	bench_end(&bench);
}

static void postgres_is_told_way_by_way(void **state)
{
	struct postgres *postgres;
	struct bench bench;
	char *text;

	(void)state;
	bench_start(&bench);
	postgres = &bench.sit.postgres;
	postgres->configured = true;
	postgres->title = xstrdup("Neon\033[2J");
	postgres->direct = (struct postgres_way){
		.configured = true, .where = xstrdup("ep-1:5432"), .state = POSTGRES_OK,
		.step_us = {1000, 2000, 3500, -1, 4000}};
	postgres->pooler = (struct postgres_way){
		.configured = true, .where = xstrdup("ep-1-pooler:5432"),
		.state = POSTGRES_TIMEOUT, .failed_step = POSTGRES_TLS,
		.error = "connected, but no TLS in time", .step_us = {1000, 2000, -1, -1, -1}};
	freshness_proven(&postgres->direct.fresh, NOW - 1000);
	freshness_proven(&postgres->fresh, NOW - 1000);
	postgres->max_connections = 104;
	postgres->connections = 9;
	postgres->goose = GOOSE_BEHIND;
	postgres->goose_version = 7;
	postgres->goose_expected = 9;
	postgres->wake_budget = 4;
	postgres->connections_made = 3;
	postgres->nblockers = 1;
	postgres->blockers[0] = (struct postgres_session){
		.pid = 77, .user = "app", .state = "idle in transaction", .age_s = 90,
		.blocks = 2, .query = "UPDATE t SET x = ?\033"};
	text = text_of(&bench.view);
	expect(text, "direct ep-1:5432: ok, dns 1.0 ms, tcp 2.0 ms, tls 3.5 ms, query 4.0 ms");
	expect(text, "pooler ep-1-pooler:5432: timeout at tls: connected, but no TLS in time");
	expect(text, "sessions 9 of 104");
	expect(text, "schema behind, version 7, expected 9");
	expect(text, "3 connections this hour, 0 of 4 that may wake it");
	expect(text, "blocks others: 77, app, idle in transaction, for 90s, 2 wait for it: UPDATE");
	assert_null(strchr(text, '\033'));
	free(text);
	/* Let sleep is well; out of reach is not. */
	freshness_failed(&postgres->fresh, FAULT_ASLEEP, "left alone");
	text = text_of(&bench.view);
	expect(text, "INCIDENTS  0\n");
	free(text);
	freshness_failed(&postgres->fresh, FAULT_SERVER, "gone");
	text = text_of(&bench.view);
	expect(text, "not all could be read: Postgres: stale, gone");
	free(text);
	bench_end(&bench);
}

static const char *at(json_t *document, const char *first, const char *second)
{
	return json_string_value(json_object_get(json_object_get(document, first), second));
}

static void json_has_verdicts_first_and_freshness_everywhere(void **state)
{
	static const char *const sections[] = {"cluster", "nodes", "pods", "workloads", "pdbs",
					       "events", "metrics", "logs", "redis"};
	struct bench bench;
	json_t *document, *verdict;
	size_t i;

	(void)state;
	bench_start(&bench);
	bench_raise(&bench);
	document = once_document(&bench.view);
	assert_string_equal(json_object_iter_key(json_object_iter(document)), "verdicts");
	verdict = json_array_get(json_object_get(document, "verdicts"), 0);
	assert_string_equal(json_string_value(json_object_get(verdict, "id")), "full");
	assert_string_equal(json_string_value(json_object_get(verdict, "who")), "us");
	assert_string_equal(json_string_value(json_object_get(verdict, "since")),
			    "2023-11-14T22:11:50Z");
	assert_string_equal(at(verdict, "action", "verb"), "redis-set-policy");
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		assert_non_null(at(json_object_get(document, sections[i]), "freshness", "state"));
	json_decref(document);
	bench_end(&bench);
}

static char *line_of(const struct once_view *view, enum check_status want)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(check_report(view, out), want);
	fclose(out);
	assert_ptr_equal(strchr(text, '\n'), text + size - 1);
	return text;
}

static void check_is_well_only_when_all_is_known(void **state)
{
	struct bench bench;
	char *line;

	(void)state;
	bench_start(&bench);
	line = line_of(&bench.view, CHECK_OK);
	assert_string_equal(line, "OK: 1 nodes, 1 pods, Redis\n");
	free(line);
	freshness_failed(&bench.sit.pods.fresh, FAULT_RIGHTS, "pods is forbidden");
	line = line_of(&bench.view, CHECK_UNKNOWN);
	assert_string_equal(line, "UNKNOWN pods: refused, pods is forbidden\n");
	free(line);
	bench_raise(&bench);
	line = line_of(&bench.view, CHECK_INCIDENT);
	expect(line, "INCIDENT full: Redis is full?]0;x?, since 2023-11-14T22:11:50Z (90s); "
	       "unknown: pods: refused");
	free(line);
	bench_end(&bench);
}

static void check_ignores_notes_and_waits_for_the_judge(void **state)
{
	struct bench bench;

	(void)state;
	bench_start(&bench);
	bench_raise(&bench);
	bench.mode.severity = SEVERITY_NOTE;
	free(line_of(&bench.view, CHECK_OK));
	bench.view.verdicts = NULL;
	free(line_of(&bench.view, CHECK_UNKNOWN));
	bench.view.verdicts = &bench.verdicts;
	bench.sit.pods.complete = false;
	free(line_of(&bench.view, CHECK_UNKNOWN));
	bench_end(&bench);
}

static void check_is_not_well_while_a_probe_or_a_vendor_is_not(void **state)
{
	struct bench bench;
	struct probe *edge, *mail;
	struct vendor *vendor;
	char *line;

	(void)state;
	bench_start(&bench);
	edge = probes_add(&bench.sit.probes, "edge", "");
	mail = probes_add(&bench.sit.probes, "mail", "");
	bench.sit.vendors.items = vendor = xcalloc(1, sizeof(*vendor));
	bench.sit.vendors.len = 1;
	vendor->name = xstrdup("Cloud");
	line = line_of(&bench.view, CHECK_UNKNOWN);
	assert_string_equal(line, "UNKNOWN probe edge: unknown, no answer; and 2 more\n");
	free(line);
	freshness_proven(&edge->fresh, NOW - 2000);
	freshness_proven(&mail->fresh, NOW - 2000);
	freshness_proven(&vendor->fresh, NOW - 2000);
	edge->result = mail->result = RESULT_OK;
	line = line_of(&bench.view, CHECK_OK);
	assert_string_equal(line, "OK: 1 nodes, 1 pods, Redis, 2 probes, 1 vendor\n");
	free(line);
	mail->result = RESULT_FAILED;
	snprintf(mail->text, sizeof(mail->text), "it refuses");
	vendor->state = VENDOR_PARTIAL;
	line = line_of(&bench.view, CHECK_INCIDENT);
	assert_string_equal(line, "FAILING probe mail fails: it refuses; and 1 more\n");
	free(line);
	mail->result = RESULT_OK;
	vendor->state = VENDOR_UNKNOWN;
	line = line_of(&bench.view, CHECK_UNKNOWN);
	assert_string_equal(line, "UNKNOWN vendor Cloud: unknown, its page doesn't say\n");
	free(line);
	bench_end(&bench);
}

static void check_of_nothing_is_not_well(void **state)
{
	struct bench bench;
	char *line;

	(void)state;
	bench_start(&bench);
	bench.sit.redis.configured = false;
	bench.config.kube.enabled = false;
	line = line_of(&bench.view, CHECK_UNKNOWN);
	expect(line, "UNKNOWN nothing is watched");
	free(line);
	bench_end(&bench);
}

static void foreign_text_is_disarmed(void **state)
{
	static const char *const pairs[][2] = {
		{"plain", "plain"}, {"a\tb\nc", "a b?c"}, {"\033[31m", "?[31m"},
		{"\xc2\x9b" "31m", "?31m"}, {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
		{"\xff\xc0\xaf", "???"}, {"\xe2\x80\xae" "abc", "?abc"}, {"\xe2\x82", "??"},
		{"\xed\xa0\x80", "???"}, {"\xf0\x9f\x9a\x80", "\xf0\x9f\x9a\x80"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char *clean = printable_dup(pairs[i][0]);

		assert_string_equal(clean, pairs[i][1]);
		free(clean);
	}
	assert_int_equal(printable_len("gr\xc3\xbc\xc3\x9f"), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_has_everything_and_no_escapes),
		cmocka_unit_test(what_failed_is_said),
		cmocka_unit_test(postgres_is_told_way_by_way),
		cmocka_unit_test(json_has_verdicts_first_and_freshness_everywhere),
		cmocka_unit_test(check_is_well_only_when_all_is_known),
		cmocka_unit_test(check_ignores_notes_and_waits_for_the_judge),
		cmocka_unit_test(check_is_not_well_while_a_probe_or_a_vendor_is_not),
		cmocka_unit_test(check_of_nothing_is_not_well),
		cmocka_unit_test(foreign_text_is_disarmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

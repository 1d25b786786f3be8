/* tests/unit/test_judge.c: rules over hand-made facts: three values, memory, order, culprits */
#include <errno.h>
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
#include "core/clock.h"
#include "incident/judge_watch.h"
#include "incident/verdict.h"

/* jq 1.6 leaks the text of a syntax error; only the slow unwinder sees that it is jq's parser. */
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}

const char *__lsan_default_suppressions(void)
{
	return "leak:jq_parse\n";
}

#define NOW INT64_C(1700000000000)

/* A catalogue of up to four modes that borrows constant strings. */
struct bench {
	struct mode modes[4];
	struct mode_evidence evidence[4][4];
	struct catalogue cat;
	struct config config;
	struct judge *judge;
};

static struct mode *bench_mode(struct bench *bench, const char *id, const char *each,
			       const char *rule)
{
	size_t at = bench->cat.len++;
	struct mode *mode = &bench->modes[at];

	*mode = (struct mode){.id = (char *)id, .title = (char *)"title", .severity = SEVERITY_MAJOR,
			      .file = (char *)"some.yaml", .each = (char *)each, .each_line = 5,
			      .subject = each ? (char *)"thing/\\($it.name)" : NULL,
			      .evidence = bench->evidence[at], .nevidence = 1};
	bench->evidence[at][0] = (struct mode_evidence){.text = (char *)"level is \\(.tank.level)",
							.expr = (char *)rule, .required = true,
							.line = 9};
	bench->cat.modes = bench->modes;
	return mode;
}

static void bench_start(struct bench *bench)
{
	struct err err = ERR_INIT;

	bench->judge = judge_new(&bench->cat, &bench->config);
	if (judge_compile(bench->judge, &err))
		fail_msg("%s", err.text);
}

static void bench_end(struct bench *bench)
{
	judge_free(bench->judge);
}

static const struct verdicts *look(struct bench *bench, const char *facts, int64_t seconds)
{
	json_error_t why;
	json_t *doc = json_loads(facts, 0, &why);
	const struct verdicts *list;

	if (!doc)
		fail_msg("%s", why.text);
	list = judge_run(bench->judge, doc, NOW + 1000 * seconds);
	json_decref(doc);
	return list;
}

#define FRESH "\"freshness\":{\"state\":\"fresh\"}"
#define STALE "\"freshness\":{\"state\":\"stale\"}"
#define FULL "{\"tank\":{" FRESH ",\"level\":9}}"
#define LOW "{\"tank\":{" FRESH ",\"level\":1}}"
#define OLD "{\"tank\":{" STALE ",\"level\":9}}"

static void matched_then_contradicted(void **state)
{
	struct bench bench = {0};
	const struct verdicts *list;

	(void)state;
	bench_mode(&bench, "full", NULL, "gt(.tank.level; 5)");
	bench_start(&bench);
	assert_int_equal(look(&bench, LOW, 0)->len, 0);
	assert_null(judge_find(bench.judge, "full", ""));
	list = look(&bench, FULL, 1);
	assert_int_equal(list->len, 1);
	assert_int_equal(list->items[0].state, VERDICT_STANDING);
	assert_int_equal(list->items[0].evidence[0].state, EVIDENCE_MATCHED);
	assert_string_equal(list->items[0].evidence[0].text, "level is 9");
	assert_string_equal(list->items[0].title, "title");
	assert_int_equal(list->items[0].since_ms, NOW + 1000);
	assert_int_equal(look(&bench, FULL, 3)->items[0].since_ms, NOW + 1000);
	assert_int_equal(look(&bench, LOW, 4)->len, 0);
	assert_int_equal(judge_find(bench.judge, "full", "")->state, VERDICT_GONE);
	assert_string_equal(judge_find(bench.judge, "full", "")->evidence[0].text, "level is 1");
	bench_end(&bench);
}

static void unknown_never_raises_and_never_solves(void **state)
{
	struct bench bench = {0};
	const struct verdicts *list;

	(void)state;
	bench_mode(&bench, "full", NULL, "gt(.tank.level; 5)");
	bench_start(&bench);
	assert_int_equal(look(&bench, OLD, 0)->len, 0);
	assert_int_equal(look(&bench, "{}", 0)->len, 0);
	assert_int_equal(look(&bench, FULL, 1)->len, 1);
	list = look(&bench, OLD, 2);
	assert_int_equal(list->len, 1);
	assert_int_equal(list->items[0].state, VERDICT_FADING);
	assert_int_equal(list->items[0].evidence[0].state, EVIDENCE_UNKNOWN);
	assert_int_equal(list->items[0].matched, 0);
	assert_string_equal(list->items[0].evidence[0].text, "level is 9");
	assert_int_equal(look(&bench, FULL, 3)->items[0].state, VERDICT_STANDING);
	assert_int_equal(look(&bench, OLD, 4)->len, 1);
	assert_int_equal(look(&bench, LOW, 5)->len, 0);
	bench_end(&bench);
}

#define EACH ".things.items[]?"

static void candidates_come_and_go_by_themselves(void **state)
{
	struct bench bench = {0};
	const struct verdicts *list;

	(void)state;
	bench_mode(&bench, "bad", EACH, "$it.bad");
	bench_start(&bench);
	list = look(&bench, "{\"things\":{" FRESH ",\"items\":[{\"name\":\"a\",\"bad\":true},"
		    "{\"name\":\"b\",\"bad\":false},{\"name\":\"c\",\"bad\":true}]}}", 0);
	assert_int_equal(list->len, 2);
	assert_string_equal(list->items[0].subject, "thing/a");
	assert_string_equal(list->items[1].subject, "thing/c");
	list = look(&bench, "{\"things\":{" FRESH ",\"items\":[{\"name\":\"c\",\"bad\":true}]}}", 1);
	assert_int_equal(list->len, 1);
	assert_int_equal(judge_find(bench.judge, "bad", "thing/a")->state, VERDICT_GONE);
	assert_null(judge_find(bench.judge, "bad", "thing/b"));
	list = look(&bench, "{\"things\":{" STALE ",\"items\":[]}}", 2);
	assert_int_equal(list->len, 1);
	assert_int_equal(list->items[0].state, VERDICT_FADING);
	assert_int_equal(look(&bench, "{\"things\":{" FRESH ",\"items\":[]}}", 3)->len, 0);
	bench_end(&bench);
}

static void a_failing_rule_is_unknown_and_says_why(void **state)
{
	struct bench bench = {0};
	const struct verdicts *list;
	struct mode *mode;

	(void)state;
	mode = bench_mode(&bench, "full", NULL, ".tank.level > 5");
	mode->nevidence = 4;
	bench.evidence[0][1] = (struct mode_evidence){.text = (char *)"broken \\(1 | keys)",
						      .expr = (char *)".tank.level | keys"};
	bench.evidence[0][2] = (struct mode_evidence){.text = (char *)"odd", .expr = (char *)"42"};
	bench.evidence[0][3] = (struct mode_evidence){.text = (char *)"nothing",
						      .expr = (char *)"empty # (a comment"};
	bench_mode(&bench, "next", NULL, ".tank.level == 9");
	bench_mode(&bench, "worse", "error(\"no list\")", "true");
	bench_start(&bench);
	list = look(&bench, FULL, 0);
	assert_int_equal(list->len, 2);
	assert_string_equal(list->items[0].mode->id, "next");
	assert_int_equal(list->items[1].evidence[1].state, EVIDENCE_UNKNOWN);
	assert_non_null(strstr(list->items[1].evidence[1].error, "has no keys"));
	assert_string_equal(list->items[1].evidence[1].text, "broken \\(1 | keys)");
	assert_non_null(strstr(list->items[1].evidence[2].error, "number"));
	assert_int_equal(list->items[1].evidence[3].state, EVIDENCE_UNKNOWN);
	assert_null(list->items[1].evidence[3].error);
	bench_end(&bench);
}

static void endless_rules_are_cut(void **state)
{
	struct bench bench = {0};

	(void)state;
	bench_mode(&bench, "many", "range(infinite) | {name: tostring}", "true, range(infinite)");
	bench_start(&bench);
	assert_int_equal(look(&bench, FULL, 0)->len, 100);
	bench_end(&bench);
}

static void excluding_evidence_decides_only_when_true(void **state)
{
	struct bench bench = {0};
	struct mode *mode;

	(void)state;
	mode = bench_mode(&bench, "full", NULL, "gt(.tank.level; 5)");
	mode->nevidence = 2;
	bench.evidence[0][1] = (struct mode_evidence){.text = (char *)"being drained",
						      .expr = (char *)".tank.draining",
						      .excludes = true};
	bench_start(&bench);
	assert_int_equal(look(&bench, FULL, 0)->len, 1);
	assert_int_equal(look(&bench, FULL, 0)->items[0].nevidence, 1);
	assert_int_equal(look(&bench, "{\"tank\":{" FRESH ",\"level\":9,\"draining\":true}}", 1)->len,
			 0);
	assert_int_equal(judge_find(bench.judge, "full", "")->nevidence, 2);
	assert_int_equal(judge_find(bench.judge, "full", "")->matched, 1);
	bench_end(&bench);
}

static void optional_evidence_never_blocks(void **state)
{
	struct bench bench = {0};
	struct mode *mode;

	(void)state;
	mode = bench_mode(&bench, "full", NULL, "gt(.tank.level; 5)");
	mode->nevidence = 2;
	bench.evidence[0][1] = (struct mode_evidence){.text = (char *)"pump hot",
						      .expr = (char *)"gt(.pump.heat; 80)"};
	bench_start(&bench);
	assert_int_equal(look(&bench, FULL, 0)->len, 1);
	assert_int_equal(look(&bench, FULL, 0)->items[0].matched, 1);
	assert_int_equal(look(&bench, FULL, 0)->items[0].evidence[1].state, EVIDENCE_UNKNOWN);
	assert_int_equal(look(&bench, "{\"tank\":{\"level\":9},\"pump\":{\"heat\":1}}", 0)->len, 1);
	bench_end(&bench);
}

static void holds_before_it_stands(void **state)
{
	struct bench bench = {0};
	const struct verdicts *list;

	(void)state;
	bench_mode(&bench, "full", NULL, "gt(.tank.level; 5)")->hold_s = 10;
	bench_start(&bench);
	assert_int_equal(look(&bench, FULL, 0)->len, 0);
	assert_int_equal(judge_next_ms(bench.judge), NOW + 1000);
	assert_int_equal(look(&bench, FULL, 9)->len, 0);
	assert_int_equal(look(&bench, LOW, 9)->len, 0);
	assert_int_equal(look(&bench, FULL, 11)->len, 0);
	assert_int_equal(look(&bench, OLD, 15)->len, 0);
	assert_int_equal(look(&bench, FULL, 16)->len, 0);
	assert_int_equal(look(&bench, FULL, 25)->len, 0);
	list = look(&bench, FULL, 26);
	assert_int_equal(list->len, 1);
	assert_int_equal(list->items[0].since_ms, NOW + 16000);
	assert_int_equal(look(&bench, LOW, 27)->len, 0);
	assert_int_equal(look(&bench, FULL, 28)->len, 0);
	assert_int_equal(judge_find(bench.judge, "full", "")->state, VERDICT_GONE);
	bench_end(&bench);
}

static void clocks_actions_and_words(void **state)
{
	struct schema_pair params[] = {{(char *)"policy", (char *)"\\(name(\"policy\"))"}};
	struct schema_pair names[] = {{(char *)"policy", (char *)"default"}};
	struct schema_pair own[] = {{(char *)"policy", (char *)"own"}};
	struct mode_clock clocks[] = {
		{.label = (char *)"moves \"on\"", .from = (char *)".tank.since", .seconds = (char *)"40"},
		{.label = (char *)"never", .from = (char *)"null", .seconds = (char *)"1"}};
	struct mode_action actions[] = {
		{.label = (char *)"Fix", .verb = (char *)"mend", .target = (char *)"deployment/a/b",
		 .params = params, .nparams = 1, .key = 'f'},
		{.label = (char *)"Not now", .verb = (char *)"mend", .target = (char *)"redis",
		 .when = (char *)".tank.level > 100"},
		{.label = (char *)"Unknown", .verb = (char *)"mend", .target = (char *)"redis",
		 .when = (char *)".tank.nothing"}};
	struct bench bench = {0};
	const struct verdict *verdict;
	struct mode *mode;

	(void)state;
	mode = bench_mode(&bench, "full", NULL, "gt(.tank.level; 5)");
	mode->headline = (char *)"It is \"full\": \\(.tank.level + (\"1)\" | length)) of \\n \\(10)";
	mode->since = (char *)".tank.since";
	mode->clocks = clocks;
	mode->nclocks = 2;
	mode->actions = actions;
	mode->nactions = 3;
	mode->names = names;
	mode->nnames = 1;
	bench.config.names = own;
	bench.config.nnames = 1;
	bench_start(&bench);
	verdict = &look(&bench, "{\"tank\":{\"level\":9,\"since\":1600000000}}", 0)->items[0];
	assert_string_equal(verdict->title, "It is \"full\": 11 of \\n 10");
	assert_int_equal(verdict->since_ms, INT64_C(1600000000000));
	assert_int_equal(verdict->nclocks, 1);
	assert_string_equal(verdict->clocks[0].label, "moves \"on\"");
	assert_int_equal(verdict->clocks[0].due_ms, INT64_C(1600000040000));
	assert_int_equal(verdict->nactions, 1);
	assert_string_equal(verdict->actions[0].request.target.name, "b");
	assert_string_equal(act_param(&verdict->actions[0].request, "policy"), "own");
	assert_int_equal(verdict->actions[0].key, 'f');
	bench_end(&bench);
}

static void order_by_cause_severity_and_share(void **state)
{
	struct bench bench = {0};
	const struct verdicts *list;
	struct mode *cause, *effect, *half;

	(void)state;
	half = bench_mode(&bench, "half", NULL, "true");
	half->nevidence = 2;
	bench.evidence[0][1] = (struct mode_evidence){.text = (char *)"", .expr = (char *)"null"};
	bench_mode(&bench, "whole", NULL, "true");
	effect = bench_mode(&bench, "effect", NULL, "true");
	effect->severity = SEVERITY_CRITICAL;
	cause = bench_mode(&bench, "cause", NULL, ".tank.level > 5");
	cause->severity = SEVERITY_MINOR;
	strlist_add(&cause->outranks, "effect");
	strlist_add(&effect->outranks, "half");
	bench_start(&bench);
	list = look(&bench, FULL, 0);
	assert_string_equal(list->items[0].mode->id, "cause");
	assert_string_equal(list->items[1].mode->id, "effect");
	assert_string_equal(list->items[2].mode->id, "whole");
	assert_string_equal(list->items[3].mode->id, "half");
	assert_string_equal(look(&bench, LOW, 1)->items[0].mode->id, "effect");
	strlist_release(&cause->outranks);
	strlist_release(&effect->outranks);
	bench_end(&bench);
}

static void generation_follows_what_is_seen(void **state)
{
	struct bench bench = {0};
	uint64_t first;

	(void)state;
	bench_mode(&bench, "full", NULL, "gt(.tank.level; 5)");
	bench_start(&bench);
	look(&bench, LOW, 0);
	look(&bench, FULL, 1);
	first = judge_verdicts(bench.judge)->generation;
	look(&bench, FULL, 2);
	assert_int_equal(judge_verdicts(bench.judge)->generation, first);
	look(&bench, "{\"tank\":{" FRESH ",\"level\":8}}", 3);
	assert_int_equal(judge_verdicts(bench.judge)->generation, first + 1);
	bench_end(&bench);
}

static void culprit(struct bench *bench, const char *where)
{
	struct err err = ERR_INIT;

	bench->judge = judge_new(&bench->cat, &bench->config);
	assert_int_equal(judge_compile(bench->judge, &err), -EINVAL);
	if (strncmp(err.text, where, strlen(where)))
		fail_msg("%s", err.text);
	assert_int_equal(judge_run(bench->judge, NULL, NOW)->len, 0);
	judge_free(bench->judge);
}

static void culprits_are_named(void **state)
{
	struct bench bench = {0};

	(void)state;
	bench_mode(&bench, "good", NULL, "true");
	bench_mode(&bench, "bad", EACH, "gt(.tank.level; )");
	culprit(&bench, "some.yaml:9: evidence: if: syntax error");
	bench.evidence[1][0].expr = (char *)"true) | (nosuch(1)";
	culprit(&bench, "some.yaml:9: evidence: if: nosuch/1 is not defined");
	bench.evidence[1][0].expr = (char *)"true";
	bench.modes[1].each = (char *)".a[";
	culprit(&bench, "some.yaml:5: each: syntax error");
}

static void three_values(void **state)
{
	static const char *const truths[] = {
		"and3(null; false) == false", "and3(true; null) == null", "or3(null; true)",
		"or3(null; false) == null", "not3(null) == null", "not3(false)",
		"eq(.nothing; 1) == null", "oneof(\"a\"; [\"b\", \"a\"])",
		"oneof(\"c\"; [\"b\", \"a\"]) == false", "oneof(null; []) == null",
		"any3(null; true) == null", "any3([]; true) == false",
		"any3([1, null, 3]; gt(.; 2))", "any3([1, null]; gt(.; 2)) == null",
		"all3([3, null]; gt(.; 2)) == null", "all3([1, null]; gt(.; 2)) == false",
		"(264137933 | bytes) == \"251.9M\"", "(0.984 | percent) == \"98%\"",
		"(250 | duration) == \"4m10s\"", "(null | bytes) == \"?\"",
		"age($now - 30) == 30", "within($now - 30; 40)", "within(null; 40) == null",
		"count(1; \"pod\"; \"pods\") == \"1 pod\"", "ratio(1; 0) == null",
		"([.nothing[]?] | length) == 0", "threshold(\"x\") == null",
		"(\"deployment/a/b\" | target_parts) == {kind: \"deployment\", ns: \"a\", name: \"b\"}",
	};
	struct bench bench = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(truths) / sizeof(truths[0]); i++) {
		bench.cat.len = 0;
		bench_mode(&bench, "truth", NULL, truths[i]);
		bench_start(&bench);
		if (look(&bench, FULL, 0)->len != 1)
			fail_msg("not true: %s", truths[i]);
		bench_end(&bench);
	}
}

static bool is_due(struct judge_watch *watch, const char *facts, int64_t seconds)
{
	json_t *doc = json_loads(facts, 0, NULL);
	bool due;

	assert_non_null(doc);
	judge_watch_look(watch, doc);
	due = judge_watch_is_due(watch, 0, NOW + 1000 * seconds, 4000);
	if (due)
		judge_watch_asked(watch, 0, NOW + 1000 * seconds);
	json_decref(doc);
	return due;
}

static void modes_are_asked_when_their_answer_may_differ(void **state)
{
	static const struct {
		const char *rule, *facts;
		int64_t seconds;
		bool due;
	} looks[] = {
		{".tank.level > 5", "{\"tank\":{\"level\":1},\"sea\":{\"x\":1}}", 0, true},
		{".tank.level > 5", "{\"tank\":{\"level\":1},\"sea\":{\"x\":2}}", 60, false},
		{".tank.level > 5", "{\"tank\":{\"level\":1,\"seen_age\":9}}", 61, false},
		{".tank.level > 5", "{\"tank\":{\"level\":2}}", 62, true},
		{".tank.seen_age > 5", "{\"tank\":{\"seen_age\":1}}", 0, true},
		{".tank.seen_age > 5", "{\"tank\":{\"seen_age\":4}}", 3, false},
		{".tank.seen_age > 5", "{\"tank\":{\"seen_age\":5}}", 4, true},
		{".[\"tank\"].level > 5", "{\"tank\":{\"level\":1}}", 0, true},
		{".[\"tank\"].level > 5", "{\"tank\":{\"level\":2}}", 1, true},
		{".[\"tank\"].level > 5", "{\"tank\":{\"level\":2}}", 2, false},
	};
	struct judge_watch *watch = NULL;
	struct bench bench = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		if (!i || strcmp(looks[i].rule, looks[i - 1].rule) != 0) {
			judge_watch_free(watch);
			bench.cat.len = 0;
			bench_mode(&bench, "watched", NULL, looks[i].rule)->evidence[0].text =
				(char *)"plain";
			watch = judge_watch_new(&bench.cat);
		}
		if (is_due(watch, looks[i].facts, looks[i].seconds) != looks[i].due)
			fail_msg("row %zu", i);
	}
	judge_watch_free(watch);
}

/* The others are judged, the person is told, and no look is slow twice. */
static void a_rule_without_end_is_left_out(void **state)
{
	static const char *const endless[] = {
		"def f: f; f", "[range(1e15)] | length > 3", "last(repeat(1))",
		"def f: 1 + f; f", "until(false; .)",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(endless) / sizeof(endless[0]); i++) {
		struct bench bench = {0};
		const struct verdicts *list;
		clock_t began;

		bench_mode(&bench, "before", NULL, "gt(.tank.level; 5)");
		bench_mode(&bench, "endless", NULL, endless[i]);
		bench_mode(&bench, "after", NULL, "gt(.tank.level; 7)");
		bench_start(&bench);
		assert_null(judge_trouble(bench.judge));
		/* Of the processor's time: others may have the machine. */
		began = clock();
		list = look(&bench, FULL, 1);
		assert_in_range((clock() - began) / CLOCKS_PER_SEC, 0, 5);
		assert_int_equal(list->len, 2);
		assert_non_null(judge_trouble(bench.judge));
		assert_non_null(strstr(judge_trouble(bench.judge), "some.yaml: the rules of endless"));
		assert_int_equal(look(&bench, LOW, 2)->len, 0);
		assert_int_equal(look(&bench, FULL, 9)->len, 2);
		bench_end(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matched_then_contradicted),
		cmocka_unit_test(unknown_never_raises_and_never_solves),
		cmocka_unit_test(candidates_come_and_go_by_themselves),
		cmocka_unit_test(a_failing_rule_is_unknown_and_says_why),
		cmocka_unit_test(endless_rules_are_cut),
		cmocka_unit_test(excluding_evidence_decides_only_when_true),
		cmocka_unit_test(optional_evidence_never_blocks),
		cmocka_unit_test(holds_before_it_stands),
		cmocka_unit_test(clocks_actions_and_words),
		cmocka_unit_test(order_by_cause_severity_and_share),
		cmocka_unit_test(generation_follows_what_is_seen),
		cmocka_unit_test(culprits_are_named),
		cmocka_unit_test(modes_are_asked_when_their_answer_may_differ),
		cmocka_unit_test(three_values),
		cmocka_unit_test(a_rule_without_end_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

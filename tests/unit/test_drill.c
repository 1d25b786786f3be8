/* tests/unit/test_drill.c: drills read, told, scored and played by themselves */
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
#include "core/clock.h"
#include "incident/drill.h"

static int64_t mono_ms = 1000;

int64_t __wrap_clock_mono_ms(void);

int64_t __wrap_clock_mono_ms(void)
{
	return mono_ms;
}

static const char drill_yaml[] =
	"id: toy\n"
	"title: A toy\n"
	"mode: some\n"
	"story: Once upon a time.\n"
	"brief:\n"
	"  - {at: 0, text: It begins.}\n"
	"  - {at: 30, text: Phones ring.}\n"
	"hints: [Look., Cordon it.]\n"
	"timeline:\n"
	"  - {at: 5, do: something, deep: [1, {x: y}]}\n"
	"healed:\n"
	"  - {fine: true}\n"
	"solution:\n"
	"  - {wait_verdict: some, within: 10}\n"
	"  - {act: uncordon, target: node/b, optional: true}\n"
	"  - {act: cordon, target: node/a, within: 20}\n"
	"  - {wait_recovered: true, within: 30}\n";

/* An actuator that answers when it is asked to. */
struct fake {
	act_cb cb;
	void *arg;
};

static int fake_call(void *self, const struct act_request *request, act_cb cb, void *arg)
{
	struct fake *fake = self;

	(void)request;
	*fake = (struct fake){cb, arg};
	return 0;
}

static void fake_cancel(void *self)
{
	(void)self;
}

static const char *const fake_verbs[] = {"cordon", "uncordon", NULL};
static const struct actuator_ops fake_ops = {"fake", fake_verbs, fake_call, fake_call, fake_call,
					     fake_cancel};

struct stage {
	struct drill drill;
	struct fake fake;
	struct actuators actuators;
	struct config config;
	struct situation sit;
	struct catalogue cat;
	struct mode mode;
	struct mode_evidence evidence;
	struct judge *judge;
	struct audit *audit;
	struct ladder *ladder;
	struct drill_env env;
	struct drill_player *player;
	char folder[64];
	char *path;
};

static int stage_up(void **state)
{
	struct stage *stage = xcalloc(1, sizeof(*stage));
	struct err err = ERR_INIT;
	struct ladder_env env;

	if (drill_load_text(&stage->drill, "toy.yaml", drill_yaml, strlen(drill_yaml), &err))
		fail_msg("%s", err.text);
	strcpy(stage->folder, "/tmp/sitrep-drill-XXXXXX");
	assert_non_null(mkdtemp(stage->folder));
	stage->path = xasprintf("%s/audit.jsonl", stage->folder);
	stage->audit = audit_open(stage->path, &err);
	config_init(&stage->config);
	situation_init(&stage->sit);
	freshness_proven(&stage->sit.nodes.fresh, clock_wall_ms());
	nodes_get(&stage->sit.nodes, "a");
	stage->evidence = (struct mode_evidence){.text = (char *)"x", .expr = (char *)".bad",
						 .required = true};
	stage->mode = (struct mode){.id = (char *)"some", .title = (char *)"t",
				    .file = (char *)"f", .evidence = &stage->evidence,
				    .nevidence = 1};
	stage->cat = (struct catalogue){&stage->mode, 1};
	stage->judge = judge_new(&stage->cat, &stage->config);
	assert_int_equal(judge_compile(stage->judge, &err), 0);
	stage->actuators.items[0] = (struct actuator){&fake_ops, &stage->fake};
	stage->actuators.len = 1;
	env = (struct ladder_env){&stage->config, &stage->sit, &stage->actuators, stage->judge,
				  stage->audit, NULL, NULL};
	stage->ladder = ladder_new(&env);
	stage->env = (struct drill_env){&stage->drill, stage->judge, stage->ladder, 1};
	stage->player = drill_player_new(&stage->env);
	*state = stage;
	return 0;
}

static int stage_down(void **state)
{
	struct stage *stage = *state;

	drill_player_free(stage->player);
	drill_release(&stage->drill);
	ladder_free(stage->ladder);
	judge_free(stage->judge);
	audit_close(stage->audit);
	unlink(stage->path);
	rmdir(stage->folder);
	free(stage->path);
	situation_release(&stage->sit);
	config_release(&stage->config);
	free(stage);
	return 0;
}

static void answer(struct stage *stage)
{
	struct act_reply reply = {.count = -1};
	struct fake now = stage->fake;

	assert_non_null(now.cb);
	stage->fake = (struct fake){0};
	now.cb(now.arg, &reply);
}

static void world_says(struct stage *stage, const char *line)
{
	drill_player_event(stage->player, line, strlen(line));
}

static void judge_says(struct stage *stage, const char *facts)
{
	json_t *doc = json_loads(facts, 0, NULL);

	judge_run(stage->judge, doc, clock_wall_ms());
	json_decref(doc);
}

static void pass(struct stage *stage, int64_t ms)
{
	mono_ms += ms;
	ladder_tick(stage->ladder, clock_wall_ms());
	drill_player_tick(stage->player);
}

static void act(struct stage *stage, const char *verb, const char *node)
{
	struct act_request request = {.target = {.kind = "node"}};
	const struct climb *climb;

	snprintf(request.verb, sizeof(request.verb), "%s", verb);
	snprintf(request.target.name, sizeof(request.target.name), "%s", node);
	climb = ladder_begin(stage->ladder, &request, NULL, NULL);
	assert_non_null(climb);
	answer(stage);
	answer(stage);
	assert_int_equal(ladder_confirm(stage->ladder, climb->id, node, NULL), 0);
	answer(stage);
	pass(stage, 0);
}

static void the_file_is_read(void **state)
{
	struct stage *stage = *state;

	assert_string_equal(stage->drill.id, "toy");
	assert_int_equal(stage->drill.nbrief, 2);
	assert_int_equal(stage->drill.hints.len, 2);
	assert_int_equal(stage->drill.nsolution, 4);
	assert_int_equal(stage->drill.solution[2].within_s, 20);
	assert_true(stage->drill.solution[3].wait_recovered);
}

static void bad_file(const char *text, const char *words)
{
	struct drill drill;
	struct err err = ERR_INIT;

	assert_int_equal(drill_load_text(&drill, "bad.yaml", text, strlen(text), &err), -EINVAL);
	if (!strstr(err.text, words))
		fail_msg("%s", err.text);
}

static void bad_files_say_where(void **state)
{
#define HEAD "id: x\ntitle: x\nmode: x\nstory: x\n"
	struct drill drill;
	struct err err = ERR_INIT;

	(void)state;
	bad_file(HEAD, "solution");
	bad_file(HEAD "solution:\n- {act: explode, target: redis}\n", "bad.yaml:6: solution: act");
	bad_file(HEAD "solution:\n- {act: cordon}\n", "needs a target");
	bad_file(HEAD "solution:\n- {wait_verdict: x, wait_recovered: true}\n", "exactly one");
	bad_file(HEAD "brief: [{at: 9, text: b}, {at: 1, text: a}]\n"
		 "solution: [{wait_recovered: true}]\n", "comes before");
	assert_int_equal(drill_load(&drill, "no-such", &err), -ENOENT);
	assert_int_equal(drill_load(&drill, "./no-such.yaml", &err), -ENOENT);
}

static void the_story_is_told_in_time(void **state)
{
	struct stage *stage = *state;

	assert_null(drill_player_text(stage->player, 0));
	pass(stage, 1000);
	assert_string_equal(drill_player_text(stage->player, 0), "It begins.");
	pass(stage, 28000);
	assert_null(drill_player_text(stage->player, 1));
	pass(stage, 1000);
	assert_string_equal(drill_player_text(stage->player, 1), "Phones ring.");
	assert_true(drill_player_hint(stage->player));
	assert_string_equal(drill_player_text(stage->player, 2), "Hint: Look.");
	assert_true(drill_player_hint(stage->player));
	assert_false(drill_player_hint(stage->player));
	/* The story gives the answer away: it is told when there is nothing left to find. */
	world_says(stage, "{\"event\":\"fault\",\"do\":\"x\"}");
	world_says(stage, "{\"event\":\"recovered\",\"t\":11}");
	assert_string_equal(drill_player_text(stage->player, 5), "Once upon a time.");
}

static void a_good_player_gets_it_all(void **state)
{
	struct stage *stage = *state;
	struct drill_score score;
	char text[800];

	judge_says(stage, "{\"bad\":true}");
	pass(stage, 1000);
	assert_int_equal(drill_player_state(stage->player), DRILL_CALM);
	world_says(stage, "{\"event\":\"fault\",\"do\":\"x\",\"text\":\"the node fell over\"}");
	pass(stage, 4000);
	act(stage, "cordon", "a");
	act(stage, "uncordon", "b");
	pass(stage, 6000);
	world_says(stage, "{\"event\":\"write\",\"agent\":\"sitrep/0.1\",\"what\":\"PATCH\"}");
	world_says(stage, "{\"event\":\"recovered\",\"t\":11}");
	assert_int_equal(drill_player_state(stage->player), DRILL_RECOVERED);
	drill_player_score(stage->player, &score);
	assert_int_equal(score.verdict_ms, 4000);
	assert_int_equal(score.verdict_ref_ms, 10000);
	assert_int_equal(score.recovery_ms, 10000);
	assert_int_equal(score.recovery_ref_ms, 60000);
	assert_int_equal(score.right, 1);
	assert_int_equal(score.missing + score.wrong + score.needless + score.outside, 0);
	assert_int_equal(score.points, 100);
	drill_score_text(&stage->drill, &score, text, sizeof(text));
	assert_non_null(strstr(text, "A toy: solved"));
	assert_non_null(strstr(text, "1 of 1 needed, 0 wrong, 0 needless"));
	assert_non_null(strstr(text, "100 of 100"));
	pass(stage, 5000);
	assert_int_equal(drill_player_elapsed_ms(stage->player), 11000);
}

static void wrong_and_needless_cost(void **state)
{
	struct stage *stage = *state;
	struct drill_score score;

	world_says(stage, "{\"event\":\"fault\",\"text\":\"x\"}");
	act(stage, "cordon", "b");
	act(stage, "cordon", "a");
	act(stage, "cordon", "a");
	drill_player_hint(stage->player);
	world_says(stage, "{\"event\":\"write\",\"agent\":\"kubectl/v1.35\",\"what\":\"PATCH\"}");
	world_says(stage, "{\"event\":\"write\",\"agent\":\"kubectl\",\"dryRun\":true}");
	world_says(stage, "not json");
	world_says(stage, "[1]");
	pass(stage, 110000);
	world_says(stage, "{\"event\":\"recovered\"}");
	drill_player_score(stage->player, &score);
	assert_int_equal(score.verdict_ms, -1);
	assert_int_equal(score.wrong, 1);
	assert_int_equal(score.needless, 1);
	assert_int_equal(score.outside, 1);
	assert_int_equal(score.hints, 1);
	assert_in_range(score.points, 1, 40);
}

static void a_lost_world_is_not_solved(void **state)
{
	struct stage *stage = *state;
	struct drill_score score;

	world_says(stage, "{\"event\":\"fault\",\"text\":\"x\"}");
	drill_player_world_gone(stage->player);
	assert_int_equal(drill_player_state(stage->player), DRILL_LOST);
	drill_player_score(stage->player, &score);
	assert_false(score.recovered);
	assert_int_equal(score.points, 0);
	assert_int_equal(score.missing, 1);
}

static void it_plays_by_itself(void **state)
{
	struct stage *stage = *state;
	struct drill_solver *solver = drill_solver_new(&stage->env, stage->player);
	struct drill_score score;
	char text[800];

	world_says(stage, "{\"event\":\"fault\",\"text\":\"x\"}");
	assert_int_equal(drill_solver_tick(solver, text, sizeof(text)), DRILL_SOLVING);
	assert_string_equal(text, "waiting for the verdict some");
	judge_says(stage, "{\"bad\":true}");
	pass(stage, 1000);
	assert_int_equal(drill_solver_tick(solver, text, sizeof(text)), DRILL_SOLVING);
	answer(stage);
	answer(stage);
	assert_int_equal(drill_solver_tick(solver, text, sizeof(text)), DRILL_SOLVING);
	answer(stage);
	stage->sit.nodes.items[0]->unschedulable = true;
	judge_says(stage, "{\"bad\":false}");
	pass(stage, 1000);
	assert_int_equal(drill_solver_tick(solver, text, sizeof(text)), DRILL_SOLVING);
	assert_string_equal(text, "waiting for the system to be whole again");
	world_says(stage, "{\"event\":\"recovered\"}");
	assert_int_equal(drill_solver_tick(solver, text, sizeof(text)), DRILL_SOLVED);
	drill_player_score(stage->player, &score);
	assert_int_equal(score.points, 100);
	drill_solver_free(solver);
}

static void it_gives_up_in_time(void **state)
{
	struct stage *stage = *state;
	struct drill_solver *solver = drill_solver_new(&stage->env, stage->player);
	char text[800];

	assert_int_equal(drill_solver_tick(solver, text, sizeof(text)), DRILL_SOLVING);
	pass(stage, 30000);
	assert_int_equal(drill_solver_tick(solver, text, sizeof(text)), DRILL_SOLVING);
	world_says(stage, "{\"event\":\"fault\",\"text\":\"x\"}");
	assert_int_equal(drill_solver_tick(solver, text, sizeof(text)), DRILL_SOLVING);
	pass(stage, 11000);
	assert_int_equal(drill_solver_tick(solver, text, sizeof(text)), DRILL_FAILED);
	assert_string_equal(text, "waiting for the verdict some: not within 10 s");
	drill_solver_free(solver);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_up, stage_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGED(the_file_is_read),
		cmocka_unit_test(bad_files_say_where),
		STAGED(the_story_is_told_in_time),
		STAGED(a_good_player_gets_it_all),
		STAGED(wrong_and_needless_cost),
		STAGED(a_lost_world_is_not_solved),
		STAGED(it_plays_by_itself),
		STAGED(it_gives_up_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

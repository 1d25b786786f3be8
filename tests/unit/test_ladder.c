/* tests/unit/test_ladder.c: every rung, with an actuator that only pretends */
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
#include "incident/ladder.h"

/* --- time that the tests turn themselves --- */

static int64_t mono_ms = 1000;

int64_t __wrap_clock_mono_ms(void);

int64_t __wrap_clock_mono_ms(void)
{
	return mono_ms;
}

/* --- the actuator --- */

struct call {
	act_cb cb;
	void *arg;
};

struct fake {
	struct call rights, preview, act;
	int cancels, acts;
	int refuse_now;            /* returned by the next call instead of taking it */
	char *audit_path;
	bool intent_first;         /* the intent was in the file when act was called */
};

static bool file_has(const char *path, const char *words)
{
	static char text[1 << 16];
	FILE *file = fopen(path, "r");
	size_t len;

	if (!file)
		return false;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	return strstr(text, words) != NULL;
}

static int take(struct fake *fake, struct call *call, act_cb cb, void *arg)
{
	if (fake->refuse_now)
		return fake->refuse_now;
	*call = (struct call){cb, arg};
	return 0;
}

static int fake_rights(void *self, const struct act_request *request, act_cb cb, void *arg)
{
	struct fake *fake = self;

	(void)request;
	return take(fake, &fake->rights, cb, arg);
}

static int fake_preview(void *self, const struct act_request *request, act_cb cb, void *arg)
{
	struct fake *fake = self;

	(void)request;
	return take(fake, &fake->preview, cb, arg);
}

static int fake_act(void *self, const struct act_request *request, act_cb cb, void *arg)
{
	struct fake *fake = self;

	(void)request;
	fake->acts++;
	fake->intent_first = file_has(fake->audit_path, "\"kind\":\"intent\"");
	return take(fake, &fake->act, cb, arg);
}

static void fake_cancel(void *self)
{
	((struct fake *)self)->cancels++;
}

static const char *const fake_verbs[] = {"cordon", "redis-delete-prefix", "redis-set-policy", NULL};
static const struct actuator_ops fake_ops = {"fake", fake_verbs, fake_rights, fake_preview,
					     fake_act, fake_cancel};

/* Answer what is waiting; 0 and words. */
static void answer(struct call *call, int rc, const char *text)
{
	struct act_reply reply = {.rc = rc, .count = -1};
	struct call now = *call;

	assert_non_null(now.cb);
	*call = (struct call){0};
	snprintf(reply.text, sizeof(reply.text), "%s", text);
	now.cb(now.arg, &reply);
}

/* --- the stage --- */

struct stage {
	struct fake fake;
	struct actuators actuators;
	struct config config;
	struct config_scope scope[1];
	struct situation sit;
	struct catalogue cat;
	struct mode mode;
	struct mode_evidence evidence;
	struct judge *judge;
	struct audit *audit;
	struct ladder *ladder;
	char folder[64];
	int changes;
};

static void count_change(void *arg)
{
	((struct stage *)arg)->changes++;
}

static int stage_up(void **state)
{
	struct stage *stage = xcalloc(1, sizeof(*stage));
	struct err err = ERR_INIT;
	struct ladder_env env;

	strcpy(stage->folder, "/tmp/sitrep-ladder-XXXXXX");
	assert_non_null(mkdtemp(stage->folder));
	stage->fake.audit_path = xasprintf("%s/audit.jsonl", stage->folder);
	stage->audit = audit_open(stage->fake.audit_path, &err);
	assert_non_null(stage->audit);
	config_init(&stage->config);
	situation_init(&stage->sit);
	freshness_proven(&stage->sit.nodes.fresh, clock_wall_ms());
	nodes_get(&stage->sit.nodes, "a");
	nodes_get(&stage->sit.nodes, "b");
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
				  stage->audit, count_change, stage};
	stage->ladder = ladder_new(&env);
	*state = stage;
	return 0;
}

static int stage_down(void **state)
{
	struct stage *stage = *state;
	struct audit_summary sum;
	struct err err = ERR_INIT;

	ladder_free(stage->ladder);
	judge_free(stage->judge);
	audit_close(stage->audit);
	if (audit_verify(stage->fake.audit_path, &sum, &err))
		fail_msg("%s", err.text);
	unlink(stage->fake.audit_path);
	rmdir(stage->folder);
	free(stage->fake.audit_path);
	situation_release(&stage->sit);
	config_release(&stage->config);
	free(stage);
	return 0;
}

static void judge_says(struct stage *stage, const char *facts)
{
	json_t *doc = json_loads(facts, 0, NULL);

	judge_run(stage->judge, doc, clock_wall_ms());
	json_decref(doc);
}

static bool recorded(const struct stage *stage, const char *words)
{
	return file_has(stage->fake.audit_path, words);
}

static struct act_request cordon(const char *name)
{
	struct act_request request = {.verb = "cordon", .target = {.kind = "node"}};

	snprintf(request.target.name, sizeof(request.target.name), "%s", name);
	return request;
}

static struct act_request delete_prefix(const char *prefix)
{
	struct act_request request = {.verb = "redis-delete-prefix", .target = {.kind = "redis"}};

	act_param_set(&request, "prefix", prefix);
	return request;
}

static void tick(struct stage *stage, int64_t ms)
{
	mono_ms += ms;
	ladder_tick(stage->ladder, clock_wall_ms());
}

static const struct climb *begin(struct stage *stage, struct act_request request)
{
	struct err err = ERR_INIT;
	const struct climb *climb = ladder_begin(stage->ladder, &request, NULL, &err);

	if (!climb)
		fail_msg("%s", err.text);
	return climb;
}

static const struct climb *up_to_confirm(struct stage *stage, struct act_request request)
{
	const struct climb *climb = begin(stage, request);

	assert_int_equal(climb->rung, RUNG_RIGHTS);
	answer(&stage->fake.rights, 0, "");
	assert_int_equal(climb->rung, RUNG_PREVIEW);
	answer(&stage->fake.preview, 0, "one thing");
	assert_int_equal(climb->rung, RUNG_CONFIRM);
	assert_string_equal(climb->preview, "one thing");
	return climb;
}

static void all_rungs(void **state)
{
	struct stage *stage = *state;
	const struct climb *climb = up_to_confirm(stage, cordon("a"));

	assert_string_equal(climb->command, "kubectl cordon a");
	assert_int_equal(climb->confirm, CONFIRM_TYPED);
	assert_int_equal(stage->fake.acts, 0);
	assert_false(recorded(stage, "intent"));
	assert_int_equal(ladder_confirm(stage->ladder, climb->id, "a", NULL), 0);
	assert_int_equal(stage->fake.acts, 1);
	assert_true(stage->fake.intent_first);
	assert_int_equal(climb->rung, RUNG_ACTING);
	answer(&stage->fake.act, 0, "cordoned");
	assert_int_equal(climb->rung, RUNG_WATCHING);
	assert_true(recorded(stage, "\"kind\":\"done\""));
	tick(stage, 1000);
	assert_int_equal(climb->rung, RUNG_WATCHING);
	assert_string_equal(climb->result, "the node is still open for pods");
	stage->sit.nodes.items[0]->unschedulable = true;
	tick(stage, 1000);
	assert_int_equal(climb->rung, RUNG_ENDED);
	assert_int_equal(climb->outcome, OUTCOME_WORKED);
	assert_true(recorded(stage, "\"outcome\":\"worked\""));
	assert_true(stage->changes > 4);
	assert_ptr_equal(ladder_at(stage->ladder, 0), climb);
	assert_null(ladder_at(stage->ladder, 1));
}

static void a_wrong_word_does_nothing(void **state)
{
	struct stage *stage = *state;
	const struct climb *climb = up_to_confirm(stage, delete_prefix("sess:"));
	struct err err = ERR_INIT;

	assert_int_equal(climb->confirm, CONFIRM_TYPED);
	assert_string_equal(ladder_typed_word(climb), "sess:");
	assert_int_equal(ladder_confirm(stage->ladder, climb->id, NULL, &err), -EINVAL);
	assert_int_equal(ladder_confirm(stage->ladder, climb->id, "sess", &err), -EINVAL);
	assert_int_equal(ladder_confirm(stage->ladder, climb->id + 1, "sess:", &err), -ENOENT);
	assert_int_equal(climb->rung, RUNG_CONFIRM);
	assert_int_equal(stage->fake.acts, 0);
	assert_int_equal(ladder_confirm(stage->ladder, climb->id, "sess:", &err), 0);
	assert_int_equal(stage->fake.acts, 1);
	answer(&stage->fake.act, -ENOENT, "no");
	assert_int_equal(climb->rung, RUNG_ENDED);
	assert_true(recorded(stage, "\"kind\":\"failed\""));
}

static void cancelled_before_the_act(void **state)
{
	struct stage *stage = *state;
	const struct climb *climb = up_to_confirm(stage, cordon("a"));

	ladder_cancel(stage->ladder, climb->id);
	assert_int_equal(climb->rung, RUNG_ENDED);
	assert_true(climb->refused);
	assert_int_equal(climb->outcome, OUTCOME_PENDING);
	assert_true(recorded(stage, "\"kind\":\"cancelled\""));
	assert_int_equal(ladder_confirm(stage->ladder, climb->id, "a", NULL), -ENOENT);
	assert_int_equal(stage->fake.acts, 0);
	climb = begin(stage, cordon("a"));
	ladder_cancel(stage->ladder, climb->id);
	answer(&stage->fake.rights, 0, "");
	assert_int_equal(climb->rung, RUNG_ENDED);
	assert_null(stage->fake.preview.cb);
}

static void cancelled_during_the_act(void **state)
{
	struct stage *stage = *state;
	const struct climb *climb = up_to_confirm(stage, delete_prefix("sess:"));
	struct act_reply reply = {.partial = true, .count = 500, .text = "500 deleted"};

	ladder_confirm(stage->ladder, climb->id, "sess:", NULL);
	stage->fake.act.cb(stage->fake.act.arg, &reply);
	assert_string_equal(climb->progress, "500 deleted");
	assert_int_equal(climb->rung, RUNG_ACTING);
	ladder_cancel(stage->ladder, climb->id);
	ladder_cancel(stage->ladder, climb->id);
	assert_int_equal(stage->fake.cancels, 1);
	assert_int_equal(climb->rung, RUNG_ACTING);
	answer(&stage->fake.act, -ECANCELED, "500 of 900 deleted");
	assert_int_equal(climb->rung, RUNG_ENDED);
	assert_string_equal(climb->result, "stopped on the way: 500 of 900 deleted");
	assert_false(climb->refused);
}

static void refused_outright(struct stage *stage, struct act_request request, int rc)
{
	struct err err = ERR_INIT;

	assert_int_equal(ladder_offers(stage->ladder, &request, &err), rc);
	assert_null(ladder_begin(stage->ladder, &request, NULL, &err));
	assert_int_equal(err.code, rc);
	assert_true(recorded(stage, "\"kind\":\"refused\""));
	assert_null(stage->fake.rights.cb);
}

static void what_is_not_offered(void **state)
{
	struct stage *stage = *state;
	struct act_request request = cordon("a");

	strcpy(request.verb, "drop-all");
	refused_outright(stage, request, -EINVAL);
	strcpy(request.verb, "rollout-restart");
	refused_outright(stage, request, -EINVAL);
	strcpy(request.target.kind, "deployment");
	refused_outright(stage, request, -ENOTSUP);
	refused_outright(stage, delete_prefix(""), -EINVAL);
	request = delete_prefix("a");
	request.nparams = 0;
	refused_outright(stage, request, -EINVAL);
	request = cordon("a");
	strcpy(request.verb, "redis-set-policy");
	strcpy(request.target.kind, "redis");
	act_param_set(&request, "policy", "FLUSHALL");
	refused_outright(stage, request, -EINVAL);
	stage->config.read_only = true;
	refused_outright(stage, cordon("a"), -EPERM);
	stage->config.read_only = false;
	stage->actuators.len = 0;
	refused_outright(stage, cordon("a"), -ENOTSUP);
}

static void scope_is_the_first_rung(void **state)
{
	struct stage *stage = *state;
	struct act_request request = cordon("b");

	strlist_add(&stage->scope[0].verbs, "cordon");
	strlist_add(&stage->scope[0].targets, "node/a*");
	stage->config.scope = stage->scope;
	stage->config.nscope = 1;
	refused_outright(stage, request, -EPERM);
	request = cordon("a");
	assert_int_equal(ladder_offers(stage->ladder, &request, NULL), 0);
	strlist_release(&stage->scope[0].verbs);
	strlist_release(&stage->scope[0].targets);
	stage->config.scope = NULL;
	stage->config.nscope = 0;
}

static void rights_end_it(void **state)
{
	struct stage *stage = *state;
	const struct climb *climb = begin(stage, cordon("a"));
	struct act_request request = cordon("a");
	struct err err = ERR_INIT;

	answer(&stage->fake.rights, -EACCES, "needs patch on nodes");
	assert_int_equal(climb->rung, RUNG_ENDED);
	assert_true(climb->refused);
	assert_string_equal(climb->result, "needs patch on nodes");
	assert_int_equal(ladder_offers(stage->ladder, &request, &err), -EACCES);
	assert_string_equal(err.text, "needs patch on nodes");
	ladder_probe(stage->ladder, &request);
	answer(&stage->fake.rights, 0, "");
	assert_int_equal(ladder_offers(stage->ladder, &request, &err), 0);
	ladder_probe(stage->ladder, &request);
	answer(&stage->fake.rights, -EACCES, "no");
	mono_ms += 61000;
	assert_int_equal(ladder_offers(stage->ladder, &request, &err), 0);
}

static void a_preview_that_fails_ends_it(void **state)
{
	struct stage *stage = *state;
	const struct climb *climb = begin(stage, cordon("a"));

	answer(&stage->fake.rights, 0, "");
	answer(&stage->fake.preview, -ENOENT, "nodes \"a\" not found");
	assert_int_equal(climb->rung, RUNG_ENDED);
	assert_true(climb->refused);
	assert_true(recorded(stage, "not found"));
}

static void deadlines(void **state)
{
	struct stage *stage = *state;
	const struct climb *climb = begin(stage, cordon("a"));
	struct call late;

	tick(stage, LADDER_RIGHTS_MS);
	assert_int_equal(climb->rung, RUNG_ENDED);
	assert_int_equal(climb->rc, -ETIMEDOUT);
	late = stage->fake.rights;
	climb = begin(stage, cordon("a"));
	answer(&late, 0, "");
	assert_int_equal(climb->rung, RUNG_RIGHTS);
	answer(&stage->fake.rights, 0, "");
	tick(stage, LADDER_PREVIEW_MS);
	assert_int_equal(climb->rung, RUNG_CONFIRM);
	assert_int_equal(climb->confirm, CONFIRM_TYPED);
	answer(&stage->fake.preview, 0, "too late");
	assert_string_not_equal(climb->preview, "too late");
	tick(stage, LADDER_CONFIRM_MS);
	assert_int_equal(climb->rung, RUNG_ENDED);
	assert_int_equal(stage->fake.acts, 0);
}

static void no_answer_may_have_happened(void **state)
{
	struct stage *stage = *state;
	const struct climb *climb = up_to_confirm(stage, cordon("a"));

	ladder_confirm(stage->ladder, climb->id, "a", NULL);
	tick(stage, LADDER_ACT_MS);
	assert_int_equal(stage->fake.cancels, 1);
	assert_int_equal(climb->rung, RUNG_WATCHING);
	answer(&stage->fake.act, -ECANCELED, "");
	assert_int_equal(climb->rung, RUNG_WATCHING);
	stage->sit.nodes.items[0]->unschedulable = true;
	tick(stage, 1000);
	assert_int_equal(climb->outcome, OUTCOME_WORKED);
}

static void time_is_up(void **state)
{
	struct stage *stage = *state;
	const struct climb *climb = up_to_confirm(stage, cordon("a"));

	ladder_confirm(stage->ladder, climb->id, "a", NULL);
	answer(&stage->fake.act, 0, "");
	tick(stage, 15000);
	assert_int_equal(climb->outcome, OUTCOME_NO_CHANGE);
	climb = up_to_confirm(stage, cordon("a"));
	ladder_confirm(stage->ladder, climb->id, "a", NULL);
	answer(&stage->fake.act, 0, "");
	freshness_failed(&stage->sit.nodes.fresh, FAULT_SERVER, "connection refused");
	tick(stage, 15000);
	assert_int_equal(climb->outcome, OUTCOME_UNKNOWN);
	assert_non_null(strstr(climb->result, "connection refused"));
}

/* precaution: that action stands in the mode while the climb begins. */
static const struct climb *start_answer(struct stage *stage, struct mode_action *precaution)
{
	struct act_request request = cordon("a");
	const struct climb *climb;

	judge_says(stage, "{\"bad\":true}");
	stage->mode.actions = precaution;
	stage->mode.nactions = precaution != NULL;
	climb = ladder_begin(stage->ladder, &request, &judge_verdicts(stage->judge)->items[0], NULL);
	stage->mode.nactions = 0;
	assert_non_null(climb);
	answer(&stage->fake.rights, 0, "");
	answer(&stage->fake.preview, 0, "");
	ladder_confirm(stage->ladder, climb->id, "a", NULL);
	answer(&stage->fake.act, 0, "");
	stage->sit.nodes.items[0]->unschedulable = true;
	return climb;
}

static const struct climb *answer_verdict(struct stage *stage)
{
	const struct climb *climb = start_answer(stage, NULL);

	tick(stage, 1000);
	assert_int_equal(climb->rung, RUNG_WATCHING);
	assert_true(climb->mode_stands);
	return climb;
}

static void worked_means_that_the_incident_is_over(void **state)
{
	struct stage *stage = *state;
	const struct climb *climb = answer_verdict(stage);

	judge_says(stage, "{}");
	tick(stage, 1000);
	assert_int_equal(climb->rung, RUNG_WATCHING);
	assert_true(climb->mode_unknown);
	judge_says(stage, "{\"bad\":false}");
	tick(stage, 1000);
	assert_int_equal(climb->outcome, OUTCOME_WORKED);
	assert_non_null(strstr(climb->result, "the incident is over"));
	assert_true(recorded(stage, "\"mode\":\"some\""));
}

static void a_precaution_is_judged_by_itself(void **state)
{
	struct mode_action action = {.verb = (char *)"cordon", .precaution = true};
	struct stage *stage = *state;
	const struct climb *climb = start_answer(stage, &action);

	tick(stage, 1000);
	assert_int_equal(climb->outcome, OUTCOME_WORKED);
	assert_null(strstr(climb->result, "incident"));
	assert_true(recorded(stage, "\"mode\":\"some\""));
}

static void a_standing_incident_is_no_success(void **state)
{
	struct stage *stage = *state;
	const struct climb *climb = answer_verdict(stage);

	tick(stage, 15000);
	assert_int_equal(climb->outcome, OUTCOME_NO_CHANGE);
	assert_non_null(strstr(climb->result, "still stands"));
	stage->sit.nodes.items[0]->unschedulable = false;
	climb = answer_verdict(stage);
	judge_says(stage, "{}");
	tick(stage, 15000);
	assert_int_equal(climb->outcome, OUTCOME_UNKNOWN);
}

static void no_record_no_act(void **state)
{
	struct stage *stage = *state;
	const struct climb *climb = up_to_confirm(stage, cordon("a"));
	struct err err = ERR_INIT;
	char *aside = xasprintf("%s.aside", stage->fake.audit_path);

	assert_int_equal(rename(stage->fake.audit_path, aside), 0);
	unlink(aside);
	assert_int_equal(ladder_confirm(stage->ladder, climb->id, "a", &err), -ESTALE);
	assert_int_equal(stage->fake.acts, 0);
	assert_int_equal(climb->rung, RUNG_ENDED);
	audit_close(stage->audit);
	stage->audit = audit_open(stage->fake.audit_path, &err);
	free(aside);
}

static void one_question_at_a_time(void **state)
{
	struct stage *stage = *state;
	const struct climb *climb = up_to_confirm(stage, cordon("a"));
	struct act_request other = cordon("b");
	struct err err = ERR_INIT;

	assert_null(ladder_begin(stage->ladder, &other, NULL, &err));
	assert_int_equal(err.code, -EBUSY);
	ladder_confirm(stage->ladder, climb->id, "a", NULL);
	answer(&stage->fake.act, 0, "");
	assert_int_equal(climb->rung, RUNG_WATCHING);
	assert_non_null(ladder_begin(stage->ladder, &other, NULL, &err));
	answer(&stage->fake.rights, 0, "");
	answer(&stage->fake.preview, 0, "");
	for (int i = 0; i < 40; i++) {
		ladder_cancel(stage->ladder, ladder_at(stage->ladder, 0)->id);
		begin(stage, other);
		answer(&stage->fake.rights, -EIO, "down");
	}
	assert_non_null(ladder_at(stage->ladder, LADDER_KEPT - 1));
	assert_null(ladder_at(stage->ladder, LADDER_KEPT));
	assert_ptr_equal(ladder_at(stage->ladder, LADDER_KEPT - 1), climb);
}

static void it_waits_for_calls_when_freed(void **state)
{
	struct stage *stage = *state;
	struct ladder_env env = {&stage->config, &stage->sit, &stage->actuators, stage->judge,
				 stage->audit, NULL, NULL};

	begin(stage, cordon("a"));
	ladder_free(stage->ladder);
	answer(&stage->fake.rights, -ECANCELED, "closing");
	stage->ladder = ladder_new(&env);
	stage->fake.refuse_now = -ENOTCONN;
	assert_int_equal(begin(stage, cordon("a"))->rung, RUNG_ENDED);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_up, stage_down)

static void a_scope_with_a_misspelt_verb_is_refused(void **state)
{
	char policies[] = "redis-*", misspelt[] = "rolout-undo";
	char *globs[] = {policies, misspelt};
	char path[] = "site.yaml";
	struct config_scope scope = {.verbs = {globs, 2}, .deny = true, .line = 7, .column = 5};
	const struct config config = {.path = path, .scope = &scope, .nscope = 1};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(verbs_check_scope(&config, &err), -EINVAL);
	assert_non_null(strstr(err.text, "site.yaml:7:5: scope: expected a verb"));
	assert_non_null(strstr(err.text, "not 'rolout-undo'"));
	scope.verbs.len = 1;
	assert_int_equal(verbs_check_scope(&config, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGED(all_rungs),
		STAGED(a_wrong_word_does_nothing),
		STAGED(cancelled_before_the_act),
		STAGED(cancelled_during_the_act),
		STAGED(what_is_not_offered),
		STAGED(scope_is_the_first_rung),
		cmocka_unit_test(a_scope_with_a_misspelt_verb_is_refused),
		STAGED(rights_end_it),
		STAGED(a_preview_that_fails_ends_it),
		STAGED(deadlines),
		STAGED(no_answer_may_have_happened),
		STAGED(time_is_up),
		STAGED(worked_means_that_the_incident_is_over),
		STAGED(a_precaution_is_judged_by_itself),
		STAGED(a_standing_incident_is_no_success),
		STAGED(no_record_no_act),
		STAGED(one_question_at_a_time),
		STAGED(it_waits_for_calls_when_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* incident/judge_verdict.c: see judge_verdict.h */
#include "incident/judge_verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "incident/judge_jv.h"

const char *evidence_state_name(enum evidence_state state)
{
	static const char *const names[] = {"unknown", "contradicted", "matched"};

	return names[state];
}

/* Only true, false and null (or nothing) are answers; anything else is the rule's error, whose
 * text is the caller's. */
static enum evidence_state state_of(jv wrapped, char **ret_error)
{
	enum evidence_state state = EVIDENCE_UNKNOWN;
	enum answer answer;
	jv value;

	*ret_error = NULL;
	answer = answer_get(wrapped, &value);
	if (answer == ANSWER_ERROR && jv_get_kind(value) == JV_KIND_STRING)
		*ret_error = xstrdup(jv_string_value(value));
	else if (jv_get_kind(value) == JV_KIND_TRUE)
		state = EVIDENCE_MATCHED;
	else if (jv_get_kind(value) == JV_KIND_FALSE)
		state = EVIDENCE_CONTRADICTED;
	else if (jv_get_kind(value) != JV_KIND_NULL)
		*ret_error = xasprintf("the rule gave %s where true, false or null is wanted",
				       jv_kind_name(jv_get_kind(value)));
	jv_free(value);
	return state;
}

/* Evidence line i of a candidate: [state, text]; the caller frees. */
static jv evidence_answer(jv candidate, size_t i)
{
	return jv_array_get(field(candidate, "e"), (int)i);
}

enum ruling candidate_ruling(const struct mode *mode, jv candidate)
{
	enum ruling ruling = RULING_STANDS;

	for (size_t i = 0; i < mode->nevidence; i++) {
		const struct mode_evidence *rule = &mode->evidence[i];
		jv answer = evidence_answer(candidate, i);
		jv wrapped = part(answer, 0);
		char *error;
		enum evidence_state state = state_of(wrapped, &error);

		free(error);
		jv_free(wrapped);
		jv_free(answer);
		if (rule->excludes ? state == EVIDENCE_MATCHED
				   : rule->required && state == EVIDENCE_CONTRADICTED)
			return RULING_CONTRADICTED;
		if (rule->required && !rule->excludes && state == EVIDENCE_UNKNOWN)
			ruling = RULING_UNKNOWN;
	}
	return ruling;
}

static char *text_field(jv candidate, const char *key)
{
	jv wrapped = field(candidate, key);
	char *text = answer_text(wrapped);

	jv_free(wrapped);
	return text;
}

char *candidate_subject(jv candidate)
{
	char *subject = text_field(candidate, "s");

	return subject ? subject : xstrdup("");
}

static void evidence_release(struct evidence *evidence)
{
	free(evidence->text);
	free(evidence->error);
}

static void evidence_set(struct evidence *line, const struct mode_evidence *rule, jv answer)
{
	jv wrapped = part(answer, 0);
	jv text = part(answer, 1);
	char *error;
	enum evidence_state state = state_of(wrapped, &error);

	if (!line->text || state != EVIDENCE_UNKNOWN) {
		char *words = answer_text(text);

		free(line->text);
		line->text = words ? words : xstrdup(rule->text);
	}
	free(line->error);
	line->error = error;
	line->state = state;
	line->required = rule->required;
	line->excludes = rule->excludes;
	jv_free(wrapped);
	jv_free(text);
}

/* Lines that speak against a verdict are listed, last, only when they do. */
void verdict_set_evidence(struct verdict *verdict, jv candidate)
{
	const struct mode *mode = verdict->mode;
	struct evidence *lines = xcalloc(mode->nevidence, sizeof(*lines));
	size_t len = 0;
	size_t plain = 0;

	for (int against = 0; against < 2; against++) {
		for (size_t i = 0; i < mode->nevidence; i++) {
			const struct mode_evidence *rule = &mode->evidence[i];
			jv answer;

			if (rule->excludes != (against != 0))
				continue;
			if (!against && plain < verdict->nevidence) {
				lines[len] = verdict->evidence[plain];
				verdict->evidence[plain] = (struct evidence){0};
			}
			plain += !against;
			answer = evidence_answer(candidate, i);
			evidence_set(&lines[len], rule, answer);
			jv_free(answer);
			if (against && lines[len].state != EVIDENCE_MATCHED) {
				evidence_release(&lines[len]);
				lines[len] = (struct evidence){0};
			} else {
				len++;
			}
		}
	}
	for (size_t i = 0; i < verdict->nevidence; i++)
		evidence_release(&verdict->evidence[i]);
	free(verdict->evidence);
	verdict->evidence = lines;
	verdict->nevidence = len;
	verdict->matched = 0;
	for (size_t i = 0; i < len; i++)
		verdict->matched += !lines[i].excludes && lines[i].state == EVIDENCE_MATCHED;
}

void verdict_set_all(struct verdict *verdict, enum evidence_state state)
{
	for (size_t i = 0; i < verdict->nevidence; i++)
		verdict->evidence[i].state = state;
	verdict->matched = state == EVIDENCE_MATCHED ? verdict->nevidence : 0;
}

static void clocks_release(struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->nclocks; i++)
		free(verdict->clocks[i].label);
	free(verdict->clocks);
	verdict->clocks = NULL;
	verdict->nclocks = 0;
}

static void actions_release(struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->nactions; i++)
		free(verdict->actions[i].label);
	free(verdict->actions);
	verdict->actions = NULL;
	verdict->nactions = 0;
}

static void set_clocks(struct verdict *verdict, jv candidate)
{
	const struct mode *mode = verdict->mode;
	jv answers = field(candidate, "c");

	clocks_release(verdict);
	verdict->clocks = xcalloc(mode->nclocks, sizeof(*verdict->clocks));
	for (size_t i = 0; i < mode->nclocks; i++) {
		jv answer = part(answers, (int)i);
		jv label = part(answer, 0);
		jv from = part(answer, 1);
		jv seconds = part(answer, 2);
		double start = answer_number(from, -1);
		double length = answer_number(seconds, -1);
		char *text = answer_text(label);

		if (start > 0 && length >= 0 && text)
			verdict->clocks[verdict->nclocks++] = (struct verdict_clock){
				.label = text, .due_ms = (int64_t)((start + length) * 1000)};
		else
			free(text);
		jv_free(label);
		jv_free(from);
		jv_free(seconds);
		jv_free(answer);
	}
	jv_free(answers);
}

/* False when this action isn't offered now: its condition or its target says no. */
static bool action_fill(struct verdict_action *action, const struct mode_action *rule, jv answer)
{
	jv when = part(answer, 0);
	jv target = part(answer, 1);
	jv label = part(answer, 2);
	jv params = part(answer, 3);
	char *error;
	char *text = answer_text(target);
	bool offered = state_of(when, &error) == EVIDENCE_MATCHED && text &&
		       act_target_parse(&action->request.target, text, NULL) == 0;

	free(error);
	free(text);
	snprintf(action->request.verb, sizeof(action->request.verb), "%s", rule->verb);
	for (size_t i = 0; offered && i < rule->nparams; i++) {
		jv wrapped = part(params, (int)i);

		text = answer_text(wrapped);
		offered = text && act_param_set(&action->request, rule->params[i].key, text) == 0;
		free(text);
		jv_free(wrapped);
	}
	if (offered) {
		text = answer_text(label);
		action->label = text ? text : xstrdup(rule->verb);
		action->key = rule->key;
	}
	jv_free(when);
	jv_free(target);
	jv_free(label);
	jv_free(params);
	return offered;
}

static void set_actions(struct verdict *verdict, jv candidate)
{
	const struct mode *mode = verdict->mode;
	jv answers = field(candidate, "a");

	actions_release(verdict);
	verdict->actions = xcalloc(mode->nactions, sizeof(*verdict->actions));
	for (size_t i = 0; i < mode->nactions; i++) {
		struct verdict_action action = {0};
		jv answer = part(answers, (int)i);

		if (action_fill(&action, &mode->actions[i], answer))
			verdict->actions[verdict->nactions++] = action;
		jv_free(answer);
	}
	jv_free(answers);
}

void verdict_set_rest(struct verdict *verdict, jv candidate, int64_t first_seen_ms)
{
	char *title = text_field(candidate, "h");
	jv since = field(candidate, "t");
	double began = answer_number(since, -1);

	jv_free(since);
	free(verdict->title);
	verdict->title = title ? title : xstrdup(verdict->mode->title);
	verdict->since_ms = began > 0 ? (int64_t)(began * 1000) : first_seen_ms;
	set_clocks(verdict, candidate);
	set_actions(verdict, candidate);
}

void verdict_release(struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->nevidence; i++)
		evidence_release(&verdict->evidence[i]);
	free(verdict->evidence);
	clocks_release(verdict);
	actions_release(verdict);
	free(verdict->subject);
	free(verdict->title);
	*verdict = (struct verdict){0};
}

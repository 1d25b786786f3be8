/* incident/drill_score.c: how well a drill was played; see drill.h */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "incident/drill_private.h"

/* What a point is lost for, of 100. */
#define POINTS_VERDICT 30
#define POINTS_RECOVERY 50
#define POINTS_ACTIONS 20
#define COST_WRONG 10
#define COST_NEEDLESS 5
#define COST_HINT 5

int drill_step_request(const struct drill_step *step, struct act_request *request,
		       struct err *err)
{
	int rc;

	*request = (struct act_request){0};
	snprintf(request->verb, sizeof(request->verb), "%s", step->act);
	rc = act_target_parse(&request->target, step->target, err);
	for (size_t i = 0; rc == 0 && i < step->nparams; i++)
		rc = act_param_set(request, step->params[i].key, step->params[i].value);
	return rc;
}

static bool same_params(const struct drill_step *step, const struct act_request *request)
{
	for (size_t i = 0; i < step->nparams; i++) {
		const char *value = act_param(request, step->params[i].key);

		if (!value || strcmp(value, step->params[i].value))
			return false;
	}
	return true;
}

bool drill_step_is(const struct drill_step *step, const struct act_request *request)
{
	struct act_target target;

	return step->act && strcmp(step->act, request->verb) == 0 &&
	       act_target_parse(&target, step->target, NULL) == 0 &&
	       strcmp(target.kind, request->target.kind) == 0 &&
	       strcmp(target.ns, request->target.ns) == 0 &&
	       strcmp(target.name, request->target.name) == 0 && same_params(step, request);
}

static int64_t since_broken(const struct drill_player *player, int64_t when_ms)
{
	return when_ms && player->broken_ms ? when_ms - player->broken_ms : -1;
}

/* The reference's clocks, one step after the other. */
static void reference_times(const struct drill_player *player, struct drill_score *score)
{
	const struct drill *drill = player->env.drill;
	double passed_ms = 0;

	score->verdict_ref_ms = score->recovery_ref_ms = -1;
	for (size_t i = 0; i < drill->nsolution; i++) {
		const struct drill_step *step = &drill->solution[i];

		if (step->optional)
			continue;
		passed_ms += (double)step->within_s * 1000 / player->env.speed;
		if (step->wait_verdict && score->verdict_ref_ms < 0)
			score->verdict_ref_ms = (int64_t)passed_ms;
		if (step->wait_recovered)
			score->recovery_ref_ms = (int64_t)passed_ms;
	}
}

static void compare_actions(const struct drill_player *player, struct drill_score *score)
{
	const struct drill *drill = player->env.drill;
	int taken[DRILL_ACTS_MAX] = {0};   /* of an act: the reference knows it */

	for (size_t i = 0; i < drill->nsolution; i++) {
		const struct drill_step *step = &drill->solution[i];
		int done = 0;

		for (size_t j = 0; step->act && j < player->nacts; j++) {
			if (taken[j] || !drill_step_is(step, &player->acts[j].request))
				continue;
			taken[j] = 1;
			done++;
		}
		if (!step->act || (step->optional && done <= 1))
			continue;
		score->right += done > 0;
		score->missing += done == 0;
		score->needless += done > 1 ? done - 1 : 0;
	}
	for (size_t j = 0; j < player->nacts; j++)
		score->wrong += !taken[j];
}

/* Full points up to the reference's time, none from three times it on. */
static int time_points(int points, int64_t took_ms, int64_t reference_ms)
{
	if (took_ms < 0)
		return 0;
	if (reference_ms < 0 || took_ms <= reference_ms)
		return points;
	if (took_ms >= 3 * reference_ms)
		return 0;
	return (int)(points * (3 * reference_ms - took_ms) / (2 * reference_ms));
}

static int points(const struct drill_score *score)
{
	int cost = score->wrong * COST_WRONG + score->needless * COST_NEEDLESS +
		   score->outside * COST_NEEDLESS;
	int sum = time_points(POINTS_VERDICT, score->verdict_ms, score->verdict_ref_ms) +
		  time_points(POINTS_RECOVERY, score->recovery_ms, score->recovery_ref_ms);

	if (score->recovered && cost < POINTS_ACTIONS)
		sum += POINTS_ACTIONS - cost;
	sum -= score->hints * COST_HINT;
	return sum < 0 ? 0 : sum;
}

void drill_player_score(const struct drill_player *player, struct drill_score *ret)
{
	*ret = (struct drill_score){.recovered = player->state == DRILL_RECOVERED,
				    .verdict_ms = since_broken(player, player->verdict_ms),
				    .recovery_ms = since_broken(player, player->recovered_ms),
				    .outside = player->outside, .hints = (int)player->hints};
	reference_times(player, ret);
	compare_actions(player, ret);
	ret->points = points(ret);
}

static void put_time(char *buf, size_t size, const char *what, int64_t took_ms,
		     int64_t reference_ms)
{
	size_t len = strlen(buf);
	char took[CLOCK_TEXT], reference[CLOCK_TEXT];

	snprintf(buf + len, size - len, "%-24s%s", what,
		 took_ms < 0 ? "never" : clock_format_age(took_ms, took));
	len = strlen(buf);
	if (reference_ms >= 0)
		snprintf(buf + len, size - len, " (a good time: %s)",
			 clock_format_age(reference_ms, reference));
	len = strlen(buf);
	snprintf(buf + len, size - len, "\n");
}

void drill_score_text(const struct drill *drill, const struct drill_score *score, char *buf,
		      size_t size)
{
	size_t len;

	snprintf(buf, size, "%s: %s\n", drill->title, score->recovered ? "solved" : "not solved");
	put_time(buf, size, "right verdict first", score->verdict_ms, score->verdict_ref_ms);
	put_time(buf, size, "whole again", score->recovery_ms, score->recovery_ref_ms);
	len = strlen(buf);
	snprintf(buf + len, size - len,
		 "%-24s%d of %d needed, %d wrong, %d needless\n"
		 "%-24s%d\n%-24s%d of %zu\n%-24s%d of 100\n",
		 "actions", score->right, score->right + score->missing, score->wrong,
		 score->needless, "changes by other tools", score->outside, "hints", score->hints,
		 drill->hints.len, "points", score->points);
}

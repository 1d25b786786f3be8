/* incident/drill_solve.c: a drill that plays its own reference solution; see drill.h */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "incident/drill_private.h"

#define CALM_MAX_S 600         /* a world in which nothing breaks */

struct drill_solver {
	struct drill_env env;
	struct drill_player *player;
	size_t step;
	int64_t step_began_ms;     /* monotonic; 0 = not yet */
	uint64_t climb_id;         /* of this step; 0 = none yet */
};

struct drill_solver *drill_solver_new(const struct drill_env *env, struct drill_player *player)
{
	struct drill_solver *solver = xcalloc(1, sizeof(*solver));

	solver->env = *env;
	if (solver->env.speed <= 0)
		solver->env.speed = 1;
	solver->player = player;
	return solver;
}

void drill_solver_free(struct drill_solver *solver)
{
	free(solver);
}

static bool verdict_is_first(const struct drill_solver *solver, const char *mode_id)
{
	const struct verdicts *list = judge_verdicts(solver->env.judge);

	return list->len && strcmp(list->items[0].mode->id, mode_id) == 0;
}

/* The verdict that an action answers: the drill's own, if it stands. */
static const struct verdict *answered_verdict(const struct drill_solver *solver)
{
	const struct verdicts *list = judge_verdicts(solver->env.judge);

	for (size_t i = 0; i < list->len; i++)
		if (strcmp(list->items[i].mode->id, solver->env.drill->mode) == 0)
			return &list->items[i];
	return NULL;
}

static enum drill_solving begin(struct drill_solver *solver, const struct drill_step *step,
				char *text, size_t size)
{
	struct act_request request;
	struct err err = ERR_INIT;
	const struct climb *climb = NULL;

	if (drill_step_request(step, &request, &err) == 0)
		climb = ladder_begin(solver->env.ladder, &request, answered_verdict(solver), &err);
	if (!climb) {
		snprintf(text, size, "%s %s: %s", step->act, step->target, err.text);
		return DRILL_FAILED;
	}
	solver->climb_id = climb->id;
	snprintf(text, size, "%s %s", step->act, step->target);
	return DRILL_SOLVING;
}

static enum drill_solving climb_on(struct drill_solver *solver, const struct drill_step *step,
				   char *text, size_t size)
{
	const struct climb *climb = ladder_find(solver->env.ladder, solver->climb_id);
	struct err err = ERR_INIT;

	if (!climb) {
		snprintf(text, size, "%s %s has been forgotten", step->act, step->target);
		return DRILL_FAILED;
	}
	if (climb->rung == RUNG_CONFIRM &&
	    ladder_confirm(solver->env.ladder, climb->id, ladder_typed_word(climb), &err)) {
		snprintf(text, size, "%s %s: %s", step->act, step->target, err.text);
		return DRILL_FAILED;
	}
	snprintf(text, size, "%s %s: %s", step->act, step->target, climb->result);
	if (climb->rung != RUNG_ENDED)
		return DRILL_SOLVING;
	return climb->outcome == OUTCOME_WORKED ? DRILL_SOLVED : DRILL_FAILED;
}

/* One step: SOLVED means on to the next. */
static enum drill_solving try_step(struct drill_solver *solver, const struct drill_step *step,
				   char *text, size_t size)
{
	if (step->wait_verdict) {
		snprintf(text, size, "waiting for the verdict %s", step->wait_verdict);
		return verdict_is_first(solver, step->wait_verdict) ? DRILL_SOLVED
								    : DRILL_SOLVING;
	}
	if (step->wait_recovered) {
		snprintf(text, size, "waiting for the system to be whole again");
		return drill_player_state(solver->player) == DRILL_RECOVERED ? DRILL_SOLVED
									     : DRILL_SOLVING;
	}
	if (!solver->climb_id)
		return begin(solver, step, text, size);
	return climb_on(solver, step, text, size);
}

/* An act has its own clock on the ladder; waiting has the step's, from the first fault on. */
static bool out_of_time(struct drill_solver *solver, const struct drill_step *step)
{
	bool calm = drill_player_state(solver->player) == DRILL_CALM;
	double limit_ms = (double)(calm ? CALM_MAX_S : step->within_s) * 1000 / solver->env.speed;

	if (step->act)
		return false;
	if (calm)
		return (double)drill_player_elapsed_ms(solver->player) > limit_ms;
	if (!solver->step_began_ms)
		solver->step_began_ms = clock_mono_ms();
	return (double)(clock_mono_ms() - solver->step_began_ms) > limit_ms;
}

enum drill_solving drill_solver_tick(struct drill_solver *solver, char *text, size_t size)
{
	const struct drill *drill = solver->env.drill;
	const struct drill_step *step;
	enum drill_solving solving;

	while (solver->step < drill->nsolution) {
		step = &drill->solution[solver->step];
		solving = step->optional ? DRILL_SOLVED : try_step(solver, step, text, size);
		if (solving == DRILL_SOLVING &&
		    drill_player_state(solver->player) == DRILL_LOST) {
			snprintf(text, size, "the world has ended");
			return DRILL_FAILED;
		}
		if (solving == DRILL_SOLVING && out_of_time(solver, step)) {
			size_t len = strlen(text);

			snprintf(text + len, size - len, ": not within %lld s",
				 (long long)step->within_s);
			return DRILL_FAILED;
		}
		if (solving != DRILL_SOLVED)
			return solving;
		solver->step++;
		solver->step_began_ms = 0;
		solver->climb_id = 0;
	}
	snprintf(text, size, "solved");
	return DRILL_SOLVED;
}

/* incident/ladder_watch.c: after the act: worked, no change or worse, by the same evidence */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "incident/ladder_private.h"

void watch_start(struct ladder *ladder, struct slot *slot)
{
	struct climb *climb = &slot->climb;

	climb->rung = RUNG_WATCHING;
	climb->watch_until_ms = clock_wall_ms() + climb->verb->watch_ms;
	slot->deadline_ms = clock_mono_ms() + climb->verb->watch_ms;
	slot->worked_since_ms = 0;
	snprintf(climb->result, sizeof(climb->result), "watching");
	ladder_moved(ladder);
}

/* Does the verdict it answers still stand? Gone is gone only by evidence. */
static void look_at_mode(const struct ladder *ladder, struct climb *climb)
{
	const struct verdict *verdict = NULL;

	climb->mode_stands = climb->mode_unknown = false;
	if (!climb->mode_id[0] || climb->precaution)
		return;
	if (ladder->env.judge)
		verdict = judge_find(ladder->env.judge, climb->mode_id, climb->subject);
	climb->mode_stands = verdict && verdict->state == VERDICT_STANDING;
	climb->mode_unknown = !verdict || verdict->state == VERDICT_FADING;
}

static void end_worked(struct ladder *ladder, struct slot *slot, const char *text)
{
	climb_end(ladder, slot, "outcome", OUTCOME_WORKED, "%s%s", text,
		  slot->climb.mode_id[0] && !slot->climb.precaution ? "; the incident is over" : "");
}

/* Time is up, and it hasn't been "worked" for long enough. */
static void end_late(struct ladder *ladder, struct slot *slot, const char *text)
{
	const struct climb *climb = &slot->climb;
	long long seconds = climb->verb->watch_ms / 1000;

	if (climb->verb_outcome == OUTCOME_WORKED && climb->mode_stands)
		climb_end(ladder, slot, "outcome", OUTCOME_NO_CHANGE,
			  "%s, but after %lld s the incident still stands", text, seconds);
	else if (climb->verb_outcome == OUTCOME_UNKNOWN || climb->mode_unknown)
		climb_end(ladder, slot, "outcome", OUTCOME_UNKNOWN,
			  "after %lld s it cannot be told: %s", seconds, text);
	else
		climb_end(ladder, slot, "outcome", OUTCOME_NO_CHANGE, "after %lld s: %s", seconds,
			  text);
}

static void say_progress(struct ladder *ladder, struct climb *climb, const char *text)
{
	const char *more = "";
	char result[sizeof(climb->result)];

	if (climb->verb_outcome == OUTCOME_WORKED && climb->mode_stands)
		more = "; the incident still stands";
	else if (climb->verb_outcome == OUTCOME_WORKED && climb->mode_unknown)
		more = "; its evidence cannot be read";
	else if (climb->verb_outcome == OUTCOME_WORKED)
		more = "; seeing that it stays so";
	snprintf(result, sizeof(result), "%.400s%s", text, more);
	if (strcmp(result, climb->result) == 0)
		return;
	memcpy(climb->result, result, sizeof(result));
	ladder_moved(ladder);
}

void watch_look(struct ladder *ladder, struct slot *slot, int64_t now_wall_ms)
{
	struct climb *climb = &slot->climb;
	int64_t now_ms = clock_mono_ms();
	struct verb_watch watch = {.request = &climb->request, .sit = ladder->env.sit,
				   .mark = slot->mark, .count = climb->count,
				   .acted_ms = climb->acted_ms, .now_ms = now_wall_ms,
				   .last = now_ms >= slot->deadline_ms};
	char text[400] = "";
	bool worked;

	climb->verb_outcome = climb->verb->judge(&watch, text, sizeof(text));
	look_at_mode(ladder, climb);
	worked = climb->verb_outcome == OUTCOME_WORKED && !climb->mode_stands &&
		 !climb->mode_unknown;
	if (!worked)
		slot->worked_since_ms = 0;
	else if (!slot->worked_since_ms)
		slot->worked_since_ms = now_ms;
	if (worked && (watch.last || now_ms - slot->worked_since_ms >= climb->verb->settle_ms))
		end_worked(ladder, slot, text);
	else if (climb->verb_outcome == OUTCOME_WORSE)
		climb_end(ladder, slot, "outcome", OUTCOME_WORSE, "%s", text);
	else if (climb->verb_outcome == OUTCOME_NO_CHANGE && !slot->unsure)
		climb_end(ladder, slot, "outcome", OUTCOME_NO_CHANGE, "%s", text);
	else if (watch.last)
		end_late(ladder, slot, text);
	else
		say_progress(ladder, climb, text);
}

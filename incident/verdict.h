/*
 * incident/verdict.h: the situation, judged. Evidence is three-valued; a verdict stands when all
 * its required evidence is matched, and what could not be read is unknown, never proof.
 */
#ifndef SITREP_INCIDENT_VERDICT_H
#define SITREP_INCIDENT_VERDICT_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/actuator.h"
#include "incident/catalogue.h"

enum evidence_state { EVIDENCE_UNKNOWN, EVIDENCE_CONTRADICTED, EVIDENCE_MATCHED };
const char *evidence_state_name(enum evidence_state state);

struct evidence {
	char *text;
	enum evidence_state state;
	bool required;
	bool excludes;             /* matched speaks against the verdict */
	char *error;               /* the rule failed at run time: jq's words; else NULL */
};

struct verdict_clock {
	char *label;
	int64_t due_ms;            /* wall clock */
};

struct verdict_action {
	char *label;
	struct act_request request;
	char key;
};

struct verdict {
	const struct mode *mode;
	char *subject;             /* "" when the mode has none */
	char *title;               /* headline, ready to show */
	int64_t since_ms;
	/* STANDING: matched now. FADING: its evidence has become unknown (say, stale); still shown,
	 * never as solved. Solved verdicts leave the list; judge_find() then gives them as GONE. */
	enum { VERDICT_STANDING, VERDICT_FADING, VERDICT_GONE } state;
	struct evidence *evidence;
	size_t nevidence, matched;
	struct verdict_clock *clocks;
	size_t nclocks;
	struct verdict_action *actions;
	size_t nactions;
};

struct verdicts {
	struct verdict *items;     /* first = the first verdict */
	size_t len;
	uint64_t generation;       /* rises when anything in the list changes */
};

struct judge;

/* judge_compile() does the work, once: jq's start takes tens of milliseconds (30 ms alone, 60 ms
 * with a few modes), so call it after the first paint. -EINVAL names file and line of a rule that
 * doesn't compile. Until then judge_run() gives an empty list. cat is borrowed and must outlive
 * the judge. */
struct judge *judge_new(const struct catalogue *cat, const struct config *config);
int judge_compile(struct judge *judge, struct err *err);
void judge_free(struct judge *judge);

/* Judge a facts document (borrowed) at a wall time. Results hold until the next call. */
const struct verdicts *judge_run(struct judge *judge, const json_t *facts, int64_t now_wall_ms);
const struct verdicts *judge_verdicts(const struct judge *judge);
/* One sentence about a mode that had to be left out because its rules do not end; NULL = none. judge
 * may be NULL. */
const char *judge_trouble(const struct judge *judge);
/* When to run again even though nothing has changed (wall clock): rules look at ages, verdicts
 * have to hold for a while. INT64_MAX before the first run. */
int64_t judge_next_ms(const struct judge *judge);
/* How long until all that still has to hold for a while would have held; 0 = nothing has to. */
int64_t judge_holding_ms(const struct judge *judge, int64_t now_wall_ms);
/* The state of one verdict's evidence now, even when it no longer stands: what the ladder
 * watches after an action. NULL when mode and subject were never seen. */
const struct verdict *judge_find(const struct judge *judge, const char *mode_id,
				 const char *subject);

#endif

/* incident/judge_verdict.h: one candidate's answers as a verdict. Private to the judge. */
#ifndef SITREP_INCIDENT_JUDGE_VERDICT_H
#define SITREP_INCIDENT_JUDGE_VERDICT_H

#include <jq.h>

#include "incident/verdict.h"

/* What the evidence says, all in all. */
enum ruling { RULING_UNKNOWN, RULING_CONTRADICTED, RULING_STANDS };

/* candidate is one of the program's, borrowed (judge_program.h). */
enum ruling candidate_ruling(const struct mode *mode, jv candidate);
char *candidate_subject(jv candidate);     /* never NULL; caller frees */

/* Fill a zeroed or earlier verdict of the same mode. Evidence that has become unknown keeps the
 * words it last had; the rest of the verdict is only renewed when it stands. */
void verdict_set_evidence(struct verdict *verdict, jv candidate);
void verdict_set_rest(struct verdict *verdict, jv candidate, int64_t first_seen_ms);
/* No answer about it at all: every evidence line gets this state. */
void verdict_set_all(struct verdict *verdict, enum evidence_state state);
void verdict_release(struct verdict *verdict);

/* Order by what a person should see first. */
void verdicts_rank(struct verdicts *list);
/* Over everything a person can see of the list. */
uint64_t verdicts_hash(const struct verdicts *list);

#endif

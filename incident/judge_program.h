/*
 * incident/judge_program.h: the catalogue as one jq program. Private to the judge.
 *
 * Input: {"now": epoch seconds, "chosen": [per mode, whether it is asked], "facts": document}.
 * Output: for each mode in order, null if it isn't asked, or {"error": text}, or a list of
 * candidates {s, h, t, e, c, a} (subject, headline, since, evidence [[state, text]...], clocks
 * [[label, from, seconds]...], actions [[when, target, label, [param...]]...]), in which every
 * value is [value], {"error": text}, or null when the rule gave nothing.
 */
#ifndef SITREP_INCIDENT_JUDGE_PROGRAM_H
#define SITREP_INCIDENT_JUDGE_PROGRAM_H

#include <jansson.h>
#include <jq.h>

#include "core/err.h"
#include "incident/catalogue.h"

#define PROGRAM_CANDIDATES_MAX 100     /* of one mode, per run */

/* Compiles; *ret is the caller's, for jq_teardown(). profile is taken over. -EINVAL names the
 * rule that doesn't compile by file and line. */
int program_compile(const struct catalogue *cat, jv profile, jq_state **ret, struct err *err);

/* Every word of the program as the keys of an object, the caller's: what no rule speaks of needs no
 * place in its input. NULL when a rule takes whole objects, whatever their keys are called. */
json_t *program_words(const struct catalogue *cat);

#endif

/* incident/judge_jv.h: facts go into jq, answers come out. Private to the judge. */
#ifndef SITREP_INCIDENT_JUDGE_JV_H
#define SITREP_INCIDENT_JUDGE_JV_H

#include <jansson.h>
#include <jq.h>

#include "core/config.h"
#include "incident/catalogue.h"

/* The document as jq sees it. An object with a "freshness" whose state isn't "fresh" keeps its
 * freshness alone, at any depth: what isn't proven now is null to every rule. Names of top-level
 * sections so emptied are added to stale. A section that isn't needed is left out, and so is what
 * the entries of a list hold under keys that aren't in spoken; NULL = all of it is kept. */
jv facts_to_jv(const json_t *facts, bool (*needed)(void *arg, const char *section), void *arg,
	       const json_t *spoken, struct strlist *stale);

/* {names: {...}, thresholds: {...}}: the modes' defaults, then the config's. */
jv profile_to_jv(const struct catalogue *cat, const struct config *config);

/* One value as the program gives it: [value], {"error": text}, or null. Borrowed input. */
enum answer { ANSWER_NOTHING, ANSWER_VALUE, ANSWER_ERROR };
/* *ret gets the value or the error's text; the caller's to free. */
enum answer answer_get(jv wrapped, jv *ret);
/* The value as text, NULL when there is none; caller frees. */
char *answer_text(jv wrapped);
/* The value as a number; fallback when it is none. */
double answer_number(jv wrapped, double fallback);

/* jv_array_get and jv_object_get without taking over the container. */
jv part(jv array, int index);
jv field(jv object, const char *key);

#endif

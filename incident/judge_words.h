/*
 * incident/judge_words.h: what the rules speak of. Private to the judge.
 *
 * What no rule can mean needs no place in jq's input, and jq's input is most of what judging costs.
 */
#ifndef SITREP_INCIDENT_JUDGE_WORDS_H
#define SITREP_INCIDENT_JUDGE_WORDS_H

#include <stdbool.h>

#include <jansson.h>

/* Every word of a jq program, as keys of words. */
void words_add(json_t *words, const char *program);
/* False when it may reach a member of an object without its name standing in the program: by .[],
 * by keys, by a computed name. In doubt false. */
bool words_name_all(const char *program);

#endif

/*
 * incident/judge_watch.h: which modes have to be asked again. Private to the judge.
 *
 * A mode is a pure function of the sections it names and, if its text speaks of ages or of now, of
 * time. So it is asked when one of its sections has changed in more than ages, and, if time counts
 * for it, after a while. Asking 37 modes each second would be most of what an idle sitrep costs.
 */
#ifndef SITREP_INCIDENT_JUDGE_WATCH_H
#define SITREP_INCIDENT_JUDGE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "incident/catalogue.h"

struct judge_watch;

/* cat must outlive it. */
struct judge_watch *judge_watch_new(const struct catalogue *cat);
void judge_watch_free(struct judge_watch *watch);

/* Compares the document's sections with those of the last look. */
void judge_watch_look(struct judge_watch *watch, const json_t *facts);
/* Whether this mode's answer may differ from its last one. every_ms: for modes of time. */
bool judge_watch_is_due(const struct judge_watch *watch, size_t mode, int64_t now_ms,
			int64_t every_ms);
/* Whether a mode names that section, or may. */
bool judge_watch_reads(const struct judge_watch *watch, size_t mode, const char *section);
/* It has been asked. */
void judge_watch_asked(struct judge_watch *watch, size_t mode, int64_t now_ms);

/* Whether a rule reads a section: ".name" stands in its text. */
bool rule_reads(const char *rule, const char *section);

#endif

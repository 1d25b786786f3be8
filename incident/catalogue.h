/*
 * incident/catalogue.h: failure modes as data. One YAML file each; evidence is jq over the facts
 * document. docs/failure-modes.md tells how to write one.
 */
#ifndef SITREP_INCIDENT_CATALOGUE_H
#define SITREP_INCIDENT_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config.h"
#include "core/err.h"

enum severity { SEVERITY_NOTE, SEVERITY_MINOR, SEVERITY_MAJOR, SEVERITY_CRITICAL };
const char *severity_name(enum severity severity);

/*
 * Two kinds of strings stand below. A *rule* is a jq expression with the facts document as its
 * input and $it (the candidate), $profile (names and thresholds) and $now (epoch seconds) bound.
 * A *template* is plain text in which \(rule) stands for the rule's value.
 */

struct mode_evidence {
	char *text;                /* template: what the person reads */
	char *expr;                /* rule: true, false or null (unknown) */
	bool required;             /* default true: without it there is no verdict */
	bool excludes;             /* true contradicts the verdict outright; unknown doesn't */
	int line;                  /* in the file, for errors */
};

struct mode_clock {
	char *label;               /* template: "eviction begins" */
	char *from;                /* rule: epoch seconds; null = no clock now */
	char *seconds;             /* rule: seconds after from */
	int line;
};

struct mode_action {
	char *label;               /* template */
	char *verb;
	char *target;              /* template: "deployment/ns/name" */
	char *when;                /* rule: not true = not offered now; NULL = always */
	struct schema_pair *params;    /* value is a template */
	size_t nparams;
	char key;                  /* shortcut in the Incidents pane; 0 = none */
	bool precaution;           /* doesn't end the incident, and isn't judged by its end */
	int line;
};

/* What the chapter says about it. Plain text. */
struct mode_told {
	char *symptom;
	char *recovers;            /* "automatic", "us", "vendor" */
	char *action;
	char *frequency;
	char *duration;
	char *data_loss;
	char *runbook;             /* several paragraphs */
};

struct mode {
	char *id;
	char *title;               /* plain */
	char *file;
	enum severity severity;
	char *each;                /* rule: candidates, a verdict each; NULL = at most one */
	int each_line;
	char *subject;             /* template: "node/x"; NULL = none */
	char *headline;            /* template; NULL = title */
	char *since;               /* rule: epoch seconds when it began; NULL = when first seen */
	int line;                  /* where the mode starts */
	int64_t hold_s;            /* must hold this long first */
	struct schema_pair *names;     /* defaults of $profile.names; the config's come first */
	size_t nnames;
	struct schema_number *thresholds;  /* defaults of $profile.thresholds */
	size_t nthresholds;
	struct mode_evidence *evidence;
	size_t nevidence;
	struct mode_clock *clocks;
	size_t nclocks;
	struct mode_action *actions;
	size_t nactions;
	struct mode_told told;
	struct strlist outranks;   /* ids that stand behind this one when both match */
};

struct catalogue {
	struct mode *modes;
	size_t len;
};

/* The shipped modes (built into the program), those in the configured folders, those in the folder
 * $SITREP_CATALOGUE. -EINVAL with "file:line:column: ...". */
int catalogue_load(struct catalogue *cat, const struct config *config, struct err *err);
void catalogue_release(struct catalogue *cat);
const struct mode *catalogue_find(const struct catalogue *cat, const char *id);

#endif

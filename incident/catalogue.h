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

struct mode_evidence {
	char *text;                /* jq: a string for the person, $it and $profile bound */
	char *expr;                /* jq: true, false or null (unknown) */
	bool required;             /* default true: without it there is no verdict */
	bool excludes;             /* true contradicts the verdict outright */
	int line;                  /* in the file, for errors */
};

struct mode_clock {
	char *label;               /* "eviction begins" */
	char *from;                /* jq: epoch seconds */
	int64_t seconds;           /* after from */
	char *seconds_expr;        /* jq instead of a number; NULL = seconds */
};

struct mode_action {
	char *label;
	char *verb;
	char *target;              /* jq: "deployment/ns/name", or null = not offered now */
	struct config_pair *params;    /* value is jq */
	size_t nparams;
	char key;                  /* shortcut in the Incidents pane; 0 = none */
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
	char *each;                /* jq: candidates, one verdict each; NULL = at most one verdict */
	char *subject;             /* jq on $it: "node/x", "deployment/ns/name"; NULL = none */
	char *headline;            /* jq: a string; NULL = title */
	char *since;               /* jq: epoch seconds when it began; NULL = when first seen */
	int64_t hold_s;            /* must hold this long first */
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

/* The shipped folder and the configured ones. -EINVAL with "file:line:column: ...". */
int catalogue_load(struct catalogue *cat, const struct config *config, struct err *err);
void catalogue_release(struct catalogue *cat);
const struct mode *catalogue_find(const struct catalogue *cat, const char *id);

#endif

/*
 * tui/check.h: `sitrep check` for cron and CI: one line and an exit status.
 */
#ifndef SITREP_TUI_CHECK_H
#define SITREP_TUI_CHECK_H

#include "tui/once/once.h"

/* Exit statuses of `sitrep check`. 2 is what every command says about a wrong command line or
 * configuration. */
enum check_status {
	CHECK_OK = 0,              /* everything that matters was read, and no verdict */
	CHECK_INCIDENT = 1,        /* a verdict above a note, a probe that fails, a vendor's outage */
	CHECK_USAGE = 2,
	CHECK_UNKNOWN = 3,         /* no verdict, but something that matters could not be read */
};

/* Writes the line. A verdict outweighs what is unknown, but the line names both. */
enum check_status check_report(const struct once_view *view, FILE *out);

/* The first source that is watched and isn't fresh, as "pods: refused, ...", and how many more
 * there are, in buf; NULL when there is none. */
const char *check_unknown(const struct once_view *view, char *buf, size_t size);

/* What is known to be wrong, whether a failure mode names it or not: "probe edge fails: ...",
 * likewise. */
const char *check_failing(const struct situation *sit, int64_t now_ms, char *buf, size_t size);

#endif

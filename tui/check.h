/*
 * tui/check.h: `sitrep check` for cron and CI: one line and an exit status.
 */
#ifndef SITREP_TUI_CHECK_H
#define SITREP_TUI_CHECK_H

#include "tui/once.h"

/* Exit statuses of `sitrep check`. 2 is what every command says about a wrong command line or
 * configuration. */
enum check_status {
	CHECK_OK = 0,              /* everything that matters was read, and no verdict */
	CHECK_INCIDENT = 1,        /* at least one verdict above a note */
	CHECK_USAGE = 2,
	CHECK_UNKNOWN = 3,         /* no verdict, but something that matters could not be read */
};

/* Writes the line. A verdict outweighs what is unknown, but the line names both. */
enum check_status check_report(const struct once_view *view, FILE *out);

/* The first source that matters (API, nodes, pods, deployments, Redis) and isn't fresh, as
 * "pods: refused, ..." in buf; NULL when there is none. */
const char *check_unknown(const struct once_view *view, char *buf, size_t size);

#endif

/*
 * backends/postgres/errors.h: what a server, a pooler or Neon's proxy means by what it says.
 * Sources: https://www.postgresql.org/docs/current/errcodes-appendix.html, pgbouncer's and Neon's
 * proxy's own texts as clients report them.
 */
#ifndef SITREP_BACKENDS_POSTGRES_ERRORS_H
#define SITREP_BACKENDS_POSTGRES_ERRORS_H

#include <stddef.h>

#include "core/model/postgres.h"

struct postgres_error {
	enum postgres_state state;
	char sqlstate[6];          /* "" = none */
	char text[200];            /* printable, one line, for people */
};

/* text is libpq's message with PQERRORS_VERBOSE ("FATAL:  28P01: ..."); sqlstate may be NULL. */
void postgres_error_read(const char *text, const char *sqlstate, struct postgres_error *ret);

#endif

/* tui/options.h: the command line: one table feeds the parser, --help and the man page. */
#ifndef SITREP_TUI_OPTIONS_H
#define SITREP_TUI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/err.h"

/* Exit statuses, as --help and the man page list them. */
enum exit_status {
	EXIT_OK = 0,
	EXIT_INCIDENT = 1,   /* check: a verdict stands; drill --solve: not solved */
	EXIT_USAGE = 2,      /* wrong command line or configuration, or no terminal */
	EXIT_UNKNOWN = 3,    /* something that matters could not be read */
};

struct options {
	const char *command;   /* NULL = the dashboard */
	const char *argument;  /* of the command; NULL = none */
	const char *config, *kubeconfig, *context, *redis, *theme;
	bool read_only, linear, once, json, world, solve, help, version;
	const char *speed;     /* of a drill's world */
	const char *timeout;   /* of --once, check and facts */
	const char *every;     /* of facts */
};

struct option_row {
	const char *name;      /* "--config" */
	const char *value;     /* what it takes, for --help; NULL = a flag */
	const char *help;
	size_t offset;         /* of a const char * or a bool in struct options */
};

struct command_row {
	const char *name, *argument, *help;
};

extern const struct option_row option_rows[];     /* name NULL ends it */
extern const struct command_row command_rows[];   /* name NULL ends it */

/* -EINVAL with one sentence. */
int options_parse(struct options *options, int argc, char **argv, struct err *err);
void options_help(FILE *out);

#endif

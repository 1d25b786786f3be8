/*
 * tests/screen/script.h: drive a program on a terminal, line by line. `vtdrive -h` lists the
 * commands from the table in script.c.
 */
#ifndef SITREP_TESTS_SCREEN_SCRIPT_H
#define SITREP_TESTS_SCREEN_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/screen/term.h"

#define SCRIPT_MASKS 16

struct script {
	struct term *term;
	FILE *report;         /* TAP or plain lines */
	bool tap;
	const char *golden_dir;
	int line;             /* of the script, from 1 */
	char source[4096];    /* that line, for the report */
	int deadline_ms;
	char *test;           /* name of the running test point, or NULL */
	char *masks[SCRIPT_MASKS];
	int n_masks;
	/* since the last `mark` (or the start) */
	int64_t marked, marked_cpu;
	uint64_t marked_bytes;
	int64_t last_key, last_match;
	int passed;
};

/* Run all of in. 0, or 1 after the first failed line (which is reported). */
int script_run(struct script *script, FILE *in);
void script_release(struct script *script);
void script_usage(FILE *out);

/* Report a failure with the screen; for the use of commands. Returns -1. */
int script_fail(struct script *script, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Extended regular expression over the rows. 1, 0, or -1 (reported) when it is malformed. */
int script_match(struct script *script, const char *regex, const char *text);
/* Compare the masked screen with a file, or write it when GOLDEN_UPDATE is set. 0 or -1. */
int script_golden(struct script *script, const char *name);

#endif

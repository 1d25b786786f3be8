/* tests/screen/script_verbs.h: the table of script commands, between script.c and script_verbs.c */
#ifndef SITREP_TESTS_SCREEN_SCRIPT_VERBS_H
#define SITREP_TESTS_SCREEN_SCRIPT_VERBS_H

#include <stddef.h>

struct script;

struct script_verb {
	const char *name;
	const char *args;  /* for the help; "" or "[...]" when none are needed */
	const char *help;
	int (*run)(struct script *script, const char *args);  /* 0, or -1 after script_fail() */
};

extern const struct script_verb script_verbs[];
extern const size_t n_script_verbs;

#endif

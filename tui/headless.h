/* tui/headless.h: everything sitrep does without a screen. Each returns the exit status. */
#ifndef SITREP_TUI_HEADLESS_H
#define SITREP_TUI_HEADLESS_H

#include "tui/options.h"

int headless_once(const struct options *options);      /* --once, --once --json */
int headless_facts(const struct options *options);
int headless_check(const struct options *options);
int headless_audit_verify(const struct options *options);

#endif

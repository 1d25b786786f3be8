/* tui/solve.h: a drill that plays its reference solution, without a screen. */
#ifndef SITREP_TUI_SOLVE_H
#define SITREP_TUI_SOLVE_H

#include "incident/drill.h"
#include "tui/options.h"

/* scenario is the drill's file, for the world. Says what it waits for and the score on standard
 * output. EXIT_OK when solved, EXIT_INCIDENT when not, EXIT_USAGE when it can't start. */
int solve(const struct options *options, const struct drill *drill, const char *scenario);

#endif

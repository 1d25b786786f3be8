/* tui/dashboard.h: commands that open the dashboard. Each returns the exit status. */
#ifndef SITREP_TUI_DASHBOARD_H
#define SITREP_TUI_DASHBOARD_H

#include "tui/options.h"

int dashboard(const struct options *options);          /* on real systems, or --world */
int dashboard_drill(const struct options *options);    /* drill: list them, or play one */

#endif

/* tui/themes.h: where themes come from: built in, or a file of the person's own. */
#ifndef SITREP_TUI_THEMES_H
#define SITREP_TUI_THEMES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "widgets/theme.h"

/* A built-in name, a name.yaml in $XDG_CONFIG_HOME/sitrep/themes/, or a path (with a slash).
 * Without colour (mono) the mono theme is what comes, if the wanted one is there at all. */
int themes_load(struct theme *theme, const char *wanted, bool mono, struct err *err);
/* The built-in ones by name, in order; NULL at the end. Valid until the next call. */
const char *themes_name(size_t index, char *buf, size_t size);

#endif

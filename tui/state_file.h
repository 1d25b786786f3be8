/* tui/state_file.h: small files of the person's own in $XDG_STATE_HOME/sitrep/, readable by them
 * alone: kept views, what was copied. */
#ifndef SITREP_TUI_STATE_FILE_H
#define SITREP_TUI_STATE_FILE_H

#include <stddef.h>

#include "core/err.h"

/* The whole file anew, at once or not at all; folders are made. Its path comes back in ret_path
 * (caller frees) when that isn't NULL. */
int state_file_write(const char *name, const char *text, size_t len, char **ret_path,
		     struct err *err);

#endif

/* tui/format.h: values as panes show them: coarse on purpose, so that idle costs no bytes. */
#ifndef SITREP_TUI_FORMAT_H
#define SITREP_TUI_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"
#include "widgets/theme.h"

#define FORMAT_TEXT 32

/* "4:05" from now to then; "0:00" when it has passed. */
const char *format_clock(int64_t due_ms, int64_t now_ms, char buf[FORMAT_TEXT]);
/* "13:58:40", UTC. */
const char *format_time(int64_t wall_ms, char buf[FORMAT_TEXT]);
/* "" when fresh; else "stale 41s: the server, connection refused" and the like. */
const char *format_fresh(const struct freshness *fresh, int64_t now_ms, char *buf, size_t size);

#endif

/* tui/format.h: values as panes show them: coarse on purpose, so that idle costs no bytes. */
#ifndef SITREP_TUI_FORMAT_H
#define SITREP_TUI_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"
#include "widgets/theme.h"

#define FORMAT_TEXT 32

/* "<1m", "7m", "3h", "2d", "1y"; "?" when since is unknown (0). */
const char *format_age(int64_t since_ms, int64_t now_ms, char buf[FORMAT_TEXT]);
/* "4:05" from now to then; "0:00" when it has passed. */
const char *format_clock(int64_t due_ms, int64_t now_ms, char buf[FORMAT_TEXT]);
/* "13:58:40", UTC. */
const char *format_time(int64_t wall_ms, char buf[FORMAT_TEXT]);
/* "251.9M"; "?" when negative. */
const char *format_bytes(int64_t bytes, char buf[FORMAT_TEXT]);
/* "1,234,567"; "?" when negative. */
const char *format_count(int64_t count, char buf[FORMAT_TEXT]);
/* "41%" of; "?" when either is not known. */
const char *format_share(int64_t used, int64_t of, char buf[FORMAT_TEXT]);

/* The role of a value whose source is fresh: good stays what it is only then. */
enum role format_role(const struct freshness *fresh, int64_t now_ms, enum role good);
/* "" when fresh; else "stale 41s: the server, connection refused" and the like. */
const char *format_fresh(const struct freshness *fresh, int64_t now_ms, char *buf, size_t size);

#endif

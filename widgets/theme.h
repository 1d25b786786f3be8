/*
 * widgets/theme.h: what things look like, by what they mean. Widgets and panes name a role;
 * only a theme file names a colour. State is never told by colour alone.
 */
#ifndef SITREP_WIDGETS_THEME_H
#define SITREP_WIDGETS_THEME_H

#include <stdbool.h>

#include <curses.h>

#include "core/err.h"
#include "core/schema.h"

enum role {
	ROLE_TEXT,       /* ordinary text */
	ROLE_DIM,        /* of less weight: hints, labels */
	ROLE_TITLE,      /* titles of panes */
	ROLE_BORDER,
	ROLE_FOCUS,      /* border and title of the focused pane */
	ROLE_HEAD,       /* the head line */
	ROLE_ALERT,      /* in the head line: what must not be missed */
	ROLE_OK,         /* known to be good */
	ROLE_WARN,
	ROLE_BAD,
	ROLE_STALE,      /* was known once */
	ROLE_UNKNOWN,    /* not known: never drawn as good */
	ROLE_SELECTED,   /* the selected row */
	ROLE_KEY,        /* a key one may press */
	ROLE_PRODUCTION, /* dialogs that act on production */
	ROLE_DRILL,      /* the frame of a drill */
	ROLE_MATCH,      /* what a search has found */
	ROLES
};

struct theme {
	attr_t attrs[ROLES];
	short pairs[ROLES];
};

/* The whole text of a theme file: YAML, `role: {fg: cyan, bold: true}`. -EINVAL with
 * file:line:column and what was expected; the theme is as it was then. Call after start_color()
 * or, without colour, with mono true: then only the attributes count. */
int theme_load(struct theme *theme, const char *file, const char *text, bool mono,
	       struct err *err);
/* What a theme file may hold, for the reference. */
extern const struct schema theme_schema, theme_style_schema;

#endif

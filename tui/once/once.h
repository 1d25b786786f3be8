/*
 * tui/once/once.h: the situation without a screen: `--once` as text, `--once --json` as one document.
 * Pure: nothing is asked, nothing is kept; everything comes from the view.
 */
#ifndef SITREP_TUI_ONCE_H
#define SITREP_TUI_ONCE_H

#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "core/config.h"
#include "core/situation.h"
#include "incident/verdict.h"

/* What there is to tell, all borrowed. */
struct once_view {
	const struct situation *sit;
	const struct verdicts *verdicts;   /* NULL = not judged */
	const struct config *config;
	int64_t now_ms;                    /* wall clock */
};

/* Plain text: no colours, no control characters, lines as long as they need to be. */
void once_text(const struct once_view *view, FILE *out);

/* The full facts document with "verdicts" in front. New reference. */
json_t *once_document(const struct once_view *view);
/* The same, written: indented, with a newline at the end. -EIO when out fails. */
int once_json(const struct once_view *view, FILE *out);

#endif

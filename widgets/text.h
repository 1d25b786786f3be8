/*
 * widgets/text.h: lines of text that one scrolls, searches and follows. Bounded: the oldest lines
 * go when there are too many.
 */
#ifndef SITREP_WIDGETS_TEXT_H
#define SITREP_WIDGETS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "widgets/draw.h"

#define TEXT_LINES_MAX 20000
#define TEXT_BYTES_MAX (8 * 1024 * 1024)

struct text_view {
	char **lines;              /* owned */
	size_t len, cap;
	size_t bytes;
	bool partial;              /* the last line has not ended yet */
	size_t top;
	int left;                  /* columns scrolled sideways */
	int page, width;           /* of the last drawing */
	bool follow;               /* stay at the end as lines come */
	bool wrap;
	char search[128];          /* "" = none */
};

void text_release(struct text_view *text);
void text_append(struct text_view *text, const char *bytes, size_t len);
void text_draw(struct text_view *text, const struct canvas *canvas);
void text_scroll(struct text_view *text, long lines);
void text_to_top(struct text_view *text);
void text_to_end(struct text_view *text);
/* All of it; caller frees. */
char *text_whole(const struct text_view *text);
/* The next line with search in it, from behind top (or before it); false = none. */
bool text_find(struct text_view *text, bool backwards);

#endif

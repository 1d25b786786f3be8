/* widgets/bars.h: amounts that a person would rather look at than read. */
#ifndef SITREP_WIDGETS_BARS_H
#define SITREP_WIDGETS_BARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "widgets/draw.h"

/* A horizontal gauge of share (0 to 1; negative = unknown, drawn as '?'). */
void gauge_draw(const struct canvas *canvas, int y, int x, int width, enum role role,
		double share);
/* The same as text, for a cell of a table. */
void gauge_text(bool utf8, int width, double share, char *buf, size_t size);
/* The newest width values, oldest left, between 0 and most (0 = their own maximum). */
void sparkline_draw(const struct canvas *canvas, int y, int x, int width, enum role role,
		    const int64_t *values, int count, int64_t most);
/* The same as text, for a cell of a table. Negative values, what failed, are '!'. */
void sparkline_text(bool utf8, const int64_t *values, int count, int64_t most, char *buf,
		    size_t size);

#endif

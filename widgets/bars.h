/* widgets/bars.h: amounts that a person would rather look at than read. */
#ifndef SITREP_WIDGETS_BARS_H
#define SITREP_WIDGETS_BARS_H

#include <stdint.h>

#include "widgets/draw.h"

/* A horizontal gauge of share (0 to 1; negative = unknown, drawn as '?'). */
void gauge_draw(const struct canvas *canvas, int y, int x, int width, enum role role,
		double share);
/* The newest width values, oldest left, between 0 and most (0 = their own maximum). */
void sparkline_draw(const struct canvas *canvas, int y, int x, int width, enum role role,
		    const int64_t *values, int count, int64_t most);

#endif

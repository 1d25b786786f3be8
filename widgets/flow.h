/* widgets/flow.h: paragraphs broken into lines between words; newlines in the text break too. */
#ifndef SITREP_WIDGETS_FLOW_H
#define SITREP_WIDGETS_FLOW_H

#include "widgets/draw.h"

/* Lines that text takes at that width. */
int flow_lines(const char *text, int width);
/* From (y, x) of the canvas on, without the first `skip` lines, as many as there is room for.
 * Returns the row after the last. */
int flow_draw(const struct canvas *canvas, int y, int x, int width, enum role role, int skip,
	      const char *text);

#endif

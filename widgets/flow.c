/* widgets/flow.c: see flow.h */
#include "widgets/flow.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

/* Bytes of the first line of text: up to width columns, broken after a space if there is one. */
static size_t first_line(const char *text, int width)
{
	size_t len = strcspn(text, "\n"), at = 0, space = 0;
	int columns = 0;

	while (at < len) {
		size_t next = at + 1;

		while (next < len && ((unsigned char)text[next] & 0xc0) == 0x80)
			next++;
		if (++columns > width)
			return space ? space : at ? at : next;
		if (text[at] == ' ')
			space = next;
		at = next;
	}
	return len;
}

/* What follows a line: the space or the newline that ended it belongs to neither. */
static const char *after(const char *text, size_t len)
{
	text += len;
	if (*text == '\n')
		return text + 1;
	while (*text == ' ')
		text++;
	return text;
}

int flow_lines(const char *text, int width)
{
	int lines = 0;

	if (width < 1)
		return 0;
	for (; *text; text = after(text, first_line(text, width)))
		lines++;
	return lines;
}

int flow_draw(const struct canvas *canvas, int y, int x, int width, enum role role, int skip,
	      const char *text)
{
	if (width < 1)
		return y;
	while (*text && y < canvas->height) {
		size_t len = first_line(text, width);

		if (skip-- <= 0) {
			char *line = xstrndup(text, len);

			draw_text(canvas, y++, x, width, role, true, line);
			free(line);
		}
		text = after(text, len);
	}
	return y;
}

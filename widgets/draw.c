/* widgets/draw.c: see draw.h */
#include "widgets/draw.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define TEXT_MAX 1024

/* Marks that panes use, as they look where there is no UTF-8. */
static char plain_mark(const char *text, size_t len)
{
	static const struct {
		const char *mark;
		char plain;
	} marks[] = {
		{"●", '*'}, {"◐", '~'}, {"○", 'o'}, {"▸", '>'}, {"▾", 'v'}, {"·", '-'}, {"…", '~'},
	};
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strlen(marks[i].mark) == len && !memcmp(marks[i].mark, text, len))
			return marks[i].plain;
	return *text == '\t' ? ' ' : '?';
}

/* The next character of text: its width in columns, its bytes in *ret_len. What cannot be shown
 * comes back as width -1. */
static int next_char(const char *text, bool utf8, size_t *ret_len)
{
	unsigned char first = (unsigned char)text[0];
	mbstate_t state = {0};
	wchar_t wide;
	size_t len;
	int width;

	*ret_len = 1;
	if (first < 0x80)
		return first >= 0x20 && first < 0x7f ? 1 : -1;
	if (!utf8) {
		/* One mark for the whole sequence. */
		while (((unsigned char)text[*ret_len] & 0xc0) == 0x80)
			(*ret_len)++;
		return -1;
	}
	len = mbrtowc(&wide, text, strlen(text), &state);
	if (len == (size_t)-1 || len == (size_t)-2 || len == 0)
		return -1;
	*ret_len = len;
	width = wcwidth(wide);
	return width > 0 ? width : -1;
}

int draw_width(const char *text)
{
	int width = 0;
	size_t len;

	for (; *text; text += len) {
		int step = next_char(text, true, &len);

		width += step < 0 ? 1 : step;
	}
	return width;
}

static void set_role(const struct canvas *canvas, enum role role, attr_t more)
{
	wattr_set(canvas->win, canvas->theme->attrs[role] | more, canvas->theme->pairs[role],
		  NULL);
}

/* Copies what fits into out, and where it doesn't all fit, a mark of that when there is one; returns
 * the columns used. */
static int clip(const char *text, int width, bool utf8, const char *mark, char *out, size_t size)
{
	const char *whole = text;
	size_t used = 0, len;
	int columns = 0;

	for (; *text; text += len) {
		int step = next_char(text, utf8, &len);
		int take = step < 0 ? 1 : step;

		if (columns + take > width || used + len + 1 >= size)
			break;
		if (step < 0) {
			out[used++] = plain_mark(text, len);
		} else {
			memcpy(out + used, text, len);
			used += len;
		}
		columns += take;
	}
	out[used] = '\0';
	if (!*text || !mark || width < 2)
		return columns;
	columns = clip(whole, width - 1, utf8, NULL, out, size - strlen(mark));
	used = strlen(out);
	memcpy(out + used, mark, strlen(mark) + 1);
	return columns + 1;
}

static int put(const struct canvas *canvas, int y, int x, int width, enum role role, attr_t more,
	       const char *mark, bool fill, const char *text)
{
	char out[TEXT_MAX];
	int columns;

	if (y < 0 || y >= canvas->height || x < 0 || x >= canvas->width)
		return 0;
	if (width > canvas->width - x)
		width = canvas->width - x;
	if (width <= 0)
		return 0;
	columns = clip(text, width, canvas->utf8, mark, out, sizeof(out));
	set_role(canvas, role, more);
	mvwaddstr(canvas->win, canvas->y + y, canvas->x + x, out);
	if (fill && columns < width)
		mvwhline(canvas->win, canvas->y + y, canvas->x + x + columns, ' ',
			 width - columns);
	return columns;
}

int draw_text_attr(const struct canvas *canvas, int y, int x, int width, enum role role,
		   attr_t more, bool fill, const char *text)
{
	return put(canvas, y, x, width, role, more, NULL, fill, text);
}

int draw_text(const struct canvas *canvas, int y, int x, int width, enum role role, bool fill,
	      const char *text)
{
	return put(canvas, y, x, width, role, 0, canvas->utf8 ? "…" : "~", fill, text);
}

int draw_piece(const struct canvas *canvas, int y, int x, enum role role, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (x + draw_width(text) > canvas->width)
		return canvas->width;
	return x + draw_text(canvas, y, x, canvas->width - x, role, false, text);
}

int draw_printf(const struct canvas *canvas, int y, int x, int width, enum role role,
		const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return draw_text(canvas, y, x, width, role, false, text);
}

void draw_fill(const struct canvas *canvas, int y, int x, int width, enum role role)
{
	draw_text(canvas, y, x, width, role, true, "");
}

void draw_blank(const struct canvas *canvas)
{
	int y;

	for (y = 0; y < canvas->height; y++)
		draw_fill(canvas, y, 0, canvas->width, ROLE_TEXT);
}

struct canvas draw_inside(const struct canvas *canvas, int y, int x, int height, int width)
{
	struct canvas inside = *canvas;

	inside.y += y;
	inside.x += x;
	inside.height = height < 0 ? 0 : height;
	inside.width = width < 0 ? 0 : width;
	return inside;
}

/* Corners and lines: as UTF-8, which every terminal of that locale draws, or plain ASCII. */
static void draw_border(const struct canvas *canvas)
{
	static const char *const lines[] = {"┌", "┐", "└", "┘"};
	static const char *const plain[] = {"+", "+", "+", "+"};
	const char *const *corners = canvas->utf8 ? lines : plain;
	int y = canvas->y, x = canvas->x, height = canvas->height, width = canvas->width;

	if (canvas->utf8) {
		mvwhline_set(canvas->win, y, x, WACS_HLINE, width);
		mvwhline_set(canvas->win, y + height - 1, x, WACS_HLINE, width);
		mvwvline_set(canvas->win, y, x, WACS_VLINE, height);
		mvwvline_set(canvas->win, y, x + width - 1, WACS_VLINE, height);
	} else {
		mvwhline(canvas->win, y, x, '-', width);
		mvwhline(canvas->win, y + height - 1, x, '-', width);
		mvwvline(canvas->win, y, x, '|', height);
		mvwvline(canvas->win, y, x + width - 1, '|', height);
	}
	mvwaddstr(canvas->win, y, x, corners[0]);
	mvwaddstr(canvas->win, y, x + width - 1, corners[1]);
	mvwaddstr(canvas->win, y + height - 1, x, corners[2]);
	mvwaddstr(canvas->win, y + height - 1, x + width - 1, corners[3]);
}

struct canvas draw_box(const struct canvas *canvas, enum role role, const char *title)
{
	struct canvas inside = draw_inside(canvas, 1, 1, canvas->height - 2, canvas->width - 2);
	int room;

	if (canvas->height < 2 || canvas->width < 2)
		return inside;
	set_role(canvas, role, 0);
	draw_border(canvas);
	room = canvas->width - 4;
	if (title && title[0] && room > 2) {
		int used = draw_text(canvas, 0, 2, room - 1, role, false, title);

		draw_text(canvas, 0, 1, 1, role, false, " ");
		draw_text(canvas, 0, 2 + used, 1, role, false, " ");
	}
	return inside;
}

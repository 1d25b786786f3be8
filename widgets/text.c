/* widgets/text.c: see text.h */
#include "widgets/text.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void text_release(struct text_view *text)
{
	while (text->len > 0)
		free(text->lines[--text->len]);
	free(text->lines);
	text->lines = NULL;
	text->cap = text->bytes = text->top = 0;
	text->partial = false;
}

/* A tenth goes at once, so that a chatty log does not move memory for every line. */
static void drop_oldest(struct text_view *text)
{
	size_t drop = text->len / 10 + 1, i;

	for (i = 0; i < drop; i++) {
		text->bytes -= strlen(text->lines[i]);
		free(text->lines[i]);
	}
	text->len -= drop;
	memmove(text->lines, text->lines + drop, text->len * sizeof(*text->lines));
	text->top = text->top > drop ? text->top - drop : 0;
}

static void add_line(struct text_view *text, const char *bytes, size_t len)
{
	if (text->len >= TEXT_LINES_MAX || text->bytes + len > TEXT_BYTES_MAX)
		drop_oldest(text);
	if (text->len == text->cap) {
		text->cap = text->cap ? text->cap * 2 : 64;
		text->lines = xreallocarray(text->lines, text->cap, sizeof(*text->lines));
	}
	text->lines[text->len++] = xstrndup(bytes, len);
	text->bytes += len;
}

static void extend_line(struct text_view *text, const char *bytes, size_t len)
{
	char **line = &text->lines[text->len - 1];
	char *longer;

	if (text->bytes + len > TEXT_BYTES_MAX)
		return;
	longer = xasprintf("%s%.*s", *line, (int)len, bytes);
	free(*line);
	*line = longer;
	text->bytes += len;
}

void text_append(struct text_view *text, const char *bytes, size_t len)
{
	while (len > 0) {
		const char *end = memchr(bytes, '\n', len);
		size_t take = end ? (size_t)(end - bytes) : len;

		if (text->partial && text->len)
			extend_line(text, bytes, take);
		else
			add_line(text, bytes, take);
		text->partial = !end;
		take += end != NULL;
		bytes += take;
		len -= take;
	}
	if (text->follow)
		text_to_end(text);
}

/* Where column `left` begins; tabs are one column, as draw_text() shows them. */
static const char *scrolled(const char *line, int left)
{
	while (left-- > 0 && *line) {
		line++;
		while (((unsigned char)*line & 0xc0) == 0x80)
			line++;
	}
	return line;
}

/* Rows after the first stand under the text, not under its label: behind the first wide gap. */
static int hanging_indent(const char *line, int width)
{
	const char *gap = strstr(line + strspn(line, " "), "  ");
	int indent;

	if (!gap)
		return 0;
	gap += strspn(gap, " ");
	indent = *gap ? (int)(gap - line) : 0;
	return indent < width / 2 ? indent : 0;
}

/* Where the next row begins: after the last space that fits, if there is one worth it. */
static const char *next_row(const char *line, int width)
{
	const char *cut = scrolled(line, width), *at;

	if (!*cut)
		return cut;
	for (at = cut; at > line + width / 2; at--)
		if (at[-1] == ' ')
			return at;
	return cut;
}

static size_t rows_of(const char *line, int width)
{
	int indent = hanging_indent(line, width);
	size_t rows = 1;

	for (line = next_row(line, width); *line; rows++)
		line = next_row(line, width - indent);
	return rows;
}

/* The first line of the last page. */
static size_t last_top(const struct text_view *text)
{
	size_t page = text->page > 0 ? (size_t)text->page : 1, rows = 0, top = text->len;

	if (!text->wrap || text->width < 1)
		return text->len > page ? text->len - page : 0;
	while (top > 0 && rows < page)
		rows += rows_of(text->lines[--top], text->width);
	return rows > page && top + 1 < text->len ? top + 1 : top;
}

void text_scroll(struct text_view *text, long lines)
{
	long top = (long)text->top + lines, most = (long)last_top(text);

	if (top > most)
		top = most;
	text->top = top < 0 ? 0 : (size_t)top;
	text->follow = false;
}

void text_to_top(struct text_view *text)
{
	text->top = 0;
	text->follow = false;
}

void text_to_end(struct text_view *text)
{
	text->top = last_top(text);
}

bool text_find(struct text_view *text, bool backwards)
{
	size_t i, at = text->top;

	for (i = 0; i < text->len; i++) {
		at = backwards ? (at + text->len - 1) % text->len : (at + 1) % text->len;
		if (strcasestr(text->lines[at], text->search)) {
			text->top = at;
			text->follow = false;
			return true;
		}
	}
	return false;
}

static int draw_wrapped(const struct canvas *canvas, int y, const char *line, enum role role)
{
	int indent = hanging_indent(line, canvas->width), x = 0;

	do {
		const char *rest = next_row(line, canvas->width - x);
		char *row = xstrndup(line, (size_t)(rest - line));

		draw_fill(canvas, y, 0, x, ROLE_TEXT);
		draw_text(canvas, y++, x, canvas->width - x, role, true, row);
		free(row);
		line = rest;
		x = indent;
	} while (*line && y < canvas->height);
	return y;
}

void text_draw(struct text_view *text, const struct canvas *canvas)
{
	size_t at;
	int y = 0;

	text->page = canvas->height;
	text->width = canvas->width;
	if (text->follow)
		text_to_end(text);
	for (at = text->top; at < text->len && y < canvas->height; at++) {
		bool found = text->search[0] && strcasestr(text->lines[at], text->search);
		enum role role = found ? ROLE_MATCH : ROLE_TEXT;

		if (text->wrap)
			y = draw_wrapped(canvas, y, text->lines[at], role);
		else
			draw_text(canvas, y++, 0, canvas->width, role, true,
				  scrolled(text->lines[at], text->left));
	}
	for (; y < canvas->height; y++)
		draw_fill(canvas, y, 0, canvas->width, ROLE_TEXT);
}

char *text_whole(const struct text_view *text)
{
	char *whole = xcalloc(1, text->bytes + text->len + 1), *at = whole;
	size_t i;

	for (i = 0; i < text->len; i++) {
		size_t len = strlen(text->lines[i]);

		memcpy(at, text->lines[i], len);
		at[len] = '\n';
		at += len + 1;
	}
	return whole;
}

/* tests/screen/term_text.c: the screen as text, cells and a picture */
#include "tests/screen/term.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define TEXT_CEILING (16u << 20)
#define CELL_W 9
#define CELL_H 18
#define MARGIN 8
#define PAPER "#101418"
#define INK "#d0d4d8"

static size_t put_utf8(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

int term_cell(struct term *term, VTermPos pos, char *out, VTermScreenCell *cell)
{
	size_t len = 0;

	memset(cell, 0, sizeof(*cell));
	vterm_screen_get_cell(term->screen, pos, cell);
	/* (uint32_t)-1 is the right half of a wide character */
	if (!cell->chars[0] || cell->chars[0] == (uint32_t)-1)
		out[len++] = ' ';
	else
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i]; i++)
			len += put_utf8(cell->chars[i], out + len);
	out[len] = '\0';
	return cell->width > 1 ? cell->width : 1;
}

static void append_row(struct term *term, int row, struct buf *text)
{
	size_t kept = text->len;
	VTermPos pos = {.row = row};

	while (pos.col < term->cols) {
		VTermScreenCell cell;
		char utf8[32];

		pos.col += term_cell(term, pos, utf8, &cell);
		buf_append_str(text, utf8);
		if (strcmp(utf8, " ") != 0)
			kept = text->len;
	}
	text->len = kept;
	buf_append_str(text, "");
}

char *term_row(struct term *term, int row)
{
	struct buf text = BUF_INIT(TEXT_CEILING);

	append_row(term, row, &text);
	return buf_detach(&text);
}

char *term_text(struct term *term)
{
	struct buf text = BUF_INIT(TEXT_CEILING);

	for (int row = 0; row < term->rows; row++) {
		append_row(term, row, &text);
		buf_append_str(&text, "\n");
	}
	return buf_detach(&text);
}

static void put_colour(char *out, const char *key, const VTermColor *colour, bool is_default)
{
	if (is_default)
		sprintf(out, "%s=def", key);
	else if (VTERM_COLOR_IS_INDEXED(colour))
		sprintf(out, "%s=%d", key, colour->indexed.idx);
	else
		sprintf(out, "%s=#%02x%02x%02x", key, colour->rgb.red, colour->rgb.green,
			colour->rgb.blue);
}

void term_attrs(const VTermScreenCell *cell, char *out)
{
	char fg[16], bg[16];

	put_colour(fg, "fg", &cell->fg, VTERM_COLOR_IS_DEFAULT_FG(&cell->fg));
	put_colour(bg, "bg", &cell->bg, VTERM_COLOR_IS_DEFAULT_BG(&cell->bg));
	sprintf(out, "%s%s%s%s%s%s,%s", cell->attrs.bold ? "bold," : "",
		cell->attrs.italic ? "italic," : "", cell->attrs.reverse ? "rev," : "",
		cell->attrs.underline ? "ul," : "", cell->attrs.blink ? "blink," : "", fg, bg);
}

static void to_hex(struct term *term, VTermColor colour, char *out)
{
	vterm_screen_convert_color_to_rgb(term->screen, &colour);
	sprintf(out, "#%02x%02x%02x", colour.rgb.red, colour.rgb.green, colour.rgb.blue);
}

static void svg_colours(struct term *term, const VTermScreenCell *cell, char *fg, char *bg)
{
	char swap[8];

	strcpy(fg, INK);
	strcpy(bg, PAPER);
	if (!VTERM_COLOR_IS_DEFAULT_FG(&cell->fg))
		to_hex(term, cell->fg, fg);
	if (!VTERM_COLOR_IS_DEFAULT_BG(&cell->bg))
		to_hex(term, cell->bg, bg);
	if (cell->attrs.reverse) {
		strcpy(swap, fg);
		strcpy(fg, bg);
		strcpy(bg, swap);
	}
}

static int svg_cell(struct term *term, FILE *out, VTermPos pos)
{
	int x = pos.col * CELL_W + MARGIN;
	int y = pos.row * CELL_H + MARGIN;
	VTermScreenCell cell;
	char text[32], fg[8], bg[8];
	int width = term_cell(term, pos, text, &cell);

	svg_colours(term, &cell, fg, bg);
	if (strcmp(bg, PAPER) != 0)
		fprintf(out, "<rect x='%d' y='%d' width='%d' height='%d' fill='%s'/>\n", x, y,
			width * CELL_W, CELL_H, bg);
	if (strcmp(text, " ") != 0)
		fprintf(out, "<text x='%d' y='%d' fill='%s'%s%s%s>%s</text>\n", x, y + 14, fg,
			cell.attrs.bold ? " font-weight='bold'" : "",
			cell.attrs.italic ? " font-style='italic'" : "",
			cell.attrs.underline ? " text-decoration='underline'" : "",
			text[0] == '<' ? "&lt;" : text[0] == '&' ? "&amp;" : text);
	return width;
}

int term_svg(struct term *term, const char *path)
{
	FILE *out = fopen(path, "w");

	if (!out)
		return -errno;
	/* crispEdges: without it, box lines show seams when the picture is scaled */
	fprintf(out, "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d'"
		" font-family='DejaVu Sans Mono' font-size='15' shape-rendering='crispEdges'"
		" xml:space='preserve'>\n<rect width='100%%' height='100%%' fill='" PAPER "'/>\n",
		term->cols * CELL_W + 2 * MARGIN, term->rows * CELL_H + 2 * MARGIN);
	for (VTermPos pos = {0}; pos.row < term->rows; pos.row++)
		for (pos.col = 0; pos.col < term->cols;)
			pos.col += svg_cell(term, out, pos);
	fputs("</svg>\n", out);
	return fclose(out) ? -errno : 0;
}

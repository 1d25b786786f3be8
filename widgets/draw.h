/*
 * widgets/draw.h: text into a window: clipped by columns, safe for whatever servers send
 * (control characters and, without UTF-8, foreign letters are replaced).
 */
#ifndef SITREP_WIDGETS_DRAW_H
#define SITREP_WIDGETS_DRAW_H

#include <stdbool.h>

#include <curses.h>

#include "widgets/theme.h"

/* A part of a window to draw into. */
struct canvas {
	WINDOW *win;
	const struct theme *theme;
	bool utf8;
	int y, x, height, width;   /* within win */
};

/* Columns that text takes. */
int draw_width(const char *text);
/* At (y, x) of the canvas, at most width columns, a cut marked as one; the rest up to width is
 * blanked when fill. Returns the columns the text took. */
int draw_text(const struct canvas *canvas, int y, int x, int width, enum role role, bool fill,
	      const char *text);
int draw_printf(const struct canvas *canvas, int y, int x, int width, enum role role,
		const char *format, ...) __attribute__((format(printf, 6, 7)));
/* One of several pieces of a row: whole or not at all. Returns where the next one begins, which is
 * behind the canvas once one had no room. */
int draw_piece(const struct canvas *canvas, int y, int x, enum role role, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* draw_text() with attributes added to the role's own, and without the mark. */
int draw_text_attr(const struct canvas *canvas, int y, int x, int width, enum role role,
		   attr_t more, bool fill, const char *text);
void draw_fill(const struct canvas *canvas, int y, int x, int width, enum role role);
void draw_blank(const struct canvas *canvas);
/* A border round the canvas with a title; returns the canvas inside. */
struct canvas draw_box(const struct canvas *canvas, enum role role, const char *title);
struct canvas draw_inside(const struct canvas *canvas, int y, int x, int height, int width);

#endif

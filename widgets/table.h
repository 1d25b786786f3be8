/*
 * widgets/table.h: rows and columns over a source of any size: only the rows on the screen are
 * ever asked for. The selection follows its row by key when rows come and go,
 * once the person has chosen one.
 */
#ifndef SITREP_WIDGETS_TABLE_H
#define SITREP_WIDGETS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/filter.h"
#include "widgets/draw.h"

#define TABLE_COLUMNS_MAX 16
#define TABLE_KEY_MAX 400

struct table_column {
	const char *title;
	int width;                 /* columns it needs */
	int grow;                  /* share of what is left over; 0 = none */
	int priority;              /* the highest go first when there is no room; 0 = stays */
	bool right;                /* numbers stand right */
	int tail;                  /* columns of its end that stay when a text is too long */
};

struct table_cell {
	char text[256];
	enum role role;
};

struct table_source {
	size_t (*count)(void *arg);
	void (*cell)(void *arg, size_t row, int column, struct table_cell *ret);
	/* What tells rows apart, into key. */
	void (*key)(void *arg, size_t row, char *key, size_t size);
	void *arg;
	const char *nothing;       /* said where there is no row; NULL = nothing is */
};

struct table {
	const struct table_column *columns;
	int ncolumns;
	struct table_source source;
	size_t selected, top;
	bool chosen;               /* by the person; until then the first row is selected */
	char key[TABLE_KEY_MAX];   /* of the selected row */
	int page;                  /* rows last drawn, for page keys */
	int first_y;               /* where the first of them stood in the window */
	int sort_column;           /* marked in the head line; -1 = none */
	bool descending;
	char filter[FILTER_TEXT];  /* what the person typed; table_update() obeys it */
	bool filters_itself;       /* the source gives only rows that fit */
	size_t *fitting;           /* owned: the source's rows that fit; NULL = all of them */
	size_t nfitting;
	bool utf8;                 /* of the canvas last drawn on, for cells with bars */
	/* the longest text of each growing column since it was laid out for that room */
	int needed[TABLE_COLUMNS_MAX], laid_out, ncolumns_laid_out;
};

void table_draw(struct table *table, const struct canvas *canvas, bool focused);
/* The rows have changed: find the selected one again, clamp. */
void table_update(struct table *table);
void table_move(struct table *table, long rows);
void table_top(struct table *table);
void table_bottom(struct table *table);
/* A click in that row of the window chooses what stands there. */
void table_click(struct table *table, int y);
/* Before the table goes. */
void table_release(struct table *table);
/* Rows that are shown, and the source's number of one of them. */
size_t table_count(const struct table *table);
size_t table_source_row(const struct table *table, size_t row);
/* The source's number of the selected row; SIZE_MAX = none. */
size_t table_row(const struct table *table);
bool table_has_selection(const struct table *table);

#endif

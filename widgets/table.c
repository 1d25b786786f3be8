/* widgets/table.c: see table.h */
#include "widgets/table.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

size_t table_count(const struct table *table)
{
	return table->fitting ? table->nfitting : table->source.count(table->source.arg);
}

/* From a row of the table to the source's. */
size_t table_source_row(const struct table *table, size_t row)
{
	return table->fitting ? table->fitting[row] : row;
}

static bool fits(const struct table *table, const struct filter *filter, size_t row)
{
	struct filter_field fields[TABLE_COLUMNS_MAX];
	struct table_cell cells[TABLE_COLUMNS_MAX];
	int i;

	for (i = 0; i < table->ncolumns; i++) {
		cells[i].text[0] = '\0';
		table->source.cell(table->source.arg, row, i, &cells[i]);
		fields[i] = (struct filter_field){table->columns[i].title, cells[i].text};
	}
	return filter_matches(filter, fields, (size_t)table->ncolumns);
}

static void apply_filter(struct table *table)
{
	size_t count = table->source.count(table->source.arg), row;
	struct filter filter;

	free(table->fitting);
	table->fitting = NULL;
	table->nfitting = 0;
	if (!table->filter[0] || table->filters_itself)
		return;
	filter_parse(&filter, table->filter);
	table->fitting = xcalloc(count + 1, sizeof(*table->fitting));
	for (row = 0; row < count; row++)
		if (fits(table, &filter, row))
			table->fitting[table->nfitting++] = row;
}

void table_release(struct table *table)
{
	free(table->fitting);
	table->fitting = NULL;
}

static void remember(struct table *table)
{
	table->key[0] = '\0';
	if (table->selected < table_count(table))
		table->source.key(table->source.arg, table_source_row(table, table->selected),
				  table->key, sizeof(table->key));
}

static bool row_is(const struct table *table, size_t row)
{
	char key[TABLE_KEY_MAX];

	table->source.key(table->source.arg, table_source_row(table, row), key, sizeof(key));
	return !strcmp(key, table->key);
}

/* Rows move by few places mostly: look at the near ones first. */
static bool find_row(const struct table *table, size_t count, size_t *ret_row)
{
	size_t at = table->selected < count ? table->selected : count - 1, step;

	for (step = 0; step < count; step++) {
		if (at + step < count && row_is(table, at + step)) {
			*ret_row = at + step;
			return true;
		}
		if (step <= at && row_is(table, at - step)) {
			*ret_row = at - step;
			return true;
		}
	}
	return false;
}

void table_update(struct table *table)
{
	size_t count, found;

	apply_filter(table);
	count = table_count(table);
	if (!count) {
		table->selected = table->top = 0;
		return;
	}
	if (!table->chosen)
		table->selected = table->top = 0;
	if (table->chosen && table->key[0] && find_row(table, count, &found)) {
		table->top = table->top + found > table->selected
			? table->top + found - table->selected : 0;
		table->selected = found;
	}
	if (table->selected >= count)
		table->selected = count - 1;
	remember(table);
}

void table_move(struct table *table, long rows)
{
	long count = (long)table_count(table), at = (long)table->selected + rows;

	if (!count)
		return;
	if (at < 0)
		at = 0;
	if (at >= count)
		at = count - 1;
	table->selected = (size_t)at;
	table->chosen = true;
	remember(table);
}

void table_top(struct table *table)
{
	table_move(table, LONG_MIN / 2);
}

void table_bottom(struct table *table)
{
	table_move(table, LONG_MAX / 2);
}

void table_click(struct table *table, int y)
{
	size_t row = table->top + (size_t)(y - table->first_y);

	if (y < table->first_y || y >= table->first_y + table->page || row >= table_count(table))
		return;
	table->selected = row;
	table->chosen = true;
	remember(table);
}

bool table_has_selection(const struct table *table)
{
	return table_row(table) != SIZE_MAX;
}

size_t table_row(const struct table *table)
{
	size_t row;

	if (table->selected >= table_count(table))
		return SIZE_MAX;
	row = table_source_row(table, table->selected);
	return row < table->source.count(table->source.arg) ? row : SIZE_MAX;
}

#define SHRUNK_LEAST 8         /* columns of a name that must do where room is short */

static int title_width(const struct table *table, int column)
{
	int mark = table->sort_column == column;

	return draw_width(table->columns[column].title) + mark;
}

/* What all of them take together, with a blank between. */
static int sum_of(const struct table *table, const int *widths)
{
	int used = -1, i;

	for (i = 0; i < table->ncolumns; i++)
		used += widths[i] ? widths[i] + 1 : 0;
	return used;
}

/* The column to leave out next; -1 = all that are left stay. */
static int least_needed(const struct table *table, const int *widths)
{
	int worst = -1, i;

	for (i = 0; i < table->ncolumns; i++)
		if (widths[i] && table->columns[i].priority > 0 &&
		    (worst < 0 || table->columns[i].priority >= table->columns[worst].priority))
			worst = i;
	return worst;
}

/* Where not even the most needed ones have room: names get shorter, then the last go. */
static void squeeze(const struct table *table, int width, int *widths)
{
	int over = sum_of(table, widths) - width, i;

	for (i = 0; i < table->ncolumns && over > 0; i++) {
		int least = title_width(table, i), spare;

		least = least < SHRUNK_LEAST ? SHRUNK_LEAST : least;
		spare = widths[i] && table->columns[i].grow ? widths[i] - least : 0;
		spare = spare > over ? over : spare;
		widths[i] -= spare > 0 ? spare : 0;
		over -= spare > 0 ? spare : 0;
	}
	for (i = table->ncolumns - 1; i > 0 && sum_of(table, widths) > width; i--)
		widths[i] = 0;
	if (sum_of(table, widths) > width)
		widths[0] = width;
}

/* Of the rows on the screen, now and before, how much more each growing column could use: one that
 * has had room for a long text keeps it, or each change would move all that stands behind. */
static int measure(struct table *table, size_t rows, const int *widths, int *ret_missing)
{
	size_t count = table_count(table), row;
	struct table_cell cell;
	int sum = 0, i;

	for (i = 0; i < table->ncolumns; i++) {
		ret_missing[i] = 0;
		if (!widths[i] || !table->columns[i].grow)
			continue;
		for (row = table->top; row < table->top + rows && row < count; row++) {
			int needs;

			cell.text[0] = '\0';
			table->source.cell(table->source.arg, table_source_row(table, row), i,
					   &cell);
			needs = draw_width(cell.text);
			if (needs > table->needed[i])
				table->needed[i] = needs;
		}
		if (table->needed[i] > widths[i])
			ret_missing[i] = table->needed[i] - widths[i];
		sum += ret_missing[i];
	}
	return sum;
}

static void share_out(const struct table *table, int left, const int *shares, int sum, int *widths)
{
	int i;

	for (i = 0; i < table->ncolumns && sum > 0; i++)
		widths[i] += widths[i] ? left * shares[i] / sum : 0;
}

/* Widths of the columns that fit; 0 = left out. What is left over goes first to texts that would
 * be cut. */
static void lay_out(struct table *table, int width, size_t rows, int *widths)
{
	int shares[TABLE_COLUMNS_MAX], worst, left, sum, i;

	if (table->laid_out != width || table->ncolumns_laid_out != table->ncolumns)
		memset(table->needed, 0, sizeof(table->needed));
	table->laid_out = width;
	table->ncolumns_laid_out = table->ncolumns;

	for (i = 0; i < table->ncolumns; i++)
		widths[i] = table->columns[i].width;
	while (sum_of(table, widths) > width && (worst = least_needed(table, widths)) >= 0)
		widths[worst] = 0;
	squeeze(table, width, widths);
	left = width - sum_of(table, widths);
	sum = measure(table, rows, widths, shares);
	share_out(table, left < sum ? left : sum, shares, sum, widths);
	left = width - sum_of(table, widths);
	for (sum = i = 0; i < table->ncolumns; i++) {
		shares[i] = widths[i] ? table->columns[i].grow : 0;
		sum += shares[i];
	}
	share_out(table, left, shares, sum, widths);
}

static void draw_head(const struct table *table, const struct canvas *canvas, const int *widths)
{
	char title[64];
	int x = 0, i;

	draw_fill(canvas, 0, 0, canvas->width, ROLE_DIM);
	for (i = 0; i < table->ncolumns; i++) {
		const struct table_column *column = &table->columns[i];
		int indent;

		if (!widths[i])
			continue;
		snprintf(title, sizeof(title), "%s%s", column->title,
			 table->sort_column == i ? table->descending ? "v" : "^" : "");
		indent = column->right ? widths[i] - draw_width(title) : 0;
		draw_text(canvas, 0, x + (indent > 0 ? indent : 0), widths[i], ROLE_DIM, false,
			  title);
		x += widths[i] + 1;
	}
}

/* The last columns of text. */
static const char *tail_of(const char *text, int columns)
{
	int skip = draw_width(text) - columns;

	while (skip-- > 0)
		do
			text++;
		while (((unsigned char)*text & 0xc0) == 0x80);
	return text;
}

/* A cut shows. Names differ at their ends: what is cut out of them is the middle. */
static void draw_cell(const struct canvas *canvas, int y, int x, int width,
		      const struct table_column *column, enum role role, const char *text)
{
	int wide = draw_width(text), indent = column->right && wide < width ? width - wide : 0, tail;

	if (wide <= width || width < 2) {
		draw_text(canvas, y, x + indent, width - indent, role, false, text);
		return;
	}
	tail = column->tail + 2 > width ? 0 : column->tail;
	width -= tail + 1;
	x += draw_text(canvas, y, x, width + 1, role, false, text);
	draw_text(canvas, y, x, tail, role, false, tail_of(text, tail));
}

static void draw_row(const struct table *table, const struct canvas *canvas, int y, size_t row,
		     const int *widths, bool marked)
{
	struct table_cell cell;
	int x = 0, i;

	draw_fill(canvas, y, 0, canvas->width, marked ? ROLE_SELECTED : ROLE_TEXT);
	for (i = 0; i < table->ncolumns; i++) {
		if (!widths[i])
			continue;
		cell.role = ROLE_TEXT;
		cell.text[0] = '\0';
		table->source.cell(table->source.arg, table_source_row(table, row), i, &cell);
		draw_cell(canvas, y, x, widths[i], &table->columns[i],
			  marked ? ROLE_SELECTED : cell.role, cell.text);
		x += widths[i] + 1;
	}
}

static void scroll_to_selection(struct table *table, size_t rows, size_t count)
{
	if (table->selected < table->top)
		table->top = table->selected;
	if (rows && table->selected >= table->top + rows)
		table->top = table->selected - rows + 1;
	if (table->top + rows > count)
		table->top = count > rows ? count - rows : 0;
}

static void draw_nothing(const struct table *table, const struct canvas *canvas)
{
	char text[FILTER_TEXT + 40];
	const char *shown = text;
	int y;

	snprintf(text, sizeof(text), "nothing fits '%s' (Esc clears it)", table->filter);
	if (!table->filter[0])
		shown = table->source.nothing ? table->source.nothing : "";
	for (y = 1; y < canvas->height; y++)
		draw_text(canvas, y, 0, canvas->width, ROLE_DIM, true, y == 1 ? shown : "");
}

void table_draw(struct table *table, const struct canvas *canvas, bool focused)
{
	size_t count = table_count(table), rows, i;
	int widths[TABLE_COLUMNS_MAX];

	if (canvas->height < 1)
		return;
	rows = (size_t)(canvas->height - 1);
	table->page = (int)rows;
	table->first_y = canvas->y + 1;
	scroll_to_selection(table, rows, count);
	lay_out(table, canvas->width, rows, widths);
	table->utf8 = canvas->utf8;
	draw_head(table, canvas, widths);
	if (!count && rows) {
		draw_nothing(table, canvas);
		return;
	}
	for (i = 0; i < rows; i++) {
		size_t row = table->top + i;

		if (row < count)
			draw_row(table, canvas, (int)i + 1, row, widths,
				 focused && row == table->selected);
		else
			draw_fill(canvas, (int)i + 1, 0, canvas->width, ROLE_TEXT);
	}
}

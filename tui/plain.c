/* tui/plain.c: see plain.h */
#include "tui/plain.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/printable.h"

static void add(struct plain_table *table, char *cell)
{
	if (table->len == table->cap) {
		table->cap = table->cap ? table->cap * 2 : 64;
		table->cells = xreallocarray(table->cells, table->cap, sizeof(*table->cells));
	}
	table->cells[table->len++] = cell;
}

void plain_start(struct plain_table *table, const char *const *heads)
{
	memset(table, 0, sizeof(*table));
	while (heads[table->columns] && table->columns < PLAIN_COLUMNS_MAX)
		plain_cell(table, heads[table->columns++]);
}

void plain_cell(struct plain_table *table, const char *text)
{
	add(table, printable_dup(text && text[0] ? text : "-"));
}

void plain_cellf(struct plain_table *table, const char *format, ...)
{
	va_list args;
	char text[512];

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	plain_cell(table, text);
}

void plain_end(struct plain_table *table, int indent, FILE *out)
{
	size_t widths[PLAIN_COLUMNS_MAX] = {0}, i;

	for (i = 0; i < table->len; i++) {
		size_t len = printable_len(table->cells[i]), at = i % table->columns;

		if (len > widths[at])
			widths[at] = len;
	}
	for (i = 0; i < table->len; i++) {
		size_t at = i % table->columns;
		bool last = at + 1 == table->columns;
		int pad = (int)(widths[at] - printable_len(table->cells[i]));

		fprintf(out, "%*s%s%*s%s", at ? 2 : indent, "", table->cells[i], last ? 0 : pad, "",
			last ? "\n" : "");
	}
	plain_drop(table);
}

void plain_drop(struct plain_table *table)
{
	while (table->len > 0)
		free(table->cells[--table->len]);
	free(table->cells);
	memset(table, 0, sizeof(*table));
}

void plain_put(const char *text, FILE *out)
{
	char *clean = printable_dup(text);

	fputs(clean, out);
	free(clean);
}

const char *plain_bytes(int64_t bytes, char buf[PLAIN_BYTES])
{
	static const char units[] = "BKMGT";
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1024 && unit < sizeof(units) - 2) {
		value /= 1024;
		unit++;
	}
	if (bytes < 0)
		snprintf(buf, PLAIN_BYTES, "?");
	else
		snprintf(buf, PLAIN_BYTES, unit ? "%.1f%c" : "%.0f%c", value, units[unit]);
	return buf;
}

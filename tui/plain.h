/* tui/plain.h: a table as plain text: columns as wide as their widest cell. */
#ifndef SITREP_TUI_PLAIN_H
#define SITREP_TUI_PLAIN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PLAIN_COLUMNS_MAX 12

struct plain_table {
	size_t columns;
	char **cells;              /* owned, printable, row by row */
	size_t len, cap;
};

/* heads ends with NULL. */
void plain_start(struct plain_table *table, const char *const *heads);
/* The next cell, made printable. NULL is shown as "-". */
void plain_cell(struct plain_table *table, const char *text);
void plain_cellf(struct plain_table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Prints every row behind indent spaces, and frees. */
void plain_end(struct plain_table *table, int indent, FILE *out);

/* Frees without printing. */
void plain_drop(struct plain_table *table);

/* One foreign text, made printable. */
void plain_put(const char *text, FILE *out);

/* "251.9M"; "?" for what is unknown (negative). */
#define PLAIN_BYTES 24
const char *plain_bytes(int64_t bytes, char buf[PLAIN_BYTES]);

#endif

/*
 * core/schema.h: one const table says what a YAML file may hold; it drives the reader, its
 * errors (file:line:column, what was expected, what stood there) and the reference in docs/.
 *
 *	static const struct schema_field fields[] = {
 *		{.key = "every", .type = SCHEMA_DURATION, .offset = offsetof(struct x, every_ms),
 *		 .fallback = "2s", .help = "How often to ask."},
 *		{0}
 *	};
 *	static const struct schema schema = {"x", sizeof(struct x), fields};
 *
 * The struct must be zeroed (or hold defaults) before schema_read().
 */
#ifndef SITREP_CORE_SCHEMA_H
#define SITREP_CORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/err.h"
#include "core/yaml.h"

enum schema_type {                 /* what the member at offset is */
	SCHEMA_STRING,             /* char * */
	SCHEMA_PATH,               /* char *, "~/" becomes $HOME/ */
	SCHEMA_BOOL,               /* bool */
	SCHEMA_INT,                /* int64_t */
	SCHEMA_NUMBER,             /* double */
	SCHEMA_DURATION,           /* int64_t ms: "500ms", "5s", "15m", "2h", "1d" */
	SCHEMA_SECONDS,            /* int64_t seconds, written as a duration or a number */
	SCHEMA_SIZE,               /* int64_t bytes: "256Mi", "1G" */
	SCHEMA_CHAR,               /* char: exactly one ASCII character */
	SCHEMA_ENUM,               /* int: index into words */
	SCHEMA_STRINGS,            /* struct strlist; a single string is a list of one */
	SCHEMA_PAIRS,              /* struct schema_pair *, count at count_offset */
	SCHEMA_NUMBERS,            /* struct schema_number *, count at count_offset */
	SCHEMA_STRUCT,             /* the struct of `of`, in place */
	SCHEMA_LIST,               /* array of the struct of `of`, count (size_t) at count_offset */
	SCHEMA_LINE,               /* int: the line this struct began in; not a key */
	SCHEMA_COLUMN,             /* int: and the column; not a key */
	SCHEMA_ANY,                /* anything; left to others, kept nowhere */
};

struct schema_pair {
	char *key, *value;
};

struct schema_number {
	char *key;
	double value;
};

struct schema;

struct schema_field {
	const char *key;           /* NULL ends the table, except for LINE and COLUMN */
	enum schema_type type;
	size_t offset, count_offset;
	bool required;
	const struct schema *of;
	const char *const *words;  /* NULL-terminated, for SCHEMA_ENUM */
	const char *fallback;      /* default as it would be written; NULL = none */
	const char *help;          /* one or two sentences, for the reference */
};

struct schema {
	const char *name;          /* in errors: "the configuration", "evidence" */
	size_t size;
	const struct schema_field *fields;
};

/* Defaults into a zeroed struct. */
void schema_defaults(const struct schema *schema, void *into);
/* Defaults, then what node says. -EINVAL; what was read by then is for schema_release(). */
int schema_read(const struct schema *schema, const struct yaml *yaml,
		const struct yaml_node *node, void *into, struct err *err);
void schema_release(const struct schema *schema, void *from);
/* The reference as Markdown: one table row a key, structs after their parents. */
void schema_document(const struct schema *schema, const char *prefix, FILE *out);

/* "15m" to milliseconds, "256Mi" to bytes; -EINVAL. */
int schema_parse_duration(const char *text, int64_t *ret_ms);
int schema_parse_size(const char *text, int64_t *ret_bytes);

#endif

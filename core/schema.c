/* core/schema.c: see schema.h */
#include "core/schema.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strlist.h"

struct reader {
	const struct yaml *yaml;
	struct err *err;
};

static int wrong(const struct reader *reader, const struct yaml_node *node, const char *where,
		 const char *expected)
{
	static const char *const kinds[] = {
		[YAML_SCALAR] = "'", [YAML_LIST] = "a list", [YAML_MAP] = "a map",
	};
	bool scalar = node->kind == YAML_SCALAR;

	return err_set(reader->err, -EINVAL, "%s:%d:%d: %s: expected %s, not %s%.60s%s",
		       reader->yaml->file, node->line, node->column, where, expected,
		       kinds[node->kind], scalar ? node->text : "", scalar ? "'" : "");
}

/* Edit distance, for "did you mean"; words are short. */
static size_t distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), row[64], i, j;

	if (la >= 63 || lb >= 63)
		return 99;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (j = 1; j <= lb; j++) {
			size_t cost = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			if (row[j] + 1 < cost)
				cost = row[j] + 1;
			if (row[j - 1] + 1 < cost)
				cost = row[j - 1] + 1;
			row[j] = cost;
		}
	}
	return row[lb];
}

static bool is_end(const struct schema_field *field)
{
	return !field->key && field->type != SCHEMA_LINE && field->type != SCHEMA_COLUMN;
}

static const struct schema_field *find(const struct schema *schema, const char *key)
{
	const struct schema_field *field;

	for (field = schema->fields; !is_end(field); field++)
		if (field->key && !strcmp(field->key, key))
			return field;
	return NULL;
}

static int unknown_key(const struct reader *reader, const struct schema *schema,
		       const struct yaml_node *key)
{
	const struct schema_field *field, *best = NULL;
	size_t least = 3;

	for (field = schema->fields; !is_end(field); field++) {
		size_t far = field->key ? distance(field->key, key->text) : 99;

		if (far < least) {
			least = far;
			best = field;
		}
	}
	return err_set(reader->err, -EINVAL, "%s:%d:%d: %s knows no key '%.60s'%s%s%s",
		       reader->yaml->file, key->line, key->column, schema->name, key->text,
		       best ? "; did you mean '" : "", best ? best->key : "", best ? "'?" : "");
}

struct unit {
	const char *name;
	double factor;
};

static int parse_with_units(const char *text, const struct unit *units, int64_t *ret)
{
	char *end;
	double value;
	const struct unit *unit;

	errno = 0;
	value = strtod(text, &end);
	if (end == text || errno || !isfinite(value) || value < 0)
		return -EINVAL;
	for (unit = units; unit->name; unit++) {
		if (!strcmp(end, unit->name) && value * unit->factor < 9e18) {
			*ret = (int64_t)(value * unit->factor);
			return 0;
		}
	}
	return -EINVAL;
}

int schema_parse_duration(const char *text, int64_t *ret_ms)
{
	static const struct unit units[] = {
		{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {0},
	};

	return parse_with_units(text, units, ret_ms);
}

int schema_parse_size(const char *text, int64_t *ret_bytes)
{
	static const struct unit units[] = {
		{"", 1}, {"B", 1}, {"k", 1e3}, {"K", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12},
		{"Ki", 1024.0}, {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"Ti", 1099511627776.0},
		{0},
	};

	return parse_with_units(text, units, ret_bytes);
}

static int parse_seconds(const char *text, int64_t *ret_seconds)
{
	static const struct unit units[] = {
		{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {0},
	};

	return parse_with_units(text, units, ret_seconds);
}

static int parse_bool(const char *text, bool *ret)
{
	static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(text, words[i])) {
			*ret = i & 1;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_double(const char *text, double *ret)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !isfinite(value))
		return -EINVAL;
	*ret = value;
	return 0;
}

static int parse_int(const char *text, int64_t *ret)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end || errno)
		return -EINVAL;
	*ret = value;
	return 0;
}

static int parse_word(const char *text, const char *const *words, int *ret)
{
	int i;

	for (i = 0; words[i]; i++) {
		if (!strcmp(words[i], text)) {
			*ret = i;
			return 0;
		}
	}
	return -EINVAL;
}

static char *expand_home(const char *text)
{
	const char *home = getenv("HOME");

	if (text[0] == '~' && text[1] == '/' && home)
		return xasprintf("%s%s", home, text + 1);
	return xstrdup(text);
}

/* One scalar into its member. -EINVAL when text isn't of the type. */
static int store_scalar(const struct schema_field *field, const char *text, void *member)
{
	char **string = member;

	switch (field->type) {
	case SCHEMA_STRING:
	case SCHEMA_PATH:
		free(*string);
		*string = field->type == SCHEMA_PATH ? expand_home(text) : xstrdup(text);
		return 0;
	case SCHEMA_BOOL:
		return parse_bool(text, member);
	case SCHEMA_INT:
		return parse_int(text, member);
	case SCHEMA_NUMBER:
		return parse_double(text, member);
	case SCHEMA_DURATION:
		return schema_parse_duration(text, member);
	case SCHEMA_SECONDS:
		return parse_seconds(text, member);
	case SCHEMA_SIZE:
		return schema_parse_size(text, member);
	case SCHEMA_CHAR:
		if (strlen(text) != 1 || text[0] < '!' || text[0] > '~')
			return -EINVAL;
		*(char *)member = text[0];
		return 0;
	case SCHEMA_ENUM:
		return parse_word(text, field->words, member);
	case SCHEMA_STRINGS:
	case SCHEMA_PAIRS:
	case SCHEMA_NUMBERS:
	case SCHEMA_STRUCT:
	case SCHEMA_LIST:
	case SCHEMA_LINE:
	case SCHEMA_COLUMN:
	case SCHEMA_ANY:
		break;
	}
	return -EINVAL;
}

static const char *expected_text(const struct schema_field *field, char *buf, size_t size)
{
	static const char *const texts[] = {
		[SCHEMA_STRING] = "a text", [SCHEMA_PATH] = "a path",
		[SCHEMA_BOOL] = "true or false", [SCHEMA_INT] = "a whole number",
		[SCHEMA_NUMBER] = "a number",
		[SCHEMA_DURATION] = "a duration such as 5s or 15m",
		[SCHEMA_SECONDS] = "a duration such as 5s or 15m",
		[SCHEMA_SIZE] = "a size such as 256Mi", [SCHEMA_CHAR] = "one character",
		[SCHEMA_ENUM] = "one of", [SCHEMA_STRINGS] = "a list of texts",
		[SCHEMA_PAIRS] = "a map of texts", [SCHEMA_NUMBERS] = "a map of numbers",
		[SCHEMA_STRUCT] = "a map", [SCHEMA_LIST] = "a list of maps",
		[SCHEMA_LINE] = "", [SCHEMA_COLUMN] = "", [SCHEMA_ANY] = "anything",
	};
	size_t used = (size_t)snprintf(buf, size, "%s", texts[field->type]);
	int i;

	for (i = 0; field->type == SCHEMA_ENUM && field->words[i] && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s %s", i ? "," : "",
					 field->words[i]);
	return buf;
}

static int read_strings(const struct reader *reader, const struct schema_field *field,
			const struct yaml_node *node, struct strlist *list)
{
	size_t i;

	strlist_release(list);
	if (node->kind == YAML_SCALAR) {
		strlist_add(list, node->text);
		return 0;
	}
	if (node->kind != YAML_LIST)
		return wrong(reader, node, field->key, "a list of texts");
	for (i = 0; i < node->len; i++) {
		if (node->items[i].kind != YAML_SCALAR)
			return wrong(reader, &node->items[i], field->key, "a text");
		strlist_add(list, node->items[i].text);
	}
	return 0;
}

static int read_pairs(const struct reader *reader, const struct schema_field *field,
		      const struct yaml_node *node, struct schema_pair **pairs, size_t *count)
{
	size_t i;

	if (node->kind != YAML_MAP)
		return wrong(reader, node, field->key, "a map of texts");
	*pairs = xcalloc(node->len, sizeof(**pairs));
	for (i = 0; i < node->len; i++) {
		if (node->items[i].kind != YAML_SCALAR)
			return wrong(reader, &node->items[i], node->keys[i].text, "a text");
		(*pairs)[i].key = xstrdup(node->keys[i].text);
		(*pairs)[i].value = xstrdup(node->items[i].text);
		*count = i + 1;
	}
	return 0;
}

static int read_numbers(const struct reader *reader, const struct schema_field *field,
			const struct yaml_node *node, struct schema_number **numbers,
			size_t *count)
{
	size_t i;

	if (node->kind != YAML_MAP)
		return wrong(reader, node, field->key, "a map of numbers");
	*numbers = xcalloc(node->len, sizeof(**numbers));
	for (i = 0; i < node->len; i++) {
		double value;

		if (node->items[i].kind != YAML_SCALAR ||
		    parse_double(node->items[i].text, &value))
			return wrong(reader, &node->items[i], node->keys[i].text, "a number");
		(*numbers)[i].key = xstrdup(node->keys[i].text);
		(*numbers)[i].value = value;
		*count = i + 1;
	}
	return 0;
}

static int read_struct(const struct reader *reader, const struct schema *schema,
		       const struct yaml_node *node, void *into);

static int read_list(const struct reader *reader, const struct schema_field *field,
		     const struct yaml_node *node, char **items, size_t *count)
{
	size_t i;
	int rc;

	if (node->kind != YAML_LIST)
		return wrong(reader, node, field->key, "a list of maps");
	*items = xcalloc(node->len, field->of->size);
	for (i = 0; i < node->len; i++) {
		*count = i + 1;
		schema_defaults(field->of, *items + i * field->of->size);
		rc = read_struct(reader, field->of, &node->items[i],
				 *items + i * field->of->size);
		if (rc)
			return rc;
	}
	return 0;
}

static int read_field(const struct reader *reader, const struct schema_field *field,
		      const struct yaml_node *node, char *base)
{
	void *member = base + field->offset;
	size_t *count = (size_t *)(void *)(base + field->count_offset);
	char expected[256];

	if (field->type == SCHEMA_ANY)
		return 0;
	if (yaml_is_null(node))
		return 0;
	if (field->type == SCHEMA_STRINGS)
		return read_strings(reader, field, node, member);
	if (field->type == SCHEMA_PAIRS)
		return read_pairs(reader, field, node, member, count);
	if (field->type == SCHEMA_NUMBERS)
		return read_numbers(reader, field, node, member, count);
	if (field->type == SCHEMA_STRUCT)
		return read_struct(reader, field->of, node, member);
	if (field->type == SCHEMA_LIST)
		return read_list(reader, field, node, member, count);
	if (node->kind != YAML_SCALAR || store_scalar(field, node->text, member))
		return wrong(reader, node, field->key,
			     expected_text(field, expected, sizeof(expected)));
	return 0;
}

void schema_defaults(const struct schema *schema, void *into)
{
	const struct schema_field *field;
	char *base = into;

	for (field = schema->fields; !is_end(field); field++) {
		if (field->type == SCHEMA_STRUCT)
			schema_defaults(field->of, base + field->offset);
		else if (field->type == SCHEMA_STRINGS && field->fallback)
			strlist_add((struct strlist *)(void *)(base + field->offset),
				    field->fallback);
		else if (field->fallback)
			store_scalar(field, field->fallback, base + field->offset);
	}
}

static int read_struct(const struct reader *reader, const struct schema *schema,
		       const struct yaml_node *node, void *into)
{
	const struct schema_field *field;
	size_t i;
	int rc;

	if (node->kind != YAML_MAP)
		return wrong(reader, node, schema->name, "a map");
	for (i = 0; i < node->len; i++) {
		field = find(schema, node->keys[i].text);
		if (!field)
			return unknown_key(reader, schema, &node->keys[i]);
		rc = read_field(reader, field, &node->items[i], into);
		if (rc)
			return rc;
	}
	for (field = schema->fields; !is_end(field); field++) {
		if (field->type == SCHEMA_LINE)
			*(int *)(void *)((char *)into + field->offset) = node->line;
		else if (field->type == SCHEMA_COLUMN)
			*(int *)(void *)((char *)into + field->offset) = node->column;
		else if (field->required && yaml_is_null(yaml_get(node, field->key)))
			return err_set(reader->err, -EINVAL, "%s:%d:%d: %s needs the key '%s'",
				       reader->yaml->file, node->line, node->column,
				       schema->name, field->key);
	}
	return 0;
}

int schema_read(const struct schema *schema, const struct yaml *yaml,
		const struct yaml_node *node, void *into, struct err *err)
{
	struct reader reader = {yaml, err};

	schema_defaults(schema, into);
	return read_struct(&reader, schema, node, into);
}

static void release_pairs(struct schema_pair **pairs, size_t *count)
{
	while (*count > 0) {
		(*count)--;
		free((*pairs)[*count].key);
		free((*pairs)[*count].value);
	}
	free(*pairs);
	*pairs = NULL;
}

static void release_numbers(struct schema_number **numbers, size_t *count)
{
	while (*count > 0)
		free((*numbers)[--*count].key);
	free(*numbers);
	*numbers = NULL;
}

static void release_list(const struct schema *schema, char **items, size_t *count)
{
	while (*count > 0)
		schema_release(schema, *items + --*count * schema->size);
	free(*items);
	*items = NULL;
}

void schema_release(const struct schema *schema, void *from)
{
	const struct schema_field *field;
	char *base = from;

	for (field = schema->fields; !is_end(field); field++) {
		void *member = base + field->offset;
		size_t *count = (size_t *)(void *)(base + field->count_offset);

		if (field->type == SCHEMA_STRING || field->type == SCHEMA_PATH) {
			free(*(char **)member);
			*(char **)member = NULL;
		} else if (field->type == SCHEMA_STRINGS) {
			strlist_release(member);
		} else if (field->type == SCHEMA_PAIRS) {
			release_pairs(member, count);
		} else if (field->type == SCHEMA_NUMBERS) {
			release_numbers(member, count);
		} else if (field->type == SCHEMA_STRUCT) {
			schema_release(field->of, member);
		} else if (field->type == SCHEMA_LIST) {
			release_list(field->of, member, count);
		}
	}
}

static bool has_children(const struct schema_field *field)
{
	return field->type == SCHEMA_STRUCT || field->type == SCHEMA_LIST;
}

void schema_document(const struct schema *schema, const char *prefix, FILE *out)
{
	const struct schema_field *field;
	char expected[256];

	fprintf(out, "| key | what it takes | default | meaning |\n|---|---|---|---|\n");
	for (field = schema->fields; !is_end(field); field++)
		if (field->key)
			fprintf(out, "| `%s%s` | %s | %s%s%s | %s%s |\n", prefix, field->key,
				expected_text(field, expected, sizeof(expected)),
				field->fallback ? "`" : "", field->fallback ? field->fallback : "",
				field->fallback ? "`" : "", field->required ? "Required. " : "",
				field->help ? field->help : "");
	for (field = schema->fields; !is_end(field); field++) {
		char *inner;

		if (!field->key || !has_children(field))
			continue;
		inner = xasprintf("%s%s%s.", prefix, field->key,
				  field->type == SCHEMA_LIST ? "[]" : "");
		fprintf(out, "\n### `%s%s`\n\n", prefix, field->key);
		schema_document(field->of, inner, out);
		free(inner);
	}
}

/* world/yaml_json.c: see yaml_json.h */
#include "world/yaml_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/yaml.h"

static json_t *scalar(const struct yaml_node *node)
{
	const char *text = node->text;
	size_t len = strlen(text);
	json_t *string;
	long long whole;
	double real;
	char *end;

	if (yaml_is_null(node))
		return json_null();
	if (node->plain && (!strcmp(text, "true") || !strcmp(text, "false")))
		return json_boolean(*text == 't');
	if (node->plain && len && strspn(text, "0123456789+-.eE") == len) {
		errno = 0;
		whole = strtoll(text, &end, 10);
		if (!*end && !errno)
			return json_integer(whole);
		real = strtod(text, &end);
		if (!*end)
			return json_real(real);
	}
	string = json_string(text);
	return string ? string : json_string("");   /* not UTF-8 */
}

static json_t *convert(const struct yaml_node *node)
{
	json_t *out;

	if (node->kind == YAML_SCALAR)
		return scalar(node);
	out = node->kind == YAML_LIST ? json_array() : json_object();
	for (size_t i = 0; i < node->len; i++) {
		if (node->kind == YAML_LIST)
			json_array_append_new(out, convert(&node->items[i]));
		else
			json_object_set_new(out, node->keys[i].text, convert(&node->items[i]));
	}
	return out;
}

json_t *yaml_json_parse(const char *name, const char *text, size_t len, struct err *err)
{
	struct yaml yaml;
	json_t *out;

	if (yaml_load_text(&yaml, name, text, len, err))
		return NULL;
	out = convert(&yaml.root);
	yaml_release(&yaml);
	return out;
}

json_t *yaml_json_load(const char *path, struct err *err)
{
	struct yaml yaml;
	json_t *out;

	if (yaml_load_file(&yaml, path, err))
		return NULL;
	out = convert(&yaml.root);
	yaml_release(&yaml);
	return out;
}

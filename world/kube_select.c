/* world/kube_select.c: see kube_select.h */
#include "world/kube_select.h"

#include <stdio.h>
#include <string.h>

#include "world/jx.h"

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " ");
	len = strlen(text);
	while (len && text[len - 1] == ' ')
		text[--len] = '\0';
	return text;
}

/* The next requirement, cut at a comma outside brackets. */
static char *next_term(char **rest)
{
	char *start = *rest, *at;
	int depth = 0;

	if (!start)
		return NULL;
	for (at = start; *at; at++) {
		depth += (*at == '(') - (*at == ')');
		if (*at == ',' && depth == 0) {
			*at = '\0';
			*rest = at + 1;
			return trim(start);
		}
	}
	*rest = NULL;
	return trim(start);
}

static bool in_list(char *list, const char *value)
{
	char *item, *rest = list;

	rest += strspn(rest, " (");
	rest[strcspn(rest, ")")] = '\0';
	while ((item = strsep(&rest, ","))) {
		if (!strcmp(trim(item), value))
			return true;
	}
	return false;
}

static bool label_term(char *term, const json_t *labels)
{
	char *op;
	const char *value;
	bool negated = false, equal;

	op = strstr(term, " notin ");
	if (op) {
		*op = '\0';
		value = json_string_value(json_object_get(labels, trim(term)));
		return !value || !in_list(op + 7, value);
	}
	op = strstr(term, " in ");
	if (op) {
		*op = '\0';
		value = json_string_value(json_object_get(labels, trim(term)));
		return value && in_list(op + 4, value);
	}
	op = strchr(term, '=');
	if (!op)
		return *term == '!' ? !json_object_get(labels, trim(term + 1))
				    : json_object_get(labels, term) != NULL;
	if (op > term && op[-1] == '!') {
		negated = true;
		op[-1] = '\0';
	}
	*op++ = '\0';
	if (*op == '=')
		op++;
	value = json_string_value(json_object_get(labels, trim(term)));
	equal = value && !strcmp(value, trim(op));
	return equal != negated;
}

bool select_labels(const char *selector, const json_t *labels)
{
	char text[1024], *rest = text, *term;

	if (!selector || !*selector)
		return true;
	snprintf(text, sizeof(text), "%s", selector);
	while ((term = next_term(&rest))) {
		if (*term && !label_term(term, labels))
			return false;
	}
	return true;
}

/* Names in selectors that are not simply paths. */
static const char *field_path(const char *name)
{
	if (!strcmp(name, "source"))
		return "source.component";
	if (!strncmp(name, "regarding.", 10))
		return "involvedObject.";
	return name;
}

static bool field_equal(const char *name, const char *wanted, const json_t *object)
{
	char path[256];
	const json_t *value;

	snprintf(path, sizeof(path), "%s%s", field_path(name),
		 strncmp(name, "regarding.", 10) ? "" : name + 10);
	value = jx_get(object, path);
	if (json_is_boolean(value))
		return !strcmp(wanted, json_is_true(value) ? "true" : "false");
	return !strcmp(wanted, json_is_string(value) ? json_string_value(value) : "");
}

bool select_fields(const char *selector, const json_t *object)
{
	char text[1024], *rest = text, *term, *value;

	if (!selector || !*selector)
		return true;
	snprintf(text, sizeof(text), "%s", selector);
	while ((term = next_term(&rest))) {
		bool negated;

		value = strchr(term, '=');
		if (!value)
			continue;
		negated = value > term && value[-1] == '!';
		value[negated ? -1 : 0] = '\0';
		value++;
		if (*value == '=')
			value++;
		if (field_equal(term, value, object) == negated)
			return false;
	}
	return true;
}

bool select_object(const struct selection *selection, const json_t *object)
{
	return select_labels(selection->labels, jx_get(object, "metadata.labels")) &&
	       select_fields(selection->fields, object);
}

static bool expression(const json_t *rule, const json_t *labels)
{
	const json_t *value = json_object_get(labels, jx_str(rule, "key"));
	const char *op = jx_str(rule, "operator");
	const json_t *choice;
	bool found = false;
	size_t i;

	if (!strcmp(op, "Exists"))
		return value != NULL;
	if (!strcmp(op, "DoesNotExist"))
		return value == NULL;
	json_array_foreach(json_object_get(rule, "values"), i, choice)
		found = found || json_equal(choice, value);
	return found == !strcmp(op, "In");
}

bool select_by(const json_t *label_selector, const json_t *labels)
{
	const json_t *rule;
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach(json_object_get(label_selector, "matchLabels"), key, value) {
		if (!json_equal(json_object_get(labels, key), value))
			return false;
	}
	json_array_foreach(json_object_get(label_selector, "matchExpressions"), i, rule) {
		if (!expression(rule, labels))
			return false;
	}
	return true;
}

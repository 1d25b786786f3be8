/* world/jx.c: see jx.h */
#include "world/jx.h"

#include <string.h>

/* The first part of a dotted path and what is left of it; NULL once nothing is. */
static const char *step(const char *path, char part[128])
{
	const char *dot = strchr(path, '.');
	size_t len = dot ? (size_t)(dot - path) : strlen(path);

	if (len > 127)
		len = 127;
	memcpy(part, path, len);
	part[len] = '\0';
	return dot ? dot + 1 : NULL;
}

json_t *jx_get(const json_t *from, const char *path)
{
	json_t *at = NULL;
	char part[128];

	while (path && from) {
		path = step(path, part);
		from = at = json_object_get(from, part);
	}
	return at;
}

const char *jx_str(const json_t *from, const char *path)
{
	const char *text = json_string_value(jx_get(from, path));

	return text ? text : "";
}

long long jx_int(const json_t *from, const char *path)
{
	return json_integer_value(jx_get(from, path));
}

bool jx_true(const json_t *from, const char *path)
{
	return json_is_true(jx_get(from, path));
}

static json_t *child(json_t *from, const char *key)
{
	json_t *at = json_object_get(from, key);

	if (!json_is_object(at)) {
		at = json_object();
		json_object_set_new(from, key, at);
	}
	return at;
}

json_t *jx_make(json_t *from, const char *path)
{
	char part[128];

	while (path) {
		path = step(path, part);
		from = child(from, part);
	}
	return from;
}

void jx_set(json_t *from, const char *path, json_t *value)
{
	char part[128];

	while ((path = step(path, part)))
		from = child(from, part);
	json_object_set_new(from, part, value);
}

void jx_set_str(json_t *from, const char *path, const char *value)
{
	jx_set(from, path, json_string(value));
}

void jx_set_int(json_t *from, const char *path, long long value)
{
	jx_set(from, path, json_integer(value));
}

void jx_del(json_t *from, const char *path)
{
	char part[128];

	while (from && (path = step(path, part)))
		from = json_object_get(from, part);
	if (from)
		json_object_del(from, part);
}

static const char *text_or_empty(const json_t *value)
{
	const char *text = json_string_value(value);

	return text ? text : "";
}

const char *jx_name(const json_t *object)
{
	return jx_str(object, "metadata.name");
}

const char *jx_namespace(const json_t *object)
{
	return jx_str(object, "metadata.namespace");
}

const char *jx_uid(const json_t *object)
{
	return jx_str(object, "metadata.uid");
}

const char *jx_label(const json_t *object, const char *key)
{
	return text_or_empty(json_object_get(jx_get(object, "metadata.labels"), key));
}

const char *jx_annotation(const json_t *object, const char *key)
{
	return text_or_empty(json_object_get(jx_get(object, "metadata.annotations"), key));
}

json_t *jx_find(const json_t *array, const char *key, const char *value)
{
	json_t *item;
	size_t i;

	json_array_foreach(array, i, item) {
		if (!strcmp(text_or_empty(json_object_get(item, key)), value))
			return item;
	}
	return NULL;
}

json_t *jx_controller(const json_t *object)
{
	json_t *owner;
	size_t i;

	json_array_foreach(jx_get(object, "metadata.ownerReferences"), i, owner) {
		if (json_is_true(json_object_get(owner, "controller")))
			return owner;
	}
	return NULL;
}

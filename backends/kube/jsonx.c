/* backends/kube/jsonx.c: see jsonx.h */
#include "backends/kube/jsonx.h"

#include <string.h>

#include "core/buf.h"
#include "core/clock.h"

#define SELECTOR_MAX 4096

json_t *jx_load(const char *text, size_t len)
{
	/* An annotation may hold a NUL, and must not make all the rest unreadable. */
	return text ? json_loadb(text, len, JSON_ALLOW_NUL, NULL) : NULL;
}

const char *jx_str(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && text[0] ? text : NULL;
}

int64_t jx_int(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

int32_t jx_int32(const json_t *object, const char *key)
{
	int64_t value = jx_int(object, key);

	return (int32_t)(value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : value);
}

bool jx_bool(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

int64_t jx_time(const json_t *object, const char *key)
{
	const char *text = jx_str(object, key);
	int64_t ms;

	return text && !clock_parse_rfc3339(text, &ms) ? ms : 0;
}

const json_t *jx_at(const json_t *object, const char *path)
{
	char key[64];

	while (object && *path) {
		size_t len = strcspn(path, ".");

		if (len >= sizeof(key))
			return NULL;
		memcpy(key, path, len);
		key[len] = '\0';
		object = json_object_get(object, key);
		path += len + (path[len] == '.');
	}
	return object;
}

const json_t *jx_typed(const json_t *array, const char *type)
{
	const json_t *item;
	size_t i;

	json_array_foreach(array, i, item) {
		const char *its = jx_str(item, "type");

		if (its && !strcmp(its, type))
			return item;
	}
	return NULL;
}

const json_t *jx_controller(const json_t *metadata)
{
	const json_t *owners = json_object_get(metadata, "ownerReferences"), *owner;
	size_t i;

	json_array_foreach(owners, i, owner)
		if (jx_bool(owner, "controller"))
			return owner;
	return NULL;
}

char *jx_selector(const json_t *labels)
{
	struct buf buf = BUF_INIT(SELECTOR_MAX);
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)labels, key, value)
		buf_printf(&buf, "%s%s%%3D%s", buf.len ? "%2C" : "", key,
			   json_string_value(value) ? json_string_value(value) : "");
	return buf_detach(&buf);
}

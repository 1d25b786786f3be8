/* world/kube_patch.c: see kube_patch.h */
#include "world/kube_patch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/jx.h"

static bool is_object(const json_t *value)
{
	return json_is_object(value);
}

/* What a key's list elements are told apart by (the API types' patchMergeKey). */
static const struct {
	const char *field, *key;
} merge_keys[] = {
	{"containers", "name"}, {"initContainers", "name"}, {"env", "name"},
	{"volumes", "name"}, {"volumeMounts", "mountPath"}, {"imagePullSecrets", "name"},
	{"ports", "containerPort"}, {"taints", "key"}, {"conditions", "type"},
	{"addresses", "type"}, {"ownerReferences", "uid"}, {"hostAliases", "ip"},
};

static const char *merge_key(const char *field, const json_t *list)
{
	for (size_t i = 0; i < sizeof(merge_keys) / sizeof(*merge_keys); i++) {
		const char *key = merge_keys[i].key;

		if (strcmp(merge_keys[i].field, field))
			continue;
		/* A Service's ports have no containerPort. */
		if (!json_object_get(json_array_get(list, 0), key))
			key = !strcmp(field, "ports") ? "port" : key;
		return key;
	}
	return NULL;
}

static json_t *find_element(json_t *list, const char *key, const json_t *like, size_t *ret_index)
{
	const json_t *wanted = json_object_get(like, key);
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		if (wanted && json_equal(json_object_get(item, key), wanted)) {
			*ret_index = i;
			return item;
		}
	}
	return NULL;
}

static json_t *without_directives(const json_t *value)
{
	json_t *copy = json_deep_copy(value);

	json_object_del(copy, "$patch");
	return copy;
}

static void merge_list(json_t *target, const json_t *patch, const char *key)
{
	const json_t *element;
	size_t i, at = 0;

	json_array_foreach(patch, i, element) {
		json_t *found = find_element(target, key, element, &at);
		const char *directive = jx_str(element, "$patch");

		if (!strcmp(directive, "replace"))
			continue;
		if (found && !strcmp(directive, "delete"))
			json_array_remove(target, at);
		else if (found)
			patch_strategic(found, element);
		else if (strcmp(directive, "delete"))
			json_array_append_new(target, without_directives(element));
	}
}

static void drop_listed(json_t *target, const json_t *values)
{
	const json_t *value;
	size_t i;

	json_array_foreach(values, i, value) {
		for (size_t at = json_array_size(target); at-- > 0;) {
			if (json_equal(json_array_get(target, at), value))
				json_array_remove(target, at);
		}
	}
}

/* $setElementOrder, $retainKeys and their like. True when the key was one of them. */
static bool directive(json_t *target, const char *key, const json_t *value)
{
	if (!strncmp(key, "$deleteFromPrimitiveList/", 25))
		drop_listed(json_object_get(target, key + 25), value);
	return *key == '$';
}

void patch_strategic(json_t *target, const json_t *patch)
{
	const char *key, *by;
	json_t *value, *old;

	if (!strcmp(jx_str(patch, "$patch"), "replace"))
		json_object_clear(target);
	json_object_foreach((json_t *)(uintptr_t)patch, key, value) {
		if (directive(target, key, value))
			continue;
		old = json_object_get(target, key);
		if (json_is_null(value)) {
			json_object_del(target, key);
		} else if (is_object(value)) {
			if (!is_object(old)) {
				old = json_object();
				json_object_set_new(target, key, old);
			}
			patch_strategic(old, value);
		} else if (json_is_array(value) && json_is_array(old) &&
			   (by = merge_key(key, value))) {
			merge_list(old, value, by);
		} else {
			json_object_set_new(target, key, json_deep_copy(value));
		}
	}
}

void patch_merge(json_t *target, const json_t *patch)
{
	const char *key;
	json_t *value, *old;

	json_object_foreach((json_t *)(uintptr_t)patch, key, value) {
		old = json_object_get(target, key);
		if (json_is_null(value)) {
			json_object_del(target, key);
		} else if (is_object(value)) {
			if (!is_object(old)) {
				old = json_object();
				json_object_set_new(target, key, old);
			}
			patch_merge(old, value);
		} else {
			json_object_set_new(target, key, json_deep_copy(value));
		}
	}
}

/* ---- RFC 6902 ----------------------------------------------------------------------------- */

/* The last part of a pointer, unescaped, and the container it is in. */
struct place {
	json_t *in;
	char key[256];
};

static void unescape(const char *from, size_t len, char to[256])
{
	size_t out = 0;

	for (size_t i = 0; i < len && out < 255; i++) {
		if (from[i] == '~' && i + 1 < len)
			to[out++] = from[++i] == '1' ? '/' : '~';
		else
			to[out++] = from[i];
	}
	to[out] = '\0';
}

static json_t *child_of(json_t *in, const char *key)
{
	if (json_is_array(in))
		return json_array_get(in, strtoul(key, NULL, 10));
	return json_object_get(in, key);
}

static int find_place(json_t *root, const char *pointer, struct place *place)
{
	place->in = root;
	if (*pointer != '/')
		return -EINVAL;
	for (pointer++;; pointer++) {
		size_t len = strcspn(pointer, "/");

		unescape(pointer, len, place->key);
		pointer += len;
		if (!*pointer)
			return json_is_array(place->in) || is_object(place->in) ? 0 : -ENOENT;
		place->in = child_of(place->in, place->key);
		if (!place->in)
			return -ENOENT;
	}
}

static int add_at(const struct place *place, const json_t *value)
{
	json_t *copy = json_deep_copy(value);
	int rc;

	if (!copy)
		return -EINVAL;
	if (is_object(place->in))
		rc = json_object_set_new(place->in, place->key, copy);
	else if (!strcmp(place->key, "-"))
		rc = json_array_append_new(place->in, copy);
	else
		rc = json_array_insert_new(place->in, strtoul(place->key, NULL, 10), copy);
	return rc ? -ENOENT : 0;
}

static int remove_at(const struct place *place)
{
	int rc = is_object(place->in)
			 ? json_object_del(place->in, place->key)
			 : json_array_remove(place->in, strtoul(place->key, NULL, 10));

	return rc ? -ENOENT : 0;
}

static int copy_from(json_t *root, const char *from, bool take, const struct place *to)
{
	struct place place;
	json_t *value;
	int rc = find_place(root, from, &place);

	if (rc)
		return rc;
	value = json_incref(child_of(place.in, place.key));
	if (!value)
		return -ENOENT;
	rc = take ? remove_at(&place) : 0;
	if (!rc)
		rc = add_at(to, value);
	json_decref(value);
	return rc;
}

static int apply_op(json_t *root, const json_t *op)
{
	const char *verb = jx_str(op, "op");
	const json_t *value = json_object_get(op, "value");
	struct place place;
	int rc = find_place(root, jx_str(op, "path"), &place);

	if (rc)
		return rc;
	if (!strcmp(verb, "add"))
		return add_at(&place, value);
	if (!strcmp(verb, "remove"))
		return remove_at(&place);
	if (!strcmp(verb, "test"))
		return json_equal(child_of(place.in, place.key), value) ? 0 : -ENOENT;
	if (!strcmp(verb, "move") || !strcmp(verb, "copy"))
		return copy_from(root, jx_str(op, "from"), *verb == 'm', &place);
	if (strcmp(verb, "replace"))
		return -EINVAL;
	/* Strictly the value must exist; API servers take a missing one as an addition. */
	if (is_object(place.in))
		return add_at(&place, value);
	rc = remove_at(&place);
	return rc ? rc : add_at(&place, value);
}

int patch_json(json_t *target, const json_t *patch, struct err *err)
{
	const json_t *op;
	size_t i;
	int rc;

	if (!json_is_array(patch))
		return err_set(err, -EINVAL, "a JSON patch is a list");
	json_array_foreach(patch, i, op) {
		rc = apply_op(target, op);
		if (rc)
			return err_set(err, rc, "operation %zu (%s %s) does not apply", i,
				       jx_str(op, "op"), jx_str(op, "path"));
	}
	return 0;
}

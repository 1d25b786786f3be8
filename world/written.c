/* world/written.c: see written.h */
#include "world/written.h"

#include <stdio.h>
#include <string.h>

#include "world/jx.h"
#include "world/when.h"

static json_t *keys_of(const json_t *entry)
{
	return json_object_get(jx_get(entry, "fieldsV1"), "f:data");
}

/* The manager's own entry, made if there is none. */
static json_t *entry_of(json_t *entries, const char *manager)
{
	json_t *entry = jx_find(entries, "manager", manager);

	if (entry)
		return entry;
	entry = json_pack("{s:s, s:s, s:s, s:s, s:{s:{s:{}}}}", "manager", manager, "operation",
			  "Update", "apiVersion", "v1", "fieldsType", "FieldsV1", "fieldsV1", "f:data",
			  ".");
	json_array_append_new(entries, entry);
	return entry;
}

static void take(json_t *entries, const char *manager, const char *key, bool there)
{
	json_t *entry;
	char field[260];
	size_t i;

	snprintf(field, sizeof(field), "f:%s", key);
	json_array_foreach(entries, i, entry)
		json_object_del(keys_of(entry), field);
	entry = entry_of(entries, manager);
	if (there)
		json_object_set_new(keys_of(entry), field, json_object());
	jx_set(entry, "time", when_json(when_now_us()));
}

void written_by(json_t *after, const json_t *before, const char *manager)
{
	json_t *was = jx_get(before, "data"), *is = jx_get(after, "data"), *value, *entries;
	const char *key;

	entries = jx_get(before, "metadata.managedFields")
		  ? json_deep_copy(jx_get(before, "metadata.managedFields")) : json_array();
	json_object_foreach(is, key, value)
		if (!json_equal(value, json_object_get(was, key)))
			take(entries, manager, key, true);
	json_object_foreach(was, key, value)
		if (!json_object_get(is, key))
			take(entries, manager, key, false);
	jx_set(after, "metadata.managedFields", entries);
}

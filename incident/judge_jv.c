/* incident/judge_jv.c: see judge_jv.h */
#include "incident/judge_jv.h"

#include <string.h>

#include "core/alloc.h"

static jv value_to_jv(const json_t *value, const json_t *spoken);

static bool is_fresh(const json_t *object)
{
	const json_t *freshness = json_object_get(object, "freshness");
	const char *state;

	if (!freshness)
		return true;
	state = json_string_value(json_object_get(freshness, "state"));
	return state && strcmp(state, "fresh") == 0;
}

/* is_entry: of a list; then only what rules speak of. The keys of other objects may be names. */
static jv object_to_jv(const json_t *object, const json_t *spoken, bool is_entry)
{
	jv out = jv_object();
	const char *key;
	json_t *member;

	if (!is_fresh(object))
		return jv_object_set(out, jv_string("freshness"),
				     value_to_jv(json_object_get(object, "freshness"), spoken));
	json_object_foreach((json_t *)object, key, member)
		if (!is_entry || !spoken || json_object_get(spoken, key))
			out = jv_object_set(out, jv_string(key), value_to_jv(member, spoken));
	return out;
}

static jv array_to_jv(const json_t *array, const json_t *spoken)
{
	jv out = jv_array_sized((int)json_array_size(array));

	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *entry = json_array_get(array, i);

		out = jv_array_append(out, json_is_object(entry) ? object_to_jv(entry, spoken, true)
								 : value_to_jv(entry, spoken));
	}
	return out;
}

static jv value_to_jv(const json_t *value, const json_t *spoken)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return object_to_jv(value, spoken, false);
	case JSON_ARRAY:
		return array_to_jv(value, spoken);
	case JSON_STRING:
		return jv_string_sized(json_string_value(value), (int)json_string_length(value));
	case JSON_INTEGER:
	case JSON_REAL:
		return jv_number(json_number_value(value));
	case JSON_TRUE:
		return jv_true();
	case JSON_FALSE:
		return jv_false();
	case JSON_NULL:
		break;
	}
	return jv_null();
}

jv facts_to_jv(const json_t *facts, bool (*needed)(void *arg, const char *section), void *arg,
	       const json_t *spoken, struct strlist *stale)
{
	jv out = jv_object();
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)facts, key, member) {
		if (json_is_object(member) && !is_fresh(member))
			strlist_add(stale, key);
		if (needed(arg, key))
			out = jv_object_set(out, jv_string(key), value_to_jv(member, spoken));
	}
	return out;
}

jv profile_to_jv(const struct catalogue *cat, const struct config *config)
{
	jv names = jv_object();
	jv thresholds = jv_object();

	for (size_t i = 0; i < cat->len; i++) {
		const struct mode *mode = &cat->modes[i];

		for (size_t j = 0; j < mode->nnames; j++)
			names = jv_object_set(names, jv_string(mode->names[j].key),
					      jv_string(mode->names[j].value));
		for (size_t j = 0; j < mode->nthresholds; j++)
			thresholds = jv_object_set(thresholds, jv_string(mode->thresholds[j].key),
						   jv_number(mode->thresholds[j].value));
	}
	for (size_t i = 0; i < config->nnames; i++)
		names = jv_object_set(names, jv_string(config->names[i].key),
				      jv_string(config->names[i].value));
	for (size_t i = 0; i < config->nthresholds; i++)
		thresholds = jv_object_set(thresholds, jv_string(config->thresholds[i].key),
					   jv_number(config->thresholds[i].value));
	return jv_object_set(jv_object_set(jv_object(), jv_string("names"), names),
			     jv_string("thresholds"), thresholds);
}

jv part(jv array, int index)
{
	return jv_array_get(jv_copy(array), index);
}

jv field(jv object, const char *key)
{
	return jv_object_get(jv_copy(object), jv_string(key));
}

enum answer answer_get(jv wrapped, jv *ret)
{
	if (jv_get_kind(wrapped) == JV_KIND_ARRAY) {
		*ret = part(wrapped, 0);
		return ANSWER_VALUE;
	}
	if (jv_get_kind(wrapped) == JV_KIND_OBJECT) {
		*ret = field(wrapped, "error");
		return ANSWER_ERROR;
	}
	*ret = jv_null();
	return ANSWER_NOTHING;
}

char *answer_text(jv wrapped)
{
	char *text = NULL;
	jv value;

	if (answer_get(wrapped, &value) == ANSWER_VALUE &&
	    jv_get_kind(value) == JV_KIND_STRING)
		text = xstrdup(jv_string_value(value));
	jv_free(value);
	return text;
}

double answer_number(jv wrapped, double fallback)
{
	double number = fallback;
	jv value;

	if (answer_get(wrapped, &value) == ANSWER_VALUE &&
	    jv_get_kind(value) == JV_KIND_NUMBER)
		number = jv_number_value(value);
	jv_free(value);
	return number;
}

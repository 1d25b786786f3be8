/* incident/facts_apps.c: what apps tell about themselves, by their configured names */
#include <math.h>

#include "incident/facts_parts.h"

/* It may be negative. */
static json_t *growth(double per_s)
{
	return isfinite(per_s) ? json_real(round(per_s * 1e4) / 1e4) : json_null();
}

static json_t *values_facts(const struct app_metrics *app)
{
	json_t *map = json_object();
	size_t i;

	for (i = 0; i < app->len; i++) {
		const struct app_value *value = &app->values[i];

		json_object_set_new(map, value->name, json_pack(
			"{s:f, s:f, s:I, s:o}", "sum", value->sum, "max", value->max, "series",
			(json_int_t)value->series, "per_s", growth(value->per_s)));
	}
	return map;
}

/* Patterns that fit nothing. */
static json_t *missing(const struct app_metrics *app)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < app->nmissing; i++)
		json_array_append_new(list, facts_text(app->missing[i]));
	return list;
}

json_t *facts_apps(const struct facts_maker *maker)
{
	const struct apps *apps = &maker->sit->apps;
	json_t *map = json_object();
	size_t i;

	for (i = 0; i < apps->len; i++)
		json_object_set_new(map, apps->items[i]->name, json_pack(
			"{s:o, s:b, s:o, s:o}", "freshness",
			facts_freshness(maker, &apps->items[i]->fresh, true), "cut",
			apps->items[i]->cut, "missing", missing(apps->items[i]), "values",
			values_facts(apps->items[i])));
	return map;
}

/* incident/facts_changes.c: what changed within the last hour, newest first */
#include "core/model/changes.h"
#include "incident/facts_parts.h"

#define CHANGES_MAX 20
#define HOUR_MS INT64_C(3600000)

json_t *facts_changes(const struct facts_maker *maker)
{
	const struct configs *configs = &maker->sit->configs;
	struct changes changes = {.len = 0};
	json_t *items = json_array();
	size_t i;

	changes_collect(&changes, maker->sit, maker->now_ms - HOUR_MS, CHANGES_EVERY, CHANGES_MAX);
	for (i = 0; i < changes.len; i++) {
		const struct change *change = &changes.items[i];

		json_array_append_new(items, json_pack(
			"{s:s, s:o, s:o, s:o}", "kind", change_kind_name(change->kind), "about",
			facts_text(change->about), "text", facts_text(change->text), "age",
			facts_age(maker, change->at_ms)));
	}
	changes_release(&changes);
	return json_pack("{s:{s:o}, s:o}", "configs", "freshness",
			 facts_freshness(maker, &configs->fresh, configs->complete), "items",
			 items);
}

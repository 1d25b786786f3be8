/* incident/facts_storage.c: claims and volumes: counts, pins, and details of what is wrong */
#include "incident/facts.h"
#include "incident/facts_parts.h"

static json_t *volume_facts(const struct facts_maker *maker, const struct volume *volume,
			    const char *trouble)
{
	const struct storage *storage = &maker->sit->storage;

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "kind", volume_kind_name(volume->kind), "ns", facts_text(volume->ns),
			 "name", facts_text(volume->name), "phase", facts_text(volume->phase),
			 "class", facts_text(volume->class), "node",
			 facts_text(volume_node(storage, volume)), "bytes",
			 facts_number(volume->bytes), "age", facts_age(maker, volume->created_ms),
			 "trouble", facts_text(trouble));
}

/* How many claims' data stands on each node alone. */
static json_t *pinned(const struct storage *storage)
{
	json_t *map = json_object();
	size_t i;

	for (i = 0; i < storage->len; i++) {
		const struct volume *volume = storage->items[i];
		const char *node = volume_node(storage, volume);

		if (volume->kind == VOLUME_CLAIM && node)
			json_object_set_new(map, node, json_integer(json_integer_value(
				json_object_get(map, node)) + 1));
	}
	return map;
}

static json_t *list_facts(const struct facts_maker *maker, enum volume_kind kind)
{
	const struct storage *storage = &maker->sit->storage;
	json_int_t total = 0;
	size_t i;

	for (i = 0; i < storage->len; i++)
		total += storage->items[i]->kind == kind;
	return json_pack("{s:o, s:I}", "freshness",
			 facts_freshness(maker, &storage->fresh[kind], storage->complete[kind]),
			 "total", total);
}

json_t *facts_storage(const struct facts_maker *maker)
{
	const struct situation *sit = maker->sit;
	const struct storage *storage = &sit->storage;
	json_t *problems = json_array();
	json_int_t troubled = 0;
	size_t i;

	for (i = 0; i < storage->len; i++) {
		const struct volume *volume = storage->items[i];
		char trouble[200];

		if (!volume_trouble(storage, &sit->nodes, volume, trouble, sizeof(trouble))[0])
			continue;
		troubled++;
		if (maker->full || json_array_size(problems) < FACTS_LIST_MAX)
			json_array_append_new(problems, volume_facts(maker, volume, trouble));
	}
	return json_pack("{s:o, s:o, s:I, s:o, s:o}", "claims", list_facts(maker, VOLUME_CLAIM),
			 "volumes", list_facts(maker, VOLUME_DISK), "troubled", troubled,
			 "pinned", pinned(storage), "problems", problems);
}

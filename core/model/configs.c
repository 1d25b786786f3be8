/* core/model/configs.c: see configs.h */
#include "core/model/configs.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/intern.h"
#include "core/model/sorted.h"

struct key {
	const char *ns, *name;
};

static int order(const void *item, const void *key)
{
	const struct config_map *map = item;
	const struct key *want = key;
	int side = strcmp(map->ns, want->ns);

	return side ? side : strcmp(map->name, want->name);
}

struct config_map *configs_get(struct configs *configs, struct intern *strings, const char *ns,
			       const char *name)
{
	struct key key = {ns, name};
	bool found;
	size_t at = sorted_place(configs->items, configs->len, order, &key, &found);
	struct config_map *map;

	if (found)
		return configs->items[at];
	map = xcalloc(1, sizeof(*map));
	map->name = xstrdup(name);
	map->ns = intern_get(strings, ns);
	map->version = xstrdup("");
	configs->items = sorted_insert(configs->items, &configs->len, &configs->cap, at, map);
	return map;
}

static void map_free(struct config_map *map, struct intern *strings)
{
	intern_put(strings, map->ns);
	free(map->name);
	intern_set(strings, &map->by, NULL);
	free(map->keys);
	free(map->version);
	free(map);
}

bool configs_remove(struct configs *configs, struct intern *strings, const char *ns,
		    const char *name)
{
	struct key key = {ns, name};
	bool found;
	size_t at = sorted_place(configs->items, configs->len, order, &key, &found);

	if (!found)
		return false;
	map_free(configs->items[at], strings);
	sorted_remove(configs->items, &configs->len, at);
	return true;
}

void configs_unmark(struct configs *configs, const char *ns)
{
	size_t i;

	for (i = 0; i < configs->len; i++)
		if (!ns || !strcmp(configs->items[i]->ns, ns))
			configs->items[i]->seen = false;
}

void configs_sweep(struct configs *configs, struct intern *strings, const char *ns)
{
	size_t i, kept = 0;

	for (i = 0; i < configs->len; i++) {
		struct config_map *map = configs->items[i];

		if (!map->seen && (!ns || !strcmp(map->ns, ns)))
			map_free(map, strings);
		else
			configs->items[kept++] = map;
	}
	configs->len = kept;
}

void configs_clear(struct configs *configs, struct intern *strings)
{
	size_t i;

	for (i = 0; i < configs->len; i++)
		map_free(configs->items[i], strings);
	free(configs->items);
	configs->items = NULL;
	configs->len = configs->cap = 0;
}

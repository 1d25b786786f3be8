/* world/role.c: see role.h */
#include "world/role.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "world/jx.h"

const char *role_name(const struct world *world)
{
	return jx_str(world->plan, "role");
}

static const json_t *rules_of(const struct world *world)
{
	return json_object_get(json_object_get(world->plan, "roles"), role_name(world));
}

int role_choose(struct world *world, const char *name, struct err *err)
{
	const json_t *roles = json_object_get(world->plan, "roles");
	char names[200] = "";
	const char *key;
	json_t *rules;

	if (json_object_get(roles, name)) {
		jx_set_str(world->plan, "role", name);
		return 0;
	}
	json_object_foreach((json_t *)(uintptr_t)roles, key, rules)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), " %s", key);
	return err_set(err, -ENOENT, "there is no role '%s'; there are:%s", name, names);
}

static bool among(const json_t *list, const char *word)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		const char *text = json_string_value(item);

		if (text && (!strcmp(text, "*") || !strcmp(text, word)))
			return true;
	}
	return false;
}

bool role_allows(const struct world *world, const char *verb, const char *resource)
{
	const json_t *rule;
	size_t i;

	json_array_foreach(rules_of(world), i, rule)
		if (among(json_object_get(rule, "verbs"), verb) &&
		    among(json_object_get(rule, "resources"), resource))
			return true;
	return false;
}

bool role_is_free(const struct world *world)
{
	return role_allows(world, "*", "*");
}

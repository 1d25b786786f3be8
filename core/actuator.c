/* core/actuator.c: see actuator.h */
#include "core/actuator.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *act_param(const struct act_request *request, const char *key)
{
	int i;

	for (i = 0; i < request->nparams; i++)
		if (!strcmp(request->params[i].key, key))
			return request->params[i].value;
	return NULL;
}

static int put(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		return -E2BIG;
	memcpy(to, from, len);
	to[len] = '\0';
	return 0;
}

int act_param_set(struct act_request *request, const char *key, const char *value)
{
	struct act_param *param = NULL;
	int i;

	for (i = 0; i < request->nparams; i++)
		if (!strcmp(request->params[i].key, key))
			param = &request->params[i];
	if (strlen(key) >= sizeof(param->key) || strlen(value) >= sizeof(param->value) ||
	    (!param && request->nparams == ACT_PARAMS_MAX))
		return -E2BIG;
	if (!param)
		param = &request->params[request->nparams++];
	put(param->key, sizeof(param->key), key, strlen(key));
	return put(param->value, sizeof(param->value), value, strlen(value));
}

int act_target_parse(struct act_target *target, const char *text, struct err *err)
{
	const char *slash = strchr(text, '/');
	const char *second = slash ? strchr(slash + 1, '/') : NULL;
	const char *name = second ? second + 1 : slash ? slash + 1 : "";
	struct act_target parsed = {{0}};
	int rc;

	rc = put(parsed.kind, sizeof(parsed.kind), text, slash ? (size_t)(slash - text)
								: strlen(text));
	if (!rc && second)
		rc = put(parsed.ns, sizeof(parsed.ns), slash + 1, (size_t)(second - slash - 1));
	if (!rc)
		rc = put(parsed.name, sizeof(parsed.name), name, strlen(name));
	if (rc || !parsed.kind[0] || (slash && !name[0]) || strchr(name, '/'))
		return err_set(err, -EINVAL, "'%.80s' is not a target: expected kind/namespace/name,"
			       " node/name or redis", text);
	*target = parsed;
	return 0;
}

const char *act_target_text(const struct act_target *target, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s%s%s", target->kind, target->ns[0] ? "/" : "", target->ns,
		 target->name[0] ? "/" : "", target->name);
	return buf;
}

const struct actuator *actuators_find(const struct actuators *all, const char *verb)
{
	int i;

	for (i = 0; i < all->len; i++) {
		const char *const *name = all->items[i].ops->verbs;

		for (; *name; name++)
			if (!strcmp(*name, verb))
				return &all->items[i];
	}
	return NULL;
}

/* world/kube_api.c: from a path and a method to the function that answers; see kube_api.h */
#include "world/kube_api.h"
#include "world/role.h"

#include <stdio.h>
#include <string.h>

#define MAX_PARTS 24

/* The path's parts, cut in a copy. */
struct parts {
	char text[1024];
	const char *part[MAX_PARTS];
	int count;
};

static bool cut(const char *path, struct parts *parts)
{
	char *rest = parts->text, *part;

	if (snprintf(parts->text, sizeof(parts->text), "%s", path) >= (int)sizeof(parts->text))
		return false;
	parts->count = 0;
	while ((part = strsep(&rest, "/"))) {
		if (!*part)
			continue;
		if (parts->count == MAX_PARTS)
			return false;
		parts->part[parts->count++] = part;
	}
	return true;
}

static enum shape preferred_shape(const char *accept)
{
	char first[256];

	snprintf(first, sizeof(first), "%s", accept);
	first[strcspn(first, ",")] = '\0';
	if (strstr(first, "as=Table"))
		return SHAPE_TABLE;
	if (strstr(first, "as=PartialObjectMetadata"))
		return SHAPE_PARTIAL;
	return SHAPE_OBJECT;
}

/* Parts after the group and version: [namespaces NS] RESOURCE [NAME [SUB]]. */
static bool find_target(const struct request *request, const char *group, const char *version,
			const char **part, int count, struct target *target)
{
	*target = (struct target){.shape = preferred_shape(request->accept)};
	if (!strcmp(group, "events.k8s.io") && !strcmp(version, "v1")) {
		target->new_events = true;
		group = "";
	}
	if (count >= 3 && !strcmp(part[0], "namespaces") && strcmp(part[2], "status") &&
	    strcmp(part[2], "finalize")) {
		snprintf(target->ns, sizeof(target->ns), "%s", part[1]);
		part += 2;
		count -= 2;
	}
	if (count < 1 || count > 3)
		return false;
	target->res = resource_find(group, version, part[0]);
	if (target->res == RES_NONE || (target->new_events && target->res != RES_EVENTS))
		return false;
	if (count > 1)
		snprintf(target->name, sizeof(target->name), "%s", part[1]);
	if (count > 2)
		snprintf(target->sub, sizeof(target->sub), "%s", part[2]);
	if (*target->ns && !(resources[target->res].flags & RESF_NAMESPACED))
		return false;
	return true;
}

/* A row with an empty method matches any; what is a name or sub-resource is said by `needs`. */
enum needs { COLLECTION, OBJECT, SUB };

struct route {
	const char *method;
	enum needs needs;
	const char *sub;
	int (*answer)(const struct request *request, const struct target *target);
};

static int read_collection(const struct request *request, const struct target *target)
{
	return request_flag(request, "watch") ? kube_watch(request, target)
					      : kube_list(request, target);
}

static int read_object(const struct request *request, const struct target *target)
{
	return request_flag(request, "watch") ? kube_watch(request, target)
					      : kube_get(request, target);
}

static const struct route routes[] = {
	{"GET", COLLECTION, "", read_collection},
	{"POST", COLLECTION, "", kube_create},
	{"GET", OBJECT, "", read_object},
	{"PUT", OBJECT, "", kube_replace},
	{"PATCH", OBJECT, "", kube_patch},
	{"DELETE", OBJECT, "", kube_delete},
	{"GET", SUB, "status", kube_get},
	{"PUT", SUB, "status", kube_replace},
	{"PATCH", SUB, "status", kube_patch},
	{"GET", SUB, "scale", kube_scale},
	{"PUT", SUB, "scale", kube_scale},
	{"PATCH", SUB, "scale", kube_scale},
	{"GET", SUB, "log", kube_logs},
	{"POST", SUB, "eviction", kube_evict},
};

static bool has_sub(const struct target *target)
{
	unsigned flags = resources[target->res].flags;

	if (!strcmp(target->sub, "status"))
		return flags & RESF_STATUS;
	if (!strcmp(target->sub, "scale"))
		return flags & RESF_SCALE;
	return target->res == RES_PODS;
}

static bool is_permitted(const struct request *request, const struct target *target)
{
	static const char *const verbs[][2] = {
		{"GET", "get"}, {"POST", "create"}, {"PUT", "update"}, {"PATCH", "patch"},
		{"DELETE", "delete"},
	};
	const char *plural = resources[target->res].plural;
	char resource[128];

	snprintf(resource, sizeof(resource), "%s%s%s", plural, *target->sub ? "/" : "",
		 target->sub);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(request->method, verbs[i][0]))
			return role_allows(request->world, verbs[i][1], resource);
	return true;
}

static int route(const struct request *request, const struct target *target)
{
	enum needs needs = *target->sub ? SUB : *target->name ? OBJECT : COLLECTION;

	if (needs == SUB && !has_sub(target))
		return reply_text(request, 404, "404 page not found\n");
	if (!is_permitted(request, target))
		return reply_status(request, 403, "Forbidden", "%s \"%s\" is forbidden: the role "
				    "'%s' of this drill does not allow to %s it",
				    resources[target->res].plural, target->name,
				    role_name(request->world), request->method);
	/* Reads come out of the server's own memory, writes need the store. */
	if (strcmp(request->method, "GET") && !kube_health_is_well(request->world, request->server, "etcd"))
		return reply_status(request, 500, "InternalError", "etcdserver: request timed out");
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
		const struct route *row = &routes[i];

		if (row->needs == needs && !strcmp(row->method, request->method) &&
		    !strcmp(row->sub, target->sub))
			return row->answer(request, target);
	}
	return reply_status(request, 405, "MethodNotAllowed",
			    "the server does not allow this method on the requested resource");
}

/* Paths outside the API groups, and the groups that are no resources. */
static int special(const struct request *request, const struct parts *parts)
{
	const char *const *part = parts->part;

	if (parts->count == 0)
		return reply_json(request, 200, json_pack("{s:[s,s,s,s]}", "paths", "/api",
							  "/apis", "/readyz", "/version"));
	if (!strcmp(part[0], "livez") || !strcmp(part[0], "readyz") ||
	    !strcmp(part[0], "healthz"))
		return kube_health(request, part[0], parts->count > 1 ? part[1] : NULL);
	if (strcmp(part[0], "apis") || parts->count < 4)
		return -1;
	if (!strcmp(part[1], "metrics.k8s.io") && !strcmp(part[2], "v1beta1"))
		return kube_metrics(request, strstr(request->path, "v1beta1/") + 8);
	if (!strcmp(part[1], "authorization.k8s.io") ||
	    !strcmp(part[1], "authentication.k8s.io"))
		return kube_review(request, part[3]);
	return -1;
}

int kube_handle(const struct request *request)
{
	struct parts parts;
	struct target target;
	bool found = false;
	int rc;

	if (!cut(request->path, &parts))
		return reply_text(request, 404, "404 page not found\n");
	rc = kube_proxy(request);
	if (rc < 0)
		rc = kube_discovery(request);
	if (rc < 0)
		rc = special(request, &parts);
	if (rc >= 0)
		return rc;
	if (parts.count >= 3 && !strcmp(parts.part[0], "api"))
		found = find_target(request, "", parts.part[1], parts.part + 2, parts.count - 2,
				    &target);
	else if (parts.count >= 4 && !strcmp(parts.part[0], "apis"))
		found = find_target(request, parts.part[1], parts.part[2], parts.part + 3,
				    parts.count - 3, &target);
	if (!found)
		return reply_status(request, 404, "NotFound",
				    "the server could not find the requested resource");
	return route(request, &target);
}

/* world/kube_discovery.c: what there is, in the old form and in one document; see kube_api.h */
#include "world/kube_api.h"

#include <stdio.h>
#include <string.h>

#include "world/jx.h"
#include "world/world.h"

/* Groups that are served but hold none of the table's resources. */
struct extra {
	const char *group, *version, *plural, *singular, *kind;
	bool namespaced;
	const char *verb;         /* "create" for reviews, "list" for metrics */
};

static const struct extra extras[] = {
	{"metrics.k8s.io", "v1beta1", "nodes", "node", "NodeMetrics", false, "list"},
	{"metrics.k8s.io", "v1beta1", "pods", "pod", "PodMetrics", true, "list"},
	{"events.k8s.io", "v1", "events", "event", "Event", true, "list"},
	{"authorization.k8s.io", "v1", "selfsubjectaccessreviews", "selfsubjectaccessreview",
	 "SelfSubjectAccessReview", false, "create"},
	{"authorization.k8s.io", "v1", "selfsubjectrulesreviews", "selfsubjectrulesreview",
	 "SelfSubjectRulesReview", false, "create"},
	{"authentication.k8s.io", "v1", "selfsubjectreviews", "selfsubjectreview",
	 "SelfSubjectReview", false, "create"},
};

struct group {
	const char *name, *version;
};

static const struct group groups[] = {
	{"", "v1"},
	{"apiregistration.k8s.io", "v1"},
	{"apps", "v1"},
	{"events.k8s.io", "v1"},
	{"authentication.k8s.io", "v1"},
	{"authorization.k8s.io", "v1"},
	{"autoscaling", "v2"},
	{"batch", "v1"},
	{"networking.k8s.io", "v1"},
	{"policy", "v1"},
	{"storage.k8s.io", "v1"},
	{"coordination.k8s.io", "v1"},
	{"discovery.k8s.io", "v1"},
	{"k3s.cattle.io", "v1"},
	{"metrics.k8s.io", "v1beta1"},
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char all_verbs[] = "create,delete,get,list,patch,update,watch";

static json_t *words(const char *text)
{
	json_t *array = json_array();

	while (*text) {
		size_t len = strcspn(text, ",");

		json_array_append_new(array, json_stringn(text, len));
		text += len + (text[len] == ',');
	}
	return array;
}

static const char *extra_verbs(const struct extra *extra)
{
	return strcmp(extra->verb, "create") ? "get,list,watch" : "create";
}

/* ---- one APIResourceList for each group version ------------------------------------------ */

static void old_resource(json_t *list, enum resource_id id)
{
	const struct resource *res = &resources[id];
	json_t *row = json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", res->plural, "singularName",
				res->singular, "namespaced", res->flags & RESF_NAMESPACED,
				"kind", res->kind, "verbs", words(all_verbs));
	char name[128];

	if (*res->short_names)
		json_object_set_new(row, "shortNames", words(res->short_names));
	if (res->in_all)
		json_object_set_new(row, "categories", words("all"));
	json_array_append_new(list, row);
	if (res->flags & RESF_STATUS) {
		snprintf(name, sizeof(name), "%s/status", res->plural);
		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", name,
						      "singularName", "", "namespaced",
						      res->flags & RESF_NAMESPACED, "kind",
						      res->kind, "verbs",
						      words("get,patch,update")));
	}
	if (res->flags & RESF_SCALE) {
		snprintf(name, sizeof(name), "%s/scale", res->plural);
		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s, s:s, s:s, s:o}",
						      "name", name, "singularName", "",
						      "namespaced", 1, "group", "autoscaling",
						      "version", "v1", "kind", "Scale", "verbs",
						      words("get,patch,update")));
	}
}

static void pod_subresources(json_t *list)
{
	json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", "pods/log",
					      "singularName", "", "namespaced", 1, "kind", "Pod",
					      "verbs", words("get")));
	json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s, s:s, s:s, s:o}", "name",
					      "pods/eviction", "singularName", "", "namespaced",
					      1, "group", "policy", "version", "v1", "kind",
					      "Eviction", "verbs", words("create")));
}

static json_t *old_list(const struct group *group)
{
	json_t *list = json_array();
	char version[96];

	for (int i = 0; i < RES_COUNT; i++) {
		if (!strcmp(resources[i].group, group->name))
			old_resource(list, (enum resource_id)i);
	}
	for (size_t i = 0; i < COUNT(extras); i++) {
		const struct extra *x = &extras[i];

		if (!strcmp(x->group, group->name))
			json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s, s:o}",
							      "name", x->plural, "singularName",
							      x->singular, "namespaced",
							      x->namespaced, "kind", x->kind,
							      "verbs", words(extra_verbs(x))));
	}
	if (!*group->name)
		pod_subresources(list);
	snprintf(version, sizeof(version), "%s%s%s", group->name, *group->name ? "/" : "",
		 group->version);
	return json_pack("{s:s, s:s, s:s, s:o}", "kind", "APIResourceList", "apiVersion", "v1",
			 "groupVersion", version, "resources", list);
}

static json_t *old_group(const struct group *group)
{
	char version[96];
	json_t *entry;

	snprintf(version, sizeof(version), "%s/%s", group->name, group->version);
	entry = json_pack("{s:s, s:s}", "groupVersion", version, "version", group->version);
	return json_pack("{s:s, s:[O], s:o}", "name", group->name, "versions", entry,
			 "preferredVersion", entry);
}

static json_t *old_groups(void)
{
	json_t *list = json_array();

	for (size_t i = 1; i < COUNT(groups); i++)
		json_array_append_new(list, old_group(&groups[i]));
	return json_pack("{s:s, s:s, s:o}", "kind", "APIGroupList", "apiVersion", "v1", "groups",
			 list);
}

/* ---- everything in one document ----------------------------------------------------------- */

static json_t *kind_of(const char *group, const char *version, const char *kind)
{
	return json_pack("{s:s, s:s, s:s}", "group", group, "version", version, "kind", kind);
}

static json_t *subresource(const char *name, json_t *kind, const char *verbs)
{
	return json_pack("{s:s, s:o, s:o}", "subresource", name, "responseKind", kind, "verbs",
			 words(verbs));
}

static json_t *new_resource(enum resource_id id)
{
	const struct resource *res = &resources[id];
	json_t *subs = json_array();
	json_t *row = json_pack("{s:s, s:o, s:s, s:s, s:o, s:o}", "resource", res->plural,
				"responseKind", kind_of(res->group, res->version, res->kind),
				"scope", res->flags & RESF_NAMESPACED ? "Namespaced" : "Cluster",
				"singularResource", res->singular, "verbs", words(all_verbs),
				"subresources", subs);

	if (*res->short_names)
		json_object_set_new(row, "shortNames", words(res->short_names));
	if (res->in_all)
		json_object_set_new(row, "categories", words("all"));
	if (res->flags & RESF_STATUS)
		json_array_append_new(subs, subresource("status", kind_of(res->group,
							res->version, res->kind),
							"get,patch,update"));
	if (res->flags & RESF_SCALE)
		json_array_append_new(subs, subresource("scale", kind_of("autoscaling", "v1",
							"Scale"), "get,patch,update"));
	if (id == RES_PODS) {
		json_array_append_new(subs, subresource("log", kind_of("", "v1", "Pod"), "get"));
		json_array_append_new(subs, subresource("eviction", kind_of("policy", "v1",
							"Eviction"), "create"));
	}
	return row;
}

static json_t *new_group(const struct group *group)
{
	json_t *list = json_array();

	for (int i = 0; i < RES_COUNT; i++) {
		if (!strcmp(resources[i].group, group->name))
			json_array_append_new(list, new_resource((enum resource_id)i));
	}
	for (size_t i = 0; i < COUNT(extras); i++) {
		const struct extra *x = &extras[i];

		if (strcmp(x->group, group->name))
			continue;
		json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:s, s:o}", "resource",
						      x->plural, "responseKind",
						      kind_of(x->group, x->version, x->kind),
						      "scope",
						      x->namespaced ? "Namespaced" : "Cluster",
						      "singularResource", x->singular, "verbs",
						      words(extra_verbs(x))));
	}
	return json_pack("{s:{s:s}, s:[{s:s, s:o, s:s}]}", "metadata", "name", group->name,
			 "versions", "version", group->version, "resources", list, "freshness",
			 "Current");
}

static int aggregated(const struct request *request, size_t first, size_t last)
{
	bool v2 = strstr(request->accept, "v=v2;");
	char type[128];
	json_t *items = json_array();

	for (size_t i = first; i <= last; i++)
		json_array_append_new(items, new_group(&groups[i]));
	snprintf(type, sizeof(type),
		 "application/json;g=apidiscovery.k8s.io;v=%s;as=APIGroupDiscoveryList",
		 v2 ? "v2" : "v2beta1");
	return reply_json_as(request, 200, type,
			     json_pack("{s:s, s:s, s:{}, s:o}", "kind", "APIGroupDiscoveryList",
				       "apiVersion",
				       v2 ? "apidiscovery.k8s.io/v2"
					  : "apidiscovery.k8s.io/v2beta1",
				       "metadata", "items", items));
}

static int version(const struct request *request)
{
	json_t *told = json_deep_copy(jx_get(request->world->plan, "version"));

	return reply_json(request, 200, told ? told : json_object());
}

static int group_document(const struct request *request, const char *rest)
{
	for (size_t i = 1; i < COUNT(groups); i++) {
		size_t len = strlen(groups[i].name);

		if (strncmp(rest, groups[i].name, len))
			continue;
		if (!rest[len]) {
			json_t *group = old_group(&groups[i]);

			jx_set_str(group, "kind", "APIGroup");
			jx_set_str(group, "apiVersion", "v1");
			return reply_json(request, 200, group);
		}
		if (rest[len] == '/' && !strcmp(rest + len + 1, groups[i].version))
			return reply_json(request, 200, old_list(&groups[i]));
	}
	return -1;
}

int kube_discovery(const struct request *request)
{
	const char *path = request->path;
	bool one_document = strstr(request->accept, "as=APIGroupDiscoveryList");

	if (!strcmp(path, "/version"))
		return version(request);
	if (!strcmp(path, "/api") && one_document)
		return aggregated(request, 0, 0);
	if (!strcmp(path, "/api"))
		return reply_json(request, 200, json_pack("{s:s, s:[s], s:[]}", "kind",
							  "APIVersions", "versions", "v1",
							  "serverAddressByClientCIDRs"));
	if (!strcmp(path, "/api/v1"))
		return reply_json(request, 200, old_list(&groups[0]));
	if (!strcmp(path, "/apis"))
		return one_document ? aggregated(request, 1, COUNT(groups) - 1)
				    : reply_json(request, 200, old_groups());
	if (!strncmp(path, "/apis/", 6))
		return group_document(request, path + 6);
	return -1;
}

/* world/kube_review.c: who am I and what may I do; see kube_api.h
 *
 * The role that is played decides. kubectl sends some reviews as protobuf: where the role allows
 * everything, the answer doesn't depend on the question, and they are answered undecoded.
 */
#include "world/kube_api.h"

#include <stdio.h>
#include <string.h>

#include "world/jx.h"
#include "world/role.h"
#include "world/world.h"

static json_t *question(const struct request *request)
{
	json_t *body = NULL;

	if (!strstr(request->content_type, "protobuf"))
		body = json_loadb(request->body, request->body_len, 0, NULL);
	return json_is_object(body) ? body : json_object();
}

static json_t *access_review(const struct request *request)
{
	json_t *review = question(request);
	const json_t *asked = jx_get(review, "spec.resourceAttributes");
	const char *sub = jx_str(asked, "subresource");
	char resource[128], why[200];
	bool allowed;

	snprintf(resource, sizeof(resource), "%s%s%s", jx_str(asked, "resource"),
		 *sub ? "/" : "", sub);
	allowed = role_is_free(request->world) ||
		  role_allows(request->world, jx_str(asked, "verb"), resource);
	snprintf(why, sizeof(why), "the role '%s' of this drill %s that",
		 role_name(request->world), allowed ? "allows" : "does not allow");
	jx_set_str(review, "kind", "SelfSubjectAccessReview");
	jx_set_str(review, "apiVersion", "authorization.k8s.io/v1");
	jx_make(review, "metadata");
	jx_make(review, "spec");
	jx_set(review, "status", json_pack("{s:b, s:s}", "allowed", allowed, "reason", why));
	return review;
}

/* The role's rules as the API writes them. */
static json_t *resource_rules(const struct world *world)
{
	const json_t *rule;
	json_t *rules = json_array();
	size_t i;

	json_array_foreach(json_object_get(json_object_get(world->plan, "roles"),
					   role_name(world)), i, rule)
		json_array_append_new(rules, json_pack("{s:O, s:[s], s:O}", "verbs",
			json_object_get(rule, "verbs"), "apiGroups", "*", "resources",
			json_object_get(rule, "resources")));
	return rules;
}

static json_t *rules_review(const struct request *request)
{
	json_t *review = question(request);

	jx_set_str(review, "kind", "SelfSubjectRulesReview");
	jx_set_str(review, "apiVersion", "authorization.k8s.io/v1");
	jx_make(review, "metadata");
	jx_make(review, "spec");
	jx_set(review, "status",
	       json_pack("{s:o, s:[{s:[s], s:[s]}], s:b}", "resourceRules",
			 resource_rules(request->world), "nonResourceRules", "verbs", "get",
			 "nonResourceURLs", "*", "incomplete", 0));
	return review;
}

static json_t *self_review(const struct request *request)
{
	bool free_hand = role_is_free(request->world);

	return json_pack("{s:s, s:s, s:{}, s:{s:{s:s, s:[s, s]}}}", "kind", "SelfSubjectReview",
			 "apiVersion", "authentication.k8s.io/v1", "metadata", "status",
			 "userInfo", "username", role_name(request->world), "groups", free_hand
			 ? "system:masters" : "drill:limited",
			 "system:authenticated");
}

static const struct {
	const char *plural;
	json_t *(*answer)(const struct request *request);
} reviews[] = {
	{"selfsubjectaccessreviews", access_review},
	{"selfsubjectrulesreviews", rules_review},
	{"selfsubjectreviews", self_review},
};

int kube_review(const struct request *request, const char *kind)
{
	for (size_t i = 0; i < sizeof(reviews) / sizeof(*reviews); i++) {
		if (strcmp(reviews[i].plural, kind))
			continue;
		if (strcmp(request->method, "POST"))
			return reply_status(request, 405, "MethodNotAllowed",
					    "reviews are created, never read");
		if (strstr(request->content_type, "protobuf") && !role_is_free(request->world))
			return reply_status(request, 415, "UnsupportedMediaType",
					    "this server reads reviews as JSON");
		return reply_json(request, 201, reviews[i].answer(request));
	}
	return reply_status(request, 404, "NotFound",
			    "the server could not find the requested resource");
}

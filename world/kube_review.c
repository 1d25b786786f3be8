/* world/kube_review.c: who am I and what may I do; see kube_api.h
 *
 * Whoever reaches a drill may do everything in it. kubectl sends some reviews as protobuf; the
 * answer does not depend on the question, so those are answered without being decoded.
 */
#include "world/kube_api.h"

#include <string.h>

#include "world/jx.h"

#define USER "on-call"

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

	jx_set_str(review, "kind", "SelfSubjectAccessReview");
	jx_set_str(review, "apiVersion", "authorization.k8s.io/v1");
	jx_make(review, "metadata");
	jx_make(review, "spec");
	jx_set(review, "status", json_pack("{s:b, s:s}", "allowed", 1, "reason",
					   "drills allow everything"));
	return review;
}

static json_t *rules_review(const struct request *request)
{
	json_t *review = question(request);

	jx_set_str(review, "kind", "SelfSubjectRulesReview");
	jx_set_str(review, "apiVersion", "authorization.k8s.io/v1");
	jx_make(review, "metadata");
	jx_make(review, "spec");
	jx_set(review, "status",
	       json_pack("{s:[{s:[s], s:[s], s:[s]}], s:[{s:[s], s:[s]}], s:b}",
			 "resourceRules", "verbs", "*", "apiGroups", "*", "resources", "*",
			 "nonResourceRules", "verbs", "*", "nonResourceURLs", "*", "incomplete",
			 0));
	return review;
}

static json_t *self_review(const struct request *request)
{
	(void)request;
	return json_pack("{s:s, s:s, s:{}, s:{s:{s:s, s:[s, s]}}}", "kind", "SelfSubjectReview",
			 "apiVersion", "authentication.k8s.io/v1", "metadata", "status",
			 "userInfo", "username", USER, "groups", "system:masters",
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
		return reply_json(request, 201, reviews[i].answer(request));
	}
	return reply_status(request, 404, "NotFound",
			    "the server could not find the requested resource");
}

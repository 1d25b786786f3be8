/*
 * backends/kube/act_rollout.c: rollout restart and undo, byte for byte what kubectl sends.
 * Source: kubectl pkg/polymorphichelpers/{objectrestarter,rollback}.go.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backends/kube/act.h"
#include "backends/kube/jsonx.h"
#include "core/clock.h"

#define REVISION "deployment.kubernetes.io/revision"
#define RESTARTED_AT "kubectl.kubernetes.io/restartedAt"

static bool refuse_paused(struct kube_act *act)
{
	if (!jx_bool(json_object_get(act->object, "spec"), "paused"))
		return false;
	act_end(act, -EBUSY, "%s is paused; resume it first (kubectl rollout resume)",
		act->request.target.name);
	return true;
}

static int64_t desired_replicas(const struct kube_act *act)
{
	const json_t *spec = json_object_get(act->object, "spec");

	return json_object_get(spec, "replicas") ? jx_int(spec, "replicas") : 1;
}

bool build_restart(struct kube_act *act, struct kube_ask *ask, char **ret_body)
{
	const json_t *notes = jx_at(act->object, "spec.template.metadata.annotations");
	const char *last = jx_str(notes, RESTARTED_AT);
	char now[CLOCK_TEXT];
	json_t *patch;

	if (refuse_paused(act))
		return false;
	clock_format_rfc3339(clock_wall_ms(), now);
	if (last && !strcmp(last, now)) {
		act_end(act, -EALREADY, "a restart was triggered within this second already");
		return false;
	}
	patch = json_pack("{s:{s:{s:{s:{s:s}}}}}", "spec", "template", "metadata", "annotations",
			  RESTARTED_AT, now);
	*ret_body = json_dumps(patch, JSON_COMPACT);
	json_decref(patch);
	ask->method = "PATCH";
	ask->content_type = "application/strategic-merge-patch+json";
	act->reply.count = desired_replicas(act);
	snprintf(act->reply.text, sizeof(act->reply.text),
		 "%lld pod%s replaced, a few at a time, as the rollout strategy allows",
		 (long long)act->reply.count, act->reply.count == 1 ? " is" : "s are");
	return true;
}

static int64_t revision_of(const json_t *object)
{
	const char *text = jx_str(jx_at(object, "metadata.annotations"), REVISION);

	return text ? strtoll(text, NULL, 10) : 0;
}

static bool owned_by(const json_t *set, const char *uid)
{
	const char *owner = jx_str(jx_controller(json_object_get(set, "metadata")), "uid");

	return owner && uid && !strcmp(owner, uid);
}

/* The set of a wanted revision, or with 0 the one before the newest. */
static const json_t *choose_set(const struct kube_act *act, int64_t wanted)
{
	const char *uid = jx_str(json_object_get(act->object, "metadata"), "uid");
	const json_t *items = json_object_get(act->sets, "items"), *set;
	const json_t *newest = NULL, *second = NULL;
	size_t i;

	json_array_foreach(items, i, set) {
		if (!owned_by(set, uid))
			continue;
		if (wanted && revision_of(set) == wanted)
			return set;
		if (!newest || revision_of(set) > revision_of(newest)) {
			second = newest;
			newest = set;
		} else if (!second || revision_of(set) > revision_of(second)) {
			second = set;
		}
	}
	return wanted ? NULL : second;
}

/* Annotations that stay the deployment's own; all others come from the set. */
static bool stays(const char *key)
{
	static const char *const own[] = {
		"kubectl.kubernetes.io/last-applied-configuration", REVISION,
		"deployment.kubernetes.io/revision-history",
		"deployment.kubernetes.io/desired-replicas",
		"deployment.kubernetes.io/max-replicas", "deprecated.deployment.rollback.to",
	};
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (!strcmp(own[i], key))
			return true;
	return false;
}

static json_t *merged_annotations(const json_t *deployment, const json_t *set)
{
	json_t *merged = json_object(), *value;
	const char *key;

	json_object_foreach(json_object_get(json_object_get(deployment, "metadata"),
					    "annotations"), key, value)
		if (stays(key))
			json_object_set(merged, key, value);
	json_object_foreach(json_object_get(json_object_get(set, "metadata"), "annotations"), key,
			    value)
		if (!stays(key))
			json_object_set(merged, key, value);
	return merged;
}

static json_t *template_of(const json_t *set)
{
	json_t *template = json_deep_copy(jx_at(set, "spec.template"));
	json_t *labels = json_object_get(json_object_get(template, "metadata"), "labels");

	json_object_del(labels, "pod-template-hash");
	return template;
}

static const char *image_of(const json_t *object)
{
	const char *image = jx_str(json_array_get(jx_at(object, "spec.template.spec.containers"),
						  0), "image");

	return image ? image : "?";
}

static void describe_undo(struct kube_act *act, const json_t *set)
{
	char revision[24];

	snprintf(act->reply.text, sizeof(act->reply.text),
		 "back to revision %lld (%s), from revision %lld (%s)",
		 (long long)revision_of(set), image_of(set),
		 (long long)revision_of(act->object), image_of(act->object));
	act->reply.count = desired_replicas(act);
	act->reply.undo = act->request;
	act->reply.undo.nparams = 0;
	snprintf(revision, sizeof(revision), "%lld", (long long)revision_of(act->object));
	act_param_set(&act->reply.undo, "revision", revision);
}

bool build_undo(struct kube_act *act, struct kube_ask *ask, char **ret_body)
{
	const char *revision = act_param(&act->request, "revision");
	int64_t wanted = revision ? strtoll(revision, NULL, 10) : 0;
	const json_t *set = choose_set(act, wanted);
	json_t *template, *patch;

	if (refuse_paused(act))
		return false;
	if (!set) {
		if (wanted)
			act_end(act, -ENOENT, "revision %lld is no longer kept", (long long)wanted);
		else
			act_end(act, -ENOENT, "there is no earlier revision to go back to");
		return false;
	}
	template = template_of(set);
	if (json_equal(template, (json_t *)(uintptr_t)jx_at(act->object, "spec.template"))) {
		json_decref(template);
		act_end(act, -EALREADY, "revision %lld is what runs now",
			(long long)revision_of(set));
		return false;
	}
	patch = json_pack("[{s:s, s:s, s:o}, {s:s, s:s, s:o}]", "op", "replace", "path",
			  "/spec/template", "value", template, "op", "replace", "path",
			  "/metadata/annotations", "value",
			  merged_annotations(act->object, set));
	*ret_body = json_dumps(patch, JSON_COMPACT);
	json_decref(patch);
	ask->method = "PATCH";
	ask->content_type = "application/json-patch+json";
	describe_undo(act, set);
	return true;
}

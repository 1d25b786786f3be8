/* world/kube_write.c: everything that changes an object; see kube_api.h */
#include "world/kube_api.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/controllers/kubelet.h"
#include "world/jx.h"
#include "world/kube_patch.h"
#include "world/kube_select.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"
#include "world/written.h"
#include "world/yaml_json.h"

static bool is_protobuf(const struct request *request)
{
	return strstr(request->content_type, "protobuf");
}

/* As in the real server, a deletion's options are its body's when it has one: the query then
 * counts for nothing. */
bool request_dry(const struct request *request)
{
	const char *dry = request_arg(request, "dryRun");

	if (!strcmp(request->method, "DELETE") && request->body_len && !is_protobuf(request)) {
		json_t *options = json_loadb(request->body, request->body_len, 0, NULL);
		bool asked = json_array_size(jx_get(options, "dryRun")) > 0;

		json_decref(options);
		return asked;
	}
	return dry && !strcmp(dry, "All");
}

/* What a change is for, where that can be told from its body. */
static const char *purpose(const struct request *request, const struct target *target,
			   const json_t *before, const json_t *after)
{
	const char *key = "kubectl.kubernetes.io/restartedAt";
	const json_t *old = jx_get(before, "spec.template.metadata.annotations");
	const json_t *new = jx_get(after, "spec.template.metadata.annotations");

	if (*target->sub)
		return target->sub;
	if (target->res == RES_NODES && !json_equal(jx_get(before, "spec.unschedulable"),
						    jx_get(after, "spec.unschedulable")))
		return jx_true(after, "spec.unschedulable") ? "cordon" : "uncordon";
	if (strstr(request->content_type, "json-patch"))
		return "undo";
	if (!json_equal(json_object_get(old, key), json_object_get(new, key)))
		return "restart";
	return "";
}

static void tell(const struct request *request, const struct target *target, const char *name,
		 const char *why)
{
	json_t *line = json_pack("{s:s, s:o}", "system", "kube", "what",
				 json_sprintf("%s %s/%s%s%s", request->method,
					      resources[target->res].plural, name,
					      *why ? " " : "", why));

	if (*target->ns)
		json_object_set_new(line, "namespace", json_string(target->ns));
	if (request_dry(request))
		json_object_set_new(line, "dryRun", json_true());
	json_object_set_new(line, "agent", json_string(request->user_agent));
	world_say(request->world, "write", line);
}

static int unsupported(const struct request *request)
{
	return reply_status(request, 415, "UnsupportedMediaType",
			    "the body of the request was in an unknown format (%s)",
			    request->content_type);
}

/* The body as an object; NULL after it has answered the client with *ret_rc. */
static json_t *read_body(const struct request *request, int *ret_rc)
{
	struct err err = ERR_INIT;
	json_error_t error;
	json_t *body;

	if (is_protobuf(request)) {
		*ret_rc = unsupported(request);
		return NULL;
	}
	if (strstr(request->content_type, "yaml")) {
		body = yaml_json_parse("body", request->body, request->body_len, &err);
	} else {
		body = json_loadb(request->body, request->body_len, 0, &error);
		if (!body)
			err_set(&err, -EINVAL, "%d:%d: %s", error.line, error.column, error.text);
	}
	if (!body)
		*ret_rc = reply_status(request, 400, "BadRequest",
				       "the request body could not be read: %s", err.text);
	return body;
}

/* ---- create ------------------------------------------------------------------------------- */

static void give_name(json_t *object)
{
	static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
	char tail[6];

	if (*jx_name(object) || !*jx_str(object, "metadata.generateName"))
		return;
	for (int i = 0; i < 5; i++)
		tail[i] = letters[world_random(sizeof(letters) - 1)];
	tail[5] = '\0';
	jx_set(object, "metadata.name",
	       json_sprintf("%s%s", jx_str(object, "metadata.generateName"), tail));
}

static void to_old_event(json_t *event)
{
	static const char *const names[][2] = {
		{"regarding", "involvedObject"}, {"note", "message"},
		{"deprecatedSource", "source"}, {"deprecatedFirstTimestamp", "firstTimestamp"},
		{"deprecatedLastTimestamp", "lastTimestamp"}, {"deprecatedCount", "count"},
		{"reportingController", "reportingComponent"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		json_t *value = json_object_get(event, names[i][0]);

		if (value) {
			json_object_set(event, names[i][1], value);
			json_object_del(event, names[i][0]);
		}
	}
}

/* Who writes: as the client says, else its program's name. */
static void sign(const struct request *request, const struct target *target, const json_t *before,
		 json_t *after)
{
	const char *manager = request_arg(request, "fieldManager");
	char agent[64];

	snprintf(agent, sizeof(agent), "%.*s", (int)strcspn(request->user_agent, "/ "),
		 request->user_agent);
	if (target->res == RES_CONFIGMAPS)
		written_by(after, before, manager ? manager : agent);
}

int kube_create(const struct request *request, const struct target *target)
{
	const struct resource *res = &resources[target->res];
	int rc = 0;
	json_t *object = read_body(request, &rc);
	char name[254];

	if (!object)
		return rc;
	if (target->new_events)
		to_old_event(object);
	give_name(object);
	snprintf(name, sizeof(name), "%s", jx_name(object));
	if (!*name || !json_is_object(object)) {
		json_decref(object);
		return reply_status(request, 422, "Invalid",
				    "%s \"\" is invalid: metadata.name: Required value",
				    res->kind);
	}
	if (*target->ns)
		jx_set_str(object, "metadata.namespace", target->ns);
	if (store_get(request->world->store, target->res, target->ns, name)) {
		json_decref(object);
		return reply_status(request, 409, "AlreadyExists",
				    "%s \"%s\" already exists", res->plural, name);
	}
	sign(request, target, NULL, object);
	tell(request, target, name, "");
	if (request_dry(request)) {
		store_admit(object, target->res);
		return reply_json(request, 201, object);
	}
	object = store_put(request->world->store, target->res, object);
	return reply_json(request, 201, kube_present(target, object));
}

/* ---- replace and patch -------------------------------------------------------------------- */

/* The parts of `after` that this request may not touch come from `before`. */
static void keep_server_fields(const struct target *target, const json_t *before, json_t *after)
{
	static const char *const kept[] = {"metadata.uid", "metadata.creationTimestamp",
					   "metadata.generation", "metadata.deletionTimestamp"};
	const struct resource *res = &resources[target->res];

	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		json_t *value = jx_get(before, kept[i]);

		if (value)
			jx_set(after, kept[i], json_incref(value));
	}
	if (!strcmp(target->sub, "status")) {
		json_object_set(after, "spec", json_object_get(before, "spec"));
	} else if (res->flags & RESF_STATUS) {
		if (json_object_get(before, "status"))
			json_object_set(after, "status", json_object_get(before, "status"));
		else
			json_object_del(after, "status");
	}
	if ((res->flags & RESF_GENERATION) &&
	    !json_equal(json_object_get(before, "spec"), json_object_get(after, "spec")))
		jx_set_int(after, "metadata.generation",
			   jx_int(before, "metadata.generation") + 1);
}

static int conflict(const struct request *request, const struct target *target)
{
	const struct resource *res = &resources[target->res];

	return reply_status(request, 409, "Conflict",
			    "Operation cannot be fulfilled on %s%s%s \"%s\": the object has been "
			    "modified; please apply your changes to the latest version and try "
			    "again", res->plural, *res->group ? "." : "", res->group,
			    target->name);
}

/* Store the edited object (stolen) and answer with it. */
static int finish(const struct request *request, const struct target *target, json_t *before,
		  json_t *after)
{
	const char *version = jx_str(after, "metadata.resourceVersion");

	if (*version && strcmp(version, jx_str(before, "metadata.resourceVersion"))) {
		json_decref(after);
		return conflict(request, target);
	}
	if (strcmp(jx_name(after), target->name)) {
		json_decref(after);
		return reply_status(request, 400, "BadRequest",
				    "the name of the object (%s) does not match the name on the "
				    "URL (%s)", jx_name(after), target->name);
	}
	keep_server_fields(target, before, after);
	sign(request, target, before, after);
	tell(request, target, target->name, purpose(request, target, before, after));
	if (request_dry(request))
		return reply_json(request, 200, after);
	after = store_put(request->world->store, target->res, after);
	return reply_json(request, 200, kube_present(target, after));
}

int kube_replace(const struct request *request, const struct target *target)
{
	json_t *before = store_get(request->world->store, target->res, target->ns, target->name);
	int rc = 0;
	json_t *after;

	if (!before)
		return reply_not_found(request, target);
	after = read_body(request, &rc);
	if (!after)
		return rc;
	store_admit(after, target->res);
	return finish(request, target, before, after);
}

static int apply_patch(const struct request *request, json_t *object, const json_t *patch,
		       struct err *err)
{
	if (strstr(request->content_type, "application/json-patch+json"))
		return patch_json(object, patch, err);
	if (!json_is_object(patch))
		return err_set(err, -EINVAL, "a patch is an object");
	if (strstr(request->content_type, "application/merge-patch+json"))
		patch_merge(object, patch);
	else
		patch_strategic(object, patch);
	return 0;
}

static bool known_patch(const struct request *request)
{
	return strstr(request->content_type, "patch+");
}

int kube_patch(const struct request *request, const struct target *target)
{
	json_t *before = store_get(request->world->store, target->res, target->ns, target->name);
	struct err err = ERR_INIT;
	json_t *patch, *after;
	int rc = 0;

	if (!known_patch(request))
		return unsupported(request);
	if (!before && strstr(request->content_type, "apply-patch"))
		return kube_create(request, target);
	if (!before)
		return reply_not_found(request, target);
	patch = read_body(request, &rc);
	if (!patch)
		return rc;
	after = json_deep_copy(before);
	rc = apply_patch(request, after, patch, &err);
	json_decref(patch);
	if (rc) {
		json_decref(after);
		return reply_status(request, rc == -EINVAL ? 400 : 422,
				    rc == -EINVAL ? "BadRequest" : "Invalid", "%s", err.text);
	}
	return finish(request, target, before, after);
}

/* ---- scale -------------------------------------------------------------------------------- */

static json_t *scale_of(const json_t *object)
{
	json_t *scale = json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:s}, s:{s:I}, s:{s:I}}", "kind",
				  "Scale", "apiVersion", "autoscaling/v1", "metadata", "name",
				  jx_name(object), "namespace", jx_namespace(object), "uid",
				  jx_uid(object), "resourceVersion",
				  jx_str(object, "metadata.resourceVersion"), "spec",
				  "replicas", (json_int_t)jx_int(object, "spec.replicas"),
				  "status", "replicas",
				  (json_int_t)jx_int(object, "status.replicas"));

	return scale;
}

int kube_scale(const struct request *request, const struct target *target)
{
	json_t *before = store_get(request->world->store, target->res, target->ns, target->name);
	json_t *body, *after;
	const char *version;
	int rc = 0;

	if (!before)
		return reply_not_found(request, target);
	if (!strcmp(request->method, "GET"))
		return reply_json(request, 200, scale_of(before));
	body = read_body(request, &rc);
	if (!body)
		return rc;
	version = jx_str(body, "metadata.resourceVersion");
	if (*version && strcmp(version, jx_str(before, "metadata.resourceVersion"))) {
		json_decref(body);
		return conflict(request, target);
	}
	after = json_deep_copy(before);
	jx_set_int(after, "spec.replicas", jx_int(body, "spec.replicas"));
	if (!json_equal(jx_get(before, "spec"), jx_get(after, "spec")))
		jx_set_int(after, "metadata.generation",
			   jx_int(before, "metadata.generation") + 1);
	json_decref(body);
	tell(request, target, target->name, "scale");
	if (!request_dry(request))
		after = json_incref(store_put(request->world->store, target->res, after));
	body = scale_of(after);
	json_decref(after);
	return reply_json(request, 200, body);
}

/* ---- delete and evict --------------------------------------------------------------------- */

/* 0, or the answer already given when a precondition fails. */
static int preconditions(const struct request *request, const struct target *target,
			 const json_t *options, const json_t *object)
{
	const char *uid = jx_str(options, "preconditions.uid");
	const char *version = jx_str(options, "preconditions.resourceVersion");

	if (*uid && strcmp(uid, jx_uid(object)))
		return reply_status(request, 409, "Conflict",
				    "Operation cannot be fulfilled on %s \"%s\": Precondition "
				    "failed: UID in precondition: %s, UID in object meta: %s",
				    resources[target->res].plural, target->name, uid,
				    jx_uid(object));
	if (*version && strcmp(version, jx_str(object, "metadata.resourceVersion")))
		return conflict(request, target);
	return 0;
}

static long long grace_of(const struct request *request, const json_t *options,
			  const json_t *pod)
{
	const char *query = request_arg(request, "gracePeriodSeconds");
	const json_t *asked = json_object_get(options, "gracePeriodSeconds");

	if (query)
		return strtoll(query, NULL, 10);
	if (json_is_integer(asked))
		return json_integer_value(asked);
	return jx_int(pod, "spec.terminationGracePeriodSeconds");
}

static int delete_pod(const struct request *request, const struct target *target, json_t *pod,
		      long long grace)
{
	json_t *answer = json_incref(pod);
	int rc;

	if (!request_dry(request)) {
		kubelet_delete(request->world->kubelet, target->ns, target->name, grace);
		pod = store_get(request->world->store, RES_PODS, target->ns, target->name);
		if (pod) {
			json_decref(answer);
			answer = json_incref(pod);
		}
	}
	rc = reply_json(request, 200, answer);
	return rc;
}

/* What the deleted object owned goes with it, unless the client asked to leave it. */
static void collect(struct world *world, const char *uid)
{
	static const enum resource_id owned[] = {RES_REPLICASETS, RES_PODS, RES_JOBS,
						 RES_CONTROLLERREVISIONS};

	for (size_t r = 0; r < sizeof(owned) / sizeof(*owned); r++) {
		for (size_t i = store_count(world->store, owned[r]); i-- > 0;) {
			json_t *object = store_at(world->store, owned[r], i);
			char own_uid[64], ns[64], name[254];

			if (strcmp(jx_str(jx_controller(object), "uid"), uid))
				continue;
			snprintf(own_uid, sizeof(own_uid), "%s", jx_uid(object));
			snprintf(ns, sizeof(ns), "%s", jx_namespace(object));
			snprintf(name, sizeof(name), "%s", jx_name(object));
			if (owned[r] == RES_PODS) {
				kubelet_delete(world->kubelet, ns, name, 30);
				continue;
			}
			store_remove(world->store, owned[r], ns, name);
			collect(world, own_uid);
		}
	}
}

static json_t *deletion_status(const struct target *target, const char *uid)
{
	const struct resource *res = &resources[target->res];

	return json_pack("{s:s, s:s, s:{}, s:s, s:{s:s, s:s, s:s, s:s}}", "kind", "Status",
			 "apiVersion", "v1", "metadata", "status", "Success", "details", "name",
			 target->name, "group", res->group, "kind", res->plural, "uid", uid);
}

int kube_delete(const struct request *request, const struct target *target)
{
	json_t *object = store_get(request->world->store, target->res, target->ns, target->name);
	json_t *options;
	char uid[64];
	bool orphan;
	long long grace;
	int rc;

	if (!object)
		return reply_not_found(request, target);
	options = request->body_len && !is_protobuf(request)
			  ? json_loadb(request->body, request->body_len, 0, NULL)
			  : json_object();
	rc = preconditions(request, target, options, object);
	orphan = !strcmp(jx_str(options, "propagationPolicy"), "Orphan");
	grace = grace_of(request, options, object);
	json_decref(options);
	if (rc)
		return rc;
	tell(request, target, target->name, "");
	if (target->res == RES_PODS)
		return delete_pod(request, target, object, grace);
	snprintf(uid, sizeof(uid), "%s", jx_uid(object));
	if (!request_dry(request)) {
		store_remove(request->world->store, target->res, target->ns, target->name);
		if (!orphan)
			collect(request->world, uid);
	}
	return reply_json(request, 200, deletion_status(target, uid));
}

/* The budget that forbids losing this pod; NULL when none does. */
static const json_t *blocking_budget(const struct world *world, const json_t *pod)
{
	const json_t *budget;

	if (strcmp(jx_str(pod, "status.phase"), "Running"))
		return NULL;
	for (size_t i = 0; (budget = store_at(world->store, RES_PDBS, i)); i++) {
		if (!strcmp(jx_namespace(budget), jx_namespace(pod)) &&
		    select_by(jx_get(budget, "spec.selector"), jx_get(pod, "metadata.labels")) &&
		    jx_int(budget, "status.disruptionsAllowed") <= 0)
			return budget;
	}
	return NULL;
}

int kube_evict(const struct request *request, const struct target *target)
{
	struct world *world = request->world;
	json_t *pod = store_get(world->store, RES_PODS, target->ns, target->name), *body;
	const json_t *budget;
	bool dry = request_dry(request);
	int rc = 0;

	if (!pod)
		return reply_not_found(request, target);
	body = read_body(request, &rc);
	if (!body)
		return rc;
	dry = dry || json_array_size(jx_get(body, "deleteOptions.dryRun"));
	json_decref(body);
	budget = blocking_budget(world, pod);
	tell(request, target, target->name, "eviction");
	if (budget) {
		json_t *status = status_object(429, "TooManyRequests",
					       "Cannot evict pod as it would violate the pod's "
					       "disruption budget.");

		jx_set(status, "details.causes",
		       json_pack("[{s:s, s:o}]", "reason", "DisruptionBudget", "message",
				 json_sprintf("The disruption budget %s needs %lld healthy pods "
					      "and has %lld currently", jx_name(budget),
					      jx_int(budget, "status.desiredHealthy"),
					      jx_int(budget, "status.currentHealthy"))));
		return reply_json(request, 429, status);
	}
	if (!dry)
		kubelet_delete(world->kubelet, target->ns, target->name,
			       jx_int(pod, "spec.terminationGracePeriodSeconds"));
	return reply_json(request, 201,
			  json_pack("{s:s, s:s, s:{}, s:s, s:i}", "kind", "Status", "apiVersion",
				    "v1", "metadata", "status", "Success", "code", 201));
}

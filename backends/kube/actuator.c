/*
 * backends/kube/actuator.c: the cluster's side of the write door. kube_write() is the one
 * function through which bytes that change the cluster leave.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "backends/kube/act.h"
#include "backends/kube/jsonx.h"
#include "core/alloc.h"

#define ANSWER_MS 15000
#define BODY_MAX (8 * 1024 * 1024)

struct http_call *kube_write(struct kube *kube, const struct kube_ask *ask)
{
	if (kube->env->read_only)
		return NULL;
	return kube_client_send(&kube->client, ask);
}

static void act_free(struct kube_act *act)
{
	struct kube_act **slot = &act->kube->acts;

	while (*slot != act)
		slot = &(*slot)->next;
	*slot = act->next;
	json_decref(act->object);
	json_decref(act->sets);
	buf_release(&act->body);
	free(act->collection);
	free(act);
}

void act_end(struct kube_act *act, int rc, const char *format, ...)
{
	va_list args;

	act->reply.rc = rc;
	va_start(args, format);
	vsnprintf(act->reply.text, sizeof(act->reply.text), format, args);
	va_end(args);
	if (rc)
		act->reply.undo.verb[0] = '\0';
	act->cb(act->arg, &act->reply);
	act_free(act);
}

void act_note(struct kube_act *act, const char *text)
{
	size_t used = strlen(act->notes);

	snprintf(act->notes + used, sizeof(act->notes) - used, "; %s", text);
}

void act_end_refused(struct kube_act *act, const struct http_outcome *outcome)
{
	char text[400];
	int rc = -EIO;

	kube_failure_text(outcome, act->body.data, act->body.len, text, sizeof(text));
	if (outcome->rc)
		rc = outcome->rc;
	else if (outcome->status == 401 || outcome->status == 403)
		rc = -EACCES;
	else if (outcome->status == 404)
		rc = -ENOENT;
	else if (outcome->status == 409 || outcome->status == 429)
		rc = -EBUSY;
	else if (outcome->status < 500)
		rc = -EINVAL;
	/* Only what has been sent may have happened. */
	if ((outcome->rc || outcome->status >= 500) && !(act->sent && outcome->connected))
		act_end(act, -EAGAIN, "%s; nothing has been changed", text);
	else
		act_end(act, rc, "%s", text);
}

static void on_data(void *arg, long status, const char *bytes, size_t len)
{
	struct kube_act *act = arg;

	(void)status;
	buf_append(&act->body, bytes, len);
}

static void on_done(void *arg, const struct http_outcome *outcome)
{
	struct kube_act *act = arg;

	act->call = NULL;
	kube_client_learn(&act->kube->client, outcome);
	act->answered(act, outcome);
}

static void ask_api(struct kube_act *act, const struct kube_ask *ask, bool writes,
		 void (*answered)(struct kube_act *act, const struct http_outcome *outcome))
{
	struct kube_ask mine = *ask;

	mine.data = on_data;
	mine.done = on_done;
	mine.arg = act;
	act->answered = answered;
	buf_clear(&act->body);
	act->call = writes ? kube_write(act->kube, &mine) : kube_read(&act->kube->client, &mine);
	if (!act->call)
		act_end(act, -EPERM, "read-only: nothing is changed");
}

void act_read(struct kube_act *act, const struct kube_ask *ask,
	      void (*answered)(struct kube_act *act, const struct http_outcome *outcome))
{
	ask_api(act, ask, false, answered);
}

void act_write(struct kube_act *act, const struct kube_ask *ask,
	       void (*answered)(struct kube_act *act, const struct http_outcome *outcome))
{
	ask_api(act, ask, true, answered);
}

json_t *act_answer(const struct kube_act *act)
{
	return jx_load(act->body.data, act->body.len);
}

/* What kinds the API knows them as. */
struct api_kind {
	const char *kind, *group, *prefix, *plural;
};

static const struct api_kind *find_kind(const char *kind)
{
	static const struct api_kind kinds[] = {
		{"deployment", "apps", "/apis/apps/v1", "deployments"},
		{"daemonset", "apps", "/apis/apps/v1", "daemonsets"},
		{"statefulset", "apps", "/apis/apps/v1", "statefulsets"},
		{"pod", "", "/api/v1", "pods"},
		{"node", "", "/api/v1", "nodes"},
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].kind, kind))
			return &kinds[i];
	return NULL;
}

static bool build_cordon(struct kube_act *act, struct kube_ask *ask, char **ret_body)
{
	bool cordon = !strcmp(act->request.verb, "cordon");

	*ret_body = xstrdup(cordon ? "{\"spec\":{\"unschedulable\":true}}"
				   : "{\"spec\":{\"unschedulable\":null}}");
	ask->method = "PATCH";
	ask->content_type = "application/strategic-merge-patch+json";
	act->reply.count = 1;
	act->reply.undo = act->request;
	snprintf(act->reply.undo.verb, sizeof(act->reply.undo.verb), "%s",
		 cordon ? "uncordon" : "cordon");
	snprintf(act->reply.text, sizeof(act->reply.text), cordon
		 ? "no new pods are scheduled on this node; those running stay"
		 : "pods may be scheduled on this node again");
	return true;
}

/* A deletion with a body takes its options from there alone: dryRun in the query would be ignored,
 * and the preview would delete (k8s.io/apiserver, handlers/delete.go). */
static bool build_delete_pod(struct kube_act *act, struct kube_ask *ask, char **ret_body)
{
	const char *uid = act->request.target.uid;
	const char *dry = act->dry ? ",\"dryRun\":[\"All\"]" : "";

	*ret_body = uid[0]
		? xasprintf("{\"propagationPolicy\":\"Background\",\"preconditions\":"
			    "{\"uid\":\"%s\"}%s}", uid, dry)
		: xasprintf("{\"propagationPolicy\":\"Background\"%s}", dry);
	ask->method = "DELETE";
	ask->content_type = "application/json";
	act->reply.count = 1;
	snprintf(act->reply.text, sizeof(act->reply.text), "%s",
		 jx_controller(json_object_get(act->object, "metadata"))
		 ? "its controller makes a new pod in its place"
		 : "nothing makes a new one in its place: no controller owns it");
	return true;
}

static const struct kube_verb verbs[] = {
	{"rollout-restart", "patch", true, false, false, build_restart},
	{"rollout-undo", "patch", true, true, false, build_undo},
	{"cordon", "patch", false, false, false, build_cordon},
	{"uncordon", "patch", false, false, false, build_cordon},
	{"delete-pod", "delete", true, false, true, build_delete_pod},
};

static const char *const verb_names[] = {
	"rollout-restart", "rollout-undo", "cordon", "uncordon", "delete-pod", NULL,
};

static struct kube_act *begin(struct kube *kube, const struct act_request *request, act_cb cb,
			      void *arg)
{
	const struct act_target *target = &request->target;
	const struct api_kind *kind = find_kind(target->kind);
	struct kube_act *act;
	size_t i;

	if (!kind || !target->name[0] || (!target->ns[0] && strcmp(target->kind, "node")) ||
	    !kube_name_safe(target->ns) || !kube_name_safe(target->name))
		return NULL;
	act = xcalloc(1, sizeof(*act));
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].verb, request->verb))
			act->verb = &verbs[i];
	if (!act->verb) {
		free(act);
		return NULL;
	}
	act->kube = kube;
	act->next = kube->acts;
	kube->acts = act;
	act->request = *request;
	act->cb = cb;
	act->arg = arg;
	act->body.max = BODY_MAX;
	act->reply.count = -1;
	act->collection = target->ns[0]
		? xasprintf("%s/namespaces/%s/%s", kind->prefix, target->ns, kind->plural)
		: xasprintf("%s/%s", kind->prefix, kind->plural);
	return act;
}

/* Rights: a review, which the API takes as a POST but which changes nothing. */

static void reviewed(struct kube_act *act, const struct http_outcome *outcome)
{
	const struct api_kind *kind = find_kind(act->request.target.kind);
	json_t *answer = act_answer(act);
	const json_t *status = json_object_get(answer, "status");

	if (outcome->rc || outcome->status >= 300)
		act_end_refused(act, outcome);
	else if (jx_bool(status, "allowed"))
		act_end(act, 0, "allowed");
	else
		act_end(act, -EACCES, "needs the right to %s %s%s%s%s", act->verb->api_verb,
			kind->plural, act->request.target.ns[0] ? " in " : "",
			act->request.target.ns, jx_str(status, "reason") ? " (RBAC)" : "");
	json_decref(answer);
}

static int rights(void *self, const struct act_request *request, act_cb cb, void *arg)
{
	struct kube_act *act = begin(self, request, cb, arg);
	const struct api_kind *kind = act ? find_kind(request->target.kind) : NULL;
	struct kube_ask ask = {
		.method = "POST", .content_type = "application/json", .total_ms = ANSWER_MS,
		.path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
	};
	json_t *review;
	char *body;

	if (!act)
		return -EINVAL;
	review = json_pack("{s:s, s:s, s:{s:{s:s, s:s, s:s, s:s, s:s}}}", "apiVersion",
			   "authorization.k8s.io/v1", "kind", "SelfSubjectAccessReview", "spec",
			   "resourceAttributes", "namespace", request->target.ns, "verb",
			   act->verb->api_verb, "group", kind->group, "resource", kind->plural,
			   "name", request->target.name);
	body = json_dumps(review, JSON_COMPACT);
	ask.body = body;
	act_write(act, &ask, reviewed);
	json_decref(review);
	free(body);
	return 0;
}

/* The row of requests: claim, read, read the sets, write, leave an event. */

static void finished(struct kube_act *act)
{
	char text[sizeof(act->reply.text)];

	memcpy(text, act->reply.text, sizeof(text));
	act_end(act, 0, "%.250s%s", text, act->notes);
}

/* The causes name the budget and its numbers. Whoever may not ask hears nothing. */
static void budget_answered(struct kube_act *act, const struct http_outcome *outcome)
{
	json_t *answer = act_answer(act);
	const json_t *cause = json_array_get(jx_at(answer, "details.causes"), 0);
	const char *message = jx_str(cause, "message");
	char note[200];

	if (!outcome->rc && (outcome->status == 429 || outcome->status == 500)) {
		snprintf(note, sizeof(note), "an eviction would be refused, and deleting doesn't "
			 "ask: %.130s", message ? message : "a disruption budget forbids it");
		act_note(act, note);
	}
	json_decref(answer);
	finished(act);
}

/* Which budgets hold for a pod only the API server knows for sure: it is asked for an eviction that
 * doesn't take place. */
static void ask_budget(struct kube_act *act)
{
	const struct act_target *target = &act->request.target;
	char *path = xasprintf("%s/%s/eviction?dryRun=All", act->collection, target->name);
	char *body = xasprintf("{\"kind\":\"Eviction\",\"apiVersion\":\"policy/v1\",\"metadata\":"
			       "{\"name\":\"%s\",\"namespace\":\"%s\"},\"deleteOptions\":"
			       "{\"dryRun\":[\"All\"]}}", target->name, target->ns);
	struct kube_ask ask = {
		.method = "POST", .content_type = "application/json", .total_ms = ANSWER_MS,
		.path = path, .body = body,
	};

	act_write(act, &ask, budget_answered);
	free(path);
	free(body);
}

static void written(struct kube_act *act, const struct http_outcome *outcome)
{
	if (outcome->rc || outcome->status >= 300)
		act_end_refused(act, outcome);
	else if (act->dry && act->verb->ask_budget)
		ask_budget(act);
	else if (act->dry)
		finished(act);
	else
		act_leave_event(act, finished);
}

static void write_now(struct kube_act *act)
{
	struct kube_ask ask = {.total_ms = ANSWER_MS, .once = true};
	char *body = NULL, *path;

	if (act->cancelled) {
		act_end(act, -ECANCELED, "cancelled before anything was changed");
		return;
	}
	if (!act->verb->build(act, &ask, &body))
		return;
	path = xasprintf("%s/%s?fieldManager=sitrep%s", act->collection,
			 act->request.target.name, act->dry ? "&dryRun=All" : "");
	ask.path = path;
	ask.body = body;
	act->sent = !act->dry;
	act_write(act, &ask, written);
	free(path);
	free(body);
}

static void sets_read(struct kube_act *act, const struct http_outcome *outcome)
{
	if (outcome->rc || outcome->status != 200) {
		act_end_refused(act, outcome);
		return;
	}
	act->sets = act_answer(act);
	write_now(act);
}

static void read_sets(struct kube_act *act)
{
	char *selector = jx_selector(jx_at(act->object, "spec.selector.matchLabels"));
	char *path = xasprintf("/apis/apps/v1/namespaces/%s/replicasets?labelSelector=%s",
			       act->request.target.ns, selector);
	struct kube_ask ask = {.total_ms = ANSWER_MS, .gzip = true, .path = path};

	act_read(act, &ask, sets_read);
	free(path);
	free(selector);
}

static void object_read(struct kube_act *act, const struct http_outcome *outcome)
{
	if (outcome->rc || outcome->status != 200) {
		act_end_refused(act, outcome);
		return;
	}
	act->object = act_answer(act);
	if (act->verb->reads_sets)
		read_sets(act);
	else
		write_now(act);
}

static void read_object(struct kube_act *act)
{
	struct kube_ask ask = {.total_ms = ANSWER_MS};
	char *path;

	if (!act->verb->reads_object) {
		write_now(act);
		return;
	}
	path = xasprintf("%s/%s", act->collection, act->request.target.name);
	ask.path = path;
	act_read(act, &ask, object_read);
	free(path);
}

static int preview(void *self, const struct act_request *request, act_cb cb, void *arg)
{
	struct kube_act *act = begin(self, request, cb, arg);

	if (!act)
		return -EINVAL;
	act->dry = true;
	read_object(act);
	return 0;
}

static struct kube_act *under_way(const struct kube *kube)
{
	struct kube_act *act;

	for (act = kube->acts; act; act = act->next)
		if (act->changes)
			return act;
	return NULL;
}

static int act_now(void *self, const struct act_request *request, act_cb cb, void *arg)
{
	struct kube_act *act;

	if (under_way(self))
		return -EBUSY;
	act = begin(self, request, cb, arg);
	if (!act)
		return -EINVAL;
	act->changes = true;
	act_claim(act, read_object);
	return 0;
}

static void cancel(void *self)
{
	struct kube_act *act = under_way(self);

	if (act)
		act->cancelled = true;
}

void kube_acts_stop(struct kube *kube)
{
	while (kube->acts) {
		http_cancel(kube->acts->call);
		act_end(kube->acts, -ECANCELED, "sitrep has ended before the answer came");
	}
}

const struct actuator_ops kube_actuator = {
	.name = "kube",
	.verbs = verb_names,
	.rights = rights,
	.preview = preview,
	.act = act_now,
	.cancel = cancel,
};

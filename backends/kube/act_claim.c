/*
 * backends/kube/act_claim.c: shared truth lives in the cluster. A Lease claims the target for
 * half a minute, so that two on-calls cannot do the same thing twice; an Event tells everyone who
 * did what. Rights for either may be missing: then the action goes on and says so.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/kube/act.h"
#include "backends/kube/jsonx.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/hash.h"

#define CLAIM_SECONDS 30
#define ANSWER_MS 5000

static const char *home_namespace(const struct kube_act *act)
{
	return act->request.target.ns[0] ? act->request.target.ns : "default";
}

static char *who(void)
{
	const struct passwd *user = getpwuid(geteuid());
	char host[128] = "";

	gethostname(host, sizeof(host) - 1);
	return xasprintf("%s@%s", user ? user->pw_name : "unknown", host);
}

static char *claim_name(const struct kube_act *act)
{
	char text[400];

	act_target_text(&act->request.target, text, sizeof(text));
	return xasprintf("sitrep-%08x", hash_bytes(text, strlen(text)));
}

static char *claim_body(const struct kube_act *act, const char *version)
{
	char *name = claim_name(act), *holder = who(), now[CLOCK_TEXT], micro[CLOCK_TEXT + 8];
	json_t *lease;
	char *text;

	clock_format_rfc3339(clock_wall_ms(), now);
	now[strlen(now) - 1] = '\0';
	snprintf(micro, sizeof(micro), "%s.000000Z", now);
	lease = json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s, s:i, s:s, s:s}}",
			  "apiVersion", "coordination.k8s.io/v1", "kind", "Lease",
			  "metadata", "name", name, "namespace", home_namespace(act),
			  "spec", "holderIdentity", holder, "leaseDurationSeconds", CLAIM_SECONDS,
			  "acquireTime", micro, "renewTime", micro);
	if (version)
		json_object_set_new(json_object_get(lease, "metadata"), "resourceVersion",
				    json_string(version));
	text = json_dumps(lease, JSON_COMPACT);
	json_decref(lease);
	free(name);
	free(holder);
	return text;
}

static void after_claim(struct kube_act *act)
{
	act_step then = act->then;

	act->then = NULL;
	then(act);
}

static void renewed(struct kube_act *act, const struct http_outcome *outcome)
{
	if (outcome->status == 409) {
		act_end(act, -EBUSY, "someone else has just claimed this target");
		return;
	}
	if (outcome->rc || outcome->status >= 300)
		act_note(act, "not claimed");
	after_claim(act);
}

static void seen(struct kube_act *act, const struct http_outcome *outcome)
{
	json_t *lease = act_answer(act);
	const json_t *spec = json_object_get(lease, "spec");
	const char *holder = jx_str(spec, "holderIdentity");
	int64_t held_until = jx_time(spec, "renewTime") +
			     (int64_t)jx_int32(spec, "leaseDurationSeconds") * 1000;
	char *us = who(), *name = claim_name(act), *path, *body;
	struct kube_ask ask = {.method = "PUT", .content_type = "application/json",
			       .total_ms = ANSWER_MS};

	if (outcome->rc || outcome->status != 200) {
		act_note(act, "not claimed");
		after_claim(act);
	} else if (holder && strcmp(holder, us) && held_until > clock_wall_ms()) {
		act_end(act, -EBUSY, "%s is acting on this target at this moment (claimed %s)",
			holder, jx_str(spec, "renewTime"));
	} else {
		path = xasprintf("/apis/coordination.k8s.io/v1/namespaces/%s/leases/%s",
				 home_namespace(act), name);
		body = claim_body(act, jx_str(json_object_get(lease, "metadata"),
					      "resourceVersion"));
		ask.path = path;
		ask.body = body;
		act_write(act, &ask, renewed);
		free(path);
		free(body);
	}
	json_decref(lease);
	free(us);
	free(name);
}

static void claimed(struct kube_act *act, const struct http_outcome *outcome)
{
	char *name, *path;
	struct kube_ask ask = {.total_ms = ANSWER_MS};

	if (outcome->status != 409) {
		if (outcome->rc || outcome->status >= 300)
			act_note(act, "not claimed: no right to write leases");
		after_claim(act);
		return;
	}
	name = claim_name(act);
	path = xasprintf("/apis/coordination.k8s.io/v1/namespaces/%s/leases/%s",
			 home_namespace(act), name);
	ask.path = path;
	act_read(act, &ask, seen);
	free(path);
	free(name);
}

void act_claim(struct kube_act *act, act_step then)
{
	char *path = xasprintf("/apis/coordination.k8s.io/v1/namespaces/%s/leases",
			       home_namespace(act));
	char *body = claim_body(act, NULL);
	struct kube_ask ask = {.method = "POST", .content_type = "application/json",
			       .path = path, .body = body, .total_ms = ANSWER_MS};

	act->then = then;
	act_write(act, &ask, claimed);
	free(path);
	free(body);
}

static void told(struct kube_act *act, const struct http_outcome *outcome)
{
	if (outcome->rc || outcome->status >= 300)
		act_note(act, "no event left: no right to write events");
	after_claim(act);
}

static const char *kind_word(const char *kind)
{
	static const char *const words[][2] = {
		{"deployment", "Deployment"}, {"daemonset", "DaemonSet"},
		{"statefulset", "StatefulSet"}, {"pod", "Pod"}, {"node", "Node"},
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i][0], kind))
			return words[i][1];
	return "";
}

void act_leave_event(struct kube_act *act, act_step then)
{
	const struct act_target *target = &act->request.target;
	char *by = who(), now[CLOCK_TEXT];
	char *path = xasprintf("/api/v1/namespaces/%s/events", home_namespace(act));
	char *message = xasprintf("%s by %s with sitrep " PACKAGE_VERSION, act->request.verb, by);
	const char *uid = jx_str(json_object_get(act->object, "metadata"), "uid");
	json_t *event;
	char *body;
	struct kube_ask ask = {.method = "POST", .content_type = "application/json",
			       .total_ms = ANSWER_MS};

	clock_format_rfc3339(clock_wall_ms(), now);
	event = json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s, s:s, s:s?}, s:s, s:s, s:s,"
			  " s:{s:s}, s:s, s:s, s:i}",
			  "apiVersion", "v1", "kind", "Event", "metadata", "generateName",
			  "sitrep.", "namespace", home_namespace(act), "involvedObject", "kind",
			  kind_word(target->kind), "namespace", target->ns, "name", target->name,
			  "uid", uid, "reason", "SitrepAction", "type", "Normal", "message",
			  message, "source", "component", "sitrep", "firstTimestamp", now,
			  "lastTimestamp", now, "count", 1);
	body = json_dumps(event, JSON_COMPACT);
	ask.path = path;
	ask.body = body;
	act->then = then;
	act_write(act, &ask, told);
	json_decref(event);
	free(body);
	free(message);
	free(path);
	free(by);
}

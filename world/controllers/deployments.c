/* world/controllers/deployments.c: rolling from one replica set to the next; see workloads.h */
#include "world/controllers/workloads.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/controllers/events.h"
#include "world/controllers/pod_status.h"
#include "world/jx.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

#define REVISION "deployment.kubernetes.io/revision"
#define MEMBERS_MAX 64

/* A deployment with its replica sets, oldest revision first. All borrowed or held by `held`. */
struct rollout {
	struct world *world;
	json_t *deployment;
	json_t *sets[MEMBERS_MAX];
	int count;
	json_t *current;              /* one of them, or NULL */
	long long desired, surge, unavailable;
};

static int revision_of(const json_t *object)
{
	return (int)strtol(jx_annotation(object, REVISION), NULL, 10);
}

static bool owns(const json_t *deployment, const json_t *set)
{
	return !strcmp(jx_str(jx_controller(set), "uid"), jx_uid(deployment));
}

json_t *deployment_current(const struct world *world, const json_t *deployment)
{
	json_t *wanted = template_plain(jx_get(deployment, "spec.template"));
	json_t *found = NULL, *set;

	for (size_t i = 0; !found && (set = store_at(world->store, RES_REPLICASETS, i)); i++) {
		json_t *has;

		if (!owns(deployment, set))
			continue;
		has = template_plain(jx_get(set, "spec.template"));
		if (json_equal(wanted, has))
			found = set;
		json_decref(has);
	}
	json_decref(wanted);
	return found;
}

/* Numbers or percentages of the wanted replicas. */
static long long share(const json_t *value, long long of, bool up)
{
	double part;

	if (json_is_integer(value))
		return json_integer_value(value);
	part = (double)of * (json_is_string(value) ? atof(json_string_value(value)) : 25) / 100;
	return (long long)(up ? ceil(part) : floor(part));
}

static void gather(struct rollout *r)
{
	json_t *set;

	r->desired = jx_int(r->deployment, "spec.replicas");
	r->surge = share(jx_get(r->deployment, "spec.strategy.rollingUpdate.maxSurge"),
			 r->desired, true);
	r->unavailable = share(jx_get(r->deployment,
				      "spec.strategy.rollingUpdate.maxUnavailable"),
			       r->desired, false);
	if (!r->surge && !r->unavailable)
		r->unavailable = 1;
	r->count = 0;
	for (size_t i = 0; (set = store_at(r->world->store, RES_REPLICASETS, i)); i++) {
		int at;

		if (!owns(r->deployment, set) || r->count == MEMBERS_MAX)
			continue;
		for (at = r->count++; at > 0 && revision_of(r->sets[at - 1]) > revision_of(set);
		     at--)
			r->sets[at] = r->sets[at - 1];
		r->sets[at] = set;
	}
	r->current = deployment_current(r->world, r->deployment);
}

json_t *deployment_add_replicaset(struct world *world, const json_t *deployment,
				  const json_t *template, int revision, int64_t at_us)
{
	json_t *set = json_object(), *copy = json_deep_copy(template);
	char hash[12], text[16];

	template_hash(template, hash);
	snprintf(text, sizeof(text), "%d", revision);
	json_object_set_new(jx_make(copy, "metadata.labels"), "pod-template-hash",
			    json_string(hash));
	jx_set(set, "metadata.name", json_sprintf("%s-%s", jx_name(deployment), hash));
	jx_set_str(set, "metadata.namespace", jx_namespace(deployment));
	jx_set(set, "metadata.labels", json_deep_copy(jx_get(copy, "metadata.labels")));
	json_object_set_new(jx_make(set, "metadata.annotations"), REVISION, json_string(text));
	jx_set(set, "metadata.ownerReferences", json_pack("[o]", owner_reference(deployment)));
	jx_set(set, "metadata.creationTimestamp", when_json(at_us));
	jx_set_int(set, "spec.replicas", 0);
	jx_set(set, "spec.selector", json_deep_copy(jx_get(deployment, "spec.selector")));
	json_object_set_new(jx_make(set, "spec.selector.matchLabels"), "pod-template-hash",
			    json_string(hash));
	jx_set(set, "spec.template", copy);
	jx_set_int(set, "status.replicas", 0);
	return store_put(world->store, RES_REPLICASETS, set);
}

static void set_annotation(json_t *object, const char *key, const char *value)
{
	json_object_set_new(jx_make(object, "metadata.annotations"), key, json_string(value));
}

/* The current set carries the newest revision, and so does the deployment. */
static void number(struct rollout *r)
{
	int newest = r->count ? revision_of(r->sets[r->count - 1]) : 0;
	int revision = revision_of(r->current);
	char text[16];
	json_t *copy;

	if (revision < newest || !revision) {
		char old[16];

		copy = json_deep_copy(r->current);
		snprintf(old, sizeof(old), "%d", revision);
		revision = newest + 1;
		snprintf(text, sizeof(text), "%d", revision);
		if (*old != '0')
			set_annotation(copy, "deployment.kubernetes.io/revision-history", old);
		set_annotation(copy, REVISION, text);
		store_put(r->world->store, RES_REPLICASETS, copy);
	}
	snprintf(text, sizeof(text), "%d", revision);
	if (strcmp(jx_annotation(r->deployment, REVISION), text)) {
		copy = json_deep_copy(r->deployment);
		set_annotation(copy, REVISION, text);
		r->deployment = store_put(r->world->store, RES_DEPLOYMENTS, copy);
	}
}

static void progress(struct rollout *r, const char *status, const char *reason,
		     const char *format, const char *name)
{
	json_t *copy = json_deep_copy(r->deployment), *condition;
	char message[320], now[WHEN_TEXT];

	snprintf(message, sizeof(message), "%s \"%s\" %s", "ReplicaSet", name, format);
	condition_set(copy, "Progressing", status, reason, message, when_now_us());
	condition = jx_find(jx_get(copy, "status.conditions"), "type", "Progressing");
	jx_set_str(condition, "lastUpdateTime", when_seconds(when_now_us(), now));
	r->deployment = store_put(r->world->store, RES_DEPLOYMENTS, copy);
}

static void begin(struct rollout *r)
{
	int newest = r->count ? revision_of(r->sets[r->count - 1]) : 0;
	json_t *set = deployment_add_replicaset(r->world, r->deployment,
						jx_get(r->deployment, "spec.template"),
						newest + 1, when_now_us());

	progress(r, "True", "NewReplicaSetCreated", "is being created", jx_name(set));
	gather(r);
}

static void scale(struct rollout *r, json_t *set, long long to)
{
	long long from = jx_int(set, "spec.replicas");
	json_t *copy;

	if (from == to)
		return;
	copy = json_deep_copy(set);
	jx_set_int(copy, "spec.replicas", to);
	jx_set_int(copy, "metadata.generation", jx_int(copy, "metadata.generation") + 1);
	store_put(r->world->store, RES_REPLICASETS, copy);
	event_record(r->world, r->deployment, "deployment-controller", "Normal",
		     "ScalingReplicaSet", 0, "Scaled %s replica set %s from %lld to %lld",
		     to > from ? "up" : "down", jx_name(copy), from, to);
}

static long long sum(const struct rollout *r, const char *path)
{
	long long total = 0;

	for (int i = 0; i < r->count; i++)
		total += jx_int(r->sets[i], path);
	return total;
}

/* Take away from the old sets, oldest first: at most `budget`; what is not available, or any. */
static long long shrink(struct rollout *r, long long budget, bool unhealthy_only)
{
	long long taken = 0;

	for (int i = 0; i < r->count && taken < budget; i++) {
		long long has = jx_int(r->sets[i], "spec.replicas"), take = has;

		if (r->sets[i] == r->current || !has)
			continue;
		if (unhealthy_only)
			take -= jx_int(r->sets[i], "status.availableReplicas");
		if (take > budget - taken)
			take = budget - taken;
		if (take <= 0)
			continue;
		scale(r, r->sets[i], has - take);
		taken += take;
	}
	return taken;
}

static void roll(struct rollout *r)
{
	long long has = jx_int(r->current, "spec.replicas"), total = sum(r, "spec.replicas");
	long long room = r->desired + r->surge - total, budget, available;

	if (has > r->desired) {
		scale(r, r->current, r->desired);
		return;
	}
	if (has < r->desired && room > 0) {
		scale(r, r->current, has + (room < r->desired - has ? room : r->desired - has));
		return;
	}
	if (total == has)
		return;
	budget = total - (r->desired - r->unavailable) -
		 (has - jx_int(r->current, "status.availableReplicas"));
	if (budget > 0 && shrink(r, budget, true))
		return;
	available = sum(r, "status.availableReplicas") - (r->desired - r->unavailable);
	if (available > 0)
		shrink(r, available, false);
}

static void recreate(struct rollout *r)
{
	long long others = 0;

	for (int i = 0; i < r->count; i++) {
		if (r->sets[i] == r->current)
			continue;
		scale(r, r->sets[i], 0);
		others += jx_int(r->sets[i], "status.replicas");
	}
	if (!others)
		scale(r, r->current, r->desired);
}

/* ---- status ------------------------------------------------------------------------------- */

static void count_status(const struct rollout *r, json_t *status)
{
	static const char *const keys[] = {"replicas", "updatedReplicas", "readyReplicas",
					   "availableReplicas", "unavailableReplicas"};
	long long total = sum(r, "spec.replicas");
	long long available = sum(r, "status.availableReplicas");
	long long values[] = {sum(r, "status.replicas"), jx_int(r->current, "status.replicas"),
			      sum(r, "status.readyReplicas"), available,
			      total > available ? total - available : 0};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (values[i])
			jx_set_int(status, keys[i], values[i]);
		else
			json_object_del(status, keys[i]);
	}
	jx_set_int(status, "observedGeneration",
		   jx_int(r->deployment, "metadata.generation"));
}

static bool moved_on(const json_t *before, const json_t *after)
{
	return jx_int(after, "updatedReplicas") > jx_int(before, "updatedReplicas") ||
	       jx_int(after, "readyReplicas") > jx_int(before, "readyReplicas") ||
	       jx_int(after, "availableReplicas") > jx_int(before, "availableReplicas") ||
	       jx_int(after, "replicas") - jx_int(after, "updatedReplicas") <
		       jx_int(before, "replicas") - jx_int(before, "updatedReplicas");
}

static bool complete(const struct rollout *r, const json_t *status)
{
	return jx_int(status, "updatedReplicas") == r->desired &&
	       jx_int(status, "replicas") == r->desired &&
	       jx_int(status, "availableReplicas") == r->desired;
}

static void judge_progress(struct rollout *r, const json_t *before)
{
	const json_t *status = json_object_get(r->deployment, "status");
	const json_t *condition = jx_find(jx_get(status, "conditions"), "type", "Progressing");
	const char *reason = jx_str(condition, "reason"), *name = jx_name(r->current);
	long long deadline = jx_int(r->deployment, "spec.progressDeadlineSeconds");
	int64_t since = when_parse(jx_str(condition, "lastUpdateTime"));

	if (!strcmp(reason, "NewReplicaSetAvailable"))
		return;
	if (complete(r, status))
		progress(r, "True", "NewReplicaSetAvailable", "has successfully progressed.",
			 name);
	else if (moved_on(before, status))
		progress(r, "True", "ReplicaSetUpdated", "is progressing.", name);
	else if (strcmp(reason, "ProgressDeadlineExceeded") && since &&
		 when_now_us() - since > (deadline ? deadline : 600) * 1000000)
		progress(r, "False", "ProgressDeadlineExceeded", "has timed out progressing.",
			 name);
}

static void write_status(struct rollout *r)
{
	json_t *before = json_deep_copy(json_object_get(r->deployment, "status"));
	json_t *copy = json_deep_copy(r->deployment), *condition;
	bool enough;

	count_status(r, jx_make(copy, "status"));
	enough = jx_int(copy, "status.availableReplicas") >= r->desired - r->unavailable;
	condition_set(copy, "Available", enough ? "True" : "False",
		      enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
		      enough ? "Deployment has minimum availability."
			     : "Deployment does not have minimum availability.",
		      when_now_us());
	condition = jx_find(jx_get(copy, "status.conditions"), "type", "Available");
	jx_set(condition, "lastUpdateTime",
	       json_incref(json_object_get(condition, "lastTransitionTime")));
	r->deployment = store_put(r->world->store, RES_DEPLOYMENTS, copy);
	judge_progress(r, before);
	json_decref(before);
}

static void forget_history(struct rollout *r)
{
	const json_t *limit = jx_get(r->deployment, "spec.revisionHistoryLimit");
	long long keep = limit ? json_integer_value(limit) : 10;
	int excess = r->count - 1 - (int)keep;

	for (int i = 0; i < r->count && excess > 0; i++) {
		if (r->sets[i] == r->current || jx_int(r->sets[i], "status.replicas") ||
		    jx_int(r->sets[i], "spec.replicas"))
			continue;
		store_remove(r->world->store, RES_REPLICASETS, jx_namespace(r->sets[i]),
			     jx_name(r->sets[i]));
		excess--;
	}
}

static void reconcile(struct world *world, json_t *deployment)
{
	struct rollout r = {.world = world, .deployment = deployment};

	gather(&r);
	if (!r.current && !jx_true(deployment, "spec.paused"))
		begin(&r);
	if (!r.current)
		return;
	number(&r);
	gather(&r);
	if (!strcmp(jx_str(deployment, "spec.strategy.type"), "Recreate"))
		recreate(&r);
	else
		roll(&r);
	gather(&r);
	write_status(&r);
	forget_history(&r);
}

void deployments_reconcile(struct world *world)
{
	for (size_t i = 0; i < store_count(world->store, RES_DEPLOYMENTS); i++)
		reconcile(world, store_at(world->store, RES_DEPLOYMENTS, i));
}

/* world/scenario.c: see scenario.h */
#include "world/scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "world/controllers/events.h"
#include "world/controllers/kubelet.h"
#include "world/controllers/nodes.h"
#include "world/controllers/workloads.h"
#include "world/jx.h"
#include "world/machines/machines.h"
#include "world/outside.h"
#include "world/postgres.h"
#include "world/redis.h"
#include "world/role.h"
#include "world/scenario_private.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

#define HEALED_FOR_MS 1500       /* the conditions must hold this long */
/* ---- what can be done ---------------------------------------------------------------------
 * Each returns the sentence for the "fault" line; what a step needs was checked before. */

json_t *step_deployment(const struct scenario *s, const struct step *step)
{
	return store_get(s->world->store, RES_DEPLOYMENTS, step->ns ? step->ns : "",
			 step->name ? step->name : "");
}

static json_t *list_of(const struct strlist *texts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < texts->len; i++)
		json_array_append_new(list, json_string(texts->items[i]));
	return list;
}

static void crash_rule(struct scenario *s, const struct step *step, const char *image,
		       const char *owner)
{
	json_t *last_words = list_of(&step->crash.last_words);
	const struct crash crash = {
		.image = image, .owner = owner,
		.exit_code = step->crash.exit_code ? (int)step->crash.exit_code : 1,
		.reason = step->crash.reason, .lasts = step->crash.after,
		.last_words = last_words,
	};

	kubelet_crash(s->world->kubelet, &crash);
	json_decref(last_words);
}

static char *do_new_revision(struct scenario *s, const struct step *step)
{
	json_t *copy = json_deep_copy(step_deployment(s, step));
	json_t *container = json_array_get(jx_get(copy, "spec.template.spec.containers"), 0);

	if (step->crash.exit_code)
		crash_rule(s, step, step->image, NULL);
	jx_set_str(container, "image", step->image);
	jx_set_int(copy, "metadata.generation", jx_int(copy, "metadata.generation") + 1);
	if (step->cause)
		json_object_set_new(jx_make(copy, "metadata.annotations"),
				    "kubernetes.io/change-cause", json_string(step->cause));
	store_put(s->world->store, RES_DEPLOYMENTS, copy);
	return xasprintf("%s/%s is rolled out with %s", step->ns, step->name, step->image);
}

static char *do_break(struct scenario *s, const struct step *step)
{
	const json_t *set = deployment_current(s->world, step_deployment(s, step));

	if (set)
		crash_rule(s, step, NULL, jx_uid(set));
	return xasprintf("the pods of %s/%s crash until it is restarted", step->ns, step->name);
}

static char *do_policy(struct scenario *s, const struct step *step)
{
	redis_set_policy(s->world->redis, step->policy);
	return xasprintf("Redis's maxmemory-policy is now %s", step->policy);
}

static char *do_maxmemory(struct scenario *s, const struct step *step)
{
	redis_set_maxmemory(s->world->redis, step->bytes);
	return xasprintf("Redis's maxmemory is now %lld bytes", (long long)step->bytes);
}

static char *do_fill(struct scenario *s, const struct step *step)
{
	const struct strlist *size = &step->size;
	long long low = size->len ? strtoll(size->items[0], NULL, 10) : 1000;
	long long high = size->len > 1 ? strtoll(size->items[1], NULL, 10) : low;
	json_t *row = json_pack("{s:s, s:s, s:[I, I], s:I}", "pattern", step->pattern, "type",
				step->type, "size", (json_int_t)low, (json_int_t)high, "ttl",
				(json_int_t)step->ttl);

	redis_fill(s->world->redis, row, step->to_percent);
	json_decref(row);
	return xasprintf("Redis fills to %.0f %% with %s", step->to_percent, step->pattern);
}

static void log_lines(struct scenario *s, const struct step *step)
{
	for (size_t i = 0; i < step->lines.len; i++)
		kubelet_print(s->world->kubelet, step->ns, step->name, step->lines.items[i]);
}

static char *do_log(struct scenario *s, const struct step *step)
{
	log_lines(s, step);
	if (step->every > 0 && s->repeat_count < REPEATS_MAX)
		s->repeats[s->repeat_count++] = (struct repeat){step, world_now(s->world)};
	return xasprintf("%s/%s logs \"%s\"", step->ns, step->name, step->lines.items[0]);
}

static char *do_event(struct scenario *s, const struct step *step)
{
	json_t *about = store_get(s->world->store, resource_by_kind(step->kind),
				  step->ns ? step->ns : "", step->name);

	if (about)
		event_record(s->world, about, "drill", step->event_type, step->reason, 0, "%s",
			     step->message);
	return xasprintf("event %s on %s", step->reason, step->name);
}

static char *do_vendor(struct scenario *s, const struct step *step)
{
	struct outside *outside = s->world->outside;

	if (step->action == ACTION_VENDOR_RESOLVED) {
		outside_resolve(outside, step->vendor);
		return xasprintf("%s says that all is well", step->vendor);
	}
	outside_incident(outside, step->vendor, step->component, step->region, step->impact,
			 step->title, step->message);
	return xasprintf("%s reports: %s", step->vendor, step->title);
}

static char *do_endpoint(struct scenario *s, const struct step *step)
{
	bool heal = step->action == ACTION_ENDPOINT_HEAL;

	outside_set_fault(s->world->outside, step->endpoint,
			  heal ? OUTSIDE_WELL : (enum outside_fault)step->fault, (int)step->status,
			  step->delay, step->answer);
	return xasprintf("%s: %s", step->endpoint, heal ? "as always" : outside_faults[step->fault]);
}

static char *do_postgres(struct scenario *s, const struct step *step)
{
	bool heal = step->action == ACTION_POSTGRES_HEAL;
	enum postgres_fault fault = heal ? POSTGRES_WELL : (enum postgres_fault)step->postgres_fault;

	postgres_set_fault(s->world->postgres, (unsigned int)step->way + 1, fault);
	if (heal)
		postgres_set_blocker(s->world->postgres, "", 0);
	return xasprintf("Postgres, %s: %s", postgres_ways[step->way],
			 heal ? "as always" : postgres_faults[fault]);
}

static char *do_postgres_use(struct scenario *s, const struct step *step)
{
	postgres_set_use(s->world->postgres, step->used);
	return xstrdup(step->used ? "Postgres is used again" : "nobody uses Postgres: it sleeps");
}

static char *do_postgres_block(struct scenario *s, const struct step *step)
{
	postgres_set_blocker(s->world->postgres, step->application, step->waiting);
	return xasprintf("%s sits in a transaction, %lld wait for its lock", step->application,
			 (long long)step->waiting);
}

static char *do_postgres_schema(struct scenario *s, const struct step *step)
{
	if (step->action == ACTION_POSTGRES_INDEX) {
		postgres_set_invalid_index(s->world->postgres, step->name);
		return xasprintf("index %s is invalid", step->name);
	}
	postgres_set_version(s->world->postgres, step->version);
	return xasprintf("the newest migration is %lld", (long long)step->version);
}

/* ---- the actions and what they need -------------------------------------------------------- */

bool is_node(const struct scenario *s, const struct step *step)
{
	return step->node && store_get(s->world->store, RES_NODES, "", step->node);
}

static bool is_deployment(const struct scenario *s, const struct step *step)
{
	return step_deployment(s, step);
}

static bool is_new_revision(const struct scenario *s, const struct step *step)
{
	return step_deployment(s, step) && step->image;
}

static bool is_policy(const struct scenario *s, const struct step *step)
{
	(void)s;
	return step->policy && redis_known_policy(step->policy);
}

static bool is_bytes(const struct scenario *s, const struct step *step)
{
	(void)s;
	return step->bytes >= 0;
}

static bool is_fill(const struct scenario *s, const struct step *step)
{
	(void)s;
	return step->to_percent > 0 && step->pattern;
}

static bool is_log(const struct scenario *s, const struct step *step)
{
	(void)s;
	return step->ns && step->name && step->lines.len;
}

static bool is_event(const struct scenario *s, const struct step *step)
{
	(void)s;
	return step->kind && resource_by_kind(step->kind) != RES_NONE && step->name &&
	       step->reason;
}

static bool is_vendor(const struct scenario *s, const struct step *step)
{
	return outside_has_vendor(s->world->outside, step->vendor) &&
	       (step->action == ACTION_VENDOR_RESOLVED || step->title);
}

static bool is_endpoint(const struct scenario *s, const struct step *step)
{
	return outside_has_endpoint(s->world->outside, step->endpoint);
}

static bool is_ever(const struct scenario *s, const struct step *step)
{
	(void)s;
	(void)step;
	return true;
}

static bool is_index(const struct scenario *s, const struct step *step)
{
	(void)s;
	return step->name;
}

static const struct {
	char *(*run)(struct scenario *scenario, const struct step *step);
	bool (*valid)(const struct scenario *scenario, const struct step *step);
	const char *needs;
} actions[ACTION_COUNT] = {
	[ACTION_STOP_NODE] = {do_node, is_node, "node: the name of a node"},
	[ACTION_START_NODE] = {do_node, is_node, "node: the name of a node"},
	[ACTION_NEW_REVISION] = {do_new_revision, is_new_revision,
				 "namespace and name of a deployment, and image"},
	[ACTION_BREAK] = {do_break, is_deployment, "namespace and name of a deployment"},
	[ACTION_SET_POLICY] = {do_policy, is_policy, "policy: one that Redis knows"},
	[ACTION_SET_MAXMEMORY] = {do_maxmemory, is_bytes, "bytes: a whole number"},
	[ACTION_FILL] = {do_fill, is_fill, "to_percent and pattern"},
	[ACTION_LOG] = {do_log, is_log, "namespace, name and lines"},
	[ACTION_EVENT] = {do_event, is_event, "kind, name and reason"},
	[ACTION_VENDOR_INCIDENT] = {do_vendor, is_vendor, "vendor: one of the cluster's, and title"},
	[ACTION_VENDOR_RESOLVED] = {do_vendor, is_vendor, "vendor: one of the cluster's"},
	[ACTION_ENDPOINT_FAULT] = {do_endpoint, is_endpoint, "endpoint: edge, origin/NODE, ..."},
	[ACTION_POSTGRES_FAULT] = {do_postgres, is_ever, ""},
	[ACTION_POSTGRES_HEAL] = {do_postgres, is_ever, ""},
	[ACTION_POSTGRES_USE] = {do_postgres_use, is_ever, ""},
	[ACTION_POSTGRES_BLOCK] = {do_postgres_block, is_ever, ""},
	[ACTION_POSTGRES_MIGRATION] = {do_postgres_schema, is_ever, ""},
	[ACTION_POSTGRES_INDEX] = {do_postgres_schema, is_index, "name: an index"},
	[ACTION_UFW_RULE] = {do_rule, is_rule, "node: one with a machine, and rule"},
	[ACTION_UFW_DELETE] = {do_rule, is_rule, "node: one with a machine, and rule"},
	[ACTION_K3S_STOP] = {do_unit, is_machine, "node: one with a machine"},
	[ACTION_K3S_START] = {do_unit, is_machine, "node: one with a machine"},
	[ACTION_CLOCK_SKEW] = {do_clock, is_machine, "node: one with a machine"},
	[ACTION_LOAD] = {do_load, is_load, "node: one with a machine, and load"},
	[ACTION_SSH_FAULT] = {do_ssh, is_machine, "node: one with a machine"},
	[ACTION_SSH_HEAL] = {do_ssh, is_machine, "node: one with a machine"},
	[ACTION_ENDPOINT_HEAL] = {do_endpoint, is_endpoint, "endpoint: edge, origin/NODE, ..."},
	[ACTION_OVERLAY_BREAK] = {do_overlay, is_node, "node: the name of a node"},
	[ACTION_OVERLAY_HEAL] = {do_overlay, is_node, "node: the name of a node"},
	[ACTION_DISK_FILL] = {do_disk, is_disk, "node: the name of a node, and to_percent"},
	[ACTION_MEMBER_LOST] = {do_member, is_member, "node: the name of a node, and reason: "
				"Unhealthy, MemberIsLearner or NotAMember"},
	[ACTION_MEMBER_BACK] = {do_member, is_node, "node: the name of a node"},
	[ACTION_READYZ_FAIL] = {do_readyz, is_check, "name: a check of /readyz; node: one of them, or none"},
	[ACTION_READYZ_HEAL] = {do_readyz, is_check, "name: a check of /readyz; node: one of them, or none"},
	[ACTION_API_LOST] = {do_api, is_api_lost, "name: an APIService, and reason"},
	[ACTION_API_BACK] = {do_api, is_api, "name: an APIService"},
	[ACTION_VOLUME_PIN] = {do_pin, is_pin, "name: a PersistentVolume, and node"},
	[ACTION_CONFIG_SET] = {do_config, is_config, "namespace and name of a ConfigMap, key and "
			       "value"},
	[ACTION_METRIC_GONE] = {do_metric, is_metric, "namespace, name and metric"},
	[ACTION_METRIC_BACK] = {do_metric, is_metric, "namespace, name and metric"},
	[ACTION_METRICS_STUCK] = {do_stuck, is_shipping, "namespace and name of a deployment that "
				  "ships metrics"},
};

/* ---- is it whole again? ------------------------------------------------------------------- */

/* Of "namespace/name"; NULL when there is none. */
static json_t *named_deployment(const struct scenario *s, const char *text)
{
	char ns[64], name[254];

	if (sscanf(text, "%63[^/]/%253s", ns, name) != 2)
		return NULL;
	return store_get(s->world->store, RES_DEPLOYMENTS, ns, name);
}

static bool deployment_whole(const json_t *d)
{
	long long wanted = jx_int(d, "spec.replicas");

	return jx_int(d, "status.observedGeneration") == jx_int(d, "metadata.generation") &&
	       jx_int(d, "status.updatedReplicas") == wanted &&
	       jx_int(d, "status.availableReplicas") == wanted &&
	       jx_int(d, "status.replicas") == wanted;
}

static bool node_whole(const struct scenario *s, const char *name)
{
	const json_t *node = store_get(s->world->store, RES_NODES, "", name);
	const json_t *ready = jx_find(jx_get(node, "status.conditions"), "type", "Ready");

	return nodes_up(s->world, name) && !strcmp(jx_str(ready, "status"), "True");
}

static bool holds(const struct scenario *s, const struct healed *healed)
{
	struct redis_server *redis = s->world->redis;

	return (!healed->deployment_ready ||
		deployment_whole(named_deployment(s, healed->deployment_ready))) &&
	       (!healed->node_ready || node_whole(s, healed->node_ready)) &&
	       (!healed->vendor_well ||
		outside_vendor_is_well(s->world->outside, healed->vendor_well)) &&
	       machine_holds(s, healed) &&
	       (!healed->endpoint_well ||
		outside_is_well(s->world->outside, healed->endpoint_well)) &&
	       cluster_holds(s, healed) &&
	       postgres_is_well(s->world->postgres, (unsigned int)healed->postgres_well) &&
	       (!healed->accepts_writes || !redis_refuses_writes(redis)) &&
	       (!healed->policy || !strcmp(redis_policy(redis), healed->policy)) &&
	       (healed->below_percent <= 0 ||
		redis_used_percent(redis) < healed->below_percent);
}

static bool whole(const struct scenario *s)
{
	for (size_t i = 0; i < s->file.healed_count; i++) {
		if (!holds(s, &s->file.healed[i]))
			return false;
	}
	return true;
}

static void watch_health(struct scenario *s, int64_t now)
{
	if (s->recovered || !s->next || !s->file.healed_count)
		return;
	if (!whole(s)) {
		s->broken = true;
		s->whole_since = 0;
		return;
	}
	if (!s->broken)
		return;
	if (!s->whole_since)
		s->whole_since = now;
	if (now - s->whole_since < HEALED_FOR_MS)
		return;
	s->recovered = true;
	world_say(s->world, "recovered", json_object());
}

/* ---- the clock ---------------------------------------------------------------------------- */

static void fire(struct scenario *s, const struct step *step)
{
	char *text = actions[step->action].run(s, step);

	world_say(s->world, "fault", json_pack("{s:s, s:s}", "do", action_names[step->action],
					       "text", text));
	free(text);
}

void scenario_tick(struct scenario *s)
{
	int64_t now;

	if (!s)
		return;
	now = world_now(s->world);
	while (s->next < s->file.step_count &&
	       now >= world_delay(s->world, s->file.steps[s->next].at))
		fire(s, &s->file.steps[s->next++]);
	watch_health(s, now);
	for (int i = 0; i < s->repeat_count && !s->recovered; i++) {
		struct repeat *repeat = &s->repeats[i];

		if (now < repeat->next)
			continue;
		log_lines(s, repeat->step);
		repeat->next = now + world_delay(s->world, repeat->step->every);
	}
}

/* ---- reading ------------------------------------------------------------------------------ */

static int check(const struct scenario *s, const char *path, struct err *err)
{
	for (size_t i = 0; i < s->file.step_count; i++) {
		const struct step *step = &s->file.steps[i];

		if (!actions[step->action].valid(s, step))
			return err_set(err, -EINVAL, "%s:%d: %s needs %s", path, step->line,
				       action_names[step->action], actions[step->action].needs);
	}
	for (size_t i = 0; i < s->file.healed_count; i++) {
		const struct healed *healed = &s->file.healed[i];

		if (healed->deployment_ready && !named_deployment(s, healed->deployment_ready))
			return err_set(err, -EINVAL, "%s:%d: there is no deployment %s "
				       "(namespace/name)", path, healed->line,
				       healed->deployment_ready);
		if ((healed->vendor_well &&
		     !outside_has_vendor(s->world->outside, healed->vendor_well)) ||
		    (healed->endpoint_well &&
		     !outside_has_endpoint(s->world->outside, healed->endpoint_well)))
			return err_set(err, -EINVAL, "%s:%d: there is no %s", path, healed->line,
				       healed->vendor_well ? healed->vendor_well
							   : healed->endpoint_well);
		if (healed->machine_well &&
		    !machines_find(s->world->machines, healed->machine_well))
			return err_set(err, -EINVAL, "%s:%d: there is no machine %s", path,
				       healed->line, healed->machine_well);
		if (healed->node_ready &&
		    !store_get(s->world->store, RES_NODES, "", healed->node_ready))
			return err_set(err, -EINVAL, "%s:%d: there is no node %s", path,
				       healed->line, healed->node_ready);
		if (cluster_lacks(s, healed))
			return err_set(err, -EINVAL, "%s:%d: there is no %s", path, healed->line,
				       cluster_lacks(s, healed));
	}
	return 0;
}

int scenario_load(struct world *world, const char *path, struct scenario **ret_scenario,
		  struct err *err)
{
	struct scenario *s = xcalloc(1, sizeof(*s));
	int rc;

	s->world = world;
	rc = scenario_file_load(&s->file, path, err);
	if (!rc && s->file.role)
		rc = role_choose(world, s->file.role, err);
	if (!rc)
		rc = check(s, path, err);
	if (rc) {
		scenario_free(s);
		return rc;
	}
	*ret_scenario = s;
	return 0;
}

void scenario_free(struct scenario *s)
{
	if (!s)
		return;
	scenario_file_release(&s->file);
	free(s);
}

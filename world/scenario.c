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
#include "world/redis.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"
#include "world/yaml_json.h"

#define HEALED_FOR_MS 1500       /* the conditions must hold this long */
#define REPEATS_MAX 16

/* A line that goes on being logged. */
struct repeat {
	const json_t *step;
	int64_t next;
};

struct scenario {
	struct world *world;
	json_t *root;
	const json_t *timeline, *healed;
	size_t next;             /* the next step; the timeline is sorted by `at` */
	bool broken, recovered;
	int64_t whole_since;     /* 0 = not whole */
	struct repeat repeats[REPEATS_MAX];
	int repeat_count;
};

/* ---- what can be done ---------------------------------------------------------------------
 * Each returns the sentence for the "fault" line; params were checked when the file was read. */

static char *do_node(struct scenario *s, const json_t *step)
{
	bool up = !strcmp(jx_str(step, "do"), "start-node");
	const char *name = jx_str(step, "node");

	nodes_set_up(s->world, name, up);
	return xasprintf("node %s %s", name, up ? "is back" : "has lost its network");
}

static json_t *deployment(const struct scenario *s, const json_t *step)
{
	return store_get(s->world->store, RES_DEPLOYMENTS, jx_str(step, "namespace"),
			 jx_str(step, "name"));
}

static void crash_rule(struct scenario *s, const json_t *step, const char *image,
		       const char *owner)
{
	const json_t *how = json_object_get(step, "crash");
	const json_t *lasts = json_object_get(how, "after");
	const char *reason = jx_str(how, "reason");
	const struct crash crash = {
		.image = image, .owner = owner, .exit_code = (int)jx_int(how, "exit"),
		.reason = *reason ? reason : "Error",
		.lasts = lasts ? json_number_value(lasts) : 1.5,
		.last_words = json_object_get(how, "previous_log"),
	};

	kubelet_crash(s->world->kubelet, &crash);
}

static char *do_new_revision(struct scenario *s, const json_t *step)
{
	const char *image = jx_str(step, "image"), *cause = jx_str(step, "cause");
	json_t *copy = json_deep_copy(deployment(s, step));
	json_t *container = json_array_get(jx_get(copy, "spec.template.spec.containers"), 0);

	if (json_object_get(step, "crash"))
		crash_rule(s, step, image, NULL);
	jx_set_str(container, "image", image);
	jx_set_int(copy, "metadata.generation", jx_int(copy, "metadata.generation") + 1);
	if (*cause)
		json_object_set_new(jx_make(copy, "metadata.annotations"),
				    "kubernetes.io/change-cause", json_string(cause));
	store_put(s->world->store, RES_DEPLOYMENTS, copy);
	return xasprintf("%s/%s is rolled out with %s", jx_str(step, "namespace"),
			 jx_str(step, "name"), image);
}

static char *do_break(struct scenario *s, const json_t *step)
{
	const json_t *set = deployment_current(s->world, deployment(s, step));

	if (set)
		crash_rule(s, step, NULL, jx_uid(set));
	return xasprintf("the pods of %s/%s crash until it is restarted",
			 jx_str(step, "namespace"), jx_str(step, "name"));
}

static char *do_policy(struct scenario *s, const json_t *step)
{
	redis_set_policy(s->world->redis, jx_str(step, "policy"));
	return xasprintf("Redis's maxmemory-policy is now %s", jx_str(step, "policy"));
}

static char *do_maxmemory(struct scenario *s, const json_t *step)
{
	redis_set_maxmemory(s->world->redis, jx_int(step, "bytes"));
	return xasprintf("Redis's maxmemory is now %lld bytes", jx_int(step, "bytes"));
}

static char *do_fill(struct scenario *s, const json_t *step)
{
	double percent = json_number_value(json_object_get(step, "to_percent"));

	redis_fill(s->world->redis, step, percent);
	return xasprintf("Redis fills to %.0f %% with %s", percent, jx_str(step, "pattern"));
}

static void log_lines(struct scenario *s, const json_t *step)
{
	const json_t *line;
	size_t i;

	json_array_foreach(json_object_get(step, "lines"), i, line)
		kubelet_print(s->world->kubelet, jx_str(step, "namespace"), jx_str(step, "name"),
			      json_string_value(line));
}

static char *do_log(struct scenario *s, const json_t *step)
{
	log_lines(s, step);
	if (json_object_get(step, "every") && s->repeat_count < REPEATS_MAX)
		s->repeats[s->repeat_count++] = (struct repeat){step, world_now(s->world)};
	return xasprintf("%s/%s logs \"%s\"", jx_str(step, "namespace"), jx_str(step, "name"),
			 json_string_value(json_array_get(json_object_get(step, "lines"), 0)));
}

static char *do_event(struct scenario *s, const json_t *step)
{
	enum resource_id res = resource_by_kind(jx_str(step, "kind"));
	const char *type = jx_str(step, "type");
	json_t *about = store_get(s->world->store, res, jx_str(step, "namespace"),
				  jx_str(step, "name"));

	if (about)
		event_record(s->world, about, "drill", *type ? type : "Warning",
			     jx_str(step, "reason"), 0, "%s", jx_str(step, "message"));
	return xasprintf("event %s on %s", jx_str(step, "reason"), jx_str(step, "name"));
}

/* ---- the actions and their parameters ------------------------------------------------------ */

static bool is_node(const struct scenario *s, const json_t *step)
{
	return store_get(s->world->store, RES_NODES, "", jx_str(step, "node"));
}

static bool is_deployment(const struct scenario *s, const json_t *step)
{
	return deployment(s, step);
}

static bool is_new_revision(const struct scenario *s, const json_t *step)
{
	return deployment(s, step) && *jx_str(step, "image");
}

static bool is_policy(const struct scenario *s, const json_t *step)
{
	(void)s;
	return *jx_str(step, "policy");
}

static bool is_bytes(const struct scenario *s, const json_t *step)
{
	(void)s;
	return json_is_integer(json_object_get(step, "bytes"));
}

static bool is_fill(const struct scenario *s, const json_t *step)
{
	(void)s;
	return json_is_number(json_object_get(step, "to_percent")) && *jx_str(step, "pattern");
}

static bool is_log(const struct scenario *s, const json_t *step)
{
	(void)s;
	return json_array_size(json_object_get(step, "lines"));
}

static bool is_event(const struct scenario *s, const json_t *step)
{
	(void)s;
	return resource_by_kind(jx_str(step, "kind")) != RES_NONE && *jx_str(step, "reason");
}

static const struct action {
	const char *name;
	char *(*run)(struct scenario *scenario, const json_t *step);
	bool (*valid)(const struct scenario *scenario, const json_t *step);
	const char *needs;
} actions[] = {
	{"stop-node", do_node, is_node, "node: the name of a node"},
	{"start-node", do_node, is_node, "node: the name of a node"},
	{"deployment-new-revision", do_new_revision, is_new_revision,
	 "namespace and name of a deployment, and image"},
	{"deployment-break", do_break, is_deployment, "namespace and name of a deployment"},
	{"redis-set-policy", do_policy, is_policy, "policy"},
	{"redis-set-maxmemory", do_maxmemory, is_bytes, "bytes: a whole number"},
	{"redis-fill", do_fill, is_fill, "to_percent and pattern"},
	{"log", do_log, is_log, "lines: a list"},
	{"event", do_event, is_event, "kind, namespace, name and reason"},
};

static const struct action *find_action(const char *name)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		if (!strcmp(actions[i].name, name))
			return &actions[i];
	}
	return NULL;
}

/* ---- is it whole again? ------------------------------------------------------------------- */

/* "namespace/name" of a condition's value. */
static json_t *named_deployment(const struct scenario *s, const char *text)
{
	char ns[64], name[254];

	if (sscanf(text, "%63[^/]/%253s", ns, name) != 2)
		return NULL;
	return store_get(s->world->store, RES_DEPLOYMENTS, ns, name);
}

static bool check_deployment(const struct scenario *s, const json_t *value)
{
	const json_t *d = named_deployment(s, json_string_value(value));
	long long wanted = jx_int(d, "spec.replicas");

	return d && jx_int(d, "status.observedGeneration") == jx_int(d, "metadata.generation") &&
	       jx_int(d, "status.updatedReplicas") == wanted &&
	       jx_int(d, "status.availableReplicas") == wanted &&
	       jx_int(d, "status.replicas") == wanted;
}

static bool check_node(const struct scenario *s, const json_t *value)
{
	const json_t *node = store_get(s->world->store, RES_NODES, "", json_string_value(value));
	const json_t *ready = jx_find(jx_get(node, "status.conditions"), "type", "Ready");

	return nodes_up(s->world, json_string_value(value)) &&
	       !strcmp(jx_str(ready, "status"), "True");
}

static bool check_writes(const struct scenario *s, const json_t *value)
{
	return redis_refuses_writes(s->world->redis) != json_is_true(value);
}

static bool check_policy(const struct scenario *s, const json_t *value)
{
	return !strcmp(redis_policy(s->world->redis), json_string_value(value));
}

static bool check_below(const struct scenario *s, const json_t *value)
{
	return redis_used_percent(s->world->redis) < json_number_value(value);
}

static const struct check {
	const char *name;
	bool (*holds)(const struct scenario *scenario, const json_t *value);
	json_type type;
} checks[] = {
	{"deployment_ready", check_deployment, JSON_STRING},
	{"node_ready", check_node, JSON_STRING},
	{"redis_accepts_writes", check_writes, JSON_TRUE},
	{"redis_policy", check_policy, JSON_STRING},
	{"redis_below_percent", check_below, JSON_INTEGER},
};

static const struct check *find_check(const char *name)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		if (!strcmp(checks[i].name, name))
			return &checks[i];
	}
	return NULL;
}

static bool whole(const struct scenario *s)
{
	const json_t *condition;
	const char *name;
	json_t *value;
	size_t i;

	json_array_foreach(s->healed, i, condition) {
		json_object_foreach((json_t *)(uintptr_t)condition, name, value) {
			if (!find_check(name)->holds(s, value))
				return false;
		}
	}
	return true;
}

static void watch_health(struct scenario *s, int64_t now)
{
	if (s->recovered || !s->next || !json_array_size(s->healed))
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

static void fire(struct scenario *s, const json_t *step)
{
	char *text = find_action(jx_str(step, "do"))->run(s, step);

	world_say(s->world, "fault", json_pack("{s:s, s:s}", "do", jx_str(step, "do"), "text",
					       text));
	free(text);
}

static int64_t due(const struct scenario *s, const json_t *step)
{
	return world_delay(s->world, json_number_value(json_object_get(step, "at")));
}

void scenario_tick(struct scenario *s)
{
	int64_t now;
	const json_t *step;

	if (!s)
		return;
	now = world_now(s->world);
	while ((step = json_array_get(s->timeline, s->next)) && now >= due(s, step)) {
		s->next++;
		fire(s, step);
	}
	watch_health(s, now);
	for (int i = 0; i < s->repeat_count && !s->recovered; i++) {
		struct repeat *repeat = &s->repeats[i];

		if (now < repeat->next)
			continue;
		log_lines(s, repeat->step);
		repeat->next = now + world_delay(s->world, json_number_value(
						 json_object_get(repeat->step, "every")));
	}
}

/* ---- reading ------------------------------------------------------------------------------ */

static int check_timeline(const struct scenario *s, struct err *err)
{
	const json_t *step;
	double before = 0, at;
	size_t i;

	json_array_foreach(s->timeline, i, step) {
		const struct action *action = find_action(jx_str(step, "do"));

		at = json_number_value(json_object_get(step, "at"));
		if (!json_is_number(json_object_get(step, "at")) || at < before)
			return err_set(err, -EINVAL, "timeline, step %zu: at: seconds, in "
				       "ascending order, are expected", i + 1);
		before = at;
		if (!action)
			return err_set(err, -EINVAL, "timeline, step %zu: do: \"%s\" is not an "
				       "action", i + 1, jx_str(step, "do"));
		if (!action->valid(s, step))
			return err_set(err, -EINVAL, "timeline, step %zu: %s needs %s", i + 1,
				       action->name, action->needs);
	}
	return 0;
}

static int check_healed(const struct scenario *s, struct err *err)
{
	const json_t *condition;
	const char *name;
	json_t *value;
	size_t i;

	json_array_foreach(s->healed, i, condition) {
		json_object_foreach((json_t *)(uintptr_t)condition, name, value) {
			const struct check *check = find_check(name);

			if (!check)
				return err_set(err, -EINVAL, "healed: \"%s\" is not a condition",
					       name);
			if (json_typeof(value) != check->type &&
			    !(json_is_boolean(value) && check->type == JSON_TRUE))
				return err_set(err, -EINVAL, "healed: %s has the wrong type",
					       name);
		}
	}
	return 0;
}

int scenario_load(struct world *world, const char *path, struct scenario **ret_scenario,
		  struct err *err)
{
	struct scenario *s = xcalloc(1, sizeof(*s));
	int rc;

	s->world = world;
	s->root = yaml_json_load(path, err);
	if (!s->root) {
		free(s);
		return err ? err->code : -EINVAL;
	}
	s->timeline = json_object_get(s->root, "timeline");
	s->healed = json_object_get(s->root, "healed");
	rc = check_timeline(s, err);
	if (!rc)
		rc = check_healed(s, err);
	if (rc) {
		err_prefix(err, "%s", path);
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
	json_decref(s->root);
	free(s);
}

/* world/controllers/kubelet.c: see kubelet.h */
#include "world/controllers/kubelet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "world/controllers/events.h"
#include "world/controllers/nodes.h"
#include "world/controllers/pod_status.h"
#include "world/controllers/scheduler.h"
#include "world/jx.h"
#include "world/logbook.h"
#include "world/phrase.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

#define BACKOFF_FIRST_S 10.0
#define BACKOFF_MAX_S 300.0
#define BACKOFF_FORGET_S 600.0
#define NEVER INT64_MAX

enum stage {
	STAGE_PENDING,    /* not on a node yet */
	STAGE_CREATING,
	STAGE_STARTING,   /* running, not ready */
	STAGE_READY,
	STAGE_BACKOFF,
	STAGE_ENDING,
	STAGE_DONE,       /* completed, for good */
};

struct pod {
	char *ns, *name;
	const json_t *plan;               /* the workload's row, NULL when it has none */
	enum stage stage;
	int64_t due;                      /* world time of the next step */
	int64_t speak_at;                 /* of the next line of its log */
	size_t spoken;                    /* which line of the plan comes next */
	int64_t ends_at;                  /* of a crash on the way; NEVER */
	double backoff;
	struct container_state state;
	struct logbook *log, *previous;
	struct pod *next;
};

struct rule {
	char *image, *owner;
	int exit_code;
	char *reason;
	double lasts;
	json_t *last_words;
	struct rule *next;
};

struct kubelet {
	struct world *world;
	struct pod *pods;
	struct rule *rules;
};

static struct pod *find(const struct kubelet *k, const char *ns, const char *name)
{
	for (struct pod *pod = k->pods; pod; pod = pod->next) {
		if (!strcmp(pod->name, name) && !strcmp(pod->ns, ns))
			return pod;
	}
	return NULL;
}

/* The workload a pod belongs to is the one whose selector labels it carries. */
const json_t *kubelet_plan(const struct world *world, const json_t *pod)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(world->plan, "workloads"), i, row) {
		const char *key;
		json_t *value;
		bool all = !strcmp(jx_str(row, "namespace"), jx_namespace(pod));

		json_object_foreach(json_object_get(row, "selector"), key, value)
			all = all && !strcmp(jx_label(pod, key), json_string_value(value));
		if (all && json_object_get(row, "selector"))
			return row;
	}
	return NULL;
}

static double plan_number(const struct pod *pod, const char *key, double otherwise)
{
	const json_t *value = json_object_get(pod->plan, key);

	return json_is_number(value) ? json_number_value(value) : otherwise;
}

static struct pod *pod_new(struct kubelet *k, const json_t *object)
{
	struct pod *pod = xcalloc(1, sizeof(*pod));

	pod->ns = xstrdup(jx_namespace(object));
	pod->name = xstrdup(jx_name(object));
	pod->plan = kubelet_plan(k->world, object);
	pod->ends_at = pod->speak_at = NEVER;
	pod->due = world_now(k->world) + world_delay(k->world, 0.05);
	pod->next = k->pods;
	k->pods = pod;
	return pod;
}

static void pod_free(struct pod *pod)
{
	logbook_free(pod->log);
	logbook_free(pod->previous);
	free(pod->ns);
	free(pod->name);
	free(pod);
}

static void forget(struct kubelet *k, struct pod *pod)
{
	struct pod **link = &k->pods;

	while (*link != pod)
		link = &(*link)->next;
	*link = pod->next;
	pod_free(pod);
}

/* ---- logs --------------------------------------------------------------------------------- */

static void say(struct kubelet *k, struct pod *pod, const char *pattern, int64_t at_us)
{
	char line[1024];

	(void)k;
	if (!pod->log)
		return;
	phrase(pattern, pod->name, at_us, line, sizeof(line));
	logbook_add(pod->log, at_us, line);
}

static void say_all(struct kubelet *k, struct pod *pod, const json_t *lines, int64_t at_us)
{
	const json_t *line;
	size_t i;

	json_array_foreach(lines, i, line)
		say(k, pod, json_string_value(line), at_us + (int64_t)i * 400);
}

static void say_next(struct kubelet *k, struct pod *pod, int64_t at_us)
{
	const json_t *lines = json_object_get(pod->plan, "logs");
	size_t count = json_array_size(lines);

	if (count)
		say(k, pod, json_string_value(json_array_get(lines, pod->spoken++ % count)),
		    at_us);
}

static double pause_between_lines(const struct pod *pod)
{
	double every = plan_number(pod, "log_every", 0);

	if (every <= 0 || !json_object_get(pod->plan, "logs"))
		return 0;
	return every * (0.5 + world_random(1000) / 1000.0);
}

static void plan_next_line(struct kubelet *k, struct pod *pod)
{
	double pause = pause_between_lines(pod);

	pod->speak_at = pause > 0 ? world_now(k->world) + (int64_t)(pause * 1000.0) : NEVER;
}

void kubelet_print(struct kubelet *k, const char *ns, const char *workload, const char *line)
{
	int64_t now_us = when_now_us();

	for (struct pod *pod = k->pods; pod; pod = pod->next) {
		if ((*ns && strcmp(pod->ns, ns)) ||
		    (*workload && strcmp(jx_str(pod->plan, "name"), workload)))
			continue;
		if (pod->stage == STAGE_STARTING || pod->stage == STAGE_READY)
			say(k, pod, line, now_us);
	}
}

struct logbook *kubelet_logbook(struct kubelet *k, const char *ns, const char *name,
				bool previous)
{
	struct pod *pod = find(k, ns, name);

	if (!pod)
		return NULL;
	/* While it waits to be restarted, the last container's log is the current one. */
	if (pod->stage == STAGE_BACKOFF && pod->previous)
		return pod->previous;
	return previous ? pod->previous : pod->log;
}

/* ---- from stage to stage ------------------------------------------------------------------ */

static const struct rule *rule_for(const struct kubelet *k, const json_t *object)
{
	const char *image = jx_str(json_array_get(jx_get(object, "spec.containers"), 0), "image");
	const char *owner = jx_str(jx_controller(object), "uid");

	for (const struct rule *rule = k->rules; rule; rule = rule->next) {
		if ((rule->image && !strcmp(rule->image, image)) ||
		    (rule->owner && !strcmp(rule->owner, owner)))
			return rule;
	}
	return NULL;
}

static void write_status(struct kubelet *k, struct pod *pod)
{
	json_t *object = store_edit(k->world->store, RES_PODS, pod->ns, pod->name);

	if (!object)
		return;
	pod_status_write(object, &pod->state, when_now_us());
	store_put(k->world->store, RES_PODS, object);
}

static json_t *object_of(const struct kubelet *k, const struct pod *pod)
{
	return store_get(k->world->store, RES_PODS, pod->ns, pod->name);
}

static const char *first_image(const json_t *object)
{
	return jx_str(json_array_get(jx_get(object, "spec.containers"), 0), "image");
}

static const char *first_name(const json_t *object)
{
	return jx_str(json_array_get(jx_get(object, "spec.containers"), 0), "name");
}

static void place(struct kubelet *k, struct pod *pod)
{
	json_t *object = store_edit(k->world->store, RES_PODS, pod->ns, pod->name);
	char why[256];
	int64_t now_us = when_now_us();

	if (!scheduler_place(k->world, object, why, sizeof(why))) {
		condition_set(object, "PodScheduled", "False", "Unschedulable", why, now_us);
		jx_set_str(object, "status.phase", "Pending");
		object = store_put(k->world->store, RES_PODS, object);
		event_record(k->world, object, "default-scheduler", "Warning",
			     "FailedScheduling", 0, "%s", why);
		pod->due = world_now(k->world) + world_delay(k->world, 5);
		return;
	}
	jx_set(object, "status.startTime", when_json(now_us));
	pod->state = (struct container_state){.kind = CONTAINER_WAITING,
					      .reason = "ContainerCreating"};
	pod_status_write(object, &pod->state, now_us);
	object = store_put(k->world->store, RES_PODS, object);
	event_record(k->world, object, "default-scheduler", "Normal", "Scheduled", 0,
		     "Successfully assigned %s/%s to %s", pod->ns, pod->name,
		     jx_str(object, "spec.nodeName"));
	pod->stage = STAGE_CREATING;
	pod->due = world_now(k->world) +
		   world_delay(k->world, 0.8 + world_random(900) / 1000.0);
}

static void run(struct kubelet *k, struct pod *pod)
{
	json_t *object = object_of(k, pod);
	const struct rule *rule = rule_for(k, object);
	int64_t now = world_now(k->world);

	event_record(k->world, object, "kubelet", "Normal", "Pulled", 0,
		     "Container image \"%s\" already present on machine", first_image(object));
	event_record(k->world, object, "kubelet", "Normal", "Created", 0,
		     "Created container: %s", first_name(object));
	event_record(k->world, object, "kubelet", "Normal", "Started", 0,
		     "Started container %s", first_name(object));
	pod->log = logbook_new();
	pod->state.kind = CONTAINER_RUNNING;
	pod->state.ready = false;
	pod->state.started_us = when_now_us();
	pod->stage = STAGE_STARTING;
	pod->due = now + world_delay(k->world, plan_number(pod, "starts_in", 4));
	pod->ends_at = rule ? now + world_delay(k->world, rule->lasts) : NEVER;
	say_all(k, pod, json_object_get(pod->plan, "start_logs"), pod->state.started_us);
	plan_next_line(k, pod);
	write_status(k, pod);
}

static void become_ready(struct kubelet *k, struct pod *pod)
{
	pod->stage = STAGE_READY;
	pod->state.ready = true;
	pod->due = NEVER;
	write_status(k, pod);
}

/* The container exits; the kubelet starts it again, later each time. */
static void crash(struct kubelet *k, struct pod *pod, const struct rule *rule)
{
	int64_t now_us = when_now_us();
	json_t *object = object_of(k, pod);
	static const char pattern[] =
		"back-off %.0fs restarting failed container=%s pod=%s_%s(%s)";
	char message[512];

	say_all(k, pod, rule->last_words, now_us);
	logbook_free(pod->previous);
	pod->previous = pod->log;
	pod->log = NULL;
	logbook_close(pod->previous);
	if (now_us - pod->state.started_us > (int64_t)(BACKOFF_FORGET_S * 1e6))
		pod->backoff = 0;
	pod->state.last_started_us = pod->state.started_us;
	pod->state.ended_us = now_us;
	pod->state.last_reason = rule->reason;
	pod->state.exit_code = rule->exit_code;
	pod->state.ready = false;
	pod->ends_at = pod->speak_at = NEVER;
	pod->stage = STAGE_BACKOFF;
	if (pod->backoff <= 0) {
		/* The first restart is immediate: it is seen as terminated for a moment. */
		pod->backoff = BACKOFF_FIRST_S;
		pod->state.kind = CONTAINER_TERMINATED;
		pod->state.reason = rule->reason;
		pod->due = world_now(k->world) + world_delay(k->world, 0.7);
		write_status(k, pod);
		return;
	}
	snprintf(message, sizeof(message), pattern, pod->backoff, first_name(object), pod->name,
		 pod->ns, jx_uid(object));
	/* While it waits, what ended is the last state, though it is not restarted yet. */
	pod->state.kind = CONTAINER_WAITING;
	pod->state.reason = "CrashLoopBackOff";
	pod->state.message = message;
	pod->due = world_now(k->world) + world_delay(k->world, pod->backoff);
	pod->backoff = pod->backoff * 2 > BACKOFF_MAX_S ? BACKOFF_MAX_S : pod->backoff * 2;
	write_status(k, pod);
	pod->state.message = NULL;
	event_record(k->world, object, "kubelet", "Warning", "BackOff", 0,
		     "Back-off restarting failed container %s in pod %s_%s(%s)",
		     first_name(object), pod->name, pod->ns, jx_uid(object));
}

static void restart(struct kubelet *k, struct pod *pod)
{
	pod->state.restarts++;
	run(k, pod);
}

static void vanish(struct kubelet *k, struct pod *pod)
{
	store_remove(k->world->store, RES_PODS, pod->ns, pod->name);
	forget(k, pod);
}

void kubelet_delete(struct kubelet *k, const char *ns, const char *name, long long grace)
{
	struct pod *pod = find(k, ns, name);
	json_t *object = store_edit(k->world->store, RES_PODS, ns, name);
	double takes = 0.4 + world_random(1200) / 1000.0;

	if (!object || !pod) {
		json_decref(object);
		return;
	}
	if (grace <= 0 || pod->stage == STAGE_PENDING) {
		json_decref(object);
		vanish(k, pod);
		return;
	}
	if (pod->stage == STAGE_ENDING || *jx_str(object, "metadata.deletionTimestamp")) {
		json_decref(object);
		return;
	}
	jx_set(object, "metadata.deletionTimestamp", when_json(when_now_us() + grace * 1000000));
	jx_set_int(object, "metadata.deletionGracePeriodSeconds", grace);
	object = store_put(k->world->store, RES_PODS, object);
	if (nodes_up(k->world, jx_str(object, "spec.nodeName")))
		event_record(k->world, object, "kubelet", "Normal", "Killing", 0,
			     "Stopping container %s", first_name(object));
	pod->stage = STAGE_ENDING;
	pod->ends_at = NEVER;
	pod->due = world_now(k->world) +
		   world_delay(k->world, takes < (double)grace ? takes : (double)grace);
}

void kubelet_evict(struct kubelet *k, const char *ns, const char *name, const char *message)
{
	struct pod *pod = find(k, ns, name);
	json_t *object = store_edit(k->world->store, RES_PODS, ns, name);

	if (!object || !pod || (pod->stage != STAGE_READY && pod->stage != STAGE_STARTING)) {
		json_decref(object);
		return;
	}
	logbook_close(pod->log);
	pod->stage = STAGE_DONE;
	pod->due = pod->speak_at = pod->ends_at = NEVER;
	pod->state.kind = CONTAINER_TERMINATED;
	pod->state.reason = "Error";
	pod->state.exit_code = 137;
	pod->state.ready = false;
	pod->state.ended_us = when_now_us();
	pod_status_write(object, &pod->state, when_now_us());
	jx_del(object, "status.containerStatuses");
	jx_set_str(object, "status.phase", "Failed");
	jx_set_str(object, "status.reason", "Evicted");
	jx_set_str(object, "status.message", message);
	object = store_put(k->world->store, RES_PODS, object);
	event_record(k->world, object, "kubelet", "Warning", "Evicted", 0, "%s", message);
}

/* ---- new pods, and the clock -------------------------------------------------------------- */

void kubelet_adopt(struct kubelet *k, const char *ns, const char *name, int64_t since_us,
		   int restarts)
{
	struct pod *pod = find(k, ns, name);
	json_t *object = store_edit(k->world->store, RES_PODS, ns, name);
	bool done;
	int64_t now_us = when_now_us();

	if (!pod || !object) {
		json_decref(object);
		return;
	}
	done = !strcmp(jx_str(object, "spec.restartPolicy"), "Never");
	pod->log = logbook_new();
	pod->stage = done ? STAGE_DONE : STAGE_READY;
	pod->due = NEVER;
	pod->state = (struct container_state){
		.kind = done ? CONTAINER_TERMINATED : CONTAINER_RUNNING,
		.reason = "Completed", .ready = !done, .restarts = restarts,
		.started_us = since_us, .ended_us = since_us + 14000000,
		.last_started_us = since_us - 3600000000, .last_reason = "Error",
		.exit_code = done ? 0 : 1,
	};
	if (restarts)
		pod->state.ended_us = since_us - 2000000;
	jx_set(object, "status.startTime", when_json(since_us));
	pod_status_write(object, &pod->state, since_us);
	store_put(k->world->store, RES_PODS, object);
	say_all(k, pod, json_object_get(pod->plan, "start_logs"), since_us);
	if (done)
		return;
	for (double ago = 40 * plan_number(pod, "log_every", 0); ago > 1;) {
		double pause = pause_between_lines(pod);

		if (pause <= 0)
			break;
		say_next(k, pod, now_us - (int64_t)(ago * 1e6));
		ago -= pause;
	}
	plan_next_line(k, pod);
}

static void step(struct kubelet *k, struct pod *pod, const json_t *object, int64_t now)
{
	const struct rule *rule;

	if (now >= pod->speak_at) {
		say_next(k, pod, when_now_us());
		plan_next_line(k, pod);
	}
	if (now >= pod->ends_at) {
		rule = rule_for(k, object);
		pod->ends_at = NEVER;
		if (rule) {
			crash(k, pod, rule);
			return;
		}
	}
	if (now < pod->due)
		return;
	switch (pod->stage) {
	case STAGE_PENDING:
		place(k, pod);
		break;
	case STAGE_CREATING:
		run(k, pod);
		break;
	case STAGE_STARTING:
		become_ready(k, pod);
		break;
	case STAGE_BACKOFF:
		restart(k, pod);
		break;
	case STAGE_ENDING:
		vanish(k, pod);
		break;
	case STAGE_READY:
	case STAGE_DONE:
		break;
	}
}

void kubelet_tick(struct kubelet *k)
{
	int64_t now = world_now(k->world);
	struct pod *next;

	for (struct pod *pod = k->pods; pod; pod = next) {
		const json_t *object = object_of(k, pod);
		const char *node = jx_str(object, "spec.nodeName");

		next = pod->next;
		if (!object) {
			forget(k, pod);
			continue;
		}
		/* A dead node's pods stand still: nobody is there to move them. */
		if (*node && !nodes_up(k->world, node))
			continue;
		step(k, pod, object, now);
	}
}

static void on_change(void *arg, const struct change *change)
{
	struct kubelet *k = arg;

	if (change->res == RES_PODS && change->type == CHANGE_ADDED &&
	    !find(k, jx_namespace(change->object), jx_name(change->object)))
		pod_new(k, change->object);
}

void kubelet_crash(struct kubelet *k, const struct crash *crash)
{
	struct rule *rule = xcalloc(1, sizeof(*rule));

	rule->image = xstrdup(crash->image);
	rule->owner = xstrdup(crash->owner);
	rule->exit_code = crash->exit_code;
	rule->reason = xstrdup(crash->reason);
	rule->lasts = crash->lasts;
	rule->last_words = crash->last_words ? json_deep_copy(crash->last_words) : NULL;
	rule->next = k->rules;
	k->rules = rule;
	for (struct pod *pod = k->pods; pod; pod = pod->next) {
		const json_t *object = object_of(k, pod);

		if (!object || rule_for(k, object) != rule ||
		    (pod->stage != STAGE_READY && pod->stage != STAGE_STARTING))
			continue;
		pod->ends_at = world_now(k->world) +
			       world_delay(k->world, world_random(1000) / 1000.0);
	}
}

struct kubelet *kubelet_new(struct world *world)
{
	struct kubelet *k = xcalloc(1, sizeof(*k));

	k->world = world;
	store_listen(world->store, on_change, k);
	return k;
}

void kubelet_free(struct kubelet *k)
{
	struct rule *rule;

	if (!k)
		return;
	while (k->pods)
		forget(k, k->pods);
	while ((rule = k->rules)) {
		k->rules = rule->next;
		free(rule->image);
		free(rule->owner);
		free(rule->reason);
		json_decref(rule->last_words);
		free(rule);
	}
	free(k);
}

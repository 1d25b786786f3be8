/* world/controllers/pod_status.c: see pod_status.h */
#include "world/controllers/pod_status.h"

#include <stdio.h>
#include <string.h>

#include "world/jx.h"
#include "world/when.h"

void condition_set(json_t *object, const char *type, const char *status, const char *reason,
		   const char *message, int64_t at_us)
{
	json_t *conditions = jx_get(object, "status.conditions"), *one;

	if (!json_is_array(conditions)) {
		conditions = json_array();
		jx_set(object, "status.conditions", conditions);
	}
	one = jx_find(conditions, "type", type);
	if (!one) {
		one = json_pack("{s:s}", "type", type);
		json_array_append_new(conditions, one);
	}
	if (strcmp(jx_str(one, "status"), status))
		jx_set(one, "lastTransitionTime", when_json(at_us));
	jx_set_str(one, "status", status);
	if (reason)
		jx_set_str(one, "reason", reason);
	else
		jx_del(one, "reason");
	if (message)
		jx_set_str(one, "message", message);
	else
		jx_del(one, "message");
}

static json_t *terminated(const char *reason, int code, int64_t started_us, int64_t ended_us,
			  const char *id)
{
	return json_pack("{s:{s:i, s:s, s:o, s:o, s:s}}", "terminated", "exitCode", code,
			 "reason", reason, "startedAt", when_json(started_us), "finishedAt",
			 when_json(ended_us), "containerID", id);
}

static json_t *state_of(const struct container_state *s, const char *id)
{
	json_t *waiting;

	if (s->kind == CONTAINER_RUNNING)
		return json_pack("{s:{s:o}}", "running", "startedAt", when_json(s->started_us));
	if (s->kind == CONTAINER_TERMINATED)
		return terminated(s->reason, s->exit_code, s->started_us, s->ended_us, id);
	waiting = json_pack("{s:s}", "reason", s->reason);
	if (s->message)
		jx_set_str(waiting, "message", s->message);
	return json_pack("{s:o}", "waiting", waiting);
}

/* A stable 64-digit id for the n-th container of a pod. */
static void container_id(const json_t *pod, const char *name, int restart, char id[80])
{
	uint64_t hash = 1469598103934665603ull;
	const char *parts[] = {jx_uid(pod), name};
	size_t len;

	for (int p = 0; p < 2; p++) {
		for (const char *at = parts[p]; *at; at++)
			hash = (hash ^ (unsigned char)*at) * 1099511628211ull;
	}
	hash += (uint64_t)restart * 0x9e3779b97f4a7c15ull;
	len = (size_t)snprintf(id, 80, "containerd://");
	for (int i = 0; i < 4; i++, hash = hash * 6364136223846793005ull + 1442695040888963407ull)
		len += (size_t)snprintf(id + len, 80 - len, "%016llx", (unsigned long long)hash);
}

static json_t *container_status(const json_t *pod, const json_t *container,
				const struct container_state *s)
{
	const char *name = jx_str(container, "name"), *image = jx_str(container, "image");
	char id[80], last_id[80];
	bool had_last = s->restarts > 0 && s->ended_us && s->last_reason;
	json_t *status;

	container_id(pod, name, s->restarts, id);
	container_id(pod, name, s->restarts - 1, last_id);
	status = json_pack("{s:s, s:o, s:o, s:b, s:i, s:s, s:s, s:b}", "name", name, "state",
			   state_of(s, id), "lastState",
			   had_last ? terminated(s->last_reason, s->exit_code,
						 s->last_started_us, s->ended_us, last_id)
				    : json_object(),
			   "ready", s->ready, "restartCount", s->restarts, "image", image,
			   "imageID", image, "started", s->kind == CONTAINER_RUNNING);
	if (s->kind != CONTAINER_WAITING || s->restarts)
		jx_set_str(status, "containerID", id);
	return status;
}

static void names_text(const json_t *pod, char *text, size_t size)
{
	const json_t *container;
	size_t i, len = 0;

	*text = '\0';
	json_array_foreach(jx_get(pod, "spec.containers"), i, container) {
		if (len < size)
			len += (size_t)snprintf(text + len, size - len, "%s%s", i ? " " : "",
						jx_str(container, "name"));
	}
}

void pod_status_write(json_t *pod, const struct container_state *s, int64_t at_us)
{
	bool done = s->kind == CONTAINER_TERMINATED && !strcmp(s->reason, "Completed");
	bool begun = s->kind != CONTAINER_WAITING || s->restarts;
	const char *ready = s->ready ? "True" : "False";
	const char *why = s->ready ? NULL : done ? "PodCompleted" : "ContainersNotReady";
	char names[256], message[320];
	const json_t *container;
	json_t *list = json_array();
	size_t i;

	json_array_foreach(jx_get(pod, "spec.containers"), i, container)
		json_array_append_new(list, container_status(pod, container, s));
	jx_set(pod, "status.containerStatuses", list);
	jx_set_str(pod, "status.phase", done ? "Succeeded" : begun ? "Running" : "Pending");
	names_text(pod, names, sizeof(names));
	snprintf(message, sizeof(message), "containers with unready status: [%s]", names);
	condition_set(pod, "PodReadyToStartContainers", begun && !done ? "True" : "False", NULL,
		      NULL, at_us);
	condition_set(pod, "Initialized", "True", done ? "PodCompleted" : NULL, NULL, at_us);
	condition_set(pod, "Ready", ready, why, s->ready || done ? NULL : message, at_us);
	condition_set(pod, "ContainersReady", ready, why, s->ready || done ? NULL : message,
		      at_us);
	condition_set(pod, "PodScheduled", "True", NULL, NULL, at_us);
}

/* backends/kube/describe.c: see describe.h */
#include "backends/kube/describe.h"

#include <stdlib.h>
#include <string.h>

#include "backends/kube/jsonx.h"
#include "core/alloc.h"
#include "core/clock.h"

#define VALUE_MAX 300

static void line(struct buf *out, const char *label, const char *value)
{
	if (value)
		buf_printf(out, "%-22s %.*s\n", label, VALUE_MAX, value);
}

static void age_line(struct buf *out, const char *label, int64_t at_ms)
{
	char age[CLOCK_TEXT], when[CLOCK_TEXT];

	if (!at_ms)
		return;
	buf_printf(out, "%-22s %s (%s ago)\n", label, clock_format_rfc3339(at_ms, when),
		   clock_format_age(clock_wall_ms() - at_ms, age));
}

static void map_lines(struct buf *out, const char *label, const json_t *map)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)map, key, value) {
		const char *text = json_string_value(value);

		if (!strcmp(key, "kubectl.kubernetes.io/last-applied-configuration"))
			continue;
		buf_printf(out, "%-22s %s=%.*s\n", label, key, VALUE_MAX, text ? text : "");
		label = "";
	}
}

static void state_lines(struct buf *out, const char *label, const json_t *state)
{
	const char *what;
	json_t *detail;

	json_object_foreach((json_t *)(uintptr_t)state, what, detail) {
		const char *reason = jx_str(detail, "reason"), *message = jx_str(detail, "message");

		buf_printf(out, "    %-18s %s%s%s", label, what, reason ? ": " : "",
			   reason ? reason : "");
		if (json_object_get(detail, "exitCode"))
			buf_printf(out, ", exit code %d", jx_int32(detail, "exitCode"));
		buf_append_str(out, "\n");
		if (message)
			buf_printf(out, "    %-18s %.*s\n", "", VALUE_MAX, message);
		if (jx_time(detail, "startedAt"))
			age_line(out, "      started", jx_time(detail, "startedAt"));
		if (jx_time(detail, "finishedAt"))
			age_line(out, "      finished", jx_time(detail, "finishedAt"));
	}
}

static const json_t *status_named(const json_t *statuses, const char *name)
{
	const json_t *status;
	size_t i;

	json_array_foreach(statuses, i, status) {
		const char *its = jx_str(status, "name");

		if (its && name && !strcmp(its, name))
			return status;
	}
	return NULL;
}

static void resources_line(struct buf *out, const char *label, const json_t *map)
{
	const char *key;
	json_t *value;

	if (!json_object_size(map))
		return;
	buf_printf(out, "    %-18s", label);
	json_object_foreach((json_t *)(uintptr_t)map, key, value)
		buf_printf(out, " %s=%s", key,
			   json_string_value(value) ? json_string_value(value) : "");
	buf_append_str(out, "\n");
}

static void containers(struct buf *out, const char *title, const json_t *list,
		       const json_t *statuses)
{
	const json_t *item;
	size_t i;

	if (json_array_size(list))
		buf_printf(out, "%s\n", title);
	json_array_foreach(list, i, item) {
		const json_t *status = status_named(statuses, jx_str(item, "name"));

		buf_printf(out, "  %s\n", jx_str(item, "name") ? jx_str(item, "name") : "?");
		buf_printf(out, "    %-18s %s\n", "image",
			   jx_str(item, "image") ? jx_str(item, "image") : "");
		if (status) {
			state_lines(out, "state", json_object_get(status, "state"));
			state_lines(out, "last state", json_object_get(status, "lastState"));
			buf_printf(out, "    %-18s %s, %d restarts\n", "ready",
				   jx_bool(status, "ready") ? "yes" : "no",
				   jx_int32(status, "restartCount"));
		}
		resources_line(out, "limits", jx_at(item, "resources.limits"));
		resources_line(out, "requests", jx_at(item, "resources.requests"));
	}
}

static void conditions(struct buf *out, const json_t *list)
{
	const json_t *item;
	size_t i;

	if (json_array_size(list))
		buf_append_str(out, "Conditions\n");
	json_array_foreach(list, i, item) {
		const char *type = jx_str(item, "type"), *status = jx_str(item, "status");
		const char *reason = jx_str(item, "reason"), *message = jx_str(item, "message");
		char age[CLOCK_TEXT] = "";

		if (jx_time(item, "lastTransitionTime"))
			clock_format_age(clock_wall_ms() - jx_time(item, "lastTransitionTime"),
					 age);
		buf_printf(out, "  %-26s %-8s %-6s %s%s%.*s\n", type ? type : "?",
			   status ? status : "?", age, reason ? reason : "",
			   message ? ": " : "", VALUE_MAX, message ? message : "");
	}
}

static void taints(struct buf *out, const json_t *list)
{
	const json_t *item;
	const char *label = "Taints";
	size_t i;

	json_array_foreach(list, i, item) {
		const char *key = jx_str(item, "key"), *effect = jx_str(item, "effect");

		buf_printf(out, "%-22s %s:%s\n", label, key ? key : "", effect ? effect : "");
		label = "";
	}
}

static void counts(struct buf *out, const json_t *spec, const json_t *status)
{
	if (!json_object_get(spec, "replicas") && !json_object_get(status, "replicas"))
		return;
	buf_printf(out, "%-22s %d desired, %d updated, %d total, %d ready, %d available\n",
		   "Replicas", jx_int32(spec, "replicas"),
		   jx_int32(status, "updatedReplicas"), jx_int32(status, "replicas"),
		   jx_int32(status, "readyReplicas"), jx_int32(status, "availableReplicas"));
}

static void controller_line(struct buf *out, const json_t *meta)
{
	const json_t *owner = jx_controller(meta);

	if (owner)
		buf_printf(out, "%-22s %s/%s\n", "Controlled by",
			   jx_str(owner, "kind") ? jx_str(owner, "kind") : "?",
			   jx_str(owner, "name") ? jx_str(owner, "name") : "?");
}

void describe_object(const json_t *object, struct buf *out)
{
	const json_t *meta = json_object_get(object, "metadata");
	const json_t *spec = json_object_get(object, "spec");
	const json_t *status = json_object_get(object, "status");
	const json_t *template = jx_at(spec, "template.spec");

	line(out, "Name", jx_str(meta, "name"));
	line(out, "Namespace", jx_str(meta, "namespace"));
	line(out, "Kind", jx_str(object, "kind"));
	age_line(out, "Created", jx_time(meta, "creationTimestamp"));
	age_line(out, "Being deleted since", jx_time(meta, "deletionTimestamp"));
	map_lines(out, "Labels", json_object_get(meta, "labels"));
	map_lines(out, "Annotations", json_object_get(meta, "annotations"));
	controller_line(out, meta);
	line(out, "Node", jx_str(spec, "nodeName"));
	line(out, "Status", jx_str(status, "phase"));
	line(out, "Reason", jx_str(status, "reason"));
	line(out, "Message", jx_str(status, "message"));
	line(out, "IP", jx_str(status, "podIP"));
	line(out, "Unschedulable", jx_bool(spec, "unschedulable") ? "true" : NULL);
	line(out, "Paused", jx_bool(spec, "paused") ? "true" : NULL);
	taints(out, json_object_get(spec, "taints"));
	counts(out, spec, status);
	line(out, "Strategy", jx_str(json_object_get(spec, "strategy"), "type"));
	map_lines(out, "Selector", jx_at(spec, "selector.matchLabels"));
	containers(out, "Init containers", json_object_get(spec, "initContainers"),
		   json_object_get(status, "initContainerStatuses"));
	containers(out, "Containers", json_object_get(spec, "containers"),
		   json_object_get(status, "containerStatuses"));
	containers(out, "Template's containers", json_object_get(template, "containers"), NULL);
	map_lines(out, "Capacity", json_object_get(status, "capacity"));
	map_lines(out, "Allocatable", json_object_get(status, "allocatable"));
	conditions(out, json_object_get(status, "conditions"));
}

static int64_t event_time(const json_t *event)
{
	int64_t at = jx_time(event, "lastTimestamp");

	if (!at)
		at = jx_time(event, "eventTime");
	return at ? at : jx_time(json_object_get(event, "metadata"), "creationTimestamp");
}

static int by_time(const void *a, const void *b)
{
	const json_t *const *one = a, *const *two = b;
	int64_t first = event_time(*one), second = event_time(*two);

	return first < second ? -1 : first > second;
}

void describe_events(const json_t *list, struct buf *out)
{
	const json_t *items = json_object_get(list, "items");
	size_t count = json_array_size(items), i;
	const json_t **sorted = xcalloc(count, sizeof(*sorted));
	char age[CLOCK_TEXT];

	for (i = 0; i < count; i++)
		sorted[i] = json_array_get(items, i);
	qsort(sorted, count, sizeof(*sorted), by_time);
	buf_append_str(out, count ? "Events\n" : "Events  <none>\n");
	for (i = 0; i < count; i++) {
		const char *type = jx_str(sorted[i], "type");
		const char *reason = jx_str(sorted[i], "reason");
		const char *message = jx_str(sorted[i], "message");

		clock_format_age(clock_wall_ms() - event_time(sorted[i]), age);
		buf_printf(out, "  %-8s %-8s %-22s %.*s\n", age, type ? type : "",
			   reason ? reason : "", VALUE_MAX, message ? message : "");
	}
	free(sorted);
}

static void diff_values(const char *path, const json_t *before, const json_t *after,
			struct buf *out);

static void diff_maps(const char *path, const json_t *before, const json_t *after,
		      struct buf *out)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)before, key, value) {
		char *inner = xasprintf("%s%s%s", path, path[0] ? "." : "", key);

		diff_values(inner, value, json_object_get(after, key), out);
		free(inner);
	}
	json_object_foreach((json_t *)(uintptr_t)after, key, value) {
		char *inner = xasprintf("%s%s%s", path, path[0] ? "." : "", key);

		if (!json_object_get(before, key))
			diff_values(inner, NULL, value, out);
		free(inner);
	}
}

static void diff_lists(const char *path, const json_t *before, const json_t *after,
		       struct buf *out)
{
	size_t most = json_array_size(before), i;

	if (json_array_size(after) > most)
		most = json_array_size(after);
	for (i = 0; i < most; i++) {
		char *inner = xasprintf("%s[%zu]", path, i);

		diff_values(inner, json_array_get(before, i), json_array_get(after, i), out);
		free(inner);
	}
}

static void diff_line(char mark, const char *path, const json_t *value, struct buf *out)
{
	char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	if (text)
		buf_printf(out, "%c %s: %.*s\n", mark, path, VALUE_MAX, text);
	free(text);
}

static void diff_values(const char *path, const json_t *before, const json_t *after,
			struct buf *out)
{
	if (strstr(path, "pod-template-hash") ||
	    (before && after && json_equal((json_t *)(uintptr_t)before,
					   (json_t *)(uintptr_t)after)))
		return;
	if (json_is_object(before) && json_is_object(after)) {
		diff_maps(path, before, after, out);
	} else if (json_is_array(before) && json_is_array(after)) {
		diff_lists(path, before, after, out);
	} else {
		diff_line('-', path, before, out);
		diff_line('+', path, after, out);
	}
}

void describe_diff(const json_t *before, const json_t *after, struct buf *out)
{
	diff_values("", before, after, out);
	if (!out->len)
		buf_append_str(out, "the two templates are equal\n");
}

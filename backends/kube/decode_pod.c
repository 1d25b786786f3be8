/*
 * backends/kube/decode_pod.c: a pod, with the STATUS column as kubectl works it out.
 * Source: kubernetes/pkg/printers/internalversion printPod.
 */
#include <stdio.h>
#include <string.h>

#include "backends/kube/decode.h"
#include "backends/kube/jsonx.h"

#define STATUS_MAX 96
/* The scheduler's reasons come one after the other, and any of them may be the one that tells. */
#define MESSAGE_MAX 480

struct summary {
	char status[STATUS_MAX];
	const char *message;
	int64_t restarts, ready, total;
	int64_t sidecar_restarts;
	int64_t last_finished_ms, last_exit;
	const char *last_reason;
	bool initializing;
};

static void note_termination(struct summary *sum, const json_t *terminated)
{
	int64_t at = jx_time(terminated, "finishedAt");

	if (!terminated || at < sum->last_finished_ms)
		return;
	sum->last_finished_ms = at;
	sum->last_exit = jx_int32(terminated, "exitCode");
	sum->last_reason = jx_str(terminated, "reason");
	if (!sum->last_reason)
		sum->last_reason = "Error";
}

static void note_history(struct summary *sum, const json_t *status)
{
	sum->restarts += jx_int32(status, "restartCount");
	note_termination(sum, jx_at(status, "lastState.terminated"));
	note_termination(sum, jx_at(status, "state.terminated"));
}

static void exit_words(char *buf, size_t size, const char *prefix, const json_t *terminated)
{
	const char *reason = jx_str(terminated, "reason");

	if (reason)
		snprintf(buf, size, "%s%s", prefix, reason);
	else if (jx_int32(terminated, "signal"))
		snprintf(buf, size, "%sSignal:%d", prefix, jx_int32(terminated, "signal"));
	else
		snprintf(buf, size, "%sExitCode:%d", prefix, jx_int32(terminated, "exitCode"));
}

static bool is_sidecar(const json_t *spec, size_t index)
{
	const json_t *init = json_array_get(json_object_get(spec, "initContainers"), index);
	const char *policy = jx_str(init, "restartPolicy");

	return policy && !strcmp(policy, "Always");
}

static void read_init_containers(struct summary *sum, const json_t *spec, const json_t *statuses)
{
	size_t count = json_array_size(json_object_get(spec, "initContainers")), i;
	const json_t *status;

	json_array_foreach(statuses, i, status) {
		const json_t *terminated = jx_at(status, "state.terminated");
		const json_t *waiting = jx_at(status, "state.waiting");
		const char *reason = jx_str(waiting, "reason");

		if (is_sidecar(spec, i)) {
			sum->total++;
			sum->ready += jx_bool(status, "ready");
			sum->sidecar_restarts += jx_int32(status, "restartCount");
		}
		/* That an init container has ended well is no news. */
		if (terminated && !jx_int32(terminated, "exitCode")) {
			sum->restarts += jx_int32(status, "restartCount");
			continue;
		}
		note_history(sum, status);
		if (is_sidecar(spec, i) && jx_bool(status, "started"))
			continue;
		if (terminated) {
			exit_words(sum->status, STATUS_MAX, "Init:", terminated);
		} else if (reason && strcmp(reason, "PodInitializing")) {
			snprintf(sum->status, STATUS_MAX, "Init:%s", reason);
			sum->message = jx_str(waiting, "message");
		} else {
			snprintf(sum->status, STATUS_MAX, "Init:%zu/%zu", i, count);
		}
		sum->initializing = true;
		break;
	}
}

static void read_containers(struct summary *sum, const json_t *statuses, bool pod_ready)
{
	size_t i = json_array_size(statuses);
	bool running = false;

	/* Of the init containers only those count that go on running. */
	sum->restarts = sum->sidecar_restarts;
	while (i-- > 0) {
		const json_t *status = json_array_get(statuses, i);
		const json_t *terminated = jx_at(status, "state.terminated");
		const json_t *waiting = jx_at(status, "state.waiting");

		note_history(sum, status);
		if (jx_str(waiting, "reason")) {
			snprintf(sum->status, STATUS_MAX, "%s", jx_str(waiting, "reason"));
			if (jx_str(waiting, "message"))
				sum->message = jx_str(waiting, "message");
		} else if (terminated) {
			exit_words(sum->status, STATUS_MAX, "", terminated);
		} else if (jx_bool(status, "ready") && jx_at(status, "state.running")) {
			running = true;
			sum->ready++;
		}
	}
	if (running && !strcmp(sum->status, "Completed"))
		snprintf(sum->status, STATUS_MAX, "%s", pod_ready ? "Running" : "NotReady");
}

static uint8_t parse_phase(const char *phase)
{
	int i;

	for (i = POD_PENDING; phase && i <= POD_UNKNOWN; i++)
		if (!strcmp(phase, pod_phase_name(i)))
			return (uint8_t)i;
	return POD_UNKNOWN;
}

static bool condition_true(const json_t *conditions, const char *type)
{
	const char *status = jx_str(jx_typed(conditions, type), "status");

	return status && !strcmp(status, "True");
}

static void read_status(struct summary *sum, const json_t *object, uint8_t phase)
{
	const json_t *status = json_object_get(object, "status");
	const json_t *conditions = json_object_get(status, "conditions");
	const char *reason = jx_str(status, "reason");
	const char *gate = jx_str(jx_typed(conditions, "PodScheduled"), "reason");

	snprintf(sum->status, STATUS_MAX, "%s", reason ? reason : pod_phase_name(phase));
	if (gate && !strcmp(gate, "SchedulingGated"))
		snprintf(sum->status, STATUS_MAX, "SchedulingGated");
	sum->total = (int64_t)json_array_size(jx_at(object, "spec.containers"));
	read_init_containers(sum, json_object_get(object, "spec"),
			     json_object_get(status, "initContainerStatuses"));
	if (!sum->initializing || condition_true(conditions, "Initialized"))
		read_containers(sum, json_object_get(status, "containerStatuses"),
				condition_true(conditions, "Ready"));
	if (!jx_str(json_object_get(object, "metadata"), "deletionTimestamp"))
		return;
	if (reason && !strcmp(reason, "NodeLost"))
		snprintf(sum->status, STATUS_MAX, "Unknown");
	else if (phase != POD_SUCCEEDED && phase != POD_FAILED)
		snprintf(sum->status, STATUS_MAX, "Terminating");
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void read_uid(uint8_t uid[16], const char *text)
{
	size_t at = 0;

	memset(uid, 0, 16);
	while (text && text[0] && text[1] && at < 16) {
		if (text[0] == '-') {
			text++;
			continue;
		}
		if (hex(text[0]) < 0 || hex(text[1]) < 0)
			return;
		uid[at++] = (uint8_t)(hex(text[0]) << 4 | hex(text[1]));
		text += 2;
	}
}

static void read_volumes(struct pod *pod, const json_t *spec)
{
	const json_t *volumes = json_object_get(spec, "volumes"), *volume;
	size_t i;

	pod->empty_dir = pod->local_volume = false;
	pod->host_network = jx_bool(spec, "hostNetwork");
	json_array_foreach(volumes, i, volume) {
		pod->empty_dir |= json_object_get(volume, "emptyDir") != NULL;
		pod->local_volume |= json_object_get(volume, "persistentVolumeClaim") != NULL;
	}
}

static const char *why_not_ready(const struct summary *sum, const json_t *conditions)
{
	const char *text = sum->message;

	if (!text && !condition_true(conditions, "PodScheduled"))
		text = jx_str(jx_typed(conditions, "PodScheduled"), "message");
	if (!text && !condition_true(conditions, "Ready"))
		text = jx_str(jx_typed(conditions, "Ready"), "message");
	return text;
}

static void set_message(struct pod *pod, struct intern *strings, const char *text)
{
	char cut[MESSAGE_MAX];

	if (text) {
		snprintf(cut, sizeof(cut), "%s", text);
		text = cut;
	}
	intern_set(strings, &pod->message, text);
}

static void read_identity(struct pod *pod, struct intern *strings, const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");
	const json_t *spec = json_object_get(object, "spec");
	const json_t *owner = jx_controller(meta);
	const json_t *first = json_array_get(json_object_get(spec, "containers"), 0);

	intern_set(strings, &pod->node, jx_str(spec, "nodeName"));
	intern_set(strings, &pod->owner_kind, jx_str(owner, "kind"));
	intern_set(strings, &pod->owner_name, jx_str(owner, "name"));
	intern_set(strings, &pod->image, jx_str(first, "image"));
	read_uid(pod->uid, jx_str(meta, "uid"));
	pod->created_ms = jx_time(meta, "creationTimestamp");
	pod->deleting = jx_str(meta, "deletionTimestamp") != NULL;
	pod->mirror = jx_str(json_object_get(meta, "annotations"),
			     "kubernetes.io/config.mirror") != NULL;
	read_volumes(pod, spec);
}

static uint8_t small(int64_t value)
{
	return (uint8_t)(value < 0 ? 0 : value > UINT8_MAX ? UINT8_MAX : value);
}

void decode_pod(struct situation *sit, const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");
	const json_t *conditions = jx_at(object, "status.conditions");
	const json_t *ready = jx_typed(conditions, "Ready");
	const char *ns = jx_str(meta, "namespace"), *name = jx_str(meta, "name");
	struct summary sum = {{0}};
	struct pod *pod;
	int32_t restarts;

	if (!ns || !name)
		return;
	pod = pods_get(&sit->pods, sit->strings, ns, name);
	pod->seen = true;
	pod->phase = parse_phase(jx_str(json_object_get(object, "status"), "phase"));
	read_identity(pod, sit->strings, object);
	read_status(&sum, object, pod->phase);
	intern_set(sit->strings, &pod->status, sum.status);
	intern_set(sit->strings, &pod->last_reason, sum.last_reason);
	pod->ready = condition_true(conditions, "Ready");
	pod->not_ready_since_ms = pod->ready ? 0 : jx_time(ready, "lastTransitionTime");
	set_message(pod, sit->strings, pod->ready ? NULL : why_not_ready(&sum, conditions));
	pod->last_finished_ms = sum.last_finished_ms;
	pod->last_exit_code = (int32_t)sum.last_exit;
	restarts = (int32_t)(sum.restarts > INT32_MAX ? INT32_MAX : sum.restarts);
	pod_restarted(pod, restarts, sum.last_finished_ms);
	pod->restarts = restarts;
	pod->containers = small(sum.total);
	pod->containers_ready = small(sum.ready);
}

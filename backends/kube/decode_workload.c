/* backends/kube/decode_workload.c: deployments, replica sets, stateful sets, daemon sets, jobs */
#include <stdlib.h>
#include <string.h>

#include "backends/kube/decode.h"
#include "backends/kube/jsonx.h"

#include "core/quantity.h"

#define REVISION "deployment.kubernetes.io/revision"

/* What all containers of a pod may use together; one without a limit may use everything. */
static void read_limits(struct workload *work, const json_t *containers)
{
	const json_t *container;
	size_t i;

	work->cpu_limit_milli = work->mem_limit_kib = 0;
	json_array_foreach(containers, i, container) {
		const json_t *limits = jx_at(container, "resources.limits");
		int64_t cpu = 0, mem = 0;
		bool no_cpu = quantity_milli(jx_str(limits, "cpu"), &cpu) || cpu <= 0;
		bool no_mem = quantity_kib(jx_str(limits, "memory"), &mem) || mem <= 0;

		work->cpu_limit_milli = no_cpu || work->cpu_limit_milli < 0
					? -1 : work->cpu_limit_milli + cpu;
		work->mem_limit_kib = no_mem || work->mem_limit_kib < 0
				      ? -1 : work->mem_limit_kib + mem;
	}
	if (work->cpu_limit_milli < 0)
		work->cpu_limit_milli = 0;
	if (work->mem_limit_kib < 0)
		work->mem_limit_kib = 0;
}

static struct workload *begin(struct situation *sit, enum workload_kind kind,
			      const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");
	const json_t *spec = json_object_get(object, "spec");
	const json_t *status = json_object_get(object, "status");
	const json_t *first = json_array_get(jx_at(spec, "template.spec.containers"), 0);
	const char *ns = jx_str(meta, "namespace"), *name = jx_str(meta, "name");
	const char *revision = jx_str(json_object_get(meta, "annotations"), REVISION);
	struct workload *work;

	if (!ns || !name)
		return NULL;
	work = workloads_get(&sit->workloads, sit->strings, kind, ns, name);
	work->seen = true;
	intern_set(sit->strings, &work->image, jx_str(first, "image"));
	read_limits(work, jx_at(spec, "template.spec.containers"));
	work->created_ms = jx_time(meta, "creationTimestamp");
	work->revision = revision ? strtoll(revision, NULL, 10) : 0;
	work->generation = jx_int(meta, "generation");
	work->observed_generation = jx_int(status, "observedGeneration");
	work->deleting = jx_str(meta, "deletionTimestamp") != NULL;
	work->paused = jx_bool(spec, "paused");
	/* An absent spec.replicas means one; an absent count in status means none. */
	work->desired = json_object_get(spec, "replicas") ? jx_int32(spec, "replicas") : 1;
	work->current = jx_int32(status, "replicas");
	work->updated = jx_int32(status, "updatedReplicas");
	work->ready = jx_int32(status, "readyReplicas");
	work->available = jx_int32(status, "availableReplicas");
	return work;
}

void decode_deployment(struct situation *sit, const json_t *object)
{
	struct workload *work = begin(sit, WORKLOAD_DEPLOYMENT, object);
	const json_t *conditions = jx_at(object, "status.conditions");

	if (work)
		intern_set(sit->strings, &work->condition,
			   jx_str(jx_typed(conditions, "Progressing"), "reason"));
}

void decode_replicaset(struct situation *sit, const json_t *object)
{
	struct workload *work = begin(sit, WORKLOAD_REPLICASET, object);
	const json_t *owner = jx_controller(json_object_get(object, "metadata"));
	const char *kind = jx_str(owner, "kind");

	if (work)
		intern_set(sit->strings, &work->owner,
			   kind && !strcmp(kind, "Deployment") ? jx_str(owner, "name") : NULL);
}

void decode_statefulset(struct situation *sit, const json_t *object)
{
	struct workload *work = begin(sit, WORKLOAD_STATEFULSET, object);
	const json_t *status = json_object_get(object, "status");
	const char *current = jx_str(status, "currentRevision");
	const char *update = jx_str(status, "updateRevision");

	/* Once a roll has ended, updatedReplicas may be absent: all are current. */
	if (work && current && update && !strcmp(current, update))
		work->updated = work->current;
}

void decode_daemonset(struct situation *sit, const json_t *object)
{
	struct workload *work = begin(sit, WORKLOAD_DAEMONSET, object);
	const json_t *status = json_object_get(object, "status");

	if (!work)
		return;
	work->desired = jx_int32(status, "desiredNumberScheduled");
	work->current = jx_int32(status, "currentNumberScheduled");
	work->updated = jx_int32(status, "updatedNumberScheduled");
	work->ready = jx_int32(status, "numberReady");
	work->available = jx_int32(status, "numberAvailable");
}

static const char *job_condition(const json_t *conditions)
{
	static const char *const types[] = {"Failed", "Complete", "Suspended"};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const char *status = jx_str(jx_typed(conditions, types[i]), "status");

		if (status && !strcmp(status, "True"))
			return types[i];
	}
	return NULL;
}

void decode_job(struct situation *sit, const json_t *object)
{
	struct workload *work = begin(sit, WORKLOAD_JOB, object);
	const json_t *spec = json_object_get(object, "spec");
	const json_t *status = json_object_get(object, "status");

	if (!work)
		return;
	intern_set(sit->strings, &work->condition,
		   job_condition(json_object_get(status, "conditions")));
	work->desired = json_object_get(spec, "completions") ? jx_int32(spec, "completions")
							     : 1;
	work->current = jx_int32(status, "active");
	work->ready = work->available = jx_int32(status, "succeeded");
	work->failed = jx_int32(status, "failed");
}

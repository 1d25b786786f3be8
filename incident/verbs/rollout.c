/* incident/verbs/rollout.c: rolling a workload's pods anew: marks, risks and judgement */
#include <stdio.h>
#include <string.h>

#include "incident/verbs/verbs.h"

#define CRASHES_MEAN_FAILED 2      /* restarts of a new pod that is in a back-off */

void rollout_mark(const struct act_request *request, const struct situation *sit, void *mark,
		  size_t size)
{
	const struct workload *work = target_workload(request, sit);
	struct rollout_mark *before = mark;

	if (size < sizeof(*before) || !work)
		return;
	*before = (struct rollout_mark){.generation = work->generation,
					.revision = work->revision, .available = work->available,
					.desired = work->desired};
}

/* New pods that have crashed more than once. */
static int crash_looping(const struct workload *work, const struct situation *sit,
			 int64_t since_ms)
{
	int count = 0;

	for (size_t i = 0; i < sit->pods.len; i++) {
		const struct pod *pod = sit->pods.items[i];

		if (pod->created_ms + VERB_SECOND < since_ms || pod->deleting || pod->ready ||
		    pod->restarts < CRASHES_MEAN_FAILED)
			continue;
		count += pod_belongs(pod, work, sit);
	}
	return count;
}

static enum outcome not_rolled(const struct verb_watch *watch, const struct workload *work,
			       const char *why, char *text, size_t size)
{
	const struct rollout_mark *before = watch->mark;

	if (work->available < before->available)
		return say(text, size, OUTCOME_WORSE, "%s; %d available, %d before", why,
			   work->available, before->available);
	return say(text, size, OUTCOME_NO_CHANGE, "%s; %d of %d available, as before", why,
		   work->available, work->desired);
}

static enum outcome judge_workload(const struct verb_watch *watch, const struct workload *work,
				   char *text, size_t size)
{
	const struct rollout_mark *before = watch->mark;
	enum rollout_state state;
	char why[160];
	int crashing;

	if (work->generation <= before->generation)
		return say(text, size, watch->last ? OUTCOME_NO_CHANGE : OUTCOME_PENDING,
			   "the API does not show the change yet");
	crashing = crash_looping(work, watch->sit, watch->acted_ms);
	if (crashing) {
		snprintf(why, sizeof(why), "%d new %s crash-looping", crashing,
			 crashing == 1 ? "pod is" : "pods are");
		return not_rolled(watch, work, why, text, size);
	}
	state = workload_rollout(work, why, sizeof(why));
	if (state == ROLLOUT_FAILED || (state == ROLLOUT_WAITING && watch->last))
		return not_rolled(watch, work, why, text, size);
	if (state == ROLLOUT_WAITING)
		return say(text, size, OUTCOME_PENDING, "%s", why);
	if (work->available < work->desired)
		return say(text, size, OUTCOME_PENDING, "rolled out; %d of %d available",
			   work->available, work->desired);
	if (work->revision > before->revision)
		return say(text, size, OUTCOME_WORKED,
			   "revision %lld is rolled out, %d of %d available",
			   (long long)work->revision, work->available, work->desired);
	return say(text, size, OUTCOME_WORKED, "rolled out, %d of %d available", work->available,
		   work->desired);
}

enum outcome rollout_judge(const struct verb_watch *watch, char *text, size_t size)
{
	const struct situation *sit = watch->sit;
	const struct workload *work = target_workload(watch->request, sit);
	int kind = workload_kind_parse(watch->request->target.kind);

	if (kind < 0)
		return say(text, size, OUTCOME_UNKNOWN, "not a workload");
	if (!section_readable(&sit->workloads.fresh[kind], watch->request->target.kind,
			      watch->now_ms, text, size))
		return OUTCOME_UNKNOWN;
	if (!work)
		return say(text, size, OUTCOME_WORSE, "it is gone: somebody has deleted it");
	return judge_workload(watch, work, text, size);
}

/* What its pods keep only where they are. */
static int count_pods_with(const struct workload *work, const struct situation *sit,
			   bool empty_dir)
{
	int count = 0;

	for (size_t i = 0; i < sit->pods.len; i++) {
		const struct pod *pod = sit->pods.items[i];

		if ((empty_dir ? pod->empty_dir : pod->local_volume) &&
		    pod_belongs(pod, work, sit))
			count++;
	}
	return count;
}

enum confirm_level rollout_risks(const struct act_request *request, const struct situation *sit,
				 char *buf, size_t size)
{
	const struct workload *work = target_workload(request, sit);
	enum confirm_level level = CONFIRM_KEY;
	char why[160];
	int count;

	if (!work) {
		line_add(buf, size, "nothing is known about this target now");
		return CONFIRM_TYPED;
	}
	if (work->desired == 1)
		line_add(buf, size, "a single replica: it may be away while the new pod starts");
	if (work->desired > 1 && work->available < work->desired)
		line_add(buf, size, "only %d of %d are available now", work->available,
			 work->desired);
	if (work->paused)
		line_add(buf, size, "its rollouts are paused: nothing will roll until resumed");
	if (workload_rollout(work, why, sizeof(why)) == ROLLOUT_WAITING)
		line_add(buf, size, "a rollout is already under way: %s", why);
	count = count_pods_with(work, sit, true);
	if (count) {
		line_add(buf, size, "%d of its pods hold emptyDir data, which is lost", count);
		if (work->desired == 1 && work->available == 1)
			level = CONFIRM_TYPED;
	}
	count = count_pods_with(work, sit, false);
	if (count)
		line_add(buf, size, "%d of its pods use a volume claim: a new pod may have to "
			 "start on the same node", count);
	return level;
}

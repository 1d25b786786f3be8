/* incident/verbs/rollout_undo.c: back to an earlier revision of a deployment */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incident/verbs/verbs.h"

static int check(const struct act_request *request, struct err *err)
{
	const char *revision = act_param(request, "to_revision");

	if (revision && (!*revision || strspn(revision, "0123456789") != strlen(revision)))
		return err_set(err, -EINVAL, "to_revision must be a number, not \"%s\"", revision);
	return 0;
}

static void command(const struct act_request *request, char *buf, size_t size)
{
	const char *revision = act_param(request, "to_revision");
	char ns[128], name[320];

	snprintf(buf, size, "kubectl -n %s rollout undo %s/%s%s%s",
		 shell_quote(request->target.ns, ns, sizeof(ns)), request->target.kind,
		 shell_quote(request->target.name, name, sizeof(name)),
		 revision ? " --to-revision=" : "", revision ? revision : "");
}

static int count_revisions(const struct workload *work, const struct situation *sit)
{
	int count = 0;

	for (size_t i = 0; i < sit->workloads.len; i++) {
		const struct workload *set = sit->workloads.items[i];

		count += set->kind == WORKLOAD_REPLICASET && set->owner && set->ns == work->ns &&
			 strcmp(set->owner, work->name) == 0;
	}
	return count;
}

static enum confirm_level risks(const struct act_request *request, const struct situation *sit,
				char *buf, size_t size)
{
	const struct workload *work = target_workload(request, sit);

	if (work && count_revisions(work, sit) < 2)
		line_add(buf, size, "no earlier revision is known");
	line_add(buf, size, "configuration and database schema are not rolled back with it");
	rollout_risks(request, sit, buf, size);
	return CONFIRM_TYPED;
}

const struct verb verb_rollout_undo = {
	.id = "rollout-undo",
	.title = "Rollout undo",
	.help = "go back to the revision before this one",
	.kinds = "deployment",
	.params = "",
	.confirm = CONFIRM_TYPED,
	.watch_ms = 300 * VERB_SECOND,
	.settle_ms = 5 * VERB_SECOND,
	.check = check,
	.command = command,
	.risks = risks,
	.mark = rollout_mark,
	.judge = rollout_judge,
};

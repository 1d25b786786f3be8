/* incident/verbs/rollout_restart.c: replace every pod of a workload, as kubectl does it */
#include <stdio.h>

#include "incident/verbs/verbs.h"

static void command(const struct act_request *request, char *buf, size_t size)
{
	char ns[128], name[320];

	snprintf(buf, size, "kubectl -n %s rollout restart %s/%s",
		 shell_quote(request->target.ns, ns, sizeof(ns)), request->target.kind,
		 shell_quote(request->target.name, name, sizeof(name)));
}

const struct verb verb_rollout_restart = {
	.id = "rollout-restart",
	.title = "Rollout restart",
	.help = "replace every pod of the workload, a few at a time",
	.kinds = "deployment,daemonset,statefulset",
	.params = "",
	.confirm = CONFIRM_KEY,
	.watch_ms = 300 * VERB_SECOND,
	.settle_ms = 5 * VERB_SECOND,
	.command = command,
	.risks = rollout_risks,
	.mark = rollout_mark,
	.judge = rollout_judge,
};

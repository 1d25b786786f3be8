/* incident/verbs/delete_pod.c: take one pod away, so that its controller makes a new one */
#include <stdio.h>
#include <string.h>

#include "incident/verbs/verbs.h"

struct pod_mark {
	uint8_t uid[16];
	bool found, owned;
	char owner_kind[16];       /* "replicaset", as workload_kind_name() says */
	char owner[200];
	int32_t ready;             /* ready pods of the same owner, this one included */
};

_Static_assert(sizeof(struct pod_mark) <= VERB_MARK_SIZE, "the mark must fit");

static void command(const struct act_request *request, char *buf, size_t size)
{
	char ns[128], name[320];

	snprintf(buf, size, "kubectl -n %s delete pod %s",
		 shell_quote(request->target.ns, ns, sizeof(ns)),
		 shell_quote(request->target.name, name, sizeof(name)));
}

static const struct pod *target_pod(const struct act_request *request,
				    const struct situation *sit)
{
	return pods_find(&sit->pods, request->target.ns, request->target.name);
}

static bool same_owner(const struct pod *pod, const char *ns, const char *kind, const char *name)
{
	return pod->owner_name && pod->owner_kind && strcmp(pod->ns, ns) == 0 &&
	       strcmp(pod->owner_name, name) == 0 && strcasecmp(pod->owner_kind, kind) == 0;
}

static int32_t ready_of_owner(const struct situation *sit, const char *ns, const char *kind,
			      const char *name)
{
	int32_t count = 0;

	for (size_t i = 0; i < sit->pods.len; i++) {
		const struct pod *pod = sit->pods.items[i];

		count += pod->ready && !pod->deleting && same_owner(pod, ns, kind, name);
	}
	return count;
}

static void budget_risks(const struct pod *pod, const struct situation *sit, char *buf,
			 size_t size)
{
	if (!sit->pdbs.complete || sit->pdbs.fresh.state == FRESH_REFUSED)
		line_add(buf, size, "whether a disruption budget forbids it is not known: %s",
			 sit->pdbs.fresh.reason[0] ? sit->pdbs.fresh.reason
			 : "they have not been read");
	for (size_t i = 0; i < sit->pdbs.len; i++) {
		const struct pdb *pdb = sit->pdbs.items[i];

		if (pdb->disruptions_allowed <= 0 && strcmp(pdb->ns, pod->ns) == 0)
			line_add(buf, size, "the disruption budget %s in this namespace allows no "
				 "loss now, and deleting does not ask it", pdb->name);
	}
}

static enum confirm_level risks(const struct act_request *request, const struct situation *sit,
				char *buf, size_t size)
{
	const struct pod *pod = target_pod(request, sit);
	enum confirm_level level = CONFIRM_KEY;

	if (!pod) {
		line_add(buf, size, "nothing is known about this pod now");
		return CONFIRM_TYPED;
	}
	if (pod->mirror)
		line_add(buf, size, "a static pod: the node runs it, deleting changes nothing");
	else if (!pod->owner_kind || !pod->owner_name) {
		line_add(buf, size, "no controller owns it: it will not come back");
		level = CONFIRM_TYPED;
	} else if (pod->ready && ready_of_owner(sit, pod->ns, pod->owner_kind,
						pod->owner_name) == 1) {
		line_add(buf, size, "the only ready pod of its owner");
		level = CONFIRM_TYPED;
	}
	if (pod->empty_dir)
		line_add(buf, size, "it holds emptyDir data, which is lost");
	if (pod->local_volume)
		line_add(buf, size, "it uses a volume claim: the new pod may have to start on the "
			 "same node");
	budget_risks(pod, sit, buf, size);
	return level;
}

static void mark(const struct act_request *request, const struct situation *sit, void *data,
		 size_t size)
{
	const struct pod *pod = target_pod(request, sit);
	struct pod_mark *before = data;

	if (!pod || size < sizeof(*before))
		return;
	before->found = true;
	memcpy(before->uid, pod->uid, sizeof(before->uid));
	if (!pod->owner_kind || !pod->owner_name)
		return;
	before->owned = true;
	snprintf(before->owner_kind, sizeof(before->owner_kind), "%s", pod->owner_kind);
	snprintf(before->owner, sizeof(before->owner), "%s", pod->owner_name);
	before->ready = ready_of_owner(sit, pod->ns, pod->owner_kind, pod->owner_name);
}

/* How many ready pods its owner should have, or as many as there were. */
static int32_t wanted_pods(const struct verb_watch *watch, const struct pod_mark *before)
{
	int kind = workload_kind_parse(before->owner_kind);
	const struct workload *owner = NULL;

	if (kind >= 0)
		owner = workloads_find(&watch->sit->workloads, (enum workload_kind)kind,
				       watch->request->target.ns, before->owner);
	return owner ? owner->desired : before->ready;
}

static enum outcome judge(const struct verb_watch *watch, char *text, size_t size)
{
	const struct pod_mark *before = watch->mark;
	const struct pod *pod = target_pod(watch->request, watch->sit);
	int32_t ready, wanted;

	if (!section_readable(&watch->sit->pods.fresh, "pods", watch->now_ms, text, size))
		return OUTCOME_UNKNOWN;
	if (pod && (!before->found || memcmp(pod->uid, before->uid, sizeof(pod->uid)) == 0))
		return say(text, size, watch->last ? OUTCOME_NO_CHANGE : OUTCOME_PENDING,
			   pod->deleting ? "the pod is terminating" : "the pod is still there");
	if (!before->owned)
		return say(text, size, OUTCOME_WORKED, "the pod is gone");
	ready = ready_of_owner(watch->sit, watch->request->target.ns, before->owner_kind,
			       before->owner);
	wanted = wanted_pods(watch, before);
	if (ready >= wanted)
		return say(text, size, OUTCOME_WORKED, "the pod is replaced, %d of %d ready",
			   ready, wanted);
	if (!watch->last)
		return say(text, size, OUTCOME_PENDING, "the pod is gone, %d of %d ready", ready,
			   wanted);
	return say(text, size, ready < before->ready ? OUTCOME_WORSE : OUTCOME_NO_CHANGE,
		   "the pod is gone, yet only %d of %d are ready, %d before", ready, wanted,
		   before->ready);
}

const struct verb verb_delete_pod = {
	.id = "delete-pod",
	.title = "Delete pod",
	.help = "delete the pod; its controller makes a new one",
	.kinds = "pod",
	.params = "",
	.confirm = CONFIRM_KEY,
	.watch_ms = 120 * VERB_SECOND,
	.settle_ms = 2 * VERB_SECOND,
	.command = command,
	.risks = risks,
	.mark = mark,
	.judge = judge,
};

/* incident/verbs/cordon.c: keep new pods off a node, and let them on again */
#include <stdio.h>
#include <string.h>

#include "incident/verbs/verbs.h"

static void kubectl(const char *what, const struct act_request *request, char *buf, size_t size)
{
	char name[320];

	snprintf(buf, size, "kubectl %s %s", what,
		 shell_quote(request->target.name, name, sizeof(name)));
}

static void cordon_command(const struct act_request *request, char *buf, size_t size)
{
	kubectl("cordon", request, buf, size);
}

static void uncordon_command(const struct act_request *request, char *buf, size_t size)
{
	kubectl("uncordon", request, buf, size);
}

static int schedulable_others(const struct situation *sit, const char *name)
{
	int count = 0;

	for (size_t i = 0; i < sit->nodes.len; i++) {
		const struct node *node = sit->nodes.items[i];

		count += strcmp(node->name, name) && !node->unschedulable &&
			 node_ready(node) == TRI_TRUE;
	}
	return count;
}

static enum confirm_level cordon_risks(const struct act_request *request,
				       const struct situation *sit, char *buf, size_t size)
{
	int others = schedulable_others(sit, request->target.name);

	if (others == 0) {
		line_add(buf, size, "no other node would take pods: new ones would stay Pending");
		return CONFIRM_TYPED;
	}
	if (others == 1)
		line_add(buf, size, "only one other node would take new pods");
	return CONFIRM_KEY;
}

static enum confirm_level uncordon_risks(const struct act_request *request,
					 const struct situation *sit, char *buf, size_t size)
{
	const struct node *node = nodes_find(&sit->nodes, request->target.name);

	if (!node) {
		line_add(buf, size, "nothing is known about this node now");
		return CONFIRM_TYPED;
	}
	if (node_ready(node) != TRI_TRUE)
		line_add(buf, size, "the node is not Ready: pods will not start there yet");
	for (int i = 0; i < node->nconditions; i++) {
		const struct node_condition *condition = &node->conditions[i];

		if (condition->status == TRI_TRUE && strstr(condition->type, "Pressure"))
			line_add(buf, size, "the node has %s", condition->type);
	}
	return CONFIRM_KEY;
}

static enum outcome judge(const struct verb_watch *watch, bool wanted, char *text, size_t size)
{
	const struct nodes *nodes = &watch->sit->nodes;
	const struct node *node = nodes_find(nodes, watch->request->target.name);

	if (!section_readable(&nodes->fresh, "nodes", watch->now_ms, text, size))
		return OUTCOME_UNKNOWN;
	if (!node)
		return say(text, size, OUTCOME_NO_CHANGE, "the node is gone");
	if (node->unschedulable == wanted)
		return say(text, size, OUTCOME_WORKED, "the node is %s",
			   wanted ? "cordoned" : "open for pods");
	return say(text, size, watch->last ? OUTCOME_NO_CHANGE : OUTCOME_PENDING,
		   "the node is still %s", wanted ? "open for pods" : "cordoned");
}

static enum outcome cordon_judge(const struct verb_watch *watch, char *text, size_t size)
{
	return judge(watch, true, text, size);
}

static enum outcome uncordon_judge(const struct verb_watch *watch, char *text, size_t size)
{
	return judge(watch, false, text, size);
}

const struct verb verb_cordon = {
	.id = "cordon",
	.title = "Cordon",
	.help = "let no new pod start on the node; running ones stay",
	.kinds = "node",
	.params = "",
	.confirm = CONFIRM_KEY,
	.watch_ms = 15 * VERB_SECOND,
	.command = cordon_command,
	.risks = cordon_risks,
	.judge = cordon_judge,
};

const struct verb verb_uncordon = {
	.id = "uncordon",
	.title = "Uncordon",
	.help = "let new pods start on the node again",
	.kinds = "node",
	.params = "",
	.confirm = CONFIRM_KEY,
	.watch_ms = 15 * VERB_SECOND,
	.command = uncordon_command,
	.risks = uncordon_risks,
	.judge = uncordon_judge,
};

/* tui/targets.c: see targets.h */
#include "tui/targets.h"

#include <stdio.h>
#include <string.h>

#include "incident/ladder.h"

static const char *const policies[] = {
	"allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu",
	"volatile-random", "volatile-ttl", "noeviction",
};

void target_set(struct act_target *target, const char *kind, const char *ns, const char *name)
{
	memset(target, 0, sizeof(*target));
	snprintf(target->kind, sizeof(target->kind), "%s", kind);
	snprintf(target->ns, sizeof(target->ns), "%s", ns ? ns : "");
	snprintf(target->name, sizeof(target->name), "%s", name ? name : "");
}

static const struct pod *pod_of(const struct app *app, const struct act_target *target)
{
	return strcmp(target->kind, "pod") ? NULL
		: pods_find(&app->sit.pods, target->ns, target->name);
}

bool target_owner(const struct app *app, const struct act_target *of, struct act_target *ret)
{
	const struct pod *pod = pod_of(app, of);
	const struct workload *set;
	int kind;

	if (!pod) {
		*ret = *of;
		return workload_kind_parse(of->kind) >= 0;
	}
	kind = pod->owner_kind ? workload_kind_parse(pod->owner_kind) : -1;
	if (kind < 0)
		return false;
	if (kind != WORKLOAD_REPLICASET) {
		target_set(ret, workload_kind_name((enum workload_kind)kind), pod->ns,
			   pod->owner_name);
		return true;
	}
	set = workloads_find(&app->sit.workloads, WORKLOAD_REPLICASET, pod->ns, pod->owner_name);
	if (!set || !set->owner)
		return false;
	target_set(ret, "deployment", pod->ns, set->owner);
	return true;
}

bool target_node(const struct app *app, const struct act_target *of, struct act_target *ret)
{
	const struct pod *pod = pod_of(app, of);

	if (!pod || !pod->node)
		return false;
	target_set(ret, "node", "", pod->node);
	return true;
}

static struct offer *add(struct offers *offers, const char *verb, const struct act_target *target)
{
	struct offer *offer;

	if (offers->len == OFFERS_MAX)
		return NULL;
	offer = &offers->items[offers->len++];
	memset(offer, 0, sizeof(*offer));
	snprintf(offer->request.verb, sizeof(offer->request.verb), "%s", verb);
	offer->request.target = *target;
	return offer;
}

/* Whether it would change anything at all: an open node isn't to be opened. */
static bool makes_sense(const struct app *app, const char *verb, const struct act_target *target)
{
	const struct node *node = strcmp(target->kind, "node") ? NULL
		: nodes_find(&app->sit.nodes, target->name);

	if (node && !strcmp(verb, "cordon"))
		return !node->unschedulable;
	if (node && !strcmp(verb, "uncordon"))
		return node->unschedulable;
	return true;
}

static void add_verbs(struct offers *offers, const struct app *app,
		      const struct act_target *target)
{
	const struct verb *const *verb;
	char name[400];

	for (verb = verbs_all; *verb; verb++) {
		struct offer *offer;

		if (!verb_takes(*verb, target->kind) || (*verb)->params[0] ||
		    !makes_sense(app, (*verb)->id, target))
			continue;
		offer = add(offers, (*verb)->id, target);
		if (offer)
			snprintf(offer->label, sizeof(offer->label), "%s: %.200s", (*verb)->title,
				 act_target_text(target, name, sizeof(name)));
	}
}

void offers_for(struct offers *offers, const struct app *app, const struct act_target *target)
{
	struct act_target other;

	if (!strcmp(target->kind, "redis")) {
		offers_for_redis(offers, app, NULL, NULL);
		return;
	}
	if (target_owner(app, target, &other))
		add_verbs(offers, app, &other);
	if (!strcmp(target->kind, "pod") || !strcmp(target->kind, "node"))
		add_verbs(offers, app, target);
	if (target_node(app, target, &other))
		add_verbs(offers, app, &other);
}

void offers_for_verdict(struct offers *offers, const struct verdict *verdict)
{
	size_t i;

	for (i = 0; i < verdict->nactions; i++) {
		const struct verdict_action *action = &verdict->actions[i];
		struct offer *offer = add(offers, action->request.verb, &action->request.target);

		if (!offer)
			return;
		offer->request = action->request;
		offer->verdict = verdict;
		snprintf(offer->label, sizeof(offer->label), "%s", action->label);
	}
}

static void add_key(struct offers *offers, const char *param, const char *value)
{
	struct act_target redis;
	struct offer *offer;
	bool one = !strcmp(param, "key");

	target_set(&redis, "redis", "", "");
	offer = add(offers, one ? "redis-delete-key" : "redis-delete-prefix", &redis);
	if (!offer)
		return;
	if (act_param_set(&offer->request, param, value)) {
		offers->len--;
		return;
	}
	snprintf(offer->label, sizeof(offer->label), one ? "Delete the key %.200s"
		 : "Delete all keys that begin with %.190s", value);
}

void offers_for_redis(struct offers *offers, const struct app *app, const char *param,
		      const char *value)
{
	struct act_target redis;
	size_t i;

	if (param)
		add_key(offers, param, value);
	target_set(&redis, "redis", "", "");
	for (i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		struct offer *offer;

		if (!strcmp(app->sit.redis.policy, policies[i]))
			continue;
		offer = add(offers, "redis-set-policy", &redis);
		if (!offer)
			return;
		act_param_set(&offer->request, "policy", policies[i]);
		snprintf(offer->label, sizeof(offer->label), "Set maxmemory-policy %s",
			 policies[i]);
	}
}

/* world/scenario_cluster.c: drills on the cluster's own parts; see scenario_private.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "world/controllers/nodes.h"
#include "world/controllers/workloads.h"
#include "world/exporter.h"
#include "world/jx.h"
#include "world/kube_api.h"
#include "world/machines/machines.h"
#include "world/scenario_private.h"
#include "world/store.h"
#include "world/written.h"

char *do_overlay(struct scenario *s, const struct step *step)
{
	bool works = step->action == ACTION_OVERLAY_HEAL;

	nodes_set_overlay(s->world, step->node, works);
	return xasprintf("pods on %s %s from other nodes", step->node,
			 works ? "are reached again" : "can't be reached");
}

char *do_disk(struct scenario *s, const struct step *step)
{
	struct machine *machine = machines_find(s->world->machines, step->node);

	nodes_set_disk(s->world, step->node, step->to_percent);
	if (machine)
		machine_fill(machine, step->path, step->to_percent);
	return xasprintf("the disk of %s is %.0f %% full", step->node, step->to_percent);
}

bool is_disk(const struct scenario *s, const struct step *step)
{
	return is_node(s, step) && step->to_percent > 0 && step->to_percent <= 100;
}

char *do_member(struct scenario *s, const struct step *step)
{
	bool back = step->action == ACTION_MEMBER_BACK;

	nodes_set_member(s->world, step->node, back ? "" : step->reason);
	return xasprintf("the etcd of %s %s", step->node, back ? "votes again" : "doesn't vote");
}

bool is_member(const struct scenario *s, const struct step *step)
{
	static const char *const reasons[] = {"Unhealthy", "MemberIsLearner", "NotAMember"};

	for (size_t i = 0; step->reason && i < sizeof(reasons) / sizeof(*reasons); i++)
		if (!strcmp(reasons[i], step->reason))
			return is_node(s, step);
	return false;
}

char *do_readyz(struct scenario *s, const struct step *step)
{
	bool well = step->action == ACTION_READYZ_HEAL;

	/* Of one server, or of all of them. */
	for (size_t i = 0; i < WORLD_SERVERS_MAX && s->world->kube_at[i]; i++)
		if (!step->node || !strcmp(kube_server_node(s->world->kube_at[i]), step->node))
			kube_health_set(s->world->kube_at[i], step->name, well);
	if (!step->node)
		kube_health_set(s->world->kube, step->name, well);
	return xasprintf("the check %s of %s %s", step->name,
			 step->node ? step->node : "every API server", well ? "passes" : "fails");
}

bool is_check(const struct scenario *s, const struct step *step)
{
	return step->name && kube_health_has(step->name) && (!step->node || is_node(s, step));
}

char *do_api(struct scenario *s, const struct step *step)
{
	bool back = step->action == ACTION_API_BACK;

	api_set_available(s->world, step->name, back ? "" : step->reason, step->message);
	return xasprintf("the API %s is %s", step->name, back ? "available" : "not available");
}

bool is_api(const struct scenario *s, const struct step *step)
{
	return step->name && store_get(s->world->store, RES_APISERVICES, "", step->name);
}

bool is_api_lost(const struct scenario *s, const struct step *step)
{
	return is_api(s, step) && step->reason && *step->reason;
}

char *do_pin(struct scenario *s, const struct step *step)
{
	json_t *disk = store_edit(s->world->store, RES_PVS, "", step->name);

	jx_set(disk, "spec.nodeAffinity.required.nodeSelectorTerms",
	       json_pack("[{s:[{s:s, s:s, s:[s]}]}]", "matchExpressions", "key",
			 "kubernetes.io/hostname", "operator", "In", "values", step->node));
	store_put(s->world->store, RES_PVS, disk);
	return xasprintf("volume %s stands on %s", step->name, step->node);
}

bool is_pin(const struct scenario *s, const struct step *step)
{
	return is_node(s, step) && step->name &&
	       store_get(s->world->store, RES_PVS, "", step->name);
}

char *do_config(struct scenario *s, const struct step *step)
{
	json_t *before = store_get(s->world->store, RES_CONFIGMAPS, step->ns, step->name);
	json_t *after = json_deep_copy(before);

	json_object_set_new(jx_make(after, "data"), step->key, json_string(step->value));
	written_by(after, before, step->cause ? step->cause : "kubectl-edit");
	store_put(s->world->store, RES_CONFIGMAPS, after);
	return xasprintf("%s of ConfigMap %s/%s is changed", step->key, step->ns, step->name);
}

bool is_config(const struct scenario *s, const struct step *step)
{
	return step->ns && step->name && step->key && step->value &&
	       store_get(s->world->store, RES_CONFIGMAPS, step->ns, step->name);
}

char *do_metric(struct scenario *s, const struct step *step)
{
	bool gone = step->action == ACTION_METRIC_GONE;

	exporter_hide(s->world->exporter, step->ns, step->name, step->metric, gone);
	return xasprintf("%s/%s %s %s", step->ns, step->name, gone ? "no longer tells" : "tells",
			 step->metric);
}

bool is_metric(const struct scenario *s, const struct step *step)
{
	return step_deployment(s, step) && step->metric;
}

char *do_stuck(struct scenario *s, const struct step *step)
{
	const json_t *set = deployment_current(s->world, step_deployment(s, step));

	if (set)
		exporter_stick(s->world->exporter, jx_uid(set));
	return xasprintf("the pods of %s/%s get nothing rid of until it is restarted", step->ns,
			 step->name);
}

bool is_shipping(const struct scenario *s, const struct step *step)
{
	return step_deployment(s, step) && exporter_ships(s->world, step->ns, step->name);
}

/* ---- is it whole again? ------------------------------------------------------------------- */

static bool cut_key(const char *text, char ns[64], char name[254])
{
	return sscanf(text, "%63[^/]/%253s", ns, name) == 2;
}

bool cluster_holds(const struct scenario *s, const struct healed *healed)
{
	char ns[64], name[254];

	return (!healed->overlay_well || nodes_overlay_works(s->world, healed->overlay_well)) &&
	       (!healed->api_available || api_is_available(s->world, healed->api_available)) &&
	       (!healed->readyz_well || kube_health_is_well(s->world, NULL, healed->readyz_well)) &&
	       (!healed->metrics_well || (cut_key(healed->metrics_well, ns, name) &&
					  exporter_is_well(s->world->exporter, ns, name)));
}

const char *cluster_lacks(const struct scenario *s, const struct healed *healed)
{
	const struct store *store = s->world->store;
	char ns[64], name[254];

	if (healed->overlay_well && !store_get(store, RES_NODES, "", healed->overlay_well))
		return healed->overlay_well;
	if (healed->api_available && !store_get(store, RES_APISERVICES, "", healed->api_available))
		return healed->api_available;
	if (healed->readyz_well && !kube_health_has(healed->readyz_well))
		return healed->readyz_well;
	if (healed->metrics_well && (!cut_key(healed->metrics_well, ns, name) ||
				     !store_get(store, RES_DEPLOYMENTS, ns, name)))
		return healed->metrics_well;
	return NULL;
}

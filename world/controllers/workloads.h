/*
 * world/controllers/workloads.h: the controllers of deployments, replica sets, daemon sets,
 * disruption budgets and endpoints. They look at everything again after any change.
 */
#ifndef SITREP_WORLD_CONTROLLERS_WORKLOADS_H
#define SITREP_WORLD_CONTROLLERS_WORKLOADS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct world;
struct workloads;

struct workloads *workloads_new(struct world *world);
void workloads_free(struct workloads *workloads);
void workloads_tick(struct workloads *workloads);

/* deployments.c */
void deployments_reconcile(struct world *world);
/* A replica set of a deployment, stored; the template is borrowed. Borrowed result. */
json_t *deployment_add_replicaset(struct world *world, const json_t *deployment,
				  const json_t *template, int revision, int64_t at_us);
/* The replica set that has the deployment's own template; NULL. */
json_t *deployment_current(const struct world *world, const json_t *deployment);

/* replicasets.c */
void replicasets_reconcile(struct world *world);
bool pod_is_ready(const json_t *pod);
bool pod_is_active(const json_t *pod);     /* neither ending nor ended */
/* A pod from its owner's template, stored; node "" leaves it to the scheduler. */
json_t *owner_add_pod(struct world *world, const json_t *owner, const char *name,
		      const char *node, int64_t at_us);
json_t *owner_reference(const json_t *owner);
void random_tail(char *tail, int len);     /* len letters and a NUL */

/* daemonsets.c */
void daemonsets_reconcile(struct world *world);
/* A short name for what a template says: the same for the same template. */
void template_hash(const json_t *template, char hash[12]);
/* What a template says, without what servers and clients add to it. New reference. */
json_t *template_plain(const json_t *template);

/* budgets.c */
void budgets_reconcile(struct world *world);
/* apis.c */
void apis_reconcile(struct world *world);
/* Not available for that reason; "" = available. */
void api_set_available(struct world *world, const char *name, const char *reason,
		       const char *message);
bool api_is_available(const struct world *world, const char *name);
/* services.c */
void services_reconcile(struct world *world);

#endif

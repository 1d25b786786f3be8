/* tui/targets.h: what a thing on the screen is to the ladder, and what can be done with it. */
#ifndef SITREP_TUI_TARGETS_H
#define SITREP_TUI_TARGETS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/actuator.h"
#include "incident/verdict.h"
#include "tui/app.h"

/* Something that could be done. */
struct offer {
	char label[240];
	struct act_request request;
	const struct verdict *verdict;     /* it answers; holds until the next judgement */
};

#define OFFERS_MAX 24

struct offers {
	struct offer items[OFFERS_MAX];
	size_t len;
};

void target_set(struct act_target *target, const char *kind, const char *ns, const char *name);
/* The workload behind a target: a pod's owner (a deployment, not its replica set), or itself.
 * false = none. of and ret may be the same. */
bool target_owner(const struct app *app, const struct act_target *of, struct act_target *ret);
/* The node a pod runs on; false = none. */
bool target_node(const struct app *app, const struct act_target *of, struct act_target *ret);

/* What can be done with a target, its owner and its node. */
void offers_for(struct offers *offers, const struct app *app, const struct act_target *target);
void offers_for_verdict(struct offers *offers, const struct verdict *verdict);
/* Redis: its policies, and its key or prefix when one is given (param NULL = none). */
void offers_for_redis(struct offers *offers, const struct app *app, const char *param,
		      const char *value);

#endif

/* world/scenario_private.h: the parts of a playing drill, shared by scenario*.c. */
#ifndef SITREP_WORLD_SCENARIO_PRIVATE_H
#define SITREP_WORLD_SCENARIO_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "world/scenario.h"
#include "world/scenario_file.h"
#include "world/world.h"

#define REPEATS_MAX 16

/* A line that goes on being logged. */
struct repeat {
	const struct step *step;
	int64_t next;
};

struct scenario {
	struct world *world;
	struct scenario_file file;
	size_t next;             /* the next step of the timeline */
	bool broken, recovered;
	int64_t whole_since;     /* 0 = not whole */
	struct repeat repeats[REPEATS_MAX];
	int repeat_count;
};

/* scenario.c: the deployment that a step names; NULL. And whether its node exists. */
json_t *step_deployment(const struct scenario *s, const struct step *step);
bool is_node(const struct scenario *s, const struct step *step);

/* scenario_cluster.c: what happens to the cluster's own parts. As in scenario.c, do_...() returns the
 * sentence for the "fault" line and is_...() whether the step says what that needs. */
char *do_overlay(struct scenario *s, const struct step *step);
char *do_disk(struct scenario *s, const struct step *step);
char *do_member(struct scenario *s, const struct step *step);
char *do_readyz(struct scenario *s, const struct step *step);
char *do_api(struct scenario *s, const struct step *step);
char *do_pin(struct scenario *s, const struct step *step);
char *do_config(struct scenario *s, const struct step *step);
char *do_metric(struct scenario *s, const struct step *step);
char *do_stuck(struct scenario *s, const struct step *step);
bool is_disk(const struct scenario *s, const struct step *step);
bool is_member(const struct scenario *s, const struct step *step);
bool is_check(const struct scenario *s, const struct step *step);
bool is_api(const struct scenario *s, const struct step *step);
bool is_api_lost(const struct scenario *s, const struct step *step);
bool is_pin(const struct scenario *s, const struct step *step);
bool is_config(const struct scenario *s, const struct step *step);
bool is_metric(const struct scenario *s, const struct step *step);
bool is_shipping(const struct scenario *s, const struct step *step);

/* scenario_machines.c: what happens to the nodes' machines. */
char *do_node(struct scenario *s, const struct step *step);
char *do_rule(struct scenario *s, const struct step *step);
char *do_unit(struct scenario *s, const struct step *step);
char *do_clock(struct scenario *s, const struct step *step);
char *do_load(struct scenario *s, const struct step *step);
char *do_ssh(struct scenario *s, const struct step *step);
bool is_machine(const struct scenario *s, const struct step *step);
bool is_rule(const struct scenario *s, const struct step *step);
bool is_load(const struct scenario *s, const struct step *step);
bool machine_holds(const struct scenario *s, const struct healed *healed);

bool cluster_holds(const struct scenario *s, const struct healed *healed);
/* What of it doesn't exist at all: "node x"; NULL = nothing. */
const char *cluster_lacks(const struct scenario *s, const struct healed *healed);

#endif

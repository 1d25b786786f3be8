/* incident/drill_private.h: what the drill's files share. Private to them. */
#ifndef SITREP_INCIDENT_DRILL_PRIVATE_H
#define SITREP_INCIDENT_DRILL_PRIVATE_H

#include "incident/drill.h"

#define DRILL_ACTS_MAX 64

/* One thing the player has really done. */
struct drill_act {
	uint64_t climb_id;
	struct act_request request;
};

struct drill_player {
	struct drill_env env;
	enum drill_state state;
	int64_t started_ms;        /* monotonic, as all times here; 0 = hasn't happened */
	int64_t broken_ms, verdict_ms, recovered_ms, ended_ms;
	size_t told;               /* brief lines told */
	size_t hints;              /* hints given */
	struct strlist text;
	struct strlist happened;   /* the world's faults, told at the end */
	struct drill_act acts[DRILL_ACTS_MAX];
	size_t nacts;
	int outside;
};

/* Whether a request is what a step of the reference asks for. */
bool drill_step_is(const struct drill_step *step, const struct act_request *request);
/* The step's request, ready to climb. */
int drill_step_request(const struct drill_step *step, struct act_request *request,
		       struct err *err);

#endif

/* incident/ladder_private.h: what the ladder's files share. Private to them. */
#ifndef SITREP_INCIDENT_LADDER_PRIVATE_H
#define SITREP_INCIDENT_LADDER_PRIVATE_H

#include "incident/ladder.h"

#define RIGHTS_KEPT 16
#define RIGHTS_KEPT_MS 60000

/* A climb and what only the ladder needs to know of it. */
struct slot {
	struct climb climb;
	const struct actuator *actuator;
	int64_t deadline_ms;       /* monotonic, of the rung it is on; 0 = none */
	int64_t worked_since_ms;   /* monotonic: "worked" has held since; 0 = it doesn't */
	bool unsure;               /* the act was never answered: it may have happened */
	bool cancelling;
	_Alignas(16) unsigned char mark[VERB_MARK_SIZE];
};

/* A right the server has refused. */
struct refusal {
	char verb[32], kind[16], ns[64];
	char text[512];
	int64_t until_ms;          /* monotonic */
};

struct ladder {
	struct ladder_env env;
	struct slot *slots[LADDER_KEPT];   /* newest first */
	size_t len;
	struct refusal refusals[RIGHTS_KEPT];
	size_t next_refusal;
	uint64_t next_id;
	unsigned int pending;      /* calls into actuators that have not come back */
	bool dead;                 /* freed by its owner; waits for pending to come back */
};

struct slot *ladder_slot(const struct ladder *ladder, uint64_t climb_id);
void ladder_moved(struct ladder *ladder);          /* tells the screen */

/* ladder_rungs.c: up the rungs */
void rung_rights(struct ladder *ladder, struct slot *slot);
void rung_preview(struct ladder *ladder, struct slot *slot);
void rung_confirm(struct ladder *ladder, struct slot *slot);
int rung_act(struct ladder *ladder, struct slot *slot, struct err *err);
void rung_deadline(struct ladder *ladder, struct slot *slot);
void rights_probe(struct ladder *ladder, const struct act_request *request,
		  const struct actuator *actuator);
/* The refusal that still counts, or NULL. */
const struct refusal *rights_refused(const struct ladder *ladder,
				     const struct act_request *request);

/* ladder_watch.c: after the act */
void watch_start(struct ladder *ladder, struct slot *slot);
void watch_look(struct ladder *ladder, struct slot *slot, int64_t now_wall_ms);

/* ladder_record.c: every end of a climb is written down. kind: "refused", "cancelled", "intent",
 * "done", "failed", "outcome". */
int record_climb(const struct ladder *ladder, const struct climb *climb, const char *kind,
		 const char *text, struct err *err);
/* Ends it: rung, outcome, text, and the record. */
void climb_end(struct ladder *ladder, struct slot *slot, const char *kind, enum outcome outcome,
	       const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif

/*
 * incident/ladder.h: the one guarded door for writes, rung by rung: scope, rights, preview,
 * confirm, intent on disk, act, watch, verdict, undo. The screen shows the rungs; only the
 * ladder calls an actuator.
 */
#ifndef SITREP_INCIDENT_LADDER_H
#define SITREP_INCIDENT_LADDER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/actuator.h"
#include "core/config.h"
#include "core/err.h"
#include "core/situation.h"
#include "incident/audit.h"
#include "incident/verdict.h"

enum confirm_level {
	CONFIRM_NONE,      /* not a mutating verb */
	CONFIRM_KEY,       /* small and reversible: y */
	CONFIRM_TYPED,     /* the target's name typed */
};

enum outcome {
	OUTCOME_PENDING,   /* not judged: still under way, refused, or cancelled */
	OUTCOME_WORKED,
	OUTCOME_NO_CHANGE,
	OUTCOME_WORSE,
	OUTCOME_UNKNOWN,   /* time is up and the evidence could not be read */
};
const char *outcome_name(enum outcome outcome);   /* "pending", "worked", "no change", ... */

/* What a verb is judged by, after the act. */
struct verb_watch {
	const struct act_request *request;
	const struct situation *sit;
	const void *mark;          /* what mark() wrote before the act */
	int64_t count;             /* things done, as the act replied; -1 = not told */
	int64_t acted_ms;          /* wall clock */
	int64_t now_ms;
	bool last;                 /* time is up: PENDING now means that it didn't happen */
};

/* One thing sitrep can do. One file each in incident/verbs/, one row in verbs_all. */
struct verb {
	const char *id;            /* "rollout-restart" */
	const char *title;         /* "Rollout restart" */
	const char *help;          /* one line */
	const char *kinds;         /* target kinds, comma separated: "deployment,daemonset" */
	const char *params;        /* required parameters, comma separated; "" = none */
	const char *typed_param;   /* what CONFIRM_TYPED asks for; NULL = the target's name */
	enum confirm_level confirm;
	int64_t watch_ms;          /* how long to wait for the evidence before "no change" */
	int64_t settle_ms;         /* how long "worked" must hold before it is said */
	/* Are the parameters sane? 0 or -EINVAL with the reason. May be NULL. */
	int (*check)(const struct act_request *request, struct err *err);
	/* The equivalent command line, quoted for a shell. */
	void (*command)(const struct act_request *request, char *buf, size_t size);
	/* What it can break, by the situation; one line per risk, "" = none known. Returns the
	 * confirmation this situation asks for; the ladder takes the stricter of this and confirm.
	 * May be NULL. */
	enum confirm_level (*risks)(const struct act_request *request,
				    const struct situation *sit, char *buf, size_t size);
	/* The world before, so that judge can compare. May be NULL. At most size bytes. */
	void (*mark)(const struct act_request *request, const struct situation *sit, void *mark,
		     size_t size);
	/* Did it work, by the situation alone? text says by what it knows. PENDING = can't say
	 * yet; UNKNOWN = the evidence can't be read now. */
	enum outcome (*judge)(const struct verb_watch *watch, char *text, size_t size);
};

#define VERB_MARK_SIZE 256

#define LADDER_RIGHTS_MS  5000     /* for the server's answer about rights */
#define LADDER_PREVIEW_MS 5000     /* for the preview; without it the name must be typed */
#define LADDER_CONFIRM_MS 120000   /* an unanswered question is taken back */
#define LADDER_ACT_MS     60000    /* without an answer or progress: it may have happened */
#define LADDER_KEPT 32

extern const struct verb *const verbs_all[];   /* NULL-terminated */
const struct verb *verb_find(const char *id);
bool verb_takes(const struct verb *verb, const char *kind);
/* -EINVAL with the place in the file when the scope names a verb that isn't one: a misspelt one
 * would forbid what was meant to be allowed, or allow what was meant to be denied. */
int verbs_check_scope(const struct config *config, struct err *err);

enum rung {
	RUNG_RIGHTS,       /* asking the server whether we may */
	RUNG_PREVIEW,      /* asking what would happen */
	RUNG_CONFIRM,      /* waiting for the person */
	RUNG_ACTING,
	RUNG_WATCHING,     /* done; watching the evidence */
	RUNG_ENDED,        /* outcome and text are final */
};

/* One climb. Read its fields to draw; change it only through the calls below. */
struct climb {
	enum rung rung;
	const struct verb *verb;
	struct act_request request;
	char mode_id[64];          /* the verdict it answers; "" = none */
	bool precaution;           /* the verdict's end says nothing about it */
	char subject[320];
	enum confirm_level confirm;    /* final from RUNG_CONFIRM on */
	char command[1024];        /* equivalent command */
	char preview[1024];        /* what the server says it would do */
	char risks[1024];
	char progress[512];
	char result[512];          /* why it ended, or what is being watched */
	int rc;                    /* of the act; before it, why it was refused */
	int64_t count;             /* things it would touch, then things done; -1 = not told */
	enum outcome outcome;
	enum outcome verb_outcome;     /* watching: by the situation alone */
	bool mode_stands;          /* watching: the verdict it answers is still matched */
	bool mode_unknown;         /* watching: ... or can't be told now */
	int64_t started_ms, acted_ms, watch_until_ms;   /* wall */
	struct act_request undo;   /* verb "" = none */
	bool refused;              /* ended before any byte left */
	uint64_t id;
};

struct ladder;

struct ladder_env {
	const struct config *config;
	const struct situation *sit;
	const struct actuators *actuators;
	struct judge *judge;
	struct audit *audit;
	void (*changed)(void *arg);    /* a climb moved: repaint */
	void *arg;
};

struct ladder *ladder_new(const struct ladder_env *env);
void ladder_free(struct ladder *ladder);

/* Why this cannot be offered at all (read-only, scope, kind, missing actuator, or rights that
 * the server has refused within the last minute), or 0. */
int ladder_offers(const struct ladder *ladder, const struct act_request *request,
		  struct err *err);
/* Ask the server quietly whether we may, so that ladder_offers() knows. Writes nothing. */
void ladder_probe(struct ladder *ladder, const struct act_request *request);
/* Start climbing. NULL with err when refused outright (recorded too); -EBUSY while another climb
 * has not been confirmed or is acting. Others may be watching. verdict may be NULL. */
const struct climb *ladder_begin(struct ladder *ladder, const struct act_request *request,
				 const struct verdict *verdict, struct err *err);
/* The person's answer at RUNG_CONFIRM. typed is the text for CONFIRM_TYPED, else NULL.
 * -EINVAL when the typed text isn't the target's name; nothing has happened then. */
int ladder_confirm(struct ladder *ladder, uint64_t climb_id, const char *typed, struct err *err);
/* Before the act: nothing happens. During it: what can be stopped is stopped. While watching:
 * stops looking, the change stays. */
void ladder_cancel(struct ladder *ladder, uint64_t climb_id);
/* What must be typed at CONFIRM_TYPED. */
const char *ladder_typed_word(const struct climb *climb);
/* Newest first; NULL at the end. The last 32 are kept. */
const struct climb *ladder_at(const struct ladder *ladder, size_t index);
const struct climb *ladder_find(const struct ladder *ladder, uint64_t climb_id);
/* The situation or the verdicts have changed, or a second has passed. Deadlines pass here too. */
void ladder_tick(struct ladder *ladder, int64_t now_wall_ms);

#endif

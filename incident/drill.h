/*
 * incident/drill.h: a drill is a story, a fault in a simulated world, and a reference solution.
 * The file's timeline and healed sections are the world's; here they are only passed over.
 *
 * The player follows what the world says (its JSON lines) and what the person does (the ladder),
 * tells the story in steps, and scores the end. It starts no process and draws nothing.
 */
#ifndef SITREP_INCIDENT_DRILL_H
#define SITREP_INCIDENT_DRILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config.h"
#include "core/embed.h"
#include "core/err.h"
#include "incident/ladder.h"
#include "incident/verdict.h"

struct drill_line {
	int64_t at_s;              /* seconds since the start */
	char *text;
};

/* One step of the reference solution; exactly one of wait_verdict, act, wait_recovered. */
struct drill_step {
	char *wait_verdict;        /* a mode's id: until it is the first verdict */
	char *act;                 /* a verb */
	char *target;              /* of act: "deployment/ns/name" */
	struct schema_pair *params;    /* of act */
	size_t nparams;
	bool optional;             /* of act: not doing it, or doing it, costs nothing */
	bool wait_recovered;       /* until the world is whole again */
	int64_t within_s;          /* how long a good player needs, counted from the step before */
	int line;
};

struct drill {
	char *id;
	char *title;
	char *mode;                /* the failure mode it plays */
	char *story;               /* one paragraph, at the end: it gives the answer away */
	struct drill_line *brief;  /* told as time passes, ascending */
	size_t nbrief;
	struct strlist hints;      /* from vague to plain */
	struct drill_step *solution;
	size_t nsolution;
	char *file;
};

/* The built-in drills' files (what the world reads), sorted by name; NULL at the end. */
const struct embed_file *drill_builtin(size_t index);
/* A built-in drill's name (its file without .yaml), or a path (anything with a slash or a dot).
 * -ENOENT names the drills that there are. */
int drill_load(struct drill *drill, const char *name, struct err *err);
int drill_load_text(struct drill *drill, const char *file, const char *text, size_t len,
		    struct err *err);
void drill_release(struct drill *drill);

/* --- playing --- */

struct drill_env {
	const struct drill *drill;
	const struct judge *judge;
	struct ladder *ladder;
	double speed;              /* the world's --speed: its seconds pass so many times faster */
};

enum drill_state {
	DRILL_CALM,                /* nothing has broken yet */
	DRILL_BROKEN,
	DRILL_RECOVERED,           /* whole again: over */
	DRILL_LOST,                /* the world has ended before that */
};

struct drill_player;

struct drill_player *drill_player_new(const struct drill_env *env);
void drill_player_free(struct drill_player *player);
/* One JSON line of the world, without newline. Bad lines are ignored. */
void drill_player_event(struct drill_player *player, const char *line, size_t len);
/* The world's process has ended. */
void drill_player_world_gone(struct drill_player *player);
/* Looks at verdicts and climbs; at least once a second and whenever they change. True when
 * something that drill_player_text() shows has changed. */
bool drill_player_tick(struct drill_player *player);

enum drill_state drill_player_state(const struct drill_player *player);
int64_t drill_player_elapsed_ms(const struct drill_player *player);
/* Lines of the story told so far, oldest first; NULL at the end. Given hints stand among them,
 * then, when it is over, what the world did, too. */
const char *drill_player_text(const struct drill_player *player, size_t index);
/* One more hint; false when there is none left. */
bool drill_player_hint(struct drill_player *player);
size_t drill_player_hints_left(const struct drill_player *player);

struct drill_score {
	bool recovered;
	int64_t verdict_ms;        /* fault to right verdict first; -1 = never */
	int64_t recovery_ms;       /* fault to whole again; -1 = never */
	int64_t verdict_ref_ms, recovery_ref_ms;   /* the reference's; -1 = it has none */
	int right, missing;        /* actions of the reference done, not done */
	int wrong, needless;       /* not of the reference; of it, but done again */
	int outside;               /* changes made by other programs */
	int hints;
	int points;                /* 0 to 100 */
};
void drill_player_score(const struct drill_player *player, struct drill_score *ret);
/* Several lines for people. */
void drill_score_text(const struct drill *drill, const struct drill_score *score, char *buf,
		      size_t size);

/* --- playing by itself --- */

enum drill_solving { DRILL_SOLVING, DRILL_SOLVED, DRILL_FAILED };

struct drill_solver;

/* Climbs the ladder as the reference solution says; never waits longer than its clocks allow. */
struct drill_solver *drill_solver_new(const struct drill_env *env, struct drill_player *player);
void drill_solver_free(struct drill_solver *solver);
/* After drill_player_tick(). text says what it waits for, or why it has failed. */
enum drill_solving drill_solver_tick(struct drill_solver *solver, char *text, size_t size);

#endif

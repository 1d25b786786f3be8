/*
 * tui/panes/pane.h: a pane is one file here and one row in panes.c. It reads the situation and
 * draws it; what it can be told to do comes from the command table.
 */
#ifndef SITREP_TUI_PANES_PANE_H
#define SITREP_TUI_PANES_PANE_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/app.h"
#include "tui/layout.h"
#include "widgets/bars.h"
#include "widgets/draw.h"
#include "widgets/table.h"

struct pane;

struct pane_ops {
	const char *id;            /* as in --help and the palette */
	/* MUST: make pane->state. */
	void (*open)(struct pane *pane);
	void (*close)(struct pane *pane);
	/* MUST: sections have changed; rebuild what is drawn from them. */
	void (*update)(struct pane *pane, unsigned int sections);
	/* MUST: the text in the border. */
	void (*heading)(struct pane *pane, char *buf, size_t size);
	void (*draw)(struct pane *pane, const struct canvas *canvas, bool focused);
	/* MUST: one line that says the most important. */
	void (*summary)(struct pane *pane, const struct canvas *canvas);
	/* MAY: the table that movement keys work on. */
	struct table *(*table)(struct pane *pane);
	/* MAY: what is selected, for actions and detail views; false = nothing. */
	bool (*target)(struct pane *pane, struct act_target *ret);
	/* MAY: the next order of rows. */
	void (*sort)(struct pane *pane);
	/* MAY: only what is wrong, or all. */
	void (*only_problems)(struct pane *pane);
	/* MAY: the whole story of what is selected, with a title; caller frees, NULL = nothing. */
	char *(*story)(struct pane *pane, char *title, size_t size);
	/* MAY: how many lines it would like at that width. */
	int (*wants)(struct pane *pane, int width);
};

struct pane {
	const struct pane_ops *ops;
	const struct app *app;
	void *state;
};

/* The state of a pane that is a table over the situation and nothing more. */
struct table_pane {
	const struct app *app;
	struct table table;
};
/* For open(): source.arg becomes the state. columns may be NULL when rows are drawn otherwise. */
void table_pane_open(struct pane *pane, const struct table_column *columns, int ncolumns,
		     const struct table_source *source);
void table_pane_close(struct pane *pane);
void table_pane_update(struct pane *pane, unsigned int sections);
struct table *table_pane_table(struct pane *pane);

/* The filter of a pane with columns; NULL = it has none, as Incidents: none of them is hidden. */
char *pane_filter(struct pane *pane, size_t *ret_size);

extern const struct pane_ops pane_incidents, pane_nodes, pane_pods, pane_redis, pane_actions,
	pane_postgres, pane_vendors, pane_probes, pane_metrics, pane_volumes, pane_hosts, pane_changes,
	pane_cost,
	pane_queues;
extern const struct pane_ops *const panes_all[PANES];

/* Namespace shown in Pods; NULL = all. Private to pods.c, set by the namespace menu. */
void pods_set_namespace(struct pane *pane, const char *ns);
/* What of Pods is shown and how, for views that are kept. */
struct pods_choice {
	char ns[254];              /* "" = all */
	int order;                 /* of pods.c's own; an unknown one is by name */
	bool only_problems;
};
void pods_get_choice(const struct pane *pane, struct pods_choice *ret);
void pods_set_choice(struct pane *pane, const struct pods_choice *choice);
/* The verdict selected in Incidents; NULL = none. */
const struct verdict *incidents_selected(const struct pane *pane);
/* Whether it is known that there is no incident. */
bool incidents_all_well(const struct app *app);
/* The climb selected in Actions; NULL = none. */
const struct climb *actions_selected(const struct pane *pane);
/* The key or prefix selected in Redis as a parameter; false = none. */
bool redis_selected(const struct pane *pane, const char **ret_param, const char **ret_value);

/* Which of count items stands in that row when those of higher rank (at most RANK_MAX) come first,
 * else in their own order. A short pane then shows what is wrong. */
#define RANK_MAX 3
size_t pane_ranked(size_t count, int (*rank)(const void *arg, size_t at), const void *arg,
		   size_t row);

/* Words and marks shared by panes: coarse ages, so that idle screens stay idle. */
const char *pane_age(int64_t from_ms, char *buf, size_t size);
const char *pane_bytes(int64_t bytes, char *buf, size_t size);
/* "", or ", stale 2m: connection refused". */
const char *pane_freshness(const struct freshness *fresh, char *buf, size_t size);
/* role, or the stale and unknown roles when the source isn't fresh. */
enum role pane_role(const struct freshness *fresh, enum role role);

#endif

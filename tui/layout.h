/*
 * tui/layout.h: where the panes stand at a size. A pure function: the smaller the screen, the
 * fewer panes are open, and below a certain size a sentence stands for all of them.
 */
#ifndef SITREP_TUI_LAYOUT_H
#define SITREP_TUI_LAYOUT_H

#include <stdbool.h>

enum layout_kind {
	LAYOUT_TOO_SMALL,  /* a sentence */
	LAYOUT_VERDICT,    /* first verdict and status line only */
	LAYOUT_STACK,      /* one line a pane, the focused one open */
	LAYOUT_COLUMNS,    /* two columns */
	LAYOUT_FULL,       /* everything at once */
};

struct rect {
	int y, x, height, width;
};

struct layout_pane {
	struct rect rect;
	bool visible;
	bool folded;               /* a one-line summary */
};

enum pane_id {
	PANE_INCIDENTS, PANE_NODES, PANE_PODS, PANE_REDIS, PANE_POSTGRES, PANE_QUEUES, PANE_VENDORS,
	PANE_PROBES, PANE_METRICS, PANE_ACTIONS, PANE_VOLUMES, PANE_HOSTS, PANE_CHANGES, PANE_COST,
	PANES
};

struct layout {
	enum layout_kind kind;
	struct rect head, status, body;
	struct layout_pane panes[PANES];
};

struct layout_wish {
	enum pane_id focus;
	bool zoomed;               /* only the focused pane */
	int lines[PANES];          /* how many each would like within its border; 0 = it takes any */
	unsigned int hidden;       /* panes with nothing to show: 1 << enum pane_id */
};

enum layout_kind layout_kind_of(int height, int width);
struct layout layout_make(int height, int width, const struct layout_wish *wish);

#endif

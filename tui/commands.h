/*
 * tui/commands.h: everything a key can do, in one table. It feeds the dispatch, the help, the
 * hints line, the palette and the documents, so that none of them can lie.
 */
#ifndef SITREP_TUI_COMMANDS_H
#define SITREP_TUI_COMMANDS_H

#include <stdbool.h>
#include <stdio.h>

#include "tui/layout.h"

enum command_id {
	CMD_HELP, CMD_PALETTE, CMD_FILTER, CMD_OPEN, CMD_BACK, CMD_CLOSE,
	CMD_DOWN, CMD_UP, CMD_PAGE_DOWN, CMD_PAGE_UP, CMD_TOP, CMD_BOTTOM, CMD_LEFT, CMD_RIGHT,
	CMD_NEXT_PANE, CMD_PREVIOUS_PANE, CMD_GO_INCIDENTS, CMD_GO_NODES, CMD_GO_PODS,
	CMD_GO_REDIS, CMD_GO_POSTGRES, CMD_GO_QUEUES, CMD_GO_VENDORS, CMD_GO_PROBES, CMD_GO_ACTIONS,
	CMD_GO_VOLUMES, CMD_GO_HOSTS, CMD_GO_CHANGES, CMD_GO_COST, CMD_GO_METRICS, CMD_ZOOM,
	CMD_DESCRIBE, CMD_YAML, CMD_EVENTS, CMD_LOGS, CMD_LOGS_PREVIOUS, CMD_CHANGED,
	CMD_NAMESPACE, CMD_SORT, CMD_PROBLEMS,
	CMD_NEXT_MATCH, CMD_PREVIOUS_MATCH, CMD_WRAP, CMD_FOLLOW,
	CMD_FIX, CMD_ACTIONS, CMD_CORDON, CMD_UNCORDON, CMD_ROLLOUT_RESTART, CMD_ROLLOUT_UNDO,
	CMD_DELETE_POD, CMD_SET_POLICY, CMD_DELETE_KEY, CMD_DELETE_PREFIX, CMD_UNDO,
	CMD_CANCEL, CMD_TRUST_KEY, CMD_HINT, CMD_COPY, CMD_BOOKMARK, CMD_VIEW, CMD_THEME, CMD_MOUSE,
	CMD_REFRESH, CMD_REDRAW, CMD_QUIT,
	COMMANDS
};

/* Where a command means something: panes by 1 << enum pane_id, texts over the panes, those of
 * them that tell about an object, and drills. */
#define IN(pane)   (1u << (pane))
#define IN_DETAIL  (1u << PANES)
#define IN_OBJECT  (1u << (PANES + 1))
#define IN_DRILL   (1u << (PANES + 2))
#define IN_LAST    (PANES + 2)
#define IN_PANES   (IN(PANES) - 1)
#define IN_ALL     (IN_PANES | IN_DETAIL)

enum command_flags {
	COMMAND_READS = 1,         /* harmless: allowed read-only */
	COMMAND_MUTATES = 2,       /* climbs the ladder with verb, or with what the person picks */
	COMMAND_SELECTION = 4,     /* needs a selected row */
	COMMAND_HINT = 8,          /* worth a place in the hints line */
};

struct command {
	enum command_id id;
	const char *name;          /* for the palette: "rollout-restart" */
	const char *keys;          /* names separated by spaces; the first is shown */
	const char *title;         /* two words for the hints line */
	const char *help;          /* one line */
	unsigned int where;
	unsigned int flags;
	const char *verb;          /* with COMMAND_MUTATES: whose confirm level counts; NULL = picked */
	const char *argument;      /* what may follow its name in the palette; NULL = nothing */
};

extern const struct command commands_all[COMMANDS];

/* What key means there; NULL = nothing. */
const struct command *command_for_key(int key, unsigned int where);
const struct command *command_named(const char *name, unsigned int where);
/* The first key's name. */
const char *command_key(const struct command *command, char *buf, size_t size);
/* The whole table as Markdown, for the documents. */
void commands_document(FILE *out);
const char *command_place_name(unsigned int place);
/* "everywhere", "panes but Incidents, texts" */
void commands_put_places(unsigned int where, FILE *out);

#endif

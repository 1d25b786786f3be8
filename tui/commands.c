/* tui/commands.c: see commands.h */
#include "tui/commands.h"

#include <string.h>

#include "tui/keys.h"

#define INCIDENTS IN(PANE_INCIDENTS)
#define NODES IN(PANE_NODES)
#define PODS IN(PANE_PODS)
#define REDIS IN(PANE_REDIS)
#define ACTIONS IN(PANE_ACTIONS)
#define CHANGES IN(PANE_CHANGES)
#define READS COMMAND_READS
#define ROW (COMMAND_READS | COMMAND_SELECTION)
#define ACTS (COMMAND_MUTATES | COMMAND_SELECTION)
#define HINT COMMAND_HINT

#define ROW_OF(command) [CMD_##command] = {.id = CMD_##command

/* In the order in which help lists them. */
const struct command commands_all[COMMANDS] = {
	ROW_OF(HELP), "help", "?", "help", "all keys that work here", IN_ALL, READS | HINT, NULL},
	ROW_OF(PALETTE), "command", ":", "command", "type a command's name; Tab completes it",
	 IN_ALL, READS | HINT, NULL},
	ROW_OF(FILTER), "filter", "/", "filter", "show only rows that fit; in a text, search it",
	 (IN_PANES & ~INCIDENTS) | IN_DETAIL, READS | HINT, NULL},
	ROW_OF(OPEN), "open", "Enter", "open", "look closer: describe, or the runbook of a verdict",
	 IN_PANES, ROW | HINT, NULL},
	ROW_OF(BACK), "back", "Esc", "back", "close what is open, then drop filter and zoom",
	 IN_ALL, READS, NULL},
	ROW_OF(CLOSE), "close", "q", "close", "close this text", IN_DETAIL, READS | HINT, NULL},
	ROW_OF(DOWN), "down", "j Down", "down", "next row", IN_ALL, READS, NULL},
	ROW_OF(UP), "up", "k Up", "up", "previous row", IN_ALL, READS, NULL},
	ROW_OF(PAGE_DOWN), "page-down", "PgDn ctrl-f Space", "page down", "one page down", IN_ALL,
	 READS, NULL},
	ROW_OF(PAGE_UP), "page-up", "PgUp ctrl-b", "page up", "one page up", IN_ALL, READS, NULL},
	ROW_OF(TOP), "top", "g Home", "top", "first row", IN_ALL, READS, NULL},
	ROW_OF(BOTTOM), "bottom", "G End", "bottom", "last row", IN_ALL, READS, NULL},
	ROW_OF(LEFT), "left", "Left", "left", "scroll to the left", IN_DETAIL, READS, NULL},
	ROW_OF(RIGHT), "right", "Right", "right", "scroll to the right", IN_DETAIL, READS, NULL},
	ROW_OF(NEXT_PANE), "next-pane", "Tab", "pane", "next pane", IN_PANES, READS | HINT, NULL},
	ROW_OF(PREVIOUS_PANE), "previous-pane", "S-Tab", "back", "previous pane", IN_PANES, READS,
	 NULL},
	ROW_OF(GO_INCIDENTS), "incidents", "1", "incidents", "go to Incidents", IN_PANES, READS,
	 NULL},
	ROW_OF(GO_NODES), "nodes", "2", "nodes", "go to Nodes", IN_PANES, READS, NULL},
	ROW_OF(GO_PODS), "pods", "3", "pods", "go to Pods", IN_PANES, READS, NULL},
	ROW_OF(GO_REDIS), "redis", "4", "redis", "go to Redis", IN_PANES, READS, NULL},
	ROW_OF(GO_POSTGRES), "postgres", "6", "postgres", "go to Postgres", IN_PANES, READS, NULL},
	ROW_OF(GO_QUEUES), "queues", "9", "queues", "go to Queues", IN_PANES, READS, NULL},
	ROW_OF(GO_VENDORS), "vendors", "7", "vendors", "go to Vendors", IN_PANES, READS, NULL},
	ROW_OF(GO_PROBES), "probes", "8", "probes", "go to Edge and probes", IN_PANES, READS, NULL},
	ROW_OF(GO_METRICS), "metrics", "m", "metrics", "go to Metrics, what apps tell of themselves",
	 IN_PANES, READS, NULL},
	ROW_OF(GO_ACTIONS), "actions-pane", "5", "actions", "go to Actions", IN_PANES, READS, NULL},
	ROW_OF(GO_VOLUMES), "volumes", "V", "volumes", "go to Storage and volumes", IN_PANES, READS,
	 NULL},
	ROW_OF(GO_HOSTS), "hosts", "0", "machines", "go to Machines", IN_PANES, READS, NULL},
	ROW_OF(GO_CHANGES), "changes", "W", "changes", "go to What changed", IN_PANES, READS, NULL},
	ROW_OF(GO_COST), "cost", "C", "cost", "what sitrep asks of each system a minute", IN_PANES,
	 READS, NULL},
	ROW_OF(ZOOM), "zoom", "z", "zoom", "this pane alone, and back", IN_PANES, READS | HINT, NULL},
	ROW_OF(DESCRIBE), "describe", "d", "describe", "all about it, with its events",
	 NODES | PODS | REDIS | IN_OBJECT, ROW | HINT, NULL},
	ROW_OF(YAML), "yaml", "y", "yaml", "the object as YAML", NODES | PODS | IN_OBJECT, ROW, NULL},
	ROW_OF(EVENTS), "events", "e", "events", "its events", NODES | PODS | IN_OBJECT, ROW, NULL},
	ROW_OF(LOGS), "logs", "l", "logs", "its log, following", PODS | IN_OBJECT, ROW | HINT, NULL},
	ROW_OF(LOGS_PREVIOUS), "logs-previous", "p", "previous",
	 "the log of the container before this one", PODS | IN_OBJECT, ROW | HINT, NULL},
	ROW_OF(CHANGED), "what-changed", "w", "what changed",
	 "the last rollout: what differs from the revision before", PODS | INCIDENTS, ROW | HINT,
	 NULL},
	ROW_OF(NAMESPACE), "namespace", "n", "namespace", "choose the namespace", PODS, READS | HINT,
	 NULL, "[NAME]"},
	ROW_OF(SORT), "sort", "S", "sort",
	 "sort by the next column; by name, what has a problem comes first", PODS, READS, NULL},
	ROW_OF(PROBLEMS), "problems", "!", "problems", "only what someone should look at, and back",
	 PODS | CHANGES, READS | HINT, NULL},
	ROW_OF(NEXT_MATCH), "next-match", "n", "next", "next place found", IN_DETAIL, READS | HINT,
	 NULL},
	ROW_OF(PREVIOUS_MATCH), "previous-match", "N", "previous", "place found before", IN_DETAIL,
	 READS, NULL},
	ROW_OF(WRAP), "wrap", "w", "wrap", "break long lines, and back", IN_DETAIL, READS | HINT,
	 NULL},
	ROW_OF(FOLLOW), "follow", "f", "follow", "stay at the end as lines come", IN_DETAIL,
	 READS | HINT, NULL},
	ROW_OF(FIX), "fix", "f", "fix", "what the first or selected verdict asks for", IN_PANES,
	 COMMAND_MUTATES | HINT, NULL},
	ROW_OF(ACTIONS), "actions", "a", "actions", "everything that can be done with it, and why not",
	 IN_PANES, COMMAND_MUTATES | HINT, NULL},
	ROW_OF(CORDON), "cordon", "c", "cordon", "no new pods on this node", NODES | PODS, ACTS,
	 "cordon"},
	ROW_OF(UNCORDON), "uncordon", "u", "uncordon", "new pods may come to this node again",
	 NODES | PODS, ACTS, "uncordon"},
	ROW_OF(ROLLOUT_RESTART), "rollout-restart", "R", "restart", "restart its workload, pod by pod",
	 PODS, ACTS, "rollout-restart"},
	ROW_OF(ROLLOUT_UNDO), "rollout-undo", "U", "undo rollout", "its deployment's revision before",
	 PODS, ACTS, "rollout-undo"},
	ROW_OF(DELETE_POD), "delete-pod", "ctrl-d Del", "delete", "delete this pod", PODS, ACTS,
	 "delete-pod"},
	ROW_OF(SET_POLICY), "set-policy", "P", "policy", "change Redis's maxmemory-policy", REDIS,
	 COMMAND_MUTATES, "redis-set-policy"},
	ROW_OF(DELETE_KEY), "delete-key", "ctrl-d Del", "delete", "delete this key", REDIS, ACTS,
	 "redis-delete-key"},
	ROW_OF(DELETE_PREFIX), "delete-prefix", "X", "delete prefix",
	 "delete all keys that begin like this one", REDIS, ACTS, "redis-delete-prefix"},
	ROW_OF(UNDO), "undo", "u", "undo", "take this action back, where that can be done", ACTIONS,
	 ACTS, NULL},
	ROW_OF(CANCEL), "cancel", "x", "cancel", "stop what can be stopped", ACTIONS,
	 ROW, NULL},
	ROW_OF(TRUST_KEY), "trust-key", "t", "host key",
	 "a machine's unknown host key: see its fingerprint, and keep it after a yes",
	 IN(PANE_HOSTS), ROW | HINT, NULL},
	ROW_OF(HINT), "hint", "H", "hint", "in a drill: one more hint", IN_DRILL, READS | HINT, NULL},
	ROW_OF(COPY), "copy", "Y", "copy", "copy the name of what is selected, or the whole text",
	 IN_ALL, READS, NULL},
	ROW_OF(BOOKMARK), "bookmark", "b", "bookmark",
	 "keep this view (pane, namespace, filter, order) under a name", IN_PANES, READS, NULL,
	 "NAME"},
	ROW_OF(VIEW), "view", "B", "views", "go to a view that was kept", IN_PANES, READS, NULL,
	 "[NAME]"},
	ROW_OF(THEME), "theme", "T", "theme", "choose how things look", IN_ALL, READS, NULL,
	 "[NAME]"},
	ROW_OF(MOUSE), "mouse", "M", "mouse", "let the mouse choose and scroll, and back", IN_ALL,
	 READS, NULL},
	ROW_OF(REFRESH), "refresh", "ctrl-r", "refresh", "ask every source again now", IN_ALL, READS,
	 NULL},
	ROW_OF(REDRAW), "redraw", "ctrl-l", "redraw", "draw the screen anew", IN_ALL, READS, NULL},
	ROW_OF(QUIT), "quit", "q ctrl-c", "quit", "end sitrep", IN_PANES, READS | HINT, NULL},
};

const struct command *command_for_key(int key, unsigned int where)
{
	int i;

	for (i = 0; i < COMMANDS; i++)
		if ((commands_all[i].where & where) && key_among(commands_all[i].keys, key))
			return &commands_all[i];
	return NULL;
}

const struct command *command_named(const char *name, unsigned int where)
{
	int i;

	for (i = 0; i < COMMANDS; i++)
		if ((commands_all[i].where & where) && !strcmp(commands_all[i].name, name))
			return &commands_all[i];
	return NULL;
}

const char *command_key(const struct command *command, char *buf, size_t size)
{
	snprintf(buf, size, "%.*s", (int)strcspn(command->keys, " "), command->keys);
	return buf;
}

const char *command_place_name(unsigned int place)
{
	static const char *const names[] = {
		[PANE_INCIDENTS] = "Incidents", [PANE_NODES] = "Nodes", [PANE_PODS] = "Pods",
		[PANE_REDIS] = "Redis", [PANE_POSTGRES] = "Postgres", [PANE_QUEUES] = "Queues",
		[PANE_VENDORS] = "Vendors", [PANE_PROBES] = "Edge and probes",
		[PANE_METRICS] = "Metrics",
		[PANE_ACTIONS] = "Actions", [PANE_VOLUMES] = "Storage and volumes", [PANE_HOSTS] = "Machines",
		[PANE_CHANGES] = "What changed",
		[PANE_COST] = "Cost",
		[PANES] = "texts",
		[PANES + 1] = "texts about an object", [PANES + 2] = "drills",
	};
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (place == IN(i))
			return names[i];
	return "everywhere";
}

static const char *put_names(unsigned int places, const char *comma, FILE *out)
{
	unsigned int i;

	for (i = 0; i <= IN_LAST; i++) {
		if (!(places & IN(i)))
			continue;
		fprintf(out, "%s%s", comma, command_place_name(IN(i)));
		comma = ", ";
	}
	return comma;
}

void commands_put_places(unsigned int where, FILE *out)
{
	unsigned int missing = IN_PANES & ~where;
	const char *comma = "";

	if (where == IN_ALL) {
		fputs("everywhere", out);
		return;
	}
	if (__builtin_popcount(missing) < PANES / 2) {
		fputs("panes", out);
		put_names(missing, " but ", out);
		comma = ", ";
		where &= ~IN_PANES;
	}
	put_names(where, comma, out);
}

void commands_document(FILE *out)
{
	int i;

	fputs("| Key | Command | Where | What it does |\n|---|---|---|---|\n", out);
	for (i = 0; i < COMMANDS; i++) {
		const struct command *command = &commands_all[i];

		fprintf(out, "| `%s` | `%s%s%s` | ", command->keys, command->name,
			command->argument ? " " : "", command->argument ? command->argument : "");
		commands_put_places(command->where, out);
		fprintf(out, " | %s%s |\n", command->help,
			command->flags & COMMAND_MUTATES ? " (asks first; not when read-only)" : "");
	}
}

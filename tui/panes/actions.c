/* tui/panes/actions.c: what has been done and how it is going, newest first. */
#include <stdio.h>
#include <string.h>

#include "tui/panes/pane.h"

enum { COL_WHEN, COL_WHAT, COL_TARGET, COL_RUNG, COL_RESULT };

static const struct table_column columns[] = {
	[COL_WHEN] = {"AGO", 5, 0, 1, true},
	[COL_WHAT] = {"ACTION", 16, 0, 0, false},
	[COL_TARGET] = {"TARGET", 18, 1, 0, false, 8},
	[COL_RUNG] = {"STATE", 12, 0, 0, false},
	[COL_RESULT] = {"RESULT", 20, 4, 2, false},
};

static size_t count(void *arg)
{
	struct table_pane *view = arg;
	size_t len = 0;

	while (view->app->ladder && ladder_at(view->app->ladder, len))
		len++;
	return len;
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	struct table_pane *view = arg;

	snprintf(buf, size, "%llu", (unsigned long long)ladder_at(view->app->ladder, row)->id);
}

static const char *state_of(const struct climb *climb, enum role *ret_role)
{
	static const char *const rungs[] = {
		[RUNG_RIGHTS] = "rights?", [RUNG_PREVIEW] = "preview", [RUNG_CONFIRM] = "confirm?",
		[RUNG_ACTING] = "acting", [RUNG_WATCHING] = "watching", [RUNG_ENDED] = "",
	};
	static const enum role roles[] = {
		[OUTCOME_PENDING] = ROLE_DIM, [OUTCOME_WORKED] = ROLE_OK,
		[OUTCOME_NO_CHANGE] = ROLE_WARN, [OUTCOME_WORSE] = ROLE_BAD,
		[OUTCOME_UNKNOWN] = ROLE_UNKNOWN,
	};

	*ret_role = ROLE_TEXT;
	if (climb->rung != RUNG_ENDED)
		return rungs[climb->rung];
	if (climb->refused) {
		*ret_role = ROLE_WARN;
		return "not done";
	}
	*ret_role = roles[climb->outcome];
	return outcome_name(climb->outcome);
}

static void cell(void *arg, size_t row, int column, struct table_cell *ret)
{
	struct table_pane *view = arg;
	const struct climb *climb = ladder_at(view->app->ladder, row);
	char target[400];

	if (column == COL_WHEN)
		pane_age(climb->started_ms, ret->text, sizeof(ret->text));
	else if (column == COL_RUNG)
		snprintf(ret->text, sizeof(ret->text), "%s", state_of(climb, &ret->role));
	else if (column == COL_TARGET)
		snprintf(ret->text, sizeof(ret->text), "%s",
			 act_target_text(&climb->request.target, target, sizeof(target)));
	else if (column == COL_WHAT)
		snprintf(ret->text, sizeof(ret->text), "%s", climb->verb->id);
	else
		snprintf(ret->text, sizeof(ret->text), "%.180s%s",
			 climb->result[0] ? climb->result : climb->progress,
			 climb->rung == RUNG_ENDED && climb->undo.verb[0] ? " - u undoes it" : "");
}

static void open_pane(struct pane *pane)
{
	table_pane_open(pane, columns, sizeof(columns) / sizeof(columns[0]),
			&(struct table_source){.count = count, .cell = cell, .key = key});
}

static void heading(struct pane *pane, char *buf, size_t size)
{
	snprintf(buf, size, "Actions%s", pane->app->env.read_only ? ", none in read-only" : "");
}

static void draw(struct pane *pane, const struct canvas *canvas, bool focused)
{
	struct table_pane *view = pane->state;

	table_draw(&view->table, canvas, focused);
	if (!count(view) && canvas->height > 1)
		draw_text(canvas, 1, 0, canvas->width, ROLE_DIM, true,
			  pane->app->env.read_only ? "this screen only looks"
						   : "nothing done yet; a lists what can be");
}

static void summary(struct pane *pane, const struct canvas *canvas)
{
	struct table_pane *view = pane->state;
	const struct climb *climb = view->app->ladder ? ladder_at(view->app->ladder, 0) : NULL;
	char text[80];
	enum role role;

	heading(pane, text, sizeof(text));
	draw_text(canvas, 0, 0, canvas->width, ROLE_TEXT, true, text);
	if (climb) {
		const char *state = state_of(climb, &role);

		draw_printf(canvas, 0, 9, canvas->width - 9, role, "%s %s: %s%s%s",
			    climb->verb->id, climb->request.target.name, state,
			    climb->result[0] ? ", " : "", climb->result);
	}
}

const struct climb *actions_selected(const struct pane *pane)
{
	const struct table_pane *view = pane->state;

	return view->app->ladder ? ladder_at(view->app->ladder, table_row(&view->table)) : NULL;
}

static bool target(struct pane *pane, struct act_target *ret)
{
	const struct climb *climb = actions_selected(pane);

	if (climb)
		*ret = climb->request.target;
	return climb != NULL;
}

const struct pane_ops pane_actions = {
	.id = "actions", .open = open_pane, .close = table_pane_close,
	.update = table_pane_update, .heading = heading, .draw = draw, .summary = summary,
	.table = table_pane_table, .target = target,
};

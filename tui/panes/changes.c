/* tui/panes/changes.c: what changed lately: one list out of rollouts, configuration, nodes,
 * restarts, warnings and vendors, newest first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/model/changes.h"
#include "tui/panes/pane.h"

#define ROWS_MAX 300
#define DAY_MS INT64_C(86400000)

enum { COL_AGE, COL_KIND, COL_ABOUT, COL_TEXT };

static const struct table_column columns[] = {
	[COL_AGE] = {"AGO", 5, 0, 0, true},
	[COL_KIND] = {"KIND", 8, 0, 1, false},
	[COL_ABOUT] = {"ABOUT", 24, 1, 0, false},
	[COL_TEXT] = {"WHAT", 24, 2, 0, false},
};

struct changes_view {
	const struct app *app;
	struct table table;
	struct changes changes;
	unsigned int kinds;        /* shown */
};

/* What ! shows: without the warnings, which are many and mostly follow from the rest. */
#define KINDS_CALM (CHANGES_EVERY & ~(1u << CHANGE_WARNING))

static size_t count(void *arg)
{
	const struct changes_view *view = arg;

	return view->changes.len;
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	const struct changes_view *view = arg;
	const struct change *change = &view->changes.items[row];

	snprintf(buf, size, "%lld %s %s", (long long)change->at_ms, change->about, change->text);
}

static enum role role_of(enum change_kind kind)
{
	static const enum role roles[CHANGE_KINDS] = {
		[CHANGE_ROLLOUT] = ROLE_TEXT, [CHANGE_CONFIG] = ROLE_TEXT,
		[CHANGE_NODE] = ROLE_WARN, [CHANGE_RESTART] = ROLE_WARN,
		[CHANGE_WARNING] = ROLE_DIM, [CHANGE_VENDOR] = ROLE_WARN,
	};

	return roles[kind];
}

static void cell(void *arg, size_t row, int column, struct table_cell *ret)
{
	const struct changes_view *view = arg;
	const struct change *change = &view->changes.items[row];

	ret->role = role_of(change->kind);
	if (column == COL_AGE)
		pane_age(change->at_ms, ret->text, sizeof(ret->text));
	else if (column == COL_KIND)
		snprintf(ret->text, sizeof(ret->text), "%s", change_kind_name(change->kind));
	else
		snprintf(ret->text, sizeof(ret->text), "%s",
			 column == COL_ABOUT ? change->about : change->text);
}

static void open_pane(struct pane *pane)
{
	struct changes_view *view = xcalloc(1, sizeof(*view));

	view->app = pane->app;
	view->kinds = CHANGES_EVERY;
	view->table = (struct table){
		.columns = columns, .ncolumns = sizeof(columns) / sizeof(columns[0]),
		.source = {count, cell, key, view, "nothing that can be read has changed"},
		.sort_column = -1,
	};
	pane->state = view;
}

static void close_pane(struct pane *pane)
{
	struct changes_view *view = pane->state;

	changes_release(&view->changes);
	table_release(&view->table);
	free(view);
}

static void update(struct pane *pane, unsigned int sections)
{
	struct changes_view *view = pane->state;

	/* It walks every pod: not for news of something else. */
	if (!(sections & (SECTION_CONFIGS | SECTION_NODES | SECTION_PODS | SECTION_WORKLOADS |
			  SECTION_EVENTS | SECTION_VENDORS)))
		return;
	changes_collect(&view->changes, &view->app->sit, clock_wall_ms() - DAY_MS, view->kinds,
			ROWS_MAX);
	table_update(&view->table);
}

/* Which of the sources can't be read now. */
static const struct freshness *missing(const struct situation *sit, const char **ret_what)
{
	const struct {
		const char *what;
		const struct freshness *fresh;
	} sources[] = {
		{"rollouts", &sit->workloads.fresh[WORKLOAD_REPLICASET]}, {"nodes", &sit->nodes.fresh},
		{"restarts", &sit->pods.fresh}, {"warnings", &sit->events.fresh},
		{"configuration", &sit->configs.fresh},
	};
	size_t i;

	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		*ret_what = sources[i].what;
		if (freshness_at(sources[i].fresh, clock_wall_ms()) != FRESH_OK)
			return sources[i].fresh;
	}
	return NULL;
}

static void heading(struct pane *pane, char *buf, size_t size)
{
	const struct changes_view *view = pane->state;
	const char *what;
	const struct freshness *bad = missing(&view->app->sit, &what);
	char fresh[240] = "";

	if (bad)
		pane_freshness(bad, fresh, sizeof(fresh));
	snprintf(buf, size, "What changed in 24h, %zu change%s%s%s%s%s", view->changes.len,
		 view->changes.len == 1 ? "" : "s", view->kinds == CHANGES_EVERY ? "" : ", without warnings",
		 bad ? ", without " : "", bad ? what : "", fresh);
}

static void draw(struct pane *pane, const struct canvas *canvas, bool focused)
{
	struct changes_view *view = pane->state;

	table_draw(&view->table, canvas, focused);
}

static void summary(struct pane *pane, const struct canvas *canvas)
{
	const struct changes_view *view = pane->state;
	const struct change *newest = view->changes.len ? &view->changes.items[0] : NULL;
	char age[32];
	int x = draw_text(canvas, 0, 0, canvas->width, ROLE_TEXT, true, "What changed");

	if (newest)
		draw_printf(canvas, 0, x, canvas->width - x, role_of(newest->kind),
			    "  %s ago: %s %s", pane_age(newest->at_ms, age, sizeof(age)),
			    newest->about, newest->text);
}

static struct table *table_of(struct pane *pane)
{
	struct changes_view *view = pane->state;

	return &view->table;
}

static const struct change *selected(const struct pane *pane)
{
	const struct changes_view *view = pane->state;

	size_t row = table_row(&view->table);

	return row < view->changes.len ? &view->changes.items[row] : NULL;
}

/* What the change is about, where it is something that can be looked at. */
static bool target(struct pane *pane, struct act_target *ret)
{
	const struct change *change = selected(pane);

	return change && !act_target_parse(ret, change->about, NULL);
}

static void only_problems(struct pane *pane)
{
	struct changes_view *view = pane->state;

	view->kinds = view->kinds == CHANGES_EVERY ? KINDS_CALM : CHANGES_EVERY;
}

static char *story(struct pane *pane, char *title, size_t size)
{
	const struct change *change = selected(pane);
	char when[CLOCK_TEXT], age[32];

	if (!change)
		return NULL;
	snprintf(title, size, "Change  %s", change->about);
	return xasprintf("%-8s %s (%s ago)\n%-8s %s\n%-8s %s\n\n%s\n", "when",
			 clock_format_rfc3339(change->at_ms, when),
			 pane_age(change->at_ms, age, sizeof(age)), "kind",
			 change_kind_name(change->kind), "about", change->about, change->text);
}

const struct pane_ops pane_changes = {
	.id = "changes", .open = open_pane, .close = close_pane, .update = update,
	.heading = heading, .draw = draw, .summary = summary, .table = table_of,
	.target = target, .only_problems = only_problems, .story = story,
};

/* tui/panes/metrics.c: the few numbers that apps tell of themselves, and how they move. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "tui/panes/pane.h"

#define STORY_MAX (64 * 1024)

enum { COL_APP, COL_METRIC, COL_NOW, COL_GROWS, COL_AGE };

static const struct table_column columns[] = {
	[COL_APP] = {"APP", 8, 0, 0, false},
	[COL_METRIC] = {"METRIC", 16, 1, 0, false, 11},
	[COL_NOW] = {"NOW", 6, 0, 0, true},
	[COL_GROWS] = {"GROWS", 8, 0, 2, true},
	[COL_AGE] = {"AGE", 5, 0, 3, true},
};

static const struct apps *apps_of(const struct table_pane *view)
{
	return &view->app->sit.apps;
}

/* An app has a row for each value, then one for each that isn't there, and one if it has none. */
static size_t rows_of(const struct app_metrics *app)
{
	size_t rows = app->len + app->nmissing;

	return rows ? rows : 1;
}

static size_t count(void *arg)
{
	const struct apps *apps = apps_of(arg);
	size_t rows = 0, i;

	for (i = 0; i < apps->len; i++)
		rows += rows_of(apps->items[i]);
	return rows;
}

static bool is_fresh(const struct app_metrics *app)
{
	return freshness_at(&app->fresh, clock_wall_ms()) == FRESH_OK;
}

/* Who isn't known comes first, then who lacks a metric. */
static int rank(const void *arg, size_t at)
{
	const struct app_metrics *app = apps_of(arg)->items[at];

	return is_fresh(app) ? app->nmissing > 0 : 2;
}

static const struct app_metrics *at_row(const struct table_pane *view, size_t row, size_t *ret_at)
{
	const struct apps *apps = apps_of(view);
	size_t place;

	for (place = 0; place < apps->len; place++) {
		const struct app_metrics *app = apps->items[pane_ranked(apps->len, rank, view, place)];

		*ret_at = row;
		if (row < rows_of(app))
			return app;
		row -= rows_of(app);
	}
	return NULL;
}

static const char *metric_of(const struct app_metrics *app, size_t at)
{
	if (at < app->len)
		return app->values[at].name;
	return at - app->len < app->nmissing ? app->missing[at - app->len] : "";
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	size_t at;
	const struct app_metrics *app = at_row(arg, row, &at);

	snprintf(buf, size, "%s %s", app ? app->name : "", app ? metric_of(app, at) : "");
}

static bool is_moment(const char *name)
{
	return strstr(name, "_time_seconds") || strstr(name, "_timestamp_seconds");
}

/* Three digits; bytes as bytes, moments as ages. */
static void put_number(const char *name, double value, char *buf, size_t size)
{
	static const char units[] = " kMGT";
	size_t unit = 0;

	if (is_moment(name)) {
		pane_age((int64_t)(value * 1000), buf, size);
		return;
	}
	if (strstr(name, "bytes") && value >= 0) {
		pane_bytes((int64_t)value, buf, size);
		return;
	}
	for (; fabs(value) >= 10000 && units[unit + 1]; unit++)
		value /= 1000;
	snprintf(buf, size, fabs(value) < 1000 ? "%.3g%.*s" : "%.0f%.*s", value, unit > 0,
		 &units[unit]);
}

/* Two digits are enough to see that it moves. */
static void put_growth(const struct app_value *value, char *buf, size_t size)
{
	char text[32];

	if (is_moment(value->name))
		buf[0] = '\0';
	else if (!isfinite(value->per_s))
		snprintf(buf, size, "?");
	else if (value->per_s == 0)
		snprintf(buf, size, "-");
	else if (fabs(value->per_s) < 1000)
		snprintf(buf, size, "%+.2g/s", value->per_s);
	else
		snprintf(buf, size, "%c%s/s", value->per_s < 0 ? '-' : '+',
			 (put_number(value->name, fabs(value->per_s), text, sizeof(text)), text));
}

static void value_cell(const struct app_metrics *app, size_t at, int column,
		       struct table_cell *ret)
{
	if (at >= app->len && column == COL_NOW && at - app->len < app->nmissing) {
		snprintf(ret->text, sizeof(ret->text), "none");
		ret->role = ROLE_WARN;
	} else if (at < app->len && column == COL_NOW) {
		put_number(app->values[at].name, app->values[at].sum, ret->text, sizeof(ret->text));
	} else if (at < app->len && column == COL_GROWS) {
		put_growth(&app->values[at], ret->text, sizeof(ret->text));
	}
}

static void cell(void *arg, size_t row, int column, struct table_cell *ret)
{
	size_t at;
	const struct app_metrics *app = at_row(arg, row, &at);
	char fresh[240];

	if (!app)
		return;
	ret->role = ROLE_TEXT;
	if (column == COL_APP)
		snprintf(ret->text, sizeof(ret->text), "%.80s", at ? "" : app->name);
	else if (column == COL_METRIC && rows_of(app) > 1)
		snprintf(ret->text, sizeof(ret->text), "%.200s", metric_of(app, at));
	else if (column == COL_METRIC)
		snprintf(ret->text, sizeof(ret->text), "%.200s", app->len ? metric_of(app, at)
			 : pane_freshness(&app->fresh, fresh, sizeof(fresh))[0] ? fresh + 2
			 : "nothing");
	else if (column == COL_AGE && !at && !is_fresh(app) && app->fresh.as_of_ms)
		pane_age(app->fresh.as_of_ms, ret->text, sizeof(ret->text));
	else
		value_cell(app, at, column, ret);
	if (column != COL_APP)
		ret->role = pane_role(&app->fresh, ret->role);
}

static void open_pane(struct pane *pane)
{
	table_pane_open(pane, columns, sizeof(columns) / sizeof(columns[0]),
			&(struct table_source){
		.count = count, .cell = cell, .key = key,
		.nothing = "name apps and their metrics in the configuration: app_metrics",
	});
}

static void heading(struct pane *pane, char *buf, size_t size)
{
	const struct apps *apps = &pane->app->sit.apps;
	size_t i, fresh = 0, missing = 0, used;

	for (i = 0; i < apps->len; i++) {
		fresh += is_fresh(apps->items[i]);
		missing += is_fresh(apps->items[i]) ? apps->items[i]->nmissing : 0;
	}
	if (!apps->len) {
		snprintf(buf, size, "Metrics, none configured");
		return;
	}
	used = (size_t)snprintf(buf, size, "Metrics of %zu/%zu apps", fresh, apps->len);
	if (missing && used < size)
		snprintf(buf + used, size - used, ", %zu not told", missing);
}

static void draw(struct pane *pane, const struct canvas *canvas, bool focused)
{
	struct table_pane *view = pane->state;

	/* What is wrong comes to the top, and is seen there unless someone looks elsewhere. */
	if (!focused)
		table_top(&view->table);
	table_draw(&view->table, canvas, focused);
}

static void summary(struct pane *pane, const struct canvas *canvas)
{
	const struct apps *apps = &pane->app->sit.apps;
	char text[300];
	size_t i;
	int x;

	heading(pane, text, sizeof(text));
	x = draw_text(canvas, 0, 0, canvas->width, ROLE_TEXT, true, text);
	for (i = 0; i < apps->len; i++)
		if (!is_fresh(apps->items[i]))
			x = draw_piece(canvas, 0, x, pane_role(&apps->items[i]->fresh, ROLE_TEXT),
				       "  ? %s%s", apps->items[i]->name,
				       pane_freshness(&apps->items[i]->fresh, text, sizeof(text)));
}

static bool target(struct pane *pane, struct act_target *ret)
{
	struct table_pane *view = pane->state;
	size_t at;
	const struct app_metrics *app = table_has_selection(&view->table)
					? at_row(view, table_row(&view->table), &at) : NULL;

	if (!app)
		return false;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->kind, sizeof(ret->kind), "metrics");
	snprintf(ret->name, sizeof(ret->name), "%.200s", app->name);
	return true;
}

static char *story(struct pane *pane, char *title, size_t size)
{
	struct table_pane *view = pane->state;
	struct buf story = BUF_INIT(STORY_MAX);
	char fresh[240], when[CLOCK_TEXT], grows[48];
	const struct app_metrics *app;
	size_t at, i;

	app = table_has_selection(&view->table) ? at_row(view, table_row(&view->table), &at) : NULL;
	if (!app)
		return NULL;
	snprintf(title, size, "Metrics of %.200s", app->name);
	pane_freshness(&app->fresh, fresh, sizeof(fresh));
	buf_printf(&story, "%-10s %s\n", "is", fresh[0] ? fresh + 2 : "fresh");
	if (app->read_ms)
		buf_printf(&story, "%-10s %s\n", "read", clock_format_rfc3339(app->read_ms, when));
	buf_append_str(&story, "\nEach is the sum over its series, as the app tells it\n");
	for (i = 0; i < app->len; i++) {
		const struct app_value *value = &app->values[i];

		put_growth(value, grows, sizeof(grows));
		buf_printf(&story, "  %s\n    %.10g  (%s, %zu series, at most %.10g)\n", value->name,
			   value->sum, grows, value->series, value->max);
	}
	for (i = 0; i < app->nmissing; i++)
		buf_printf(&story, "  %s\n    not told\n", app->missing[i]);
	if (app->cut)
		buf_append_str(&story, "\nMore of them fit than are kept.\n");
	return buf_detach(&story);
}

const struct pane_ops pane_metrics = {
	.id = "metrics", .open = open_pane, .close = table_pane_close,
	.update = table_pane_update, .heading = heading, .draw = draw, .summary = summary,
	.table = table_pane_table, .target = target, .story = story,
};

/* tui/panes/cost.c: what sitrep asks of each system. */
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "tui/panes/pane.h"

enum { COL_SYSTEM, COL_REQUESTS, COL_IN, COL_OUT, COL_OPENED, COL_ALL_REQUESTS, COL_ALL_BYTES };

static const struct table_column columns[] = {
	[COL_SYSTEM] = {"SYSTEM", 12, 1, 0, false},
	[COL_REQUESTS] = {"REQUESTS/MIN", 12, 0, 0, true},
	[COL_IN] = {"IN/MIN", 8, 0, 0, true},
	[COL_OUT] = {"OUT/MIN", 8, 0, 1, true},
	[COL_OPENED] = {"CONNECTS/MIN", 12, 0, 2, true},
	[COL_ALL_REQUESTS] = {"REQUESTS", 10, 0, 4, true},
	[COL_ALL_BYTES] = {"BYTES", 9, 0, 3, true},
};

static const struct costs *costs_of(const struct table_pane *view)
{
	return &view->app->sit.costs;
}

static size_t count(void *arg)
{
	return costs_of(arg)->len;
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	snprintf(buf, size, "%s", costs_of(arg)->items[row].system);
}

static void cell(void *arg, size_t row, int column, struct table_cell *ret)
{
	const struct cost *cost = &costs_of(arg)->items[row];
	struct cost_amount minute = cost_per_minute(cost, clock_mono_ms());

	if (column == COL_SYSTEM)
		snprintf(ret->text, sizeof(ret->text), "%s", cost->system);
	else if (column == COL_REQUESTS)
		snprintf(ret->text, sizeof(ret->text), "%llu", (unsigned long long)minute.requests);
	else if (column == COL_IN)
		pane_bytes((int64_t)minute.bytes_in, ret->text, sizeof(ret->text));
	else if (column == COL_OUT)
		pane_bytes((int64_t)minute.bytes_out, ret->text, sizeof(ret->text));
	else if (column == COL_OPENED)
		snprintf(ret->text, sizeof(ret->text), "%llu",
			 (unsigned long long)minute.connections);
	else if (column == COL_ALL_REQUESTS)
		snprintf(ret->text, sizeof(ret->text), "%llu",
			 (unsigned long long)cost->total.requests);
	else
		pane_bytes((int64_t)(cost->total.bytes_in + cost->total.bytes_out), ret->text,
			   sizeof(ret->text));
}

static void open_pane(struct pane *pane)
{
	table_pane_open(pane, columns, sizeof(columns) / sizeof(columns[0]),
			&(struct table_source){
		.count = count, .cell = cell, .key = key,
		.nothing = "nothing has been asked yet",
	});
}

static void heading(struct pane *pane, char *buf, size_t size)
{
	struct cost_amount sum = {0};
	const struct costs *costs = &pane->app->sit.costs;
	char bytes[16];
	size_t i;

	for (i = 0; i < costs->len; i++) {
		struct cost_amount minute = cost_per_minute(&costs->items[i], clock_mono_ms());

		sum.requests += minute.requests;
		sum.bytes_in += minute.bytes_in + minute.bytes_out;
	}
	snprintf(buf, size, "Cost, what sitrep asked in the last minute: %llu requests, %s",
		 (unsigned long long)sum.requests,
		 pane_bytes((int64_t)sum.bytes_in, bytes, sizeof(bytes)));
}

static void draw(struct pane *pane, const struct canvas *canvas, bool focused)
{
	struct table_pane *view = pane->state;

	table_draw(&view->table, canvas, focused);
}

static void summary(struct pane *pane, const struct canvas *canvas)
{
	char text[200];

	heading(pane, text, sizeof(text));
	draw_text(canvas, 0, 0, canvas->width, ROLE_TEXT, true, text);
}

static bool target(struct pane *pane, struct act_target *ret)
{
	(void)pane;
	(void)ret;
	return false;
}

const struct pane_ops pane_cost = {
	.id = "cost", .open = open_pane, .close = table_pane_close, .update = table_pane_update,
	.heading = heading, .draw = draw, .summary = summary, .table = table_pane_table,
	.target = target,
};

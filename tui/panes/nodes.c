/* tui/panes/nodes.c: the nodes: ready or not, since when, how full. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "tui/panes/pane.h"

#define BAR 8

enum { COL_NAME, COL_STATUS, COL_CPU, COL_CPU_BAR, COL_MEM, COL_MEM_BAR, COL_DISK, COL_REACH,
	COL_PODS, COL_AGE, COL_VERSION, COL_ROLES, COLS_ALL };

static const struct table_column columns[COLS_ALL] = {
	[COL_NAME] = {"NAME", 17, 2, 0, false, 6},
	[COL_STATUS] = {"STATUS", 14, 1, 0, false},
	[COL_CPU] = {"CPU", 5, 0, 2, true},
	[COL_CPU_BAR] = {"", BAR, 0, 8, false},
	[COL_MEM] = {"MEM", 5, 0, 1, true},
	[COL_MEM_BAR] = {"", BAR, 0, 6, false},
	[COL_DISK] = {"DISK", 5, 0, 3, true},
	[COL_REACH] = {"REACHED", 10, 0, 4, false},
	[COL_PODS] = {"PODS", 4, 0, 5, true},
	[COL_AGE] = {"AGE", 5, 0, 7, true},
	[COL_VERSION] = {"VERSION", 14, 0, 9, false},
	[COL_ROLES] = {"ROLES", 20, 1, 10, false},
};

#define DISK_FULL 85               /* percent, from which on somebody should look */
#define FAILURES_TOLD 2            /* in a row */

struct nodes_view {
	const struct app *app;
	struct table table;
	struct table_column columns[COLS_ALL]; /* those that anybody fills */
	int ids[COLS_ALL];         /* which of the above each is */
	size_t *pods;              /* per node, as sorted */
	size_t npods;
	uint64_t counted_pods, counted_nodes;      /* what the counts were made from */
};

static size_t count(void *arg)
{
	struct nodes_view *view = arg;

	return view->app->sit.nodes.len;
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	struct nodes_view *view = arg;

	snprintf(buf, size, "%s", view->app->sit.nodes.items[row]->name);
}

/* -1 = unknown. Steps of five while all is well: jitter would cost bytes all day. */
static int percent_of(int64_t part, int64_t whole)
{
	int64_t percent = part < 0 || whole <= 0 ? -1 : part * 100 / whole;

	return (int)(percent >= 0 && percent < 80 ? (percent + 2) / 5 * 5 : percent);
}

static void share(struct table_cell *cell, int percent, bool bar, const struct nodes_view *view)
{
	const struct freshness *fresh = &view->app->sit.cluster.metrics_fresh;

	cell->role = percent < 0 ? ROLE_UNKNOWN
		   : pane_role(fresh, percent >= 90 ? ROLE_WARN : ROLE_TEXT);
	if (bar)
		gauge_text(view->table.utf8, BAR, percent / 100.0, cell->text,
			   sizeof(cell->text));
	else
		snprintf(cell->text, sizeof(cell->text), percent < 0 ? "?" : "%d%%", percent);
}

static void status(const struct nodes_view *view, const struct node *node,
		   struct table_cell *cell)
{
	static const enum role roles[] = {
		[TRI_UNKNOWN] = ROLE_BAD, [TRI_FALSE] = ROLE_BAD, [TRI_TRUE] = ROLE_OK,
	};
	char text[80];
	const char *mark;
	enum role role = roles[node_ready(node)];

	node_status_text(node, text, sizeof(text));
	if (role == ROLE_OK && node->unschedulable)
		role = ROLE_WARN;
	mark = role == ROLE_BAD ? "!" : role == ROLE_WARN ? "◐" : "●";
	cell->role = pane_role(&view->app->sit.nodes.fresh, role);
	snprintf(cell->text, sizeof(cell->text), "%s %s", cell->role == role ? mark : "?", text);
}

static int disk_percent(const struct node *node)
{
	return node->disk_bytes > 0 ? (int)((node->disk_bytes - node->disk_free_bytes) * 100 /
					    node->disk_bytes) : -1;
}

/* Its age takes the place of a number that is too old. */
static void disk_cell(const struct nodes *nodes, const struct node *node, struct table_cell *ret)
{
	int percent = disk_percent(node);

	if (percent < 0 || !node->disk_ms) {
		snprintf(ret->text, sizeof(ret->text), "?");
		ret->role = ROLE_UNKNOWN;
	} else if (node_disk_known(nodes, node, clock_wall_ms())) {
		snprintf(ret->text, sizeof(ret->text), "%d%%", percent);
		ret->role = percent >= DISK_FULL ? ROLE_WARN : ROLE_TEXT;
	} else {
		pane_age(node->disk_ms, ret->text, sizeof(ret->text));
		ret->role = ROLE_STALE;
	}
}

static bool is_unreachable(const struct node *node)
{
	return node->reach.result == REACH_FAILED && node->reach.failures >= FAILURES_TOLD &&
	       freshness_at(&node->reach.fresh, clock_wall_ms()) == FRESH_OK;
}

static void reach_cell(const struct node_reach *reach, struct table_cell *ret)
{
	static const struct {
		enum role role;
		const char *text;
	} looks[] = {
		[REACH_UNKNOWN] = {ROLE_UNKNOWN, "? unknown"}, [REACH_ANSWERED] = {ROLE_OK, "● yes"},
		[REACH_CLOSED] = {ROLE_OK, "● closed"}, [REACH_FAILED] = {ROLE_BAD, "! no"},
	};
	enum fresh_state state = freshness_at(&reach->fresh, clock_wall_ms());
	char age[32];

	ret->role = pane_role(&reach->fresh, looks[reach->result].role);
	if (state == FRESH_OK && reach->result == REACH_FAILED && reach->failures < FAILURES_TOLD)
		snprintf(ret->text, sizeof(ret->text), "? not once");
	else if (state == FRESH_OK)
		snprintf(ret->text, sizeof(ret->text), "%s", looks[reach->result].text);
	else if (reach->fresh.as_of_ms && state == FRESH_STALE)
		snprintf(ret->text, sizeof(ret->text), "? %s ago",
			 pane_age(reach->fresh.as_of_ms, age, sizeof(age)));
	else
		snprintf(ret->text, sizeof(ret->text), "? %s", fresh_state_name(state));
}

static void cell(void *arg, size_t row, int place, struct table_cell *ret)
{
	struct nodes_view *view = arg;
	const struct nodes *nodes = &view->app->sit.nodes;
	const struct node *node = nodes->items[row];
	int column = view->ids[place];

	if (column == COL_STATUS)
		status(view, node, ret);
	else if (column == COL_CPU || column == COL_CPU_BAR)
		share(ret, percent_of(node->cpu_milli, node->cpu_alloc_milli),
		      column == COL_CPU_BAR, view);
	else if (column == COL_MEM || column == COL_MEM_BAR)
		share(ret, percent_of(node->mem_kib, node->mem_alloc_kib),
		      column == COL_MEM_BAR, view);
	else if (column == COL_DISK)
		disk_cell(nodes, node, ret);
	else if (column == COL_REACH)
		reach_cell(&node->reach, ret);
	else if (column == COL_PODS && row < view->npods)
		snprintf(ret->text, sizeof(ret->text), "%zu", view->pods[row]);
	else if (column == COL_AGE)
		pane_age(node->created_ms, ret->text, sizeof(ret->text));
	else
		snprintf(ret->text, sizeof(ret->text), "%s", column == COL_NAME ? node->name
			 : column == COL_ROLES ? node->roles
			 : column == COL_VERSION ? node->version : "");
}

static void open_pane(struct pane *pane)
{
	struct nodes_view *view = xcalloc(1, sizeof(*view));
	const struct nodes *nodes = &pane->app->sit.nodes;
	int count_shown = 0, id;

	view->app = pane->app;
	for (id = 0; id < COLS_ALL; id++) {
		if ((id == COL_DISK && !nodes->disks_wanted) ||
		    (id == COL_REACH && !nodes->reach_wanted))
			continue;
		view->columns[count_shown] = columns[id];
		view->ids[count_shown++] = id;
	}
	view->table = (struct table){
		.columns = view->columns, .ncolumns = count_shown,
		.source = {count, cell, key, view, "no node is known"}, .sort_column = -1,
	};
	pane->state = view;
}

static void close_pane(struct pane *pane)
{
	struct nodes_view *view = pane->state;

	table_release(&view->table);
	free(view->pods);
	free(view);
}

static void count_pods(struct nodes_view *view)
{
	const struct situation *sit = &view->app->sit;
	struct node_finder finder = {0};

	if (view->pods && view->counted_pods == sit->pods.generation &&
	    view->counted_nodes == sit->nodes.members)
		return;
	free(view->pods);
	view->counted_pods = sit->pods.generation;
	view->counted_nodes = sit->nodes.members;
	view->npods = sit->nodes.len;
	view->pods = xcalloc(view->npods + 1, sizeof(*view->pods));
	for (size_t i = 0; i < sit->pods.len; i++) {
		const char *name = sit->pods.items[i]->node;
		size_t at = name ? node_finder_place(&finder, &sit->nodes, name) : NODE_NOWHERE;

		if (at != NODE_NOWHERE)
			view->pods[at]++;
	}
}

static void update(struct pane *pane, unsigned int sections)
{
	struct nodes_view *view = pane->state;

	if (sections & (SECTION_NODES | SECTION_PODS))
		count_pods(view);
	table_update(&view->table);
}

static bool is_full(const struct nodes *nodes, const struct node *node)
{
	return node_disk_known(nodes, node, clock_wall_ms()) && disk_percent(node) >= DISK_FULL;
}

static void counts(struct pane *pane, char *buf, size_t size)
{
	const struct nodes *nodes = &pane->app->sit.nodes;
	size_t ready = 0, i;
	char fresh[240];

	for (i = 0; i < nodes->len; i++)
		ready += node_ready(nodes->items[i]) == TRI_TRUE;
	pane_freshness(&nodes->fresh, fresh, sizeof(fresh));
	if (nodes->complete)
		snprintf(buf, size, "Nodes %zu/%zu%s", ready, nodes->len, fresh);
	else
		snprintf(buf, size, "Nodes%s", fresh[0] ? fresh : ", reading");
}

/* Also what has no column on a narrow screen. */
static void heading(struct pane *pane, char *buf, size_t size)
{
	const struct nodes *nodes = &pane->app->sit.nodes;
	size_t unreachable = 0, full = 0, used, i;

	counts(pane, buf, size);
	for (i = 0; i < nodes->len; i++) {
		unreachable += is_unreachable(nodes->items[i]);
		full += is_full(nodes, nodes->items[i]);
	}
	used = strlen(buf);
	if (unreachable)
		used += (size_t)snprintf(buf + used, size - used, ", pods of %zu not reached",
					 unreachable);
	if (full && used < size)
		snprintf(buf + used, size - used, ", %zu disk%s full", full, full > 1 ? "s" : "");
}

static void draw(struct pane *pane, const struct canvas *canvas, bool focused)
{
	struct nodes_view *view = pane->state;

	table_draw(&view->table, canvas, focused);
}

static void summary(struct pane *pane, const struct canvas *canvas)
{
	const struct nodes *nodes = &pane->app->sit.nodes;
	char text[300];
	size_t i;
	int x;

	counts(pane, text, sizeof(text));
	x = draw_text(canvas, 0, 0, canvas->width, pane_role(&nodes->fresh, ROLE_TEXT), true,
		      text);
	for (i = 0; i < nodes->len; i++) {
		const struct node *node = nodes->items[i];

		node_status_text(node, text, sizeof(text));
		if (node_ready(node) != TRI_TRUE || node->unschedulable)
			x = draw_piece(canvas, 0, x, pane_role(&nodes->fresh, ROLE_BAD),
				       "  ! %s %s", node->name, text);
		else if (is_unreachable(node))
			x = draw_piece(canvas, 0, x, ROLE_BAD, "  ! %s pods not reached",
				       node->name);
		else if (is_full(nodes, node))
			x = draw_piece(canvas, 0, x, ROLE_WARN, "  ◐ %s disk %d%%", node->name,
				       disk_percent(node));
	}
}

/* Its rows and their head. */
static int wants(struct pane *pane, int width)
{
	(void)width;
	return (int)pane->app->sit.nodes.len + 1;
}

static struct table *table(struct pane *pane)
{
	struct nodes_view *view = pane->state;

	return &view->table;
}

static bool target(struct pane *pane, struct act_target *ret)
{
	struct nodes_view *view = pane->state;

	if (!table_has_selection(&view->table))
		return false;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->kind, sizeof(ret->kind), "node");
	snprintf(ret->name, sizeof(ret->name), "%s",
		 pane->app->sit.nodes.items[table_row(&view->table)]->name);
	return true;
}

const struct pane_ops pane_nodes = {
	.id = "nodes", .open = open_pane, .close = close_pane, .update = update,
	.heading = heading, .draw = draw, .summary = summary, .table = table, .target = target,
	.wants = wants,
};

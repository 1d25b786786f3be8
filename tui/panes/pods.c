/* tui/panes/pods.c: the pods of one namespace or all: filtered, sorted, only problems. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "tui/panes/pane.h"

enum { COL_NS, COL_NAME, COL_READY, COL_STATUS, COL_RESTARTS, COL_CPU, COL_MEM, COL_NODE, COL_AGE };

static const struct table_column columns[] = {
	[COL_NS] = {"NAMESPACE", 12, 0, 3, false, 4},
	[COL_NAME] = {"NAME", 24, 3, 0, false, 6},
	[COL_READY] = {"READY", 5, 0, 0, false},
	[COL_STATUS] = {"STATUS", 18, 2, 0, false},
	[COL_RESTARTS] = {"RESTARTS", 9, 0, 1, false},
	[COL_CPU] = {"CPU", 5, 0, 6, true},
	[COL_MEM] = {"MEM", 6, 0, 5, true},
	[COL_NODE] = {"NODE", 12, 1, 4, false, 5},
	[COL_AGE] = {"AGE", 5, 0, 2, true},
};

enum order { BY_NAME, BY_STATUS, BY_RESTARTS, BY_AGE, BY_CPU, BY_MEM, BY_NODE, ORDERS };

static const int order_columns[ORDERS] = {
	[BY_NAME] = COL_NAME, [BY_STATUS] = COL_STATUS, [BY_RESTARTS] = COL_RESTARTS,
	[BY_AGE] = COL_AGE, [BY_CPU] = COL_CPU, [BY_MEM] = COL_MEM, [BY_NODE] = COL_NODE,
};

struct pods_view {
	const struct app *app;
	struct table table;
	struct pod **rows;         /* what is shown, in order; borrowed from the situation */
	size_t len, cap;
	char *ns;                  /* NULL = all */
	bool only_problems;
	enum order order;
};

static size_t count(void *arg)
{
	struct pods_view *view = arg;

	return view->len;
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	struct pods_view *view = arg;

	snprintf(buf, size, "%s/%s", view->rows[row]->ns, view->rows[row]->name);
}

static const struct {
	const char *mark;
	enum role role;
} states[] = {
	{"●", ROLE_OK}, {"◐", ROLE_WARN}, {"!", ROLE_BAD}, {"○", ROLE_DIM},
};

/* An index into states. */
static int state_of(const struct pod *pod)
{
	if (pod->problem)
		return 2;
	if (pod->phase == POD_SUCCEEDED)
		return 3;
	return pod->ready && !pod->deleting ? 0 : 1;
}

/* Coarse on purpose: what jitters from one reading to the next would cost bytes all day. */
static void cpu(struct table_cell *ret, int32_t milli)
{
	if (milli < 10)
		snprintf(ret->text, sizeof(ret->text), "<10m");
	else if (milli < 200)
		snprintf(ret->text, sizeof(ret->text), "%dm", (milli + 5) / 10 * 10);
	else if (milli < 1000)
		snprintf(ret->text, sizeof(ret->text), "%dm", (milli + 25) / 50 * 50);
	else
		snprintf(ret->text, sizeof(ret->text), "%d.%d", milli / 1000, milli / 100 % 10);
}

static void mem(struct table_cell *ret, int32_t kib)
{
	int mib = (kib + 512) / 1024;

	if (mib < 10)
		snprintf(ret->text, sizeof(ret->text), "<10M");
	else if (mib < 1000)
		snprintf(ret->text, sizeof(ret->text), "%dM", mib < 200 ? (mib + 5) / 10 * 10
								      : (mib + 25) / 50 * 50);
	else
		snprintf(ret->text, sizeof(ret->text), "%d.%dG", mib / 1024, mib % 1024 / 103);
}

/* What has ended, or hasn't begun, uses nothing. */
static bool is_running(const struct pod *pod)
{
	return pod->phase != POD_SUCCEEDED && pod->phase != POD_FAILED && pod->phase != POD_PENDING;
}

static void amount(struct table_cell *ret, const struct pods_view *view, int32_t value, bool runs,
		   void (*put)(struct table_cell *ret, int32_t value))
{
	if (value < 0) {
		snprintf(ret->text, sizeof(ret->text), runs ? "?" : "-");
		ret->role = runs ? ROLE_UNKNOWN : ROLE_DIM;
		return;
	}
	put(ret, value);
	ret->role = pane_role(&view->app->sit.cluster.metrics_fresh, ROLE_TEXT);
}

static void restarts(struct table_cell *ret, const struct pod *pod)
{
	char age[32];

	if (pod->restarts && pod->last_finished_ms)
		snprintf(ret->text, sizeof(ret->text), "%d (%s)", pod->restarts,
			 pane_age(pod->last_finished_ms, age, sizeof(age)));
	else
		snprintf(ret->text, sizeof(ret->text), "%d", pod->restarts);
}

static void status(struct table_cell *ret, const struct pods_view *view, const struct pod *pod)
{
	int state = state_of(pod);

	ret->role = pane_role(&view->app->sit.pods.fresh, states[state].role);
	snprintf(ret->text, sizeof(ret->text), "%s %s",
		 ret->role == states[state].role ? states[state].mark : "?",
		 pod->status ? pod->status : "unknown");
}

static void cell(void *arg, size_t row, int column, struct table_cell *ret)
{
	struct pods_view *view = arg;
	const struct pod *pod = view->rows[row];

	if (column == COL_STATUS)
		status(ret, view, pod);
	else if (column == COL_READY)
		snprintf(ret->text, sizeof(ret->text), "%d/%d", pod->containers_ready,
			 pod->containers);
	else if (column == COL_RESTARTS)
		restarts(ret, pod);
	else if (column == COL_CPU)
		amount(ret, view, pod->cpu_milli, is_running(pod), cpu);
	else if (column == COL_MEM)
		amount(ret, view, pod->mem_kib, is_running(pod), mem);
	else if (column == COL_AGE)
		pane_age(pod->created_ms, ret->text, sizeof(ret->text));
	else
		snprintf(ret->text, sizeof(ret->text), "%s", column == COL_NAME ? pod->name
			 : column == COL_NS ? pod->ns : pod->node ? pod->node : "-");
}

static void open_pane(struct pane *pane)
{
	struct pods_view *view = xcalloc(1, sizeof(*view));

	view->app = pane->app;
	view->ns = xstrdup(pane->app->config.namespace_);
	view->table = (struct table){
		.columns = columns, .ncolumns = sizeof(columns) / sizeof(columns[0]),
		.source = {count, cell, key, view}, .sort_column = COL_NAME,
		.filters_itself = true,
	};
	pane->state = view;
}

static void close_pane(struct pane *pane)
{
	struct pods_view *view = pane->state;

	free(view->rows);
	free(view->ns);
	free(view);
}

/* As the columns are called, and as people call them. */
static bool matches(const struct filter *filter, const struct pod *pod)
{
	char restarts_text[24], ready[24], cpu_text[24], mem_text[24], age[32];
	struct filter_field fields[] = {
		{"NAMESPACE", pod->ns}, {"NAME", pod->name}, {"NS", pod->ns},
		{"STATUS", pod->status}, {"NODE", pod->node}, {"RESTARTS", restarts_text},
		{"READY", ready}, {"CPU", pod->cpu_milli < 0 ? NULL : cpu_text},
		{"MEM", pod->mem_kib < 0 ? NULL : mem_text}, {"AGE", age},
	};

	snprintf(restarts_text, sizeof(restarts_text), "%d", pod->restarts);
	snprintf(ready, sizeof(ready), "%d/%d", pod->containers_ready, pod->containers);
	snprintf(cpu_text, sizeof(cpu_text), "%dm", pod->cpu_milli);
	pane_age(pod->created_ms, age, sizeof(age));
	snprintf(mem_text, sizeof(mem_text), "%dM", pod->mem_kib / 1024);
	return filter_matches(filter, fields, sizeof(fields) / sizeof(fields[0]));
}

static int64_t number_of(const struct pod *pod, enum order order)
{
	switch (order) {
	case BY_RESTARTS:
		return -(int64_t)pod->restarts;
	case BY_AGE:
		return -pod->created_ms;
	case BY_CPU:
		return -(int64_t)pod->cpu_milli;
	case BY_MEM:
		return -(int64_t)pod->mem_kib;
	case BY_NAME:
	case BY_STATUS:
	case BY_NODE:
	case ORDERS:
		break;
	}
	return 0;
}

static int compare(const void *a, const void *b, void *arg)
{
	const struct pod *one = *(struct pod *const *)a, *two = *(struct pod *const *)b;
	enum order order = *(enum order *)arg;
	int64_t first = number_of(one, order), second = number_of(two, order);
	int side = 0;

	if (order == BY_STATUS)
		side = one->problem != two->problem ? (one->problem ? -1 : 1)
		     : strcmp(one->status ? one->status : "", two->status ? two->status : "");
	else if (order == BY_NODE)
		side = strcmp(one->node ? one->node : "", two->node ? two->node : "");
	else
		side = first < second ? -1 : first > second;
	if (!side)
		side = strcmp(one->ns, two->ns);
	return side ? side : strcmp(one->name, two->name);
}

static void take_rows(struct pods_view *view, const struct filter *filter, bool problems)
{
	const struct pods *pods = &view->app->sit.pods;
	size_t i;

	for (i = 0; i < pods->len; i++) {
		struct pod *pod = pods->items[i];

		if (pod->problem != problems || (view->ns && strcmp(pod->ns, view->ns)) ||
		    (filter->len && !matches(filter, pod)))
			continue;
		view->rows[view->len++] = pod;
	}
}

static void rebuild(struct pods_view *view)
{
	const struct pods *pods = &view->app->sit.pods;
	struct filter filter;

	filter_parse(&filter, view->table.filter);
	if (pods->len > view->cap) {
		view->cap = pods->len + pods->len / 4 + 64;
		free(view->rows);
		view->rows = xcalloc(view->cap, sizeof(*view->rows));
	}
	view->len = 0;
	take_rows(view, &filter, true);
	if (!view->only_problems)
		take_rows(view, &filter, false);
	/* By name is the order they already have; what has a problem comes first. */
	if (view->order != BY_NAME)
		qsort_r(view->rows, view->len, sizeof(*view->rows), compare, &view->order);
	table_update(&view->table);
}

static void update(struct pane *pane, unsigned int sections)
{
	if (sections & (SECTION_PODS | SECTION_METRICS))
		rebuild(pane->state);
}

void pods_set_namespace(struct pane *pane, const char *ns)
{
	struct pods_view *view = pane->state;

	free(view->ns);
	view->ns = xstrdup(ns);
	rebuild(view);
}

void pods_get_choice(const struct pane *pane, struct pods_choice *ret)
{
	const struct pods_view *view = pane->state;

	*ret = (struct pods_choice){.order = (int)view->order,
				    .only_problems = view->only_problems};
	snprintf(ret->ns, sizeof(ret->ns), "%s", view->ns ? view->ns : "");
}

void pods_set_choice(struct pane *pane, const struct pods_choice *choice)
{
	struct pods_view *view = pane->state;
	bool known = choice->order >= 0 && choice->order < (int)ORDERS;

	view->order = known ? (enum order)choice->order : BY_NAME;
	view->table.sort_column = order_columns[view->order];
	view->only_problems = choice->only_problems;
	pods_set_namespace(pane, choice->ns[0] ? choice->ns : NULL);
}

static void put_heading(struct pane *pane, bool with_trouble, char *buf, size_t size)
{
	struct pods_view *view = pane->state;
	const struct pods *pods = &pane->app->sit.pods;
	char fresh[240], loading[64] = "", trouble[48] = "";
	size_t ready = 0, problems = 0, i;

	for (i = 0; i < view->len; i++) {
		problems += view->rows[i]->problem;
		ready += view->rows[i]->ready || view->rows[i]->phase == POD_SUCCEEDED;
	}
	pane_freshness(&pods->fresh, fresh, sizeof(fresh));
	if (!pods->complete && pods->len)
		snprintf(loading, sizeof(loading), ", reading %zu of %lld", pods->len,
			 (long long)pods->expected);
	if (problems && with_trouble && !view->only_problems)
		snprintf(trouble, sizeof(trouble), ", %zu with a problem", problems);
	snprintf(buf, size, "Pods %s %zu/%zu%s%s%s%s%s%s", view->ns ? view->ns : "all", ready,
		 view->len, view->only_problems ? ", only problems" : "", trouble,
		 view->table.filter[0] ? ", filter " : "", view->table.filter, loading, fresh);
}

static void heading(struct pane *pane, char *buf, size_t size)
{
	put_heading(pane, true, buf, size);
}

static void draw(struct pane *pane, const struct canvas *canvas, bool focused)
{
	struct pods_view *view = pane->state;

	table_draw(&view->table, canvas, focused);
	if (!view->len && canvas->height > 1)
		draw_text(canvas, 1, 0, canvas->width, ROLE_DIM, true,
			  !pane->app->config.kube.enabled ? "no cluster is watched"
			  : !pane->app->sit.pods.complete ? "reading..."
			  : view->table.filter[0] ? "no pod fits the filter (Esc clears it)"
			  : view->only_problems ? "no pod has a problem (! shows all)"
			  : "no pods");
}

static void summary(struct pane *pane, const struct canvas *canvas)
{
	const struct pods *pods = &pane->app->sit.pods;
	char text[400];
	int x;

	put_heading(pane, false, text, sizeof(text));
	x = draw_text(canvas, 0, 0, canvas->width, pane_role(&pods->fresh, ROLE_TEXT), true,
		      text);
	if (pods->problems)
		draw_piece(canvas, 0, x, pane_role(&pods->fresh, ROLE_BAD), "  ! %zu with a problem",
			   pods->problems);
}

static struct table *table(struct pane *pane)
{
	struct pods_view *view = pane->state;

	return &view->table;
}

static bool target(struct pane *pane, struct act_target *ret)
{
	struct pods_view *view = pane->state;
	const struct pod *pod;
	const uint8_t *u;

	if (!table_has_selection(&view->table))
		return false;
	pod = view->rows[view->table.selected];
	u = pod->uid;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->kind, sizeof(ret->kind), "pod");
	snprintf(ret->ns, sizeof(ret->ns), "%s", pod->ns);
	snprintf(ret->name, sizeof(ret->name), "%s", pod->name);
	snprintf(ret->uid, sizeof(ret->uid), "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		 "%02x%02x%02x%02x%02x%02x", u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7],
		 u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
	return true;
}

static void sort(struct pane *pane)
{
	struct pods_view *view = pane->state;

	view->order = (enum order)((view->order + 1) % ORDERS);
	view->table.sort_column = order_columns[view->order];
	rebuild(view);
}

static void only_problems(struct pane *pane)
{
	struct pods_view *view = pane->state;

	view->only_problems = !view->only_problems;
	rebuild(view);
}

const struct pane_ops pane_pods = {
	.id = "pods", .open = open_pane, .close = close_pane, .update = update,
	.heading = heading, .draw = draw, .summary = summary, .table = table, .target = target,
	.sort = sort, .only_problems = only_problems,
};

/* tui/panes/vendors.c: what status pages say of the parts that we use. */
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "tui/panes/pane.h"

#define STORY_MAX (128 * 1024)

enum { COL_NAME, COL_STATE, COL_WHAT, COL_SINCE, COL_POP };

static const struct table_column columns[] = {
	[COL_NAME] = {"VENDOR", 10, 0, 0, false},
	[COL_STATE] = {"STATE", 13, 0, 0, false},
	[COL_WHAT] = {"WHAT", 10, 1, 2, false},
	[COL_SINCE] = {"SINCE", 5, 0, 3, true},
	[COL_POP] = {"POP", 4, 0, 4, false},
};

struct look {
	enum role role;
	const char *mark, *word;
};

static const struct look looks[VENDOR_STATES] = {
	[VENDOR_OK] = {ROLE_OK, "●", "ok"}, [VENDOR_UNKNOWN] = {ROLE_UNKNOWN, "?", "unknown"},
	[VENDOR_MAINTENANCE] = {ROLE_WARN, "◐", "maintenance"},
	[VENDOR_DEGRADED] = {ROLE_WARN, "◐", "degraded"},
	[VENDOR_PARTIAL] = {ROLE_BAD, "!", "partial"}, [VENDOR_MAJOR] = {ROLE_BAD, "!", "major"},
};

static const struct vendors *vendors_of(const struct table_pane *view)
{
	return &view->app->sit.vendors;
}

static size_t count(void *arg)
{
	return vendors_of(arg)->len;
}

static bool is_known(const struct vendor *vendor)
{
	return vendor->fresh.as_of_ms != 0;
}

static bool is_fresh(const struct vendor *vendor)
{
	return freshness_at(&vendor->fresh, clock_wall_ms()) == FRESH_OK;
}

/* Trouble comes first, then what isn't known, then planned works. */
static int rank(const void *arg, size_t at)
{
	const struct vendor *vendor = &vendors_of(arg)->items[at];

	if (!is_fresh(vendor) || vendor->state == VENDOR_UNKNOWN)
		return 2;
	return vendor->state > VENDOR_MAINTENANCE ? 3 : vendor->state == VENDOR_MAINTENANCE;
}

static const struct vendor *at_row(const struct table_pane *view, size_t row)
{
	const struct vendors *vendors = vendors_of(view);

	return &vendors->items[pane_ranked(vendors->len, rank, view, row)];
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	snprintf(buf, size, "%s", at_row(arg, row)->name);
}

static void state_cell(const struct vendor *vendor, struct table_cell *ret)
{
	const struct look *look = &looks[is_known(vendor) ? vendor->state : VENDOR_UNKNOWN];

	ret->role = pane_role(&vendor->fresh, look->role);
	if (is_fresh(vendor))
		snprintf(ret->text, sizeof(ret->text), "%s %s", look->mark, look->word);
	else
		snprintf(ret->text, sizeof(ret->text), "? %s%s", is_known(vendor) ? "was " : "",
			 look->word);
}

/* The incident, else the component that is worst off, else what comes; and why it isn't known. */
static void what(const struct vendor *vendor, char *buf, size_t size)
{
	const struct vendor_notice *headline = vendor_headline(vendor);
	const struct vendor_component *worst = NULL;
	char fresh[240];
	size_t i;

	for (i = 0; i < vendor->ncomponents; i++)
		if (vendor->components[i].state != VENDOR_OK &&
		    (!worst || vendor->components[i].state > worst->state))
			worst = &vendor->components[i];
	pane_freshness(&vendor->fresh, fresh, sizeof(fresh));
	if (fresh[0])
		snprintf(buf, size, "%.200s", fresh + 2);
	else if (headline)
		snprintf(buf, size, "%s%.180s", headline->perhaps ? "perhaps: " : "",
			 headline->title);
	else if (worst)
		snprintf(buf, size, "%.200s", worst->name);
	else if (vendor->nnotices && vendor->notices[0].upcoming)
		snprintf(buf, size, "planned: %.180s", vendor->notices[0].title);
	else
		buf[0] = '\0';
}

static void cell(void *arg, size_t row, int column, struct table_cell *ret)
{
	const struct vendor *vendor = at_row(arg, row);

	if (column == COL_STATE)
		state_cell(vendor, ret);
	else if (column == COL_WHAT)
		what(vendor, ret->text, sizeof(ret->text));
	else if (column == COL_NAME)
		snprintf(ret->text, sizeof(ret->text), "%s", vendor->name);
	else if (column == COL_POP && vendor->asks_pop)
		snprintf(ret->text, sizeof(ret->text), "%s", vendor->pop[0] ? vendor->pop : "?");
	else if (column == COL_SINCE && is_known(vendor) && vendor->state != VENDOR_OK)
		pane_age(vendor->since_ms, ret->text, sizeof(ret->text));
	if (column != COL_STATE)
		ret->role = column == COL_NAME ? ROLE_TEXT : pane_role(&vendor->fresh, ROLE_TEXT);
}

static void open_pane(struct pane *pane)
{
	table_pane_open(pane, columns, sizeof(columns) / sizeof(columns[0]),
			&(struct table_source){
		.count = count, .cell = cell, .key = key,
		.nothing = "name the status pages in the configuration: vendors",
	});
}

static void tally(const struct vendors *vendors, size_t *ret_well, size_t *ret_unknown)
{
	size_t i;

	*ret_well = *ret_unknown = 0;
	for (i = 0; i < vendors->len; i++) {
		const struct vendor *vendor = &vendors->items[i];

		if (!is_fresh(vendor) || vendor->state == VENDOR_UNKNOWN)
			(*ret_unknown)++;
		else if (vendor->state == VENDOR_OK)
			(*ret_well)++;
	}
}

static void heading(struct pane *pane, char *buf, size_t size)
{
	const struct vendors *vendors = &pane->app->sit.vendors;
	size_t well, unknown;

	tally(vendors, &well, &unknown);
	if (!vendors->len)
		snprintf(buf, size, "Vendors, none configured");
	else if (unknown)
		snprintf(buf, size, "Vendors %zu/%zu ok, %zu unknown", well, vendors->len, unknown);
	else
		snprintf(buf, size, "Vendors %zu/%zu ok", well, vendors->len);
}

static void draw(struct pane *pane, const struct canvas *canvas, bool focused)
{
	struct table_pane *view = pane->state;

	/* What is wrong stands at the top, and is seen there unless someone looks elsewhere. */
	if (!focused)
		view->table.top = 0;
	table_draw(&view->table, canvas, focused);
}

static void summary(struct pane *pane, const struct canvas *canvas)
{
	const struct vendors *vendors = &pane->app->sit.vendors;
	char text[300];
	size_t i;
	int x;

	heading(pane, text, sizeof(text));
	x = draw_text(canvas, 0, 0, canvas->width, ROLE_TEXT, true, text);
	for (i = 0; i < vendors->len; i++) {
		struct table_cell state = {.role = ROLE_TEXT};

		if (is_fresh(&vendors->items[i]) && vendors->items[i].state == VENDOR_OK)
			continue;
		state_cell(&vendors->items[i], &state);
		x = draw_piece(canvas, 0, x, state.role, "  %.40s %.40s", vendors->items[i].name,
			       state.text);
	}
}

static const struct vendor *selected(const struct pane *pane)
{
	const struct table_pane *view = pane->state;
	size_t row = view->table.selected;

	return row < vendors_of(view)->len ? at_row(view, row) : NULL;
}

static bool target(struct pane *pane, struct act_target *ret)
{
	const struct vendor *vendor = selected(pane);

	if (!vendor)
		return false;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->kind, sizeof(ret->kind), "vendor");
	snprintf(ret->name, sizeof(ret->name), "%.200s", vendor->name);
	return true;
}

/* ---- the whole story of one ---- */

static void put_time(struct buf *story, const char *label, int64_t at_ms)
{
	char when[CLOCK_TEXT];

	if (at_ms)
		buf_printf(story, "  %s %s", label, clock_format_rfc3339(at_ms, when));
}

static void put_notice(struct buf *story, const struct vendor_notice *notice)
{
	buf_printf(story, "\n%s\n  %s%s%s%s%s\n", notice->title, notice->maintenance
		   ? "maintenance" : vendor_state_name(notice->impact), notice->phase[0] ? ", " : "",
		   notice->phase, notice->upcoming ? ", not begun yet" : "", notice->perhaps
		   ? ", the page doesn't say whether it concerns what we use" : "");
	put_time(story, notice->upcoming ? "planned from" : "began", notice->started_ms);
	put_time(story, "until", notice->until_ms);
	put_time(story, "ended", notice->ended_ms);
	buf_printf(story, "\n%s", notice->text);
}

static void put_head(struct buf *story, const struct vendor *vendor)
{
	char fresh[240], age[32];

	buf_printf(story, "%-12s %s\n", "state", is_known(vendor)
		   ? vendor_state_name(vendor->state) : "unknown");
	if (is_known(vendor))
		buf_printf(story, "%-12s %s\n", "since",
			   pane_age(vendor->since_ms, age, sizeof(age)));
	pane_freshness(&vendor->fresh, fresh, sizeof(fresh));
	if (fresh[0])
		buf_printf(story, "%-12s %s\n", "not fresh", fresh + 2);
	buf_printf(story, "%-12s %s\n%-12s %s\n", "page", vendor->url, "format",
		   vendor->format[0] ? vendor->format : "not recognised yet");
	if (vendor->asks_pop)
		buf_printf(story, "%-12s %s\n", "our POP", vendor->pop[0] ? vendor->pop : "?");
	if (vendor->total)
		buf_printf(story, "%-12s %zu of the page's %zu components\n", "we use",
			   vendor->ncomponents, vendor->total);
	if (vendor->others)
		buf_printf(story, "%-12s %zu notices about what we don't use\n", "besides",
			   vendor->others);
}

static char *story(struct pane *pane, char *title, size_t size)
{
	const struct vendor *vendor = selected(pane);
	struct buf story = BUF_INIT(STORY_MAX);
	size_t i;

	if (!vendor)
		return NULL;
	snprintf(title, size, "Vendor  %.200s", vendor->name);
	put_head(&story, vendor);
	if (!vendor->nnotices)
		buf_append_str(&story, "\nNo incident and no maintenance concerns us.\n");
	for (i = 0; i < vendor->nnotices; i++)
		put_notice(&story, &vendor->notices[i]);
	if (vendor->ncomponents)
		buf_append_str(&story, "\nComponents that we use\n");
	for (i = 0; i < vendor->ncomponents; i++)
		buf_printf(&story, "  %-16s %s\n", vendor_state_name(vendor->components[i].state),
			   vendor->components[i].name);
	return buf_detach(&story);
}

const struct pane_ops pane_vendors = {
	.id = "vendors", .open = open_pane, .close = table_pane_close,
	.update = table_pane_update, .heading = heading, .draw = draw, .summary = summary,
	.table = table_pane_table, .target = target, .story = story,
};

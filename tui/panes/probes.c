/* tui/panes/probes.c: what users would meet: the edge, every origin, DNS, mail, registry. */
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "tui/panes/pane.h"

#define STORY_MAX (32 * 1024)
#define CERT_SOON_DAYS 14
#define TREND 8                    /* runs in a sparkline */

enum { COL_NAME, COL_RESULT, COL_TIME, COL_TREND, COL_CERT, COL_TEXT };

static const struct table_column columns[] = {
	[COL_NAME] = {"PROBE", 16, 3, 0, false, 4},
	[COL_RESULT] = {"RESULT", 10, 0, 0, false},
	[COL_TIME] = {"MEDIAN", 7, 0, 2, true},
	[COL_TREND] = {"TREND", TREND, 0, 3, false},
	[COL_CERT] = {"CERT", 5, 0, 4, true},
	[COL_TEXT] = {"ANSWER", 12, 3, 5, false},
};

static const struct probes *probes_of(const struct table_pane *view)
{
	return &view->app->sit.probes;
}

static size_t count(void *arg)
{
	return probes_of(arg)->len;
}

static bool is_fresh(const struct probe *probe)
{
	return freshness_at(&probe->fresh, clock_wall_ms()) == FRESH_OK;
}

static bool is_worrying(const struct probe *probe)
{
	return probe->base.slow || probe->disagrees ||
	       (probe->cert_expires_ms &&
		probe_cert_days(probe, clock_wall_ms()) <= CERT_SOON_DAYS);
}

/* What failed comes first, then what isn't known, then what is only worrying. */
static int rank(const void *arg, size_t at)
{
	const struct probe *probe = probes_of(arg)->items[at];

	if (!is_fresh(probe) || probe->result == RESULT_UNKNOWN)
		return 2;
	return probe->result == RESULT_FAILED ? 3 : is_worrying(probe);
}

static const struct probe *at_row(const struct table_pane *view, size_t row)
{
	const struct probes *probes = probes_of(view);

	return probes->items[pane_ranked(probes->len, rank, view, row)];
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	snprintf(buf, size, "%s", at_row(arg, row)->name);
}

static void result_cell(const struct probe *probe, struct table_cell *ret)
{
	if (!is_fresh(probe) || probe->result == RESULT_UNKNOWN) {
		ret->role = pane_role(&probe->fresh, ROLE_UNKNOWN);
		snprintf(ret->text, sizeof(ret->text), "? unknown");
	} else if (probe->result == RESULT_FAILED) {
		ret->role = ROLE_BAD;
		snprintf(ret->text, sizeof(ret->text), "! %s",
			 probe_step_name(probe->failed_at));
	} else {
		ret->role = is_worrying(probe) ? ROLE_WARN : ROLE_OK;
		snprintf(ret->text, sizeof(ret->text), "%s", probe->base.slow ? "◐ slow"
			 : probe->disagrees ? "◐ differs" : is_worrying(probe) ? "◐ ok" : "● ok");
	}
}

/* Two digits: the third changes all day. */
static void put_ms(int32_t us, char *buf, size_t size)
{
	double value = (double)us / 1000;

	if (us < 0)
		snprintf(buf, size, "?");
	else if (value < 1)
		snprintf(buf, size, "<1 ms");
	else if (value < 10)
		snprintf(buf, size, "%.1f ms", value);
	else if (value < 100)
		snprintf(buf, size, "%.0f ms", value);
	else if (value < 1000)
		snprintf(buf, size, "%d ms", (int)(value + 5) / 10 * 10);
	else
		snprintf(buf, size, "%.1f s", value / 1000);
}

/* What it usually takes, or what it takes now that this isn't usual. */
static int32_t time_shown(const struct probe *probe)
{
	return probe->base.slow || probe->base.median_us < 0 ? probe->total_us : probe->base.median_us;
}

static void trend_cell(const struct probe *probe, bool utf8, struct table_cell *ret)
{
	int64_t values[PROBE_HISTORY];
	int i, first = probe->history_len > TREND ? probe->history_len - TREND : 0;

	for (i = first; i < probe->history_len; i++)
		values[i - first] = probe_drawn(probe, i);
	sparkline_text(utf8, values, probe->history_len - first,
		       probe->base.median_us > 0 ? (int64_t)probe->base.median_us * 4 : 4, ret->text,
		       sizeof(ret->text));
	ret->role = probe->result == RESULT_FAILED ? ROLE_BAD
		    : probe->base.slow ? ROLE_WARN : ROLE_DIM;
}

static void cert_cell(const struct probe *probe, struct table_cell *ret)
{
	int days = probe_cert_days(probe, clock_wall_ms());

	if (!probe->cert_expires_ms)
		return;
	snprintf(ret->text, sizeof(ret->text), "%dd", days);
	ret->role = days < 0 ? ROLE_BAD : days <= CERT_SOON_DAYS ? ROLE_WARN : ROLE_DIM;
}

static void text_of(const struct probe *probe, char *buf, size_t size)
{
	char fresh[240];

	pane_freshness(&probe->fresh, fresh, sizeof(fresh));
	snprintf(buf, size, "%.150s%s%s%s", fresh[0] ? fresh + 2 : probe->text,
		 probe->pop[0] ? " at " : "", probe->pop,
		 probe->disagrees ? ", other resolvers say otherwise" : "");
}

static void cell(void *arg, size_t row, int column, struct table_cell *ret)
{
	const struct table_pane *view = arg;
	const struct probe *probe = at_row(view, row);

	if (column == COL_NAME)
		snprintf(ret->text, sizeof(ret->text), "%s", probe->name);
	else if (column == COL_RESULT)
		result_cell(probe, ret);
	else if (column == COL_TIME && probe->history_len)
		put_ms(time_shown(probe), ret->text, sizeof(ret->text));
	else if (column == COL_TREND)
		trend_cell(probe, view->table.utf8, ret);
	else if (column == COL_CERT)
		cert_cell(probe, ret);
	else if (column == COL_TEXT)
		text_of(probe, ret->text, sizeof(ret->text));
	if (column == COL_TIME)
		ret->role = pane_role(&probe->fresh, probe->base.slow ? ROLE_WARN : ROLE_TEXT);
}

static void open_pane(struct pane *pane)
{
	table_pane_open(pane, columns, sizeof(columns) / sizeof(columns[0]),
			&(struct table_source){
		.count = count, .cell = cell, .key = key,
		.nothing = "name what users and programs ask in the configuration: probes",
	});
}

static void heading(struct pane *pane, char *buf, size_t size)
{
	const struct probes *probes = &pane->app->sit.probes;
	size_t i, ok = 0, unknown = 0;

	for (i = 0; i < probes->len; i++) {
		bool known = is_fresh(probes->items[i]) &&
			     probes->items[i]->result != RESULT_UNKNOWN;

		unknown += !known;
		ok += known && probes->items[i]->result == RESULT_OK;
	}
	if (!probes->len)
		snprintf(buf, size, "Edge and probes, none configured");
	else if (unknown)
		snprintf(buf, size, "Edge and probes %zu/%zu ok, %zu unknown", ok, probes->len,
			 unknown);
	else
		snprintf(buf, size, "Edge and probes %zu/%zu ok", ok, probes->len);
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
	const struct probes *probes = &pane->app->sit.probes;
	char text[300];
	size_t i;
	int x;

	heading(pane, text, sizeof(text));
	x = draw_text(canvas, 0, 0, canvas->width, ROLE_TEXT, true, text);
	for (i = 0; i < probes->len; i++) {
		const struct probe *probe = probes->items[i];

		if (is_fresh(probe) && probe->result == RESULT_FAILED)
			x = draw_piece(canvas, 0, x, ROLE_BAD, "  ! %s", probe->name);
		else if (is_fresh(probe) && probe->base.slow)
			x = draw_piece(canvas, 0, x, ROLE_WARN, "  ◐ %s slow", probe->name);
	}
}

static const struct probe *selected(const struct pane *pane)
{
	const struct table_pane *view = pane->state;
	size_t row = view->table.selected;

	return row < probes_of(view)->len ? at_row(view, row) : NULL;
}

static bool target(struct pane *pane, struct act_target *ret)
{
	const struct probe *probe = selected(pane);

	if (!probe)
		return false;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->kind, sizeof(ret->kind), "probe");
	snprintf(ret->name, sizeof(ret->name), "%.200s", probe->name);
	return true;
}

/* ---- the whole story of one ---- */

static void put_times(struct buf *story, const struct probe *probe)
{
	char text[24];
	int i;

	buf_append_str(story, "\nThe last run\n");
	for (i = 0; i < PROBE_STEPS; i++) {
		if (probe->step_us[i] < 0)
			continue;
		put_ms(probe->step_us[i], text, sizeof(text));
		buf_printf(story, "  %-10s %s\n", probe_step_name((enum probe_step)i), text);
	}
	put_ms(probe->total_us, text, sizeof(text));
	buf_printf(story, "  %-10s %s\n", "in all", text);
	if (probe->base.median_us < 0) {
		buf_printf(story, "  %-10s not known before %d good runs\n", "usually",
			   BASELINE_LEAST);
		return;
	}
	put_ms(probe->base.median_us, text, sizeof(text));
	buf_printf(story, "  %-10s %s", "usually", text);
	put_ms(probe->base.spread_us, text, sizeof(text));
	buf_printf(story, ", give or take %s%s\n", text, probe->base.slow ? ": it is slow now" : "");
}

static char *story(struct pane *pane, char *title, size_t size)
{
	const struct probe *probe = selected(pane);
	struct buf story = BUF_INIT(STORY_MAX);
	char text[240], when[CLOCK_TEXT];

	if (!probe)
		return NULL;
	snprintf(title, size, "Probe  %.200s", probe->name);
	buf_printf(&story, "%-12s %s\n%-12s %s\n", "kind", probe_kind_name(probe->kind), "target",
		   probe->target);
	if (probe->via[0])
		buf_printf(&story, "%-12s %s\n", "via", probe->via);
	buf_printf(&story, "%-12s %s", "result", probe_result_name(probe->result));
	if (probe->result == RESULT_FAILED)
		buf_printf(&story, " at %s, %d in a row, the fault of %s",
			   probe_step_name(probe->failed_at), probe->failures,
			   fresh_fault_name(probe->fresh.fault));
	text_of(probe, text, sizeof(text));
	buf_printf(&story, "\n%-12s %s\n", "answer", text);
	if (probe->since_ms)
		buf_printf(&story, "%-12s %s\n", "since",
			   clock_format_rfc3339(probe->since_ms, when));
	if (probe->cert_expires_ms)
		buf_printf(&story, "%-12s %s (%d days)\n", "certificate",
			   clock_format_rfc3339(probe->cert_expires_ms, when),
			   probe_cert_days(probe, clock_wall_ms()));
	if (probe->history_len)
		put_times(&story, probe);
	if (probe->detail)
		buf_printf(&story, "\nWhat it said\n%s", probe->detail);
	return buf_detach(&story);
}

const struct pane_ops pane_probes = {
	.id = "probes", .open = open_pane, .close = table_pane_close,
	.update = table_pane_update, .heading = heading, .draw = draw, .summary = summary,
	.table = table_pane_table, .target = target, .story = story,
};

/* tui/panes/incidents.c: the verdicts, each with its evidence, its clock and what to do. */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "tui/check.h"
#include "tui/format.h"
#include "tui/panes/pane.h"
#include "widgets/flow.h"

#define INDENT 4               /* of evidence under its verdict */

static const struct verdicts *verdicts_of(const struct app *app)
{
	static const struct verdicts none;

	return app->judge ? judge_verdicts(app->judge) : &none;
}

static size_t count(void *arg)
{
	struct table_pane *view = arg;

	return verdicts_of(view->app)->len;
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	struct table_pane *view = arg;
	const struct verdict *verdict = &verdicts_of(view->app)->items[row];

	snprintf(buf, size, "%s %s", verdict->mode->id, verdict->subject);
}

static void cell(void *arg, size_t row, int column, struct table_cell *ret)
{
	struct table_pane *view = arg;

	(void)column;
	snprintf(ret->text, sizeof(ret->text), "%s", verdicts_of(view->app)->items[row].title);
}

static void open_pane(struct pane *pane)
{
	table_pane_open(pane, NULL, 0, &(struct table_source){.count = count, .cell = cell, .key = key});
}

const struct verdict *incidents_selected(const struct pane *pane)
{
	const struct table_pane *view = pane->state;
	const struct verdicts *all = verdicts_of(view->app);

	return view->table.selected < all->len ? &all->items[view->table.selected] : NULL;
}

static void heading(struct pane *pane, char *buf, size_t size)
{
	size_t count_now = verdicts_of(pane->app)->len;

	if (count_now)
		snprintf(buf, size, "Incidents %zu", count_now);
	else
		snprintf(buf, size, "Incidents");
}

static enum role severity_role(const struct verdict *verdict)
{
	if (verdict->state == VERDICT_FADING)
		return ROLE_STALE;
	return verdict->mode->severity >= SEVERITY_MAJOR ? ROLE_BAD : ROLE_WARN;
}

/* What there is to say without a verdict: never more than is known. */
static enum role calm(const struct app *app, char *buf, size_t size)
{
	const struct situation *sit = &app->sit;
	const struct once_view view = {.sit = sit, .config = &app->config,
				       .now_ms = clock_wall_ms()};
	const char *failing, *unknown;
	char fresh[240], wrong[240];

	if (app->rules_error[0]) {
		snprintf(buf, size, "no verdicts: %.250s", app->rules_error);
		return ROLE_BAD;
	}
	if (!app->judging || !situation_settled(sit)) {
		snprintf(buf, size, "not judged yet: still reading");
		return ROLE_UNKNOWN;
	}
	if (sit->cluster.nservers && pane_freshness(&sit->cluster.fresh, fresh, sizeof(fresh))[0]) {
		snprintf(buf, size, "no verdict possible: API server%s (%s)", fresh,
			 fresh_fault_name(sit->cluster.fresh.fault));
		return ROLE_UNKNOWN;
	}
	failing = check_failing(sit, view.now_ms, wrong, sizeof(wrong));
	unknown = check_unknown(&view, fresh, sizeof(fresh));
	if (failing) {
		snprintf(buf, size, "no incident known, but %.140s%s%.140s", failing,
			 unknown ? "; not read: " : "", unknown ? unknown : "");
		return ROLE_WARN;
	}
	if (unknown) {
		snprintf(buf, size, "no incident seen; %.200s", unknown);
		return ROLE_UNKNOWN;
	}
	snprintf(buf, size, "no incident");
	return ROLE_OK;
}

bool incidents_all_well(const struct app *app)
{
	char text[300];

	return !verdicts_of(app)->len && calm(app, text, sizeof(text)) == ROLE_OK;
}

/* Since when, who ends it, and how sure it is: with words, or short. */
static void who_recovers(const struct verdict *verdict, bool words, char *buf, size_t size)
{
	const char *recovers = verdict->mode->told.recovers;
	char when[CLOCK_TEXT];

	clock_format_rfc3339(verdict->since_ms, when);
	snprintf(buf, size, "since %.8sZ  %s%s  %zu of %zu%s%s", when + 11,
		 words && recovers ? "recovers: " : "", recovers ? recovers : "",
		 verdict->matched, verdict->nevidence, words ? " signs" : "",
		 verdict->state == VERDICT_FADING ? "  fading: evidence unknown" : "");
}

static void title_of(const struct verdict *verdict, char *buf, size_t size)
{
	snprintf(buf, size, "%s %s", verdict->state == VERDICT_FADING ? "?" : "!",
		 verdict->title);
}

/* What stands right of the title: "" when the title needs the row for itself. */
static void beside_title(const struct verdict *verdict, int width, char *buf, size_t size)
{
	char title[300];
	int words;

	title_of(verdict, title, sizeof(title));
	for (words = 1; words >= 0; words--) {
		who_recovers(verdict, words, buf, size);
		if (draw_width(title) + 2 + draw_width(buf) <= width)
			return;
	}
	buf[0] = '\0';
}

/* The selected one keeps the colour of its severity: it is what the eye looks for. */
static void draw_title(const struct canvas *canvas, int y, const struct verdict *verdict,
		      bool marked)
{
	enum role role = severity_role(verdict);
	attr_t more = marked ? A_REVERSE : 0;
	char right[160], title[300];
	int x;

	beside_title(verdict, canvas->width, right, sizeof(right));
	title_of(verdict, title, sizeof(title));
	x = canvas->width - draw_width(right);
	draw_text_attr(canvas, y, 0, canvas->width, role, more, true, "");
	if (right[0])
		draw_text_attr(canvas, y, x, canvas->width - x, marked ? role : ROLE_TEXT, more,
			       false, right);
	draw_text_attr(canvas, y, 0, right[0] ? x : canvas->width, role, more, false, title);
}

/* Pieces of text in rows behind an indent. Without a canvas rows are only counted. */
struct rows {
	const struct canvas *canvas;
	int width, y, x;
};

static void next_row(struct rows *rows)
{
	rows->y++;
	rows->x = INDENT;
	if (rows->canvas)
		draw_fill(rows->canvas, rows->y, 0, rows->width, ROLE_TEXT);
}

/* Wider than a row: broken between words, nothing is cut off. */
static void put_long(struct rows *rows, enum role role, const char *text)
{
	int room = rows->width - INDENT;
	int lines = flow_lines(text, room);

	if (rows->canvas)
		flow_draw(rows->canvas, rows->y, INDENT, room, role, 0, text);
	rows->y += lines > 0 ? lines - 1 : 0;
	rows->x = rows->width;
}

static void put(struct rows *rows, enum role role, const char *text)
{
	int width = draw_width(text);

	if (width > rows->width - INDENT) {
		if (rows->x > INDENT)
			next_row(rows);
		put_long(rows, role, text);
		return;
	}
	if (rows->x > INDENT && rows->x + width > rows->width)
		next_row(rows);
	if (rows->canvas)
		draw_text(rows->canvas, rows->y, rows->x, rows->width - rows->x, role, false, text);
	rows->x += width + 3;
}

/* Below the title what had no room beside it. */
static void put_origin(struct rows *rows, const struct verdict *verdict)
{
	char text[300];

	beside_title(verdict, rows->width, text, sizeof(text));
	if (text[0])
		return;
	next_row(rows);
	who_recovers(verdict, true, text, sizeof(text));
	if (draw_width(text) > rows->width - INDENT)
		who_recovers(verdict, false, text, sizeof(text));
	put(rows, ROLE_TEXT, text);
}

static void put_evidence(struct rows *rows, const struct verdict *verdict)
{
	static const char marks[] = {
		[EVIDENCE_UNKNOWN] = '?', [EVIDENCE_CONTRADICTED] = '-', [EVIDENCE_MATCHED] = '+',
	};
	static const enum role roles[] = {
		[EVIDENCE_UNKNOWN] = ROLE_UNKNOWN, [EVIDENCE_CONTRADICTED] = ROLE_DIM,
		[EVIDENCE_MATCHED] = ROLE_TEXT,
	};
	char text[300];
	size_t i;

	next_row(rows);
	for (i = 0; i < verdict->nevidence; i++) {
		const struct evidence *item = &verdict->evidence[i];

		if (item->excludes && item->state != EVIDENCE_MATCHED)
			continue;
		snprintf(text, sizeof(text), "%c %s", marks[item->state], item->text);
		put(rows, roles[item->state], text);
	}
}

static void put_clocks(struct rows *rows, const struct verdict *verdict)
{
	int64_t now = clock_wall_ms();
	char left[FORMAT_TEXT], text[300];
	size_t i;

	for (i = 0; i < verdict->nclocks; i++) {
		const struct verdict_clock *clock = &verdict->clocks[i];

		if (clock->due_ms > now)
			snprintf(text, sizeof(text), "%s in %s", clock->label,
				 format_clock(clock->due_ms, now, left));
		else
			snprintf(text, sizeof(text), "%s since %s", clock->label,
				 format_time(clock->due_ms, left));
		put(rows, ROLE_WARN, text);
	}
}

static void put_doing(struct rows *rows, const struct verdict *verdict, bool read_only)
{
	char text[300];
	size_t i;

	next_row(rows);
	for (i = 0; i < verdict->nactions && !read_only; i++) {
		snprintf(text, sizeof(text), "%s%s", verdict->actions[i].label,
			 i ? "" : "  [f]");
		put(rows, ROLE_KEY, text);
	}
	put(rows, ROLE_KEY, "runbook  [Enter]");
	put_clocks(rows, verdict);
	if (verdict->mode->told.data_loss) {
		snprintf(text, sizeof(text), "data loss: %s", verdict->mode->told.data_loss);
		put(rows, ROLE_DIM, text);
	}
}

/* Returns the row after the verdict's last. Where not all has room, what to do comes first. */
static int put_verdict(const struct canvas *canvas, int y, int width,
		       const struct verdict *verdict, bool read_only)
{
	struct rows rows = {.canvas = canvas, .width = width, .y = y};

	put_origin(&rows, verdict);
	if (canvas && y + put_verdict(NULL, 0, width, verdict, read_only) > canvas->height) {
		put_doing(&rows, verdict, read_only);
		put_evidence(&rows, verdict);
	} else {
		put_evidence(&rows, verdict);
		put_doing(&rows, verdict, read_only);
	}
	return rows.y + 1;
}

static void draw(struct pane *pane, const struct canvas *canvas, bool focused)
{
	struct table_pane *view = pane->state;
	const struct verdicts *all = verdicts_of(pane->app);
	char text[300];
	enum role role;
	size_t i;
	int y = 0;

	draw_blank(canvas);
	if (!all->len) {
		role = calm(pane->app, text, sizeof(text));
		draw_text(canvas, 0, 0, canvas->width, role, true, text);
		return;
	}
	for (i = focused ? view->table.selected : 0; i < all->len && y < canvas->height; i++) {
		const struct verdict *verdict = &all->items[i];

		/* One alone needs no mark of being selected. */
		draw_title(canvas, y, verdict,
			   focused && i == view->table.selected && all->len > 1);
		y = put_verdict(canvas, y, canvas->width, verdict, pane->app->env.read_only);
	}
}

static void summary(struct pane *pane, const struct canvas *canvas)
{
	const struct verdicts *all = verdicts_of(pane->app);
	char text[300];
	enum role role;

	if (!all->len) {
		role = calm(pane->app, text, sizeof(text));
		draw_text(canvas, 0, 0, canvas->width, role, true, text);
		return;
	}
	draw_fill(canvas, 0, 0, canvas->width, ROLE_TEXT);
	draw_printf(canvas, 0, 0, canvas->width, severity_role(&all->items[0]), "! %s%s",
		    all->items[0].title, all->len > 1 ? "  (and more)" : "");
}

static bool target(struct pane *pane, struct act_target *ret)
{
	const struct verdict *verdict = incidents_selected(pane);

	return verdict && verdict->subject[0] && !act_target_parse(ret, verdict->subject, NULL);
}

static int wants(struct pane *pane, int width)
{
	const struct verdicts *all = verdicts_of(pane->app);
	int lines = 0;
	size_t i;

	for (i = 0; i < all->len; i++)
		lines = put_verdict(NULL, lines, width, &all->items[i],
				    pane->app->env.read_only);
	return lines ? lines : 1;
}

const struct pane_ops pane_incidents = {
	.id = "incidents", .open = open_pane, .close = table_pane_close,
	.update = table_pane_update, .heading = heading, .draw = draw, .summary = summary,
	.table = table_pane_table, .target = target,
	.wants = wants,
};

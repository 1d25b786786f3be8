/* tui/ui_draw.c: one frame: head, panes, what is open over them, and the last line */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "tui/drill_screen.h"
#include "tui/format.h"
#include "tui/ui_private.h"

struct source {
	const char *name;
	const struct freshness *fresh;
};

#define SOURCES_MAX 3

/* The systems as a whole; their parts tell about themselves in their panes. */
static int sources(const struct ui *ui, struct source *list)
{
	const struct situation *sit = &ui->app->sit;
	int count = 0;

	if (sit->cluster.nservers)
		list[count++] = (struct source){"API", &sit->cluster.fresh};
	if (sit->redis.configured)
		list[count++] = (struct source){"Redis", &sit->redis.fresh};
	/* Asleep is well. */
	if (sit->postgres.configured && sit->postgres.fresh.state != FRESH_ASLEEP)
		list[count++] = (struct source){sit->postgres.title ? sit->postgres.title
						: "Postgres", &sit->postgres.fresh};
	return count;
}

bool ui_restless(const struct ui *ui)
{
	struct source list[SOURCES_MAX];
	int64_t now = clock_wall_ms();
	const struct climb *climb;
	const struct verdicts *verdicts;
	int count = sources(ui, list), i;
	size_t at;

	for (i = 0; i < count; i++)
		if (freshness_at(list[i].fresh, now) != FRESH_OK)
			return true;
	for (at = 0; ui->app->ladder && (climb = ladder_at(ui->app->ladder, at)); at++)
		if (climb->rung != RUNG_ENDED)
			return true;
	if (!ui->app->judging)
		return false;
	verdicts = judge_verdicts(ui->app->judge);
	for (at = 0; at < verdicts->len; at++)
		if (verdicts->items[at].nclocks)
			return true;
	return now / 60000 != ui->minute;
}

/* ---- the head line ---- */

static int put_head(const struct canvas *head, int x, enum role role, const char *text)
{
	return x + draw_text(head, 0, x, head->width - x, role, false, text);
}

/* "2 incidents", or that nobody can say. */
static void count_incidents(const struct ui *ui, char *buf, size_t size)
{
	size_t count = ui->app->judging ? judge_verdicts(ui->app->judge)->len : 0;

	if (!count && !incidents_all_well(ui->app))
		snprintf(buf, size, "? incidents");
	else
		snprintf(buf, size, "%zu incident%s", count, count == 1 ? "" : "s");
}

static void right_of_head(const struct ui *ui, int width, char *buf, size_t size)
{
	const char *mode = ui_read_only(ui) ? "READ-ONLY" : "on-call";
	char incidents[40], when[CLOCK_TEXT];

	count_incidents(ui, incidents, sizeof(incidents));
	clock_format_rfc3339(clock_wall_ms(), when);
	if (width < 60)
		snprintf(buf, size, "%s  %s ", incidents, mode);
	else
		snprintf(buf, size, "%s   %s   %.5sZ ", incidents, mode, when + 11);
}

/* "" while it is fresh; NULL when it has just been asked for the first time. */
static const char *trouble(const struct source *source, char *buf, size_t size)
{
	if (!source->fresh->as_of_ms && !source->fresh->reason[0])
		return NULL;
	format_fresh(source->fresh, clock_wall_ms(), buf, size);
	return buf;
}

/* Returns where they end. Without a canvas they are only measured. */
static int name_failing(struct ui *ui, const struct canvas *head, int x, bool reasons)
{
	struct source list[SOURCES_MAX];
	char text[300], buf[240];
	int count = sources(ui, list), i;

	for (i = 0; i < count; i++) {
		const char *what = trouble(&list[i], buf, sizeof(buf));

		if (!what || !what[0])
			continue;
		snprintf(text, sizeof(text), "  %s %.*s ", list[i].name,
			 (int)(reasons ? strlen(what) : strcspn(what, ":")), what);
		x = head ? put_head(head, x, ROLE_ALERT, text) : x + draw_width(text);
	}
	return x;
}

/* All of them before the reasons of one. */
static int put_failing(struct ui *ui, const struct canvas *head, int x)
{
	struct source list[SOURCES_MAX];
	int count = sources(ui, list), failing = 0, i;
	char buf[240];

	for (i = 0; i < count; i++) {
		const char *what = trouble(&list[i], buf, sizeof(buf));

		failing += what && what[0];
	}
	return name_failing(ui, head, x, failing < 2 ||
			    name_failing(ui, NULL, x, true) <= head->width);
}

/* By name where there is room for all of them, else their number: no word is cut. */
static int put_fresh(struct ui *ui, const struct canvas *head, int x)
{
	struct source list[SOURCES_MAX];
	char names[200] = "", number[40], buf[240];
	int count = sources(ui, list), fresh = 0, len = 0, i;

	for (i = 0; i < count; i++) {
		const char *what = trouble(&list[i], buf, sizeof(buf));

		if (!what || what[0] || len >= (int)sizeof(names))
			continue;
		len += snprintf(names + len, sizeof(names) - (size_t)len, "%s%s",
				fresh++ ? ", " : "  fresh: ", list[i].name);
	}
	snprintf(number, sizeof(number), "  %d fresh", fresh);
	if (!fresh)
		return x;
	if (draw_width(names) <= head->width - x)
		return put_head(head, x, ROLE_HEAD, names);
	return draw_width(number) <= head->width - x ? put_head(head, x, ROLE_HEAD, number) : x;
}

static void draw_head(struct ui *ui, const struct canvas *head)
{
	const struct situation *sit = &ui->app->sit;
	const char *name = ui->app->config.name ? ui->app->config.name : sit->cluster.context;
	static const char not_real[] = "  not production";
	char text[300], right[120];
	struct canvas left;
	int room, x;

	ui->minute = clock_wall_ms() / 60000;
	right_of_head(ui, head->width, right, sizeof(right));
	room = head->width - draw_width(right);
	draw_fill(head, 0, 0, head->width, ROLE_HEAD);
	if (room >= 0)
		draw_text(head, 0, room, head->width - room, ROLE_HEAD, false, right);
	left = draw_inside(head, 0, 0, 1, room - 2);
	snprintf(text, sizeof(text), " sitrep  %s", name ? name : "");
	x = put_head(&left, 0, ROLE_HEAD, text);
	x = put_failing(ui, &left, x);
	if (sit->cluster.version) {
		snprintf(text, sizeof(text), "  %s", sit->cluster.version);
		if (draw_width(text) <= left.width - x)
			x = put_head(&left, x, ROLE_HEAD, text);
	}
	x = put_fresh(ui, &left, x);
	if (!ui->app->config.production && !ui->drill && left.width - x >= draw_width(not_real))
		put_head(&left, x, ROLE_HEAD, not_real);
}

/* ---- the last line ---- */

static int put_hint(const struct canvas *line, int x, const struct command *command)
{
	char key[24];
	int width;

	command_key(command, key, sizeof(key));
	width = draw_width(key) + 1 + draw_width(command->title) + 2;
	if (x + width > line->width)
		return -1;
	x += draw_text(line, 0, x, line->width - x, ROLE_KEY, false, key) + 1;
	return x + draw_text(line, 0, x, line->width - x, ROLE_DIM, false, command->title) + 2;
}

#define HINT_RANKS 4

/* How help is reached and what ends the trouble or the text, then what this place alone has, then
 * what works everywhere. */
static int hint_rank(const struct command *command)
{
	if (command->id == CMD_HELP)
		return 0;
	if (command->id == CMD_FIX || command->id == CMD_CLOSE)
		return 1;
	return (command->flags & (COMMAND_SELECTION | COMMAND_MUTATES)) ||
	       __builtin_popcount(command->where & IN_PANES) < PANES / 2 ? 2 : 3;
}

/* Only what would do something here and now. */
static void draw_hints(struct ui *ui, const struct canvas *line)
{
	int x = 1, next = 0, rank, i;

	for (rank = 0; rank < HINT_RANKS; rank++)
		for (i = 0; i < COMMANDS && next >= 0; i++) {
			const struct command *command = &commands_all[i];

			if (!(command->flags & COMMAND_HINT) || hint_rank(command) != rank ||
			    !ui_works(ui, command))
				continue;
			next = put_hint(line, x, command);
			x = next < 0 ? x : next;
		}
}

/* Behind the prompt: what Tab would give. */
static void draw_candidates(struct ui *ui, const struct canvas *line)
{
	int x = draw_width(ui->prompt.label) + draw_width(ui->prompt.text) + 4;
	const char *typed = ui->completion < 0 ? ui->prompt.text : ui->stem;
	char text[PROMPT_MAX];
	size_t i;

	if (ui->ask != ASK_COMMAND)
		return;
	for (i = 0; ask_candidate(ui, typed, i, text, sizeof(text)); i++) {
		const char *shown = strrchr(text, ' ') ? strrchr(text, ' ') + 1 : text;
		bool current = ui->completion >= 0 && !strcmp(text, ui->prompt.text);

		if (x + draw_width(shown) > line->width)
			break;
		x += draw_text(line, 0, x, line->width - x, current ? ROLE_KEY : ROLE_DIM, false,
			       shown) + 2;
	}
}

static void draw_last_line(struct ui *ui, const struct canvas *line)
{
	const struct modal *top = ui_top(ui);

	draw_fill(line, 0, 0, line->width, ROLE_TEXT);
	if (ui->ask != ASK_NOTHING) {
		prompt_draw(&ui->prompt, line, 0);
		draw_candidates(ui, line);
	}
	else if (ui->message[0])
		draw_text(line, 0, 1, line->width - 1, ui->message_role, true, ui->message);
	else if (top && !top->ops->where)
		draw_text(line, 0, 1, line->width - 1, ROLE_DIM, true, top->ops->keys);
	else
		draw_hints(ui, line);
}

/* ---- panes ---- */

static struct canvas part(const struct canvas *canvas, const struct rect *rect)
{
	return draw_inside(canvas, rect->y, rect->x, rect->height, rect->width);
}

static void heading_of(struct pane *pane, char *buf, size_t size)
{
	struct table *table = pane->ops->table ? pane->ops->table(pane) : NULL;
	size_t len;

	pane->ops->heading(pane, buf, size);
	len = strlen(buf);
	if (table && table->fitting)
		snprintf(buf + len, size - len, ", filter %s", table->filter);
}

/* Without a border: one line of heading, the rest is content. */
static struct canvas open_in_stack(struct pane *pane, const struct canvas *canvas)
{
	char heading[300], text[320];

	heading_of(pane, heading, sizeof(heading));
	snprintf(text, sizeof(text), "▾ %s", heading);
	draw_text(canvas, 0, 0, canvas->width, ROLE_FOCUS, true, text);
	return draw_inside(canvas, 1, 2, canvas->height - 1, canvas->width - 2);
}

static void draw_pane(struct ui *ui, const struct canvas *canvas, enum pane_id id)
{
	const struct layout_pane *place = &ui->layout.panes[id];
	struct pane *pane = &ui->panes[id];
	bool focused = id == ui->focus && !ui->nmodals;
	struct canvas whole = part(canvas, &place->rect), inside;
	char heading[300];

	if (place->folded) {
		inside = draw_inside(&whole, 0, 2, 1, whole.width - 2);
		draw_text(&whole, 0, 0, 2, ROLE_DIM, true, "▸");
		pane->ops->summary(pane, &inside);
		return;
	}
	if (ui->layout.kind == LAYOUT_VERDICT) {
		pane->ops->draw(pane, &whole, false);
		return;
	}
	if (ui->layout.kind == LAYOUT_STACK) {
		inside = open_in_stack(pane, &whole);
	} else {
		heading_of(pane, heading, sizeof(heading));
		inside = draw_box(&whole, focused ? ROLE_FOCUS : ROLE_BORDER, heading);
	}
	pane->ops->draw(pane, &inside, focused);
}

unsigned int ui_hidden(const struct ui *ui)
{
	const struct situation *sit = &ui->app->sit;
	/* What is looked at now and then has no room of its own. */
	unsigned int hidden = IN(PANE_VOLUMES) | IN(PANE_HOSTS) | IN(PANE_CHANGES) | IN(PANE_COST);

	if (!sit->redis.configured)
		hidden |= IN(PANE_REDIS);
	if (!sit->postgres.configured)
		hidden |= IN(PANE_POSTGRES);
	if (!sit->asynq.present)
		hidden |= IN(PANE_QUEUES);
	if (!sit->vendors.len)
		hidden |= IN(PANE_VENDORS);
	if (!sit->probes.len)
		hidden |= IN(PANE_PROBES);
	if (!sit->apps.len)
		hidden |= IN(PANE_METRICS);
	if (!ui->app->config.kube.enabled)
		hidden |= IN(PANE_NODES) | IN(PANE_PODS);
	return hidden;
}

/* The sections that each pane shows; the head line shows parts of all. */
static const unsigned int shown_sections[PANES] = {
	[PANE_INCIDENTS] = CHANGED_VERDICTS | SECTION_CLUSTER | SECTION_REDIS |
			   SECTION_POSTGRES | SECTION_ASYNQ | SECTION_HOSTS | SECTION_PROBES |
			   SECTION_VENDORS,
	[PANE_NODES] = SECTION_NODES | SECTION_PODS | SECTION_METRICS,
	[PANE_PODS] = SECTION_PODS | SECTION_METRICS,
	[PANE_REDIS] = SECTION_REDIS,
	[PANE_POSTGRES] = SECTION_POSTGRES,
	[PANE_QUEUES] = SECTION_ASYNQ,
	[PANE_VENDORS] = SECTION_VENDORS,
	[PANE_PROBES] = SECTION_PROBES,
	[PANE_METRICS] = SECTION_APPS,
	[PANE_ACTIONS] = CHANGED_LADDER,
	[PANE_VOLUMES] = SECTION_STORAGE | SECTION_NODES,
	[PANE_HOSTS] = SECTION_HOSTS,
	[PANE_CHANGES] = SECTION_CONFIGS | SECTION_NODES | SECTION_PODS | SECTION_WORKLOADS |
			 SECTION_EVENTS | SECTION_VENDORS,
	[PANE_COST] = SECTION_CLUSTER,     /* as often as it answers: not all the time */
};

/* Keys never mean a pane that isn't there. */
static void follow_room(struct ui *ui, enum layout_kind kind)
{
	bool cramped = kind == LAYOUT_VERDICT;

	if (cramped == ui->cramped)
		return;
	ui->cramped = cramped;
	if (cramped)
		ui->roomy_focus = ui->focus;
	ui->focus = cramped ? PANE_INCIDENTS : ui->roomy_focus;
}

/* True when the panes stand where they stood. */
static bool lay_out(struct ui *ui, const struct canvas *canvas)
{
	struct layout_wish wish = {.zoomed = ui->zoomed, .hidden = ui_hidden(ui)};
	struct layout before = ui->layout;
	int id;

	follow_room(ui, layout_kind_of(canvas->height, canvas->width));
	wish.focus = ui->focus;
	for (id = 0; id < PANES; id++)
		if (ui->panes[id].ops->wants)
			wish.lines[id] = ui->panes[id].ops->wants(&ui->panes[id],
								  canvas->width - 2);
	ui->layout = layout_make(canvas->height, canvas->width, &wish);
	return !memcmp(&before, &ui->layout, sizeof(before));
}

static void draw_panes(struct ui *ui, const struct canvas *canvas, unsigned int sections)
{
	int id;

	for (id = 0; id < PANES; id++)
		if (ui->layout.panes[id].visible && (shown_sections[id] & sections))
			draw_pane(ui, canvas, (enum pane_id)id);
}

void ui_draw(struct ui *ui, unsigned int sections)
{
	struct canvas root = {
		.win = stdscr, .theme = &ui->theme, .utf8 = term_utf8(ui->term),
		.height = LINES, .width = COLS,
	};
	struct canvas canvas = drill_screen_room(ui->drill, &root), line, body;
	struct modal *top = ui_top(ui);
	int i;

	ui->body_y = canvas.y;
	ui->body_x = canvas.x;
	if (!lay_out(ui, &canvas) || ui->nmodals || ui->drill)
		sections = ~0u;
	if (sections == ~0u)
		werase(stdscr);
	drill_screen_draw(ui->drill, &root);
	if (ui->layout.kind == LAYOUT_TOO_SMALL) {
		draw_text(&canvas, 0, 0, canvas.width, ROLE_TEXT, true, "too small");
		return;
	}
	draw_panes(ui, &canvas, sections);
	body = draw_inside(&canvas, 1, 0, canvas.height - 2, canvas.width);
	for (i = 0; i < ui->nmodals; i++)
		ui->modals[i].ops->draw(&ui->modals[i], &body);
	line = part(&canvas, &ui->layout.head);
	draw_head(ui, &line);
	line = part(&canvas, &ui->layout.status);
	if (!top || top->ops->where || top->ops->keys || ui->message[0])
		draw_last_line(ui, &line);
}

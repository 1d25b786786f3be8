/*
 * tui/linear.c: the dashboard line by line, for terminals that cannot place a cursor and for
 * people who listen to theirs: the same panes as numbered lines, the same commands typed by name.
 * Nothing is ever drawn over; what changes by itself is said once.
 */
#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/printable.h"
#include "tui/drill_screen.h"
#include "tui/once/once.h"
#include "tui/outlet.h"
#include "tui/ui_private.h"

#define LINE_MOST 1024
#define ROWS_MOST 200
#define SAID_MOST (12 * 1024 * 1024)
#define UNHEARD_MOST (1024 * 1024)  /* bytes that wait for a reader that has stalled */
#define LAST_WORDS_MS 1000

struct linear {
	struct ui *ui;
	struct outlet outlet;
	size_t unheard;            /* lines left out while nobody read */
	int closing;
	uv_poll_t input;
	struct buf line;           /* typed so far */
	char *text;                /* of what is open, as last said */
	size_t told;               /* bytes of the drill's story already said */
	const struct modal_ops *open;
	uint64_t generation;       /* of the verdicts, as last said */
	struct strlist verdicts;   /* their titles, as last said */
	bool utf8, first;
};

/* ---- saying ---- */

/* Glyphs say nothing to the ear that the word beside them doesn't. */
static void put_spoken(const struct linear *linear, struct buf *line, const char *text)
{
	static const char *const glyphs[] = {"● ", "◐ ", "○ ", "▸ ", "▾ "};
	size_t i;

	while (*text) {
		size_t skip = 0;

		for (i = 0; i < sizeof(glyphs) / sizeof(glyphs[0]) && !skip; i++)
			if (!strncmp(text, glyphs[i], strlen(glyphs[i])))
				skip = strlen(glyphs[i]);
		if (skip) {
			text += skip;
		} else if ((unsigned char)*text < 0x80 || linear->utf8) {
			buf_append(line, text++, 1);
		} else {
			buf_append_str(line, "?");
			for (text++; ((unsigned char)*text & 0xc0) == 0x80; text++)
				;
		}
	}
	buf_append_str(line, "\n");
}

/* What no reader takes is left out whole lines at a time, and that is said. */
static void say_line(struct linear *linear, const char *text)
{
	struct buf line = BUF_INIT(SAID_MOST);
	char *safe = printable_dup(text);

	put_spoken(linear, &line, safe);
	if (linear->unheard || outlet_add(&linear->outlet, line.data, line.len))
		linear->unheard++;
	buf_release(&line);
	free(safe);
}

static void say(struct linear *linear, const char *text)
{
	size_t len;

	for (; *text; text += len + (text[len] == '\n')) {
		char *one;

		len = strcspn(text, "\n");
		one = xstrndup(text, len);
		say_line(linear, one);
		free(one);
	}
	outlet_pump(&linear->outlet);
}

static void on_heard(void *arg)
{
	struct linear *linear = arg;
	char text[80];

	if (!linear->unheard)
		return;
	snprintf(text, sizeof(text), "(%zu lines left out: nobody was reading)", linear->unheard);
	linear->unheard = 0;
	say(linear, text);
}

static void on_deaf(void *arg)
{
	struct linear *linear = arg;

	ui_quit(linear->ui);
}

void linear_say(struct ui *ui, const char *text)
{
	say(ui->linear, text);
}

static void say_situation(struct linear *linear)
{
	const struct app *app = linear->ui->app;
	struct once_view view = {
		.sit = &app->sit, .config = &app->config, .now_ms = clock_wall_ms(),
		.verdicts = app->judging ? judge_verdicts(app->judge) : NULL,
	};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	once_text(&view, out);
	fclose(out);
	say(linear, text);
	free(text);
}

static void put_row(struct buf *out, struct table *table, size_t number, size_t row)
{
	struct table_cell cell;
	const char *comma = "";
	int i;

	buf_printf(out, "%zu. ", number);
	for (i = 0; i < table->ncolumns; i++) {
		cell.text[0] = '\0';
		table->source.cell(table->source.arg, row, i, &cell);
		if (!cell.text[0])
			continue;
		buf_printf(out, "%s%s %s", comma, table->columns[i].title, cell.text);
		comma = ", ";
	}
	buf_append_str(out, "\n");
}

static void put_incidents(struct buf *out, const struct ui *ui)
{
	const struct verdicts *all;
	size_t i, k;

	if (!ui->app->judging)
		return;
	all = judge_verdicts(ui->app->judge);
	for (i = 0; i < all->len; i++) {
		const struct verdict *verdict = &all->items[i];

		buf_printf(out, "%zu. %s, %zu of %zu signs\n", i + 1, verdict->title,
			   verdict->matched, verdict->nevidence);
		for (k = 0; k < verdict->nevidence; k++)
			if (verdict->evidence[k].state == EVIDENCE_MATCHED)
				buf_printf(out, "   seen: %s\n", verdict->evidence[k].text);
		if (verdict->nactions)
			buf_printf(out, "   what helps: %s (fix %zu)\n", verdict->actions[0].label,
				   i + 1);
	}
	if (!all->len)
		buf_append_str(out, incidents_all_well(ui->app) ? "no incident\n"
							       : "no incident is known\n");
}

/* The focused pane: its heading and its rows, numbered. */
static void say_pane(struct linear *linear)
{
	struct ui *ui = linear->ui;
	struct pane *pane = &ui->panes[ui->focus];
	struct table *table = pane->ops->table ? pane->ops->table(pane) : NULL;
	struct buf out = BUF_INIT(SAID_MOST);
	char heading[300];
	size_t i, count;

	ui_sync(ui);
	pane->ops->heading(pane, heading, sizeof(heading));
	buf_printf(&out, "%s\n", heading);
	if (ui->focus == PANE_INCIDENTS) {
		put_incidents(&out, ui);
	} else if (table) {
		count = table_count(table);
		for (i = 0; i < count && i < ROWS_MOST; i++)
			put_row(&out, table, i + 1, table_source_row(table, i));
		if (count > ROWS_MOST)
			buf_printf(&out, "and %zu more; filter WORDS shows fewer\n",
				   count - ROWS_MOST);
	}
	say(linear, out.data);
	buf_release(&out);
}

static void say_help(struct linear *linear)
{
	struct buf out = BUF_INIT(SAID_MOST);
	int i;

	buf_append_str(&out,
		       "Type a command and Enter; its beginning is enough. N is the number of a "
		       "line in the list last said.\n"
		       "An empty line says the whole situation again. A number alone opens that "
		       "line.\n"
		       "What changes something is shown first, and asks: y, or the name it wants; "
		       "anything else is no.\n");
	for (i = 0; i < COMMANDS; i++) {
		const struct command *command = &commands_all[i];

		if (!linear_knows(command))
			continue;
		buf_printf(&out, "%s%s: %s%s\n", command->name, command->flags &
			   COMMAND_SELECTION ? " N" : command->argument ? " NAME" : "",
			   command->help, command->flags & COMMAND_MUTATES ? " (asks first)" : "");
	}
	say(linear, out.data);
	buf_release(&out);
}

/* Moving about a screen, and what only a screen has. */
bool linear_knows(const struct command *command)
{
	static const enum command_id screen_only[] = {
		CMD_PALETTE, CMD_BACK, CMD_DOWN, CMD_UP, CMD_PAGE_DOWN, CMD_PAGE_UP, CMD_TOP,
		CMD_BOTTOM, CMD_LEFT, CMD_RIGHT, CMD_NEXT_PANE, CMD_PREVIOUS_PANE, CMD_ZOOM,
		CMD_NEXT_MATCH, CMD_PREVIOUS_MATCH, CMD_WRAP, CMD_FOLLOW, CMD_THEME, CMD_MOUSE,
		CMD_REDRAW,
	};
	size_t i;

	for (i = 0; i < sizeof(screen_only) / sizeof(screen_only[0]); i++)
		if (screen_only[i] == command->id)
			return false;
	return true;
}

/* ---- what has changed by itself ---- */

static void say_verdicts(struct linear *linear)
{
	const struct app *app = linear->ui->app;
	const struct verdicts *all = app->judging ? judge_verdicts(app->judge) : NULL;
	struct strlist now = {0};
	char text[400];
	size_t i;

	if (!all || all->generation == linear->generation)
		return;
	linear->generation = all->generation;
	for (i = 0; i < all->len; i++) {
		strlist_add(&now, all->items[i].title);
		if (strlist_has(&linear->verdicts, all->items[i].title))
			continue;
		snprintf(text, sizeof(text), "INCIDENT: %.300s. incidents tells more.",
			 all->items[i].title);
		say(linear, text);
	}
	for (i = 0; i < linear->verdicts.len; i++) {
		if (strlist_has(&now, linear->verdicts.items[i]))
			continue;
		snprintf(text, sizeof(text), "over: %.300s", linear->verdicts.items[i]);
		say(linear, text);
	}
	strlist_release(&linear->verdicts);
	linear->verdicts = now;
}

static bool has_line(const char *text, const char *line, size_t len)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (strcspn(text, "\n") == len && !strncmp(text, line, len))
			return true;
	return false;
}

/* Of a text that has grown, what is new; of one that has changed, the lines that are new. */
static void say_difference(struct linear *linear, const char *text)
{
	const char *before = linear->text ? linear->text : "";
	size_t known = strlen(before), len;

	if (!strncmp(before, text, known)) {
		say(linear, text + known);
		return;
	}
	for (; *text; text += len + (text[len] == '\n')) {
		char *line;

		len = strcspn(text, "\n");
		if (!len || has_line(before, text, len))
			continue;
		line = xstrndup(text, len);
		say(linear, line);
		free(line);
	}
}

static void say_modal(struct linear *linear)
{
	struct modal *modal = ui_top(linear->ui);
	char *text;

	if (!modal || !modal->ops->text)
		return;
	text = modal->ops->text(modal);
	if (linear->open != modal->ops) {
		free(linear->text);
		linear->text = NULL;
		linear->open = modal->ops;
	}
	if (!linear->text || strcmp(linear->text, text))
		say_difference(linear, text);
	free(linear->text);
	linear->text = text;
}

static void say_story(struct linear *linear)
{
	const char *story = drill_screen_story(linear->ui->drill);

	if (strlen(story) < linear->told)
		linear->told = 0;
	say(linear, story + linear->told);
	linear->told = strlen(story);
}

void linear_update(struct ui *ui)
{
	struct linear *linear = ui->linear;

	ui_sync(ui);
	if (!linear->first && ui->app->judging && situation_settled(&ui->app->sit)) {
		linear->first = true;
		say_situation(linear);
		say(linear, "help lists the commands.");
	}
	say_verdicts(linear);
	say_story(linear);
	say_modal(linear);
}

/* ---- what is typed ---- */

/* An open text ends with the next command; an open question takes the line as its answer. */
static bool answer(struct linear *linear, const char *line)
{
	struct ui *ui = linear->ui;
	struct modal *modal = ui_top(ui);

	if (!modal)
		return false;
	if (!modal->ops->answer) {
		while (ui->nmodals)
			ui_close(ui);
		return !strcmp(line, "close");
	}
	return modal->ops->answer(modal, line);
}

static void select_row(struct ui *ui, long number)
{
	struct pane *pane = &ui->panes[ui->focus];
	struct table *table = pane->ops->table ? pane->ops->table(pane) : NULL;

	if (!table)
		return;
	table_top(table);
	table_move(table, number - 1);
}

static bool is_number(const char *text)
{
	return text[0] && !text[strspn(text, "0123456789")];
}

static void set_filter(struct linear *linear, const char *words)
{
	struct pane *pane = &linear->ui->panes[linear->ui->focus];
	size_t size;
	char *filter = pane_filter(pane, &size);

	if (!filter) {
		say(linear, "this list has no filter");
		return;
	}
	snprintf(filter, size, "%s", words);
	pane->ops->update(pane, ~0u);
	say_pane(linear);
}

/* "describe 3": the number says the row, unless the command takes a name. */
static void run(struct linear *linear, const char *line)
{
	struct ui *ui = linear->ui;
	size_t len = strcspn(line, " ");
	const char *rest = line + len + strspn(line + len, " ");
	enum pane_id before = ui->focus;
	const struct command *command = ask_which(ui, line);
	char name[LINE_MOST];

	if (command && !linear_knows(command)) {
		say(linear, "that needs a screen");
		return;
	}
	if (command && command->id == CMD_HELP) {
		say_help(linear);
		return;
	}
	if (command && command->id == CMD_FILTER) {
		set_filter(linear, rest);
		return;
	}
	snprintf(name, sizeof(name), "%s", line);
	if (is_number(rest) && command && !command->argument) {
		select_row(ui, strtol(rest, NULL, 10));
		snprintf(name, sizeof(name), "%s", command->name);
	}
	ask_run(ui, name);
	ui->ask = ASK_NOTHING;
	if (command && !ui->nmodals &&
	    (ui->focus != before || command->id == CMD_SORT || command->id == CMD_PROBLEMS ||
	     command->id == CMD_NAMESPACE || command->id == CMD_VIEW ||
	     (command->id >= CMD_GO_INCIDENTS && command->id < CMD_ZOOM)))
		say_pane(linear);
}

static void take_line(struct linear *linear, char *line)
{
	struct ui *ui = linear->ui;
	size_t len = strlen(line);

	while (len && (line[len - 1] == '\r' || line[len - 1] == ' '))
		line[--len] = '\0';
	line += strspn(line, " ");
	ui->focus_chosen = true;
	ui_sync(ui);
	if (answer(linear, line)) {
		ui_touch(ui);
		return;
	}
	free(linear->text);
	linear->text = NULL;
	linear->open = NULL;
	if (!line[0])
		say_situation(linear);
	else if (is_number(line)) {
		select_row(ui, strtol(line, NULL, 10));
		ask_run(ui, "open");
	} else
		run(linear, line);
	ui_touch(ui);
}

static void on_input(uv_poll_t *poll, int status, int events)
{
	struct linear *linear = poll->data;
	char bytes[512], *end;
	ssize_t got = status < 0 ? 0 : read(STDIN_FILENO, bytes, sizeof(bytes));

	(void)events;
	if (got <= 0) {
		uv_poll_stop(poll);
		ui_quit(linear->ui);
		return;
	}
	buf_append(&linear->line, bytes, (size_t)got);
	while (linear->line.len && (end = memchr(linear->line.data, '\n', linear->line.len))) {
		char *line = xstrndup(linear->line.data, (size_t)(end - linear->line.data));

		buf_consume(&linear->line, (size_t)(end - linear->line.data) + 1);
		take_line(linear, line);
		free(line);
	}
	if (linear->line.len >= LINE_MOST)
		buf_clear(&linear->line);
}

/* ---- start and end ---- */

static void closed(void *arg)
{
	struct linear *linear = arg;

	if (--linear->closing)
		return;
	buf_release(&linear->line);
	strlist_release(&linear->verdicts);
	free(linear->text);
	free(linear);
}

static void input_closed(uv_handle_t *handle)
{
	closed(handle->data);
}

int linear_open(struct ui *ui, struct err *err)
{
	struct linear *linear = xcalloc(1, sizeof(*linear));
	struct outlet_events events = {on_heard, on_deaf, linear};
	int rc = uv_poll_init(&ui->app->loop, &linear->input, STDIN_FILENO);

	if (rc) {
		free(linear);
		return err_set(err, rc, "commands are read from a terminal or a pipe, not a file");
	}
	linear->ui = ui;
	linear->input.data = linear;
	rc = outlet_open(&linear->outlet, &ui->app->loop, STDOUT_FILENO, UNHEARD_MOST, &events);
	if (rc) {
		linear->closing = 1;
		uv_close((uv_handle_t *)&linear->input, input_closed);
		return err_set(err, rc, "there is nowhere to write to: %s", strerror(-rc));
	}
	linear->line.max = LINE_MOST * 2;
	linear->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	ui->linear = linear;
	uv_poll_start(&linear->input, UV_READABLE, on_input);
	say(linear, "sitrep, line by line. Reading...");
	return 0;
}

void linear_close(struct ui *ui)
{
	struct linear *linear = ui->linear;

	outlet_last_words(&linear->outlet, LAST_WORDS_MS);
	linear->closing = 2;
	uv_close((uv_handle_t *)&linear->input, input_closed);
	outlet_close(&linear->outlet, closed);
	ui->linear = NULL;
}

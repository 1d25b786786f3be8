/* tui/detail.c: one text over the panes: what a query brings, a verdict's story, the help */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/filter.h"
#include "tui/format.h"
#include "tui/ui_private.h"
#include "widgets/flow.h"
#include "widgets/text.h"

#define STORY_MAX (64 * 1024)
#define SIDEWAYS 8

struct detail {
	struct ui *ui;
	struct text_view text;
	char title[480];
	char state[200];           /* how the query stands: "reading", "following", a failure */
	enum role state_role;
	struct query_request request;  /* when it is about an object */
	const struct query_ops *ops;
	void *backend;
	struct query *query;       /* NULL = not running */
};

static const struct modal_ops object_modal, text_modal;

static void set_state(struct detail *detail, enum role role, const char *text)
{
	detail->state_role = role;
	snprintf(detail->state, sizeof(detail->state), "%.199s", text);
	ui_touch(detail->ui);
}

/* ---- the query ---- */

static void on_data(void *arg, const char *text, size_t len)
{
	struct detail *detail = arg;

	text_append(&detail->text, text, len);
	ui_touch(detail->ui);
}

static void on_done(void *arg, int rc, const char *text)
{
	struct detail *detail = arg;

	detail->query = NULL;
	if (rc)
		set_state(detail, ROLE_BAD, text);
	else
		set_state(detail, ROLE_DIM, detail->request.follow ? "the log has ended" : "");
}

static void stop_query(struct detail *detail)
{
	if (detail->query)
		detail->ops->cancel(detail->backend, detail->query);
	detail->query = NULL;
}

static const char *kind_name(enum query_kind kind)
{
	static const char *const names[] = {
		[QUERY_DESCRIBE] = "Describe", [QUERY_YAML] = "YAML", [QUERY_EVENTS] = "Events",
		[QUERY_LOGS] = "Logs", [QUERY_LOGS_PREVIOUS] = "Previous logs",
		[QUERY_DIFF] = "What changed", [QUERY_KEY] = "Key",
	};

	return names[kind];
}

static void ask(struct detail *detail)
{
	struct query_sink sink = {on_data, on_done, detail};
	bool log = detail->request.kind == QUERY_LOGS;
	struct err err = ERR_INIT;
	char target[400];

	snprintf(detail->title, sizeof(detail->title), "%s  %s", kind_name(detail->request.kind),
		 act_target_text(&detail->request.target, target, sizeof(target)));
	detail->request.follow = detail->text.follow = log;
	set_state(detail, ROLE_DIM, log ? "following" : "reading");
	detail->ops = app_queries(detail->ui->app, &detail->request, &detail->backend);
	if (!detail->ops) {
		set_state(detail, ROLE_WARN, "nothing that sitrep is connected to can tell this");
		return;
	}
	detail->query = detail->ops->start(detail->backend, &detail->request, &sink, &err);
	if (!detail->query && err.code)
		set_state(detail, ROLE_BAD, err.text);
}

static struct detail *open_detail(struct ui *ui, const struct modal_ops *ops)
{
	struct detail *detail = xcalloc(1, sizeof(*detail));

	detail->ui = ui;
	ui_open(ui, ops, detail);
	return detail;
}

void detail_open(struct ui *ui, const struct query_request *request)
{
	struct detail *detail = open_detail(ui, &object_modal);

	detail->request = *request;
	ask(detail);
}

/* Another question about the same thing. */
static void ask_again(struct detail *detail, enum query_kind kind)
{
	stop_query(detail);
	text_release(&detail->text);
	detail->request.kind = kind;
	ask(detail);
}

void detail_text(struct ui *ui, const char *title, const char *text)
{
	struct detail *detail = open_detail(ui, &text_modal);

	snprintf(detail->title, sizeof(detail->title), "%s", title);
	detail->text.wrap = true;
	text_append(&detail->text, text, strlen(text));
}

/* ---- a verdict's story ---- */

static void put_told(struct buf *story, const char *label, const char *text)
{
	if (text && text[0])
		buf_printf(story, "%-14s %s\n", label, text);
}

static void put_evidence(struct buf *story, const struct verdict *verdict)
{
	static const char marks[] = {
		[EVIDENCE_UNKNOWN] = '?', [EVIDENCE_CONTRADICTED] = '-', [EVIDENCE_MATCHED] = '+',
	};
	size_t i;

	buf_append_str(story, "\nEvidence (+ seen, - not so, ? not known)\n");
	for (i = 0; i < verdict->nevidence; i++) {
		const struct evidence *item = &verdict->evidence[i];

		buf_printf(story, "  %c %s%s\n", marks[item->state], item->text,
			   item->excludes ? "  (would speak against it)"
			   : item->required ? "" : "  (not required)");
		if (item->error)
			buf_printf(story, "    the rule failed: %s\n", item->error);
	}
}

static void put_actions(struct buf *story, const struct ui *ui, const struct verdict *verdict)
{
	struct err err = ERR_INIT;
	size_t i;

	if (!verdict->nactions)
		return;
	buf_append_str(story, "\nWhat sitrep can do\n");
	for (i = 0; i < verdict->nactions; i++) {
		const struct act_request *request = &verdict->actions[i].request;
		const struct verb *verb = verb_find(request->verb);
		char command[512] = "";

		if (verb)
			verb->command(request, command, sizeof(command));
		err.text[0] = '\0';
		if (ui->app->ladder)
			ladder_offers(ui->app->ladder, request, &err);
		buf_printf(story, "  %s%s\n    $ %s\n", verdict->actions[i].label,
			   i || ui_read_only(ui) ? "" : "  [f]", command);
		if (err.text[0])
			buf_printf(story, "    not now: %s\n", err.text);
	}
}

void detail_story(struct ui *ui, const struct verdict *verdict)
{
	const struct mode_told *told = &verdict->mode->told;
	struct buf story = BUF_INIT(STORY_MAX);
	char when[FORMAT_TEXT];

	buf_printf(&story, "%s\n\n", verdict->title);
	put_told(&story, "failure mode", verdict->mode->title);
	put_told(&story, "severity", severity_name(verdict->mode->severity));
	put_told(&story, "since", format_time(verdict->since_ms, when));
	put_told(&story, "symptom", told->symptom);
	put_told(&story, "recovers", told->recovers);
	put_told(&story, "our action", told->action);
	put_told(&story, "data loss", told->data_loss);
	put_told(&story, "takes", told->duration);
	put_told(&story, "happens", told->frequency);
	put_evidence(&story, verdict);
	put_actions(&story, ui, verdict);
	if (told->runbook)
		buf_printf(&story, "\nRunbook\n%s\n", told->runbook);
	detail_text(ui, "Incident", story.data ? story.data : "");
	buf_release(&story);
}

/* ---- help, from the command table ---- */

static void put_command(struct buf *help, const struct command *command, bool read_only)
{
	buf_printf(help, "  %-20s %-18s %s%s\n", command->keys, command->name, command->help,
		   !(command->flags & COMMAND_MUTATES) ? ""
		   : read_only ? " (not here: read-only)" : " (asks first)");
}

static bool is_for_all_panes(const struct command *command)
{
	return (command->where & IN_PANES) == IN_PANES;
}

static void put_place(struct buf *help, unsigned int place, bool read_only)
{
	int i;

	buf_printf(help, "\nIn %s\n", command_place_name(place));
	for (i = 0; i < COMMANDS; i++)
		if ((commands_all[i].where & place) && !is_for_all_panes(&commands_all[i]))
			put_command(help, &commands_all[i], read_only);
}

void detail_help(struct ui *ui)
{
	struct buf help = BUF_INIT(STORY_MAX);
	bool read_only = ui_read_only(ui);
	unsigned int here = ui_where(ui), i;

	buf_append_str(&help, "In all panes\n");
	for (i = 0; i < COMMANDS; i++)
		if (is_for_all_panes(&commands_all[i]))
			put_command(&help, &commands_all[i], read_only);
	for (i = 0; i <= IN_LAST; i++)
		if (IN(i) & here)
			put_place(&help, IN(i), read_only);
	for (i = 0; i <= IN_LAST; i++)
		if (!(IN(i) & (here | IN_DRILL)))
			put_place(&help, IN(i), read_only);
	buf_printf(&help, "\nThe filter ( / )\n%s", filter_help);
	detail_text(ui, "Help", help.data ? help.data : "");
	buf_release(&help);
}

/* ---- the modal ---- */

static void draw(struct modal *modal, const struct canvas *canvas)
{
	struct detail *detail = modal->state;
	/* Where there is nothing else, the state has all the room. */
	const char *state = detail->text.len ? detail->state : "";
	char title[800];
	struct canvas inside;

	snprintf(title, sizeof(title), "%s%s%s%s", detail->title, state[0] ? "  -  " : "", state,
		 detail->text.search[0] ? "  -  /" : "");
	if (detail->text.search[0])
		snprintf(title + strlen(title), sizeof(title) - strlen(title), "%s",
			 detail->text.search);
	draw_blank(canvas);
	inside = draw_box(canvas, detail->state_role == ROLE_BAD ? ROLE_BAD : ROLE_FOCUS, title);
	text_draw(&detail->text, &inside);
	if (!detail->text.len)
		flow_draw(&inside, 0, 0, inside.width, detail->state_role, 0, detail->state);
}

static void search(struct detail *detail, bool backwards)
{
	if (!detail->text.search[0])
		ask_open(detail->ui, ASK_SEARCH);
	else if (!text_find(&detail->text, backwards))
		ui_say(detail->ui, ROLE_WARN, "'%s' isn't in this text", detail->text.search);
}

static void found(struct modal *modal, const char *text)
{
	struct detail *detail = modal->state;

	snprintf(detail->text.search, sizeof(detail->text.search), "%.127s", text);
	if (text[0])
		search(detail, false);
}

static void sideways(struct detail *detail, int columns)
{
	detail->text.left += columns;
	if (detail->text.left < 0 || detail->text.wrap)
		detail->text.left = 0;
}

static bool scroll_command(struct text_view *text, enum command_id command)
{
	static const struct {
		enum command_id command;
		int lines, pages;
	} steps[] = {
		{CMD_DOWN, 1, 0}, {CMD_UP, -1, 0}, {CMD_PAGE_DOWN, -1, 1}, {CMD_PAGE_UP, 1, -1},
	};
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i].command != command)
			continue;
		text_scroll(text, steps[i].lines + (long)steps[i].pages * text->page);
		return true;
	}
	if (command == CMD_TOP)
		text_to_top(text);
	else if (command == CMD_BOTTOM)
		text_to_end(text);
	return command == CMD_TOP || command == CMD_BOTTOM;
}

/* The question that a command asks; -1 = it asks none. */
static int question_of(enum command_id command)
{
	static const struct {
		enum command_id command;
		enum query_kind kind;
	} questions[] = {
		{CMD_DESCRIBE, QUERY_DESCRIBE}, {CMD_YAML, QUERY_YAML}, {CMD_EVENTS, QUERY_EVENTS},
		{CMD_LOGS, QUERY_LOGS}, {CMD_LOGS_PREVIOUS, QUERY_LOGS_PREVIOUS},
	};
	size_t i;

	for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (questions[i].command == command)
			return (int)questions[i].kind;
	return -1;
}

static bool has_answer(const struct detail *detail, enum query_kind kind)
{
	struct query_request request = detail->request;
	void *backend;

	request.kind = kind;
	return app_queries(detail->ui->app, &request, &backend) != NULL;
}

static bool ask_command(struct detail *detail, enum command_id command)
{
	int kind = question_of(command);

	if (kind < 0)
		return false;
	if (has_answer(detail, (enum query_kind)kind))
		ask_again(detail, (enum query_kind)kind);
	else
		ui_say(detail->ui, ROLE_WARN, "%s: there is nothing of the kind here",
		       kind_name((enum query_kind)kind));
	return true;
}

/* What would do something: a search has a next place, a log can be followed. */
static bool offers(const struct modal *modal, enum command_id command)
{
	const struct detail *detail = modal->state;
	int kind = question_of(command);

	if (kind >= 0)
		return has_answer(detail, (enum query_kind)kind);
	if (command == CMD_NEXT_MATCH || command == CMD_PREVIOUS_MATCH)
		return detail->text.search[0] != '\0';
	if (command == CMD_FOLLOW)
		return modal->ops == &object_modal && detail->request.kind == QUERY_LOGS;
	return true;
}

static bool command(struct modal *modal, enum command_id id)
{
	struct detail *detail = modal->state;

	if (scroll_command(&detail->text, id) || ask_command(detail, id))
		return true;
	if (id == CMD_BACK || id == CMD_CLOSE)
		ui_close(modal->ui);
	else if (id == CMD_FILTER)
		ask_open(modal->ui, ASK_SEARCH);
	else if (id == CMD_NEXT_MATCH || id == CMD_PREVIOUS_MATCH)
		search(detail, id == CMD_PREVIOUS_MATCH);
	else if (id == CMD_LEFT || id == CMD_RIGHT)
		sideways(detail, id == CMD_LEFT ? -SIDEWAYS : SIDEWAYS);
	else if (id == CMD_WRAP)
		detail->text.wrap = !detail->text.wrap;
	else if (id == CMD_FOLLOW)
		detail->text.follow = !detail->text.follow;
	else
		return id == CMD_HELP && modal->ops == &text_modal;
	return true;
}

static char *whole_text(struct modal *modal)
{
	struct detail *detail = modal->state;

	return text_whole(&detail->text);
}

static void close_detail(struct modal *modal)
{
	struct detail *detail = modal->state;

	stop_query(detail);
	text_release(&detail->text);
	free(detail);
}

static const struct modal_ops object_modal = {
	.where = IN_DETAIL | IN_OBJECT, .draw = draw, .command = command, .offers = offers,
	.found = found, .text = whole_text, .close = close_detail,
};

static const struct modal_ops text_modal = {
	.where = IN_DETAIL, .draw = draw, .command = command, .offers = offers, .found = found,
	.text = whole_text, .close = close_detail,
};

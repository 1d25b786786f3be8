/* tui/climbs.c: the dialog of one action, rung by rung; the ladder does the climbing */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"
#include "tui/format.h"
#include "tui/keys.h"
#include "tui/ui_private.h"
#include "widgets/flow.h"

#define DIALOG_WIDTH 90
#define LABEL_WIDTH 10
#define NARROW 60              /* columns: the keys in short */
#define LOW 8                  /* lines within the box: none to spare */
#define SPACED_HEIGHT 8        /* a body as high as this can spare an empty line */

#define TEXT_MOST (16 * 1024)

struct dialog {
	uint64_t climb_id;
	struct prompt typed;       /* for CONFIRM_TYPED */
	char answer[512];          /* what the ladder said to the last answer; "" = nothing */
	int scroll;                /* lines of it above the box */
	int most;                  /* of them that there can be, as last drawn */
	bool scrolled;             /* by the person; else it shows its end while it acts */
};

static const struct modal_ops climb_modal;

static const struct climb *climb_of(const struct modal *modal)
{
	const struct dialog *dialog = modal->state;

	return ladder_find(modal->ui->app->ladder, dialog->climb_id);
}

void climb_show(struct ui *ui, uint64_t climb_id)
{
	struct dialog *dialog = xcalloc(1, sizeof(*dialog));

	dialog->climb_id = climb_id;
	prompt_begin(&dialog->typed, "> ", "");
	ui_open(ui, &climb_modal, dialog);
}

void climb_start(struct ui *ui, const struct act_request *request, const struct verdict *verdict)
{
	struct err err = ERR_INIT;
	const struct climb *climb;

	if (!ui->app->ladder) {
		ui_say(ui, ROLE_WARN, "not ready to act yet");
		return;
	}
	climb = ladder_begin(ui->app->ladder, request, verdict, &err);
	if (climb)
		climb_show(ui, climb->id);
	else
		ui_say(ui, ROLE_BAD, "not done: %s", err.text);
}

/* ---- drawing ---- */

static int put_lines(const struct canvas *canvas, int y, const char *label, enum role role,
		     const char *text)
{
	int x = LABEL_WIDTH + 2;

	if (!text[0])
		return y;
	if (!canvas->win)          /* only counted */
		return y + flow_lines(text, canvas->width - x - 1);
	draw_text(canvas, y, 1, LABEL_WIDTH, ROLE_DIM, false, label);
	return flow_draw(canvas, y, x, canvas->width - x - 1, role, 0, text);
}

static const char *waiting_for(const struct climb *climb)
{
	switch (climb->rung) {
	case RUNG_RIGHTS: return "asking the server whether we may";
	case RUNG_PREVIEW: return "asking the server what would happen";
	case RUNG_CONFIRM: return "waiting for you; nothing has been done";
	case RUNG_ACTING: return "acting";
	case RUNG_WATCHING: return "done; watching the evidence";
	case RUNG_ENDED: break;
	}
	return climb->refused ? "not done" : "ended";
}

static enum role outcome_role(const struct climb *climb)
{
	static const enum role roles[] = {
		[OUTCOME_PENDING] = ROLE_TEXT, [OUTCOME_WORKED] = ROLE_OK,
		[OUTCOME_NO_CHANGE] = ROLE_WARN, [OUTCOME_WORSE] = ROLE_BAD,
		[OUTCOME_UNKNOWN] = ROLE_UNKNOWN,
	};

	return climb->refused || climb->rc ? ROLE_BAD : roles[climb->outcome];
}

static int draw_state(const struct climb *climb, const struct canvas *canvas, int y)
{
	char text[700], clock[FORMAT_TEXT];

	snprintf(text, sizeof(text), "%s", waiting_for(climb));
	if (climb->rung == RUNG_WATCHING)
		snprintf(text, sizeof(text), "%s, %s left", waiting_for(climb),
			 format_clock(climb->watch_until_ms, clock_wall_ms(), clock));
	y = put_lines(canvas, y, "state", ROLE_TITLE, text);
	if (climb->rung == RUNG_ACTING || climb->rung == RUNG_WATCHING)
		y = put_lines(canvas, y, "progress", ROLE_TEXT, climb->progress);
	y = put_lines(canvas, y, "result", outcome_role(climb), climb->result);
	if (climb->rung != RUNG_ENDED || climb->refused)
		return y;
	snprintf(text, sizeof(text), "%s%s", outcome_name(climb->outcome),
		 climb->undo.verb[0] ? "   u undoes it" : "");
	return put_lines(canvas, y, "verdict", outcome_role(climb), text);
}

static void draw_keys(const struct dialog *dialog, const struct climb *climb,
		      const struct canvas *canvas, int y)
{
	struct canvas line;
	char text[400];

	if (climb->rung == RUNG_CONFIRM && climb->confirm == CONFIRM_TYPED) {
		snprintf(text, sizeof(text), "type %.300s and Enter to do it; Esc cancels",
			 ladder_typed_word(climb));
		draw_text(canvas, y, 1, canvas->width - 2, ROLE_KEY, false, text);
		line = draw_inside(canvas, y + 1, 1, 1, canvas->width - 2);
		prompt_draw(&dialog->typed, &line, 0);
		return;
	}
	if (climb->rung == RUNG_CONFIRM)
		snprintf(text, sizeof(text), canvas->width < NARROW ? "y does it    Esc cancels"
			 : "y does it    Enter, Esc: cancel    Y copies the command");
	else if (climb->rung < RUNG_CONFIRM)
		snprintf(text, sizeof(text), "Esc cancels");
	else if (climb->rung == RUNG_ACTING)
		snprintf(text, sizeof(text), "x stops what can be stopped    Esc leaves it going");
	else
		snprintf(text, sizeof(text), "Esc closes%s%s",
			 climb->rung == RUNG_WATCHING ? "; watching goes on in Actions" : "",
			 climb->undo.verb[0] ? "    u undo" : "");
	draw_text(canvas, y, 1, canvas->width - 2, ROLE_KEY, false, text);
}

static void draw_title(const struct ui *ui, const struct climb *climb,
		       const struct canvas *canvas, enum role role)
{
	const char *context = ui->app->sit.cluster.context;
	char target[400], text[700];

	snprintf(text, sizeof(text), " %s%s  %s  %s",
		 ui->drill ? "DRILL  " : ui->app->config.production ? "PRODUCTION  " : "",
		 ui->app->config.name ? ui->app->config.name : context ? context : "",
		 climb->verb->title,
		 act_target_text(&climb->request.target, target, sizeof(target)));
	draw_text(canvas, 0, 0, canvas->width, role, true, text);
}

/* Returns the row after the last. */
static int draw_parts(const struct dialog *dialog, const struct climb *climb,
		      const struct canvas *body, int y)
{
	y = put_lines(body, y, "command", ROLE_TEXT, climb->command);
	y = put_lines(body, y, "would do", ROLE_TEXT, climb->preview);
	y = put_lines(body, y, "risks", ROLE_WARN, climb->risks);
	y = draw_state(climb, body, body->height > SPACED_HEIGHT ? y + 1 : y);
	return put_lines(body, y, "", ROLE_BAD, dialog->answer);
}

/* What doesn't fit is scrolled to; how it goes stands at the end. */
static void place(struct dialog *dialog, const struct climb *climb, const struct canvas *body)
{
	struct canvas counting = *body;

	counting.win = NULL;
	dialog->most = draw_parts(dialog, climb, &counting, 0) - body->height;
	if (dialog->most < 0)
		dialog->most = 0;
	if ((climb->rung >= RUNG_ACTING && !dialog->scrolled) || dialog->scroll > dialog->most)
		dialog->scroll = dialog->most;
}

static bool scroll_key(struct dialog *dialog, int key)
{
	int lines = key_among("Down", key) ? 1 : key_among("Up", key) ? -1
		  : key_among("PgDn", key) ? 5 : key_among("PgUp", key) ? -5 : 0;

	if (!lines)
		return false;
	dialog->scrolled = true;
	dialog->scroll += lines;
	if (dialog->scroll < 0)
		dialog->scroll = 0;
	return true;
}

static void draw(struct modal *modal, const struct canvas *canvas)
{
	struct dialog *dialog = modal->state;
	const struct climb *climb = climb_of(modal);
	enum role role = modal->ui->drill ? ROLE_DRILL
		: modal->ui->app->config.production ? ROLE_PRODUCTION : ROLE_FOCUS;
	int width = canvas->width < DIALOG_WIDTH ? canvas->width : DIALOG_WIDTH;
	int height = canvas->height < 22 ? canvas->height : 22;
	struct canvas box, inside, body;
	int body_y, key_lines;

	if (!climb)
		return;
	box = draw_inside(canvas, (canvas->height - height) / 2, (canvas->width - width) / 2,
			  height, width);
	inside = draw_box(&box, role, climb->verb->title);
	draw_blank(&inside);
	draw_title(modal->ui, climb, &inside, role);
	/* Under the title; above a line that says that there is more, the keys, and what is typed. */
	body_y = inside.height < LOW ? 1 : 2;
	key_lines = inside.height < LOW && climb->confirm != CONFIRM_TYPED ? 2 : 3;
	body = draw_inside(&inside, body_y, 0, inside.height - body_y - key_lines, inside.width);
	place(dialog, climb, &body);
	draw_parts(dialog, climb, &body, -dialog->scroll);
	if (dialog->scroll < dialog->most)
		draw_text(&inside, inside.height - key_lines, 1, inside.width - 2, ROLE_WARN,
			  false, "there is more below: Down");
	draw_keys(dialog, climb, &inside, inside.height - key_lines + 1);
}

/* ---- keys ---- */

static void confirm(struct modal *modal, const struct climb *climb, const char *typed)
{
	struct dialog *dialog = modal->state;
	struct err err = ERR_INIT;

	dialog->answer[0] = '\0';
	if (ladder_confirm(modal->ui->app->ladder, climb->id, typed, &err))
		snprintf(dialog->answer, sizeof(dialog->answer), "%s", err.text);
}

static void cancel(struct modal *modal, const struct climb *climb)
{
	ladder_cancel(modal->ui->app->ladder, climb->id);
	ui_say(modal->ui, ROLE_TEXT, "cancelled; nothing has been done");
	ui_close(modal->ui);
}

/* Cancel is the answer of every key but the one that says yes. */
static void key_at_confirm(struct modal *modal, const struct climb *climb, int key)
{
	struct dialog *dialog = modal->state;

	if (key_among("Esc ctrl-c", key)) {
		cancel(modal, climb);
	} else if (climb->confirm == CONFIRM_TYPED) {
		if (key_among("Enter", key))
			confirm(modal, climb, dialog->typed.text);
		else
			prompt_key(&dialog->typed, key);
	} else if (key == 'y') {
		confirm(modal, climb, NULL);
	} else if (key_among("Enter n q", key)) {
		cancel(modal, climb);
	}
}

static void key_after_act(struct modal *modal, const struct climb *climb, int key)
{
	struct ui *ui = modal->ui;
	struct act_request undo = climb->undo;

	if (key_among("Esc q Enter", key)) {
		ui_close(ui);
	} else if (key == 'x' && climb->rung == RUNG_ACTING) {
		ladder_cancel(ui->app->ladder, climb->id);
	} else if (key == 'u' && climb->rung != RUNG_ACTING && undo.verb[0]) {
		ui_close(ui);
		climb_start(ui, &undo, NULL);
	}
}

static bool key(struct modal *modal, int key)
{
	const struct climb *climb = climb_of(modal);

	if (!climb)
		ui_close(modal->ui);
	else if (scroll_key(modal->state, key))
		return true;
	else if (key == 'Y' && climb->confirm != CONFIRM_TYPED)
		clipboard_copy(modal->ui, climb->command, strlen(climb->command),
			       "the command");
	else if (climb->rung == RUNG_CONFIRM)
		key_at_confirm(modal, climb, key);
	else if (climb->rung >= RUNG_ACTING)
		key_after_act(modal, climb, key);
	else if (key_among("Esc ctrl-c q", key))
		cancel(modal, climb);
	return true;
}

/* Closing never leaves a question open behind the person's back. */
static void close_dialog(struct modal *modal)
{
	const struct climb *climb = climb_of(modal);

	if (climb && climb->rung < RUNG_ACTING)
		ladder_cancel(modal->ui->app->ladder, climb->id);
	free(modal->state);
}

/* ---- line by line ---- */

static void put_part(struct buf *text, const char *label, const char *part)
{
	if (part[0])
		buf_printf(text, "%s: %s\n", label, part);
}

/* Without its clock: a text that changes every second would never be silent. */
static char *as_text(struct modal *modal)
{
	const struct climb *climb = climb_of(modal);
	struct dialog *dialog = modal->state;
	struct buf text = BUF_INIT(TEXT_MOST);
	char target[400];

	if (!climb)
		return xstrdup("");
	buf_printf(&text, "%s, %s\n", climb->verb->title,
		   act_target_text(&climb->request.target, target, sizeof(target)));
	put_part(&text, "command", climb->command);
	put_part(&text, "would do", climb->preview);
	put_part(&text, "risks", climb->risks);
	put_part(&text, "state", waiting_for(climb));
	put_part(&text, "result", climb->result);
	if (climb->rung == RUNG_CONFIRM && climb->confirm == CONFIRM_TYPED)
		buf_printf(&text, "type %s to do it; anything else cancels\n",
			   ladder_typed_word(climb));
	else if (climb->rung == RUNG_CONFIRM)
		buf_append_str(&text, "y does it; anything else cancels\n");
	else if (climb->rung == RUNG_ENDED && !climb->refused)
		buf_printf(&text, "verdict: %s%s\n", outcome_name(climb->outcome),
			   climb->undo.verb[0] ? "; undo takes it back" : "");
	put_part(&text, "not done", dialog->answer);
	return buf_detach(&text);
}

static bool answer(struct modal *modal, const char *line)
{
	const struct climb *climb = climb_of(modal);
	struct ui *ui = modal->ui;
	struct act_request undo;

	if (climb && climb->rung == RUNG_CONFIRM) {
		if (climb->confirm == CONFIRM_TYPED ? !strcmp(line, ladder_typed_word(climb))
						    : !strcmp(line, "y") || !strcmp(line, "yes"))
			confirm(modal, climb, climb->confirm == CONFIRM_TYPED ? line : NULL);
		else
			cancel(modal, climb);
	} else if (climb && climb->rung < RUNG_CONFIRM) {
		cancel(modal, climb);
	} else if (climb && !strcmp(line, "undo") && climb->rung != RUNG_ACTING &&
		   climb->undo.verb[0]) {
		undo = climb->undo;
		ui_close(ui);
		climb_start(ui, &undo, NULL);
	} else if (climb && !strcmp(line, "cancel") && climb->rung == RUNG_ACTING) {
		ladder_cancel(ui->app->ladder, climb->id);
	} else {
		ui_close(ui);
		return !line[0] || !strcmp(line, "close");
	}
	return true;
}

static const struct modal_ops climb_modal = {
	.draw = draw, .key = key, .close = close_dialog, .text = as_text, .answer = answer,
};

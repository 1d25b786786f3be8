/*
 * tui/host_key.c: the dialog of a machine whose host key is not known: which key it shows, and
 * whether to keep it. Read-only it only shows: sitrep writes nothing then, not even known hosts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "tui/keys.h"
#include "tui/ui_private.h"
#include "widgets/flow.h"

#define DIALOG_WIDTH 84
#define DIALOG_HEIGHT 16
#define KEY_LINES 2
#define TEXT_MOST (8 * 1024)
#define WORD "yes"

enum state { STATE_ASKING, STATE_SHOWN, STATE_CHECKING, STATE_KEPT, STATE_FAILED };

struct host_key {
	struct ui *ui;
	const struct trust_ops *ops;
	struct trust *trust;
	char node[256];
	enum state state;
	struct trust_key key;
	char reason[1200];         /* of STATE_FAILED */
	struct prompt typed;
};

static const struct modal_ops host_key_modal;

/* ---- what the backend tells --------------------------------------------------------------- */

static void set_state(struct host_key *dialog, enum state state)
{
	dialog->state = state;
	ui_touch(dialog->ui);
}

static void shown(void *arg, const struct trust_key *key)
{
	struct host_key *dialog = arg;

	dialog->key = *key;
	set_state(dialog, STATE_SHOWN);
}

static void kept(void *arg)
{
	set_state(arg, STATE_KEPT);
}

static void failed(void *arg, const char *text)
{
	struct host_key *dialog = arg;

	snprintf(dialog->reason, sizeof(dialog->reason), "%s", text);
	set_state(dialog, STATE_FAILED);
}

/* ---- words -------------------------------------------------------------------------------- */

/* What people call it, and where a machine has its own. */
static const struct {
	const char *type, *name, *file;
} kinds[] = {
	{"ssh-ed25519", "ED25519", "ed25519"}, {"ecdsa-sha2-nistp256", "ECDSA", "ecdsa"},
	{"ecdsa-sha2-nistp384", "ECDSA", "ecdsa"}, {"ecdsa-sha2-nistp521", "ECDSA", "ecdsa"},
	{"ssh-rsa", "RSA", "rsa"},
};

static void put_key(const struct host_key *dialog, struct buf *text)
{
	const struct trust_key *key = &dialog->key;
	const char *name = key->type, *file = "*";

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].type, key->type) != 0)
			continue;
		name = kinds[i].name;
		file = kinds[i].file;
	}
	buf_printf(text, "Your ssh has never met this machine. It shows this key:\n\n"
		   "%s  %s\n\nCompare it with what the machine says of itself, for example on its "
		   "console: ssh-keygen -lf /etc/ssh/ssh_host_%s_key.pub\n", name, key->fingerprint,
		   file);
}

static char *words(const struct host_key *dialog)
{
	struct buf text = BUF_INIT(TEXT_MOST);

	if (dialog->state == STATE_ASKING)
		buf_append_str(&text, "asking the machine for its key");
	if (dialog->state == STATE_SHOWN) {
		put_key(dialog, &text);
		buf_printf(&text, ui_read_only(dialog->ui)
			   ? "\nread-only: sitrep writes nothing, not even %s" : "\nIt would be kept in %s",
			   dialog->key.file);
	}
	if (dialog->state == STATE_CHECKING)
		buf_append_str(&text, "asking the machine again, whether it is still the same");
	if (dialog->state == STATE_KEPT)
		buf_printf(&text, "%s is kept in %s; looking at the machine now",
			   dialog->key.fingerprint, dialog->key.file);
	if (dialog->state == STATE_FAILED)
		buf_printf(&text, "not kept: %s", dialog->reason);
	return buf_detach(&text);
}

static bool asks(const struct host_key *dialog)
{
	return dialog->state == STATE_SHOWN && !ui_read_only(dialog->ui);
}

/* ---- drawing ------------------------------------------------------------------------------ */

static enum role role_of(const struct host_key *dialog)
{
	return dialog->state == STATE_FAILED ? ROLE_BAD
	     : dialog->state == STATE_KEPT ? ROLE_OK : ROLE_TEXT;
}

static void draw(struct modal *modal, const struct canvas *canvas)
{
	const struct host_key *dialog = modal->state;
	int width = canvas->width < DIALOG_WIDTH ? canvas->width : DIALOG_WIDTH;
	int height = canvas->height < DIALOG_HEIGHT ? canvas->height : DIALOG_HEIGHT;
	struct canvas box = draw_inside(canvas, (canvas->height - height) / 2,
					(canvas->width - width) / 2, height, width);
	struct canvas inside, body, line;
	char title[300], *text = words(dialog);

	snprintf(title, sizeof(title), "Host key of %s", dialog->node);
	inside = draw_box(&box, ROLE_FOCUS, title);
	draw_blank(&inside);
	body = draw_inside(&inside, 0, 0, inside.height - KEY_LINES, inside.width);
	flow_draw(&body, 1, 1, body.width - 2, role_of(dialog), 0, text);
	free(text);
	draw_text(&inside, inside.height - 2, 1, inside.width - 2, ROLE_KEY, false,
		  asks(dialog) ? "type " WORD " and Enter to keep it; Esc leaves it unknown" : "Esc closes");
	if (!asks(dialog))
		return;
	line = draw_inside(&inside, inside.height - 1, 1, 1, inside.width - 2);
	prompt_draw(&dialog->typed, &line, 0);
}

/* ---- answers ------------------------------------------------------------------------------ */

/* Anything but yes leaves it as it is. */
static void decide(struct modal *modal, const char *answer)
{
	struct host_key *dialog = modal->state;

	if (!strcmp(answer, WORD)) {
		set_state(dialog, STATE_CHECKING);
		dialog->ops->keep(dialog->trust);
	} else {
		ui_say(modal->ui, ROLE_TEXT, "the host key stays unknown; nothing was written");
		ui_close(modal->ui);
	}
}

static bool key(struct modal *modal, int key)
{
	struct host_key *dialog = modal->state;

	if (key_among("Esc ctrl-c", key) || (!asks(dialog) && key_among("q Enter", key)))
		ui_close(modal->ui);
	else if (asks(dialog) && key_among("Enter", key))
		decide(modal, dialog->typed.text);
	else if (asks(dialog))
		prompt_key(&dialog->typed, key);
	return true;
}

static bool answer(struct modal *modal, const char *line)
{
	if (!asks(modal->state)) {
		ui_close(modal->ui);
		return false;
	}
	decide(modal, line);
	return true;
}

static char *as_text(struct modal *modal)
{
	const struct host_key *dialog = modal->state;
	char *text = words(dialog), *all;

	all = xasprintf("Host key of %s\n%s\n%s", dialog->node, text, asks(dialog)
			? "type " WORD " to keep it; anything else leaves it unknown\n" : "");
	free(text);
	return all;
}

static void close_dialog(struct modal *modal)
{
	struct host_key *dialog = modal->state;

	dialog->ops->close(dialog->trust);
	free(dialog);
}

static const struct modal_ops host_key_modal = {
	.draw = draw, .key = key, .answer = answer, .text = as_text, .close = close_dialog,
};

/* ---- opening ------------------------------------------------------------------------------ */

static const struct trust_ops *selected(struct ui *ui, struct act_target *target, void **ret_self)
{
	struct pane *pane = &ui->panes[PANE_HOSTS];

	return pane->ops->target(pane, target) ? app_trust(ui->app, target->name, ret_self) : NULL;
}

bool host_key_is_unknown(struct ui *ui)
{
	struct act_target target;
	void *self;

	return selected(ui, &target, &self);
}

void host_key_open(struct ui *ui)
{
	struct act_target target;
	struct err err = ERR_INIT;
	void *self;
	const struct trust_ops *ops = selected(ui, &target, &self);
	struct host_key *dialog;

	if (!ops) {
		ui_say(ui, ROLE_TEXT, "this machine's host key is not an unknown one");
		return;
	}
	dialog = xcalloc(1, sizeof(*dialog));
	dialog->ui = ui;
	dialog->ops = ops;
	snprintf(dialog->node, sizeof(dialog->node), "%s", target.name);
	prompt_begin(&dialog->typed, "> ", "");
	dialog->trust = ops->start(self, target.name, &(struct trust_events){
		.shown = shown, .kept = kept, .failed = failed, .arg = dialog}, &err);
	if (dialog->trust) {
		ui_open(ui, &host_key_modal, dialog);
		return;
	}
	ui_say(ui, ROLE_BAD, "%s", err.text);
	free(dialog);
}

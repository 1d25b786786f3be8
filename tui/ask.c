/* tui/ask.c: the prompt in the last line: filter, search, and the palette with its completion */
#include <stdio.h>
#include <string.h>

#include "tui/keys.h"
#include "tui/ui_private.h"

static char *filter_of(struct ui *ui, size_t *ret_size)
{
	struct pane *pane = &ui->panes[ui->focus];

	return pane->ops->filter ? pane->ops->filter(pane, ret_size) : NULL;
}

void ask_open(struct ui *ui, enum ask ask)
{
	static const char *const labels[] = {
		[ASK_NOTHING] = "", [ASK_FILTER] = "/", [ASK_COMMAND] = ":", [ASK_SEARCH] = "/",
	};
	size_t size;
	const char *filter = ask == ASK_FILTER ? filter_of(ui, &size) : NULL;

	ui->ask = ask;
	ui->completion = -1;
	snprintf(ui->before, sizeof(ui->before), "%s", filter ? filter : "");
	prompt_begin(&ui->prompt, labels[ask], ui->before);
}

/* Rows come and go as the filter is typed. */
static void set_filter(struct ui *ui, const char *text)
{
	struct pane *pane = &ui->panes[ui->focus];
	size_t size;
	char *filter = filter_of(ui, &size);

	if (!filter)
		return;
	snprintf(filter, size, "%s", text);
	pane->ops->update(pane, ~0u);
}

/* ---- the palette ---- */

static bool offered(const struct ui *ui, const struct command *command, unsigned int where)
{
	return (command->where & where) &&
	       !(ui->app->env.read_only && (command->flags & COMMAND_MUTATES));
}

/* The next command that begins like what was typed. */
static void complete(struct ui *ui)
{
	unsigned int where = ui_where(ui);
	int i, at;

	if (ui->completion < 0)
		snprintf(ui->stem, sizeof(ui->stem), "%s", ui->prompt.text);
	for (i = 1; i <= COMMANDS; i++) {
		at = (ui->completion + i) % COMMANDS;
		if (!offered(ui, &commands_all[at], where) ||
		    strncmp(commands_all[at].name, ui->stem, strlen(ui->stem)))
			continue;
		ui->completion = at;
		prompt_set(&ui->prompt, commands_all[at].name);
		return;
	}
}

/* A unique beginning is enough. */
static const struct command *find_command(struct ui *ui, const char *name)
{
	unsigned int where = ui_where(ui);
	const struct command *found = command_named(name, where);
	int i;

	for (i = 0; i < COMMANDS && !found; i++)
		if (offered(ui, &commands_all[i], where) &&
		    !strncmp(commands_all[i].name, name, strlen(name)))
			found = &commands_all[i];
	return found;
}

static void run_palette(struct ui *ui, const char *text)
{
	const struct command *command;

	if (!text[0])
		return;
	if (!strncmp(text, "ns ", 3)) {
		pods_set_namespace(&ui->panes[PANE_PODS], strcmp(text + 3, "all") ? text + 3 : NULL);
		ui_focus(ui, PANE_PODS);
		return;
	}
	command = find_command(ui, text);
	if (command)
		ui_command(ui, command);
	else
		ui_say(ui, ROLE_WARN, "there is no command '%.100s' here; ? lists them", text);
}

/* ---- keys ---- */

static void finish(struct ui *ui)
{
	struct modal *modal = ui_top(ui);
	enum ask ask = ui->ask;

	ui->ask = ASK_NOTHING;
	if (ask == ASK_COMMAND)
		run_palette(ui, ui->prompt.text);
	else if (ask == ASK_SEARCH && modal && modal->ops->found)
		modal->ops->found(modal, ui->prompt.text);
}

static void give_up(struct ui *ui)
{
	if (ui->ask == ASK_FILTER)
		set_filter(ui, ui->before);
	ui->ask = ASK_NOTHING;
}

void ask_key(struct ui *ui, int key)
{
	if (key_among("Enter", key)) {
		finish(ui);
	} else if (key_among("Esc ctrl-c", key)) {
		give_up(ui);
	} else if (key_among("Tab", key) && ui->ask == ASK_COMMAND) {
		complete(ui);
	} else if (key_among("Down Up", key) && ui->ask == ASK_FILTER) {
		ui->ask = ASK_NOTHING;
		ui_key(ui, key);
	} else if (prompt_key(&ui->prompt, key)) {
		ui->completion = -1;
		if (ui->ask == ASK_FILTER)
			set_filter(ui, ui->prompt.text);
	}
}

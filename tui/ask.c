/* tui/ask.c: the prompt in the last line: filter, search, and the palette with its completion */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/filter.h"
#include "tui/keys.h"
#include "tui/themes.h"
#include "tui/ui_private.h"

#define HISTORY_MAX 100

static char *filter_of(struct ui *ui, size_t *ret_size)
{
	struct pane *pane = &ui->panes[ui->focus];

	return pane_filter(pane, ret_size);
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
	ui->recalled = ui->history.len;
	snprintf(ui->before, sizeof(ui->before), "%s", filter ? filter : "");
	prompt_begin(&ui->prompt, labels[ask], ui->before);
}

void ask_open_with(struct ui *ui, enum ask ask, const char *text)
{
	ask_open(ui, ask);
	prompt_set(&ui->prompt, text);
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

bool ask_offers(const struct ui *ui, const struct command *command, unsigned int where)
{
	return (command->where & where) &&
	       !(ui->app->env.read_only && (command->flags & COMMAND_MUTATES));
}

/* A unique beginning is enough. What takes an argument is found from any pane. */
static const struct command *find_command(const struct ui *ui, const char *name, size_t len,
					  unsigned int where)
{
	const struct command *begins = NULL;
	int i;

	for (i = 0; i < COMMANDS; i++) {
		const struct command *command = &commands_all[i];

		if (!ask_offers(ui, command, where) || strncmp(command->name, name, len))
			continue;
		if (!command->name[len])
			return command;
		if (!begins)
			begins = command;
	}
	return begins;
}

static unsigned int where_with_argument(struct ui *ui, bool argument)
{
	unsigned int where = ui_where(ui);

	return argument && (where & IN_PANES) ? where | IN_PANES : where;
}

/* "ns" is what people type for namespace. */
static const struct command *command_of(struct ui *ui, const char *text, const char **ret_rest)
{
	size_t len = strcspn(text, " ");
	const char *rest = text + len + strspn(text + len, " ");
	unsigned int where = where_with_argument(ui, rest[0] != '\0');

	*ret_rest = rest;
	if (!len)
		return NULL;
	if (len == 2 && !strncmp(text, "ns", len))
		return &commands_all[CMD_NAMESPACE];
	return find_command(ui, text, len, where);
}

static const char *argument_name(struct ui *ui, enum command_id command, size_t index, char *buf,
				 size_t size)
{
	if (command == CMD_THEME)
		return themes_name(index, buf, size);
	if (command == CMD_NAMESPACE)
		return menu_namespace_name(ui, index, buf, size);
	return command == CMD_VIEW || command == CMD_BOOKMARK ? views_name(ui, index, buf, size)
							      : NULL;
}

/* Completions of the argument keep the name before it. */
static const char *argument_candidate(struct ui *ui, const char *typed, size_t nth, char *buf,
				      size_t size)
{
	const char *rest;
	const struct command *command = command_of(ui, typed, &rest);
	char name[PROMPT_MAX];
	size_t i;

	for (i = 0; command && argument_name(ui, command->id, i, name, sizeof(name)); i++) {
		if (strncmp(name, rest, strlen(rest)) || nth--)
			continue;
		snprintf(buf, size, "%.*s%s", (int)(rest - typed), typed, name);
		return buf;
	}
	return NULL;
}

const char *ask_candidate(struct ui *ui, const char *typed, size_t nth, char *buf, size_t size)
{
	unsigned int where = ui_where(ui);
	int i;

	if (strchr(typed, ' '))
		return argument_candidate(ui, typed, nth, buf, size);
	for (i = 0; i < COMMANDS; i++) {
		if (!ask_offers(ui, &commands_all[i], where) ||
		    strncmp(commands_all[i].name, typed, strlen(typed)) || nth--)
			continue;
		snprintf(buf, size, "%s", commands_all[i].name);
		return buf;
	}
	return NULL;
}

/* Tab goes through everything that begins like what was typed, and round. */
static void complete(struct ui *ui)
{
	char text[PROMPT_MAX];

	if (ui->completion < 0)
		snprintf(ui->stem, sizeof(ui->stem), "%s", ui->prompt.text);
	ui->completion++;
	if (!ask_candidate(ui, ui->stem, (size_t)ui->completion, text, sizeof(text))) {
		ui->completion = 0;
		if (!ask_candidate(ui, ui->stem, 0, text, sizeof(text)))
			return;
	}
	prompt_set(&ui->prompt, text);
}

static void remember(struct ui *ui, const char *text)
{
	struct strlist *history = &ui->history;

	if (history->len && !strcmp(history->items[history->len - 1], text))
		return;
	if (history->len == HISTORY_MAX) {
		free(history->items[0]);
		memmove(history->items, history->items + 1,
			--history->len * sizeof(*history->items));
	}
	strlist_add(history, text);
}

static void recall(struct ui *ui, bool older)
{
	struct strlist *history = &ui->history;

	if (older && ui->recalled > 0)
		ui->recalled--;
	else if (!older && ui->recalled < history->len)
		ui->recalled++;
	prompt_set(&ui->prompt, ui->recalled < history->len ? history->items[ui->recalled] : "");
	ui->completion = -1;
}

const struct command *ask_which(struct ui *ui, const char *text)
{
	const char *rest;

	return command_of(ui, text, &rest);
}

static void say_why_not(struct ui *ui, const char *text)
{
	const struct command *elsewhere = command_named(text, ~0u);

	if (elsewhere && ui_read_only(ui) && (elsewhere->flags & COMMAND_MUTATES))
		ui_say(ui, ROLE_WARN, "read-only: this screen changes nothing");
	else
		ui_say(ui, ROLE_WARN, "there is no command '%.100s' here; ? lists them", text);
}

void ask_run(struct ui *ui, const char *text)
{
	const char *rest;
	const struct command *command = command_of(ui, text, &rest);

	if (!text[strspn(text, " ")])
		return;
	remember(ui, text);
	if (!command) {
		say_why_not(ui, text);
		return;
	}
	if (rest[0] && !command->argument) {
		ui_say(ui, ROLE_WARN, "%s takes nothing after it", command->name);
		return;
	}
	snprintf(ui->argument, sizeof(ui->argument), "%s", rest);
	ui_command(ui, command);
	ui->argument[0] = '\0';
}

/* ---- keys ---- */

static void judge_filter(struct ui *ui)
{
	struct filter filter;
	const char *word;

	filter_parse(&filter, ui->prompt.text);
	word = filter_mistake(&filter);
	if (word)
		ui_say(ui, ROLE_WARN, "'%.60s' compares with no number: 3, 90%%, 2k, 64M, 5m", word);
}

static void finish(struct ui *ui)
{
	struct modal *modal = ui_top(ui);
	enum ask ask = ui->ask;

	ui->ask = ASK_NOTHING;
	if (ask == ASK_COMMAND)
		ask_run(ui, ui->prompt.text);
	else if (ask == ASK_FILTER)
		judge_filter(ui);
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
	} else if (key_among("Down Up", key) && ui->ask == ASK_COMMAND) {
		recall(ui, key_among("Up", key));
	} else if (key_among("Down Up", key) && ui->ask == ASK_FILTER) {
		ui->ask = ASK_NOTHING;
		ui_key(ui, key);
	} else if (prompt_key(&ui->prompt, key)) {
		ui->completion = -1;
		if (ui->ask == ASK_FILTER)
			set_filter(ui, ui->prompt.text);
	}
}

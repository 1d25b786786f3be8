/* tui/menus.c: the menus: namespaces, actions, eviction policies */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "tui/keys.h"
#include "tui/ui_private.h"
#include "widgets/menu.h"

#define TEXT_MOST (64 * 1024)

struct chooser {
	struct menu menu;
	struct offers offers;      /* of an action menu, line by line */
	char mode_id[64];          /* the verdict its offers answer; "" = none */
	char subject[320];
	void (*chosen)(struct ui *ui, const char *name);   /* NULL: it acts */
};

static const struct modal_ops menu_modal;

/* ---- names ---- */

void menu_names(struct ui *ui, const char *title,
		const char *(*name)(struct ui *ui, size_t index, char *buf, size_t size),
		void (*chosen)(struct ui *ui, const char *name))
{
	struct chooser *chooser = xcalloc(1, sizeof(*chooser));
	char text[256];
	size_t i;

	chooser->chosen = chosen;
	snprintf(chooser->menu.title, sizeof(chooser->menu.title), "%.79s", title);
	for (i = 0; name(ui, i, text, sizeof(text)); i++)
		menu_add(&chooser->menu, text, NULL);
	ui_open(ui, &menu_modal, chooser);
}

/* "all" and then the namespaces. Pods stand in the order of theirs, and equal names are one
 * string. */
const char *menu_namespace_name(struct ui *ui, size_t index, char *buf, size_t size)
{
	const struct pods *pods = &ui->app->sit.pods;
	const char *last = NULL;
	size_t i;

	if (!index) {
		snprintf(buf, size, "all");
		return buf;
	}
	for (i = 0; i < pods->len; i++) {
		if (pods->items[i]->ns == last)
			continue;
		last = pods->items[i]->ns;
		if (--index)
			continue;
		snprintf(buf, size, "%s", last);
		return buf;
	}
	return NULL;
}

static void choose_namespace(struct ui *ui, const char *name)
{
	pods_set_namespace(&ui->panes[PANE_PODS], strcmp(name, "all") ? name : NULL);
	ui_focus(ui, PANE_PODS);
}

void menu_namespaces(struct ui *ui)
{
	if (ui->argument[0])
		choose_namespace(ui, ui->argument);
	else
		menu_names(ui, "Namespace", menu_namespace_name, choose_namespace);
}

/* ---- actions ---- */

static void list_offers(struct ui *ui, struct chooser *chooser)
{
	size_t i;

	for (i = 0; i < chooser->offers.len; i++) {
		struct offer *offer = &chooser->offers.items[i];
		struct err err = ERR_INIT;

		ladder_probe(ui->app->ladder, &offer->request);
		if (offer->verdict) {
			snprintf(chooser->mode_id, sizeof(chooser->mode_id), "%s",
				 offer->verdict->mode->id);
			snprintf(chooser->subject, sizeof(chooser->subject), "%s",
				 offer->verdict->subject);
		}
		menu_add(&chooser->menu, offer->label,
			 ladder_offers(ui->app->ladder, &offer->request, &err) ? err.text : NULL);
	}
}

static void open_actions(struct ui *ui, struct chooser *chooser, const char *title)
{
	snprintf(chooser->menu.title, sizeof(chooser->menu.title), "%.79s", title);
	if (!ui->app->ladder) {
		ui_say(ui, ROLE_WARN, "not ready to act yet");
		free(chooser);
		return;
	}
	if (!chooser->offers.len) {
		ui_say(ui, ROLE_TEXT, "there is nothing that can be done here");
		free(chooser);
		return;
	}
	list_offers(ui, chooser);
	ui_open(ui, &menu_modal, chooser);
}

static void offers_for_climb(struct offers *offers, const struct climb *climb)
{
	if (!climb || !climb->undo.verb[0])
		return;
	offers->items[0] = (struct offer){.request = climb->undo};
	snprintf(offers->items[0].label, sizeof(offers->items[0].label), "Undo: %s of %.180s",
		 climb->undo.verb, climb->undo.target.name);
	offers->len = 1;
}

/* What can be done with what is selected. */
static void offers_here(struct ui *ui, struct offers *offers)
{
	struct pane *pane = &ui->panes[ui->focus];
	const struct verdict *verdict = incidents_selected(&ui->panes[PANE_INCIDENTS]);
	const char *param = NULL, *value = NULL;
	struct act_target target;

	if (ui->focus == PANE_INCIDENTS && verdict) {
		offers_for_verdict(offers, verdict);
	} else if (ui->focus == PANE_REDIS) {
		redis_selected(pane, &param, &value);
		if (ui->app->sit.redis.configured)
			offers_for_redis(offers, ui->app, param, value);
	} else if (ui->focus == PANE_ACTIONS) {
		offers_for_climb(offers, actions_selected(pane));
	} else if (pane->ops->target && pane->ops->target(pane, &target)) {
		offers_for(offers, ui->app, &target);
	}
}

bool menu_has_actions(struct ui *ui)
{
	struct offers *offers = xcalloc(1, sizeof(*offers));
	bool any;

	offers_here(ui, offers);
	any = offers->len > 0;
	free(offers);
	return any;
}

void menu_actions(struct ui *ui)
{
	struct chooser *chooser = xcalloc(1, sizeof(*chooser));

	offers_here(ui, &chooser->offers);
	open_actions(ui, chooser, "Actions");
}

void menu_policies(struct ui *ui)
{
	struct chooser *chooser = xcalloc(1, sizeof(*chooser));
	char title[80];

	if (ui->app->sit.redis.configured)
		offers_for_redis(&chooser->offers, ui->app, NULL, NULL);
	snprintf(title, sizeof(title), "maxmemory-policy, now %s",
		 ui->app->sit.redis.policy[0] ? ui->app->sit.redis.policy : "unknown");
	open_actions(ui, chooser, title);
}

/* ---- the modal ---- */

static void choose(struct modal *modal)
{
	struct chooser *chooser = modal->state;
	struct ui *ui = modal->ui;
	const struct menu_item *item = &chooser->menu.items[chooser->menu.selected];
	const struct verdict *verdict = NULL;
	void (*chosen)(struct ui *ui, const char *name);
	struct act_request request;
	char *name;

	if (item->why_not) {
		ui_say(ui, ROLE_WARN, "not now: %s", item->why_not);
		return;
	}
	if (chooser->chosen) {
		chosen = chooser->chosen;
		name = xstrdup(item->label);
		ui_close(ui);
		chosen(ui, name);
		free(name);
		return;
	}
	request = chooser->offers.items[chooser->menu.selected].request;
	if (chooser->mode_id[0])
		verdict = judge_find(ui->app->judge, chooser->mode_id, chooser->subject);
	ui_close(ui);
	climb_start(ui, &request, verdict);
}

static bool key(struct modal *modal, int key)
{
	struct chooser *chooser = modal->state;
	struct menu *menu = &chooser->menu;

	if (key_among("Esc q ctrl-c", key))
		ui_close(modal->ui);
	else if (key_among("Enter", key))
		choose(modal);
	else if (key_among("j Down", key))
		menu_move(menu, 1);
	else if (key_among("k Up", key))
		menu_move(menu, -1);
	else if (key_among("PgDn", key))
		menu_move(menu, menu->page);
	else if (key_among("PgUp", key))
		menu_move(menu, -menu->page);
	else if (key_among("g Home", key))
		menu_move(menu, -(long)menu->len);
	else if (key_among("G End", key))
		menu_move(menu, (long)menu->len);
	return true;
}

static void draw(struct modal *modal, const struct canvas *canvas)
{
	struct chooser *chooser = modal->state;

	menu_draw(&chooser->menu, canvas);
}

static void close_menu(struct modal *modal)
{
	struct chooser *chooser = modal->state;

	menu_release(&chooser->menu);
	free(chooser);
}

/* ---- line by line ---- */

static char *as_text(struct modal *modal)
{
	const struct chooser *chooser = modal->state;
	const struct menu *menu = &chooser->menu;
	struct buf text = BUF_INIT(TEXT_MOST);
	size_t i;

	buf_printf(&text, "%s: choose a number, or nothing\n", menu->title);
	for (i = 0; i < menu->len; i++)
		buf_printf(&text, "%zu. %s%s%s\n", i + 1, menu->items[i].label,
			   menu->items[i].why_not ? ", not now: " : "",
			   menu->items[i].why_not ? menu->items[i].why_not : "");
	return buf_detach(&text);
}

static bool answer(struct modal *modal, const char *line)
{
	struct chooser *chooser = modal->state;
	long number = strtol(line, NULL, 10);

	if (number < 1 || (size_t)number > chooser->menu.len) {
		ui_say(modal->ui, ROLE_TEXT, "nothing chosen");
		ui_close(modal->ui);
		return true;
	}
	chooser->menu.selected = (size_t)number - 1;
	choose(modal);
	return true;
}

static const struct modal_ops menu_modal = {
	.keys = "Enter chooses    j k move    Esc closes",
	.draw = draw, .key = key, .close = close_menu, .text = as_text, .answer = answer,
};

/* tui/looks.c: themes, what copying copies, the mouse */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/themes.h"
#include "tui/ui_private.h"

/* ---- themes ---- */

int ui_theme(struct ui *ui, const char *name, struct err *err)
{
	bool mono = !term_colours(ui->term);
	int rc = themes_load(&ui->theme, name, mono, err);

	if (rc)
		return rc;
	/* The text's own colours are the screen's. */
	wbkgdset(stdscr, (chtype)' ' | COLOR_PAIR(ui->theme.pairs[ROLE_TEXT]));
	ui_touch(ui);
	return 0;
}

static void choose_theme(struct ui *ui, const char *name)
{
	struct err err = ERR_INIT;

	if (ui_theme(ui, name, &err))
		ui_say(ui, ROLE_BAD, "%s", err.text);
	else if (!term_colours(ui->term))
		ui_say(ui, ROLE_WARN, "no colours here (NO_COLOR, or the terminal): mono stays");
}

static const char *theme_name(struct ui *ui, size_t index, char *buf, size_t size)
{
	(void)ui;
	return themes_name(index, buf, size);
}

void looks_theme(struct ui *ui)
{
	if (ui->argument[0])
		choose_theme(ui, ui->argument);
	else
		menu_names(ui, "Theme", theme_name, choose_theme);
}

/* ---- copying ---- */

/* A row by its name, a verdict by its title and evidence. */
static bool row_text(struct ui *ui, char *buf, size_t size)
{
	struct pane *pane = &ui->panes[ui->focus];
	const struct verdict *verdict;
	const char *param, *value;
	struct act_target target;

	if (ui->focus == PANE_INCIDENTS) {
		verdict = incidents_selected(pane);
		if (verdict)
			snprintf(buf, size, "%s (%s)", verdict->title, verdict->mode->id);
		return verdict != NULL;
	}
	if (ui->focus == PANE_REDIS && redis_selected(pane, &param, &value)) {
		snprintf(buf, size, "%s", value);
		return true;
	}
	if (!pane->ops->target || !pane->ops->target(pane, &target))
		return false;
	snprintf(buf, size, "%s", target.name);
	return true;
}

void looks_copy(struct ui *ui)
{
	struct modal *modal = ui_top(ui);
	char text[600];

	if (modal && modal->ops->text) {
		char *whole = modal->ops->text(modal);

		clipboard_copy(ui, whole, strlen(whole), "the whole text");
		free(whole);
	} else if (!modal && row_text(ui, text, sizeof(text))) {
		char what[700];

		snprintf(what, sizeof(what), "'%s'", text);
		clipboard_copy(ui, text, strlen(text), what);
	} else {
		ui_say(ui, ROLE_TEXT, "nothing is selected");
	}
}

/* ---- the mouse ---- */

void looks_mouse(struct ui *ui)
{
	ui->mouse = !ui->mouse;
	mousemask(ui->mouse ? BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED |
			      BUTTON5_PRESSED : 0, NULL);
	mouseinterval(0);
	ui_say(ui, ROLE_TEXT, ui->mouse ? "the mouse chooses and scrolls; with Shift it still "
		"selects text" : "the mouse is the terminal's again");
}

static bool within(const struct rect *rect, int y, int x)
{
	return y >= rect->y && y < rect->y + rect->height && x >= rect->x &&
	       x < rect->x + rect->width;
}

/* A click on a pane gives it the focus; on a row of an open one it chooses that row. */
static void click(struct ui *ui, int y, int x)
{
	int id;

	for (id = 0; id < PANES; id++) {
		const struct layout_pane *place = &ui->layout.panes[id];
		struct pane *pane = &ui->panes[id];
		struct table *table = pane->ops->table ? pane->ops->table(pane) : NULL;

		if (!place->visible || !within(&place->rect, y - ui->body_y, x - ui->body_x))
			continue;
		ui_focus(ui, (enum pane_id)id);
		if (table && !place->folded)
			table_click(table, y);
		return;
	}
}

void looks_click(struct ui *ui)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return;
	if (event.bstate & (BUTTON4_PRESSED | BUTTON5_PRESSED))
		ui_command(ui, &commands_all[event.bstate & BUTTON4_PRESSED ? CMD_UP : CMD_DOWN]);
	else if (!ui->nmodals)
		click(ui, event.y, event.x);
}

/* tui/views.c: views kept under a name: pane, zoom, namespace, filter, order, only problems. One
 * JSON line each in $XDG_STATE_HOME/sitrep/views.jsonl. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/yaml.h"
#include "incident/audit.h"
#include "tui/state_file.h"
#include "tui/ui_private.h"

#define FILE_NAME "views.jsonl"
#define FILE_MOST (256 * 1024)

/* An array of what can be read of the file; caller decrefs. */
static json_t *load(void)
{
	char *path = audit_state_path(FILE_NAME), *text, *line, *save = NULL;
	struct err err = ERR_INIT;
	json_t *views = json_array();
	size_t len;

	if (path && !yaml_read_file(path, &text, &len, &err)) {
		for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
			json_t *view = json_loads(line, 0, NULL);

			if (json_is_string(json_object_get(view, "name")))
				json_array_append(views, view);
			json_decref(view);
		}
		free(text);
	}
	free(path);
	return views;
}

static const char *text_of(const json_t *view, const char *key)
{
	const char *text = json_string_value(json_object_get(view, key));

	return text ? text : "";
}

static size_t find(const json_t *views, const char *name)
{
	size_t i;

	for (i = 0; i < json_array_size(views); i++)
		if (!strcmp(text_of(json_array_get(views, i), "name"), name))
			break;
	return i;
}

const char *views_name(struct ui *ui, size_t index, char *buf, size_t size)
{
	json_t *views = load();
	const json_t *view = json_array_get(views, index);

	(void)ui;
	if (view)
		snprintf(buf, size, "%s", text_of(view, "name"));
	json_decref(views);
	return view ? buf : NULL;
}

/* ---- keeping ---- */

static json_t *describe(struct ui *ui, const char *name)
{
	struct pane *pane = &ui->panes[ui->focus];
	struct pods_choice choice;
	size_t size;
	const char *filter = pane_filter(pane, &size);

	pods_get_choice(&ui->panes[PANE_PODS], &choice);
	return json_pack("{s:s, s:s, s:b, s:s, s:s, s:i, s:b}", "name", name, "pane",
			 pane->ops->id, "zoomed", ui->zoomed, "filter", filter ? filter : "", "namespace",
			 choice.ns, "order", choice.order, "only_problems",
			 choice.only_problems);
}

static int save(const json_t *views, struct err *err)
{
	struct buf out = BUF_INIT(FILE_MOST);
	const json_t *view;
	size_t i;
	int rc;

	json_array_foreach(views, i, view) {
		char *line = json_dumps(view, JSON_COMPACT | JSON_PRESERVE_ORDER);

		buf_append_str(&out, line ? line : "{}");
		buf_append_str(&out, "\n");
		free(line);
	}
	rc = state_file_write(FILE_NAME, out.data ? out.data : "", out.len, NULL, err);
	buf_release(&out);
	return rc;
}

static void keep(struct ui *ui, const char *name)
{
	struct err err = ERR_INIT;
	json_t *views = load(), *view = describe(ui, name);
	size_t at = find(views, name);

	if (at < json_array_size(views))
		json_array_set(views, at, view);
	else
		json_array_append(views, view);
	json_decref(view);
	if (save(views, &err))
		ui_say(ui, ROLE_BAD, "not kept: %s", err.text);
	else
		ui_say(ui, ROLE_TEXT, "this view is kept as '%s'; B goes to it", name);
	json_decref(views);
}

void views_keep(struct ui *ui)
{
	if (ui->argument[0])
		keep(ui, ui->argument);
	else
		ask_open_with(ui, ASK_COMMAND, "bookmark ");
}

/* ---- going ---- */

static bool pane_named(const char *id, enum pane_id *ret)
{
	int i;

	for (i = 0; i < PANES; i++) {
		if (strcmp(panes_all[i]->id, id))
			continue;
		*ret = (enum pane_id)i;
		return true;
	}
	return false;
}

static void go(struct ui *ui, const json_t *view)
{
	struct pods_choice choice = {
		.order = (int)json_integer_value(json_object_get(view, "order")),
		.only_problems = json_is_true(json_object_get(view, "only_problems")),
	};
	enum pane_id id;
	struct pane *pane;
	size_t size;
	char *filter;

	if (!pane_named(text_of(view, "pane"), &id))
		return;
	snprintf(choice.ns, sizeof(choice.ns), "%s", text_of(view, "namespace"));
	pods_set_choice(&ui->panes[PANE_PODS], &choice);
	pane = &ui->panes[id];
	filter = pane_filter(pane, &size);
	if (filter)
		snprintf(filter, size, "%s", text_of(view, "filter"));
	pane->ops->update(pane, ~0u);
	ui->zoomed = json_is_true(json_object_get(view, "zoomed"));
	ui_focus(ui, id);
}

static void choose_view(struct ui *ui, const char *name)
{
	json_t *views = load();
	const json_t *view = json_array_get(views, find(views, name));

	if (view)
		go(ui, view);
	else
		ui_say(ui, ROLE_WARN, "no view is kept as '%.100s'", name);
	json_decref(views);
}

void views_choose(struct ui *ui)
{
	char name[64];

	if (ui->argument[0])
		choose_view(ui, ui->argument);
	else if (views_name(ui, 0, name, sizeof(name)))
		menu_names(ui, "Views", views_name, choose_view);
	else
		ui_say(ui, ROLE_TEXT, "no view is kept yet; b keeps this one");
}

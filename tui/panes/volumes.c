/* tui/panes/volumes.c: claims and volumes, where their data stands, and what is wrong with them. */
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "tui/panes/pane.h"

#define STORY_MAX 8192

enum { COL_NAME, COL_STATE, COL_WHAT, COL_NODE, COL_SIZE, COL_CLASS, COL_AGE };

static const struct table_column columns[] = {
	[COL_NAME] = {"CLAIM OR VOLUME", 20, 2, 0, false, 8},
	[COL_STATE] = {"STATE", 11, 0, 0, false},
	[COL_WHAT] = {"PROBLEM, OR BOUND TO", 20, 3, 1, false, 8},
	[COL_NODE] = {"ON NODE", 12, 1, 2, false, 5},
	[COL_SIZE] = {"SIZE", 6, 0, 3, true},
	[COL_CLASS] = {"CLASS", 11, 0, 5, false},
	[COL_AGE] = {"AGE", 5, 0, 4, true},
};

static const struct storage *storage_of(const struct table_pane *view)
{
	return &view->app->sit.storage;
}

static size_t count(void *arg)
{
	return storage_of(arg)->len;
}

static void name_of(const struct volume *volume, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", volume->ns, volume->ns[0] ? "/" : "", volume->name);
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	name_of(storage_of(arg)->items[row], buf, size);
}

static const char *trouble_of(const struct situation *sit, const struct volume *volume, char *buf,
			      size_t size)
{
	return volume_trouble(&sit->storage, &sit->nodes, volume, buf, size);
}

static void state_cell(const struct volume *volume, const struct freshness *fresh, bool bad,
		       struct table_cell *ret)
{
	enum role role = bad ? ROLE_WARN : volume->phase ? ROLE_OK : ROLE_UNKNOWN;

	ret->role = pane_role(fresh, role);
	snprintf(ret->text, sizeof(ret->text), "%s %s", ret->role != role || !volume->phase ? "?"
		 : bad ? "!" : "●", volume->phase ? volume->phase : "unknown");
}

static void cell(void *arg, size_t row, int column, struct table_cell *ret)
{
	const struct table_pane *view = arg;
	const struct storage *storage = storage_of(view);
	const struct volume *volume = storage->items[row];
	const struct freshness *fresh = &storage->fresh[volume->kind];
	const char *node = volume_node(storage, volume);
	char trouble[200];
	bool bad = trouble_of(&view->app->sit, volume, trouble, sizeof(trouble))[0] != '\0';

	ret->role = pane_role(fresh, bad && column != COL_NAME ? ROLE_WARN : ROLE_TEXT);
	if (column == COL_NAME)
		name_of(volume, ret->text, sizeof(ret->text));
	else if (column == COL_STATE)
		state_cell(volume, fresh, bad, ret);
	else if (column == COL_SIZE)
		pane_bytes(volume->bytes, ret->text, sizeof(ret->text));
	else if (column == COL_NODE)
		snprintf(ret->text, sizeof(ret->text), "%s", node ? node : "-");
	else if (column == COL_WHAT)
		snprintf(ret->text, sizeof(ret->text), "%s", bad ? trouble : volume->other);
	else if (column == COL_CLASS)
		snprintf(ret->text, sizeof(ret->text), "%s", volume->class ? volume->class : "-");
	else
		pane_age(volume->created_ms, ret->text, sizeof(ret->text));
}

static void open_pane(struct pane *pane)
{
	table_pane_open(pane, columns, sizeof(columns) / sizeof(columns[0]),
			&(struct table_source){
		.count = count, .cell = cell, .key = key,
		.nothing = "no claim and no volume is known",
	});
}

/* Of the two lists the one that is worse known speaks for both. */
static const struct freshness *worse(const struct storage *storage)
{
	const struct freshness *claims = &storage->fresh[VOLUME_CLAIM];

	return freshness_at(claims, clock_wall_ms()) != FRESH_OK ? claims
		: &storage->fresh[VOLUME_DISK];
}

static void heading(struct pane *pane, char *buf, size_t size)
{
	const struct situation *sit = &pane->app->sit;
	size_t claims = 0, troubled = 0, disks, i;
	char trouble[200], fresh[240], problems[48] = "";

	for (i = 0; i < sit->storage.len; i++) {
		const struct volume *volume = sit->storage.items[i];

		claims += volume->kind == VOLUME_CLAIM;
		troubled += trouble_of(sit, volume, trouble, sizeof(trouble))[0] != '\0';
	}
	pane_freshness(worse(&sit->storage), fresh, sizeof(fresh));
	disks = sit->storage.len - claims;
	if (troubled)
		snprintf(problems, sizeof(problems), ", %zu with a problem", troubled);
	snprintf(buf, size, "Storage and volumes, %zu claim%s, %zu volume%s%s%s", claims,
		 claims == 1 ? "" : "s", disks, disks == 1 ? "" : "s", problems, fresh);
}

static void draw(struct pane *pane, const struct canvas *canvas, bool focused)
{
	struct table_pane *view = pane->state;

	table_draw(&view->table, canvas, focused);
}

static void summary(struct pane *pane, const struct canvas *canvas)
{
	char text[300];

	heading(pane, text, sizeof(text));
	draw_text(canvas, 0, 0, canvas->width, pane_role(worse(&pane->app->sit.storage), ROLE_TEXT),
		  true, text);
}

static const struct volume *selected(const struct pane *pane)
{
	const struct table_pane *view = pane->state;
	const struct storage *storage = storage_of(view);

	size_t row = table_row(&view->table);

	return row < storage->len ? storage->items[row] : NULL;
}

static bool target(struct pane *pane, struct act_target *ret)
{
	const struct volume *volume = selected(pane);

	if (!volume)
		return false;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->kind, sizeof(ret->kind), "volume");
	snprintf(ret->ns, sizeof(ret->ns), "%.60s", volume->ns);
	snprintf(ret->name, sizeof(ret->name), "%.250s", volume->name);
	return true;
}

static void put(struct buf *story, const char *label, const char *text)
{
	buf_printf(story, "%-12s %s\n", label, text && text[0] ? text : "-");
}

static char *story(struct pane *pane, char *title, size_t size)
{
	const struct situation *sit = &pane->app->sit;
	const struct volume *volume = selected(pane);
	struct buf story = BUF_INIT(STORY_MAX);
	char text[300];

	if (!volume)
		return NULL;
	name_of(volume, text, sizeof(text));
	snprintf(title, size, "%s  %.200s", volume->kind == VOLUME_CLAIM ? "Claim" : "Volume", text);
	put(&story, "state", volume->phase);
	put(&story, "problem", trouble_of(sit, volume, text, sizeof(text)));
	put(&story, volume->kind == VOLUME_CLAIM ? "volume" : "claim", volume->other);
	put(&story, "size", pane_bytes(volume->bytes, text, sizeof(text)));
	put(&story, "class", volume->class);
	put(&story, "on node", volume_node(&sit->storage, volume));
	if (volume->kind == VOLUME_DISK)
		put(&story, "reclaim", volume->policy);
	put(&story, "age", pane_age(volume->created_ms, text, sizeof(text)));
	if (volume_node(&sit->storage, volume))
		buf_append_str(&story, "\nIts data stands on that node's own disk. Pods that use it run "
			       "there or nowhere:\nthey can't move when the node is drained or gone.\n");
	if (volume->policy && !strcmp(volume->policy, "Delete"))
		buf_append_str(&story, "\nWhen its claim is deleted, the data is deleted too.\n");
	return buf_detach(&story);
}

const struct pane_ops pane_volumes = {
	.id = "volumes", .open = open_pane, .close = table_pane_close,
	.update = table_pane_update, .heading = heading, .draw = draw, .summary = summary,
	.table = table_pane_table, .target = target, .story = story,
};

/* tui/layout.c: see layout.h */
#include "tui/layout.h"

#include <string.h>

#define SMALLEST_WIDTH 20
#define SMALLEST_HEIGHT 4
#define STACK_WIDTH 50
#define STACK_HEIGHT 12
#define COLUMNS_WIDTH 110
#define COLUMNS_HEIGHT 30
#define FULL_WIDTH 160
#define FULL_HEIGHT 44
#define ACTIONS_HEIGHT 7
#define REDIS_HEIGHT 20

static enum layout_kind kind_of(int height, int width)
{
	if (width < SMALLEST_WIDTH || height < SMALLEST_HEIGHT)
		return LAYOUT_TOO_SMALL;
	if (width < STACK_WIDTH || height < STACK_HEIGHT)
		return LAYOUT_VERDICT;
	if (width < COLUMNS_WIDTH || height < COLUMNS_HEIGHT)
		return LAYOUT_STACK;
	return width < FULL_WIDTH || height < FULL_HEIGHT ? LAYOUT_COLUMNS : LAYOUT_FULL;
}

static void place(struct layout *layout, enum pane_id pane, int y, int x, int height, int width)
{
	layout->panes[pane] = (struct layout_pane){
		.rect = {y, x, height, width}, .visible = height > 0 && width > 0,
	};
}

/* One line for each pane but the focused, which gets what is left. */
static void stack(struct layout *layout, enum pane_id focus)
{
	struct rect body = layout->body;
	int y = body.y, open = body.height - (PANES - 1), pane;

	for (pane = 0; pane < PANES; pane++) {
		int height = (enum pane_id)pane == focus ? open : 1;

		place(layout, (enum pane_id)pane, y, body.x, height, body.width);
		layout->panes[pane].folded = (enum pane_id)pane != focus;
		y += height;
	}
}

static void columns(struct layout *layout, int incident_lines)
{
	struct rect body = layout->body;
	int most = body.height / 2, left = body.width * 45 / 100;
	int top = incident_lines + 2 < 3 ? 3 : incident_lines + 2;
	int rest, redis, actions = layout->kind == LAYOUT_FULL ? ACTIONS_HEIGHT : 0;

	top = top > most ? most : top;
	rest = body.height - top - actions;
	redis = rest / 2 < REDIS_HEIGHT ? rest / 2 : REDIS_HEIGHT;
	place(layout, PANE_INCIDENTS, body.y, body.x, top, body.width);
	place(layout, PANE_NODES, body.y + top, body.x, rest - redis, left);
	place(layout, PANE_REDIS, body.y + top + rest - redis, body.x, redis, left);
	place(layout, PANE_PODS, body.y + top, body.x + left, rest, body.width - left);
	if (actions)
		place(layout, PANE_ACTIONS, body.y + body.height - actions, body.x, actions,
		      body.width);
}

struct layout layout_make(int height, int width, enum pane_id focus, bool zoomed,
			  int incident_lines)
{
	struct layout layout;

	memset(&layout, 0, sizeof(layout));
	layout.kind = kind_of(height, width);
	layout.head = (struct rect){0, 0, 1, width};
	layout.status = (struct rect){height - 1, 0, 1, width};
	layout.body = (struct rect){1, 0, height - 2, width};
	if (layout.kind == LAYOUT_TOO_SMALL)
		return layout;
	if (layout.kind == LAYOUT_VERDICT)
		place(&layout, PANE_INCIDENTS, 0, 0, height - 1, width);
	else if (zoomed)
		place(&layout, focus, 1, 0, height - 2, width);
	else if (layout.kind == LAYOUT_STACK)
		stack(&layout, focus);
	else
		columns(&layout, incident_lines);
	/* Without room of its own, a focused Actions pane takes the place of Pods. */
	if (!zoomed && layout.kind == LAYOUT_COLUMNS && focus == PANE_ACTIONS) {
		layout.panes[PANE_ACTIONS] = layout.panes[PANE_PODS];
		layout.panes[PANE_PODS].visible = false;
	}
	return layout;
}

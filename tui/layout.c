/* tui/layout.c: see layout.h */
#include "tui/layout.h"

#include <string.h>

#define SMALLEST_WIDTH 20
#define SMALLEST_HEIGHT 4
#define STACK_WIDTH 50
#define STACK_HEIGHT 12
#define OPEN_LEAST 4
#define COLUMNS_WIDTH 110
#define COLUMNS_HEIGHT 30
#define FULL_WIDTH 160
#define FULL_HEIGHT 44
#define ACTIONS_HEIGHT 7
#define REDIS_HEIGHT 20
#define LEFT_PERCENT 40         /* pods have more to tell than nodes */
#define CARD_WIDTH 38
#define CARD_HEIGHT 8
#define CARD_LEAST 5

enum layout_kind layout_kind_of(int height, int width)
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

static bool is_shown(const struct layout_wish *wish, enum pane_id pane)
{
	return pane == wish->focus || !(wish->hidden & (1u << pane));
}

/* One line for each pane but the focused, which gets what is left; where that would be less than
 * half, the last of the others stay away. */
static void stack(struct layout *layout, const struct layout_wish *wish)
{
	struct rect body = layout->body;
	int open_least = body.height / 2 > OPEN_LEAST ? body.height / 2 : OPEN_LEAST;
	int y = body.y, most = body.height - open_least, folded = 0, id;

	for (id = 0; id < PANES; id++)
		folded += (enum pane_id)id != wish->focus && is_shown(wish, (enum pane_id)id);
	folded = folded < most ? folded : most;
	for (id = 0; id < PANES; id++) {
		enum pane_id pane = (enum pane_id)id;
		bool open = pane == wish->focus;
		int height = open ? body.y + body.height - y - folded : 1;

		if (!is_shown(wish, pane) || (!open && !folded))
			continue;
		folded -= !open;
		place(layout, pane, y, body.x, height, body.width);
		layout->panes[pane].folded = !open;
		y += height;
	}
}

/* Panes of a few lines each: side by side in a row of their own under the big ones. */
static const enum pane_id cards[] = {PANE_POSTGRES, PANE_PROBES, PANE_QUEUES, PANE_VENDORS,
				     PANE_METRICS};

/* Those that are shown, in their order; the focused one among the first that have room. */
static int line_up(const struct layout_wish *wish, int boxes, enum pane_id *ret)
{
	int count = 0, i;
	size_t at;

	for (at = 0; at < sizeof(cards) / sizeof(cards[0]); at++)
		if (is_shown(wish, cards[at]))
			ret[count++] = cards[at];
	for (i = boxes; i < count && boxes > 0; i++) {
		if (ret[i] != wish->focus)
			continue;
		ret[i] = ret[boxes - 1];
		ret[boxes - 1] = wish->focus;
	}
	return count;
}

/* Puts them into the foot of a room, one line each for those that have none of their own; returns
 * the lines they take. */
static int place_cards(struct layout *layout, const struct layout_wish *wish,
		       const struct rect *room)
{
	int height = room->height / 3 < CARD_HEIGHT ? room->height / 3 : CARD_HEIGHT;
	int boxes = height < CARD_LEAST ? 0 : room->width / CARD_WIDTH, count, lines, y, i;
	enum pane_id list[sizeof(cards) / sizeof(cards[0])];

	count = line_up(wish, boxes, list);
	boxes = count < boxes ? count : boxes;
	height = boxes ? height : 0;
	lines = count - boxes < room->height / 4 ? count - boxes : room->height / 4;
	y = room->y + room->height - height - lines;
	for (i = 0; i < boxes; i++)
		place(layout, list[i], y, room->x + room->width * i / boxes, height,
		      room->width * (i + 1) / boxes - room->width * i / boxes);
	for (i = 0; i < lines; i++) {
		enum pane_id pane = list[boxes + i];

		/* What is focused isn't folded: it takes another's place. */
		place(layout, pane, y + height + i, room->x, pane != wish->focus, room->width);
		layout->panes[pane].folded = pane != wish->focus;
	}
	return height + lines;
}

/* The lines of the nodes above it: few nodes leave theirs to Redis, up to what that can use. */
static int under_redis(const struct layout_wish *wish, int rest)
{
	int nodes = wish->lines[PANE_NODES] + 2;

	if (wish->focus == PANE_REDIS && nodes > rest / 3)
		nodes = rest / 3;
	else if (!wish->lines[PANE_NODES] || nodes > rest / 2)
		nodes = rest - rest / 2;
	return rest - nodes > REDIS_HEIGHT ? rest - REDIS_HEIGHT : nodes;
}

static void columns(struct layout *layout, const struct layout_wish *wish)
{
	struct rect body = layout->body;
	int most = body.height / 2, left = body.width * LEFT_PERCENT / 100;
	int top = wish->lines[PANE_INCIDENTS] < 1 ? 3 : wish->lines[PANE_INCIDENTS] + 2;
	int rest, redis = 0, actions = layout->kind == LAYOUT_FULL ? ACTIONS_HEIGHT : 0;

	top = top > most ? most : top;
	rest = body.height - top - actions;
	rest -= place_cards(layout, wish,
			    &(struct rect){body.y + top, body.x, rest, body.width});
	if (is_shown(wish, PANE_REDIS))
		redis = rest - under_redis(wish, rest);
	place(layout, PANE_INCIDENTS, body.y, body.x, top, body.width);
	place(layout, PANE_NODES, body.y + top, body.x, rest - redis, left);
	place(layout, PANE_REDIS, body.y + top + rest - redis, body.x, redis, left);
	place(layout, PANE_PODS, body.y + top, body.x + left, rest, body.width - left);
	if (actions)
		place(layout, PANE_ACTIONS, body.y + body.height - actions, body.x, actions,
		      body.width);
}

struct layout layout_make(int height, int width, const struct layout_wish *wish)
{
	struct layout layout;

	memset(&layout, 0, sizeof(layout));
	layout.kind = layout_kind_of(height, width);
	layout.head = (struct rect){0, 0, 1, width};
	layout.status = (struct rect){height - 1, 0, 1, width};
	layout.body = (struct rect){1, 0, height - 2, width};
	if (layout.kind == LAYOUT_TOO_SMALL)
		return layout;
	if (layout.kind == LAYOUT_VERDICT)
		place(&layout, PANE_INCIDENTS, 1, 0, height - 2, width);
	else if (wish->zoomed)
		place(&layout, wish->focus, 1, 0, height - 2, width);
	else if (layout.kind == LAYOUT_STACK)
		stack(&layout, wish);
	else
		columns(&layout, wish);
	/* Without room of its own, the focused pane takes the place of Pods. */
	if (layout.kind != LAYOUT_VERDICT && !layout.panes[wish->focus].visible) {
		layout.panes[wish->focus] = layout.panes[PANE_PODS];
		layout.panes[PANE_PODS].visible = false;
	}
	return layout;
}

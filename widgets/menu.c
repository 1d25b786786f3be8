/* widgets/menu.c: see menu.h */
#include "widgets/menu.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"

#define WIDTH_LEAST 30

void menu_release(struct menu *menu)
{
	while (menu->len > 0) {
		menu->len--;
		free(menu->items[menu->len].label);
		free(menu->items[menu->len].why_not);
	}
	free(menu->items);
	menu->items = NULL;
	menu->cap = 0;
}

void menu_add(struct menu *menu, const char *label, const char *why_not)
{
	if (menu->len == menu->cap) {
		menu->cap = menu->cap ? menu->cap * 2 : 16;
		menu->items = xreallocarray(menu->items, menu->cap, sizeof(*menu->items));
	}
	menu->items[menu->len++] = (struct menu_item){xstrdup(label), xstrdup(why_not)};
}

void menu_move(struct menu *menu, long lines)
{
	long at = (long)menu->selected + lines, last = (long)menu->len - 1;

	menu->selected = (size_t)(at < 0 || last < 0 ? 0 : at > last ? last : at);
}

static int widest(const struct menu *menu)
{
	int width = draw_width(menu->title) + 2;
	size_t i;

	for (i = 0; i < menu->len; i++) {
		int needs = draw_width(menu->items[i].label) + 2;

		if (menu->items[i].why_not)
			needs += draw_width(menu->items[i].why_not) + 3;
		width = needs > width ? needs : width;
	}
	return width < WIDTH_LEAST ? WIDTH_LEAST : width;
}

static void draw_item(const struct menu *menu, const struct canvas *canvas, int y, size_t at)
{
	const struct menu_item *item = &menu->items[at];
	bool marked = at == menu->selected;
	enum role role = marked ? ROLE_SELECTED : item->why_not ? ROLE_DIM : ROLE_TEXT;
	int x;

	draw_fill(canvas, y, 0, canvas->width, role);
	draw_text(canvas, y, 0, 1, role, false, marked ? ">" : " ");
	x = 2 + draw_text(canvas, y, 2, canvas->width - 2, role, false, item->label);
	if (item->why_not)
		draw_printf(canvas, y, x, canvas->width - x, role, " - %s", item->why_not);
}

void menu_draw(struct menu *menu, const struct canvas *canvas)
{
	int width = widest(menu) + 2, height = (int)menu->len + 2, y;
	struct canvas box, inside;

	width = width > canvas->width ? canvas->width : width;
	height = height > canvas->height ? canvas->height : height;
	box = draw_inside(canvas, (canvas->height - height) / 2, (canvas->width - width) / 2,
			  height, width);
	inside = draw_box(&box, ROLE_FOCUS, menu->title);
	menu->page = inside.height;
	if (menu->selected < menu->top)
		menu->top = menu->selected;
	if (inside.height > 0 && menu->selected >= menu->top + (size_t)inside.height)
		menu->top = menu->selected - (size_t)inside.height + 1;
	for (y = 0; y < inside.height; y++) {
		if (menu->top + (size_t)y < menu->len)
			draw_item(menu, &inside, y, menu->top + (size_t)y);
		else
			draw_fill(&inside, y, 0, inside.width, ROLE_TEXT);
	}
}

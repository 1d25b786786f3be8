/* widgets/menu.h: a box to choose one line from. Lines that cannot be chosen say why not. */
#ifndef SITREP_WIDGETS_MENU_H
#define SITREP_WIDGETS_MENU_H

#include <stdbool.h>
#include <stddef.h>

#include "widgets/draw.h"

struct menu_item {
	char *label;               /* owned */
	char *why_not;             /* owned; NULL = it can be chosen */
};

struct menu {
	char title[80];
	struct menu_item *items;
	size_t len, cap;
	size_t selected, top;
	int page;
};

void menu_release(struct menu *menu);
void menu_add(struct menu *menu, const char *label, const char *why_not);
void menu_move(struct menu *menu, long lines);
/* In the middle of canvas, as large as it needs to be. */
void menu_draw(struct menu *menu, const struct canvas *canvas);

#endif

/* core/strlist.c: see strlist.h */
#include "core/strlist.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void strlist_add(struct strlist *list, const char *text)
{
	list->items = xreallocarray(list->items, list->len + 1, sizeof(*list->items));
	list->items[list->len++] = xstrdup(text);
}

void strlist_release(struct strlist *list)
{
	while (list->len > 0)
		free(list->items[--list->len]);
	free(list->items);
	list->items = NULL;
}

bool strlist_has(const struct strlist *list, const char *text)
{
	size_t i;

	for (i = 0; i < list->len; i++)
		if (!strcmp(list->items[i], text))
			return true;
	return false;
}

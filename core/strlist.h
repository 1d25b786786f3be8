/* core/strlist.h: a short list of strings that grows at its end. Zeroed = empty. */
#ifndef SITREP_CORE_STRLIST_H
#define SITREP_CORE_STRLIST_H

#include <stdbool.h>
#include <stddef.h>

struct strlist {
	char **items;              /* owned */
	size_t len;
};

void strlist_add(struct strlist *list, const char *text);      /* copies */
void strlist_release(struct strlist *list);                    /* empties */
bool strlist_has(const struct strlist *list, const char *text);

#endif

/*
 * core/printable.h: foreign text made safe for a terminal. Control characters (C0, DEL, C1),
 * direction overrides and bytes that aren't UTF-8 become '?'; a tab becomes a space.
 */
#ifndef SITREP_CORE_PRINTABLE_H
#define SITREP_CORE_PRINTABLE_H

#include <stddef.h>

char *printable_dup(const char *text);         /* NULL gives ""; caller frees */
/* Characters in printable text, as columns of a plain table count them. */
size_t printable_len(const char *text);

#endif

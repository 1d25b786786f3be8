/*
 * core/alloc.h: allocation that cannot fail. Out of memory restores the terminal (through the
 * hook) and stops the program; foreign bytes never get here unbounded (see buf.h).
 */
#ifndef SITREP_CORE_ALLOC_H
#define SITREP_CORE_ALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *ptr, size_t size);
void *xreallocarray(void *ptr, size_t count, size_t size);
char *xstrdup(const char *text);               /* NULL stays NULL */
char *xstrndup(const char *text, size_t len);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Called once, before the message and exit(70), when memory runs out. */
void alloc_on_failure(void (*restore_terminal)(void));

#endif

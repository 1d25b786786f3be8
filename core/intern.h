/*
 * core/intern.h: strings that repeat a thousand times are kept once. References are counted, so
 * a namespace that is gone costs nothing. Interned strings compare by pointer.
 */
#ifndef SITREP_CORE_INTERN_H
#define SITREP_CORE_INTERN_H

#include <stddef.h>

struct intern;

struct intern *intern_new(void);
void intern_free(struct intern *pool);                       /* also frees what is still held */
const char *intern_get(struct intern *pool, const char *text); /* +1; NULL gives NULL */
const char *intern_getn(struct intern *pool, const char *text, size_t len);
void intern_put(struct intern *pool, const char *text);      /* -1; NULL is fine */

/* Set *slot to text, moving the references. Returns nonzero when the value changed. */
int intern_set(struct intern *pool, const char **slot, const char *text);

size_t intern_bytes(const struct intern *pool);

#endif

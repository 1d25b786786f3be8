/*
 * core/model/sorted.h: the one way the model keeps its lists: an array of pointers in order,
 * found by halving, appended in constant time when things arrive in order, as lists do.
 * Arrays are passed as void *, so that each list keeps its own element type.
 */
#ifndef SITREP_CORE_MODEL_SORTED_H
#define SITREP_CORE_MODEL_SORTED_H

#include <stdbool.h>
#include <stddef.h>

/* Order of an item against a key, as strcmp says it. */
typedef int (*sorted_order)(const void *item, const void *key);

/* Where key stands, or would stand. */
size_t sorted_place(const void *items, size_t len, sorted_order order, const void *key,
		    bool *ret_found);
/* Put item at its place. Returns the array, which may have moved. */
void *sorted_insert(void *items, size_t *len, size_t *cap, size_t at, void *item);
void sorted_remove(void *items, size_t *len, size_t at);

#endif

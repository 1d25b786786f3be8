/* core/model/sorted.c: see sorted.h */
#include "core/model/sorted.h"

#include <string.h>

#include "core/alloc.h"

#define ITEM sizeof(void *)

static const void *item_at(const char *items, size_t at)
{
	const void *item;

	memcpy(&item, items + at * ITEM, ITEM);
	return item;
}

size_t sorted_place(const void *items, size_t len, sorted_order order, const void *key,
		    bool *ret_found)
{
	size_t low = 0, high = len;

	*ret_found = false;
	if (len && order(item_at(items, len - 1), key) < 0)
		return len;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int side = order(item_at(items, mid), key);

		if (!side) {
			*ret_found = true;
			return mid;
		}
		if (side < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void *sorted_insert(void *items, size_t *len, size_t *cap, size_t at, void *item)
{
	char *bytes;

	if (*len == *cap) {
		*cap = *cap ? *cap + *cap / 2 : 16;
		items = xreallocarray(items, *cap, ITEM);
	}
	bytes = items;
	memmove(bytes + (at + 1) * ITEM, bytes + at * ITEM, (*len - at) * ITEM);
	memcpy(bytes + at * ITEM, &item, ITEM);
	(*len)++;
	return items;
}

void sorted_remove(void *items, size_t *len, size_t at)
{
	char *bytes = items;

	(*len)--;
	memmove(bytes + at * ITEM, bytes + (at + 1) * ITEM, (*len - at) * ITEM);
}

/* core/intern.c: see intern.h. A chained hash table; the text follows its entry in one block. */
#include "core/intern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"

struct entry {
	struct entry *next;
	uint32_t hash;
	uint32_t refs;
	uint32_t len;
	char text[];
};

struct intern {
	struct entry **slots;
	size_t nslots;         /* a power of two */
	size_t len;
	size_t bytes;
};

#define SLOTS_AT_FIRST 64

struct intern *intern_new(void)
{
	struct intern *pool = xcalloc(1, sizeof(*pool));

	pool->nslots = SLOTS_AT_FIRST;
	pool->slots = xcalloc(pool->nslots, sizeof(*pool->slots));
	return pool;
}

void intern_free(struct intern *pool)
{
	size_t i;

	if (!pool)
		return;
	for (i = 0; i < pool->nslots; i++) {
		struct entry *entry = pool->slots[i];

		while (entry) {
			struct entry *next = entry->next;

			free(entry);
			entry = next;
		}
	}
	free(pool->slots);
	free(pool);
}

static void grow(struct intern *pool)
{
	size_t nslots = pool->nslots * 2, i;
	struct entry **slots = xcalloc(nslots, sizeof(*slots));

	for (i = 0; i < pool->nslots; i++) {
		struct entry *entry = pool->slots[i];

		while (entry) {
			struct entry *next = entry->next;
			struct entry **slot = &slots[entry->hash & (nslots - 1)];

			entry->next = *slot;
			*slot = entry;
			entry = next;
		}
	}
	free(pool->slots);
	pool->slots = slots;
	pool->nslots = nslots;
}

const char *intern_getn(struct intern *pool, const char *text, size_t len)
{
	uint32_t hash;
	struct entry *entry;
	struct entry **slot;

	if (!text)
		return NULL;
	hash = hash_bytes(text, len);
	for (entry = pool->slots[hash & (pool->nslots - 1)]; entry; entry = entry->next) {
		if (entry->hash == hash && entry->len == len && !memcmp(entry->text, text, len)) {
			entry->refs++;
			return entry->text;
		}
	}
	if (pool->len >= pool->nslots)
		grow(pool);
	entry = xmalloc(sizeof(*entry) + len + 1);
	entry->hash = hash;
	entry->refs = 1;
	entry->len = (uint32_t)len;
	memcpy(entry->text, text, len);
	entry->text[len] = '\0';
	slot = &pool->slots[hash & (pool->nslots - 1)];
	entry->next = *slot;
	*slot = entry;
	pool->len++;
	pool->bytes += sizeof(*entry) + len + 1;
	return entry->text;
}

const char *intern_get(struct intern *pool, const char *text)
{
	return text ? intern_getn(pool, text, strlen(text)) : NULL;
}

void intern_put(struct intern *pool, const char *text)
{
	struct entry **slot;
	struct entry *entry;

	if (!text)
		return;
	slot = &pool->slots[hash_bytes(text, strlen(text)) & (pool->nslots - 1)];
	while (*slot && (*slot)->text != text)
		slot = &(*slot)->next;
	entry = *slot;
	if (!entry || --entry->refs)
		return;
	*slot = entry->next;
	pool->len--;
	pool->bytes -= sizeof(*entry) + entry->len + 1;
	free(entry);
}

int intern_set(struct intern *pool, const char **slot, const char *text)
{
	const char *fresh;

	if (*slot && text && !strcmp(*slot, text))
		return 0;
	if (!*slot && !text)
		return 0;
	fresh = intern_get(pool, text);
	intern_put(pool, *slot);
	*slot = fresh;
	return 1;
}

size_t intern_bytes(const struct intern *pool)
{
	return pool->bytes + pool->nslots * sizeof(*pool->slots);
}

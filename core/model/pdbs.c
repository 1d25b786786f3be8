/* core/model/pdbs.c: see pdbs.h */
#include "core/model/pdbs.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/intern.h"
#include "core/model/sorted.h"

struct key {
	const char *ns, *name;
};

static int order(const void *item, const void *key)
{
	const struct pdb *pdb = item;
	const struct key *want = key;
	int side = strcmp(pdb->ns, want->ns);

	return side ? side : strcmp(pdb->name, want->name);
}

struct pdb *pdbs_get(struct pdbs *pdbs, struct intern *strings, const char *ns, const char *name)
{
	struct key key = {ns, name};
	bool found;
	size_t at = sorted_place(pdbs->items, pdbs->len, order, &key, &found);
	struct pdb *pdb;

	if (found)
		return pdbs->items[at];
	pdb = xcalloc(1, sizeof(*pdb));
	pdb->name = xstrdup(name);
	pdb->ns = intern_get(strings, ns);
	pdbs->items = sorted_insert(pdbs->items, &pdbs->len, &pdbs->cap, at, pdb);
	return pdb;
}

static void pdb_free(struct pdb *pdb, struct intern *strings)
{
	intern_put(strings, pdb->ns);
	free(pdb->name);
	free(pdb->selector);
	free(pdb);
}

bool pdbs_remove(struct pdbs *pdbs, struct intern *strings, const char *ns, const char *name)
{
	struct key key = {ns, name};
	bool found;
	size_t at = sorted_place(pdbs->items, pdbs->len, order, &key, &found);

	if (!found)
		return false;
	pdb_free(pdbs->items[at], strings);
	sorted_remove(pdbs->items, &pdbs->len, at);
	return true;
}

void pdbs_unmark(struct pdbs *pdbs, const char *ns)
{
	size_t i;

	for (i = 0; i < pdbs->len; i++)
		if (!ns || !strcmp(pdbs->items[i]->ns, ns))
			pdbs->items[i]->seen = false;
}

size_t pdbs_sweep(struct pdbs *pdbs, struct intern *strings, const char *ns)
{
	size_t i, kept = 0, gone;

	for (i = 0; i < pdbs->len; i++) {
		struct pdb *pdb = pdbs->items[i];

		if (!pdb->seen && (!ns || !strcmp(pdb->ns, ns)))
			pdb_free(pdb, strings);
		else
			pdbs->items[kept++] = pdb;
	}
	gone = pdbs->len - kept;
	pdbs->len = kept;
	return gone;
}

void pdbs_clear(struct pdbs *pdbs, struct intern *strings)
{
	size_t i;

	for (i = 0; i < pdbs->len; i++)
		pdb_free(pdbs->items[i], strings);
	free(pdbs->items);
	pdbs->items = NULL;
	pdbs->len = pdbs->cap = 0;
}

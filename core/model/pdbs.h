/* core/model/pdbs.h: pod disruption budgets: which evictions the API would refuse. */
#ifndef SITREP_CORE_MODEL_PDBS_H
#define SITREP_CORE_MODEL_PDBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"

struct intern;

struct pdb {
	char *name;                /* owned */
	const char *ns;            /* interned */
	char *selector;            /* owned: "app=api,tier=web", match labels only */
	int32_t disruptions_allowed, healthy, desired, expected;
	bool seen;
};

struct pdbs {
	struct freshness fresh;
	bool complete;
	struct pdb **items;        /* sorted by (ns, name) */
	size_t len, cap;
};

struct pdb *pdbs_get(struct pdbs *pdbs, struct intern *strings, const char *ns, const char *name);
bool pdbs_remove(struct pdbs *pdbs, struct intern *strings, const char *ns, const char *name);
/* As for pods. */
void pdbs_unmark(struct pdbs *pdbs, const char *ns);
size_t pdbs_sweep(struct pdbs *pdbs, struct intern *strings, const char *ns);
void pdbs_clear(struct pdbs *pdbs, struct intern *strings);

#endif

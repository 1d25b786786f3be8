/*
 * core/model/configs.h: ConfigMaps by their metadata alone: which there are, when who last changed
 * them, and which keys are theirs. Their content is never read.
 */
#ifndef SITREP_CORE_MODEL_CONFIGS_H
#define SITREP_CORE_MODEL_CONFIGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"

struct intern;

struct config_map {
	char *name;                /* owned */
	const char *ns;            /* interned, as every const char * here */
	const char *by;            /* what changed it last: "kubectl-edit", "helm"; NULL = unknown */
	char *keys;                /* owned: what that one has written of it, "DB_HOST, DEBUG"; NULL */
	char *version;             /* owned: its resourceVersion, to see a change by */
	int64_t created_ms, changed_ms;
	bool seen;
};

struct configs {
	struct freshness fresh;
	bool complete;
	struct config_map **items; /* sorted by (ns, name) */
	size_t len, cap;
};

struct config_map *configs_get(struct configs *configs, struct intern *strings, const char *ns,
			       const char *name);
bool configs_remove(struct configs *configs, struct intern *strings, const char *ns,
		    const char *name);
/* As for pods. */
void configs_unmark(struct configs *configs, const char *ns);
void configs_sweep(struct configs *configs, struct intern *strings, const char *ns);
void configs_clear(struct configs *configs, struct intern *strings);

#endif

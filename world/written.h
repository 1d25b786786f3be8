/*
 * world/written.h: who wrote what of an object, as the API server keeps it in managedFields; only of
 * what people look up there: a ConfigMap's keys.
 */
#ifndef SITREP_WORLD_WRITTEN_H
#define SITREP_WORLD_WRITTEN_H

#include <jansson.h>

/* after gets before's entries, less the keys that have changed, which are the manager's now. */
void written_by(json_t *after, const json_t *before, const char *manager);

#endif

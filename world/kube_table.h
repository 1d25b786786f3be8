/*
 * world/kube_table.h: lists as the columns that `kubectl get` prints.
 */
#ifndef SITREP_WORLD_KUBE_TABLE_H
#define SITREP_WORLD_KUBE_TABLE_H

#include <stdbool.h>

#include <jansson.h>

#include "world/resources.h"

enum include_object { INCLUDE_METADATA, INCLUDE_NONE, INCLUDE_OBJECT };

/* A Table without rows; columnDefinitions only when asked. */
json_t *table_new(enum resource_id res, bool definitions);
/* Add the row of one object (borrowed). */
void table_add(json_t *table, enum resource_id res, json_t *object, enum include_object include);
enum include_object table_include(const char *argument);

/* Only the metadata, as a PartialObjectMetadata. */
json_t *partial_object(json_t *object);

#endif

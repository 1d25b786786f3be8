/*
 * world/kube_patch.h: the three ways that clients describe a change.
 */
#ifndef SITREP_WORLD_KUBE_PATCH_H
#define SITREP_WORLD_KUBE_PATCH_H

#include <jansson.h>

#include "core/err.h"

/* RFC 7386; changes `target`. */
void patch_merge(json_t *target, const json_t *patch);
/* Kubernetes' own: as above, but lists of named things are merged by their names. */
void patch_strategic(json_t *target, const json_t *patch);
/* RFC 6902; -EINVAL for a malformed patch, -ENOENT when a path or a test does not hold. */
int patch_json(json_t *target, const json_t *patch, struct err *err);

#endif

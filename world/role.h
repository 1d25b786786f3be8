/*
 * world/role.h: what the user of this world may do, as cluster.yaml's roles say: a list of
 * {verbs, resources}, each "*" or names. A drill may choose another role than the cluster's own.
 */
#ifndef SITREP_WORLD_ROLE_H
#define SITREP_WORLD_ROLE_H

#include <stdbool.h>

#include "core/err.h"
#include "world/world.h"

/* -ENOENT names the roles that there are. */
int role_choose(struct world *world, const char *name, struct err *err);
const char *role_name(const struct world *world);
/* resource: plural, with its subresource behind a slash if it has one. */
bool role_allows(const struct world *world, const char *verb, const char *resource);
/* Whether the role allows everything. */
bool role_is_free(const struct world *world);

#endif

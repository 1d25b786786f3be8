/*
 * world/store.h: the objects of the simulated cluster: one generic store with resource versions
 * and, for each resource, a short history that watches are answered from.
 *
 * Stored objects are never changed in place: whoever changes one takes a copy, edits it and puts
 * it back. So a snapshot handed to a watch stays what it was.
 */
#ifndef SITREP_WORLD_STORE_H
#define SITREP_WORLD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "world/resources.h"

#define STORE_HISTORY 128   /* changes kept for each resource; older watches get 410 */

enum change_type { CHANGE_ADDED, CHANGE_MODIFIED, CHANGE_DELETED };

struct change {
	enum change_type type;
	enum resource_id res;
	uint64_t version;
	json_t *object;      /* as it is now, or as it was last */
	json_t *before;      /* NULL when added */
};

/* Called after every change, in order; must not change the store itself. */
typedef void (*store_listener)(void *arg, const struct change *change);

struct store *store_new(void);
void store_free(struct store *store);
void store_listen(struct store *store, store_listener listener, void *arg);

uint64_t store_version(const struct store *store);
/* The oldest version that a watch of this resource can start after. */
uint64_t store_oldest(const struct store *store, enum resource_id res);

size_t store_count(const struct store *store, enum resource_id res);
json_t *store_at(const struct store *store, enum resource_id res, size_t index); /* borrowed */
/* Where (ns, name) is or would be: objects are sorted by namespace, then name. */
size_t store_index(const struct store *store, enum resource_id res, const char *ns,
		   const char *name);
json_t *store_get(const struct store *store, enum resource_id res, const char *ns,
		  const char *name);                                       /* borrowed; NULL */

/* A deep copy to edit; NULL when there is no such object. */
json_t *store_edit(const struct store *store, enum resource_id res, const char *ns,
		   const char *name);
/* Add or replace; steals the object, fills in what the server fills in (uid, creation time,
 * resource version), and does nothing when nothing differs. Returns the stored object. */
json_t *store_put(struct store *store, enum resource_id res, json_t *object);
void store_remove(struct store *store, enum resource_id res, const char *ns, const char *name);

/* Replay the history of one resource after a version, oldest first. */
void store_replay(const struct store *store, enum resource_id res, uint64_t after,
		  store_listener listener, void *arg);

/* Fill in a new object as the API server would, without storing it. */
void store_admit(json_t *object, enum resource_id res);
void store_new_uid(char uid[37]);

#endif

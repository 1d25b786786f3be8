/*
 * world/jx.h: short ways through JSON trees.
 */
#ifndef SITREP_WORLD_JX_H
#define SITREP_WORLD_JX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* Follow dotted keys ("spec.template.spec"); NULL when one is missing. Borrowed. */
json_t *jx_get(const json_t *from, const char *path);
/* The same, for text and whole numbers; "" and 0 when missing. */
const char *jx_str(const json_t *from, const char *path);
long long jx_int(const json_t *from, const char *path);
bool jx_true(const json_t *from, const char *path);

/* Find or create the object at a dotted path. Borrowed; never NULL for an object `from`. */
json_t *jx_make(json_t *from, const char *path);
/* Put a value (stolen) at a dotted path, creating the objects on the way. */
void jx_set(json_t *from, const char *path, json_t *value);
void jx_set_str(json_t *from, const char *path, const char *value);
void jx_set_int(json_t *from, const char *path, long long value);
void jx_del(json_t *from, const char *path);

/* An object's own names. */
const char *jx_name(const json_t *object);       /* metadata.name, "" */
const char *jx_namespace(const json_t *object);  /* metadata.namespace, "" */
const char *jx_uid(const json_t *object);
const char *jx_label(const json_t *object, const char *key);       /* "" when missing */
const char *jx_annotation(const json_t *object, const char *key);  /* "" when missing */

/* The element of an array of objects whose `key` is `value`; NULL. Borrowed. */
json_t *jx_find(const json_t *array, const char *key, const char *value);
/* The owner with controller: true; NULL. */
json_t *jx_controller(const json_t *object);

#endif

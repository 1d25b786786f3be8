/*
 * backends/kube/jsonx.h: short ways into the API's JSON. Everything accepts NULL and wrong types
 * and gives nothing back for them: servers send nonsense too.
 */
#ifndef SITREP_BACKENDS_KUBE_JSONX_H
#define SITREP_BACKENDS_KUBE_JSONX_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/* An object or array, or NULL; text may be NULL. Strings with a NUL inside end at it for readers. */
json_t *jx_load(const char *text, size_t len);
const char *jx_str(const json_t *object, const char *key);         /* NULL when absent or "" */
int64_t jx_int(const json_t *object, const char *key);             /* 0 when absent */
int32_t jx_int32(const json_t *object, const char *key);           /* the nearest that fits */
bool jx_bool(const json_t *object, const char *key);
int64_t jx_time(const json_t *object, const char *key);            /* wall ms, 0 when absent */
/* "metadata.labels": keys without dots only. */
const json_t *jx_at(const json_t *object, const char *path);
/* The first element of an array with "type" equal to type. */
const json_t *jx_typed(const json_t *array, const char *type);
/* The ownerReference with controller true. */
const json_t *jx_controller(const json_t *metadata);

/* A labelSelector's value for a URL, from matchLabels; caller frees. */
char *jx_selector(const json_t *labels);

#endif

/*
 * world/yaml_json.h: a YAML (or JSON) document as a JSON tree.
 */
#ifndef SITREP_WORLD_YAML_JSON_H
#define SITREP_WORLD_YAML_JSON_H

#include <stddef.h>

#include <jansson.h>

#include "core/err.h"

/* New references; NULL with a sentence that begins with the name or path, line and column. */
json_t *yaml_json_parse(const char *name, const char *text, size_t len, struct err *err);
json_t *yaml_json_load(const char *path, struct err *err);

#endif

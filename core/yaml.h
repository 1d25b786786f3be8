/*
 * core/yaml.h: YAML as a small tree whose every node knows where it stood, so that errors can
 * say file:line:column. Files have ceilings: 1 MiB, 64 levels, 100,000 nodes after aliases.
 */
#ifndef SITREP_CORE_YAML_H
#define SITREP_CORE_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	int line, column;              /* from 1 */
	char *text;                    /* scalar: never NULL */
	bool plain;                    /* scalar without quotes: may be null, a bool, a number */
	struct yaml_node *keys;        /* map: len scalars */
	struct yaml_node *items;       /* list and map: len values */
	size_t len;
};

struct yaml {
	char *file;                    /* as shown in errors */
	struct yaml_node root;
};

/* One document. On failure (-EINVAL, -EMSGSIZE or the file's errno) nothing is held. */
int yaml_load_file(struct yaml *yaml, const char *path, struct err *err);
int yaml_load_text(struct yaml *yaml, const char *file, const char *text, size_t len,
		   struct err *err);
void yaml_release(struct yaml *yaml);

/* Value of a key, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
bool yaml_is_null(const struct yaml_node *node);
/* Whole text of a file within the ceiling; caller frees. */
int yaml_read_file(const char *path, char **ret_text, size_t *ret_len, struct err *err);

#endif

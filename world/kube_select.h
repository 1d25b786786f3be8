/*
 * world/kube_select.h: label and field selectors, as they come in a query.
 */
#ifndef SITREP_WORLD_KUBE_SELECT_H
#define SITREP_WORLD_KUBE_SELECT_H

#include <stdbool.h>

#include <jansson.h>

struct selection {
	const char *labels;   /* NULL or "" selects everything */
	const char *fields;
};

bool select_labels(const char *selector, const json_t *labels);
bool select_fields(const char *selector, const json_t *object);
bool select_object(const struct selection *selection, const json_t *object);
/* A LabelSelector object: matchLabels and matchExpressions. */
bool select_by(const json_t *label_selector, const json_t *labels);

#endif

/* backends/kube/describe.h: an object told in the order a person asks about it. */
#ifndef SITREP_BACKENDS_KUBE_DESCRIBE_H
#define SITREP_BACKENDS_KUBE_DESCRIBE_H

#include <jansson.h>

#include "core/buf.h"

void describe_object(const json_t *object, struct buf *out);
/* A list of events, oldest first; "<none>" when empty. */
void describe_events(const json_t *list, struct buf *out);
/* What differs between two pod templates, one line a path. */
void describe_diff(const json_t *before, const json_t *after, struct buf *out);

#endif

/* backends/kube/yamlout.h: API objects as YAML, as `kubectl get -o yaml` shows them. */
#ifndef SITREP_BACKENDS_KUBE_YAMLOUT_H
#define SITREP_BACKENDS_KUBE_YAMLOUT_H

#include <jansson.h>

#include "core/buf.h"

/* Appends; 0 or -EMSGSIZE. */
int yamlout(const json_t *value, struct buf *out);

#endif

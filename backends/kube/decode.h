/*
 * backends/kube/decode.h: one API object into the compact model. Objects without a name are
 * ignored; every other field may be missing or of the wrong type.
 */
#ifndef SITREP_BACKENDS_KUBE_DECODE_H
#define SITREP_BACKENDS_KUBE_DECODE_H

#include <jansson.h>

#include "core/situation.h"

void decode_node(struct situation *sit, const json_t *object);
void decode_lease(struct situation *sit, const json_t *object);
void decode_pod(struct situation *sit, const json_t *object);
void decode_deployment(struct situation *sit, const json_t *object);
void decode_replicaset(struct situation *sit, const json_t *object);
void decode_statefulset(struct situation *sit, const json_t *object);
void decode_daemonset(struct situation *sit, const json_t *object);
void decode_job(struct situation *sit, const json_t *object);
void decode_event(struct situation *sit, const json_t *object);
void decode_pdb(struct situation *sit, const json_t *object);
void decode_volume(struct situation *sit, const json_t *object);
void decode_configmap(struct situation *sit, const json_t *object);
void decode_claim(struct situation *sit, const json_t *object);
/* Into a list that is being made anew. */
void decode_apiservice(struct api_services *apis, const json_t *object);
void decode_snapshot(struct snapshots *snapshots, const json_t *object);

#endif

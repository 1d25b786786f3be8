/*
 * backends/kube/decode_control.c: API services and k3s's records of etcd snapshots. Source of the
 * latter: k3s-io/api, k3s.cattle.io/v1 ETCDSnapshotFile.
 */
#include <stdlib.h>
#include <string.h>

#include "backends/kube/decode.h"
#include "backends/kube/jsonx.h"
#include "core/quantity.h"

void decode_apiservice(struct api_services *apis, const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");
	const json_t *available = jx_typed(jx_at(object, "status.conditions"), "Available");
	const char *status = jx_str(available, "status");
	struct api_service service = {
		.name = (char *)(uintptr_t)jx_str(meta, "name"),
		.reason = (char *)(uintptr_t)jx_str(available, "reason"),
		.message = (char *)(uintptr_t)jx_str(available, "message"),
		.since_ms = jx_time(available, "lastTransitionTime"),
	};

	if (!service.name)
		return;
	apis->total++;
	if (status && !strcmp(status, "False"))
		api_services_add(apis, &service);
}

/* A size that is absent, and no "ready to use", mean that it failed. */
void decode_snapshot(struct snapshots *snapshots, const json_t *object)
{
	const json_t *spec = json_object_get(object, "spec");
	const json_t *status = json_object_get(object, "status");
	const json_t *error = json_object_get(status, "error");
	int64_t kib;
	struct snapshot file = {
		.node = (char *)(uintptr_t)jx_str(spec, "nodeName"),
		.name = (char *)(uintptr_t)jx_str(spec, "snapshotName"),
		.error = (char *)(uintptr_t)jx_str(error, "message"),
		.created_ms = jx_time(status, "creationTime"), .bytes = -1,
	};

	if (!file.node)
		return;
	if (jx_bool(status, "readyToUse") && !quantity_kib(jx_str(status, "size"), &kib) &&
	    kib < INT64_MAX / 1024)
		file.bytes = kib * 1024;
	if (!file.created_ms)
		file.created_ms = jx_time(error, "time");
	if (!file.created_ms)
		file.created_ms = jx_time(json_object_get(object, "metadata"), "creationTimestamp");
	snapshots_add(snapshots, &file);
}

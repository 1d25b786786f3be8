/* backends/kube/decode_storage.c: persistent volumes and claims */
#include <stdlib.h>
#include <string.h>

#include "backends/kube/decode.h"
#include "backends/kube/jsonx.h"
#include "core/alloc.h"
#include "core/quantity.h"

static void set_text(char **slot, char *text)
{
	free(*slot);
	*slot = text;
}

static int64_t bytes_of(const json_t *quantities)
{
	int64_t kib;

	return quantity_kib(jx_str(quantities, "storage"), &kib) || kib > INT64_MAX / 1024
		? -1 : kib * 1024;
}

static void read_common(struct situation *sit, struct volume *volume, const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");
	const json_t *spec = json_object_get(object, "spec");
	const json_t *status = json_object_get(object, "status");

	volume->seen = true;
	volume->created_ms = jx_time(meta, "creationTimestamp");
	volume->deleting = jx_str(meta, "deletionTimestamp") != NULL;
	intern_set(sit->strings, &volume->phase, jx_str(status, "phase"));
	intern_set(sit->strings, &volume->class, jx_str(spec, "storageClassName"));
}

/* The one node that local volumes name: by its host name, as the API and local-path write it. */
static const char *pinned_to(const json_t *spec)
{
	const json_t *terms = jx_at(spec, "nodeAffinity.required.nodeSelectorTerms");
	const json_t *rules = json_object_get(json_array_get(terms, 0), "matchExpressions"), *rule;
	size_t i;

	json_array_foreach(rules, i, rule) {
		const char *key = jx_str(rule, "key");
		const json_t *values = json_object_get(rule, "values");

		if (key && !strcmp(key, "kubernetes.io/hostname") && json_array_size(values) == 1)
			return json_string_value(json_array_get(values, 0));
	}
	return NULL;
}

void decode_volume(struct situation *sit, const json_t *object)
{
	const json_t *spec = json_object_get(object, "spec");
	const json_t *claim = json_object_get(spec, "claimRef");
	const char *name = jx_str(json_object_get(object, "metadata"), "name");
	const char *reason = jx_str(json_object_get(object, "status"), "message");
	const char *claim_ns = jx_str(claim, "namespace"), *claim_name = jx_str(claim, "name");
	struct volume *volume;

	if (!name)
		return;
	volume = storage_get(&sit->storage, sit->strings, VOLUME_DISK, "", name);
	read_common(sit, volume, object);
	volume->bytes = bytes_of(json_object_get(spec, "capacity"));
	intern_set(sit->strings, &volume->policy, jx_str(spec, "persistentVolumeReclaimPolicy"));
	intern_set(sit->strings, &volume->node, pinned_to(spec));
	set_text(&volume->reason, xstrdup(reason ? reason : ""));
	set_text(&volume->other, claim_ns && claim_name ? xasprintf("%s/%s", claim_ns, claim_name)
							: xstrdup(""));
}

void decode_claim(struct situation *sit, const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");
	const json_t *spec = json_object_get(object, "spec");
	const char *ns = jx_str(meta, "namespace"), *name = jx_str(meta, "name");
	const char *disk = jx_str(spec, "volumeName");
	struct volume *volume;

	if (!ns || !name)
		return;
	volume = storage_get(&sit->storage, sit->strings, VOLUME_CLAIM, ns, name);
	read_common(sit, volume, object);
	volume->bytes = bytes_of(jx_at(object, "status.capacity"));
	if (volume->bytes < 0)
		volume->bytes = bytes_of(jx_at(spec, "resources.requests"));
	intern_set(sit->strings, &volume->node, jx_str(json_object_get(meta, "annotations"),
						       "volume.kubernetes.io/selected-node"));
	set_text(&volume->other, xstrdup(disk ? disk : ""));
}

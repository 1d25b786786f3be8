/* backends/kube/decode_misc.c: events and disruption budgets */
#include <stdlib.h>
#include <string.h>

#include "backends/kube/decode.h"
#include "backends/kube/jsonx.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"

#define MESSAGE_MAX 240
#define SELECTOR_MAX 1024
#define KEYS_MAX 512
#define KEYS_TOLD 3
#define LEADER "control-plane.alpha.kubernetes.io/leader"

/* When an event was last seen, in kubectl's order of fields. */
static int64_t last_seen(const json_t *object)
{
	int64_t at = jx_time(json_object_get(object, "series"), "lastObservedTime");

	if (!at)
		at = jx_time(object, "lastTimestamp");
	if (!at)
		at = jx_time(object, "eventTime");
	if (!at)
		at = jx_time(json_object_get(object, "metadata"), "creationTimestamp");
	return at;
}

static int32_t times_seen(const json_t *object)
{
	int32_t count = jx_int32(json_object_get(object, "series"), "count");

	if (!count)
		count = jx_int32(object, "count");
	return count ? count : 1;
}

void decode_event(struct situation *sit, const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");
	const json_t *about = json_object_get(object, "involvedObject");
	const char *ns = jx_str(meta, "namespace"), *name = jx_str(meta, "name");
	const char *message = jx_str(object, "message");
	struct event event = {0};

	if (!ns || !name)
		return;
	event.ns = intern_get(sit->strings, ns);
	event.kind = intern_get(sit->strings, jx_str(about, "kind"));
	event.reason = intern_get(sit->strings, jx_str(object, "reason"));
	event.type = intern_get(sit->strings, jx_str(object, "type"));
	event.object = xstrdup(jx_str(about, "name") ? jx_str(about, "name") : "");
	event.name = xstrdup(name);
	event.message = xstrndup(message ? message : "", MESSAGE_MAX);
	event.last_ms = last_seen(object);
	event.count = times_seen(object);
	events_put(&sit->events, sit->strings, &event);
}

/* The last of those who have written it, from managedFields; NULL = nobody has left a name. */
static const json_t *last_writer(const json_t *meta)
{
	const json_t *fields = json_object_get(meta, "managedFields"), *field, *last = NULL;
	size_t i;

	json_array_foreach(fields, i, field) {
		int64_t at = jx_time(field, "time");

		if (at && (!last || at >= jx_time(last, "time")))
			last = field;
	}
	return last;
}

/* Which of its keys are that writer's: "DB_HOST, DEBUG and 2 more"; NULL = none. Source: structured
 * field ownership, "f:data": {"f:DB_HOST": {}}. Whoever changes a key owns it from then on. */
static char *keys_of(const json_t *writer)
{
	static const char *const parts[] = {"f:data", "f:binaryData"};
	struct buf keys = BUF_INIT(KEYS_MAX);
	const char *key;
	size_t count = 0, i;
	json_t *value;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		json_t *part = json_object_get(json_object_get(writer, "fieldsV1"), parts[i]);

		json_object_foreach(part, key, value) {
			if (strncmp(key, "f:", 2) || ++count > KEYS_TOLD)
				continue;
			buf_printf(&keys, "%s%.40s", count > 1 ? ", " : "", key + 2);
		}
	}
	if (count > KEYS_TOLD)
		buf_printf(&keys, " and %zu more", count - KEYS_TOLD);
	return count ? buf_detach(&keys) : NULL;
}

/* Of its metadata alone: its content may hold what isn't ours to read. Locks that are kept in one
 * change every other second and mean nothing. */
void decode_configmap(struct situation *sit, const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");
	const char *ns = jx_str(meta, "namespace"), *name = jx_str(meta, "name");
	const char *version = jx_str(meta, "resourceVersion");
	const json_t *writer = last_writer(meta);
	struct config_map *map;
	int64_t written;

	if (!ns || !name || !version || !strcmp(name, "kube-root-ca.crt") ||
	    json_object_get(json_object_get(meta, "annotations"), LEADER))
		return;
	map = configs_get(&sit->configs, sit->strings, ns, name);
	map->seen = true;
	written = jx_time(writer, "time");
	map->created_ms = jx_time(meta, "creationTimestamp");
	if (map->version[0] && strcmp(map->version, version) && written <= map->changed_ms)
		map->changed_ms = clock_wall_ms();
	else if (!map->version[0] || written > map->changed_ms)
		map->changed_ms = written ? written : map->created_ms;
	intern_set(sit->strings, &map->by, jx_str(writer, "manager"));
	free(map->keys);
	map->keys = keys_of(writer);
	free(map->version);
	map->version = xstrdup(version);
}

void decode_pdb(struct situation *sit, const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");
	const json_t *status = json_object_get(object, "status");
	const json_t *labels = jx_at(object, "spec.selector.matchLabels");
	const char *ns = jx_str(meta, "namespace"), *name = jx_str(meta, "name"), *key;
	struct buf selector = BUF_INIT(SELECTOR_MAX);
	struct pdb *pdb;
	json_t *value;

	if (!ns || !name)
		return;
	pdb = pdbs_get(&sit->pdbs, sit->strings, ns, name);
	pdb->seen = true;
	pdb->disruptions_allowed = jx_int32(status, "disruptionsAllowed");
	pdb->healthy = jx_int32(status, "currentHealthy");
	pdb->desired = jx_int32(status, "desiredHealthy");
	pdb->expected = jx_int32(status, "expectedPods");
	json_object_foreach((json_t *)(uintptr_t)labels, key, value)
		buf_printf(&selector, "%s%s=%s", selector.len ? "," : "", key,
			   json_string_value(value) ? json_string_value(value) : "");
	free(pdb->selector);
	pdb->selector = buf_detach(&selector);
}

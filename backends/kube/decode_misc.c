/* backends/kube/decode_misc.c: events and disruption budgets */
#include <stdlib.h>
#include <string.h>

#include "backends/kube/decode.h"
#include "backends/kube/jsonx.h"
#include "core/alloc.h"
#include "core/buf.h"

#define MESSAGE_MAX 240
#define SELECTOR_MAX 1024

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

/* world/controllers/events.c: see events.h */
#include "world/controllers/events.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "world/jx.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

#define KEEP_US (3600LL * 1000000)

static const char *event_namespace(const json_t *about)
{
	const char *ns = jx_namespace(about);

	return *ns ? ns : "default";
}

/* The same said before about the same object. */
static json_t *earlier(struct world *world, const json_t *about, const char *reason,
		       const char *message)
{
	json_t *event;

	for (size_t i = 0; (event = store_at(world->store, RES_EVENTS, i)); i++) {
		if (!strcmp(jx_str(event, "involvedObject.uid"), jx_uid(about)) &&
		    !strcmp(jx_str(event, "reason"), reason) &&
		    !strcmp(jx_str(event, "message"), message))
			return event;
	}
	return NULL;
}

static json_t *new_event(const json_t *about, const char *from, int64_t at_us)
{
	const char *ns = jx_namespace(about);
	const char *host = !strcmp(from, "kubelet") ? jx_str(about, "spec.nodeName") : "";
	json_t *event = json_object();

	jx_set(event, "metadata.name",
	       json_sprintf("%s.%08x%08x", jx_name(about), (unsigned)(at_us >> 20),
			    world_random(UINT32_MAX)));
	jx_set_str(event, "metadata.namespace", event_namespace(about));
	jx_set(event, "metadata.creationTimestamp", when_json(at_us));
	jx_set(event, "involvedObject",
	       json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "kind", jx_str(about, "kind"),
			 "apiVersion", jx_str(about, "apiVersion"), "name", jx_name(about),
			 "namespace", ns, "uid", jx_uid(about), "resourceVersion",
			 jx_str(about, "metadata.resourceVersion")));
	if (!*ns)
		jx_del(event, "involvedObject.namespace");
	if (!strcmp(from, "kubelet") && !strcmp(jx_str(about, "kind"), "Node"))
		host = jx_name(about);
	jx_set_str(event, "source.component", from);
	if (*host)
		jx_set_str(event, "source.host", host);
	jx_set(event, "firstTimestamp", when_json(at_us));
	json_object_set_new(event, "eventTime", json_null());
	jx_set_str(event, "reportingComponent", from);
	jx_set_str(event, "reportingInstance", host);
	return event;
}

void event_record(struct world *world, json_t *about, const char *from, const char *type,
		  const char *reason, int64_t at_us, const char *format, ...)
{
	char message[1024];
	json_t *event;
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	at_us = at_us ? at_us : when_now_us();
	event = earlier(world, about, reason, message);
	event = event ? json_deep_copy(event) : new_event(about, from, at_us);
	jx_set_str(event, "type", type);
	jx_set_str(event, "reason", reason);
	jx_set_str(event, "message", message);
	jx_set(event, "lastTimestamp", when_json(at_us));
	jx_set_int(event, "count", jx_int(event, "count") + 1);
	store_put(world->store, RES_EVENTS, event);
}

void events_expire(struct world *world)
{
	int64_t before = when_now_us() - KEEP_US;

	for (size_t i = store_count(world->store, RES_EVENTS); i-- > 0;) {
		json_t *event = store_at(world->store, RES_EVENTS, i);
		const char *last = jx_str(event, "lastTimestamp");

		if (!*last)
			last = jx_str(event, "metadata.creationTimestamp");
		if (when_parse(last) < before)
			store_remove(world->store, RES_EVENTS, jx_namespace(event),
				     jx_name(event));
	}
}

/*
 * world/controllers/events.h: Events, as controllers and kubelets record them: the same thing
 * again raises the count of the Event that is there.
 */
#ifndef SITREP_WORLD_CONTROLLERS_EVENTS_H
#define SITREP_WORLD_CONTROLLERS_EVENTS_H

#include <stdint.h>

#include <jansson.h>

struct world;

/* `about` is the object itself; `from` a component such as "kubelet" or
 * "deployment-controller". `at_us` 0 is now. */
void event_record(struct world *world, json_t *about, const char *from, const char *type,
		  const char *reason, int64_t at_us, const char *format, ...)
	__attribute__((format(printf, 7, 8)));

/* Events are kept for an hour. */
void events_expire(struct world *world);

#endif

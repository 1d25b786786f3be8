/* core/model/events.h: the newest Warning events, a ring with a ceiling. */
#ifndef SITREP_CORE_MODEL_EVENTS_H
#define SITREP_CORE_MODEL_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"

struct intern;

#define EVENTS_MAX 256

struct event {
	const char *ns;            /* interned, as every const char * */
	const char *kind;          /* of the object it is about */
	const char *reason;
	const char *type;          /* Normal, Warning */
	char *object;              /* owned: the object's name */
	char *name;                /* owned: the event's own name, its key with ns */
	char *message;             /* owned, at most 240 bytes */
	int64_t last_ms;           /* last seen */
	int32_t count;
};

struct events {
	struct freshness fresh;
	bool complete;
	struct event *items;       /* newest last */
	size_t len, cap;
};

/* Adds or replaces the event of that ns and name, then keeps order and ceiling.
 * Takes over object, name and message. */
void events_put(struct events *events, struct intern *strings, const struct event *event);
void events_remove(struct events *events, struct intern *strings, const char *ns,
		   const char *name);
void events_clear(struct events *events, struct intern *strings);

#endif

/* core/model/events.c: see events.h */
#include "core/model/events.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/intern.h"

static void release(struct event *event, struct intern *strings)
{
	intern_put(strings, event->ns);
	intern_put(strings, event->kind);
	intern_put(strings, event->reason);
	intern_put(strings, event->type);
	free(event->object);
	free(event->name);
	free(event->message);
}

static void drop(struct events *events, struct intern *strings, size_t at)
{
	release(&events->items[at], strings);
	events->len--;
	memmove(&events->items[at], &events->items[at + 1],
		(events->len - at) * sizeof(*events->items));
}

void events_remove(struct events *events, struct intern *strings, const char *ns,
		   const char *name)
{
	size_t i;

	for (i = 0; i < events->len; i++) {
		if (!strcmp(events->items[i].name, name) && !strcmp(events->items[i].ns, ns)) {
			drop(events, strings, i);
			return;
		}
	}
}

void events_put(struct events *events, struct intern *strings, const struct event *event)
{
	size_t at;

	events_remove(events, strings, event->ns, event->name);
	if (events->len == EVENTS_MAX)
		drop(events, strings, 0);
	if (events->len == events->cap) {
		events->cap = events->cap ? events->cap * 2 : 16;
		events->items = xreallocarray(events->items, events->cap,
					      sizeof(*events->items));
	}
	for (at = events->len; at > 0 && events->items[at - 1].last_ms > event->last_ms; at--)
		events->items[at] = events->items[at - 1];
	events->items[at] = *event;
	events->len++;
}

void events_clear(struct events *events, struct intern *strings)
{
	size_t i;

	for (i = 0; i < events->len; i++)
		release(&events->items[i], strings);
	free(events->items);
	events->items = NULL;
	events->len = events->cap = 0;
}

/*
 * tui/outlet.h: bytes on their way to a terminal or a pipe that may have stalled. They wait here,
 * and nothing waits for them; the loop hands them on as the other side takes them.
 */
#ifndef SITREP_TUI_OUTLET_H
#define SITREP_TUI_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "core/buf.h"

struct outlet_events {
	void (*drained)(void *arg);            /* all has left that had to wait */
	void (*gone)(void *arg);               /* nobody will ever read it */
	void *arg;
};

struct outlet {
	int fd;                    /* our own */
	int flags;                 /* what to leave behind where others share them; -1 = nobody does */
	struct buf pending;
	size_t sent;               /* of pending */
	struct outlet_events events;
	uv_poll_t writable;
	bool watched;              /* a file isn't: it takes everything at once */
	bool waits;
	void (*closed)(void *arg);
};

/* To what fd leads to, with at most ceiling bytes waiting. 0 or -errno. */
int outlet_open(struct outlet *outlet, uv_loop_t *loop, int fd, size_t ceiling,
		const struct outlet_events *events);
/* Closes its descriptor; closed(arg) once the loop has run on, when the struct may go. */
void outlet_close(struct outlet *outlet, void (*closed)(void *arg));

/* Queues; -EMSGSIZE when that would pass the ceiling, and then nothing is queued. */
int outlet_add(struct outlet *outlet, const char *bytes, size_t len);
/* As much as the other side takes now. May call gone(). */
void outlet_pump(struct outlet *outlet);
bool outlet_is_empty(const struct outlet *outlet);
/* Everything, unless the other side takes nothing for so long. */
void outlet_last_words(struct outlet *outlet, int patience_ms);

#endif

/*
 * world/talk.h: connections of the simulated outside: what a client says comes in, what is written
 * goes out. Ceilings and clean ends are kept here; protocols are their owners' business.
 */
#ifndef SITREP_WORLD_TALK_H
#define SITREP_WORLD_TALK_H

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "core/buf.h"
#include "core/err.h"

#define TALK_INPUT_MAX 16384

struct talk;
struct listener;

struct listener_ops {
	void (*opened)(struct talk *talk);             /* MAY */
	void (*closed)(struct talk *talk);             /* MAY: to free what talk_own() gives */
	/* in has grown; what has been used is for the callee to consume. */
	void (*heard)(struct talk *talk, struct buf *in);
};

/* On 127.0.0.1, on a free port. arg is for the owner. */
int listener_start(uv_loop_t *loop, const struct listener_ops *ops, void *arg,
		   struct listener **ret, struct err *err);
int listener_port(const struct listener *listener);
/* Closes it and all its connections. */
void listener_stop(struct listener *listener);

void *talk_arg(const struct talk *talk);               /* the listener's */
/* Of this connection alone; its owner's to make and to free. */
void talk_set_own(struct talk *talk, void *own);
void *talk_own(const struct talk *talk);
const char *talk_input(const struct talk *talk);       /* what has been heard; never NULL */
void talk_write(struct talk *talk, const char *text, size_t len);
/* Once everything has been written. */
void talk_end(struct talk *talk);
void talk_reset(struct talk *talk);
/* Calls back once after ms, unless the connection is gone before. */
void talk_later(struct talk *talk, int64_t ms, void (*then)(struct talk *talk));

#endif

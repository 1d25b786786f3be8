/*
 * backends/websocket.h: the client's side of a WebSocket over a stream (Debian 12's libcurl is built
 * without). Source: RFC 6455. No extensions; whole messages of at most 1 MiB.
 *
 * Callbacks come from the loop. It may be closed from any of them.
 */
#ifndef SITREP_BACKENDS_WEBSOCKET_H
#define SITREP_BACKENDS_WEBSOCKET_H

#include <stddef.h>

#include "backends/stream.h"

struct websocket;

struct websocket_request {
	const struct stream_peer *peer;
	const char *host, *path;   /* the Host header; the path with its query */
	const char *protocol;      /* the subprotocol that the peer has to agree to */
	const char *const *headers;    /* "Name: value", NULL-terminated; NULL = none */
};

struct websocket_events {
	void (*opened)(void *arg);
	/* A whole message, text or binary. */
	void (*message)(void *arg, const char *bytes, size_t len);
	/* The end, once. status is the HTTP status of a peer that would not upgrade, else 0. The
	 * websocket is gone after. */
	void (*closed)(void *arg, enum fresh_fault fault, int status, const char *why);
	void *arg;
};

/* Never NULL. What request points to need not outlive the call. */
struct websocket *websocket_open(uv_loop_t *loop, const struct websocket_request *request,
				 const struct websocket_events *events);
/* One binary message, made of two pieces. -ENOBUFS as stream_write(). */
int websocket_send(struct websocket *ws, const char *head, size_t head_len, const char *bytes,
		   size_t len);
/* Bytes that the peer has not taken yet. */
size_t websocket_waiting(const struct websocket *ws);
void websocket_close(struct websocket *ws);

#endif

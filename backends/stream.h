/*
 * backends/stream.h: one kind of byte stream for protocols of our own, however the peer is
 * reached. Today: TCP and TLS, both through libcurl's CONNECT_ONLY, which resolves names, knows
 * proxies and checks certificates. A further way (an SSH channel, a port-forward) is a further
 * row in stream.c.
 *
 * Nothing blocks. A stream may be closed from any of its callbacks.
 */
#ifndef SITREP_BACKENDS_STREAM_H
#define SITREP_BACKENDS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "core/fresh.h"

struct stream;

struct stream_peer {
	const char *host;          /* name or address */
	int port;
	bool tls;
	const char *tls_name;      /* name its certificate must carry; NULL = host */
	const char *ca_file, *cert_file, *key_file;   /* NULL = the system's authorities, none */
	int64_t connect_ms;        /* deadline of name, TCP and TLS together */
};

struct stream_events {
	void (*opened)(void *arg);
	void (*data)(void *arg, const char *bytes, size_t len);
	/* The end, once: what happened, in a clause, and whose fault. The stream is gone after. */
	void (*closed)(void *arg, enum fresh_fault fault, const char *why);
	void *arg;
};

/* Never NULL; what goes wrong comes as closed(), from the loop. peer need not outlive the call. */
struct stream *stream_open(uv_loop_t *loop, const struct stream_peer *peer,
			   const struct stream_events *events);
/* Queued, and sent from the loop as the peer takes it: nothing is called back from in here.
 * At most 16 MiB may wait: then -ENOBUFS, and nothing of it is sent. */
int stream_write(struct stream *stream, const char *bytes, size_t len);
/* Sends now what the peer takes, for who has more to do before the loop gets its turn. */
void stream_flush(struct stream *stream);
/* No callback comes any more. */
void stream_close(struct stream *stream);

#endif

/*
 * backends/stream.h: one kind of byte stream for protocols of our own, however the peer is
 * reached: TCP and TLS, both through libcurl's CONNECT_ONLY, which resolves names and checks
 * certificates; and either of them over a way that somebody else makes (a port-forward, an SSH
 * channel).
 *
 * Nothing blocks. A stream may be closed from any of its callbacks.
 */
#ifndef SITREP_BACKENDS_STREAM_H
#define SITREP_BACKENDS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "core/config.h"
#include "core/cost.h"
#include "core/fresh.h"

struct stream;

/*
 * Ways to peers that no connection from here reaches. A backend that can make one offers it in its
 * row (backend_ops.way); who wants a stream names what its configuration says and knows no other
 * backend. The stream speaks, plainly or by TLS, into one end of a local socket; the way carries
 * the bytes between the other end and the peer, whatever they are.
 */
struct stream_way;

struct stream_way_events {
	/* It could not be made, or has broken: what happened, in a clause. At most once. */
	void (*failed)(void *arg, enum fresh_fault fault, const char *why);
	void *arg;
};

struct stream_way_ops {
	const char *name;          /* as config_via_name() gives it: "kubernetes" */
	/* Never NULL; events come from the loop only. self is the backend's; host and port as the
	 * far end of the way would call the peer. fd, a connected socket that does not block, is
	 * the way's from now on: it may carry bytes already, and is closed when the peer has no
	 * more to say, or the way breaks. Only via outlives the call. */
	struct stream_way *(*open)(void *self, const struct config_via *via, const char *host,
				   int port, int fd, const struct stream_way_events *events);
	/* No event comes any more. May be called from an event; and for a way whose backend has
	 * stopped meanwhile: that frees everything but the way itself, and tells nobody. */
	void (*close)(struct stream_way *way);
};

#define STREAM_WAYS_MAX 4

/* What this program can offer, filled when its backends start. */
struct stream_ways {
	struct { const struct stream_way_ops *ops; void *self; } items[STREAM_WAYS_MAX];
	size_t len;
};

struct stream_peer {
	const char *host;          /* name or address */
	int port;
	bool tls;
	const char *tls_name;      /* name its certificate must carry; NULL = host */
	const char *ca_file, *cert_file, *key_file;   /* NULL = the system's authorities, none */
	const char *ca_pem, *cert_pem, *key_pem;      /* or the same as text */
	bool insecure;             /* certificates are not checked */
	const char *proxy;         /* http://, https:// or socks5:// URL; NULL = none */
	int64_t connect_ms;        /* deadline of way, name, TCP and TLS together */
	const struct config_via *via;      /* NULL, or nothing chosen in it = directly */
	const struct stream_ways *ways;
	struct cost *cost;         /* where bytes and connections count; NULL = nowhere */
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
/* Bytes that wait to be sent. */
size_t stream_waiting(const struct stream *stream);
/* Sends now what the peer takes, for who has more to do before the loop gets its turn. */
void stream_flush(struct stream *stream);
/* No callback comes any more. */
void stream_close(struct stream *stream);

#endif

/*
 * world/kube_http.h: HTTP for the simulated API server: whole requests in, replies or open
 * streams out. libmicrohttpd runs inside our loop, without threads.
 */
#ifndef SITREP_WORLD_KUBE_HTTP_H
#define SITREP_WORLD_KUBE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/err.h"

struct MHD_Connection;
struct world;
struct kube_server;
struct talk;

struct request {
	struct world *world;
	struct MHD_Connection *conn;
	struct kube_server *server;
	struct talk *talk;           /* kube_http.c's own */
	bool held;                   /* it is asked again after request_hold() */
	const char *method;
	const char *path;            /* decoded, starts with "/" */
	const char *accept;          /* "" when not sent; so the next two */
	const char *content_type;
	const char *user_agent;
	const char *body;
	size_t body_len;
};

/* A query argument; NULL when absent, "" when it has no value. */
const char *request_arg(const struct request *request, const char *name);
bool request_flag(const struct request *request, const char *name);  /* "true" or "1" */

/* Each request gets exactly one reply. Objects are stolen. */
int reply_json(const struct request *request, int status, json_t *object);
int reply_json_as(const struct request *request, int status, const char *type, json_t *object);
int reply_text(const struct request *request, int status, const char *text);

/* Instead of a reply: the connection waits that long, then the same request is handled once more. */
int request_hold(const struct request *request, int64_t ms);

/* An open answer: written to until ended by us, or closed by the client. */
struct stream;
struct stream_owner {
	/* The stream is gone (after stream_end too); never called from stream_write. */
	void (*closed)(void *arg);
	void *arg;
};
int reply_stream(const struct request *request, const char *type,
		 const struct stream_owner *owner, struct stream **ret_stream);
void stream_write(struct stream *stream, const char *data, size_t len);
void stream_end(struct stream *stream);

/* Port 0 takes a free one. With a node (which outlives it) it stands there: nobody answers while that
 * node is down. Without one it is what stands before them all, and answers while any of them does. */
int kube_server_start(struct world *world, int port, const char *node,
		      struct kube_server **ret_server, struct err *err);
int kube_server_port(const struct kube_server *server);
const char *kube_server_node(const struct kube_server *server);  /* NULL = before them all */
/* Which checks fail there, by kube_health.c's numbers; its to change. */
unsigned int *kube_server_failing(struct kube_server *server);
void kube_server_stop(struct kube_server *server);

#endif

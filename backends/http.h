/*
 * backends/http.h: HTTP over libcurl's multi interface on the loop. Nothing here blocks; every
 * call has a deadline and hands its body over piece by piece.
 *
 * Callbacks come from the loop. A call may be cancelled and others may be started from any of
 * them.
 */
#ifndef SITREP_BACKENDS_HTTP_H
#define SITREP_BACKENDS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "core/cost.h"
#include "core/fresh.h"

struct http;
struct http_call;

/* Who is spoken to and how it is trusted. Copied by http_start(). */
struct http_peer {
	const char *ca_pem;        /* NULL = the system's authorities */
	const char *cert_pem;      /* client certificate and key; NULL = none */
	const char *key_pem;
	const char *user, *password;   /* basic auth; NULL = none */
	const char *proxy;         /* http://, https:// or socks5:// URL; NULL = from environment */
	const char *connect_to;    /* libcurl's "name:port:host:port"; NULL = none */
	bool insecure;             /* certificates are not checked */
};

struct http_outcome {
	int rc;                    /* 0 = an HTTP answer arrived whole; else -errno */
	long status;               /* HTTP status; 0 = none */
	bool connected;            /* name, TCP and TLS were done with: what failed came after */
	enum fresh_fault fault;    /* whose fault, when rc or status say failure */
	char text[200];            /* one clause: "connection refused"; "" when rc is 0 */
	int retry_after_s;         /* Retry-After; 0 = not given */
	uint64_t bytes_in, bytes_out;  /* bodies and headers, as on the wire */
};

struct http_request {
	const char *method;        /* "GET", "PATCH", ... */
	const char *url;
	const char *const *headers;    /* "Name: value", NULL-terminated; NULL = none */
	const char *body;          /* NULL = none; copied */
	size_t body_len;
	const struct http_peer *peer;
	int64_t connect_ms;        /* deadline of name, TCP and TLS; 0 = 5000 */
	int64_t total_ms;          /* deadline of everything; 0 = none (watches, follows) */
	int64_t silence_ms;        /* abort when nothing arrives for this long; 0 = never */
	bool gzip;                 /* offer compression */
	bool once;                 /* never sent a second time, as it would be on a connection that
				    * was kept and turns out to be dead */
	int redirects;             /* followed at most; never from https to http */
	const char *protocols;     /* libcurl's names, NULL = "http,https" */
	/* MAY: further options for the CURL * before it starts, and a look at it when it has
	 * ended, just before done. */
	void (*tune)(void *arg, void *easy);
	void (*measure)(void *arg, void *easy);
	/* MAY: a header line (of the last answer, after redirects), or a line of the greeting of
	 * what isn't HTTP. Not NUL-terminated. */
	void (*header)(void *arg, const char *line, size_t len);
	/* A piece of the body; status is already known. May be NULL. */
	void (*data)(void *arg, long status, const char *bytes, size_t len);
	/* Exactly once, unless cancelled; the call is gone after it. */
	void (*done)(void *arg, const struct http_outcome *outcome);
	void *arg;
};

struct http *http_new(uv_loop_t *loop);
/* Every call from now on counts there; cost outlives http. */
void http_count(struct http *http, struct cost *cost);
/* Drops every call without its callback; memory goes once the loop has run on. Also from a
 * callback: no other follows it then, and no call may be started any more. */
void http_free(struct http *http);
struct http_call *http_start(struct http *http, const struct http_request *request);
void http_cancel(struct http_call *call);
/* Closes every connection: calls under way end with -ECONNABORTED, later ones connect afresh.
 * For a connection that is thought dead though nothing has told so. Not from a data callback. */
void http_reset(struct http *http);

#endif

/*
 * tests/unit/httpd.h: an HTTP/1.1 server whose every byte the test decides, on the test's own loop
 * and on 127.0.0.1. What a real server does only when it is ill, this one does on demand.
 */
#ifndef SITREP_TESTS_UNIT_HTTPD_H
#define SITREP_TESTS_UNIT_HTTPD_H

#include <stddef.h>

#include <uv.h>

struct httpd;
struct httpd_conn;

/* A request has come whole (its head; bodies are dropped). Answer now, later, or never. path is
 * the request line's second word; both hold until the answer's end. */
typedef void (*httpd_serve)(void *arg, struct httpd_conn *conn, const char *method,
			    const char *path);

struct httpd *httpd_new(uv_loop_t *loop, httpd_serve serve, void *arg);
int httpd_port(const struct httpd *httpd);
/* Closes everything; memory goes once the loop has run on. */
void httpd_free(struct httpd *httpd);
/* Cuts every connection. */
void httpd_cut_all(struct httpd *httpd);

/* Value of a request header, "" when absent; holds until the next request. */
const char *httpd_header(struct httpd_conn *conn, const char *name);
/* A whole answer; headers are NULL or "Name: value\r\n"... */
void httpd_answer(struct httpd_conn *conn, int status, const char *headers, const char *body,
		  size_t len);
/* An answer in chunks, for watches and follows. */
void httpd_begin(struct httpd_conn *conn);
void httpd_chunk(struct httpd_conn *conn, const char *text);
void httpd_end(struct httpd_conn *conn);
void httpd_raw(struct httpd_conn *conn, const void *bytes, size_t len);
/* Closes it, whatever has been said so far. The connection is gone. */
void httpd_cut(struct httpd_conn *conn);

#endif

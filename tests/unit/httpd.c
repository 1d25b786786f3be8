/* tests/unit/httpd.c: see httpd.h */
#include "tests/unit/httpd.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/buf.h"

#define REQUEST_MAX (256 * 1024)

struct httpd {
	uv_tcp_t tcp;
	httpd_serve serve;
	void *arg;
	struct httpd_conn *conns;
	int port;
};

struct httpd_conn {
	uv_tcp_t tcp;
	struct httpd *httpd;
	struct httpd_conn *next;
	struct buf in;
	size_t skip;               /* of a request's body, still to come */
	char *head, *path;         /* of the request at hand */
	char value[512];
	char chunk[16384];
};

struct reply {
	uv_write_t write;
	char bytes[];
};

static void conn_closed(uv_handle_t *handle)
{
	struct httpd_conn *conn = handle->data;

	buf_release(&conn->in);
	free(conn->head);
	free(conn->path);
	free(conn);
}

void httpd_cut(struct httpd_conn *conn)
{
	struct httpd_conn **slot = &conn->httpd->conns;

	while (*slot && *slot != conn)
		slot = &(*slot)->next;
	if (*slot)
		*slot = conn->next;
	if (!uv_is_closing((uv_handle_t *)&conn->tcp))
		uv_close((uv_handle_t *)&conn->tcp, conn_closed);
}

static void written(uv_write_t *write, int status)
{
	(void)status;
	free(write->data);
}

void httpd_raw(struct httpd_conn *conn, const void *bytes, size_t len)
{
	struct reply *reply = xmalloc(sizeof(*reply) + len);
	uv_buf_t buf = uv_buf_init(reply->bytes, (unsigned int)len);

	memcpy(reply->bytes, bytes, len);
	reply->write.data = reply;
	if (uv_write(&reply->write, (uv_stream_t *)&conn->tcp, &buf, 1, written))
		free(reply);
}

void httpd_answer(struct httpd_conn *conn, int status, const char *headers, const char *body,
		  size_t len)
{
	char *head = xasprintf("HTTP/1.1 %d X\r\nContent-Type: application/json\r\n"
			       "Content-Length: %zu\r\n%s\r\n", status, len,
			       headers ? headers : "");

	httpd_raw(conn, head, strlen(head));
	httpd_raw(conn, body, len);
	free(head);
}

void httpd_begin(struct httpd_conn *conn)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n";

	httpd_raw(conn, head, strlen(head));
}

void httpd_chunk(struct httpd_conn *conn, const char *text)
{
	char *chunk = xasprintf("%zx\r\n%s\r\n", strlen(text), text);

	httpd_raw(conn, chunk, strlen(chunk));
	free(chunk);
}

void httpd_end(struct httpd_conn *conn)
{
	httpd_raw(conn, "0\r\n\r\n", 5);
}

const char *httpd_header(struct httpd_conn *conn, const char *name)
{
	const char *line = conn->head;
	size_t len = strlen(name);

	while ((line = strstr(line, "\r\n"))) {
		line += 2;
		if (strncasecmp(line, name, len) || line[len] != ':')
			continue;
		line += len + 1 + strspn(line + len + 1, " ");
		snprintf(conn->value, sizeof(conn->value), "%.*s", (int)strcspn(line, "\r"), line);
		return conn->value;
	}
	return "";
}

/* Takes the next whole request out of what has come. */
static bool next_request(struct httpd_conn *conn)
{
	size_t drop = conn->skip < conn->in.len ? conn->skip : conn->in.len;
	char *end, *word;

	buf_consume(&conn->in, drop);
	conn->skip -= drop;
	end = conn->skip || !conn->in.len ? NULL : strstr(conn->in.data, "\r\n\r\n");
	if (!end)
		return false;
	free(conn->head);
	free(conn->path);
	conn->head = xstrndup(conn->in.data, (size_t)(end - conn->in.data) + 2);
	buf_consume(&conn->in, (size_t)(end - conn->in.data) + 4);
	word = strchr(conn->head, ' ');
	conn->path = word ? xstrndup(word + 1, strcspn(word + 1, " ")) : xstrdup("");
	conn->skip = strtoul(httpd_header(conn, "Content-Length"), NULL, 10);
	return true;
}

static void received(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct httpd_conn *conn = stream->data;

	if (len < 0) {
		httpd_cut(conn);
		return;
	}
	buf_append(&conn->in, buf->base, (size_t)len);
	while (!uv_is_closing((uv_handle_t *)stream) && next_request(conn)) {
		char method[16];

		snprintf(method, sizeof(method), "%.*s", (int)strcspn(conn->head, " "), conn->head);
		conn->httpd->serve(conn->httpd->arg, conn, method, conn->path);
	}
}

static void give_chunk(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct httpd_conn *conn = handle->data;

	(void)hint;
	*buf = uv_buf_init(conn->chunk, sizeof(conn->chunk));
}

static void accepted(uv_stream_t *stream, int status)
{
	struct httpd *httpd = stream->data;
	struct httpd_conn *conn = xcalloc(1, sizeof(*conn));

	conn->httpd = httpd;
	conn->in.max = REQUEST_MAX;
	uv_tcp_init(stream->loop, &conn->tcp);
	conn->tcp.data = conn;
	conn->next = httpd->conns;
	httpd->conns = conn;
	if (status || uv_accept(stream, (uv_stream_t *)&conn->tcp))
		httpd_cut(conn);
	else
		uv_read_start((uv_stream_t *)&conn->tcp, give_chunk, received);
}

struct httpd *httpd_new(uv_loop_t *loop, httpd_serve serve, void *arg)
{
	struct httpd *httpd = xcalloc(1, sizeof(*httpd));
	struct sockaddr_in address;
	int len = sizeof(address);

	httpd->serve = serve;
	httpd->arg = arg;
	uv_tcp_init(loop, &httpd->tcp);
	httpd->tcp.data = httpd;
	uv_ip4_addr("127.0.0.1", 0, &address);
	if (uv_tcp_bind(&httpd->tcp, (const struct sockaddr *)&address, 0) ||
	    uv_listen((uv_stream_t *)&httpd->tcp, 64, accepted) ||
	    uv_tcp_getsockname(&httpd->tcp, (struct sockaddr *)&address, &len))
		abort();
	httpd->port = ntohs(address.sin_port);
	return httpd;
}

int httpd_port(const struct httpd *httpd)
{
	return httpd->port;
}

void httpd_cut_all(struct httpd *httpd)
{
	while (httpd->conns)
		httpd_cut(httpd->conns);
}

static void server_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void httpd_free(struct httpd *httpd)
{
	httpd_cut_all(httpd);
	uv_close((uv_handle_t *)&httpd->tcp, server_closed);
}

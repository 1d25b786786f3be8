/* world/kube_http.c: see kube_http.h */
#include "world/kube_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <microhttpd.h>
#include <uv.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "world/controllers/nodes.h"
#include "world/jx.h"
#include "world/kube_api.h"
#include "world/store.h"
#include "world/world.h"

#define BODY_MAX (3u << 20)      /* what a real API server takes */
#define STREAM_MAX (8u << 20)    /* a client that reads this far behind is dropped */
#define GONE_LOOK_MS 1000        /* how soon a machine that is back answers */
#define LOOK_EVERY_MS 3000       /* how soon the end of a silent stream's client is seen */

struct stream {
	struct kube_server *server;
	struct MHD_Connection *conn;
	struct stream_owner owner;
	struct buf out;
	bool suspended;
	bool broken;
	bool ended;
	struct stream *next, **link;
};

struct kube_server {
	struct world *world;
	const char *node;            /* NULL = before them all */
	unsigned int failing;        /* checks of /readyz */
	bool stopping;
	struct MHD_Daemon *daemon;
	uv_poll_t poll;
	uv_timer_t timer;            /* libmicrohttpd's own deadlines */
	uv_timer_t look;
	struct stream *streams;
	struct hold *holds;
	int port;
	int open_handles;
};

/* What is kept of a request while its body arrives. */
struct talk {
	struct buf body;
	bool too_big;
	bool held;                   /* it has been put off once */
};

/* A request that is put off: its connection sleeps until then. */
struct hold {
	uv_timer_t timer;
	struct kube_server *server;
	struct MHD_Connection *conn;
	struct hold *next, **link;
};

const char *request_arg(const struct request *request, const char *name)
{
	const char *value = NULL;
	size_t len;

	if (MHD_lookup_connection_value_n(request->conn, MHD_GET_ARGUMENT_KIND, name,
					  strlen(name), &value, &len) != MHD_YES)
		return NULL;
	return value ? value : "";
}

bool request_flag(const struct request *request, const char *name)
{
	const char *value = request_arg(request, name);

	return value && (!*value || !strcmp(value, "true") || !strcmp(value, "1"));
}

static const char *header(struct MHD_Connection *conn, const char *name)
{
	const char *value = MHD_lookup_connection_value(conn, MHD_HEADER_KIND, name);

	return value ? value : "";
}

static int send_response(const struct request *request, int status, const char *type,
			 struct MHD_Response *response)
{
	int rc;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache, private");
	rc = (int)MHD_queue_response(request->conn, (unsigned)status, response);
	MHD_destroy_response(response);
	return rc;
}

int reply_json_as(const struct request *request, int status, const char *type, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	if (!text)
		return MHD_NO;
	return send_response(request, status, type,
			     MHD_create_response_from_buffer(strlen(text), text,
							     MHD_RESPMEM_MUST_FREE));
}

int reply_json(const struct request *request, int status, json_t *object)
{
	return reply_json_as(request, status, "application/json", object);
}

int reply_text(const struct request *request, int status, const char *text)
{
	return send_response(request, status, "text/plain; charset=utf-8",
			     MHD_create_response_from_buffer(strlen(text),
							     (void *)(uintptr_t)text,
							     MHD_RESPMEM_MUST_COPY));
}

/* A machine without a network says nothing, not even no. */
static bool is_there(const struct kube_server *server)
{
	const struct world *world = server->world;
	const json_t *node;

	if (server->node)
		return nodes_up(world, server->node);
	for (size_t i = 0; (node = store_at(world->store, RES_NODES, i)); i++)
		if (nodes_up(world, jx_name(node)))
			return true;
	return false;
}

/* ---- streams ------------------------------------------------------------------------------ */

static ssize_t stream_read(void *arg, uint64_t pos, char *out, size_t max)
{
	struct stream *stream = arg;
	size_t len = stream->out.len < max ? stream->out.len : max;

	(void)pos;
	if (len) {
		memcpy(out, stream->out.data, len);
		buf_consume(&stream->out, len);
		if (!stream->out.len)
			buf_shrink(&stream->out, 0);
		return (ssize_t)len;
	}
	if (stream->ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	stream->suspended = true;
	MHD_suspend_connection(stream->conn);
	return 0;
}

static void stream_free(void *arg)
{
	struct stream *stream = arg;

	*stream->link = stream->next;
	if (stream->next)
		stream->next->link = stream->link;
	stream->owner.closed(stream->owner.arg);
	buf_release(&stream->out);
	free(stream);
}

int reply_stream(const struct request *request, const char *type,
		 const struct stream_owner *owner, struct stream **ret_stream)
{
	struct kube_server *server = request->server;
	struct stream *stream = xcalloc(1, sizeof(*stream));

	stream->server = server;
	stream->conn = request->conn;
	stream->owner = *owner;
	stream->out.max = STREAM_MAX;
	stream->next = server->streams;
	stream->link = &server->streams;
	if (stream->next)
		stream->next->link = &stream->next;
	server->streams = stream;
	*ret_stream = stream;
	return send_response(request, MHD_HTTP_OK, type,
			     MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16384,
							       stream_read, stream,
							       stream_free));
}

static void on_deadline(uv_timer_t *timer);

/* libmicrohttpd may already have looked at what was resumed in this turn: have it look again. */
static void wake(struct stream *stream)
{
	if (!stream->suspended)
		return;
	stream->suspended = false;
	MHD_resume_connection(stream->conn);
	uv_timer_start(&stream->server->timer, on_deadline, 0, 0);
}

void stream_write(struct stream *stream, const char *data, size_t len)
{
	if (stream->ended)
		return;
	/* What a machine without a network had to say is lost; once it is back, so is the stream. */
	if (!is_there(stream->server)) {
		stream->broken = true;
		return;
	}
	if (stream->broken) {
		stream_end(stream);
		return;
	}
	if (buf_append(&stream->out, data, len))
		stream->ended = true;
	wake(stream);
}

void stream_end(struct stream *stream)
{
	stream->ended = true;
	wake(stream);
}

/* A suspended connection is not polled, so its end has to be looked for. */
static void on_look(uv_timer_t *timer)
{
	struct kube_server *server = timer->data;

	for (struct stream *stream = server->streams; stream; stream = stream->next) {
		const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(stream->conn, MHD_CONNECTION_INFO_CONNECTION_FD);
		char byte;

		if (info && !recv(info->connect_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT))
			stream_end(stream);
	}
}

/* ---- requests that are put off ------------------------------------------------------------- */

static void hold_freed(uv_handle_t *handle)
{
	free(handle->data);
}

static void hold_end(struct hold *hold)
{
	*hold->link = hold->next;
	if (hold->next)
		hold->next->link = hold->link;
	MHD_resume_connection(hold->conn);
	uv_timer_start(&hold->server->timer, on_deadline, 0, 0);
	uv_close((uv_handle_t *)&hold->timer, hold_freed);
}

static void on_hold(uv_timer_t *timer)
{
	hold_end(timer->data);
}

int request_hold(const struct request *request, int64_t ms)
{
	struct kube_server *server = request->server;
	struct hold *hold = xcalloc(1, sizeof(*hold));

	request->talk->held = true;
	hold->server = server;
	hold->conn = request->conn;
	hold->next = server->holds;
	hold->link = &server->holds;
	if (hold->next)
		hold->next->link = &hold->next;
	server->holds = hold;
	uv_timer_init(request->world->loop, &hold->timer);
	hold->timer.data = hold;
	uv_timer_start(&hold->timer, on_hold, (uint64_t)(ms > 0 ? ms : 0), 0);
	MHD_suspend_connection(request->conn);
	return MHD_YES;
}

/* ---- requests ----------------------------------------------------------------------------- */

static enum MHD_Result on_request(void *arg, struct MHD_Connection *conn, const char *path,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_len, void **state)
{
	struct kube_server *server = arg;
	struct talk *talk = *state;
	struct request request;

	(void)version;
	if (!talk) {
		*state = talk = xcalloc(1, sizeof(*talk));
		talk->body.max = BODY_MAX;
		return MHD_YES;
	}
	if (*upload_len) {
		if (buf_append(&talk->body, upload, *upload_len))
			talk->too_big = true;
		*upload_len = 0;
		return MHD_YES;
	}
	request = (struct request){
		.world = server->world,
		.conn = conn,
		.server = server,
		.talk = talk,
		.held = talk->held,
		.method = method,
		.path = path,
		.accept = header(conn, MHD_HTTP_HEADER_ACCEPT),
		.content_type = header(conn, MHD_HTTP_HEADER_CONTENT_TYPE),
		.user_agent = header(conn, MHD_HTTP_HEADER_USER_AGENT),
		.body = talk->body.data ? talk->body.data : "",
		.body_len = talk->body.len,
	};
	if (talk->too_big)
		return (enum MHD_Result)reply_text(&request, MHD_HTTP_CONTENT_TOO_LARGE,
						   "request body too large\n");
	if (server->stopping)
		return (enum MHD_Result)reply_text(&request, MHD_HTTP_SERVICE_UNAVAILABLE, "");
	if (!is_there(server))
		return (enum MHD_Result)request_hold(&request, GONE_LOOK_MS);
	return (enum MHD_Result)kube_handle(&request);
}

static void on_completed(void *arg, struct MHD_Connection *conn, void **state,
			 enum MHD_RequestTerminationCode code)
{
	struct talk *talk = *state;

	(void)arg;
	(void)conn;
	(void)code;
	if (talk)
		buf_release(&talk->body);
	free(talk);
	*state = NULL;
}

/* ---- the loop ----------------------------------------------------------------------------- */

static void run(struct kube_server *server)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	for (int turn = 0; turn < 16; turn++) {
		MHD_run(server->daemon);
		if (MHD_get_timeout(server->daemon, &wait_ms) != MHD_YES) {
			uv_timer_stop(&server->timer);
			return;
		}
		if (wait_ms)
			break;
	}
	uv_timer_start(&server->timer, on_deadline, wait_ms, 0);
}

static void on_deadline(uv_timer_t *timer)
{
	run(timer->data);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	run(poll->data);
}

static int listen_on(struct kube_server *server, int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	const union MHD_DaemonInfo *info;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME,
					  (uint16_t)port, NULL, NULL, on_request, server,
					  MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
					  MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
					  MHD_OPTION_CONNECTION_LIMIT, 512u,
					  MHD_OPTION_END);
	if (!server->daemon)
		return errno ? -errno : -EADDRINUSE;
	info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
	server->port = info ? info->port : port;
	return 0;
}

int kube_server_start(struct world *world, int port, const char *node,
		      struct kube_server **ret_server, struct err *err)
{
	struct kube_server *server = xcalloc(1, sizeof(*server));
	const union MHD_DaemonInfo *info;
	int rc;

	server->world = world;
	server->node = node;
	errno = 0;
	rc = listen_on(server, port);
	if (rc) {
		free(server);
		return err_set(err, rc, "Kubernetes API on 127.0.0.1:%d: %s", port,
			       strerror(-rc));
	}
	info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	uv_poll_init(world->loop, &server->poll, info->epoll_fd);
	uv_timer_init(world->loop, &server->timer);
	uv_timer_init(world->loop, &server->look);
	server->poll.data = server->timer.data = server->look.data = server;
	server->open_handles = 3;
	uv_poll_start(&server->poll, UV_READABLE, on_ready);
	uv_timer_start(&server->look, on_look, LOOK_EVERY_MS, LOOK_EVERY_MS);
	*ret_server = server;
	return 0;
}

int kube_server_port(const struct kube_server *server)
{
	return server->port;
}

const char *kube_server_node(const struct kube_server *server)
{
	return server->node;
}

unsigned int *kube_server_failing(struct kube_server *server)
{
	return &server->failing;
}

static void on_closed(uv_handle_t *handle)
{
	struct kube_server *server = handle->data;

	if (!--server->open_handles)
		free(server);
}

void kube_server_stop(struct kube_server *server)
{
	if (!server)
		return;
	server->stopping = true;
	/* libmicrohttpd insists that nothing is suspended when it stops. */
	for (struct stream *stream = server->streams; stream; stream = stream->next)
		stream_end(stream);
	while (server->holds)
		hold_end(server->holds);
	for (int turn = 0; turn < 8; turn++)
		MHD_run(server->daemon);
	uv_poll_stop(&server->poll);
	MHD_stop_daemon(server->daemon);
	uv_close((uv_handle_t *)&server->poll, on_closed);
	uv_close((uv_handle_t *)&server->timer, on_closed);
	uv_close((uv_handle_t *)&server->look, on_closed);
}

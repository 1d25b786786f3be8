/* world/machines/ssh_forward.c: direct-tcpip: from a machine into the simulated network. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "world/machines/ssh_private.h"
#include "world/world.h"

#define PAUSE_ABOVE (128 * 1024)       /* unsent to the client */

struct forward {
	struct lane *lane;       /* NULL = gone */
	uv_tcp_t tcp;
	uv_connect_t connect;
	uv_shutdown_t shutdown;
	char chunk[16384];
	bool connected, reading, ended;
	struct buf early;              /* heard before the connection stood */
};

struct piece {
	uv_write_t request;
	char data[];
};

static void forward_closed(uv_handle_t *handle)
{
	struct forward *forward = handle->data;

	buf_release(&forward->early);
	free(forward);
}

static void finish(struct forward *forward)
{
	if (!forward->lane)
		return;
	forward->lane->finished = true;
	connection_turn(forward->lane->connection);
}

static void written(uv_write_t *request, int status)
{
	(void)status;
	free(request);
}

static void pass_on(struct forward *forward, const char *data, size_t len)
{
	struct piece *piece = xmalloc(sizeof(*piece) + len);
	uv_buf_t buf = uv_buf_init(piece->data, (unsigned int)len);

	memcpy(piece->data, data, len);
	if (uv_write(&piece->request, (uv_stream_t *)&forward->tcp, &buf, 1, written))
		free(piece);
}

static void give_chunk(uv_handle_t *handle, size_t wanted, uv_buf_t *buf)
{
	struct forward *forward = handle->data;

	(void)wanted;
	*buf = uv_buf_init(forward->chunk, sizeof(forward->chunk));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf);

static void set_reading(struct forward *forward, bool reading)
{
	if (reading == forward->reading)
		return;
	forward->reading = reading;
	if (reading)
		uv_read_start((uv_stream_t *)&forward->tcp, give_chunk, on_read);
	else
		uv_read_stop((uv_stream_t *)&forward->tcp);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct forward *forward = stream->data;

	if (!forward->lane)
		return;
	if (len < 0) {
		set_reading(forward, false);
		finish(forward);
		return;
	}
	buf_append(&forward->lane->out, buf->base, (size_t)len);
	if (forward->lane->out.len > PAUSE_ABOVE)
		set_reading(forward, false);
	/* The turn may end the connection, and this with it. */
	connection_turn(forward->lane->connection);
}

static void shut(uv_shutdown_t *request, int status)
{
	(void)request;
	(void)status;
}

static void connected(uv_connect_t *request, int status)
{
	struct forward *forward = request->data;

	if (!forward->lane)
		return;
	if (status < 0) {
		finish(forward);
		return;
	}
	forward->connected = true;
	if (forward->early.len)
		pass_on(forward, forward->early.data, forward->early.len);
	buf_release(&forward->early);
	if (forward->ended)
		uv_shutdown(&forward->shutdown, (uv_stream_t *)&forward->tcp, shut);
	set_reading(forward, true);
}

/* ---- the channel's side ------------------------------------------------------------------- */

static void heard(struct lane *lane, const char *data, size_t len)
{
	struct forward *forward = lane->own;

	if (forward->connected)
		pass_on(forward, data, len);
	else
		buf_append(&forward->early, data, len);
}

static void ended(struct lane *lane)
{
	struct forward *forward = lane->own;

	forward->ended = true;
	if (forward->connected)
		uv_shutdown(&forward->shutdown, (uv_stream_t *)&forward->tcp, shut);
}

static void gone(struct lane *lane)
{
	struct forward *forward = lane->own;

	forward->lane = NULL;
	uv_close((uv_handle_t *)&forward->tcp, forward_closed);
	free(lane);
}

static void sent(struct lane *lane)
{
	struct forward *forward = lane->own;

	if (forward->connected && !lane->finished)
		set_reading(forward, lane->out.len <= PAUSE_ABOVE);
}

static const struct lane_ops forward_ops = {
	.heard = heard, .ended = ended, .gone = gone, .sent = sent,
};

bool forward_open(struct connection *connection, ssh_message message)
{
	int local_port, port = ssh_message_channel_request_open_destination_port(message);
	const char *host = ssh_message_channel_request_open_destination(message);
	struct lane *lane;
	struct forward *forward;
	struct sockaddr_in address;
	ssh_channel ssh;

	if (!host || machine_reach(connection->door->machine, host, port, &local_port) != REACH_OK ||
	    !local_port)
		return false;
	ssh = ssh_message_channel_request_open_reply_accept(message);
	if (!ssh)
		return false;
	lane = lane_new(connection, ssh);
	forward = xcalloc(1, sizeof(*forward));
	forward->lane = lane;
	forward->early.max = SSH_INPUT_MAX;
	lane->own = forward;
	lane->ops = &forward_ops;
	lane->forwards = true;
	ssh_callbacks_init(&lane->callbacks);
	ssh_set_channel_callbacks(ssh, &lane->callbacks);
	uv_tcp_init(connection->server->world->loop, &forward->tcp);
	forward->tcp.data = forward->connect.data = forward;
	uv_ip4_addr("127.0.0.1", local_port, &address);
	if (uv_tcp_connect(&forward->connect, &forward->tcp, (struct sockaddr *)&address, connected))
		lane->finished = true;
	return true;
}

/* world/talk.c: see talk.h */
#include "world/talk.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define TALKS_MAX 256

struct talk {
	uv_tcp_t tcp;
	uv_timer_t timer;
	int open_handles;
	struct listener *listener;
	struct talk *next, **link;
	struct buf in;
	char chunk[2048];
	int writing;
	bool ending, closing;
	void (*then)(struct talk *talk);
	void *own;
};

struct listener {
	uv_tcp_t tcp;
	const struct listener_ops *ops;
	void *arg;
	struct talk *talks;
	int count, port;
	bool closed;
};

struct write {
	uv_write_t request;
	struct talk *talk;
	char *text;
};

static void listener_release(struct listener *listener)
{
	if (listener->closed && !listener->count)
		free(listener);
}

static void talk_closed(uv_handle_t *handle)
{
	struct talk *talk = handle->data;
	struct listener *listener = talk->listener;

	if (--talk->open_handles)
		return;
	if (listener->ops->closed)
		listener->ops->closed(talk);
	*talk->link = talk->next;
	if (talk->next)
		talk->next->link = talk->link;
	buf_release(&talk->in);
	free(talk);
	listener->count--;
	listener_release(listener);
}

static void talk_close(struct talk *talk, bool reset)
{
	if (talk->closing)
		return;
	talk->closing = true;
	uv_close((uv_handle_t *)&talk->timer, talk_closed);
	if (!reset || uv_tcp_close_reset(&talk->tcp, talk_closed))
		uv_close((uv_handle_t *)&talk->tcp, talk_closed);
}

void talk_reset(struct talk *talk)
{
	talk_close(talk, true);
}

void talk_end(struct talk *talk)
{
	talk->ending = true;
	if (!talk->writing)
		talk_close(talk, false);
}

static void written(uv_write_t *request, int status)
{
	struct write *write = request->data;
	struct talk *talk = write->talk;

	free(write->text);
	free(write);
	talk->writing--;
	if (status < 0 || (talk->ending && !talk->writing))
		talk_close(talk, false);
}

void talk_write(struct talk *talk, const char *text, size_t len)
{
	struct write *write;
	uv_buf_t buf;

	if (talk->closing || talk->ending)
		return;
	write = xcalloc(1, sizeof(*write));
	write->talk = talk;
	write->text = xmalloc(len);
	memcpy(write->text, text, len);
	write->request.data = write;
	buf = uv_buf_init(write->text, (unsigned)len);
	talk->writing++;
	if (!uv_write(&write->request, (uv_stream_t *)&talk->tcp, &buf, 1, written))
		return;
	talk->writing--;
	free(write->text);
	free(write);
	talk_close(talk, false);
}

void *talk_arg(const struct talk *talk)
{
	return talk->listener->arg;
}

void talk_set_own(struct talk *talk, void *own)
{
	talk->own = own;
}

void *talk_own(const struct talk *talk)
{
	return talk->own;
}

const char *talk_input(const struct talk *talk)
{
	return talk->in.data ? talk->in.data : "";
}

static void on_timer(uv_timer_t *timer)
{
	struct talk *talk = timer->data;

	talk->then(talk);
}

void talk_later(struct talk *talk, int64_t ms, void (*then)(struct talk *talk))
{
	talk->then = then;
	if (talk->closing)
		return;
	/* Counted from now, not from when the loop last looked at its clock. */
	uv_update_time(talk->timer.loop);
	uv_timer_start(&talk->timer, on_timer, (uint64_t)(ms > 0 ? ms : 0), 0);
}

static void give_chunk(uv_handle_t *handle, size_t wanted, uv_buf_t *buf)
{
	struct talk *talk = handle->data;

	(void)wanted;
	*buf = uv_buf_init(talk->chunk, sizeof(talk->chunk));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct talk *talk = stream->data;

	if (len < 0 || buf_append(&talk->in, buf->base, (size_t)len)) {
		talk_close(talk, false);
		return;
	}
	if (!talk->ending && !talk->closing)
		talk->listener->ops->heard(talk, &talk->in);
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct listener *listener = stream->data;
	struct talk *talk;

	if (status < 0)
		return;
	talk = xcalloc(1, sizeof(*talk));
	talk->listener = listener;
	talk->in.max = TALK_INPUT_MAX;
	talk->open_handles = 2;
	talk->next = listener->talks;
	talk->link = &listener->talks;
	if (talk->next)
		talk->next->link = &talk->next;
	listener->talks = talk;
	listener->count++;
	uv_tcp_init(stream->loop, &talk->tcp);
	uv_timer_init(stream->loop, &talk->timer);
	talk->tcp.data = talk->timer.data = talk;
	if (uv_accept(stream, (uv_stream_t *)&talk->tcp) || listener->count > TALKS_MAX) {
		talk_close(talk, false);
		return;
	}
	uv_read_start((uv_stream_t *)&talk->tcp, give_chunk, on_read);
	if (listener->ops->opened)
		listener->ops->opened(talk);
}

static void listener_closed(uv_handle_t *handle)
{
	struct listener *listener = handle->data;

	listener->closed = true;
	listener_release(listener);
}

int listener_start(uv_loop_t *loop, const struct listener_ops *ops, void *arg,
		   struct listener **ret, struct err *err)
{
	struct listener *listener = xcalloc(1, sizeof(*listener));
	struct sockaddr_storage name;
	struct sockaddr_in address;
	int size = sizeof(name), rc;

	listener->ops = ops;
	listener->arg = arg;
	uv_tcp_init(loop, &listener->tcp);
	listener->tcp.data = listener;
	uv_ip4_addr("127.0.0.1", 0, &address);
	rc = uv_tcp_bind(&listener->tcp, (const struct sockaddr *)&address, 0);
	if (!rc)
		rc = uv_listen((uv_stream_t *)&listener->tcp, 64, on_connection);
	if (!rc)
		rc = uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&name, &size);
	if (rc) {
		listener_stop(listener);
		return err_set(err, rc, "a port on 127.0.0.1: %s", uv_strerror(rc));
	}
	memcpy(&address, &name, sizeof(address));
	listener->port = ntohs(address.sin_port);
	*ret = listener;
	return 0;
}

int listener_port(const struct listener *listener)
{
	return listener->port;
}

void listener_stop(struct listener *listener)
{
	if (!listener)
		return;
	for (struct talk *talk = listener->talks; talk; talk = talk->next)
		talk_close(talk, false);
	uv_close((uv_handle_t *)&listener->tcp, listener_closed);
}

/* tui/outlet.c: see outlet.h */
#include "tui/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEPT_BYTES (64 * 1024)     /* of the buffer's memory while nothing waits */

/* Opened anew where that can be: the flags of the descriptor that we were given are its other
 * users', too. A file is not: its place in it belongs to the descriptor. */
static int own_descriptor(int fd, int *ret_flags)
{
	struct stat info;
	char path[40];
	int own = -1;

	*ret_flags = -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!fstat(fd, &info) && !S_ISREG(info.st_mode))
		own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own >= 0)
		return own;
	own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (own < 0)
		return -errno;
	*ret_flags = fcntl(own, F_GETFL);
	fcntl(own, F_SETFL, *ret_flags | O_NONBLOCK);
	return own;
}

int outlet_open(struct outlet *outlet, uv_loop_t *loop, int fd, size_t ceiling,
		const struct outlet_events *events)
{
	*outlet = (struct outlet){.pending = BUF_INIT(ceiling), .events = *events};
	outlet->fd = own_descriptor(fd, &outlet->flags);
	if (outlet->fd < 0)
		return outlet->fd;
	outlet->watched = uv_poll_init(loop, &outlet->writable, outlet->fd) == 0;
	outlet->writable.data = outlet;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct outlet *outlet = handle->data;

	outlet->closed(outlet->events.arg);
}

void outlet_close(struct outlet *outlet, void (*closed)(void *arg))
{
	outlet->closed = closed;
	buf_release(&outlet->pending);
	if (outlet->watched)
		uv_close((uv_handle_t *)&outlet->writable, on_closed);
	if (outlet->flags >= 0)
		fcntl(outlet->fd, F_SETFL, outlet->flags);
	close(outlet->fd);
	if (!outlet->watched)
		closed(outlet->events.arg);
}

static void on_writable(uv_poll_t *poll, int status, int events)
{
	struct outlet *outlet = poll->data;

	(void)status;
	(void)events;
	outlet_pump(outlet);
	if (outlet_is_empty(outlet))
		outlet->events.drained(outlet->events.arg);
}

static void wait_for_room(struct outlet *outlet, bool wait)
{
	if (wait == outlet->waits || !outlet->watched)
		return;
	outlet->waits = wait;
	if (wait)
		uv_poll_start(&outlet->writable, UV_WRITABLE, on_writable);
	else
		uv_poll_stop(&outlet->writable);
}

int outlet_add(struct outlet *outlet, const char *bytes, size_t len)
{
	return buf_append(&outlet->pending, bytes, len);
}

void outlet_pump(struct outlet *outlet)
{
	struct buf *pending = &outlet->pending;
	ssize_t put = 0;

	while (outlet->sent < pending->len) {
		put = write(outlet->fd, pending->data + outlet->sent, pending->len - outlet->sent);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			break;
		outlet->sent += (size_t)put;
	}
	if (outlet->sent == pending->len) {
		buf_clear(pending);
		buf_shrink(pending, KEPT_BYTES);
		outlet->sent = 0;
		wait_for_room(outlet, false);
	} else if (put < 0 && errno != EAGAIN) {
		wait_for_room(outlet, false);
		outlet->events.gone(outlet->events.arg);
	} else {
		wait_for_room(outlet, true);
	}
}

bool outlet_is_empty(const struct outlet *outlet)
{
	return outlet->pending.len == 0;
}

void outlet_last_words(struct outlet *outlet, int patience_ms)
{
	struct pollfd room = {.fd = outlet->fd, .events = POLLOUT};

	outlet_pump(outlet);
	while (!outlet_is_empty(outlet) && poll(&room, 1, patience_ms) > 0 &&
	       !(room.revents & (POLLERR | POLLHUP)))
		outlet_pump(outlet);
}

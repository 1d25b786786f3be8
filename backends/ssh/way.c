/* backends/ssh/way.c: a way through a machine: `ssh -W HOST:PORT MACHINE` on the stream's socket. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "backends/backend.h"
#include "backends/ssh/ssh.h"
#include "core/alloc.h"
#include "core/buf.h"

#define COMPLAINT_MAX (8 * 1024)

struct stream_way {
	uv_process_t process;
	uv_pipe_t errs;
	struct stream_way_events events;
	struct buf complaint;
	char *alias;
	char chunk[1024];
	int open_handles;
	bool exited, said_all, closed;     /* closed: nobody listens any more */
};

static void freed(uv_handle_t *handle)
{
	struct stream_way *way = handle->data;

	if (--way->open_handles)
		return;
	buf_release(&way->complaint);
	free(way->alias);
	free(way);
}

static void close_handles(struct stream_way *way)
{
	if (!uv_is_closing((uv_handle_t *)&way->errs)) {
		uv_close((uv_handle_t *)&way->errs, freed);
		uv_close((uv_handle_t *)&way->process, freed);
	}
}

static void tell(struct stream_way *way)
{
	char text[160];
	enum fresh_fault fault;

	if (!way->exited || !way->said_all)
		return;
	if (!way->closed) {
		way->closed = true;
		fault = ssh_error_text(way->complaint.data ? way->complaint.data : "",
				       way->alias, text, sizeof(text));
		way->events.failed(way->events.arg, fault, text);
	}
}

static void on_exit_status(uv_process_t *process, int64_t status, int signal)
{
	struct stream_way *way = process->data;

	(void)status;
	(void)signal;
	way->exited = true;
	tell(way);
}

static void give_chunk(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct stream_way *way = handle->data;

	(void)hint;
	*buf = uv_buf_init(way->chunk, sizeof(way->chunk));
}

static void got_complaint(uv_stream_t *stream, ssize_t len, const uv_buf_t *chunk)
{
	struct stream_way *way = stream->data;

	if (len > 0) {
		buf_append(&way->complaint, chunk->base, (size_t)len);
	} else if (len < 0) {
		way->said_all = true;
		tell(way);
	}
}

static int spawn(struct stream_way *way, uv_loop_t *loop, char **argv, int fd)
{
	uv_stdio_container_t stdio[] = {
		{UV_INHERIT_FD, {.fd = fd}}, {UV_INHERIT_FD, {.fd = fd}},
		{UV_CREATE_PIPE | UV_WRITABLE_PIPE, {.stream = (uv_stream_t *)&way->errs}},
	};
	uv_process_options_t options = {
		.file = argv[0], .args = argv, .exit_cb = on_exit_status, .stdio_count = 3,
		.stdio = stdio, .flags = UV_PROCESS_DETACHED,
	};

	return uv_spawn(loop, &way->process, &options);
}

static struct stream_way *open_way(void *self, const struct config_via *via, const char *host,
				   int port, int fd, const struct stream_way_events *events)
{
	const struct backend_env *env = ssh_env(self);
	char target[300];
	const char *const options[] = {"-W", target, NULL}, *const rest[] = {NULL};
	struct stream_way *way = xcalloc(1, sizeof(*way));
	char **argv;
	int rc;

	snprintf(target, sizeof(target), "[%.255s]:%d", host, port);
	way->events = *events;
	way->alias = xstrdup(via->ssh.host);
	way->complaint.max = COMPLAINT_MAX;
	way->open_handles = 2;
	way->process.data = way->errs.data = way;
	uv_pipe_init(env->loop, &way->errs, 0);
	way->errs.data = way;
	argv = ssh_argv(&env->config->ssh, options, via->ssh.host, rest);
	rc = spawn(way, env->loop, argv, fd);
	way->process.data = way;
	free(argv);
	close(fd);
	/* Also when it couldn't be started: the closed socket tells the stream. */
	if (!rc)
		uv_read_start((uv_stream_t *)&way->errs, give_chunk, got_complaint);
	else
		way->exited = true;
	return way;
}

static void close_way(struct stream_way *way)
{
	way->closed = true;
	if (!way->exited && uv_process_get_pid(&way->process) > 0)
		kill(-uv_process_get_pid(&way->process), SIGTERM);
	close_handles(way);
}

const struct stream_way_ops ssh_way = {.name = "ssh", .open = open_way, .close = close_way};

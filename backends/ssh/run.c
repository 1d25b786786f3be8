/* backends/ssh/run.c: one short ssh without input: what it says, and how it ends. */
#include <signal.h>
#include <stdlib.h>

#include "backends/ssh/ssh.h"
#include "core/alloc.h"
#include "core/buf.h"

#define SAID_MAX (64 * 1024)

struct run {
	uv_process_t process;
	uv_pipe_t out, errs;
	uv_timer_t timer;
	struct buf said, complaint;
	char chunk[2048];
	int open_handles, open_pipes;
	bool exited, ended;
	int64_t status;
	run_done done;             /* NULL = nobody listens any more */
	void *arg;
};

static void closed(uv_handle_t *handle)
{
	struct run *run = handle->data;

	if (--run->open_handles)
		return;
	buf_release(&run->said);
	buf_release(&run->complaint);
	free(run);
}

static void kill_it(struct run *run)
{
	if (!run->exited && uv_process_get_pid(&run->process) > 0)
		kill(-uv_process_get_pid(&run->process), SIGKILL);
}

static void end(struct run *run)
{
	uv_handle_t *handles[] = {(uv_handle_t *)&run->process, (uv_handle_t *)&run->out,
				  (uv_handle_t *)&run->errs, (uv_handle_t *)&run->timer};
	run_done done = run->done;

	if (run->ended)
		return;
	run->ended = true;
	kill_it(run);
	run->done = NULL;
	if (done)
		done(run->arg, run->said.data ? run->said.data : "",
		     run->complaint.data ? run->complaint.data : "");
	for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++)
		uv_close(handles[i], closed);
}

static void on_exit_status(uv_process_t *process, int64_t status, int signal)
{
	struct run *run = process->data;

	(void)status;
	(void)signal;
	run->exited = true;
	if (!run->open_pipes)
		end(run);
}

static void too_late(uv_timer_t *timer)
{
	end(timer->data);
}

static void give_chunk(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct run *run = handle->data;

	(void)hint;
	*buf = uv_buf_init(run->chunk, sizeof(run->chunk));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *chunk)
{
	struct run *run = stream->data;
	bool is_out = stream == (uv_stream_t *)&run->out;

	if (len >= 0)
		buf_append(is_out ? &run->said : &run->complaint, chunk->base, (size_t)len);
	else if (!--run->open_pipes && run->exited)
		end(run);
}

struct run *run_start(uv_loop_t *loop, char **argv, int64_t timeout_ms, run_done done, void *arg)
{
	struct run *run = xcalloc(1, sizeof(*run));
	uv_stdio_container_t stdio[] = {
		{UV_IGNORE, {0}},
		{UV_CREATE_PIPE | UV_WRITABLE_PIPE, {.stream = (uv_stream_t *)&run->out}},
		{UV_CREATE_PIPE | UV_WRITABLE_PIPE, {.stream = (uv_stream_t *)&run->errs}},
	};
	uv_process_options_t options = {
		.file = argv[0], .args = argv, .exit_cb = on_exit_status, .stdio_count = 3,
		.stdio = stdio, .flags = UV_PROCESS_DETACHED,
	};
	int rc;

	run->done = done;
	run->arg = arg;
	run->said.max = run->complaint.max = SAID_MAX;
	run->open_handles = 4;
	run->open_pipes = 2;
	uv_pipe_init(loop, &run->out, 0);
	uv_pipe_init(loop, &run->errs, 0);
	uv_timer_init(loop, &run->timer);
	rc = uv_spawn(loop, &run->process, &options);
	run->process.data = run->out.data = run->errs.data = run->timer.data = run;
	if (rc) {
		buf_printf(&run->complaint, "ssh can't be started: %s", uv_strerror(rc));
		run->exited = true;
		uv_timer_start(&run->timer, too_late, 0, 0);
		return run;
	}
	uv_read_start((uv_stream_t *)&run->out, give_chunk, on_read);
	uv_read_start((uv_stream_t *)&run->errs, give_chunk, on_read);
	uv_timer_start(&run->timer, too_late, (uint64_t)timeout_ms, 0);
	return run;
}

void run_drop(struct run *run)
{
	run->done = NULL;
	end(run);
}

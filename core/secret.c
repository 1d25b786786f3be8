/* core/secret.c: see secret.h */
#include "core/secret.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/yaml.h"

/* One fetch. The timer calls back for what is known at once, and limits a command. */
struct secret_fetch {
	uv_timer_t timer;
	uv_process_t process;
	uv_pipe_t out;
	char output[SECRET_MAX + 1];
	size_t len;
	int rc;
	char complaint[320];
	int open_handles;
	int waiting_for;           /* a command's exit, and the end of its output */
	bool running;
	secret_cb cb;              /* NULL once called or cancelled */
	void *arg;
};

bool secret_is_set(const struct config_secret *from)
{
	return from->env || from->file || from->command.len;
}

static void complain(struct secret_fetch *fetch, int rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The first complaint counts: what follows is its consequence. */
static void complain(struct secret_fetch *fetch, int rc, const char *format, ...)
{
	va_list args;

	if (fetch->rc)
		return;
	fetch->rc = rc;
	va_start(args, format);
	vsnprintf(fetch->complaint, sizeof(fetch->complaint), format, args);
	va_end(args);
}

static void closed(uv_handle_t *handle)
{
	struct secret_fetch *fetch = handle->data;

	if (--fetch->open_handles)
		return;
	explicit_bzero(fetch->output, sizeof(fetch->output));
	free(fetch);
}

static void close_one(uv_handle_t *handle)
{
	if (handle->data && !uv_is_closing(handle))
		uv_close(handle, closed);
}

static void close_all(struct secret_fetch *fetch)
{
	fetch->cb = NULL;
	close_one((uv_handle_t *)&fetch->timer);
	/* A command that still runs is waited for, so that it doesn't stay a zombie. */
	if (!fetch->running)
		close_one((uv_handle_t *)&fetch->process);
	close_one((uv_handle_t *)&fetch->out);
}

static void finish(struct secret_fetch *fetch)
{
	if (!fetch->cb)
		return;
	fetch->output[fetch->len] = '\0';
	fetch->output[strcspn(fetch->output, "\r\n")] = '\0';
	if (!fetch->rc && !fetch->output[0])
		complain(fetch, -ENOENT, "the secret is empty");
	fetch->cb(fetch->arg, fetch->rc, fetch->rc ? fetch->complaint : fetch->output);
	close_all(fetch);
}

static void take(struct secret_fetch *fetch, const char *text, size_t len)
{
	if (len > SECRET_MAX - fetch->len) {
		complain(fetch, -EMSGSIZE, "the secret is longer than %d bytes", SECRET_MAX);
		return;
	}
	memcpy(fetch->output + fetch->len, text, len);
	fetch->len += len;
}

static void read_env(struct secret_fetch *fetch, const char *name)
{
	const char *value = getenv(name);

	if (value)
		take(fetch, value, strlen(value));
	else
		complain(fetch, -ENOENT, "the environment variable %s is not set", name);
}

static void read_file(struct secret_fetch *fetch, const char *path)
{
	struct err err = ERR_INIT;
	char *text;
	size_t len;

	if (yaml_read_file(path, &text, &len, &err)) {
		complain(fetch, err.code, "%s", err.text);
		return;
	}
	take(fetch, text, len);
	explicit_bzero(text, len);
	free(text);
}

/* Commands */

static void step(struct secret_fetch *fetch)
{
	if (--fetch->waiting_for == 0)
		finish(fetch);
}

static void exited(uv_process_t *process, int64_t status, int signal)
{
	struct secret_fetch *fetch = process->data;

	fetch->running = false;
	if (!fetch->cb) {
		close_one((uv_handle_t *)process);
		return;
	}
	if (signal)
		complain(fetch, -EPIPE, "the secret's command was ended by signal %d", signal);
	else if (status)
		complain(fetch, -EPIPE, "the secret's command failed with status %d", (int)status);
	step(fetch);
}

static void kill_command(struct secret_fetch *fetch)
{
	/* It leads its own process group, so that its children go with it. */
	if (fetch->running)
		kill(-fetch->process.pid, SIGKILL);
}

static void give_room(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct secret_fetch *fetch = handle->data;

	(void)hint;
	*buf = uv_buf_init(fetch->output + fetch->len, (unsigned int)(SECRET_MAX - fetch->len));
}

static void got_output(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct secret_fetch *fetch = stream->data;

	(void)buf;
	if (len >= 0) {
		fetch->len += (size_t)len;
		return;
	}
	if (len == UV_ENOBUFS)
		complain(fetch, -EMSGSIZE, "the secret is longer than %d bytes", SECRET_MAX);
	else if (len != UV_EOF)
		complain(fetch, (int)len, "the secret's command: %s", uv_strerror((int)len));
	uv_read_stop(stream);
	if (fetch->rc)
		kill_command(fetch);
	step(fetch);
}

static int spawn(struct secret_fetch *fetch, uv_loop_t *loop, const struct strlist *command)
{
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_IGNORE},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE},
		{.flags = UV_IGNORE},
	};
	uv_process_options_t options = {
		.exit_cb = exited, .file = command->items[0], .stdio = stdio, .stdio_count = 3,
		.flags = UV_PROCESS_DETACHED,
	};
	int rc;

	stdio[1].data.stream = (uv_stream_t *)&fetch->out;
	uv_pipe_init(loop, &fetch->out, 0);
	fetch->process.data = fetch->out.data = fetch;
	fetch->open_handles += 2;
	options.args = xcalloc(command->len + 1, sizeof(*options.args));
	memcpy(options.args, command->items, command->len * sizeof(*options.args));
	rc = uv_spawn(loop, &fetch->process, &options);
	free(options.args);
	return rc;
}

static bool run(struct secret_fetch *fetch, uv_loop_t *loop, const struct strlist *command)
{
	int rc = spawn(fetch, loop, command);

	if (rc) {
		complain(fetch, rc, "the secret's command %.200s cannot be started: %s",
			 command->items[0], uv_strerror(rc));
		return false;
	}
	fetch->running = true;
	fetch->waiting_for = 2;
	uv_read_start((uv_stream_t *)&fetch->out, give_room, got_output);
	return true;
}

static void on_timer(uv_timer_t *timer)
{
	struct secret_fetch *fetch = timer->data;

	if (fetch->running || fetch->waiting_for) {
		complain(fetch, -ETIMEDOUT, "the secret's command took longer than %d s",
			 SECRET_COMMAND_MS / 1000);
		kill_command(fetch);
	}
	finish(fetch);
}

struct secret_fetch *secret_fetch(uv_loop_t *loop, const struct config_secret *from, secret_cb cb,
				  void *arg)
{
	struct secret_fetch *fetch = xcalloc(1, sizeof(*fetch));
	bool running = false;

	fetch->cb = cb;
	fetch->arg = arg;
	uv_timer_init(loop, &fetch->timer);
	fetch->timer.data = fetch;
	fetch->open_handles = 1;
	if (from->env)
		read_env(fetch, from->env);
	else if (from->file)
		read_file(fetch, from->file);
	else if (from->command.len)
		running = run(fetch, loop, &from->command);
	else
		complain(fetch, -ENOENT, "no secret is configured");
	uv_timer_start(&fetch->timer, on_timer, running ? SECRET_COMMAND_MS : 0, 0);
	return fetch;
}

void secret_cancel(struct secret_fetch *fetch)
{
	if (!fetch)
		return;
	kill_command(fetch);
	close_all(fetch);
}

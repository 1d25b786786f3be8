/* tui/world.c: see world.h */
#include "tui/world.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "core/alloc.h"
#include "core/buf.h"

#define READY_MS 10000
#define LINE_MAX_BYTES (256 * 1024)

struct world {
	uv_process_t process;
	uv_pipe_t in, out;
	uv_timer_t deadline;
	struct buf line;
	char chunk[4096];
	bool ready, ended, late;
	char *config, *kubeconfig, *redis;
	struct world_events events;
	int open_handles;
};

static void closed(uv_handle_t *handle)
{
	struct world *world = handle->data;

	if (--world->open_handles)
		return;
	buf_release(&world->line);
	free(world->config);
	free(world->kubeconfig);
	free(world->redis);
	free(world);
}

static void close_handle(struct world *world, void *handle)
{
	(void)world;
	if (!uv_is_closing(handle))
		uv_close(handle, closed);
}

void world_stop(struct world *world)
{
	if (!world)
		return;
	memset(&world->events, 0, sizeof(world->events));
	if (!world->ended)
		uv_process_kill(&world->process, SIGTERM);
	close_handle(world, &world->process);
	close_handle(world, &world->in);
	close_handle(world, &world->out);
	close_handle(world, &world->deadline);
}

static char *text_of(const json_t *root, const char *key)
{
	return xstrdup(json_string_value(json_object_get(root, key)));
}

static void take_line(struct world *world, const char *line, size_t len)
{
	json_t *root;

	if (world->ready) {
		if (world->events.line)
			world->events.line(world->events.arg, line, len);
		return;
	}
	root = json_loadb(line, len, 0, NULL);
	if (json_is_true(json_object_get(root, "ready"))) {
		world->ready = true;
		world->config = text_of(root, "config");
		world->kubeconfig = text_of(root, "kubeconfig");
		world->redis = text_of(root, "redis");
	}
	json_decref(root);
}

static void give_chunk(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct world *world = handle->data;

	(void)hint;
	*buf = uv_buf_init(world->chunk, sizeof(world->chunk));
}

static void got_output(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct world *world = stream->data;
	char *end;

	if (len < 0) {
		uv_read_stop(stream);
		return;
	}
	if (buf_append(&world->line, buf->base, (size_t)len))
		buf_clear(&world->line);
	while (world->line.len && (end = memchr(world->line.data, '\n', world->line.len))) {
		size_t taken = (size_t)(end - world->line.data);

		take_line(world, world->line.data, taken);
		buf_consume(&world->line, taken + 1);
	}
}

static void exited(uv_process_t *process, int64_t status, int signal)
{
	struct world *world = process->data;

	(void)status;
	(void)signal;
	world->ended = true;
	if (world->events.gone)
		world->events.gone(world->events.arg);
}

static void too_late(uv_timer_t *timer)
{
	struct world *world = timer->data;

	world->late = true;
}

static char *beside_us(void)
{
	char self[PATH_MAX], *slash, *path;
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len < 0)
		return xstrdup("sitrep-world");
	self[len] = '\0';
	slash = strrchr(self, '/');
	path = xasprintf("%.*s/sitrep-world", (int)(slash - self), self);
	if (!access(path, X_OK))
		return path;
	free(path);
	return xstrdup("sitrep-world");
}

static int spawn(struct world *world, uv_loop_t *loop, const char *scenario, const char *speed)
{
	char *program = beside_us();
	char *args[] = {program, NULL, NULL, NULL, NULL, NULL};
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_CREATE_PIPE | UV_READABLE_PIPE},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE},
		{.flags = UV_IGNORE},
	};
	/* A group of its own: ^C in the terminal is for us alone. */
	uv_process_options_t options = {
		.exit_cb = exited, .file = program, .args = args, .stdio = stdio,
		.stdio_count = 3, .flags = UV_PROCESS_DETACHED,
	};
	int count = 1, rc;

	stdio[0].data.stream = (uv_stream_t *)&world->in;
	stdio[1].data.stream = (uv_stream_t *)&world->out;
	if (scenario) {
		args[count++] = (char *)(uintptr_t)"--scenario";
		args[count++] = (char *)(uintptr_t)scenario;
	}
	if (speed) {
		args[count++] = (char *)(uintptr_t)"--speed";
		args[count++] = (char *)(uintptr_t)speed;
	}
	rc = uv_spawn(loop, &world->process, &options);
	free(program);
	return rc;
}

struct world *world_start(uv_loop_t *loop, const char *scenario, const char *speed,
			  struct err *err)
{
	struct world *world = xcalloc(1, sizeof(*world));
	int rc;

	world->line.max = LINE_MAX_BYTES;
	world->open_handles = 4;
	uv_pipe_init(loop, &world->in, 0);
	uv_pipe_init(loop, &world->out, 0);
	uv_timer_init(loop, &world->deadline);
	world->process.data = world->in.data = world->out.data = world->deadline.data = world;
	rc = spawn(world, loop, scenario, speed);
	if (rc) {
		err_set(err, rc, "the simulated world (sitrep-world) cannot be started: %s",
			uv_strerror(rc));
		world->ended = true;
		world_stop(world);
		return NULL;
	}
	uv_read_start((uv_stream_t *)&world->out, give_chunk, got_output);
	uv_timer_start(&world->deadline, too_late, READY_MS, 0);
	while (!world->ready && !world->ended && !world->late)
		uv_run(loop, UV_RUN_ONCE);
	uv_timer_stop(&world->deadline);
	if (world->ready)
		return world;
	err_set(err, -ECHILD, "the simulated world (sitrep-world) %s",
		world->late ? "did not get ready" : "ended at once");
	world_stop(world);
	return NULL;
}

void world_listen(struct world *world, const struct world_events *events)
{
	world->events = *events;
}

struct app_place world_place(const struct world *world)
{
	return (struct app_place){world->config, world->kubeconfig, world->redis};
}

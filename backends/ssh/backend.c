/* backends/ssh/backend.c: a look at each machine now and then, one short-lived ssh at a time each. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/backend.h"
#include "backends/ssh/ssh.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/cost.h"
#include "core/embed.h"

#define OUTPUT_MAX (256 * 1024)
#define COMPLAINT_MAX (8 * 1024)
#define LINGER_MS 500                  /* between the exit and the end of its pipes */
#define TROUBLE_MS 20000               /* a machine that does not answer is asked sooner */
#define BIG_FROM 80                    /* percent in use that make big directories matter */
#define BIG_EVERY_MS 900000
#define WORDS_MAX (HOST_REACH_MAX + 6)

extern const struct embed_file ssh_files[];

struct ssh_backend;

struct watch {
	struct ssh_backend *backend;
	size_t at;                     /* in the model's and the configuration's list */
	uv_timer_t timer;              /* until the next look; while one runs, its deadline */
	bool running, exited, late, too_much, timer_gone;
	int open_pipes, closing;
	uv_process_t process;
	uv_pipe_t in, out, errs;
	uv_write_t write;
	uv_shutdown_t shutdown;
	uv_buf_t script;
	struct buf output, complaint;
	char chunk[4096];
	int64_t exit_status;
	int64_t arrived_ms;
	int64_t big_asked_ms;          /* monotonic clock; 0 = never */
};

struct ssh_backend {
	const struct backend_env *env;
	struct cost *cost;
	struct watch *watches;
	size_t len;
	int open_timers;
};

static void look(struct watch *watch);

const struct backend_env *ssh_env(void *self)
{
	return ((struct ssh_backend *)self)->env;
}

static bool wanted(const struct config *config)
{
	return config->ssh.nhosts > 0 || config->redis.via.ssh.host;
}

static struct host *host_of(const struct watch *watch)
{
	return &watch->backend->env->sit->hosts.items[watch->at];
}

static void on_due(uv_timer_t *timer)
{
	look(timer->data);
}

static void again(struct watch *watch, bool well)
{
	int64_t ms = watch->backend->env->config->ssh.every_ms;
	unsigned int dice = 0;

	if (!well && ms > TROUBLE_MS)
		ms = TROUBLE_MS;
	uv_random(NULL, NULL, &dice, sizeof(dice), 0, NULL);
	uv_timer_start(&watch->timer, on_due, (uint64_t)(ms - ms / 10 + dice % (ms / 5 + 1)), 0);
}

/* ---- the end of a look ---- */

static void fail(struct watch *watch)
{
	struct host *host = host_of(watch);
	char text[160];
	enum fresh_fault fault = FAULT_SERVER;

	if (watch->too_much)
		snprintf(text, sizeof(text), "it said more than it was asked");
	else if (watch->late)
		snprintf(text, sizeof(text), "it did not answer in time");
	else if (watch->exit_status == 255 || !watch->output.len)
		fault = ssh_error_text(watch->complaint.data ? watch->complaint.data : "",
				       host->alias, text, sizeof(text));
	else
		snprintf(text, sizeof(text), "its answer was cut off");
	host->key_unknown = watch->complaint.data && ssh_error_key_unknown(watch->complaint.data);
	freshness_failed(&host->fresh, fault, text);
}

static void conclude(struct watch *watch)
{
	struct host *host = host_of(watch);
	const struct config_ssh *config = &watch->backend->env->config->ssh;
	bool well = !watch->late && !watch->too_much && watch->output.data;

	cost_count(watch->backend->cost, &(struct cost_amount){
		.requests = 1, .connections = 1, .bytes_in = watch->output.len,
		.bytes_out = watch->script.len}, clock_mono_ms());
	/* What is cut off would leave half a picture: the old one stays, and goes stale. */
	if (well && strstr(watch->output.data, "@@end"))
		well = look_parse(host, config, watch->output.data, watch->arrived_ms);
	else
		well = false;
	host->key_unknown = false;
	if (well)
		freshness_proven(&host->fresh, clock_wall_ms());
	else
		fail(watch);
	buf_release(&watch->output);
	buf_release(&watch->complaint);
	situation_touch(watch->backend->env->sit, SECTION_HOSTS);
	again(watch, well);
}

static void backend_freed(struct ssh_backend *backend)
{
	if (backend->open_timers)
		return;
	free(backend->watches);
	free(backend);
}

/* After both the timer and the look: whichever ends last. */
static void watch_gone(struct watch *watch)
{
	if (watch->running || !watch->timer_gone)
		return;
	buf_release(&watch->output);
	buf_release(&watch->complaint);
	watch->backend->open_timers--;
	backend_freed(watch->backend);
}

static void part_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;

	if (--watch->closing)
		return;
	watch->running = false;
	if (uv_is_closing((uv_handle_t *)&watch->timer))
		watch_gone(watch);
	else
		conclude(watch);
}

static void close_parts(struct watch *watch)
{
	uv_handle_t *parts[] = {(uv_handle_t *)&watch->process, (uv_handle_t *)&watch->in,
				(uv_handle_t *)&watch->out, (uv_handle_t *)&watch->errs};

	if (watch->closing)
		return;
	watch->closing = (int)(sizeof(parts) / sizeof(parts[0]));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		uv_close(parts[i], part_closed);
}

/* It leads a process group of its own: its ProxyJump goes with it. */
static void kill_it(struct watch *watch)
{
	if (!watch->exited && uv_process_get_pid(&watch->process) > 0)
		kill(-uv_process_get_pid(&watch->process), SIGKILL);
}

static void too_late(uv_timer_t *timer)
{
	struct watch *watch = timer->data;

	watch->late = !watch->exited;
	kill_it(watch);
	close_parts(watch);
}

static void on_exit_status(uv_process_t *process, int64_t status, int signal)
{
	struct watch *watch = process->data;

	watch->exited = true;
	watch->exit_status = signal ? 128 + signal : status;
	if (!watch->open_pipes)
		close_parts(watch);
	else if (!watch->closing)
		uv_timer_start(&watch->timer, too_late, LINGER_MS, 0);
}

/* ---- a look ---- */

static void give_chunk(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct watch *watch = handle->data;

	(void)hint;
	*buf = uv_buf_init(watch->chunk, sizeof(watch->chunk));
}

static void take(struct watch *watch, struct buf *buf, const uv_buf_t *chunk, ssize_t len)
{
	if (len < 0) {
		if (!--watch->open_pipes && watch->exited)
			close_parts(watch);
		return;
	}
	if (!watch->output.len && buf == &watch->output)
		watch->arrived_ms = clock_wall_ms();
	/* A machine that says more than it was asked is not believed. */
	if (buf_append(buf, chunk->base, (size_t)len) && buf == &watch->output) {
		watch->too_much = true;
		kill_it(watch);
		close_parts(watch);
	}
}

static void got_output(uv_stream_t *stream, ssize_t len, const uv_buf_t *chunk)
{
	struct watch *watch = stream->data;

	take(watch, &watch->output, chunk, len);
}

static void got_complaint(uv_stream_t *stream, ssize_t len, const uv_buf_t *chunk)
{
	struct watch *watch = stream->data;

	take(watch, &watch->complaint, chunk, len);
}

/* What it could not take, its exit tells. */
static void shut(uv_shutdown_t *shutdown, int status)
{
	(void)shutdown;
	(void)status;
}

static void written(uv_write_t *write, int status)
{
	struct watch *watch = write->data;

	if (!status && !uv_is_closing((uv_handle_t *)&watch->in))
		uv_shutdown(&watch->shutdown, (uv_stream_t *)&watch->in, shut);
}

/* Counted from the asking: a disk so slow that the look fails of it must not be asked each time. */
static bool wants_big(struct watch *watch)
{
	const struct host_disk *fullest = host_fullest(host_of(watch));
	int64_t now = clock_mono_ms();

	if (!fullest || host_disk_percent(fullest) < BIG_FROM ||
	    (watch->big_asked_ms && now - watch->big_asked_ms < BIG_EVERY_MS))
		return false;
	watch->big_asked_ms = now;
	return true;
}

/* "sh -s -- big 10.43.0.1:443": targets were checked to be addresses and names when they were read
 * from the configuration, so no shell finds anything in them. */
static char **command_of(struct watch *watch)
{
	const struct config_ssh *config = &watch->backend->env->config->ssh;
	static const char *const options[] = {NULL};
	const char *words[WORDS_MAX] = {"sh", "-s", "--", wants_big(watch) ? "big" : "-"};
	size_t count = 4;

	for (size_t i = 0; i < config->reach.len && i < HOST_REACH_MAX; i++)
		words[count++] = config->reach.items[i];
	return ssh_argv(config, options, host_of(watch)->alias, words);
}

static int spawn(struct watch *watch)
{
	uv_loop_t *loop = watch->backend->env->loop;
	uv_stdio_container_t stdio[] = {
		{UV_CREATE_PIPE | UV_READABLE_PIPE, {.stream = (uv_stream_t *)&watch->in}},
		{UV_CREATE_PIPE | UV_WRITABLE_PIPE, {.stream = (uv_stream_t *)&watch->out}},
		{UV_CREATE_PIPE | UV_WRITABLE_PIPE, {.stream = (uv_stream_t *)&watch->errs}},
	};
	char **argv = command_of(watch);
	uv_process_options_t options = {
		.file = argv[0], .args = argv, .exit_cb = on_exit_status, .stdio_count = 3,
		.stdio = stdio, .flags = UV_PROCESS_DETACHED,
	};
	int rc;

	uv_pipe_init(loop, &watch->in, 0);
	uv_pipe_init(loop, &watch->out, 0);
	uv_pipe_init(loop, &watch->errs, 0);
	watch->process.data = watch->in.data = watch->out.data = watch->errs.data = watch;
	rc = uv_spawn(loop, &watch->process, &options);
	free(argv);
	return rc;
}

static void look(struct watch *watch)
{
	int rc;

	watch->running = true;
	watch->exited = watch->late = watch->too_much = false;
	watch->exit_status = watch->arrived_ms = 0;
	watch->output.max = OUTPUT_MAX;
	watch->complaint.max = COMPLAINT_MAX;
	watch->open_pipes = 2;
	rc = spawn(watch);
	if (rc) {
		watch->exited = true;
		buf_printf(&watch->complaint, "ssh can't be started: %s", uv_strerror(rc));
		close_parts(watch);
		return;
	}
	uv_timer_start(&watch->timer, too_late,
		       (uint64_t)watch->backend->env->config->ssh.timeout_ms, 0);
	uv_read_start((uv_stream_t *)&watch->out, give_chunk, got_output);
	uv_read_start((uv_stream_t *)&watch->errs, give_chunk, got_complaint);
	watch->write.data = watch;
	uv_write(&watch->write, (uv_stream_t *)&watch->in, &watch->script, 1, written);
}

/* ---- the backend ---- */

static int start(const struct backend_env *env, void **ret_self, struct err *err)
{
	const struct config_ssh *config = &env->config->ssh;
	struct ssh_backend *backend = xcalloc(1, sizeof(*backend));

	(void)err;
	backend->env = env;
	backend->cost = costs_get(&env->sit->costs, "ssh");
	backend->len = config->nhosts;
	backend->open_timers = (int)config->nhosts;
	backend->watches = xcalloc(backend->len, sizeof(*backend->watches));
	for (size_t i = 0; i < backend->len; i++)
		hosts_add(&env->sit->hosts, config->hosts[i].node, config->hosts[i].host
			  ? config->hosts[i].host : config->hosts[i].node)->fresh.max_age_ms =
			3 * config->every_ms;
	for (size_t i = 0; i < backend->len; i++) {
		struct watch *watch = &backend->watches[i];

		watch->backend = backend;
		watch->at = i;
		watch->script = uv_buf_init((char *)(uintptr_t)ssh_files[0].data,
					    (unsigned int)ssh_files[0].len);
		uv_timer_init(env->loop, &watch->timer);
		watch->timer.data = watch;
		uv_timer_start(&watch->timer, on_due, 0, 0);
	}
	*ret_self = backend;
	return 0;
}

static void timer_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;

	watch->timer_gone = true;
	watch_gone(watch);
}

static void stop(void *self)
{
	struct ssh_backend *backend = self;

	for (size_t i = 0; i < backend->len; i++) {
		struct watch *watch = &backend->watches[i];

		if (watch->running) {
			kill_it(watch);
			close_parts(watch);
		}
		uv_close((uv_handle_t *)&watch->timer, timer_closed);
	}
	backend_freed(backend);
}

void ssh_refresh(void *self)
{
	struct ssh_backend *backend = self;

	for (size_t i = 0; i < backend->len; i++)
		if (!backend->watches[i].running)
			uv_timer_start(&backend->watches[i].timer, on_due, 0, 0);
}

const struct backend_ops backend_ssh = {
	.name = "ssh", .wanted = wanted, .start = start, .stop = stop, .refresh = ssh_refresh,
	.way = &ssh_way, .trust = &ssh_trust,
};

/* backends/kube/exec_plugin.c: see exec_plugin.h */
#include "backends/kube/exec_plugin.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"

#define OUTPUT_MAX (256 * 1024)
#define DEADLINE_MS 30000
#define LINGER_MS 1000

extern char **environ;

struct exec_plugin {
	uv_process_t process;
	uv_pipe_t out, errs;
	uv_timer_t deadline;
	struct buf output, complaint;
	char chunk[4096];
	int open_handles;
	int waiting_for;           /* exit and both pipes' ends */
	int64_t exit_status;
	bool timed_out, too_much;
	exec_plugin_cb cb;         /* NULL once cancelled or called */
	void *arg;
};

static void closed(uv_handle_t *handle)
{
	struct exec_plugin *plugin = handle->data;

	if (--plugin->open_handles)
		return;
	buf_release(&plugin->output);
	buf_release(&plugin->complaint);
	free(plugin);
}

static void close_all(struct exec_plugin *plugin)
{
	uv_handle_t *handles[] = {
		(uv_handle_t *)&plugin->process, (uv_handle_t *)&plugin->out,
		(uv_handle_t *)&plugin->errs, (uv_handle_t *)&plugin->deadline,
	};
	size_t i;

	plugin->cb = NULL;
	for (i = 0; i < sizeof(handles) / sizeof(handles[0]); i++)
		if (!uv_is_closing(handles[i]))
			uv_close(handles[i], closed);
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void parse(struct exec_plugin *plugin, struct exec_credential *credential, json_t **root)
{
	const json_t *status;
	json_error_t why;

	*root = json_loadb(plugin->output.data ? plugin->output.data : "", plugin->output.len, 0,
			   &why);
	status = json_object_get(*root, "status");
	credential->token = text_of(status, "token");
	credential->cert_pem = text_of(status, "clientCertificateData");
	credential->key_pem = text_of(status, "clientKeyData");
	if (text_of(status, "expirationTimestamp"))
		clock_parse_rfc3339(text_of(status, "expirationTimestamp"),
				    &credential->expires_ms);
	if (!credential->token && !(credential->cert_pem && credential->key_pem))
		credential->error = "the credential plugin printed no ExecCredential with a token "
				    "or a certificate";
}

static void finish(struct exec_plugin *plugin)
{
	struct exec_credential credential = {0};
	char text[160];
	json_t *root = NULL;

	if (--plugin->waiting_for > 0 || !plugin->cb)
		return;
	if (plugin->timed_out) {
		credential.error = "the credential plugin took longer than 30 s";
	} else if (plugin->too_much) {
		credential.error = "the credential plugin printed more than 256 kB";
	} else if (plugin->exit_status) {
		char *said = plugin->complaint.data ? plugin->complaint.data : plugin->chunk;

		said[strcspn(said, "\r\n")] = '\0';
		snprintf(text, sizeof(text), "the credential plugin failed (%d): %.100s",
			 (int)plugin->exit_status, plugin->complaint.data ? said : "");
		credential.error = text;
	} else {
		parse(plugin, &credential, &root);
	}
	plugin->cb(plugin->arg, &credential);
	json_decref(root);
	close_all(plugin);
}

/* It has left something running that holds the pipes open: what has been printed is all. */
static void printed_enough(uv_timer_t *timer)
{
	struct exec_plugin *plugin = timer->data;

	plugin->waiting_for = 1;
	finish(plugin);
}

static void exited(uv_process_t *process, int64_t status, int signal)
{
	struct exec_plugin *plugin = process->data;

	plugin->exit_status = signal ? 128 + signal : status;
	if (plugin->waiting_for > 1)
		uv_timer_start(&plugin->deadline, printed_enough, LINGER_MS, 0);
	finish(plugin);
}

static void give_chunk(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct exec_plugin *plugin = handle->data;

	(void)hint;
	*buf = uv_buf_init(plugin->chunk, sizeof(plugin->chunk));
}

/* Also what it has started itself: a grandchild holds the pipes open, and we wait for their end. */
static void kill_all(const struct exec_plugin *plugin)
{
	kill(-plugin->process.pid, SIGKILL);
}

static void got_output(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct exec_plugin *plugin = stream->data;
	bool is_out = stream == (uv_stream_t *)&plugin->out;

	if (len < 0) {
		uv_read_stop(stream);
		finish(plugin);
	} else if (buf_append(is_out ? &plugin->output : &plugin->complaint, buf->base,
			      (size_t)len) && is_out) {
		plugin->too_much = true;
		kill_all(plugin);
	}
}

static void too_late(uv_timer_t *timer)
{
	struct exec_plugin *plugin = timer->data;

	plugin->timed_out = true;
	kill_all(plugin);
}

static char *exec_info(const struct kube_exec *exec)
{
	json_t *info = json_pack("{s:s, s:s, s:{s:b}}", "kind", "ExecCredential", "apiVersion",
				 exec->api_version, "spec", "interactive", 0);
	char *text = json_dumps(info, JSON_COMPACT);
	char *line = xasprintf("KUBERNETES_EXEC_INFO=%s", text);

	free(text);
	json_decref(info);
	return line;
}

static char **build_env(const struct kube_exec *exec)
{
	size_t count = 0, i;
	char **env;

	while (environ[count])
		count++;
	env = xcalloc(count + exec->nenv + 2, sizeof(*env));
	env[0] = exec_info(exec);
	for (i = 0; i < exec->nenv; i++)
		env[1 + i] = xasprintf("%s=%s", exec->env[i].key, exec->env[i].value);
	/* The first of two equal names wins, so ours stand before the inherited. */
	for (i = 0; i < count; i++)
		env[1 + exec->nenv + i] = xstrdup(environ[i]);
	return env;
}

static void free_env(char **env)
{
	size_t i;

	for (i = 0; env[i]; i++)
		free(env[i]);
	free(env);
}

static void init_handles(struct exec_plugin *plugin, uv_loop_t *loop)
{
	uv_pipe_init(loop, &plugin->out, 0);
	uv_pipe_init(loop, &plugin->errs, 0);
	uv_timer_init(loop, &plugin->deadline);
	plugin->process.data = plugin->out.data = plugin->errs.data = plugin->deadline.data =
		plugin;
	plugin->open_handles = 4;
	plugin->waiting_for = 3;
	plugin->output.max = plugin->complaint.max = OUTPUT_MAX;
}

static int spawn(struct exec_plugin *plugin, uv_loop_t *loop, const struct kube_exec *exec)
{
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_IGNORE},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE},
	};
	uv_process_options_t options = {
		.exit_cb = exited, .file = exec->command, .stdio = stdio, .stdio_count = 3,
		.flags = UV_PROCESS_DETACHED,
	};
	size_t i;
	int rc;

	stdio[1].data.stream = (uv_stream_t *)&plugin->out;
	stdio[2].data.stream = (uv_stream_t *)&plugin->errs;
	options.args = xcalloc(exec->args.len + 2, sizeof(*options.args));
	options.args[0] = exec->command;
	for (i = 0; i < exec->args.len; i++)
		options.args[1 + i] = exec->args.items[i];
	options.env = build_env(exec);
	rc = uv_spawn(loop, &plugin->process, &options);
	free_env(options.env);
	free(options.args);
	return rc;
}

struct exec_plugin *exec_plugin_run(uv_loop_t *loop, const struct kube_exec *exec,
				    exec_plugin_cb cb, void *arg, struct err *err)
{
	struct exec_plugin *plugin = xcalloc(1, sizeof(*plugin));
	int rc;

	init_handles(plugin, loop);
	rc = spawn(plugin, loop, exec);
	if (rc) {
		err_set(err, rc, "the credential plugin %s cannot be started: %s", exec->command,
			uv_strerror(rc));
		close_all(plugin);
		return NULL;
	}
	plugin->cb = cb;
	plugin->arg = arg;
	uv_read_start((uv_stream_t *)&plugin->out, give_chunk, got_output);
	uv_read_start((uv_stream_t *)&plugin->errs, give_chunk, got_output);
	uv_timer_start(&plugin->deadline, too_late, DEADLINE_MS, 0);
	return plugin;
}

void exec_plugin_cancel(struct exec_plugin *plugin)
{
	if (!plugin)
		return;
	plugin->cb = NULL;
	kill_all(plugin);
	close_all(plugin);
}

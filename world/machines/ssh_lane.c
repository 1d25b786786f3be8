/* world/machines/ssh_lane.c: a session's channel: one command, sitrep's look, or a shell. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "world/machines/ssh_private.h"

enum { CTRL_C = 3, CTRL_D = 4, BACKSPACE = 8, DELETE = 127 };

/* ---- what is asked ------------------------------------------------------------------------ */

static void run(struct lane *lane, const char *line)
{
	lane->status = machine_command(lane->connection->door->machine, line, &lane->out,
					  &lane->err);
}

static void ignore(struct lane *lane, const char *data, size_t len)
{
	(void)lane;
	(void)data;
	(void)len;
}

static void ignore_end(struct lane *lane)
{
	(void)lane;
}

static const struct lane_ops command_ops = {.heard = ignore, .ended = ignore_end};

static void keep(struct lane *lane, const char *data, size_t len)
{
	buf_append(&lane->in, data, len);
}

/* The whole script has come. */
static void look(struct lane *lane)
{
	lane->status = machine_look(lane->connection->door->machine, lane->own,
				       lane->in.data ? lane->in.data : "", &lane->out,
				       &lane->err);
	lane->finished = true;
}

static void look_gone(struct lane *lane)
{
	free(lane->own);
	free(lane);
}

static const struct lane_ops look_ops = {.heard = keep, .ended = look, .gone = look_gone};

/* ---- a shell of one line at a time -------------------------------------------------------- */

static void say(struct lane *lane, const char *text)
{
	buf_append_str(&lane->out, text);
}

static void prompt(struct lane *lane)
{
	if (!lane->pty)
		return;
	say(lane, "root@");
	say(lane, lane->connection->door->machine->name);
	say(lane, ":~# ");
}

/* A terminal in raw mode wants the carriage's return too. */
static void show(struct lane *lane, struct buf *text)
{
	for (size_t i = 0; i < text->len; i++) {
		if (lane->pty && text->data[i] == '\n')
			say(lane, "\r");
		buf_append(&lane->out, &text->data[i], 1);
	}
	buf_release(text);
}

static void run_line(struct lane *lane)
{
	struct buf out = BUF_INIT(SSH_OUTPUT_MAX / 2), err = BUF_INIT(SSH_OUTPUT_MAX / 2);
	const char *line = lane->in.data ? lane->in.data : "";

	if (!strcmp(line, "exit") || !strcmp(line, "logout")) {
		lane->finished = true;
		return;
	}
	lane->status = machine_command(lane->connection->door->machine, line, &out, &err);
	show(lane, &out);
	show(lane, &err);
	buf_clear(&lane->in);
	prompt(lane);
}

static void type(struct lane *lane, char key)
{
	struct buf *in = &lane->in;

	if (key == '\r' || key == '\n') {
		if (lane->pty)
			say(lane, "\r\n");
		run_line(lane);
	} else if (key == DELETE || key == BACKSPACE) {
		if (!in->len)
			return;
		in->data[--in->len] = '\0';
		say(lane, "\b \b");
	} else if (key == CTRL_C) {
		buf_clear(in);
		say(lane, "^C\r\n");
		prompt(lane);
	} else if (key == CTRL_D && !in->len) {
		lane->finished = true;
	} else if ((unsigned char)key >= ' ' && !buf_append(in, &key, 1) && lane->pty) {
		buf_append(&lane->out, &key, 1);
	}
}

static void shell_heard(struct lane *lane, const char *data, size_t len)
{
	for (size_t i = 0; i < len && !lane->finished; i++)
		type(lane, data[i]);
}

static void shell_ended(struct lane *lane)
{
	lane->finished = true;
}

static const struct lane_ops shell_ops = {.heard = shell_heard, .ended = shell_ended};

/* ---- libssh's callbacks ------------------------------------------------------------------- */

static int on_data(ssh_session session, ssh_channel ssh, void *data, uint32_t len, int is_stderr,
		   void *arg)
{
	struct lane *lane = arg;

	(void)session;
	(void)ssh;
	if (!is_stderr && lane->ops)
		lane->ops->heard(lane, data, len);
	return (int)len;
}

static void on_eof(ssh_session session, ssh_channel ssh, void *arg)
{
	struct lane *lane = arg;

	(void)session;
	(void)ssh;
	if (lane->ops)
		lane->ops->ended(lane);
}

static void on_close(ssh_session session, ssh_channel ssh, void *arg)
{
	struct lane *lane = arg;

	(void)session;
	(void)ssh;
	lane->closed = true;
}

static int on_pty(ssh_session session, ssh_channel ssh, const char *term, int width, int height,
		  int pixels_width, int pixels_height, void *arg)
{
	struct lane *lane = arg;

	(void)session;
	(void)ssh;
	(void)term;
	(void)width;
	(void)height;
	(void)pixels_width;
	(void)pixels_height;
	lane->pty = true;
	return 0;
}

static int on_shell(ssh_session session, ssh_channel ssh, void *arg)
{
	struct lane *lane = arg;

	(void)session;
	(void)ssh;
	if (lane->ops)
		return 1;
	lane->ops = &shell_ops;
	lane->shell = true;
	return 0;
}

static int on_exec(ssh_session session, ssh_channel ssh, const char *command, void *arg)
{
	struct lane *lane = arg;

	(void)session;
	(void)ssh;
	if (lane->ops)
		return 1;
	if (machine_is_look(command)) {
		lane->ops = &look_ops;
		lane->own = xstrdup(command);
	} else {
		lane->ops = &command_ops;
		lane->command = xstrdup(command);
	}
	return 0;
}

/* ---- a channel's life --------------------------------------------------------------------- */

struct lane *lane_new(struct connection *connection, ssh_channel ssh)
{
	struct lane *lane = xcalloc(1, sizeof(*lane));

	lane->connection = connection;
	lane->ssh = ssh;
	lane->in.max = SSH_INPUT_MAX;
	lane->out.max = lane->err.max = SSH_OUTPUT_MAX;
	lane->callbacks.userdata = lane;
	lane->callbacks.channel_data_function = on_data;
	lane->callbacks.channel_eof_function = on_eof;
	lane->callbacks.channel_close_function = on_close;
	lane->next = connection->lanes;
	connection->lanes = lane;
	return lane;
}

ssh_channel lane_open(struct connection *connection)
{
	ssh_channel ssh = ssh_channel_new(connection->session);
	struct lane *lane;

	if (!ssh)
		return NULL;
	lane = lane_new(connection, ssh);
	lane->callbacks.channel_pty_request_function = on_pty;
	lane->callbacks.channel_shell_request_function = on_shell;
	lane->callbacks.channel_exec_request_function = on_exec;
	ssh_callbacks_init(&lane->callbacks);
	ssh_set_channel_callbacks(ssh, &lane->callbacks);
	return ssh;
}

/* As much as the client will take now; the rest when it has made room. */
static void send_some(struct lane *lane, struct buf *buf,
		      int (*write)(ssh_channel ssh, const void *data, uint32_t len))
{
	while (buf->len) {
		uint32_t room = ssh_channel_window_size(lane->ssh);
		uint32_t len = buf->len < room ? (uint32_t)buf->len : room;
		int sent = len ? write(lane->ssh, buf->data, len) : 0;

		if (sent <= 0)
			return;
		buf_consume(buf, (size_t)sent);
	}
}

bool lane_turn(struct lane *lane)
{
	if (lane->closed)
		return false;
	/* Not in the callback: the answer comes after libssh has said yes. */
	if (lane->shell && !lane->greeted) {
		lane->greeted = true;
		prompt(lane);
	}
	if (lane->command) {
		run(lane, lane->command);
		free(lane->command);
		lane->command = NULL;
		lane->finished = true;
	}
	send_some(lane, &lane->out, ssh_channel_write);
	send_some(lane, &lane->err, ssh_channel_write_stderr);
	if (lane->ops && lane->ops->sent)
		lane->ops->sent(lane);
	if (!lane->finished || lane->out.len || lane->err.len)
		return true;
	if (!lane->forwards)
		ssh_channel_request_send_exit_status(lane->ssh, lane->status);
	ssh_channel_send_eof(lane->ssh);
	ssh_channel_close(lane->ssh);
	return false;
}

void lane_free(struct lane *lane)
{
	ssh_remove_channel_callbacks(lane->ssh, &lane->callbacks);
	ssh_channel_free(lane->ssh);
	lane->ssh = NULL;
	lane->connection = NULL;
	free(lane->command);
	buf_release(&lane->in);
	buf_release(&lane->out);
	buf_release(&lane->err);
	if (lane->ops && lane->ops->gone)
		lane->ops->gone(lane);
	else
		free(lane);
}

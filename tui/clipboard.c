/*
 * tui/clipboard.c: copying. Inside tmux its own buffer is the way that works with every setting;
 * elsewhere the terminal is told (OSC 52), which no terminal confirms, so the text also goes to
 * a file that can be named.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "tui/state_file.h"
#include "tui/ui_private.h"

#define OSC52_MOST 74994       /* base64 characters that terminals take, as others found */

struct clip {
	struct ui *ui;             /* NULL: nobody waits for it any more */
	char *text, *what;
	size_t len;
	int open_handles;
	uv_process_t process;
	uv_pipe_t in;
	uv_write_t write;
};

static void put_base64(struct buf *out, const char *text, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *bytes = (const unsigned char *)text;
	size_t i;

	for (i = 0; i < len; i += 3) {
		size_t left = len - i;
		unsigned int three = (unsigned int)bytes[i] << 16 |
				     (left > 1 ? (unsigned int)bytes[i + 1] << 8 : 0) |
				     (left > 2 ? bytes[i + 2] : 0);
		char four[4] = {digits[three >> 18], digits[three >> 12 & 63],
				left > 1 ? digits[three >> 6 & 63] : '=',
				left > 2 ? digits[three & 63] : '='};

		buf_append(out, four, sizeof(four));
	}
}

/* Consoles that would print the sequence instead of taking it. */
static bool takes_osc52(void)
{
	static const char *const plain[] = {"linux", "vt", "ansi", "cons", "sun", "dumb"};
	const char *term = getenv("TERM");
	size_t i;

	for (i = 0; term && i < sizeof(plain) / sizeof(plain[0]); i++)
		if (!strncmp(term, plain[i], strlen(plain[i])))
			return false;
	return term != NULL;
}

static bool tell_terminal(struct ui *ui, const char *text, size_t len)
{
	struct buf out = BUF_INIT(OSC52_MOST + 64);
	bool screen = getenv("STY") != NULL;

	if (!ui->term || !takes_osc52() || (len + 2) / 3 * 4 > OSC52_MOST)
		return false;
	buf_append_str(&out, screen ? "\033P\033]52;c;" : "\033]52;c;");
	put_base64(&out, text, len);
	buf_append_str(&out, screen ? "\a\033\\" : "\a");
	term_send(ui->term, out.data, out.len);
	buf_release(&out);
	return true;
}

static void copy_without_tmux(struct ui *ui, const char *text, size_t len, const char *what)
{
	struct err err = ERR_INIT;
	char *path = NULL;
	bool told = tell_terminal(ui, text, len);

	if (state_file_write("clipboard", text, len, &path, &err) && !told)
		ui_say(ui, ROLE_BAD, "not copied: %s", err.text);
	else if (told && path)
		ui_say(ui, ROLE_TEXT, "%s sent to the terminal's clipboard, and in %s", what, path);
	else if (told)
		ui_say(ui, ROLE_TEXT, "%s sent to the terminal's clipboard", what);
	else
		ui_say(ui, ROLE_TEXT, "%s is in %s", what, path);
	free(path);
}

static void closed(uv_handle_t *handle)
{
	struct clip *clip = handle->data;

	if (--clip->open_handles)
		return;
	if (clip->ui)
		clip->ui->clip = NULL;
	free(clip->text);
	free(clip->what);
	free(clip);
}

static void exited(uv_process_t *process, int64_t status, int signal)
{
	struct clip *clip = process->data;

	if (clip->ui && (status || signal))
		copy_without_tmux(clip->ui, clip->text, clip->len, clip->what);
	else if (clip->ui)
		ui_say(clip->ui, ROLE_TEXT, "%s copied (tmux buffer; prefix ] pastes)", clip->what);
	uv_close((uv_handle_t *)&clip->process, closed);
	if (!uv_is_closing((uv_handle_t *)&clip->in))
		uv_close((uv_handle_t *)&clip->in, closed);
}

static void written(uv_write_t *write, int status)
{
	struct clip *clip = write->data;

	(void)status;
	if (!uv_is_closing((uv_handle_t *)&clip->in))
		uv_close((uv_handle_t *)&clip->in, closed);
}

static int start_tmux(struct ui *ui, struct clip *clip)
{
	static const char *const argv[] = {"tmux", "load-buffer", "-w", "-", NULL};
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_CREATE_PIPE | UV_READABLE_PIPE}, {.flags = UV_IGNORE},
		{.flags = UV_IGNORE},
	};
	uv_process_options_t options = {
		.exit_cb = exited, .file = argv[0], .args = (char **)(uintptr_t)argv,
		.stdio = stdio, .stdio_count = 3,
	};
	uv_buf_t bytes = uv_buf_init(clip->text, (unsigned int)clip->len);
	int rc;

	stdio[0].data.stream = (uv_stream_t *)&clip->in;
	uv_pipe_init(&ui->app->loop, &clip->in, 0);
	clip->process.data = clip->in.data = clip->write.data = clip;
	clip->open_handles = 2;
	rc = uv_spawn(&ui->app->loop, &clip->process, &options);
	if (!rc)
		return uv_write(&clip->write, (uv_stream_t *)&clip->in, &bytes, 1, written);
	uv_close((uv_handle_t *)&clip->process, closed);
	uv_close((uv_handle_t *)&clip->in, closed);
	return rc;
}

void clipboard_copy(struct ui *ui, const char *text, size_t len, const char *what)
{
	const char *tmux = getenv("TMUX");
	struct clip *clip;

	if (!tmux || !tmux[0] || ui->clip) {
		copy_without_tmux(ui, text, len, what);
		return;
	}
	clip = xcalloc(1, sizeof(*clip));
	clip->ui = ui;
	clip->text = xstrndup(text, len);
	clip->what = xstrdup(what);
	clip->len = len;
	ui->clip = clip;
	if (start_tmux(ui, clip))
		copy_without_tmux(ui, text, len, what);
}

void clipboard_forget(struct ui *ui)
{
	if (ui->clip)
		ui->clip->ui = NULL;
	ui->clip = NULL;
}

/* tests/screen/term.c: reading, showing in whole frames, sending, ending; see term.h */
#include "tests/screen/term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/screen/term_parts.h"

#define MARK_START "\033]2;f="
#define MARK_MAX 128          /* longer than any marker */

int64_t term_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void on_output(const char *bytes, size_t len, void *data)
{
	term_send(data, bytes, len);
}

static int on_prop(VTermProp prop, VTermValue *value, void *data)
{
	struct term *term = data;

	if (prop == VTERM_PROP_CURSORVISIBLE)
		term->cursor = value->boolean;
	else if (prop == VTERM_PROP_ALTSCREEN)
		term->alternate = value->boolean;
	else if (prop == VTERM_PROP_MOUSE)
		term->mouse = value->number != VTERM_PROP_MOUSE_NONE;
	return 1;
}

static const VTermScreenCallbacks screen_callbacks = {.settermprop = on_prop};

void term_open_screen(struct term *term)
{
	term->vt = vterm_new(term->rows, term->cols);
	vterm_set_utf8(term->vt, 1);
	vterm_output_set_callback(term->vt, on_output, term);
	term->screen = vterm_obtain_screen(term->vt);
	vterm_screen_set_callbacks(term->screen, &screen_callbacks, term);
	vterm_screen_enable_altscreen(term->screen, 1);
	vterm_screen_reset(term->screen, 1);
	term->cursor = true;
}

/* Where the first whole marker in the bytes ends, or 0. */
static size_t marker_end(const char *bytes, size_t len, struct term_frame *frame)
{
	const char *at = bytes;
	const char *end = bytes + len;

	if (!len)
		return 0;
	while ((at = memmem(at, (size_t)(end - at), MARK_START, strlen(MARK_START)))) {
		size_t room = (size_t)(end - at) < MARK_MAX ? (size_t)(end - at) : MARK_MAX;
		const char *bell = memchr(at, '\a', room);
		struct term_frame found;

		if (bell && sscanf(at + 4, "f=%ld k=%ld s=%dx%d", &found.number, &found.keys,
				   &found.cols, &found.rows) == 4) {
			*frame = found;
			return (size_t)(bell + 1 - bytes);
		}
		at++;
	}
	return 0;
}

/* "Repeat the last character N times", or 0 when the bytes are something else. */
static size_t repeat_length(const char *bytes, size_t len, int *ret_count)
{
	size_t at = 2;

	if (len < 4 || bytes[0] != '\033' || bytes[1] != '[')
		return 0;
	for (*ret_count = 0; at < len && bytes[at] >= '0' && bytes[at] <= '9' && at < 6; at++)
		*ret_count = *ret_count * 10 + bytes[at] - '0';
	return at > 2 && at < len && bytes[at] == 'b' ? at + 1 : 0;
}

/* Length of what brings a saved cursor back, or 0. */
static size_t restore_length(const char *bytes, size_t len)
{
	static const char *const words[] = {"\0338", "\033[?1049l"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (len >= strlen(words[i]) && !memcmp(bytes, words[i], strlen(words[i])))
			return strlen(words[i]);
	return 0;
}

/* libvterm brings its being visible back, too, and has one place to save all that; terminals bring
 * back where it was, and whether it is seen is as it was told last. */
static void restore_cursor(struct term *term, const char *bytes, size_t len)
{
	const char *seen = term->cursor ? "\033[?25h" : "\033[?25l";

	vterm_input_write(term->vt, bytes, len);
	vterm_input_write(term->vt, seen, strlen(seen));
}

/* libvterm 0.1.4 takes the cell before the last column for the last one when it repeats a
 * character up to there, and puts the next one into the next row: it is told the long form. */
static void feed(struct term *term, const char *bytes, size_t len)
{
	size_t from = 0, at;
	int count;

	for (at = 0; at < len; at++) {
		size_t skip = at ? repeat_length(bytes + at, len - at, &count) : 0;
		size_t restores = skip ? 0 : restore_length(bytes + at, len - at);

		if (!skip && !restores)
			continue;
		vterm_input_write(term->vt, bytes + from, at - from);
		while (skip && count-- > 0)
			vterm_input_write(term->vt, bytes + at - 1, 1);
		if (restores)
			restore_cursor(term, bytes + at, restores);
		skip += restores;
		from = at + skip;
		at = from - 1;
	}
	vterm_input_write(term->vt, bytes + from, len - from);
}

static void show(struct term *term, size_t len)
{
	feed(term, term->in.data, len);
	vterm_screen_flush_damage(term->screen);
	buf_consume(&term->in, len);
}

/* Move the screen on by one frame (or, without markers, by all there is). */
static bool show_next(struct term *term, bool all)
{
	size_t len = marker_end(term->in.data, term->in.len, &term->frame);

	if (len)
		term->framed = true;
	else if (term->in.len && (all || !term->framed))
		len = term->in.len;
	if (!len)
		return false;
	show(term, len);
	return true;
}

static void flush_out(struct term *term)
{
	ssize_t n;

	if (!term->out.len)
		return;
	n = write(term->fd, term->out.data, term->out.len);
	if (n > 0)
		buf_consume(&term->out, (size_t)n);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		buf_clear(&term->out);  /* the program is gone; so is who would read it */
}

/* Read once. True when something came or the end was reached. */
static bool read_some(struct term *term, int ms)
{
	struct pollfd pfd = {.fd = term->fd, .events = POLLIN};
	char bytes[65536];
	ssize_t n;

	flush_out(term);
	if (term->out.len)
		pfd.events |= POLLOUT;
	if (poll(&pfd, 1, ms) <= 0 || !(pfd.revents & (POLLIN | POLLHUP)))
		return false;
	n = read(term->fd, bytes, sizeof(bytes));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {  /* EIO: the last descriptor of the program's end is closed */
		term->eof = true;
		return true;
	}
	term->last_read = term_now();
	if (!term->first_byte)
		term->first_byte = term->last_read;
	term->bytes += (uint64_t)n;
	term->reads++;
	if (term->raw)
		fwrite(bytes, 1, (size_t)n, term->raw);
	if (buf_append(&term->in, bytes, (size_t)n)) {
		fputs("more output than the test tool takes\n", stderr);
		exit(1);
	}
	return true;
}

int term_pump(struct term *term, int ms)
{
	bool settled;

	if (show_next(term, term->eof))
		return 1;
	if (term->eof)
		return -EPIPE;
	if (term->held) {
		poll(NULL, 0, ms);
		return 0;
	}
	if (read_some(term, ms))
		return show_next(term, term->eof);
	settled = term_now() - term->last_read > TERM_SETTLE_MS * INT64_C(1000000);
	return settled && show_next(term, true);
}

void term_drain(struct term *term)
{
	if (!term->held)
		while (!term->eof && read_some(term, 0))
			;
	while (show_next(term, term->eof))
		;
}

void term_send(struct term *term, const char *bytes, size_t len)
{
	if (buf_append(&term->out, bytes, len)) {
		fputs("the program does not read its keys\n", stderr);
		exit(1);
	}
	flush_out(term);
}

void term_resize(struct term *term, struct term_size size)
{
	struct winsize ws = {
		.ws_row = (unsigned short)size.rows,
		.ws_col = (unsigned short)size.cols,
	};

	term_drain(term);
	term->cols = size.cols;
	term->rows = size.rows;
	vterm_set_size(term->vt, size.rows, size.cols);
	ioctl(term->fd, TIOCSWINSZ, &ws);
}

const char *term_unrestored(struct term *term)
{
	struct termios now;

	if (term->alternate)
		return "the alternate screen is still on";
	if (!term->cursor)
		return "the cursor is still hidden";
	if (term->mouse)
		return "mouse reports are still on";
	if (tcgetattr(term->fd, &now))
		return "the terminal's settings cannot be read";
	if (now.c_iflag != term->before.c_iflag)
		return "input flags differ from before";
	if (now.c_oflag != term->before.c_oflag)
		return "output flags differ from before";
	if (now.c_lflag != term->before.c_lflag)
		return "local flags (echo, canonical, signals) differ from before";
	if (now.c_cflag != term->before.c_cflag || memcmp(now.c_cc, term->before.c_cc, NCCS))
		return "control settings differ from before";
	return NULL;
}

static bool reap(struct term *term, int flags)
{
	pid_t child = term->shell ? term->shell : term->pid;

	if (!term->pid)
		return true;
	if (waitpid(child, &term->status, flags) != child)
		return false;
	term->pid = term->shell = 0;
	return true;
}

bool term_gone(struct term *term)
{
	return reap(term, WNOHANG);
}

void term_stop(struct term *term)
{
	if (term->pid) {
		kill(term->pid, SIGHUP);
		kill(term->pid, SIGCONT);
		term_foreground(term);
		for (int i = 0; i < 100 && !reap(term, WNOHANG); i++)
			read_some(term, 10);
	}
	if (term->pid) {
		kill(term->pid, SIGKILL);
		if (term->shell)
			kill(term->shell, SIGKILL);
		reap(term, 0);
	}
	close(term->fd);
	if (term->status_fd >= 0)
		close(term->status_fd);
	vterm_free(term->vt);
	buf_release(&term->in);
	buf_release(&term->out);
	if (term->raw)
		fclose(term->raw);
}

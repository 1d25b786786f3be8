/* tui/term.c: see term.h */
#include "tui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "core/alloc.h"
#include "tui/outlet.h"

#define PIPE_BYTES (1024 * 1024)
#define PENDING_MAX (4 * 1024 * 1024)
#define LAST_WORDS_MS 3000         /* for a terminal that has stalled: not for ever */

struct terminal {
	uv_loop_t *loop;
	struct term_events events;
	SCREEN *screen;
	FILE *pipe_out;
	int pipe_in;               /* what ncurses has written comes out here */
	struct termios saved;
	struct outlet outlet;      /* to the terminal */
	uv_poll_t keys;
	uv_signal_t winch, cont, tstp;
	int closing;
	bool utf8, colours;
};

/* The one terminal, for the hook that runs when memory has run out. */
static struct terminal *the_term;

static void set_raw(struct terminal *term)
{
	struct termios raw = term->saved;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
	raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR | IGNCR | ISTRIP);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

static void take_from_pipe(struct terminal *term)
{
	char chunk[16 * 1024];
	ssize_t got;

	fflush(term->pipe_out);
	while ((got = read(term->pipe_in, chunk, sizeof(chunk))) > 0)
		outlet_add(&term->outlet, chunk, (size_t)got);
}

static void pump(struct terminal *term)
{
	take_from_pipe(term);
	outlet_pump(&term->outlet);
}

static void on_drained(void *arg)
{
	struct terminal *term = arg;

	term->events.drained(term->events.arg);
}

static void on_gone(void *arg)
{
	struct terminal *term = arg;

	term->events.gone(term->events.arg);
}

static void on_keys(uv_poll_t *poll, int status, int events)
{
	struct terminal *term = poll->data;
	char probe;
	int key, count = 0;

	(void)events;
	while (status >= 0 && (key = wgetch(stdscr)) != ERR) {
		count++;
		if (key != KEY_RESIZE)
			term->events.key(term->events.arg, key);
	}
	/* Readable, yet no key: an incomplete sequence, or the terminal has gone. */
	if (!count && (status < 0 || read(STDIN_FILENO, &probe, 0) < 0 ||
		       tcgetpgrp(STDIN_FILENO) < 0)) {
		uv_poll_stop(poll);
		term->events.gone(term->events.arg);
	}
}

static bool read_size(const struct terminal *term, struct winsize *ret)
{
	return !ioctl(term->outlet.fd, TIOCGWINSZ, ret) && ret->ws_row > 0 && ret->ws_col > 0;
}

/* All lines scroll, and go on to do so when we are gone: not every terminal sees to that itself.
 * The order moves the cursor, so that all is drawn anew. */
static void fit_size(struct terminal *term)
{
	struct winsize size;
	const char *order;

	if (!read_size(term, &size))
		return;
	resizeterm(size.ws_row, size.ws_col);
	if (!change_scroll_region)
		return;
	order = tparm(change_scroll_region, 0L, (long)size.ws_row - 1, 0L, 0L, 0L, 0L, 0L, 0L, 0L);
	term_send(term, order, strlen(order));
	clearok(curscr, TRUE);
}

static void on_winch(uv_signal_t *handle, int number)
{
	struct terminal *term = handle->data;

	(void)number;
	fit_size(term);
	term->events.resized(term->events.arg);
}

static void hand_back(struct terminal *term)
{
	endwin();
	take_from_pipe(term);
	outlet_last_words(&term->outlet, LAST_WORDS_MS);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &term->saved);
}

static void on_continued(uv_signal_t *handle, int number)
{
	struct terminal *term = handle->data;

	(void)number;
	set_raw(term);
	fit_size(term);
	term_redraw(term);
	term->events.resized(term->events.arg);
}

static void on_stop(uv_signal_t *handle, int number)
{
	(void)number;
	term_suspend(handle->data);
}

void term_suspend(struct terminal *term)
{
	hand_back(term);
	uv_signal_stop(&term->tstp);
	signal(SIGTSTP, SIG_DFL);
	raise(SIGTSTP);
	uv_signal_start(&term->tstp, on_stop, SIGTSTP);
}

static int check_terminal(struct err *err)
{
	const char *name = getenv("TERM"), *cup;
	int status = 0;
	bool able;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(err, -ENOTTY, "the dashboard needs a terminal; `sitrep --once` "
			       "prints the same situation as text");
	if (!name || !name[0] || setupterm(NULL, STDOUT_FILENO, &status) == ERR)
		return err_set(err, -EINVAL, "the terminal type TERM='%s' is not known here; try "
			       "TERM=xterm, or `sitrep --once`", name ? name : "");
	cup = tigetstr("cup");
	able = cup && cup != (char *)-1;
	/* newterm() reads the description again, into memory of its own. */
	del_curterm(cur_term);
	if (!able)
		return err_set(err, -EINVAL, "the terminal type '%s' cannot place the cursor; "
			       "`sitrep --once` prints the situation as text", name);
	return 0;
}

static int open_pipe(struct terminal *term, struct err *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return err_set(err, -errno, "no pipe: %s", strerror(errno));
	if (fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES) < 0 ||
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) {
		close(ends[0]);
		close(ends[1]);
		return err_set(err, -errno, "no room for a frame: %s", strerror(errno));
	}
	term->pipe_in = ends[0];
	term->pipe_out = fdopen(ends[1], "w");
	return 0;
}

static int open_tty(struct terminal *term, struct err *err)
{
	struct outlet_events events = {on_drained, on_gone, term};
	int rc = tcgetattr(STDIN_FILENO, &term->saved) ? -errno
	       : outlet_open(&term->outlet, term->loop, STDOUT_FILENO, PENDING_MAX, &events);

	return rc ? err_set(err, rc, "the terminal cannot be opened: %s", strerror(-rc)) : 0;
}

static void set_variable(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

/* ncurses would ask the pipe for its size, which has none, and take 24 lines for all there are. */
static SCREEN *new_screen(const struct terminal *term)
{
	char *height = xstrdup(getenv("LINES")), *width = xstrdup(getenv("COLUMNS")), number[12];
	struct winsize size;
	SCREEN *screen;

	if (read_size(term, &size)) {
		snprintf(number, sizeof(number), "%u", size.ws_row);
		setenv("LINES", number, 1);
		snprintf(number, sizeof(number), "%u", size.ws_col);
		setenv("COLUMNS", number, 1);
	}
	screen = newterm(NULL, term->pipe_out, stdin);
	set_variable("LINES", height);
	set_variable("COLUMNS", width);
	free(height);
	free(width);
	return screen;
}

static int open_screen(struct terminal *term, struct err *err)
{
	const char *no_colour = getenv("NO_COLOR");

	term->screen = new_screen(term);
	if (!term->screen)
		return err_set(err, -EINVAL, "ncurses cannot use this terminal");
	set_term(term->screen);
	set_escdelay(25);
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	leaveok(stdscr, TRUE);
	term->colours = has_colors() && !(no_colour && no_colour[0]);
	if (term->colours) {
		start_color();
		use_default_colors();
	}
	return 0;
}

static void watch(struct terminal *term)
{
	uv_poll_init(term->loop, &term->keys, STDIN_FILENO);
	uv_signal_init(term->loop, &term->winch);
	uv_signal_init(term->loop, &term->cont);
	uv_signal_init(term->loop, &term->tstp);
	term->keys.data = term->winch.data = term->cont.data = term->tstp.data = term;
	uv_poll_start(&term->keys, UV_READABLE, on_keys);
	uv_signal_start(&term->winch, on_winch, SIGWINCH);
	uv_signal_start(&term->cont, on_continued, SIGCONT);
	uv_signal_start(&term->tstp, on_stop, SIGTSTP);
}

static void drop(struct terminal *term)
{
	if (term->pipe_out)
		fclose(term->pipe_out);
	if (term->pipe_in >= 0)
		close(term->pipe_in);
	free(term);
}

static void drop_last(void *arg)
{
	struct terminal *term = arg;

	if (--term->closing == 0)
		drop(term);
}

static void closed(uv_handle_t *handle)
{
	drop_last(handle->data);
}

struct terminal *term_open(uv_loop_t *loop, const struct term_events *events, struct err *err)
{
	struct terminal *term;

	if (check_terminal(err))
		return NULL;
	term = xcalloc(1, sizeof(*term));
	term->loop = loop;
	term->events = *events;
	term->pipe_in = -1;
	term->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	term->closing = 1;
	if (open_tty(term, err)) {
		drop(term);
		return NULL;
	}
	if (open_pipe(term, err) || open_screen(term, err)) {
		outlet_close(&term->outlet, drop_last);
		return NULL;
	}
	set_raw(term);
	watch(term);
	the_term = term;
	alloc_on_failure(term_restore_now);
	return term;
}

void term_close(struct terminal *term)
{
	uv_handle_t *handles[] = {
		(uv_handle_t *)&term->keys, (uv_handle_t *)&term->winch,
		(uv_handle_t *)&term->cont, (uv_handle_t *)&term->tstp,
	};
	size_t i;

	hand_back(term);
	the_term = NULL;
	alloc_on_failure(NULL);
	delscreen(term->screen);
	term->closing = 1 + sizeof(handles) / sizeof(handles[0]);
	for (i = 0; i < sizeof(handles) / sizeof(handles[0]); i++)
		uv_close(handles[i], closed);
	outlet_close(&term->outlet, drop_last);
}

void term_restore_now(void)
{
	if (the_term)
		hand_back(the_term);
}

bool term_utf8(const struct terminal *term)
{
	return term->utf8;
}

bool term_colours(const struct terminal *term)
{
	return term->colours;
}

bool term_ready(const struct terminal *term)
{
	return outlet_is_empty(&term->outlet);
}

void term_frame(struct terminal *term)
{
	doupdate();
	pump(term);
}

void term_redraw(struct terminal *term)
{
	(void)term;
	clearok(curscr, TRUE);
}

void term_send(struct terminal *term, const char *bytes, size_t len)
{
	take_from_pipe(term);
	outlet_add(&term->outlet, bytes, len);
	pump(term);
}

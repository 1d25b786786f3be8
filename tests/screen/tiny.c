/*
 * tests/screen/tiny.c: a small ncurses program that the test of vtdrive drives. Each key does one
 * thing a real program might do, well or badly.
 */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <ncurses.h>

/* A signal handler has nowhere else to leave its news. */
static volatile sig_atomic_t resized, poked;

struct tiny {
	long frame, keys;
	int ticks;
	bool wide_row;
};

static void on_signal(int sig)
{
	if (sig == SIGWINCH)
		resized = 1;
	else
		poked = 1;
}

static void put_raw(const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n <= 0)
			exit(3);
		text += n;
		len -= (size_t)n;
	}
}

static void draw(struct tiny *tiny)
{
	const char *parity = tiny->ticks % 2 ? "odd" : "even";
	char mark[96];

	erase();
	mvprintw(0, 0, "tiny %dx%d ticks %d", COLS, LINES, tiny->ticks);
	attron(A_BOLD | COLOR_PAIR(1));
	mvaddstr(2, 4, "●");
	attroff(A_BOLD | COLOR_PAIR(1));
	mvaddstr(1, 0, parity);
	if (tiny->wide_row)
		mvhline(3, 0, 'w', COLS);
	mvprintw(LINES - 1, 0, "last row %ld", tiny->keys);
	refresh();
	snprintf(mark, sizeof(mark), "\033]2;f=%ld k=%ld s=%dx%d\a", ++tiny->frame, tiny->keys, COLS,
		 LINES);
	put_raw(mark);
}

/* Two writes with a pause between them: a frame caught half-way. */
static void draw_slowly(struct tiny *tiny)
{
	char mark[96];

	put_raw("\0337\033[2;1Hfirst half");
	usleep(60000);
	put_raw("\033[5;1Hsecond half\0338");
	snprintf(mark, sizeof(mark), "\033]2;f=%ld k=%ld s=%dx%d\a", ++tiny->frame, tiny->keys, COLS,
		 LINES);
	put_raw(mark);
}

/* False to end. */
static bool take_key(struct tiny *tiny, int key)
{
	tiny->keys++;
	switch (key) {
	case 't': tiny->ticks++; break;
	case 'w': tiny->wide_row = !tiny->wide_row; break;
	case 'x': _exit(7);  /* without leaving the screen as it was */
	case 'q': return false;
	case 's': draw_slowly(tiny); return true;
	default: break;
	}
	draw(tiny);
	return true;
}

static bool turn(struct tiny *tiny, const sigset_t *mask)
{
	struct pollfd pfd = {.fd = STDIN_FILENO, .events = POLLIN};
	struct winsize ws;
	int key;

	if (ppoll(&pfd, 1, NULL, mask) < 0 && errno != EINTR)
		return false;
	if (resized && !ioctl(STDIN_FILENO, TIOCGWINSZ, &ws)) {
		resized = 0;
		resizeterm(ws.ws_row, ws.ws_col);
		draw(tiny);
	}
	if (poked) {
		poked = 0;
		tiny->ticks++;
		draw(tiny);
	}
	while ((key = getch()) != ERR)
		if (key != KEY_RESIZE && !take_key(tiny, key))
			return false;
	return !(pfd.revents & (POLLHUP | POLLERR));
}

int main(void)
{
	struct sigaction news = {.sa_handler = on_signal};
	struct tiny tiny = {0};
	sigset_t block, old;

	setlocale(LC_ALL, "");
	initscr();
	cbreak();
	noecho();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	curs_set(0);
	start_color();
	use_default_colors();
	init_pair(1, COLOR_RED, -1);
	sigaction(SIGWINCH, &news, NULL);
	sigaction(SIGUSR1, &news, NULL);
	sigemptyset(&block);
	sigaddset(&block, SIGWINCH);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, &old);
	draw(&tiny);
	while (turn(&tiny, &old))
		;
	endwin();
	return 0;
}

/*
 * tests/screen/term.h: a program on a pseudo-terminal, its output read back by libvterm.
 *
 * Half-read frames: sitrep, told by SITREP_FRAME_MARKER, ends each frame with a window title
 *     ESC ] 2 ; f=<frame> k=<keys read> s=<cols>x<rows> BEL
 * in the same stream as the cells, so the two cannot be seen out of order. From the first marker
 * on, the screen moves on in whole frames only: what follows the last marker is kept back until
 * its own marker comes, or nothing has come for TERM_SETTLE_MS, or the program is gone.
 *
 * All times are CLOCK_MONOTONIC nanoseconds.
 */
#ifndef SITREP_TESTS_SCREEN_TERM_H
#define SITREP_TESTS_SCREEN_TERM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <termios.h>

#include <vterm.h>

#include "core/buf.h"

#define TERM_SETTLE_MS 250
#define TERM_MAX_COLS 1000
#define TERM_MAX_ROWS 500

struct term_frame {
	long number;
	long keys;  /* keys the program had read when it drew this frame */
	int cols, rows;
};

struct term {
	VTerm *vt;
	VTermScreen *screen;
	int cols, rows;
	int fd;               /* the terminal's own end of the pty */
	pid_t pid;            /* the program; 0 once it has been reaped */
	pid_t shell;          /* the job-control parent between us and it, or 0 */
	int status_fd;        /* that parent's reports, or -1 */
	int status;           /* wait status, once pid is 0 */
	bool eof;             /* the program's end of the pty is closed */
	bool held;            /* read nothing: a stalled terminal */
	struct termios before;
	struct buf in;        /* read, not yet shown */
	struct buf out;       /* keys and answers not yet written */
	bool framed;          /* a marker has been seen */
	struct term_frame frame;
	long keys_sent;
	bool cursor, alternate, mouse;
	uint64_t bytes, reads;
	int64_t started, first_byte, last_read;  /* first_byte is 0 before there is one */
	FILE *raw;            /* a copy of the stream, or NULL */
};

struct term_size {
	int cols, rows;
};

/*
 * Start argv on a new terminal. With job_control a small shell-like parent stands in between, so
 * that the program can be stopped and continued as under a real shell. 0 or -errno.
 */
int term_start(struct term *term, struct term_size size, char *const argv[], bool job_control);
/* End the program if it still runs (hang-up, then kill) and free everything. */
void term_stop(struct term *term);

/*
 * Wait at most ms for output and show what is whole. 1 when the screen may have changed, 0 when
 * not, -EPIPE when the program's end is closed and everything is shown.
 */
int term_pump(struct term *term, int ms);
/* Show everything that has arrived, without waiting. */
void term_drain(struct term *term);

void term_send(struct term *term, const char *bytes, size_t len);
/*
 * Send keys: words apart by blanks, each a name (Enter, Esc, Up, F5, Space ...), ^X, \xNN, or text
 * to be typed. -EINVAL for a malformed word.
 */
int term_keys(struct term *term, const char *words);
void term_resize(struct term *term, struct term_size size);
/* True once the program is gone; then term->status is its wait status. */
bool term_gone(struct term *term);
/* Bring a stopped program back to the foreground, as `fg` does. Needs job control. */
void term_foreground(struct term *term);

/* The screen as text: rows without trailing blanks, each ended by a newline. Caller frees. */
char *term_text(struct term *term);
char *term_row(struct term *term, int row);
/* One cell's character as UTF-8 (out: >= 32 bytes). Returns its width in columns, 1 or 2. */
int term_cell(struct term *term, VTermPos pos, char *out, VTermScreenCell *cell);
/* A cell's look: "bold,rev,ul,fg=def,bg=4" (out: >= 96 bytes). */
void term_attrs(const VTermScreenCell *cell, char *out);
/* Is the terminal as the program found it? NULL, or what is not. */
const char *term_unrestored(struct term *term);

int term_svg(struct term *term, const char *path);

int64_t term_now(void);

#endif

/*
 * tui/term.h: the terminal. ncurses writes into a pipe; the loop pumps it to the terminal's own
 * non-blocking descriptor, so that a terminal that has stalled stalls nothing else.
 */
#ifndef SITREP_TUI_TERM_H
#define SITREP_TUI_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include <curses.h>
#include <uv.h>

#include "core/err.h"

struct terminal;

struct term_events {
	void (*key)(void *arg, int key);       /* as wgetch gives it */
	void (*resized)(void *arg);
	void (*drained)(void *arg);            /* a frame that had to wait may be drawn */
	void (*gone)(void *arg);               /* the terminal has gone */
	void *arg;
};

/* Takes the terminal over. -ENOTTY or -EINVAL with one sentence, the terminal untouched. */
struct terminal *term_open(uv_loop_t *loop, const struct term_events *events, struct err *err);
/* Gives the terminal back exactly as it was; frees once the loop has run on. */
void term_close(struct terminal *term);
/* The same at once, without freeing: for memory that has run out. */
void term_restore_now(void);

bool term_utf8(const struct terminal *term);
bool term_colours(const struct terminal *term);
/* Whether the last frame has left; a frame drawn while it hasn't would only queue up. */
bool term_ready(const struct terminal *term);
/* doupdate() and send. */
void term_frame(struct terminal *term);
/* Draw everything anew with the next frame. */
void term_redraw(struct terminal *term);
/* Bytes outside ncurses' knowledge, such as a window title. */
void term_send(struct terminal *term, const char *bytes, size_t len);
/* Hand the terminal back, stop as ^Z does, take it again when continued. */
void term_suspend(struct terminal *term);

#endif

/* tests/screen/script_verbs.c: what each script command does */
#include "tests/screen/script_verbs.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "tests/screen/proc.h"
#include "tests/screen/script.h"

#define TICK_MS 20

static int64_t deadline(const struct script *script)
{
	return term_now() + script->deadline_ms * INT64_C(1000000);
}

static double ms_since(int64_t then)
{
	return (double)(term_now() - then) / 1e6;
}

static int verb_wait(struct script *script, const char *regex)
{
	int64_t until = deadline(script);

	for (;;) {
		char *text = term_text(script->term);
		int found = script_match(script, regex, text);
		int rc;

		free(text);
		if (found < 0)
			return -1;
		if (found) {
			script->last_match = term_now();
			return 0;
		}
		if (term_now() > until)
			return script_fail(script, "not on the screen within %d ms",
					   script->deadline_ms);
		rc = term_pump(script->term, TICK_MS);
		if (rc == -EPIPE)
			return script_fail(script, "not on the screen when the program ended");
	}
}

static int verb_absent(struct script *script, const char *regex)
{
	char *text;
	int found;

	term_drain(script->term);
	text = term_text(script->term);
	found = script_match(script, regex, text);
	free(text);
	return found > 0 ? script_fail(script, "is on the screen") : found;
}

static int verb_row(struct script *script, const char *args)
{
	int row, used = 0, found;
	char *text;

	if (sscanf(args, "%d %n", &row, &used) != 1 || !used)
		return script_fail(script, "expected: row R REGEX");
	term_drain(script->term);
	row = row < 0 ? script->term->rows + row : row;
	if (row < 0 || row >= script->term->rows)
		return script_fail(script, "no such row");
	text = term_row(script->term, row);
	found = script_match(script, args + used, text);
	free(text);
	return found ? (found < 0 ? -1 : 0) : script_fail(script, "not in row %d", row);
}

static int verb_cell(struct script *script, const char *args)
{
	char want[32], want_attrs[96] = "", have[32], have_attrs[96];
	VTermScreenCell cell;
	VTermPos pos;

	if (sscanf(args, "%d %d %31s %95s", &pos.row, &pos.col, want, want_attrs) < 3)
		return script_fail(script, "expected: cell R C CHAR [ATTRS]");
	term_drain(script->term);
	term_cell(script->term, pos, have, &cell);
	term_attrs(&cell, have_attrs);
	if (strcmp(want, "*") != 0 && strcmp(want, !strcmp(have, " ") ? "_" : have) != 0)
		return script_fail(script, "the cell holds '%s'", have);
	if (*want_attrs && strcmp(want_attrs, have_attrs) != 0)
		return script_fail(script, "the cell looks %s", have_attrs);
	return 0;
}

static int verb_key(struct script *script, const char *words)
{
	script->last_key = term_now();
	if (term_keys(script->term, words))
		return script_fail(script, "malformed key");
	return 0;
}

static int verb_type(struct script *script, const char *text)
{
	script->last_key = term_now();
	term_send(script->term, text, strlen(text));
	for (; *text; text++)
		script->term->keys_sent += ((unsigned char)*text & 0xC0) != 0x80;
	return 0;
}

static int wait_frame(struct script *script, bool (*reached)(const struct term *))
{
	int64_t until = deadline(script);

	while (!reached(script->term)) {
		if (term_now() > until)
			return script_fail(script, "the last frame was %ld, after %ld of %ld keys, %dx%d",
					   script->term->frame.number, script->term->frame.keys,
					   script->term->keys_sent, script->term->frame.cols,
					   script->term->frame.rows);
		if (term_pump(script->term, TICK_MS) == -EPIPE)
			return script_fail(script, "the program ended");
	}
	return 0;
}

static bool keys_drawn(const struct term *term)
{
	return term->frame.keys >= term->keys_sent;
}

static bool size_drawn(const struct term *term)
{
	return term->frame.cols == term->cols && term->frame.rows == term->rows;
}

static int verb_sync(struct script *script, const char *args)
{
	(void)args;
	return wait_frame(script, keys_drawn);
}

static int verb_resize(struct script *script, const char *args)
{
	struct term_size size;

	if (sscanf(args, "%dx%d", &size.cols, &size.rows) != 2 &&
	    sscanf(args, "%d %d", &size.cols, &size.rows) != 2)
		return script_fail(script, "expected: resize WxH");
	if (size.cols < 1 || size.rows < 1 || size.cols > TERM_MAX_COLS ||
	    size.rows > TERM_MAX_ROWS)
		return script_fail(script, "sizes go from 1x1 to %dx%d", TERM_MAX_COLS,
				   TERM_MAX_ROWS);
	term_resize(script->term, size);
	return script->term->framed ? wait_frame(script, size_drawn) : 0;
}

/* Many sizes in a row without waiting in between; only the last must be drawn. */
static int verb_storm(struct script *script, const char *args)
{
	unsigned seed = 1;
	int count;

	if (sscanf(args, "%d %u", &count, &seed) < 1)
		return script_fail(script, "expected: storm N [SEED]");
	while (count-- > 0) {
		struct term_size size = {1 + rand_r(&seed) % 220, 1 + rand_r(&seed) % 60};

		term_resize(script->term, size);
		if (term_pump(script->term, rand_r(&seed) % 4) == -EPIPE)
			return script_fail(script, "the program ended at %dx%d", size.cols,
					   size.rows);
	}
	return script->term->framed ? wait_frame(script, size_drawn) : 0;
}

static int verb_quiet(struct script *script, const char *args)
{
	int64_t until = deadline(script);
	int64_t silence = atoi(args) * INT64_C(1000000);
	int64_t last = term_now();
	uint64_t bytes = script->term->bytes;

	while (term_now() - last < silence) {
		if (term_pump(script->term, TICK_MS) == -EPIPE)
			return 0;
		if (script->term->bytes != bytes) {
			bytes = script->term->bytes;
			last = term_now();
		}
		if (term_now() > until + silence)
			return script_fail(script, "never quiet for %s ms", args);
	}
	return 0;
}

static int verb_pause(struct script *script, const char *args)
{
	int64_t until = term_now() + atoi(args) * INT64_C(1000000);

	while (term_now() < until)
		if (term_pump(script->term, TICK_MS) == -EPIPE)
			return script_fail(script, "the program ended");
	return 0;
}

static int verb_hold(struct script *script, const char *args)
{
	if (!strcmp(args, "on") || !strcmp(args, "off")) {
		script->term->held = !strcmp(args, "on");
		return 0;
	}
	script->term->held = true;
	usleep((useconds_t)atoi(args) * 1000);
	script->term->held = false;
	return 0;
}

static int verb_mark(struct script *script, const char *args)
{
	(void)args;
	term_drain(script->term);
	script->marked = term_now();
	script->marked_bytes = script->term->bytes;
	script->marked_cpu = proc_cpu(script->term->pid);
	return 0;
}

static int verb_maxbytes(struct script *script, const char *args)
{
	uint64_t bytes;

	term_drain(script->term);
	bytes = script->term->bytes - script->marked_bytes;
	if (bytes > strtoull(args, NULL, 10))
		return script_fail(script, "%llu bytes since the mark", (unsigned long long)bytes);
	return 0;
}

static int verb_maxcpu(struct script *script, const char *args)
{
	double ms = (double)(proc_cpu(script->term->pid) - script->marked_cpu) / 1e6;

	if (ms > atof(args))
		return script_fail(script, "%.1f ms of CPU since the mark", ms);
	return 0;
}

static int verb_maxrss(struct script *script, const char *args)
{
	struct proc_memory memory;

	if (proc_memory(script->term->pid, &memory))
		return script_fail(script, "the program is gone");
	if (memory.rss_kb > atol(args))
		return script_fail(script, "%ld kB resident", memory.rss_kb);
	return 0;
}

static int verb_within(struct script *script, const char *args)
{
	double ms = (double)(script->last_match - script->last_key) / 1e6;

	if (ms > atof(args))
		return script_fail(script, "%.1f ms from the last key to the last match", ms);
	return 0;
}

static int verb_stat(struct script *script, const char *label)
{
	struct term *term = script->term;
	struct proc_memory memory;
	double ms = ms_since(script->marked);
	uint64_t bytes;

	term_drain(term);
	bytes = term->bytes - script->marked_bytes;
	proc_memory(term->pid, &memory);
	fprintf(script->report, "%s%s%sms=%.1f bytes=%llu B/s=%.1f first_byte_ms=%.1f "
		"key_to_match_ms=%.1f cpu_ms=%.3f rss_kb=%ld anon_kb=%ld frame=%ld cursor=%d\n",
		script->tap ? "# " : "", label, *label ? ": " : "", ms, (unsigned long long)bytes,
		(double)bytes * 1e3 / ms, (double)(term->first_byte - term->started) / 1e6,
		(double)(script->last_match - script->last_key) / 1e6,
		(double)(proc_cpu(term->pid) - script->marked_cpu) / 1e6, memory.rss_kb,
		memory.anon_kb, term->frame.number, term->cursor);
	return 0;
}

static int verb_elapsed(struct script *script, const char *label)
{
	fprintf(script->report, "%s%s%s%.1f ms since the mark\n", script->tap ? "# " : "", label,
		*label ? ": " : "", ms_since(script->marked));
	return 0;
}

static int verb_dump(struct script *script, const char *args)
{
	char *text;

	(void)args;
	term_drain(script->term);
	text = term_text(script->term);
	fputs(text, script->report);
	free(text);
	return 0;
}

static int verb_svg(struct script *script, const char *path)
{
	int rc;

	term_drain(script->term);
	rc = term_svg(script->term, path);
	return rc ? script_fail(script, "%s", strerror(-rc)) : 0;
}

static int verb_sig(struct script *script, const char *name)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = {
		{"HUP", SIGHUP}, {"INT", SIGINT}, {"QUIT", SIGQUIT}, {"TERM", SIGTERM},
		{"KILL", SIGKILL}, {"TSTP", SIGTSTP}, {"STOP", SIGSTOP}, {"CONT", SIGCONT},
		{"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"PIPE", SIGPIPE}, {"WINCH", SIGWINCH},
	};

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		if (strcmp(name, signals[i].name) != 0)
			continue;
		if (kill(script->term->pid, signals[i].number))
			return script_fail(script, "kill: %s", strerror(errno));
		return 0;
	}
	return script_fail(script, "no such signal");
}

static int verb_stopped(struct script *script, const char *args)
{
	int64_t until = deadline(script);

	(void)args;
	while (proc_state(script->term->pid) != 'T') {
		if (term_now() > until)
			return script_fail(script, "the program is in state %c",
					   proc_state(script->term->pid));
		term_pump(script->term, TICK_MS);
	}
	term_drain(script->term);
	while (term_pump(script->term, TERM_SETTLE_MS) > 0)
		;
	return 0;
}

static int verb_fg(struct script *script, const char *args)
{
	(void)args;
	term_foreground(script->term);
	return 0;
}

static int verb_restored(struct script *script, const char *args)
{
	const char *why;

	(void)args;
	term_drain(script->term);
	why = term_unrestored(script->term);
	return why ? script_fail(script, "%s", why) : 0;
}

/* The terminal goes on being read meanwhile, unless it is held. */
static int verb_run(struct script *script, const char *command)
{
	char *const argv[] = {(char *)"sh", (char *)"-c", (char *)command, NULL};
	int64_t until = deadline(script);
	char number[32];
	int status, rc;
	pid_t pid;

	snprintf(number, sizeof(number), "%d", (int)script->term->pid);
	setenv("VTDRIVE_PID", number, 1);
	rc = posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ);
	if (rc)
		return script_fail(script, "sh: %s", strerror(rc));
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (term_now() > until) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return script_fail(script, "still running after %d ms",
					   script->deadline_ms);
		}
		if (term_pump(script->term, 5) == -EPIPE)
			usleep(5000);
	}
	if (status)
		return script_fail(script, "wait status %#x", status);
	return 0;
}

/* Any of the statuses will do. */
static int verb_exit(struct script *script, const char *args)
{
	int64_t until = deadline(script);
	int code, wanted, used;

	while (!term_gone(script->term)) {
		if (term_now() > until)
			return script_fail(script, "still running after %d ms",
					   script->deadline_ms);
		if (term_pump(script->term, TICK_MS) == -EPIPE)
			usleep(2000);
	}
	while (term_pump(script->term, 0) >= 0)
		if (term_now() > until)
			return script_fail(script, "the terminal is still in use");
	code = WIFEXITED(script->term->status) ? WEXITSTATUS(script->term->status)
					       : 128 + WTERMSIG(script->term->status);
	for (; sscanf(args, "%d%n", &wanted, &used) == 1; args += used)
		if (wanted == code)
			return 0;
	return script_fail(script, "exit status %d", code);
}

static bool coloured(const VTermScreenCell *cell, const char *utf8)
{
	(void)utf8;
	return !VTERM_COLOR_IS_DEFAULT_FG(&cell->fg) || !VTERM_COLOR_IS_DEFAULT_BG(&cell->bg);
}

static bool beyond_ascii(const VTermScreenCell *cell, const char *utf8)
{
	(void)cell;
	return (unsigned char)*utf8 >= 0x80;
}

/* The first cell of which it is true, or row -1. */
static VTermPos find_cell(struct term *term, bool (*test)(const VTermScreenCell *, const char *))
{
	VTermScreenCell cell;
	char utf8[32];
	VTermPos pos;

	term_drain(term);
	for (pos.row = 0; pos.row < term->rows; pos.row++)
		for (pos.col = 0; pos.col < term->cols; pos.col++) {
			term_cell(term, pos, utf8, &cell);
			if (test(&cell, utf8))
				return pos;
		}
	return (VTermPos){-1, -1};
}

static int verb_colours(struct script *script, const char *args)
{
	VTermPos pos = find_cell(script->term, coloured);

	if (!strcmp(args, "none") && pos.row >= 0)
		return script_fail(script, "the cell in row %d, column %d is", pos.row, pos.col);
	if (!strcmp(args, "some") && pos.row < 0)
		return script_fail(script, "every cell has the terminal's own colours");
	return 0;
}

static int verb_ascii(struct script *script, const char *args)
{
	VTermPos pos = find_cell(script->term, beyond_ascii);

	(void)args;
	return pos.row < 0 ? 0 : script_fail(script, "row %d, column %d", pos.row, pos.col);
}

static int verb_timeout(struct script *script, const char *args)
{
	script->deadline_ms = atoi(args);
	return 0;
}

static int verb_mask(struct script *script, const char *regex)
{
	if (script->n_masks == SCRIPT_MASKS)
		return script_fail(script, "too many masks");
	script->masks[script->n_masks++] = xstrdup(regex);
	return 0;
}

const struct script_verb script_verbs[] = {
	{"wait", "REGEX", "until it is on the screen (extended, ^ and $ are a row's ends)", verb_wait},
	{"absent", "REGEX", "it is not on the screen now", verb_absent},
	{"row", "R REGEX", "row R (from 0, or -1 = last) matches", verb_row},
	{"cell", "R C CHAR [ATTRS]", "CHAR '_' is a blank, '*' any; ATTRS like bold,fg=1,bg=def",
	 verb_cell},
	{"key", "KEYS", "words: Enter Esc Tab BackTab Up F5 Space ... ^X \\xNN, or text", verb_key},
	{"type", "TEXT", "the rest of the line as it stands", verb_type},
	{"sync", "", "until a frame is drawn after all keys sent so far", verb_sync},
	{"resize", "WxH", "and, where frames are marked, until one of that size is drawn",
	 verb_resize},
	{"storm", "N [SEED]", "N random sizes; then as resize", verb_storm},
	{"quiet", "MS", "until nothing has been written for so long", verb_quiet},
	{"pause", "MS", "go on reading for so long", verb_pause},
	{"hold", "MS | on | off", "read nothing: a stalled terminal", verb_hold},
	{"mark", "", "where bytes, CPU and time are counted from", verb_mark},
	{"maxbytes", "N", "at most so many since the mark", verb_maxbytes},
	{"maxcpu", "MS", "at most so much CPU time since the mark", verb_maxcpu},
	{"maxrss", "KB", "at most so much resident memory now", verb_maxrss},
	{"within", "MS", "at most so long from the last key to the last match", verb_within},
	{"stat", "[LABEL]", "print what is measured", verb_stat},
	{"elapsed", "[LABEL]", "print the time since the mark", verb_elapsed},
	{"dump", "", "print the screen", verb_dump},
	{"svg", "FILE", "draw the screen", verb_svg},
	{"mask", "REGEX", "in golden screens, what matches becomes ~", verb_mask},
	{"golden", "NAME", "the masked screen is as in the file", script_golden},
	{"run", "COMMAND", "sh -c, must succeed; VTDRIVE_PID is the program", verb_run},
	{"sig", "NAME", "to the program: HUP, TERM, TSTP ...", verb_sig},
	{"stopped", "", "until the program is stopped", verb_stopped},
	{"fg", "", "continue it in the foreground", verb_fg},
	{"restored", "", "the terminal is as the program found it", verb_restored},
	{"timeout", "MS", "deadline of each line from here on", verb_timeout},
	{"colours", "none | some", "cells that are not in the terminal's own colours", verb_colours},
	{"ascii", "", "every character is ASCII", verb_ascii},
	{"exit", "CODE ...", "until it ends, with one of these statuses (128+N for a signal)",
	 verb_exit},
};
const size_t n_script_verbs = sizeof(script_verbs) / sizeof(*script_verbs);

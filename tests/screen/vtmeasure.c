/*
 * tests/screen/vtmeasure.c: what a terminal program costs and how fast it shows things, as JSON.
 *
 * The steps of the command line are done in their order. A time is taken when the bytes that
 * completed the picture had been read, before this tool spends time on parsing them.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "core/alloc.h"
#include "tests/screen/proc.h"
#include "tests/screen/term.h"

#define MAX_STEPS 64
#define SETTLE_MS 30       /* bytes that come this soon after the last belong to the change */
#define GAP_MS 120

enum step_kind {
	STEP_FIRST, STEP_KEYS, STEP_PAUSE, STEP_MEMORY, STEP_IDLE, STEP_CHANGES, STEP_PRESSES,
	STEP_SCREEN,
};

struct step {
	enum step_kind kind;
	char *arg;
};

struct measure {
	struct term term;
	struct term_size size;
	int timeout_ms;
	struct step steps[MAX_STEPS];
	int n_steps;
	char *trigger, *on, *off;
	pid_t trigger_pid;
	int to_trigger, from_trigger;
	json_t *result;
};

static void fail(struct measure *m, const char *what, const char *detail)
{
	fprintf(stderr, "vtmeasure: %s: %s\n", what, detail);
	if (m->term.vt) {
		char *text = term_text(&m->term);

		fputs(text, stderr);
		free(text);
		term_stop(&m->term);
	}
	exit(1);
}

static bool on_screen(struct measure *m, const char *pattern)
{
	char *text = term_text(&m->term);
	regex_t regex;
	bool found;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB | REG_NEWLINE))
		fail(m, "malformed regular expression", pattern);
	found = !regexec(&regex, text, 0, NULL, 0);
	regfree(&regex);
	free(text);
	return found;
}

static void go_on(struct measure *m, int ms)
{
	int64_t until = term_now() + ms * INT64_C(1000000);
	int64_t left;

	while ((left = until - term_now()) > 0)
		if (term_pump(&m->term, (int)(left / 1000000) + 1) == -EPIPE)
			fail(m, "the program ended", "while it was measured");
}

static void step_first(struct measure *m, char *arg)
{
	int64_t until = term_now() + m->timeout_ms * INT64_C(1000000);
	char *pattern = strchr(arg, '=');
	json_t *first = json_object_get(m->result, "first_ms");

	if (!pattern)
		fail(m, "expected --first NAME=REGEX", arg);
	*pattern++ = '\0';
	while (!on_screen(m, pattern)) {
		if (term_now() > until)
			fail(m, "never on the screen", pattern);
		if (term_pump(&m->term, 50) == -EPIPE)
			fail(m, "the program ended before", pattern);
	}
	json_object_set_new(first, arg,
			    json_real((double)(m->term.last_read - m->term.started) / 1e6));
}

static void step_memory(struct measure *m, const char *label)
{
	struct proc_memory memory;
	json_t *all = json_object_get(m->result, "memory");

	if (proc_memory(m->term.pid, &memory))
		fail(m, "no memory figures", label);
	json_object_set_new(all, label, json_pack("{s:i,s:i,s:i,s:i}",
		"rss_kb", (int)memory.rss_kb, "anon_kb", (int)memory.anon_kb,
		"file_kb", (int)memory.file_kb, "peak_kb", (int)memory.peak_kb));
}

static void step_idle(struct measure *m, const char *arg)
{
	double seconds = atof(arg);
	uint64_t bytes = m->term.bytes;
	int64_t cpu = proc_cpu(m->term.pid);
	int64_t begun = term_now();

	go_on(m, (int)(seconds * 1000));
	seconds = (double)(term_now() - begun) / 1e9;
	json_object_set_new(m->result, "idle", json_pack("{s:f,s:f,s:f}", "seconds", seconds,
		"bytes_per_s", (double)(m->term.bytes - bytes) / seconds,
		"cpu_percent", (double)(proc_cpu(m->term.pid) - cpu) / 1e7 / seconds));
}

static void start_trigger(struct measure *m)
{
	char *const argv[] = {(char *)"sh", (char *)"-c", m->trigger, NULL};
	posix_spawn_file_actions_t actions;
	int in[2], out[2];
	char pid[32];

	snprintf(pid, sizeof(pid), "%d", (int)m->term.pid);
	setenv("VTMEASURE_PID", pid, 1);
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		fail(m, "pipe", strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	if (posix_spawn(&m->trigger_pid, "/bin/sh", &actions, NULL, argv, environ))
		fail(m, "cannot start", m->trigger);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	m->to_trigger = in[1];
	m->from_trigger = out[0];
}

/* When the change was made: the trigger's own clock if it tells one, else now. */
static int64_t read_answer(struct measure *m)
{
	char line[64];
	size_t len = 0;
	long long told;
	int64_t now;

	while (len < sizeof(line) - 1) {
		if (read(m->from_trigger, line + len, 1) != 1)
			fail(m, "the trigger ended", m->trigger);
		if (line[len++] == '\n')
			break;
	}
	now = term_now();
	line[len] = '\0';
	return sscanf(line, "%lld", &told) == 1 ? told : now;
}

struct change {
	int64_t answered, shown;
	uint64_t bytes;
};

/* Both the trigger's answer and the picture are waited for: either may come first. */
static struct change one_change(struct measure *m, bool on)
{
	const char *pattern = on ? m->on : m->off;
	const char *order = on ? "on\n" : "off\n";
	int64_t until = term_now() + m->timeout_ms * INT64_C(1000000);
	uint64_t before = m->term.bytes;
	struct change change = {0};

	if (on_screen(m, pattern))
		fail(m, "already on the screen before the change", pattern);
	if (write(m->to_trigger, order, strlen(order)) < 0)
		fail(m, "the trigger ended", m->trigger);
	while (!change.answered || !change.shown) {
		struct pollfd pfds[2] = {
			{.fd = m->term.fd, .events = POLLIN},
			{.fd = change.answered ? -1 : m->from_trigger, .events = POLLIN},
		};

		if (term_now() > until)
			fail(m, change.answered ? "never shown" : "the trigger never answered",
			     pattern);
		poll(pfds, 2, 50);
		if (pfds[1].revents)
			change.answered = read_answer(m);
		if (!pfds[0].revents)
			continue;
		if (term_pump(&m->term, 0) == -EPIPE)
			fail(m, "the program ended before", pattern);
		if (!change.shown && on_screen(m, pattern))
			change.shown = m->term.last_read;
	}
	go_on(m, SETTLE_MS);
	change.bytes = m->term.bytes - before;
	return change;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The nearest-rank percentile of sorted values. */
static double percentile(const double *sorted, int n, int percent)
{
	int rank = (n * percent + 99) / 100;

	return sorted[rank > 0 ? rank - 1 : 0];
}

static json_t *summary(double *values, int n)
{
	double sum = 0;

	qsort(values, (size_t)n, sizeof(*values), compare_doubles);
	for (int i = 0; i < n; i++)
		sum += values[i];
	return json_pack("{s:f,s:f,s:f,s:f,s:f}", "min", values[0], "median",
			 percentile(values, n, 50), "mean", sum / n, "p99",
			 percentile(values, n, 99), "max", values[n - 1]);
}

static void step_changes(struct measure *m, const char *arg)
{
	int n = atoi(arg);
	double *us, *bytes;

	if (n < 1 || !m->trigger || !m->on || !m->off)
		fail(m, "--changes N needs --trigger, --on and --off before it", arg);
	us = xcalloc((size_t)n, sizeof(*us));
	bytes = xcalloc((size_t)n, sizeof(*bytes));
	start_trigger(m);
	for (int i = 0; i < n; i++) {
		struct change change = one_change(m, i % 2 == 0);

		us[i] = (double)(change.shown - change.answered) / 1e3;
		bytes[i] = (double)change.bytes;
		/* not in step with whatever the program does periodically */
		go_on(m, GAP_MS + rand() % GAP_MS);
	}
	json_object_set_new(m->result, "changes", json_pack("{s:i,s:o,s:o}", "n", n, "us",
		summary(us, n), "bytes", summary(bytes, n)));
	close(m->to_trigger);
	close(m->from_trigger);
	waitpid(m->trigger_pid, NULL, 0);
	free(us);
	free(bytes);
}

static void press(struct measure *m, const char *keys)
{
	if (term_keys(&m->term, keys))
		fail(m, "malformed keys", keys);
}

/* From a key that is pressed to the picture it asks for, us. */
static double one_press(struct measure *m, const char *key, const char *pattern)
{
	int64_t pressed = term_now(), until = pressed + m->timeout_ms * INT64_C(1000000);

	if (on_screen(m, pattern))
		fail(m, "already on the screen before the key", pattern);
	pressed = term_now();
	press(m, key);
	while (!on_screen(m, pattern)) {
		if (term_now() > until)
			fail(m, "never shown", pattern);
		if (term_pump(&m->term, 50) == -EPIPE)
			fail(m, "the program ended before", pattern);
	}
	return (double)(m->term.last_read - pressed) / 1e3;
}

static void step_presses(struct measure *m, char *arg)
{
	char *on_key = strchr(arg, ','), *off_key = on_key ? strchr(on_key + 1, ',') : NULL;
	int n = atoi(arg);
	double *us;

	if (n < 1 || !off_key || !m->on || !m->off)
		fail(m, "expected --on, --off, then --presses N,KEY,KEY", arg);
	*on_key++ = '\0';
	*off_key++ = '\0';
	us = xcalloc((size_t)n, sizeof(*us));
	for (int i = 0; i < n; i++) {
		us[i] = i % 2 ? one_press(m, off_key, m->off) : one_press(m, on_key, m->on);
		go_on(m, GAP_MS + rand() % GAP_MS);
	}
	json_object_set_new(m->result, "presses", json_pack("{s:i,s:o}", "n", n, "us",
		summary(us, n)));
	free(us);
}

static void step_screen(struct measure *m)
{
	char *text = term_text(&m->term);

	json_object_set_new(m->result, "screen", json_string(text));
	free(text);
}

static void run_step(struct measure *m, struct step *step)
{
	switch (step->kind) {
	case STEP_FIRST:
		step_first(m, step->arg);
		break;
	case STEP_KEYS:
		press(m, step->arg);
		break;
	case STEP_PAUSE:
		go_on(m, atoi(step->arg));
		break;
	case STEP_MEMORY:
		step_memory(m, step->arg);
		break;
	case STEP_IDLE:
		step_idle(m, step->arg);
		break;
	case STEP_CHANGES:
		step_changes(m, step->arg);
		break;
	case STEP_PRESSES:
		step_presses(m, step->arg);
		break;
	case STEP_SCREEN:
		step_screen(m);
		break;
	}
}

static void usage(FILE *out)
{
	fputs("usage: vtmeasure [OPTIONS AND STEPS] PROGRAM [ARGS]\n"
	      "Run PROGRAM on a terminal, do the steps in order, print the figures as JSON.\n"
	      "  -s WxH               the terminal's size (200x50)\n"
	      "  -T MS                longest wait in a step (30000)\n"
	      "  --trigger COMMAND    started once by sh; reads `on` or `off` lines, makes the change\n"
	      "                       from outside, and answers each with a line: its\n"
	      "                       CLOCK_MONOTONIC time in ns, or empty for the time of the line\n"
	      "  --on RE, --off RE    what the screen shows after each\n"
	      "Steps:\n"
	      "  --first NAME=RE      ms from start to the first time RE is on the screen\n"
	      "  --keys WORDS         press keys, as in vtdrive\n"
	      "  --pause MS           let it run\n"
	      "  --memory NAME        resident memory now\n"
	      "  --idle S             bytes per second and CPU share over S seconds\n"
	      "  --changes N          N changes by the trigger: us from its answer to the screen,\n"
	      "                       and bytes written for each\n"
	      "  --presses N,KEY,KEY  N presses, the keys in turn: us from the press until --on,\n"
	      "                       then --off, is on the screen\n"
	      "  --screen             what the screen shows now\n", out);
}

static const struct option long_options[] = {
	{"first", required_argument, NULL, 0},
	{"keys", required_argument, NULL, 1},
	{"pause", required_argument, NULL, 2},
	{"memory", required_argument, NULL, 3},
	{"idle", required_argument, NULL, 4},
	{"changes", required_argument, NULL, 5},
	{"presses", required_argument, NULL, 6},
	{"screen", no_argument, NULL, 7},
	{"trigger", required_argument, NULL, 'C'},
	{"on", required_argument, NULL, 'A'},
	{"off", required_argument, NULL, 'B'},
	{NULL, 0, NULL, 0},
};

static int parse(struct measure *m, int argc, char *argv[])
{
	int opt;

	while ((opt = getopt_long(argc, argv, "+s:T:h", long_options, NULL)) != -1) {
		if (opt >= STEP_FIRST && opt <= STEP_SCREEN) {
			if (m->n_steps == MAX_STEPS)
				return -1;
			m->steps[m->n_steps++] = (struct step){(enum step_kind)opt, optarg};
			continue;
		}
		switch (opt) {
		case 's':
			if (sscanf(optarg, "%dx%d", &m->size.cols, &m->size.rows) != 2 ||
			    m->size.cols < 1 || m->size.cols > TERM_MAX_COLS ||
			    m->size.rows < 1 || m->size.rows > TERM_MAX_ROWS)
				return -1;
			break;
		case 'T': m->timeout_ms = atoi(optarg); break;
		case 'C': m->trigger = optarg; break;
		case 'A': m->on = optarg; break;
		case 'B': m->off = optarg; break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			return -1;
		}
	}
	return optind < argc ? 0 : -1;
}

int main(int argc, char *argv[])
{
	struct measure m = {.size = {200, 50}, .timeout_ms = 30000};
	int rc;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (parse(&m, argc, argv)) {
		usage(stderr);
		return 2;
	}
	m.result = json_pack("{s:s,s:{},s:{}}", "program", argv[optind], "first_ms", "memory");
	rc = term_start(&m.term, m.size, argv + optind, false);
	if (rc) {
		fprintf(stderr, "vtmeasure: %s\n", strerror(-rc));
		return 2;
	}
	for (int i = 0; i < m.n_steps; i++)
		run_step(&m, &m.steps[i]);
	json_object_set_new(m.result, "first_byte_ms",
			    json_real((double)(m.term.first_byte - m.term.started) / 1e6));
	json_object_set_new(m.result, "bytes", json_integer((json_int_t)m.term.bytes));
	json_dumpf(m.result, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(m.result);
	term_stop(&m.term);
	return 0;
}

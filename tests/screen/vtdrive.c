/*
 * tests/screen/vtdrive.c: run a terminal program on a pty, see its screen as a terminal would,
 * and drive it with a script.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/screen/script.h"

#define DEADLINE_MS 5000

struct options {
	struct term_size size;
	int deadline_ms;
	const char *test, *script, *golden_dir, *raw;
	bool marked;
};

static void usage(FILE *out)
{
	fputs("usage: vtdrive [OPTIONS] PROGRAM [ARGS] < SCRIPT\n"
	      "Run PROGRAM on a terminal and drive it with SCRIPT. Exit status: 0, 1 when a line\n"
	      "of the script fails, 2 when it cannot be run.\n"
	      "  -s WxH    the terminal's size (80x24)\n"
	      "  -e N=V    set an environment variable for PROGRAM; -e N unsets it\n"
	      "  -f FILE   read the script from FILE\n"
	      "  -g DIR    where golden screens are (.)\n"
	      "  -m        PROGRAM marks its frames from the first one on\n"
	      "  -o FILE   copy PROGRAM's output to FILE\n"
	      "  -t NAME   report as TAP; NAME is the first test point\n"
	      "  -T MS     deadline of each line (5000)\n"
	      "Script, one command a line, # for comments:\n", out);
	script_usage(out);
}

static int set_variable(char *text)
{
	char *equals = strchr(text, '=');

	if (!equals)
		return unsetenv(text);
	*equals = '\0';
	return setenv(text, equals + 1, 1);
}

static int parse(int argc, char *argv[], struct options *options)
{
	int opt;

	while ((opt = getopt(argc, argv, "+s:e:f:g:mo:t:T:h")) != -1) {
		switch (opt) {
		case 's':
			if (sscanf(optarg, "%dx%d", &options->size.cols, &options->size.rows) != 2 ||
			    options->size.cols < 1 || options->size.cols > TERM_MAX_COLS ||
			    options->size.rows < 1 || options->size.rows > TERM_MAX_ROWS)
				return -1;
			break;
		case 'e':
			if (set_variable(optarg))
				return -1;
			break;
		case 'f': options->script = optarg; break;
		case 'g': options->golden_dir = optarg; break;
		case 'm': options->marked = true; break;
		case 'o': options->raw = optarg; break;
		case 't': options->test = optarg; break;
		case 'T': options->deadline_ms = atoi(optarg); break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			return -1;
		}
	}
	return optind < argc ? 0 : -1;
}

static int drive(const struct options *options, struct term *term, FILE *in)
{
	struct script script = {
		.term = term,
		.report = stdout,
		.tap = options->test,
		.test = options->test ? strdup(options->test) : NULL,
		.golden_dir = options->golden_dir,
		.deadline_ms = options->deadline_ms,
	};
	int rc = script_run(&script, in);

	script_release(&script);
	return rc;
}

int main(int argc, char *argv[])
{
	struct options options = {
		.size = {80, 24},
		.deadline_ms = DEADLINE_MS,
		.golden_dir = ".",
	};
	struct term term = {0};
	FILE *in = stdin;
	int rc;

	setlocale(LC_CTYPE, "C.UTF-8");  /* so that . in a regular expression is one character */
	setenv("SITREP_FRAME_MARKER", "1", 1);
	if (parse(argc, argv, &options)) {
		usage(stderr);
		return 2;
	}
	if (options.script && !(in = fopen(options.script, "r"))) {
		perror(options.script);
		return 2;
	}
	term.framed = options.marked;
	term.raw = options.raw ? fopen(options.raw, "w") : NULL;
	rc = term_start(&term, options.size, argv + optind, true);
	if (rc) {
		fprintf(stderr, "vtdrive: %s\n", strerror(-rc));
		return 2;
	}
	rc = drive(&options, &term, in);
	term_stop(&term);
	if (in != stdin)
		fclose(in);
	return rc;
}

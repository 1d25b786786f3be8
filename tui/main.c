/* tui/main.c: what the command line asks for. */
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <stdlib.h>
#include <string.h>

#include "tui/dashboard.h"
#include "tui/headless.h"
#include "tui/options.h"

/* Debian's libcurl brings GnuTLS along for protocols that sitrep never speaks. Its constructor asks
 * for this function, as gnutls.h says under GNUTLS_SKIP_GLOBAL_INIT; without it, it takes 0.8 MB and
 * a fifth of the time to the first byte on the screen. */
int _gnutls_global_init_skip(void);
int _gnutls_global_init_skip(void)
{
	return 1;
}

struct dispatch {
	const char *command;
	int (*run)(const struct options *options);
};

static const struct dispatch commands[] = {
	{"facts", headless_facts},
	{"check", headless_check},
	{"audit", headless_audit_verify},
	{"drill", dashboard_drill},
};

static int run(const struct options *options)
{
	size_t i;

	for (i = 0; options->command && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].command, options->command))
			return commands[i].run(options);
	return options->once ? headless_once(options) : dashboard(options);
}

/* It says itself that it can do nothing but lines. */
static bool is_dumb(const char *term)
{
	return term && !strcmp(term, "dumb") && isatty(STDOUT_FILENO);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct options options;

	setlocale(LC_ALL, "");
	/* Machines and metrics write 0.5, whatever the person's numbers look like. */
	setlocale(LC_NUMERIC, "C");
	/* What jq and jansson free in small pieces is merged at once: gathered in fast bins, merging it
	 * later was a tenth of an idle sitrep's work, and left holes. */
	mallopt(M_MXFAST, 0);
	signal(SIGPIPE, SIG_IGN);
	if (options_parse(&options, argc, argv, &err)) {
		fprintf(stderr, "sitrep: %s\n", err.text);
		return EXIT_USAGE;
	}
	options.linear = options.linear || is_dumb(getenv("TERM"));
	if (options.help) {
		options_help(stdout);
		return EXIT_OK;
	}
	if (options.version) {
		puts("sitrep " PACKAGE_VERSION);
		return EXIT_OK;
	}
	return run(&options);
}

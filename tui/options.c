/* tui/options.c: see options.h */
#include "tui/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) .offset = offsetof(struct options, member)

const struct option_row option_rows[] = {
	{.name = "--config", .value = "FILE", AT(config),
	 .help = "the configuration (default: $XDG_CONFIG_HOME/sitrep/config.yaml, if there)"},
	{.name = "--kubeconfig", .value = "FILE", AT(kubeconfig),
	 .help = "the kubeconfig (default: $KUBECONFIG, ~/.kube/config, the in-cluster account)"},
	{.name = "--context", .value = "NAME", AT(context),
	 .help = "the kubeconfig's context (default: the current one)"},
	{.name = "--redis", .value = "URL", AT(redis),
	 .help = "a Redis to watch: redis://[user@]host[:port] or rediss://"},
	{.name = "--theme", .value = "NAME", AT(theme),
	 .help = "how things look: default, dark, light, high-contrast, colour-blind, mono, or a file"},
	{.name = "--read-only", AT(read_only),
	 .help = "observe: nothing can be changed, whatever key is pressed"},
	{.name = "--linear", AT(linear),
	 .help = "line by line and by typed commands, for screen readers; what TERM=dumb gets"},
	{.name = "--once", AT(once),
	 .help = "print the situation as text when every source has answered, and end"},
	{.name = "--json", AT(json), .help = "with --once: as one JSON document"},
	{.name = "--timeout", .value = "SECONDS", AT(timeout),
	 .help = "for --once, check and facts: how long to wait for the sources (default: 10)"},
	{.name = "--every", .value = "SECONDS", AT(every),
	 .help = "with facts: go on, and print a document on a line of its own so often"},
	{.name = "--world", AT(world), .help = "watch a simulated system instead of a real one"},
	{.name = "--solve", AT(solve),
	 .help = "with drill: play the reference solution without a screen"},
	{.name = "--speed", .value = "X", AT(speed),
	 .help = "with drill or --world: let the simulated delays pass X times as fast"},
	{.name = "--help", AT(help), .help = "this text"},
	{.name = "--version", AT(version), .help = "the version"},
	{0}
};

const struct command_row command_rows[] = {
	{"facts", NULL, "print the facts document that the rules read, as JSON"},
	{"check", NULL, "one line and an exit status, for cron and CI"},
	{"drill", "[NAME]", "list the drills, or play one: a simulated incident, the same keys"},
	{"audit", "verify", "check the chain of the audit file"},
	{0}
};

#define EVERY_LEAST 0.1
#define EVERY_MOST 86400

static const struct option_row *find_option(const char *arg, const char **ret_value)
{
	const struct option_row *row;
	size_t len = strcspn(arg, "=");

	*ret_value = arg[len] ? arg + len + 1 : NULL;
	for (row = option_rows; row->name; row++)
		if (strlen(row->name) == len && !strncmp(row->name, arg, len))
			return row;
	return NULL;
}

static int take_option(struct options *options, int argc, char **argv, int *at, struct err *err)
{
	const char *value;
	const struct option_row *row = find_option(argv[*at], &value);
	char *base = (char *)options;

	if (!row)
		return err_set(err, -EINVAL, "there is no option %s; see --help", argv[*at]);
	if (!row->value) {
		if (value)
			return err_set(err, -EINVAL, "%s takes no value", row->name);
		*(bool *)(base + row->offset) = true;
		return 0;
	}
	if (!value && *at + 1 < argc)
		value = argv[++*at];
	if (!value)
		return err_set(err, -EINVAL, "%s needs a value: %s", row->name, row->value);
	memcpy(base + row->offset, &value, sizeof(value));
	return 0;
}

static int take_word(struct options *options, const char *word, struct err *err)
{
	const struct command_row *row;

	if (!options->command) {
		for (row = command_rows; row->name; row++) {
			if (!strcmp(row->name, word)) {
				options->command = row->name;
				return 0;
			}
		}
		return err_set(err, -EINVAL, "there is no command '%s'; see --help", word);
	}
	if (options->argument)
		return err_set(err, -EINVAL, "'%s' is one word too many", word);
	options->argument = word;
	return 0;
}

static int check_every(const struct options *options, struct err *err)
{
	double seconds = strtod(options->every, NULL);

	if (!options->command || strcmp(options->command, "facts"))
		return err_set(err, -EINVAL, "--every goes with facts");
	if (!(seconds >= EVERY_LEAST && seconds <= EVERY_MOST))
		return err_set(err, -EINVAL, "--every takes seconds, at least 0.1, not '%s'",
			       options->every);
	return 0;
}

int options_parse(struct options *options, int argc, char **argv, struct err *err)
{
	int at, rc = 0;

	memset(options, 0, sizeof(*options));
	for (at = 1; at < argc && !rc; at++)
		rc = argv[at][0] == '-' && argv[at][1] ? take_option(options, argc, argv, &at, err)
						       : take_word(options, argv[at], err);
	if (!rc && options->json && !options->once)
		rc = err_set(err, -EINVAL, "--json goes with --once");
	if (!rc && options->every && !options->help)
		rc = check_every(options, err);
	if (!rc && options->command && !strcmp(options->command, "audit") && !options->help &&
	    (!options->argument || strcmp(options->argument, "verify")))
		rc = err_set(err, -EINVAL, "what audit can do is: audit verify");
	return rc;
}

void options_help(FILE *out)
{
	const struct option_row *row;
	const struct command_row *command;

	fprintf(out, "usage: sitrep [OPTIONS]              the dashboard\n"
		     "       sitrep [OPTIONS] COMMAND\n\nCommands:\n");
	for (command = command_rows; command->name; command++)
		fprintf(out, "  %-8s%-15s %s\n", command->name,
			command->argument ? command->argument : "", command->help);
	fprintf(out, "\nOptions:\n");
	for (row = option_rows; row->name; row++)
		fprintf(out, "  %-14s%-9s %s\n", row->name, row->value ? row->value : "",
			row->help);
	fprintf(out, "\nExit status: 0 all well; 1 check found an incident, or a drill was not "
		     "solved;\n2 wrong command line or configuration, or no terminal; "
		     "3 something that matters\ncould not be read.\n");
}

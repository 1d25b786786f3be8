/*
 * docs/reference.c: keeps the documents true. Copies a document to the output and writes what
 * stands between "generated: NAME" and "end generated" anew, from the tables that drive the
 * program. `make docs` runs it over every document; a test compares.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "core/config.h"
#include "core/filter.h"
#include "core/schema.h"
#include "incident/catalogue_schema.h"
#include "tui/commands.h"
#include "tui/options.h"
#include "widgets/theme.h"

static void config_part(FILE *out)
{
	schema_document(&config_schema, "", out);
}

static void mode_part(FILE *out)
{
	schema_document(&mode_schema, "", out);
}

static void theme_part(FILE *out)
{
	const struct schema_field *role;

	fputs("| Role | What it is for |\n|---|---|\n", out);
	for (role = theme_schema.fields; role->key; role++)
		fprintf(out, "| `%s` | %s |\n", role->key, role->help);
	fputs("\nEach of them takes:\n\n", out);
	schema_document(&theme_style_schema, "", out);
}

static void filter_part(FILE *out)
{
	fprintf(out, "```\n%s```\n", filter_help);
}

/* The man page: text as roff takes it. */
static void roff(const char *text, FILE *out)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", out);
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else
			fputc(*text, out);
	}
}

static void entry(const char *name, const char *argument, const char *help, FILE *out)
{
	fputs(".TP\n.B ", out);
	roff(name, out);
	if (argument) {
		fputs(" \\fI", out);
		roff(argument, out);
		fputs("\\fR", out);
	}
	fputc('\n', out);
	roff(help, out);
	fputc('\n', out);
}

static void man_options_part(FILE *out)
{
	const struct option_row *row;

	for (row = option_rows; row->name; row++)
		entry(row->name, row->value, row->help, out);
}

static void man_commands_part(FILE *out)
{
	const struct command_row *row;

	for (row = command_rows; row->name; row++)
		entry(row->name, row->argument, row->help, out);
}

static void man_keys_part(FILE *out)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		entry(commands_all[i].keys, NULL, commands_all[i].help, out);
		if (commands_all[i].where == IN_ALL)
			continue;
		fputs("(", out);
		commands_put_places(commands_all[i].where, out);
		fputs(")\n", out);
	}
}

static const struct part {
	const char *name;
	void (*write)(FILE *out);
} parts[] = {
	{"config", config_part},
	{"mode", mode_part},
	{"keys", commands_document},
	{"theme", theme_part},
	{"filter", filter_part},
	{"man-options", man_options_part},
	{"man-commands", man_commands_part},
	{"man-keys", man_keys_part},
};

static const struct part *find_part(const char *line)
{
	static const char mark[] = "generated: ";
	const char *name = strstr(line, mark);
	size_t i, len;

	if (!name)
		return NULL;
	name += sizeof(mark) - 1;
	len = strcspn(name, " \n");
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strlen(parts[i].name) == len && !strncmp(parts[i].name, name, len))
			return &parts[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct part *part = NULL, *found;
	char line[4096];
	FILE *file;

	file = argc == 2 ? fopen(argv[1], "r") : NULL;
	if (!file) {
		fprintf(stderr, "usage: reference DOCUMENT, which must exist\n");
		return EX_USAGE;
	}
	while (fgets(line, sizeof(line), file)) {
		found = find_part(line);
		if (strstr(line, "end generated"))
			part = NULL;
		if (!part)
			fputs(line, stdout);
		if (found) {
			part = found;
			part->write(stdout);
		} else if (!part && strstr(line, "generated: ")) {
			fprintf(stderr, "%s: no such part: %s", argv[1], line);
			return EX_DATAERR;
		}
	}
	fclose(file);
	if (part)
		fprintf(stderr, "%s: 'end generated' is missing\n", argv[1]);
	return part ? EX_DATAERR : EX_OK;
}

/* tests/screen/script.c: the script's lines, its reports; the commands are in script_verbs.c */
#include "tests/screen/script.h"

#include <regex.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "tests/screen/script_verbs.h"

static void report_screen(struct script *script, const char *lead)
{
	char *text = term_text(script->term);
	int row = 0;

	fprintf(script->report, "%sscreen %dx%d\n", lead, script->term->cols, script->term->rows);
	for (char *line = text; *line; row++) {
		size_t len = strcspn(line, "\n");

		fprintf(script->report, "%s%3d|%.*s\n", lead, row, (int)len, line);
		line += len + (line[len] == '\n');
	}
	free(text);
}

int script_fail(struct script *script, const char *format, ...)
{
	const char *lead = script->tap ? "# " : "";
	va_list args;

	if (script->tap)
		fprintf(script->report, "not ok - %s\n", script->test ? script->test : "script");
	fprintf(script->report, "%sline %d: %s\n%s", lead, script->line, script->source, lead);
	va_start(args, format);
	vfprintf(script->report, format, args);
	va_end(args);
	fputc('\n', script->report);
	report_screen(script, lead);
	return -1;
}

int script_match(struct script *script, const char *regex, const char *text)
{
	char why[128];
	regex_t compiled;
	int rc;

	rc = regcomp(&compiled, regex, REG_EXTENDED | REG_NOSUB | REG_NEWLINE);
	if (rc) {
		regerror(rc, &compiled, why, sizeof(why));
		return script_fail(script, "bad regular expression: %s", why);
	}
	rc = regexec(&compiled, text, 0, NULL, 0);
	regfree(&compiled);
	return !rc;
}

static void end_test(struct script *script)
{
	if (!script->test)
		return;
	if (script->tap)
		fprintf(script->report, "ok - %s\n", script->test);
	fflush(script->report);
	script->passed++;
	free(script->test);
	script->test = NULL;
}

/* `test NAME` ends one test point and starts the next. */
static int verb_test(struct script *script, const char *name)
{
	end_test(script);
	script->test = xstrdup(name);
	return 0;
}

static const struct script_verb test_verb = {
	"test", "NAME", "start a test point (TAP); it ends at the next one or at the end", verb_test,
};

static const struct script_verb *find_verb(const char *name)
{
	if (!strcmp(name, test_verb.name))
		return &test_verb;
	for (size_t i = 0; i < n_script_verbs; i++)
		if (!strcmp(name, script_verbs[i].name))
			return &script_verbs[i];
	return NULL;
}

void script_usage(FILE *out)
{
	const struct script_verb *verb = &test_verb;

	for (size_t i = 0; i <= n_script_verbs; verb = &script_verbs[i++])
		fprintf(out, "  %-12s %-20s %s\n", verb->name, verb->args, verb->help);
}

static int run_line(struct script *script, char *line)
{
	const struct script_verb *verb;
	char *name, *rest;

	name = line + strspn(line, " \t");
	if (!*name || *name == '#')
		return 0;
	rest = name + strcspn(name, " \t");
	if (*rest)
		*rest++ = '\0';
	rest += strspn(rest, " \t");
	verb = find_verb(name);
	if (!verb)
		return script_fail(script, "no such command: %s", name);
	if (verb->args[0] && verb->args[0] != '[' && !*rest)
		return script_fail(script, "%s needs %s", name, verb->args);
	return verb->run(script, rest);
}

int script_run(struct script *script, FILE *in)
{
	char line[sizeof(script->source)];

	script->marked = script->term->started;
	while (fgets(line, sizeof(line), in)) {
		script->line++;
		line[strcspn(line, "\n")] = '\0';
		strcpy(script->source, line);
		if (run_line(script, line))
			return 1;
	}
	end_test(script);
	return 0;
}

void script_release(struct script *script)
{
	free(script->test);
	for (int i = 0; i < script->n_masks; i++)
		free(script->masks[i]);
}

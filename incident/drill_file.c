/* incident/drill_file.c: drills from YAML; see drill.h */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/embed.h"
#include "core/schema.h"
#include "core/yaml.h"
#include "incident/drill.h"

extern const struct embed_file drill_files[];

#define STEP_SECONDS 120       /* for a step of the reference that doesn't say */

#define AT(type, member) .offset = offsetof(struct type, member)
#define COUNT_AT(type, member) .count_offset = offsetof(struct type, member)

static const struct schema_field line_fields[] = {
	{.key = "at", .type = SCHEMA_SECONDS, AT(drill_line, at_s), .fallback = "0s",
	 .help = "When it is told, after the start."},
	{.key = "text", .type = SCHEMA_STRING, AT(drill_line, text), .required = true,
	 .help = "What is told."},
	{0}
};
static const struct schema line_schema = {"brief", sizeof(struct drill_line), line_fields};

static const struct schema_field step_fields[] = {
	{.key = "wait_verdict", .type = SCHEMA_STRING, AT(drill_step, wait_verdict),
	 .help = "Until this failure mode is the first verdict."},
	{.key = "act", .type = SCHEMA_STRING, AT(drill_step, act), .help = "A verb to act with."},
	{.key = "target", .type = SCHEMA_STRING, AT(drill_step, target),
	 .help = "What to act on: `deployment/namespace/name`."},
	{.key = "params", .type = SCHEMA_PAIRS, AT(drill_step, params),
	 COUNT_AT(drill_step, nparams), .help = "The verb's parameters."},
	{.key = "optional", .type = SCHEMA_BOOL, AT(drill_step, optional), .fallback = "false",
	 .help = "The action is neither needed nor wrong."},
	{.key = "wait_recovered", .type = SCHEMA_BOOL, AT(drill_step, wait_recovered),
	 .fallback = "false", .help = "Until the world is whole again."},
	{.key = "within", .type = SCHEMA_SECONDS, AT(drill_step, within_s), .fallback = "120s",
	 .help = "How long this step takes a good player."},
	{.type = SCHEMA_LINE, AT(drill_step, line)},
	{0}
};
static const struct schema step_schema = {"solution", sizeof(struct drill_step), step_fields};

static const struct schema_field drill_fields[] = {
	{.key = "id", .type = SCHEMA_STRING, AT(drill, id), .required = true,
	 .help = "Its name on the command line."},
	{.key = "title", .type = SCHEMA_STRING, AT(drill, title), .required = true,
	 .help = "One line that doesn't give the answer away."},
	{.key = "mode", .type = SCHEMA_STRING, AT(drill, mode), .required = true,
	 .help = "The failure mode that is played."},
	{.key = "story", .type = SCHEMA_STRING, AT(drill, story), .required = true,
	 .help = "What the player reads first."},
	{.key = "brief", .type = SCHEMA_LIST, AT(drill, brief), COUNT_AT(drill, nbrief),
	 .of = &line_schema, .help = "What is told as time passes."},
	{.key = "hints", .type = SCHEMA_STRINGS, AT(drill, hints),
	 .help = "From vague to plain; each one costs points."},
	{.key = "solution", .type = SCHEMA_LIST, AT(drill, solution), COUNT_AT(drill, nsolution),
	 .of = &step_schema, .required = true, .help = "The reference solution."},
	{.key = "timeline", .type = SCHEMA_ANY, .help = "What breaks and when: the world's."},
	{.key = "healed", .type = SCHEMA_ANY, .help = "When it is whole again: the world's."},
	{.key = "role", .type = SCHEMA_ANY,
	 .help = "Whom the player plays: on-call, developer, observer. The world's."},
	{.key = "clock", .type = SCHEMA_ANY, .help = "The world's."},
	{0}
};
const struct schema drill_schema = {"a drill", sizeof(struct drill), drill_fields};

void drill_release(struct drill *drill)
{
	schema_release(&drill_schema, drill);
	free(drill->file);
	*drill = (struct drill){0};
}

static int check_step(const struct drill *drill, const struct drill_step *step, struct err *err)
{
	struct act_target target;
	struct err why = ERR_INIT;

	if (!!step->wait_verdict + !!step->act + step->wait_recovered != 1)
		return err_set(err, -EINVAL, "%s:%d: solution: a step is exactly one of "
			       "wait_verdict, act, wait_recovered", drill->file, step->line);
	if (!step->act)
		return 0;
	if (!verb_find(step->act))
		return err_set(err, -EINVAL, "%s:%d: solution: act: sitrep has no verb '%s'",
			       drill->file, step->line, step->act);
	if (!step->target)
		return err_set(err, -EINVAL, "%s:%d: solution: act: needs a target", drill->file,
			       step->line);
	if (act_target_parse(&target, step->target, &why))
		return err_set(err, -EINVAL, "%s:%d: solution: target: %s", drill->file,
			       step->line, why.text);
	return 0;
}

static int check_drill(const struct drill *drill, struct err *err)
{
	int rc = 0;

	for (size_t i = 1; i < drill->nbrief; i++)
		if (drill->brief[i].at_s < drill->brief[i - 1].at_s)
			return err_set(err, -EINVAL, "%s: brief: line %zu comes before the one "
				       "above it", drill->file, i + 1);
	for (size_t i = 0; rc == 0 && i < drill->nsolution; i++)
		rc = check_step(drill, &drill->solution[i], err);
	return rc;
}

static int read_drill(struct drill *drill, struct yaml *yaml, struct err *err)
{
	int rc;

	*drill = (struct drill){.file = xstrdup(yaml->file)};
	rc = schema_read(&drill_schema, yaml, &yaml->root, drill, err);
	if (rc == 0)
		rc = check_drill(drill, err);
	yaml_release(yaml);
	if (rc)
		drill_release(drill);
	return rc;
}

int drill_load_text(struct drill *drill, const char *file, const char *text, size_t len,
		    struct err *err)
{
	struct yaml yaml;
	int rc = yaml_load_text(&yaml, file, text, len, err);

	return rc ? rc : read_drill(drill, &yaml, err);
}

const struct embed_file *drill_builtin(size_t index)
{
	for (size_t i = 0; i <= index; i++)
		if (!drill_files[i].name)
			return NULL;
	return &drill_files[index];
}

/* A built-in drill is called as its file without the ending. */
static bool is_called(const struct embed_file *file, const char *name)
{
	size_t len = strlen(name);

	return strncmp(file->name, name, len) == 0 && strcmp(file->name + len, ".yaml") == 0;
}

static int no_such_drill(const char *name, struct err *err)
{
	char known[300] = "";
	size_t len = 0;

	for (size_t i = 0; drill_files[i].name && len < sizeof(known) - 1; i++) {
		int more = snprintf(known + len, sizeof(known) - len, "%s%.*s", i ? ", " : "",
				    (int)strcspn(drill_files[i].name, "."), drill_files[i].name);

		len += more > 0 ? (size_t)more : 0;
	}
	return err_set(err, -ENOENT, "there is no drill '%.60s'; there are: %s", name, known);
}

int drill_load(struct drill *drill, const char *name, struct err *err)
{
	const struct embed_file *file;
	struct yaml yaml;
	int rc;

	if (strpbrk(name, "/.")) {
		rc = yaml_load_file(&yaml, name, err);
		return rc ? rc : read_drill(drill, &yaml, err);
	}
	for (file = drill_files; file->name; file++)
		if (is_called(file, name))
			return drill_load_text(drill, file->name, (const char *)file->data,
					       file->len, err);
	return no_such_drill(name, err);
}

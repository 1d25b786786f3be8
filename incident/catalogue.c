/* incident/catalogue.c: failure modes from YAML; see catalogue.h */
#include "incident/catalogue.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/embed.h"
#include "core/schema.h"
#include "core/yaml.h"
#include "incident/catalogue_schema.h"
#include "incident/ladder.h"

extern const struct embed_file catalogue_files[];

static const char *const severities[] = {"note", "minor", "major", "critical", NULL};

const char *severity_name(enum severity severity)
{
	return severities[severity];
}

#define AT(type, member) .offset = offsetof(struct type, member)
#define COUNT_AT(type, member) .count_offset = offsetof(struct type, member)

static const struct schema_field evidence_fields[] = {
	{.key = "text", .type = SCHEMA_STRING, AT(mode_evidence, text), .required = true,
	 .help = "Template: what the person reads."},
	{.key = "if", .type = SCHEMA_STRING, AT(mode_evidence, expr), .required = true,
	 .help = "Rule: true, false, or null when it can't be known."},
	{.key = "required", .type = SCHEMA_BOOL, AT(mode_evidence, required), .fallback = "true",
	 .help = "Without it there is no verdict."},
	{.key = "excludes", .type = SCHEMA_BOOL, AT(mode_evidence, excludes), .fallback = "false",
	 .help = "When true, it is not this; unknown doesn't matter."},
	{.type = SCHEMA_LINE, AT(mode_evidence, line)},
	{0}
};
static const struct schema evidence_schema = {"evidence", sizeof(struct mode_evidence),
					      evidence_fields};

static const struct schema_field clock_fields[] = {
	{.key = "label", .type = SCHEMA_STRING, AT(mode_clock, label), .required = true,
	 .help = "Template: what happens then."},
	{.key = "from", .type = SCHEMA_STRING, AT(mode_clock, from), .required = true,
	 .help = "Rule: epoch seconds; null when there is nothing to wait for."},
	{.key = "seconds", .type = SCHEMA_STRING, AT(mode_clock, seconds), .required = true,
	 .help = "Rule: seconds after `from`."},
	{.type = SCHEMA_LINE, AT(mode_clock, line)},
	{0}
};
static const struct schema clock_schema = {"a clock", sizeof(struct mode_clock), clock_fields};

static const struct schema_field action_fields[] = {
	{.key = "label", .type = SCHEMA_STRING, AT(mode_action, label), .required = true,
	 .help = "Template: what the menu says."},
	{.key = "verb", .type = SCHEMA_STRING, AT(mode_action, verb), .required = true,
	 .help = "One of sitrep's verbs."},
	{.key = "target", .type = SCHEMA_STRING, AT(mode_action, target), .required = true,
	 .help = "Template: `deployment/namespace/name`, `node/name`, `redis`."},
	{.key = "when", .type = SCHEMA_STRING, AT(mode_action, when),
	 .help = "Rule: offered only while true; without it, always."},
	{.key = "params", .type = SCHEMA_PAIRS, AT(mode_action, params),
	 COUNT_AT(mode_action, nparams), .help = "The verb's parameters; each is a template."},
	{.key = "key", .type = SCHEMA_CHAR, AT(mode_action, key),
	 .help = "Shortcut in the Incidents pane."},
	{.key = "precaution", .type = SCHEMA_BOOL, AT(mode_action, precaution), .fallback = "false",
	 .help = "It doesn't end the incident, so it is judged by its own evidence alone."},
	{.type = SCHEMA_LINE, AT(mode_action, line)},
	{0}
};
static const struct schema action_schema = {"an action", sizeof(struct mode_action),
					    action_fields};

static const struct schema_field told_fields[] = {
	{.key = "symptom", .type = SCHEMA_STRING, AT(mode_told, symptom), .required = true,
	 .help = "What users and operators see."},
	{.key = "recovers", .type = SCHEMA_STRING, AT(mode_told, recovers), .required = true,
	 .help = "Who brings it back: `automatic`, `us` or `vendor`."},
	{.key = "action", .type = SCHEMA_STRING, AT(mode_told, action), .required = true,
	 .help = "What we do about it, in a sentence."},
	{.key = "frequency", .type = SCHEMA_STRING, AT(mode_told, frequency),
	 .help = "How often it happens."},
	{.key = "duration", .type = SCHEMA_STRING, AT(mode_told, duration),
	 .help = "How long it lasts."},
	{.key = "data_loss", .type = SCHEMA_STRING, AT(mode_told, data_loss),
	 .help = "What is lost."},
	{.key = "runbook", .type = SCHEMA_STRING, AT(mode_told, runbook),
	 .help = "The long story, several paragraphs."},
	{0}
};
static const struct schema told_schema = {"told", sizeof(struct mode_told), told_fields};

static const struct schema_field mode_fields[] = {
	{.key = "id", .type = SCHEMA_STRING, AT(mode, id), .required = true,
	 .help = "Lower-case letters, digits and dashes. The same id again replaces the mode."},
	{.key = "title", .type = SCHEMA_STRING, AT(mode, title), .required = true,
	 .help = "Its name, plain."},
	{.key = "severity", .type = SCHEMA_ENUM, AT(mode, severity), .words = severities,
	 .fallback = "major", .help = "How far up it stands."},
	{.key = "each", .type = SCHEMA_STRING, AT(mode, each),
	 .help = "Rule that gives the candidates, each bound to `$it`; without it there is one."},
	{.key = "subject", .type = SCHEMA_STRING, AT(mode, subject),
	 .help = "Template that tells candidates apart: `node/\\($it.name)`."},
	{.key = "headline", .type = SCHEMA_STRING, AT(mode, headline),
	 .help = "Template for the verdict's title; without it, `title`."},
	{.key = "since", .type = SCHEMA_STRING, AT(mode, since),
	 .help = "Rule: epoch seconds when it began; without it, when first seen."},
	{.key = "hold", .type = SCHEMA_SECONDS, AT(mode, hold_s), .fallback = "0s",
	 .help = "How long it must hold before it is a verdict."},
	{.key = "names", .type = SCHEMA_PAIRS, AT(mode, names), COUNT_AT(mode, nnames),
	 .help = "Defaults for `name(\"..\")`; the configuration's `names` come first."},
	{.key = "thresholds", .type = SCHEMA_NUMBERS, AT(mode, thresholds),
	 COUNT_AT(mode, nthresholds),
	 .help = "Defaults for `threshold(\"..\")`; the configuration's come first."},
	{.key = "evidence", .type = SCHEMA_LIST, AT(mode, evidence), COUNT_AT(mode, nevidence),
	 .of = &evidence_schema, .required = true, .help = "What the verdict is made of."},
	{.key = "clocks", .type = SCHEMA_LIST, AT(mode, clocks), COUNT_AT(mode, nclocks),
	 .of = &clock_schema, .help = "What happens by itself, and when."},
	{.key = "actions", .type = SCHEMA_LIST, AT(mode, actions), COUNT_AT(mode, nactions),
	 .of = &action_schema, .help = "What a person can do, best first."},
	{.key = "told", .type = SCHEMA_STRUCT, AT(mode, told), .of = &told_schema,
	 .required = true, .help = "Its story."},
	{.key = "outranks", .type = SCHEMA_STRINGS, AT(mode, outranks),
	 .help = "Ids of modes that this one explains: they stand behind it."},
	{.type = SCHEMA_LINE, AT(mode, line)},
	{0}
};
const struct schema mode_schema = {"a failure mode", sizeof(struct mode), mode_fields};

static void mode_release(struct mode *mode)
{
	schema_release(&mode_schema, mode);
	free(mode->file);
	*mode = (struct mode){0};
}

static int check_told(const struct mode *mode, struct err *err)
{
	static const char *const who[] = {"automatic", "us", "vendor"};

	for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++)
		if (strcmp(mode->told.recovers, who[i]) == 0)
			return 0;
	return err_set(err, -EINVAL, "%s:%d: told: recovers: expected automatic, us or vendor, "
		       "not '%s'", mode->file, mode->line, mode->told.recovers);
}

static int check_evidence(const struct mode *mode, struct err *err)
{
	for (size_t i = 0; i < mode->nevidence; i++)
		if (mode->evidence[i].required && !mode->evidence[i].excludes)
			return 0;
	return err_set(err, -EINVAL, "%s:%d: evidence: at least one line must be required, or the "
		       "verdict would always stand", mode->file, mode->line);
}

static int check_actions(const struct mode *mode, struct err *err)
{
	for (size_t i = 0; i < mode->nactions; i++) {
		const struct mode_action *action = &mode->actions[i];

		if (!verb_find(action->verb))
			return err_set(err, -EINVAL, "%s:%d: actions: verb: sitrep has no verb "
				       "'%s'", mode->file, action->line, action->verb);
		for (size_t j = 0; action->key && j < i; j++)
			if (mode->actions[j].key == action->key)
				return err_set(err, -EINVAL, "%s:%d: actions: key: '%c' is taken "
					       "by '%s'", mode->file, action->line, action->key,
					       mode->actions[j].label);
	}
	return 0;
}

static int check_mode(struct mode *mode, struct err *err)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	int rc;

	if (!mode->id[0] || strspn(mode->id, plain) != strlen(mode->id) ||
	    strlen(mode->id) > 63)
		return err_set(err, -EINVAL, "%s:%d: id: expected up to 63 lower-case letters, "
			       "digits and dashes, not '%s'", mode->file, mode->line, mode->id);
	if (mode->each && !mode->subject)
		return err_set(err, -EINVAL, "%s:%d: each: needs a subject that tells the "
			       "candidates apart", mode->file, mode->line);
	rc = check_told(mode, err);
	if (rc == 0)
		rc = check_evidence(mode, err);
	return rc ? rc : check_actions(mode, err);
}

static int read_mode(struct mode *mode, const struct yaml *yaml, struct err *err)
{
	const struct yaml_node *each;
	int rc;

	*mode = (struct mode){.file = xstrdup(yaml->file)};
	rc = schema_read(&mode_schema, yaml, &yaml->root, mode, err);
	if (rc == 0) {
		each = yaml_get(&yaml->root, "each");
		mode->each_line = each ? each->line : mode->line;
		rc = check_mode(mode, err);
	}
	if (rc)
		mode_release(mode);
	return rc;
}

/* A later file's mode replaces an earlier one of the same id, in its place. */
static void put(struct catalogue *cat, struct mode *mode)
{
	for (size_t i = 0; i < cat->len; i++) {
		if (strcmp(cat->modes[i].id, mode->id) == 0) {
			mode_release(&cat->modes[i]);
			cat->modes[i] = *mode;
			return;
		}
	}
	cat->modes = xreallocarray(cat->modes, cat->len + 1, sizeof(*cat->modes));
	cat->modes[cat->len++] = *mode;
}

static int put_yaml(struct catalogue *cat, struct yaml *yaml, struct err *err)
{
	struct mode mode;
	int rc = read_mode(&mode, yaml, err);

	if (rc == 0)
		put(cat, &mode);
	yaml_release(yaml);
	return rc;
}

static int load_builtin(struct catalogue *cat, struct err *err)
{
	int rc = 0;

	for (const struct embed_file *file = catalogue_files; rc == 0 && file->name; file++) {
		char *name = xasprintf("catalogue/%s", file->name);
		struct yaml yaml;

		rc = yaml_load_text(&yaml, name, (const char *)file->data, file->len, err);
		if (rc == 0)
			rc = put_yaml(cat, &yaml, err);
		free(name);
	}
	return rc;
}

static int is_yaml(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && entry->d_name[0] != '.' &&
	       (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static int load_folder(struct catalogue *cat, const char *folder, struct err *err)
{
	struct dirent **entries;
	int len = scandir(folder, &entries, is_yaml, alphasort);
	int rc = 0;

	if (len < 0)
		return err_set(err, -errno, "cannot read the failure modes in %s: %s", folder,
			       strerror(errno));
	for (int i = 0; i < len; i++) {
		char *path = xasprintf("%s/%s", folder, entries[i]->d_name);
		struct yaml yaml;

		if (rc == 0)
			rc = yaml_load_file(&yaml, path, err);
		if (rc == 0)
			rc = put_yaml(cat, &yaml, err);
		free(path);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

int catalogue_load(struct catalogue *cat, const struct config *config, struct err *err)
{
	const char *extra = getenv("SITREP_CATALOGUE");
	int rc = 0;

	*cat = (struct catalogue){0};
	if (config->catalogue_builtin)
		rc = load_builtin(cat, err);
	for (size_t i = 0; rc == 0 && i < config->catalogue.len; i++)
		rc = load_folder(cat, config->catalogue.items[i], err);
	if (rc == 0 && extra && *extra)
		rc = load_folder(cat, extra, err);
	if (rc)
		catalogue_release(cat);
	return rc;
}

void catalogue_release(struct catalogue *cat)
{
	for (size_t i = 0; i < cat->len; i++)
		mode_release(&cat->modes[i]);
	free(cat->modes);
	*cat = (struct catalogue){0};
}

const struct mode *catalogue_find(const struct catalogue *cat, const char *id)
{
	for (size_t i = 0; i < cat->len; i++)
		if (strcmp(cat->modes[i].id, id) == 0)
			return &cat->modes[i];
	return NULL;
}

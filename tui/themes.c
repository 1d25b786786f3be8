/* tui/themes.c: see themes.h */
#include "tui/themes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/embed.h"
#include "core/yaml.h"

#define NAMES_MAX 200

extern const struct embed_file theme_files[];

const char *themes_name(size_t index, char *buf, size_t size)
{
	const char *file = theme_files[index].name;

	if (!file)
		return NULL;
	snprintf(buf, size, "%.*s", (int)strcspn(file, "."), file);
	return buf;
}

static const struct embed_file *built_in(const char *name)
{
	const struct embed_file *file;
	size_t len = strlen(name);

	for (file = theme_files; file->name; file++)
		if (!strncmp(file->name, name, len) && !strcmp(file->name + len, ".yaml"))
			return file;
	return NULL;
}

/* NULL when nothing says where the person's files are; caller frees. */
static char *own_path(const char *name)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (strchr(name, '/'))
		return xstrdup(name);
	if (base && base[0])
		return xasprintf("%s/sitrep/themes/%s.yaml", base, name);
	return home && home[0] ? xasprintf("%s/.config/sitrep/themes/%s.yaml", home, name) : NULL;
}

static int unknown(const char *wanted, struct err *err)
{
	char names[NAMES_MAX] = "", name[64];
	size_t len = 0, i;

	for (i = 0; themes_name(i, name, sizeof(name)) && len < sizeof(names); i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", i ? ", " : "",
					name);
	return err_set(err, -ENOENT, "there is no theme '%s'; there are: %s", wanted, names);
}

static int load_file(struct theme *theme, const char *path, bool mono, struct err *err)
{
	char *text;
	size_t len;
	int rc = yaml_read_file(path, &text, &len, err);

	if (rc)
		return rc;
	rc = theme_load(theme, path, text, mono, err);
	free(text);
	return rc;
}

int themes_load(struct theme *theme, const char *wanted, bool mono, struct err *err)
{
	const struct embed_file *file = built_in(wanted);
	char *path = file ? NULL : own_path(wanted);
	int rc = 0;

	if (!file && (!path || access(path, R_OK)))
		rc = unknown(wanted, err);
	else if (!file)
		rc = load_file(theme, path, mono, err);
	free(path);
	if (rc)
		return rc;
	if (mono)
		file = built_in("mono");
	return file ? theme_load(theme, file->name, (const char *)file->data, mono, err) : 0;
}

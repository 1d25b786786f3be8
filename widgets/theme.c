/* widgets/theme.c: see theme.h */
#include "widgets/theme.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const role_names[ROLES] = {
	[ROLE_TEXT] = "text", [ROLE_DIM] = "dim", [ROLE_TITLE] = "title",
	[ROLE_BORDER] = "border", [ROLE_FOCUS] = "focus", [ROLE_HEAD] = "head",
	[ROLE_ALERT] = "alert",
	[ROLE_OK] = "ok", [ROLE_WARN] = "warn", [ROLE_BAD] = "bad", [ROLE_STALE] = "stale",
	[ROLE_UNKNOWN] = "unknown", [ROLE_SELECTED] = "selected", [ROLE_KEY] = "key",
	[ROLE_PRODUCTION] = "production", [ROLE_DRILL] = "drill", [ROLE_MATCH] = "match",
};

static int find_role(const char *word)
{
	int role;

	for (role = 0; role < ROLES; role++)
		if (!strcmp(role_names[role], word))
			return role;
	return -1;
}

/* -1 = default; -2 = no such colour. Bright ones need 16 colours, else their dark brothers. */
static short find_colour(const char *word)
{
	static const char *const names[] = {
		"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
	};
	bool bright = !strncmp(word, "bright-", 7);
	short i;

	if (!strcmp(word, "default"))
		return -1;
	for (i = 0; i < 8; i++)
		if (!strcmp(names[i], bright ? word + 7 : word))
			return (short)(bright && COLORS >= 16 ? i + 8 : i);
	return -2;
}

static int find_attr(const char *word, attr_t *ret)
{
	static const struct {
		const char *name;
		attr_t attr;
	} attrs[] = {
		{"bold", A_BOLD}, {"dim", A_DIM}, {"reverse", A_REVERSE},
		{"underline", A_UNDERLINE}, {"normal", A_NORMAL},
	};
	size_t i;

	for (i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++) {
		if (!strcmp(attrs[i].name, word)) {
			*ret |= attrs[i].attr;
			return 0;
		}
	}
	return -EINVAL;
}

static int read_line(struct theme *theme, char *line, bool mono)
{
	char *save = NULL, *word = strtok_r(line, " \t\r", &save);
	char *fg_word, *bg_word;
	short fg, bg;
	int role;

	if (!word || word[0] == '#')
		return 0;
	role = find_role(word);
	fg_word = strtok_r(NULL, " \t\r", &save);
	bg_word = strtok_r(NULL, " \t\r", &save);
	if (role < 0 || !fg_word || !bg_word)
		return -EINVAL;
	fg = find_colour(fg_word);
	bg = find_colour(bg_word);
	if (fg < -1 || bg < -1)
		return -EINVAL;
	theme->attrs[role] = A_NORMAL;
	while ((word = strtok_r(NULL, " \t\r", &save)))
		if (find_attr(word, &theme->attrs[role]))
			return -EINVAL;
	if (!mono && (fg >= 0 || bg >= 0)) {
		theme->pairs[role] = (short)(role + 1);
		init_pair(theme->pairs[role], fg, bg);
	}
	return 0;
}

int theme_load(struct theme *theme, const char *file, const char *text, bool mono,
	       struct err *err)
{
	char line[256];
	int number = 0;

	memset(theme, 0, sizeof(*theme));
	while (*text) {
		size_t len = strcspn(text, "\n");

		number++;
		if (len >= sizeof(line))
			return err_set(err, -EINVAL, "%s:%d: line too long", file, number);
		memcpy(line, text, len);
		line[len] = '\0';
		if (read_line(theme, line, mono))
			return err_set(err, -EINVAL, "%s:%d: expected a role, two colours and "
				       "attributes", file, number);
		text += len + (text[len] == '\n');
	}
	return 0;
}

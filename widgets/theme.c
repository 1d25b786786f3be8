/* widgets/theme.c: see theme.h */
#include "widgets/theme.h"

#include <string.h>

#include "core/yaml.h"

#define COLOURS 8              /* of the ANSI ones; as many bright ones follow */

struct style {
	int fg, bg;            /* indices into colour_words */
	bool bold, dim, reverse, underline;
};

struct theme_file {
	struct style styles[ROLES];
};

static const char *const colour_words[] = {
	"default", "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
	"bright-black", "bright-red", "bright-green", "bright-yellow", "bright-blue",
	"bright-magenta", "bright-cyan", "bright-white", NULL
};

#define AT(member) .offset = offsetof(struct style, member)

static const struct schema_field style_fields[] = {
	{.key = "fg", .type = SCHEMA_ENUM, AT(fg), .words = colour_words, .fallback = "default",
	 .help = "Colour of the letters."},
	{.key = "bg", .type = SCHEMA_ENUM, AT(bg), .words = colour_words, .fallback = "default",
	 .help = "Colour behind them."},
	{.key = "bold", .type = SCHEMA_BOOL, AT(bold), .fallback = "false", .help = "Bold."},
	{.key = "dim", .type = SCHEMA_BOOL, AT(dim), .fallback = "false", .help = "Faint."},
	{.key = "reverse", .type = SCHEMA_BOOL, AT(reverse), .fallback = "false",
	 .help = "Letters and background change places."},
	{.key = "underline", .type = SCHEMA_BOOL, AT(underline), .fallback = "false",
	 .help = "Underlined."},
	{0}
};
const struct schema theme_style_schema = {"a style", sizeof(struct style), style_fields};

#define ROLE(role, name, what) \
	{.key = name, .type = SCHEMA_STRUCT, .offset = role * sizeof(struct style), \
	 .of = &theme_style_schema, .help = what}

static const struct schema_field role_fields[] = {
	ROLE(ROLE_TEXT, "text", "Ordinary text; its background is the screen's."),
	ROLE(ROLE_DIM, "dim", "What weighs less: hints, labels."),
	ROLE(ROLE_TITLE, "title", "Titles."),
	ROLE(ROLE_BORDER, "border", "Borders of panes."),
	ROLE(ROLE_FOCUS, "focus", "Border and title of the focused pane."),
	ROLE(ROLE_HEAD, "head", "The head line."),
	ROLE(ROLE_ALERT, "alert", "In the head line: what must not be missed."),
	ROLE(ROLE_OK, "ok", "Known to be good."),
	ROLE(ROLE_WARN, "warn", "Worth a look."),
	ROLE(ROLE_BAD, "bad", "Wrong."),
	ROLE(ROLE_STALE, "stale", "Was known once."),
	ROLE(ROLE_UNKNOWN, "unknown", "Not known."),
	ROLE(ROLE_SELECTED, "selected", "The selected row."),
	ROLE(ROLE_KEY, "key", "A key that one may press."),
	ROLE(ROLE_PRODUCTION, "production", "Dialogs that act on production."),
	ROLE(ROLE_DRILL, "drill", "The frame of a drill."),
	ROLE(ROLE_MATCH, "match", "What a search has found."),
	{0}
};
const struct schema theme_schema = {"a theme", sizeof(struct theme_file), role_fields};

/* -1 = the terminal's own. Bright ones need 16 colours, else their dark brothers. */
static short colour_number(int word)
{
	int number = word - 1;

	if (number >= COLOURS && COLORS < 2 * COLOURS)
		number -= COLOURS;
	return (short)number;
}

static attr_t attrs_of(const struct style *style)
{
	return (style->bold ? A_BOLD : 0) | (style->dim ? A_DIM : 0) |
	       (style->reverse ? A_REVERSE : 0) | (style->underline ? A_UNDERLINE : 0);
}

static void put_on(struct theme *theme, const struct theme_file *file, bool mono)
{
	int role;

	memset(theme, 0, sizeof(*theme));
	for (role = 0; role < ROLES; role++) {
		const struct style *style = &file->styles[role];

		theme->attrs[role] = attrs_of(style);
		if (mono || (!style->fg && !style->bg))
			continue;
		theme->pairs[role] = (short)(role + 1);
		init_pair(theme->pairs[role], colour_number(style->fg), colour_number(style->bg));
	}
}

int theme_load(struct theme *theme, const char *file, const char *text, bool mono,
	       struct err *err)
{
	struct theme_file read = {0};
	struct yaml yaml;
	int rc = yaml_load_text(&yaml, file, text, strlen(text), err);

	if (rc)
		return rc;
	rc = schema_read(&theme_schema, &yaml, &yaml.root, &read, err);
	yaml_release(&yaml);
	if (!rc)
		put_on(theme, &read, mono);
	schema_release(&theme_schema, &read);
	return rc;
}

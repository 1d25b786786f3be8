/* tui/keys.c: see keys.h */
#include "tui/keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <curses.h>

#define CTRL(letter) ((letter) & 0x1f)
#define ESCAPE 27

static const struct {
	const char *name;
	int key;
} names[] = {
	{"Enter", '\r'}, {"Enter", '\n'}, {"Enter", KEY_ENTER}, {"Esc", ESCAPE},
	{"Tab", '\t'}, {"S-Tab", KEY_BTAB}, {"Space", ' '}, {"Up", KEY_UP}, {"Down", KEY_DOWN},
	{"Left", KEY_LEFT}, {"Right", KEY_RIGHT}, {"PgUp", KEY_PPAGE}, {"PgDn", KEY_NPAGE},
	{"Home", KEY_HOME}, {"End", KEY_END}, {"Del", KEY_DC},
};

static bool is_named(const char *name, size_t len, const char *other)
{
	return strlen(other) == len && !strncmp(name, other, len);
}

int key_parse(const char *name, size_t len)
{
	size_t i;

	if (len == 1)
		return (unsigned char)name[0];
	if (len == 6 && !strncmp(name, "ctrl-", 5))
		return CTRL(name[5]);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (is_named(name, len, names[i].name))
			return names[i].key;
	return -EINVAL;
}

const char *key_text(int key, char buf[KEY_TEXT])
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].key == key)
			return names[i].name;
	if (key > 0 && key < ' ')
		snprintf(buf, KEY_TEXT, "ctrl-%c", key + 'a' - 1);
	else
		snprintf(buf, KEY_TEXT, "%c", key > ' ' && key < 127 ? key : '?');
	return buf;
}

/* Enter comes as several codes. */
static int one_code(int key)
{
	return key == '\n' || key == KEY_ENTER ? '\r' : key;
}

bool key_among(const char *keys, int key)
{
	while (*keys) {
		size_t len = strcspn(keys, " ");

		if (key > 0 && one_code(key_parse(keys, len)) == one_code(key))
			return true;
		keys += len + (keys[len] == ' ');
	}
	return false;
}

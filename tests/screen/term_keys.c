/* tests/screen/term_keys.c: key names to what a terminal sends for them */
#include "tests/screen/term.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	VTermKey key;
} named_keys[] = {
	{"Enter", VTERM_KEY_ENTER},
	{"Tab", VTERM_KEY_TAB},
	{"Backspace", VTERM_KEY_BACKSPACE},
	{"Esc", VTERM_KEY_ESCAPE},
	{"Up", VTERM_KEY_UP},
	{"Down", VTERM_KEY_DOWN},
	{"Left", VTERM_KEY_LEFT},
	{"Right", VTERM_KEY_RIGHT},
	{"Insert", VTERM_KEY_INS},
	{"Delete", VTERM_KEY_DEL},
	{"Home", VTERM_KEY_HOME},
	{"End", VTERM_KEY_END},
	{"PageUp", VTERM_KEY_PAGEUP},
	{"PageDown", VTERM_KEY_PAGEDOWN},
};

static bool send_named(struct term *term, const char *word)
{
	int number;

	for (size_t i = 0; i < sizeof(named_keys) / sizeof(*named_keys); i++) {
		if (strcmp(word, named_keys[i].name) != 0)
			continue;
		/* libvterm knows which cursor-key mode the program has asked for */
		vterm_keyboard_key(term->vt, named_keys[i].key, VTERM_MOD_NONE);
		return true;
	}
	if (!strcmp(word, "BackTab")) {
		vterm_keyboard_key(term->vt, VTERM_KEY_TAB, VTERM_MOD_SHIFT);
		return true;
	}
	if (!strcmp(word, "Space")) {
		term_send(term, " ", 1);
		return true;
	}
	if (sscanf(word, "F%d", &number) == 1 && number >= 1 && number <= 12) {
		vterm_keyboard_key(term->vt, (VTermKey)VTERM_KEY_FUNCTION(number), VTERM_MOD_NONE);
		return true;
	}
	return false;
}

static bool send_control(struct term *term, const char *word)
{
	char byte;

	if (word[0] != '^' || !word[1] || word[2])
		return false;
	byte = word[1] == '?' ? 0x7f : (char)(toupper((unsigned char)word[1]) & 0x1f);
	term_send(term, &byte, 1);
	return true;
}

/* Text as it stands; each character is one key, \xNN one byte of one. */
static int send_text(struct term *term, const char *word)
{
	while (*word) {
		char byte = *word++;

		if (byte == '\\' && *word == 'x') {
			char hex[3] = {0};

			if (!isxdigit((unsigned char)word[1]) || !isxdigit((unsigned char)word[2]))
				return -EINVAL;
			memcpy(hex, word + 1, 2);
			byte = (char)strtol(hex, NULL, 16);
			word += 3;
		} else if (byte == '\\' && *word) {
			byte = *word++;
		}
		if (((unsigned char)byte & 0xC0) != 0x80)
			term->keys_sent++;
		term_send(term, &byte, 1);
	}
	return 0;
}

int term_keys(struct term *term, const char *words)
{
	char word[256];
	int used;

	while (sscanf(words, " %255s%n", word, &used) == 1) {
		words += used;
		if (send_named(term, word) || send_control(term, word)) {
			term->keys_sent++;
			continue;
		}
		if (send_text(term, word))
			return -EINVAL;
	}
	return 0;
}

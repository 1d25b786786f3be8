/* widgets/prompt.c: see prompt.h */
#include "widgets/prompt.h"

#include <stdio.h>
#include <string.h>

void prompt_begin(struct prompt *prompt, const char *label, const char *text)
{
	snprintf(prompt->label, sizeof(prompt->label), "%s", label);
	prompt_set(prompt, text);
}

void prompt_set(struct prompt *prompt, const char *text)
{
	snprintf(prompt->text, sizeof(prompt->text), "%s", text);
	prompt->len = strlen(prompt->text);
}

static void cut_char(struct prompt *prompt)
{
	while (prompt->len > 0 && ((unsigned char)prompt->text[prompt->len - 1] & 0xc0) == 0x80)
		prompt->len--;
	if (prompt->len > 0)
		prompt->len--;
	prompt->text[prompt->len] = '\0';
}

static void cut_word(struct prompt *prompt)
{
	while (prompt->len > 0 && prompt->text[prompt->len - 1] == ' ')
		cut_char(prompt);
	while (prompt->len > 0 && prompt->text[prompt->len - 1] != ' ')
		cut_char(prompt);
}

bool prompt_key(struct prompt *prompt, int key)
{
	if (key == KEY_BACKSPACE || key == 127 || key == '\b') {
		cut_char(prompt);
		return true;
	}
	if (key == 'U' - '@') {
		prompt_set(prompt, "");
		return true;
	}
	if (key == 'W' - '@') {
		cut_word(prompt);
		return true;
	}
	if (key < ' ' || key > 255 || prompt->len + 1 >= sizeof(prompt->text))
		return false;
	prompt->text[prompt->len++] = (char)key;
	prompt->text[prompt->len] = '\0';
	return true;
}

void prompt_draw(const struct prompt *prompt, const struct canvas *canvas, int y)
{
	int used = draw_text(canvas, y, 0, canvas->width, ROLE_KEY, true, prompt->label);
	const char *text = prompt->text;
	int room = canvas->width - used - 1;

	while (draw_width(text) > room && *text)
		text++;
	used += draw_text(canvas, y, used, room, ROLE_TEXT, true, text);
	draw_text_attr(canvas, y, used, 1, ROLE_TEXT, A_REVERSE, false, " ");
}

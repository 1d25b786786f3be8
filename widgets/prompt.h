/* widgets/prompt.h: one line that a person types, with the usual editing keys. */
#ifndef SITREP_WIDGETS_PROMPT_H
#define SITREP_WIDGETS_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "widgets/draw.h"

#define PROMPT_MAX 256

struct prompt {
	char label[48];
	char text[PROMPT_MAX];     /* UTF-8 */
	size_t len;                /* bytes */
};

void prompt_begin(struct prompt *prompt, const char *label, const char *text);
/* A key as wgetch gives it. True when it has changed or been used. */
bool prompt_key(struct prompt *prompt, int key);
void prompt_set(struct prompt *prompt, const char *text);
void prompt_draw(const struct prompt *prompt, const struct canvas *canvas, int y);

#endif

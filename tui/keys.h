/* tui/keys.h: keys as people write them ("j", "ctrl-d", "PgDn") and as wgetch gives them. */
#ifndef SITREP_TUI_KEYS_H
#define SITREP_TUI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#define KEY_TEXT 16

/* The code of one key's name, or -EINVAL. len is the name's length. */
int key_parse(const char *name, size_t len);
/* "ctrl-d" for 4; "?" for what has no name. */
const char *key_text(int key, char buf[KEY_TEXT]);
/* Whether key is one of the names in keys, which are separated by spaces. */
bool key_among(const char *keys, int key);

#endif

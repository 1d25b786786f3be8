/* backends/redis/keyname.c: keys are bytes; people see and type text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/redis/redis.h"
#include "core/alloc.h"
#include "core/buf.h"

#define SHOWN_MAX 4096

char *redis_key_show(const char *key, size_t len)
{
	struct buf out = BUF_INIT(SHOWN_MAX);
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)key[i];

		if (c == '\\')
			buf_append_str(&out, "\\\\");
		else if (c < 0x20 || c >= 0x7f)
			buf_printf(&out, "\\x%02x", c);
		else
			buf_append(&out, key + i, 1);
	}
	return buf_detach(&out);
}

char *redis_key_parse(const char *text, size_t *ret_len)
{
	char *key = xmalloc(strlen(text) + 1);
	size_t len = 0;
	unsigned int byte;
	int used;

	while (*text) {
		used = 0;
		if (text[0] == '\\' && text[1] == '\\') {
			key[len++] = '\\';
			text += 2;
		} else if (sscanf(text, "\\x%2x%n", &byte, &used) == 1 && used == 4) {
			key[len++] = (char)byte;
			text += 4;
		} else {
			key[len++] = *text++;
		}
	}
	key[len] = '\0';
	*ret_len = len;
	return key;
}

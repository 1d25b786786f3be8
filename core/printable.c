/* core/printable.c: see printable.h */
#include "core/printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"

/* Length of the UTF-8 sequence at text and its code point; 0 when it is none. */
static size_t decode(const unsigned char *text, uint32_t *ret_point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = text[0] < 0x80 ? 1 : text[0] >> 5 == 6 ? 2 : text[0] >> 4 == 14 ? 3
		   : text[0] >> 3 == 30 ? 4 : 0;
	uint32_t point;
	size_t i;

	if (!len)
		return 0;
	point = len == 1 ? text[0] : text[0] & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if (text[i] >> 6 != 2)
			return 0;
		point = point << 6 | (text[i] & 0x3fu);
	}
	if (point < least[len] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	*ret_point = point;
	return len;
}

static bool is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
	       point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

char *printable_dup(const char *text)
{
	const unsigned char *from = (const unsigned char *)(text ? text : "");
	char *copy = xmalloc(strlen((const char *)from) + 1), *to = copy;
	uint32_t point;

	while (*from) {
		size_t len = decode(from, &point);

		if (len && !is_control(point)) {
			memcpy(to, from, len);
			to += len;
		} else {
			*to++ = len && point == '\t' ? ' ' : '?';
		}
		from += len ? len : 1;
	}
	*to = '\0';
	return copy;
}

size_t printable_len(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

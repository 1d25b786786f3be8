/* world/phrase.c: see phrase.h */
#include "world/phrase.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "world/when.h"
#include "world/world.h"

static int fill(const char *key, size_t len, const char *pod, int64_t at_us, char *out,
		size_t size)
{
	char stamp[WHEN_TEXT];

	if (len == 4 && !memcmp(key, "time", 4))
		return snprintf(out, size, "%s", when_micro(at_us, stamp));
	if (len == 4 && !memcmp(key, "unix", 4))
		return snprintf(out, size, "%" PRId64, at_us / 1000000);
	if (len == 3 && !memcmp(key, "pod", 3))
		return snprintf(out, size, "%s", pod);
	if (len == 2 && !memcmp(key, "ms", 2))
		return snprintf(out, size, "%u.%02u", 1 + world_random(60), world_random(100));
	if (len == 2 && !memcmp(key, "ip", 2))
		return snprintf(out, size, "203.0.113.%u", 1 + world_random(250));
	if (len == 1 && *key == 'n')
		return snprintf(out, size, "%u", 100 + world_random(9900));
	if (len == 3 && !memcmp(key, "hex", 3))
		return snprintf(out, size, "%08x", world_random(UINT32_MAX));
	return -1;
}

void phrase(const char *pattern, const char *pod, int64_t at_us, char *out, size_t size)
{
	size_t len = 0;

	while (*pattern && len + 1 < size) {
		const char *end = *pattern == '{' ? strchr(pattern, '}') : NULL;
		int used = -1;

		if (end)
			used = fill(pattern + 1, (size_t)(end - pattern - 1), pod, at_us,
				    out + len, size - len);
		if (used < 0) {
			out[len++] = *pattern++;
			continue;
		}
		len += (size_t)used;
		if (len >= size)
			len = size - 1;
		pattern = end + 1;
	}
	out[len] = '\0';
}

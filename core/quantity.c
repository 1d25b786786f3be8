/* core/quantity.c: see quantity.h */
#include "core/quantity.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct suffix {
	const char *text;
	double factor;
};

static const struct suffix suffixes[] = {
	{"", 1}, {"n", 1e-9}, {"u", 1e-6}, {"m", 1e-3}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9},
	{"T", 1e12}, {"P", 1e15}, {"E", 1e18}, {"Ki", 0x1p10}, {"Mi", 0x1p20}, {"Gi", 0x1p30},
	{"Ti", 0x1p40}, {"Pi", 0x1p50}, {"Ei", 0x1p60},
};

static int parse(const char *text, double *ret)
{
	char digits[64];
	size_t len = text ? strspn(text, "+-0123456789.") : 0;
	const char *rest;
	char *end;
	size_t i;

	if (!len || len >= sizeof(digits) - 8)
		return -EINVAL;
	rest = text + len;
	/* An exponent has digits behind its letter; "E" alone is exa. */
	if ((*rest == 'e' || *rest == 'E') && strspn(rest + 1, "+-0123456789"))
		rest += 1 + strspn(rest + 1, "+-0123456789");
	len = (size_t)(rest - text);
	if (len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, len);
	digits[len] = '\0';
	*ret = strtod(digits, &end);
	if (*end || end == digits || !isfinite(*ret))
		return -EINVAL;
	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (!strcmp(rest, suffixes[i].text)) {
			*ret *= suffixes[i].factor;
			return 0;
		}
	}
	return -EINVAL;
}

static int scaled(const char *text, double scale, int64_t *ret)
{
	double value;
	int rc = parse(text, &value);

	if (rc)
		return rc;
	/* The small step keeps 0.1 * 1000 from rounding up to 101. */
	value = ceil(value * scale - 1e-6);
	if (value > 9e18 || value < -9e18)
		return -ERANGE;
	*ret = (int64_t)value;
	return 0;
}

int quantity_milli(const char *text, int64_t *ret_milli)
{
	return scaled(text, 1000, ret_milli);
}

int quantity_kib(const char *text, int64_t *ret_kib)
{
	return scaled(text, 1.0 / 1024, ret_kib);
}

/* world/when.c: see when.h */
#include "world/when.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define US 1000000LL

int64_t when_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * US + now.tv_nsec / 1000;
}

/* Up to the second, without the zone; the length. */
static size_t format(int64_t us, char buf[WHEN_TEXT])
{
	time_t seconds = (time_t)(us / US);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	return strftime(buf, WHEN_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
}

const char *when_seconds(int64_t us, char buf[WHEN_TEXT])
{
	size_t len = format(us, buf);

	snprintf(buf + len, WHEN_TEXT - len, "Z");
	return buf;
}

const char *when_micro(int64_t us, char buf[WHEN_TEXT])
{
	size_t len = format(us, buf);

	snprintf(buf + len, WHEN_TEXT - len, ".%06dZ", (int)(us % US));
	return buf;
}

const char *when_nano(int64_t us, char buf[WHEN_TEXT])
{
	size_t len = format(us, buf);

	snprintf(buf + len, WHEN_TEXT - len, ".%06d000Z", (int)(us % US));
	return buf;
}

json_t *when_json(int64_t us)
{
	char buf[WHEN_TEXT];

	return json_string(when_seconds(us, buf));
}

json_t *when_json_micro(int64_t us)
{
	char buf[WHEN_TEXT];

	return json_string(when_micro(us, buf));
}

int64_t when_parse(const char *text)
{
	struct tm tm = {0};
	const char *rest;
	int64_t us, fraction = 0, scale = US / 10;
	int hours, minutes;
	char sign;

	if (!text)
		return 0;
	rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (!rest)
		return 0;
	us = (int64_t)timegm(&tm) * US;
	if (*rest == '.') {
		for (rest++; *rest >= '0' && *rest <= '9'; rest++, scale /= 10)
			fraction += (*rest - '0') * scale;
	}
	us += fraction;
	if (sscanf(rest, "%c%2d:%2d", &sign, &hours, &minutes) == 3)
		us -= (sign == '-' ? -1 : 1) * (hours * 3600LL + minutes * 60LL) * US;
	return us;
}

const char *when_age(int64_t us, char buf[WHEN_TEXT])
{
	int64_t s = us > 0 ? us / US : 0;

	if (s < 120)
		snprintf(buf, WHEN_TEXT, "%" PRId64 "s", s);
	else if (s < 600 && s % 60)
		snprintf(buf, WHEN_TEXT, "%" PRId64 "m%" PRId64 "s", s / 60, s % 60);
	else if (s < 3 * 3600)
		snprintf(buf, WHEN_TEXT, "%" PRId64 "m", s / 60);
	else if (s < 8 * 3600 && s / 60 % 60)
		snprintf(buf, WHEN_TEXT, "%" PRId64 "h%" PRId64 "m", s / 3600, s / 60 % 60);
	else if (s < 48 * 3600)
		snprintf(buf, WHEN_TEXT, "%" PRId64 "h", s / 3600);
	else if (s < 8 * 86400 && s / 3600 % 24)
		snprintf(buf, WHEN_TEXT, "%" PRId64 "d%" PRId64 "h", s / 86400, s / 3600 % 24);
	else
		snprintf(buf, WHEN_TEXT, "%" PRId64 "d", s / 86400);
	return buf;
}

int64_t when_span(const json_t *value)
{
	double number;
	char *end;

	if (json_is_number(value))
		return (int64_t)(json_number_value(value) * (double)US);
	if (!json_is_string(value))
		return 0;
	number = strtod(json_string_value(value), &end);
	switch (*end) {
	case 'd':
		return (int64_t)(number * 86400.0 * (double)US);
	case 'h':
		return (int64_t)(number * 3600.0 * (double)US);
	case 'm':
		return (int64_t)(number * 60.0 * (double)US);
	default:
		return (int64_t)(number * (double)US);
	}
}

/* core/clock.c: see clock.h */
#include "core/clock.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* ".123456" to milliseconds; *text moves behind it. */
static int parse_fraction(const char **text)
{
	int ms = 0, scale = 100;

	if (**text != '.')
		return 0;
	for ((*text)++; isdigit((unsigned char)**text); (*text)++) {
		ms += (**text - '0') * scale;
		scale /= 10;
	}
	return ms;
}

/* "Z" or "+02:00" to seconds east of UTC. */
static int parse_zone(const char *text, int *ret_offset)
{
	int hours, minutes, used = 0;
	char sign;

	*ret_offset = 0;
	if (!strcmp(text, "Z") || !strcmp(text, "z"))
		return 0;
	if (sscanf(text, "%c%2d:%2d%n", &sign, &hours, &minutes, &used) != 3 || text[used] ||
	    (sign != '+' && sign != '-') || hours < 0 || hours > 23 || minutes < 0 ||
	    minutes > 59)
		return -EINVAL;
	*ret_offset = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
	return 0;
}

int clock_parse_rfc3339(const char *text, int64_t *ret_ms)
{
	struct tm tm = {0};
	int used = 0, ms, offset;
	const char *rest;
	char separator;

	if (!text || sscanf(text, "%4d-%2d-%2d%c%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon,
			    &tm.tm_mday, &separator, &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
			    &used) != 7)
		return -EINVAL;
	if (!strchr("Tt ", separator) || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
	    tm.tm_mday > 31 || tm.tm_hour < 0 || tm.tm_hour > 23 || tm.tm_min < 0 ||
	    tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 60)
		return -EINVAL;
	rest = text + used;
	ms = parse_fraction(&rest);
	if (parse_zone(rest, &offset))
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*ret_ms = ((int64_t)timegm(&tm) - offset) * 1000 + ms;
	return 0;
}

const char *clock_format_rfc3339(int64_t wall_ms, char buf[CLOCK_TEXT])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(buf, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return buf;
}

const char *clock_format_age(int64_t ms, char buf[CLOCK_TEXT])
{
	long long s = ms < 0 ? 0 : ms / 1000;

	if (s < 120)
		snprintf(buf, CLOCK_TEXT, "%llds", s);
	else if (s < 600 && s % 60)
		snprintf(buf, CLOCK_TEXT, "%lldm%llds", s / 60, s % 60);
	else if (s < 3600 * 3)
		snprintf(buf, CLOCK_TEXT, "%lldm", s / 60);
	else if (s < 3600 * 10 && s / 60 % 60)
		snprintf(buf, CLOCK_TEXT, "%lldh%lldm", s / 3600, s / 60 % 60);
	else if (s < 3600 * 48)
		snprintf(buf, CLOCK_TEXT, "%lldh", s / 3600);
	else if (s < 86400LL * 730)
		snprintf(buf, CLOCK_TEXT, "%lldd", s / 86400);
	else
		snprintf(buf, CLOCK_TEXT, "%lldy", s / 86400 / 365);
	return buf;
}

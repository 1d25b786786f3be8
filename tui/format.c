/* tui/format.c: see format.h */
#include "tui/format.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)

const char *format_age(int64_t since_ms, int64_t now_ms, char buf[FORMAT_TEXT])
{
	static const struct {
		int64_t unit;
		char letter;
	} steps[] = {{YEAR, 'y'}, {DAY, 'd'}, {HOUR, 'h'}, {MINUTE, 'm'}};
	int64_t age = now_ms - since_ms;
	size_t i;

	snprintf(buf, FORMAT_TEXT, "%s", since_ms ? "<1m" : "?");
	for (i = 0; since_ms && i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (age < steps[i].unit)
			continue;
		snprintf(buf, FORMAT_TEXT, "%lld%c", (long long)(age / steps[i].unit),
			 steps[i].letter);
		break;
	}
	return buf;
}

const char *format_clock(int64_t due_ms, int64_t now_ms, char buf[FORMAT_TEXT])
{
	int64_t left = due_ms > now_ms ? (due_ms - now_ms + SECOND - 1) / SECOND : 0;

	snprintf(buf, FORMAT_TEXT, "%lld:%02lld", (long long)(left / 60), (long long)(left % 60));
	return buf;
}

const char *format_time(int64_t wall_ms, char buf[FORMAT_TEXT])
{
	time_t seconds = (time_t)(wall_ms / SECOND);
	struct tm parts;

	if (!wall_ms || !gmtime_r(&seconds, &parts) ||
	    !strftime(buf, FORMAT_TEXT, "%H:%M:%S", &parts))
		snprintf(buf, FORMAT_TEXT, "?");
	return buf;
}

const char *format_bytes(int64_t bytes, char buf[FORMAT_TEXT])
{
	static const char units[] = "BKMGTP";
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1024 && unit < sizeof(units) - 2) {
		value /= 1024;
		unit++;
	}
	if (bytes < 0)
		snprintf(buf, FORMAT_TEXT, "?");
	else
		snprintf(buf, FORMAT_TEXT, unit ? "%.1f%c" : "%.0f%c", value, units[unit]);
	return buf;
}

const char *format_count(int64_t count, char buf[FORMAT_TEXT])
{
	char digits[FORMAT_TEXT];
	int len, i, at = 0;

	if (count < 0) {
		snprintf(buf, FORMAT_TEXT, "?");
		return buf;
	}
	len = snprintf(digits, sizeof(digits), "%lld", (long long)count);
	for (i = 0; i < len && at < FORMAT_TEXT - 2; i++) {
		if (i && (len - i) % 3 == 0)
			buf[at++] = ',';
		buf[at++] = digits[i];
	}
	buf[at] = '\0';
	return buf;
}

const char *format_share(int64_t used, int64_t of, char buf[FORMAT_TEXT])
{
	if (used < 0 || of <= 0)
		snprintf(buf, FORMAT_TEXT, "?");
	else
		snprintf(buf, FORMAT_TEXT, "%.0f%%", 100.0 * (double)used / (double)of);
	return buf;
}

enum role format_role(const struct freshness *fresh, int64_t now_ms, enum role good)
{
	switch (freshness_at(fresh, now_ms)) {
	case FRESH_OK: return good;
	case FRESH_STALE: return ROLE_STALE;
	case FRESH_UNKNOWN:
	case FRESH_REFUSED:
	case FRESH_ASLEEP: break;
	}
	return ROLE_UNKNOWN;
}

static void put_stale_age(int64_t age_ms, char *buf, size_t size)
{
	int64_t seconds = age_ms / SECOND;

	if (seconds < 120)
		snprintf(buf, size, "%llds", (long long)seconds);
	else
		snprintf(buf, size, "%lldm", (long long)(seconds / 60));
}

const char *format_fresh(const struct freshness *fresh, int64_t now_ms, char *buf, size_t size)
{
	enum fresh_state state = freshness_at(fresh, now_ms);
	char age[FORMAT_TEXT] = "";
	bool blamed = fresh->fault != FAULT_NONE && fresh->fault != FAULT_ASLEEP;

	buf[0] = '\0';
	if (state == FRESH_OK)
		return buf;
	if (fresh->as_of_ms)
		put_stale_age(now_ms - fresh->as_of_ms, age, sizeof(age));
	snprintf(buf, size, "%s%s%s%s%s%s%s", fresh_state_name(state), age[0] ? " " : "", age,
		 blamed || fresh->reason[0] ? ": " : "",
		 blamed ? fresh_fault_name(fresh->fault) : "",
		 blamed && fresh->reason[0] ? ", " : "", fresh->reason);
	return buf;
}

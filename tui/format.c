/* tui/format.c: see format.h */
#include "tui/format.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000)

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

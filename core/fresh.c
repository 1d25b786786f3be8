/* core/fresh.c: see fresh.h */
#include "core/fresh.h"

#include <stdio.h>
#include <string.h>

enum fresh_state freshness_at(const struct freshness *fresh, int64_t now_wall_ms)
{
	if (fresh->state == FRESH_OK && fresh->max_age_ms > 0 &&
	    now_wall_ms - fresh->as_of_ms > fresh->max_age_ms)
		return FRESH_STALE;
	return fresh->state;
}

const char *fresh_state_name(enum fresh_state state)
{
	static const char *const names[] = {
		[FRESH_UNKNOWN] = "unknown", [FRESH_OK] = "fresh", [FRESH_STALE] = "stale",
		[FRESH_REFUSED] = "refused", [FRESH_ASLEEP] = "asleep",
	};

	return names[state];
}

const char *fresh_fault_name(enum fresh_fault fault)
{
	static const char *const names[] = {
		[FAULT_NONE] = "none", [FAULT_LINK] = "my link", [FAULT_SERVER] = "the server",
		[FAULT_RIGHTS] = "my rights", [FAULT_ASLEEP] = "asleep",
	};

	return names[fault];
}

void freshness_proven(struct freshness *fresh, int64_t now_wall_ms)
{
	fresh->state = FRESH_OK;
	fresh->fault = FAULT_NONE;
	fresh->as_of_ms = now_wall_ms;
	fresh->reason[0] = '\0';
}

static enum fresh_state failed_state(const struct freshness *fresh, enum fresh_fault fault)
{
	if (fault == FAULT_RIGHTS)
		return FRESH_REFUSED;
	if (fault == FAULT_ASLEEP)
		return FRESH_ASLEEP;
	return fresh->as_of_ms ? FRESH_STALE : FRESH_UNKNOWN;
}

void freshness_failed(struct freshness *fresh, enum fresh_fault fault, const char *reason)
{
	static const char refused[] = "refused: ";

	fresh->state = failed_state(fresh, fault);
	fresh->fault = fault;
	/* The state says it already wherever the reason is shown. */
	if (reason && fault == FAULT_RIGHTS && !strncmp(reason, refused, sizeof(refused) - 1))
		reason += sizeof(refused) - 1;
	snprintf(fresh->reason, sizeof(fresh->reason), "%s", reason ? reason : "");
}

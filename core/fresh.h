/*
 * core/fresh.h: freshness is part of every value. What isn't known is never drawn as good.
 */
#ifndef SITREP_CORE_FRESH_H
#define SITREP_CORE_FRESH_H

#include <stdbool.h>
#include <stdint.h>

enum fresh_state {
	FRESH_UNKNOWN,  /* never answered yet, or not asked */
	FRESH_OK,       /* proven within max_age_ms */
	FRESH_STALE,    /* was known once; its source has stopped proving it */
	FRESH_REFUSED,  /* the source answers, but our rights do not allow this */
	FRESH_ASLEEP,   /* the source is suspended on purpose and is not to be woken */
};

/* Whose fault a value that isn't fresh is, as far as we can tell. */
enum fresh_fault {
	FAULT_NONE,
	FAULT_LINK,     /* our own link: nothing at all answers */
	FAULT_SERVER,   /* the peer: refuses connections, hangs, or answers nonsense */
	FAULT_RIGHTS,   /* 401, 403, NOAUTH, NOPERM */
	FAULT_ASLEEP,
};

struct freshness {
	enum fresh_state state;    /* as last reported; ask freshness_at() for the truth now */
	enum fresh_fault fault;
	int64_t as_of_ms;          /* wall clock of the last proof; 0 = never */
	int64_t max_age_ms;        /* older than this is stale; 0 = only by report */
	char reason[160];          /* one clause for people: "connection refused"; "" when fresh */
	uint64_t requests;         /* what it has cost the patient so far */
	uint64_t bytes_in;
	uint64_t bytes_out;
};

enum fresh_state freshness_at(const struct freshness *fresh, int64_t now_wall_ms);
const char *fresh_state_name(enum fresh_state state);   /* "fresh", "stale", ... */
const char *fresh_fault_name(enum fresh_fault fault);   /* "none", "my link", "the server", ... */

/* The source has just proven the value. */
void freshness_proven(struct freshness *fresh, int64_t now_wall_ms);

/* The source has failed: known values go stale, unknown ones stay unknown; RIGHTS and ASLEEP
 * give their own states at once. A "refused: " before the reason is left out: the state says so. */
void freshness_failed(struct freshness *fresh, enum fresh_fault fault, const char *reason);

#endif

/*
 * incident/audit.h: who did what, why and how it ended, as hash-chained JSON Lines. The intent
 * is synced to disk before the first byte leaves; refusals and cancels are recorded too.
 *
 * One record a line: {"seq":..,"at":..,"kind":..,...,"prev":"<hex>","hash":"<hex>"}. hash is the
 * SHA-256 of the line's bytes before `,"hash":`; prev is the hash of the record before (64 zeros
 * for the first). A line that a crash left half written stays where it is and is vouched for by
 * a "torn" record right after it. Several programs may append to one file: each append locks it.
 */
#ifndef SITREP_INCIDENT_AUDIT_H
#define SITREP_INCIDENT_AUDIT_H

#include <stdint.h>

#include <jansson.h>

#include "core/err.h"

struct audit;

#define AUDIT_FILE "audit.jsonl"
#define AUDIT_DRILLS_FILE "drills.jsonl"   /* what is done to simulated systems */

/* $XDG_STATE_HOME/sitrep/NAME; caller frees. NULL when there is no home. */
char *audit_state_path(const char *name);
/* Opens for appending (0600), creating folders; NULL path = $XDG_STATE_HOME/sitrep/audit.jsonl.
 * NULL with err when it cannot be written, or its last record is not one of ours. */
struct audit *audit_open(const char *path, struct err *err);
void audit_close(struct audit *audit);
const char *audit_path(const struct audit *audit);
/* Appends one record: takes over fields; adds seq, at, user, host, pid, prev, hash; fsyncs. */
int audit_write(struct audit *audit, const char *kind, json_t *fields, struct err *err);

struct audit_summary {
	uint64_t records;
	uint64_t torn;             /* half-written lines, each vouched for by the record after it */
};
/* Checks the whole chain. -EBADMSG names the first bad line and what is wrong with it. NULL path
 * as above. */
int audit_verify(const char *path, struct audit_summary *ret, struct err *err);

#endif

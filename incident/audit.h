/*
 * incident/audit.h: who did what, why and how it ended, as hash-chained JSON Lines. The intent
 * is synced to disk before the first byte leaves; refusals and cancels are recorded too.
 */
#ifndef SITREP_INCIDENT_AUDIT_H
#define SITREP_INCIDENT_AUDIT_H

#include <stdint.h>

#include <jansson.h>

#include "core/err.h"

struct audit;

/* Opens for appending (0600), creating folders; NULL path = $XDG_STATE_HOME/sitrep/audit.jsonl. */
struct audit *audit_open(const char *path, struct err *err);
void audit_close(struct audit *audit);
/* Appends one record: takes over fields; adds seq, at, user, host, pid, prev, hash; fsyncs. */
int audit_write(struct audit *audit, const char *kind, json_t *fields, struct err *err);
/* Checks the whole chain. 0 with the count, or -EBADMSG naming the first bad line. */
int audit_verify(const char *path, uint64_t *ret_records, struct err *err);

#endif

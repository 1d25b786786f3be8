/* incident/audit_chain.h: the form of one audit line and its link to the one before. Private. */
#ifndef SITREP_INCIDENT_AUDIT_CHAIN_H
#define SITREP_INCIDENT_AUDIT_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/buf.h"
#include "core/err.h"

#define CHAIN_HASH_TEXT 65         /* 64 hex digits and a NUL */
#define CHAIN_LINE_MAX 65536       /* bytes of one record */
#define CHAIN_KIND_TORN "torn"

/* The end of a chain: what the next record hangs on. */
struct chain_tail {
	uint64_t seq;                      /* of the last whole record; 0 = none */
	char hash[CHAIN_HASH_TEXT];        /* of the last whole record */
	uint64_t torn_len;                 /* bytes after the last newline; 0 = none */
	char torn_hash[CHAIN_HASH_TEXT];   /* their SHA-256 */
};

void chain_hash(const void *data, size_t len, char hash[CHAIN_HASH_TEXT]);
void chain_tail_start(struct chain_tail *tail);
/* Reads the end of the file. -EBADMSG when the last line is not a record of ours. */
int chain_tail_read(int fd, const char *path, struct chain_tail *tail, struct err *err);
/* Adds prev and hash to record and appends the whole line; the tail moves on. */
int chain_line(struct buf *line, json_t *record, struct chain_tail *tail, struct err *err);
/* Splits a line (without newline) into its parts and checks its own hash. New reference in
 * *ret_record; hash gets its hash. */
int chain_parse(const char *line, size_t len, json_t **ret_record, char hash[CHAIN_HASH_TEXT],
		struct err *err);

#endif

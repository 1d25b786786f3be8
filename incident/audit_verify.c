/* incident/audit_verify.c: walking the whole chain; see audit.h */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "incident/audit.h"
#include "incident/audit_chain.h"

/* A walk along the chain. */
struct walk {
	struct chain_tail tail;
	struct audit_summary sum;
	uint64_t line;
	uint64_t pending_line;     /* a line that is no record, waiting for its "torn" record */
	uint64_t pending_len;
	char pending_hash[CHAIN_HASH_TEXT];
	struct err pending_err;
};

static int check_link(const struct walk *walk, const json_t *record, struct err *err)
{
	const char *prev = json_string_value(json_object_get(record, "prev"));
	json_int_t seq = json_integer_value(json_object_get(record, "seq"));

	if (!prev || strcmp(prev, walk->tail.hash))
		return err_set(err, -EBADMSG, "it does not hang on the record before it: a record "
			       "has been removed, added or moved");
	if (seq != (json_int_t)walk->tail.seq + 1)
		return err_set(err, -EBADMSG, "its number is %" JSON_INTEGER_FORMAT " where %"
			       PRIu64 " should follow", seq, walk->tail.seq + 1);
	return 0;
}

/* The pending line is only half a record if the next one vouches for exactly its bytes. */
static bool vouched(const struct walk *walk, const json_t *record)
{
	const char *kind = json_string_value(json_object_get(record, "kind"));
	const char *hash = json_string_value(json_object_get(record, "torn_hash"));
	json_int_t len = json_integer_value(json_object_get(record, "torn_bytes"));

	return kind && strcmp(kind, CHAIN_KIND_TORN) == 0 && hash &&
	       strcmp(hash, walk->pending_hash) == 0 && len == (json_int_t)walk->pending_len;
}

static int bad(struct err *err, uint64_t line, const struct err *why)
{
	return err_set(err, -EBADMSG, "line %" PRIu64 ": %s", line, why->text);
}

static int walk_line(struct walk *walk, const char *text, size_t len, struct err *err)
{
	char hash[CHAIN_HASH_TEXT];
	struct err why = ERR_INIT;
	json_t *record;
	int rc;

	walk->line++;
	if (chain_parse(text, len, &record, hash, &why)) {
		if (walk->pending_line)
			return bad(err, walk->pending_line, &walk->pending_err);
		walk->pending_line = walk->line;
		walk->pending_len = len;
		walk->pending_err = why;
		chain_hash(text, len, walk->pending_hash);
		return 0;
	}
	rc = check_link(walk, record, &why);
	if (walk->pending_line && !vouched(walk, record))
		rc = bad(err, walk->pending_line, &walk->pending_err);
	else if (rc)
		rc = bad(err, walk->line, &why);
	else if (walk->pending_line)
		walk->sum.torn++;
	json_decref(record);
	if (rc)
		return rc;
	walk->pending_line = 0;
	walk->sum.records++;
	walk->tail.seq++;
	memcpy(walk->tail.hash, hash, sizeof(hash));
	return 0;
}

static int walk_file(FILE *file, struct walk *walk, struct err *err)
{
	char *line = xmalloc(CHAIN_LINE_MAX + 1);
	int rc = 0;

	while (rc == 0 && fgets(line, CHAIN_LINE_MAX + 1, file)) {
		size_t len = strlen(line);

		if (len && line[len - 1] == '\n')
			rc = walk_line(walk, line, len - 1, err);
		else if (feof(file))
			rc = err_set(err, -EBADMSG, "line %" PRIu64 ": half written, as after a "
				     "crash or a full disk; everything before it is whole",
				     walk->line + 1);
		else
			rc = err_set(err, -EBADMSG, "line %" PRIu64 ": longer than any record, or "
				     "holds a zero byte", walk->line + 1);
	}
	if (rc == 0 && ferror(file))
		rc = err_set(err, -EIO, "cannot be read to its end");
	if (rc == 0 && walk->pending_line)
		rc = bad(err, walk->pending_line, &walk->pending_err);
	free(line);
	return rc;
}

int audit_verify(const char *path, struct audit_summary *ret, struct err *err)
{
	struct walk walk = {0};
	char *own = path ? xstrdup(path) : audit_state_path(AUDIT_FILE);
	FILE *file = own ? fopen(own, "re") : NULL;
	int rc;

	if (!file) {
		rc = own && errno == ENOENT
		     ? err_set(err, -ENOENT, "there is no audit file %s; the first action begins it", own)
		     : err_set(err, -errno, "cannot open the audit file %s: %s", own ? own : "",
			       strerror(errno));
		free(own);
		return rc;
	}
	chain_tail_start(&walk.tail);
	rc = walk_file(file, &walk, err);
	fclose(file);
	if (rc)
		err_prefix(err, "%s", own);
	else
		*ret = walk.sum;
	free(own);
	return rc;
}

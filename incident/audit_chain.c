/* incident/audit_chain.c: see audit_chain.h */
#include "incident/audit_chain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "core/alloc.h"

/* A line ends with ,"hash":"<64 hex>"} and the hash covers what stands before that. */
static const char hash_key[] = ",\"hash\":\"";
#define HASH_SUFFIX_LEN (sizeof(hash_key) - 1 + 64 + 2)

void chain_hash(const void *data, size_t len, char hash[CHAIN_HASH_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned int raw_len = 0;
	unsigned int i;

	if (!EVP_Digest(data, len, raw, &raw_len, EVP_sha256(), NULL))
		raw_len = 0;
	for (i = 0; i < raw_len && i < 32; i++) {
		hash[2 * i] = digits[raw[i] >> 4];
		hash[2 * i + 1] = digits[raw[i] & 15];
	}
	hash[2 * i] = '\0';
}

void chain_tail_start(struct chain_tail *tail)
{
	memset(tail, 0, sizeof(*tail));
	memset(tail->hash, '0', CHAIN_HASH_TEXT - 1);
}

int chain_line(struct buf *line, json_t *record, struct chain_tail *tail, struct err *err)
{
	char hash[CHAIN_HASH_TEXT];
	char *text;
	int rc;

	json_object_set_new(record, "prev", json_string(tail->hash));
	json_object_del(record, "hash");
	text = json_dumps(record, JSON_COMPACT | JSON_ENSURE_ASCII);
	if (!text)
		return err_set(err, -EINVAL, "the audit record cannot be written as JSON");
	text[strlen(text) - 1] = '\0';
	chain_hash(text, strlen(text), hash);
	rc = buf_printf(line, "%s%s%s\"}\n", text, hash_key, hash);
	free(text);
	if (rc || line->len > CHAIN_LINE_MAX - 1)
		return err_set(err, -EMSGSIZE, "the audit record is longer than %d bytes",
			       CHAIN_LINE_MAX - 1);
	tail->seq++;
	memcpy(tail->hash, hash, sizeof(hash));
	tail->torn_len = 0;
	return 0;
}

int chain_parse(const char *line, size_t len, json_t **ret_record, char hash[CHAIN_HASH_TEXT],
		struct err *err)
{
	char own[CHAIN_HASH_TEXT];
	const char *suffix;
	json_error_t why;
	json_t *record;

	if (len < HASH_SUFFIX_LEN + 2)
		return err_set(err, -EBADMSG, "not a whole record");
	suffix = line + len - HASH_SUFFIX_LEN;
	if (memcmp(suffix, hash_key, sizeof(hash_key) - 1) || memcmp(line + len - 2, "\"}", 2))
		return err_set(err, -EBADMSG, "not a whole record: it does not end with its hash");
	memcpy(hash, suffix + sizeof(hash_key) - 1, CHAIN_HASH_TEXT - 1);
	hash[CHAIN_HASH_TEXT - 1] = '\0';
	chain_hash(line, len - HASH_SUFFIX_LEN, own);
	if (strcmp(own, hash))
		return err_set(err, -EBADMSG, "its text does not fit its hash: it was changed");
	record = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
	if (!record || !json_is_object(record)) {
		json_decref(record);
		return err_set(err, -EBADMSG, "not JSON: %s", why.text);
	}
	*ret_record = record;
	return 0;
}

/* Where the last newline of the first size bytes of text stands, or -1. */
static ssize_t last_newline(const char *text, size_t size)
{
	const char *found = memrchr(text, '\n', size);

	return found ? found - text : -1;
}

static int tail_of(const char *text, size_t len, bool whole, struct chain_tail *tail,
		   struct err *err)
{
	ssize_t end = last_newline(text, len);
	ssize_t start;
	json_t *record;
	int rc;

	if (end < 0 && !whole)
		return err_set(err, -EBADMSG, "its last line is too long for a record");
	tail->torn_len = len - (size_t)(end + 1);
	if (tail->torn_len)
		chain_hash(text + end + 1, tail->torn_len, tail->torn_hash);
	if (end < 0)
		return 0;
	start = last_newline(text, (size_t)end) + 1;
	if (start == 0 && !whole)
		return err_set(err, -EBADMSG, "its last line is too long for a record");
	rc = chain_parse(text + start, (size_t)(end - start), &record, tail->hash, err);
	if (rc)
		return rc;
	tail->seq = (uint64_t)json_integer_value(json_object_get(record, "seq"));
	json_decref(record);
	return 0;
}

int chain_tail_read(int fd, const char *path, struct chain_tail *tail, struct err *err)
{
	struct stat st;
	size_t want, have = 0;
	char *text;
	int rc = 0;

	chain_tail_start(tail);
	if (fstat(fd, &st))
		return err_set(err, -errno, "cannot read the audit file %s: %s", path,
			       strerror(errno));
	if (st.st_nlink == 0)
		return err_set(err, -ESTALE, "the audit file %s has been removed", path);
	want = st.st_size > 2 * CHAIN_LINE_MAX ? 2 * CHAIN_LINE_MAX : (size_t)st.st_size;
	text = xmalloc(want);
	while (have < want) {
		ssize_t got = pread(fd, text + have, want - have,
				    st.st_size - (off_t)want + (off_t)have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	if (have < want)
		rc = err_set(err, -EIO, "cannot read the end of the audit file %s", path);
	else if (have && tail_of(text, have, have == (size_t)st.st_size, tail, err))
		rc = err_prefix(err, "the audit file %s cannot be added to (sitrep audit verify "
				"tells more)", path);
	free(text);
	return rc;
}

/* backends/kube/split.c: see split.h. A scanner that knows strings, nesting and the last key. */
#include "backends/kube/split.h"

#include <errno.h>
#include <string.h>

#define DEPTH_MAX 256
#define KEEP_BYTES (64 * 1024)

void split_init(struct split *split, enum split_mode mode, void *arg)
{
	memset(split, 0, sizeof(*split));
	split->mode = mode;
	split->arg = arg;
	split->buf.max = SPLIT_OBJECT_MAX;
}

void split_release(struct split *split)
{
	buf_release(&split->buf);
}

bool split_complete(const struct split *split)
{
	return split->ended && split->has_items && !split->broken;
}

static int fail(struct split *split, int rc)
{
	split->broken = true;
	buf_release(&split->buf);
	return rc;
}

static bool collecting(const struct split *split)
{
	return split->capture_depth != 0;
}

static bool key_is(const struct split *split, const char *key)
{
	return split->expect_value && split->key_len == strlen(key) &&
	       !memcmp(split->key, key, split->key_len);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Is the member whose colon has just passed one that nobody reads? */
static bool unread(const struct split *split)
{
	const char *const *key;

	if (!collecting(split) || !split->key_len)
		return false;
	for (key = split->skip; key && *key; key++)
		if (**key == split->key[0] && key_is(split, *key))
			return true;
	return !split->keep_managed && key_is(split, "managedFields");
}

/* Does the bracket that has just opened begin something we collect? */
static bool begins_capture(struct split *split, char bracket)
{
	if (split->mode == SPLIT_STREAM)
		return split->depth == 1;
	if (split->in_items)
		return split->depth == 3;
	if (split->depth == 2 && bracket == '{' &&
	    key_is(split, split->meta_key ? split->meta_key : "metadata")) {
		split->capturing_meta = true;
		return true;
	}
	return false;
}

/* Is it the value of a list's own "items" that begins now? */
static bool is_items(const struct split *split)
{
	return split->mode == SPLIT_LIST && split->depth == 1 && key_is(split, "items");
}

static int open_bracket(struct split *split, char bracket)
{
	if (split->depth == DEPTH_MAX || (!split->depth && bracket == '['))
		return -EBADMSG;
	if (is_items(split) && bracket == '{')
		return -EBADMSG;
	split->depth++;
	split->started = true;
	if (!collecting(split) && begins_capture(split, bracket))
		split->capture_depth = split->depth;
	else if (!collecting(split) && split->depth == 2 && bracket == '[' &&
		 key_is(split, "items"))
		split->in_items = true;
	split->expect_value = false;
	split->key_len = 0;
	return collecting(split) ? buf_append(&split->buf, &bracket, 1) : 0;
}

static void hand_over(struct split *split)
{
	split->capture_depth = 0;
	if (split->capturing_meta) {
		split->capturing_meta = false;
		if (split->meta)
			split->meta(split->arg, split->buf.data, split->buf.len);
	} else {
		split->object(split->arg, split->buf.data, split->buf.len);
	}
	buf_clear(&split->buf);
	buf_shrink(&split->buf, KEEP_BYTES);
}

/* A dropped last member leaves the comma before it behind. */
static void drop_comma(struct buf *buf)
{
	size_t len = buf->len;

	while (len > 0 && is_space(buf->data[len - 1]))
		len--;
	if (len > 0 && buf->data[len - 1] == ',')
		buf->len = len - 1;
}

static int close_bracket(struct split *split, char bracket)
{
	int depth = split->depth--;
	int rc;

	if (depth < 1)
		return -EBADMSG;
	split->expect_value = false;
	if (collecting(split)) {
		drop_comma(&split->buf);
		rc = buf_append(&split->buf, &bracket, 1);
		if (!rc && split->capture_depth == depth)
			hand_over(split);
		return rc;
	}
	if (depth == 2 && split->in_items)
		split->in_items = false;
	if (depth == 1)
		split->ended = true;
	return 0;
}

/* Length of the string's rest: up to its closing quote, or all of it when that is yet to come. */
static size_t string_run(struct split *split, const char *bytes, size_t len)
{
	size_t at = split->escaped ? 1 : 0;

	split->escaped = false;
	while (at < len) {
		const char *quote = memchr(bytes + at, '"', len - at);
		size_t end = quote ? (size_t)(quote - bytes) : len;
		const char *slash = memchr(bytes + at, '\\', end - at);

		if (!slash)
			return end;
		at = (size_t)(slash - bytes) + 2;
	}
	split->escaped = at > len;
	return len;
}

/* Bytes of a string up to its end or the end of the input; returns how many were taken. */
static size_t take_string(struct split *split, const char *bytes, size_t len, int *rc)
{
	size_t used = string_run(split, bytes, len);

	if (split->is_key) {
		size_t room = sizeof(split->key) - split->key_len;

		memcpy(split->key + split->key_len, bytes, used < room ? used : room);
		split->key_len += used < room ? used : room;
	}
	if (used < len) {
		split->in_string = false;
		used++;
	}
	if (collecting(split))
		*rc = buf_append(&split->buf, bytes, used);
	return used;
}

/* Bytes of the member being dropped, up to the comma behind it or its object's end. */
static size_t take_dropped(struct split *split, const char *bytes, size_t len, int *rc)
{
	size_t at = 0;

	while (at < len && !*rc) {
		char c = bytes[at];

		if (split->in_string) {
			at += string_run(split, bytes + at, len - at);
			split->in_string = at == len;
			at += at < len;
			continue;
		}
		if (split->depth == split->drop_depth && (c == ',' || c == '}' || c == ']')) {
			split->drop_depth = 0;
			split->expect_value = false;
			return at + (c == ',');
		}
		if (c == '"')
			split->in_string = true;
		else if (c == '{' || c == '[')
			*rc = ++split->depth > DEPTH_MAX ? -EBADMSG : 0;
		else if (c == '}' || c == ']')
			split->depth--;
		at++;
	}
	return at;
}

/* Numbers, words, commas, colons: a run up to the next string or bracket. */
static size_t take_plain(struct split *split, const char *bytes, size_t len, int *rc)
{
	size_t used = 0;

	for (; used < len; used++) {
		char c = bytes[used];

		if (c == '"' || c == '{' || c == '[' || c == '}' || c == ']')
			break;
		if (c == ':') {
			split->expect_value = true;
			split->has_items = split->has_items || is_items(split);
			if (unread(split)) {
				split->buf.len = split->key_at;
				split->drop_depth = split->depth;
				return used + 1;
			}
		} else if (c == ',') {
			split->expect_value = false;
		} else if (!split->depth && !is_space(c)) {
			*rc = -EBADMSG;
		}
	}
	if (!*rc && collecting(split))
		*rc = buf_append(&split->buf, bytes, used);
	return used;
}

static int begin_string(struct split *split)
{
	if (!split->depth || is_items(split))
		return -EBADMSG;
	split->in_string = true;
	split->is_key = !split->expect_value;
	if (split->is_key) {
		split->key_len = 0;
		split->key_at = split->buf.len;
	}
	return collecting(split) ? buf_append(&split->buf, "\"", 1) : 0;
}

int split_feed(struct split *split, const char *bytes, size_t len)
{
	size_t at = 0;
	int rc = 0;

	if (split->broken)
		return -EBADMSG;
	while (at < len && !rc) {
		char c = bytes[at];

		if (split->drop_depth) {
			at += take_dropped(split, bytes + at, len - at, &rc);
		} else if (split->in_string) {
			at += take_string(split, bytes + at, len - at, &rc);
		} else if (c == '"') {
			rc = begin_string(split);
			at++;
		} else if (c == '{' || c == '[') {
			rc = split->ended && split->mode == SPLIT_LIST ? -EBADMSG
								       : open_bracket(split, c);
			at++;
		} else if (c == '}' || c == ']') {
			rc = close_bracket(split, c);
			at++;
		} else {
			at += take_plain(split, bytes + at, len - at, &rc);
		}
	}
	return rc ? fail(split, rc) : 0;
}

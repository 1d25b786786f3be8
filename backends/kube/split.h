/*
 * backends/kube/split.h: cuts a stream of JSON into its objects as it arrives, so that a list of
 * 20,000 pods is never held as text or tree: only the object at hand is. The bytes of every
 * "managedFields" array (they are half of most objects), and of what else nobody here reads, are
 * dropped on the way.
 */
#ifndef SITREP_BACKENDS_KUBE_SPLIT_H
#define SITREP_BACKENDS_KUBE_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

#define SPLIT_OBJECT_MAX (4 * 1024 * 1024)
#define SPLIT_KEY_MAX 31

enum split_mode {
	SPLIT_LIST,    /* one {"metadata": {...}, "items": [{...}, ...]} */
	SPLIT_STREAM,  /* {...}\n{...}\n, as watches send */
};

struct split {
	enum split_mode mode;
	/* An element of items, or a whole object of the stream. */
	void (*object)(void *arg, const char *json, size_t len);
	/* The list's own metadata (or the member called meta_key), as soon as it is whole. May be NULL. */
	void (*meta)(void *arg, const char *json, size_t len);
	void *arg;
	const char *meta_key;      /* NULL = "metadata" */
	/* Members that nobody reads, at whatever depth, NULL-terminated; NULL = none. Keys of at most
	 * SPLIT_KEY_MAX bytes. managedFields always goes. */
	const char *const *skip;
	bool keep_managed;         /* managedFields stays: it tells who changed what when */

	/* private */
	struct buf buf;            /* the object being collected */
	int depth;
	int capture_depth;         /* depth at which collecting began; 0 = not collecting */
	int drop_depth;            /* depth of the object one of whose members is being dropped; 0 */
	size_t key_at;             /* where in buf the last key begins */
	bool in_string, escaped, is_key, in_items, capturing_meta;
	bool expect_value;         /* between a key's colon and its value */
	char key[SPLIT_KEY_MAX + 1];   /* the last key, cut to size */
	size_t key_len;
	bool started, ended, broken, has_items;
};

void split_init(struct split *split, enum split_mode mode, void *arg);
/* 0; -EBADMSG for what isn't JSON of that shape, -EMSGSIZE for an object over the ceiling.
 * After an error the splitter stays broken. */
int split_feed(struct split *split, const char *bytes, size_t len);
/* Whether a list has arrived whole; an object without items is none. */
bool split_complete(const struct split *split);
void split_release(struct split *split);

#endif

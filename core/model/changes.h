/*
 * core/model/changes.h: what changed lately, from whatever knows it: one list, newest first. It is
 * worked out from the situation anew each time, so it also tells what happened before we looked.
 */
#ifndef SITREP_CORE_MODEL_CHANGES_H
#define SITREP_CORE_MODEL_CHANGES_H

#include <stddef.h>
#include <stdint.h>

struct situation;

enum change_kind {
	CHANGE_ROLLOUT,        /* a new revision of a deployment, a job */
	CHANGE_CONFIG,         /* a ConfigMap */
	CHANGE_NODE,           /* a node's condition, a node that joined */
	CHANGE_RESTART,        /* a container ended and was started again */
	CHANGE_WARNING,        /* a Warning event */
	CHANGE_VENDOR,         /* a vendor's incident or maintenance began */
	CHANGE_KINDS
};
const char *change_kind_name(enum change_kind kind);       /* "rollout", "config", ... */

#define CHANGES_EVERY ((1u << CHANGE_KINDS) - 1)

struct change {
	int64_t at_ms;             /* wall */
	enum change_kind kind;
	char about[160];           /* "deployment/shop/api", "node/n1", "vendor/cloudflare" */
	char text[200];            /* "revision 7: registry.example/api:2.8.0" */
};

struct changes {
	struct change *items;      /* owned; newest first */
	size_t len;
	size_t total;              /* before the ceiling */
};

/* Those since then, of the kinds in the mask (1 << kind), the newest max of them. The same thing
 * told twice in one minute is told once. Previous items are freed. */
void changes_collect(struct changes *changes, const struct situation *sit, int64_t since_ms,
		     unsigned int kinds, size_t max);
void changes_release(struct changes *changes);

#endif

/*
 * core/model/storage.h: persistent volumes and the claims on them, and the node that a volume is
 * pinned to: what stands there cannot move.
 */
#ifndef SITREP_CORE_MODEL_STORAGE_H
#define SITREP_CORE_MODEL_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"

struct intern;
struct nodes;

enum volume_kind { VOLUME_CLAIM, VOLUME_DISK, VOLUME_KINDS };
const char *volume_kind_name(enum volume_kind kind);       /* "persistentvolumeclaim", ... */

struct volume {
	enum volume_kind kind;
	char *name;                /* owned, as every char * here */
	const char *ns;            /* interned, as every const char * here; "" for a disk */
	const char *phase;         /* Bound, Pending, Lost, Available, Released, Failed */
	const char *class;         /* storage class */
	const char *policy;        /* disk: Retain, Delete */
	const char *node;          /* disk: pinned to it; claim: chosen for it; NULL = none */
	char *other;               /* claim: its disk's name; disk: its claim as "ns/name"; "" */
	char *reason;              /* disk: why it is in its phase; "" */
	int64_t bytes;             /* capacity, or what is asked for; -1 = unknown */
	int64_t created_ms;
	bool deleting;
	bool seen;
};

struct storage {
	struct freshness fresh[VOLUME_KINDS];
	bool complete[VOLUME_KINDS];
	struct volume **items;     /* sorted by (kind, ns, name) */
	size_t len, cap;
};

struct volume *storage_find(const struct storage *storage, enum volume_kind kind, const char *ns,
			    const char *name);
/* Finds or adds; ns "" for disks. */
struct volume *storage_get(struct storage *storage, struct intern *strings, enum volume_kind kind,
			   const char *ns, const char *name);
bool storage_remove(struct storage *storage, struct intern *strings, enum volume_kind kind,
		    const char *ns, const char *name);
/* As for pods, for one kind. */
void storage_unmark(struct storage *storage, enum volume_kind kind, const char *ns);
void storage_sweep(struct storage *storage, struct intern *strings, enum volume_kind kind,
		   const char *ns);
void storage_clear(struct storage *storage, struct intern *strings);

/* The node that its data stands on: a claim's through its disk. NULL = none, or not known. */
const char *volume_node(const struct storage *storage, const struct volume *volume);
/* What is wrong with it, for people; "" = nothing. A claim that waits for its first pod is well. */
const char *volume_trouble(const struct storage *storage, const struct nodes *nodes,
			   const struct volume *volume, char *buf, size_t size);

#endif

/*
 * core/trust.h: a peer whose key nobody here knows yet. It is shown, and kept only when the person
 * has said so; a key that differs from a known one is never offered.
 */
#ifndef SITREP_CORE_TRUST_H
#define SITREP_CORE_TRUST_H

#include <stdbool.h>

#include "core/err.h"

struct trust_key {
	char type[64];             /* "ssh-ed25519" */
	char fingerprint[64];      /* "SHA256:..." as ssh-keygen -l says it */
	char file[1024];           /* where it would be kept */
};

/* All are called from the loop. After failed() or kept() nothing more comes. */
struct trust_events {
	void (*shown)(void *arg, const struct trust_key *key);
	void (*kept)(void *arg);
	void (*failed)(void *arg, const char *text);
	void *arg;
};

struct trust;

struct trust_ops {
	/* Is that node's machine one whose key is not known? */
	bool (*can)(void *self, const char *node);
	/* Asks the machine for its key. NULL with err. */
	struct trust *(*start)(void *self, const char *node, const struct trust_events *events,
			       struct err *err);
	/* The person has said yes: asks once more, and keeps it if it is still the same. Only after
	 * shown(), once. */
	void (*keep)(struct trust *trust);
	/* MUST, also after failed() and kept(): ends it silently, frees it. */
	void (*close)(struct trust *trust);
};

#endif

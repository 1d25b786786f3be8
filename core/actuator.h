/*
 * core/actuator.h: the far side of the one guarded door. A backend that can change the outside
 * offers one actuator; the ladder in incident/ is the only caller. In read-only mode none exists.
 *
 * All calls are asynchronous: they return 0 and call back exactly once from the loop, or return
 * -errno and never call back. A reply's strings belong to the actuator and hold during the call.
 */
#ifndef SITREP_CORE_ACTUATOR_H
#define SITREP_CORE_ACTUATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

#define ACT_PARAMS_MAX 6

struct act_target {
	char kind[16];             /* "deployment", "daemonset", "statefulset", "pod", "node", "redis" */
	char ns[64];               /* "" when the kind has none */
	char name[254];            /* "" for redis: there is one */
	char uid[40];              /* precondition where the API takes one; "" = none */
};

struct act_param {
	char key[24];
	char value[256];
};

/* One thing to do. Plain data: may be copied. */
struct act_request {
	char verb[32];             /* "rollout-restart", "redis-set-policy", ... */
	struct act_target target;
	struct act_param params[ACT_PARAMS_MAX];
	int nparams;
};

const char *act_param(const struct act_request *request, const char *key);   /* NULL if absent */
int act_param_set(struct act_request *request, const char *key, const char *value); /* -E2BIG */
/* "deployment/ns/name", "node/name", "redis"; -EINVAL with text. */
int act_target_parse(struct act_target *target, const char *text, struct err *err);
const char *act_target_text(const struct act_target *target, char *buf, size_t size);

struct act_reply {
	int rc;                    /* 0; -EACCES refused by rights; -EPERM read-only; -ECANCELED; ... */
	char text[512];            /* the server's own words, or a sentence */
	int64_t count;             /* preview: how many things it touches; act: how many it did; -1 */
	struct act_request undo;   /* verb "" when there is no undo; filled from what was there before */
	bool partial;              /* progress, more replies follow (act only) */
};

typedef void (*act_cb)(void *arg, const struct act_reply *reply);

/* Each call that gave 0 is answered for good exactly once; when its backend stops first, with
 * -ECANCELED. */
struct actuator_ops {
	const char *name;                  /* "kube", "redis" */
	const char *const *verbs;          /* NULL-terminated */
	/* May we? rc 0 = yes, -EACCES = no and text says which right is missing. Writes nothing. */
	int (*rights)(void *self, const struct act_request *request, act_cb cb, void *arg);
	/* What would happen: server-side dry run where there is one, counts, current values.
	 * text has one line per fact. Writes nothing. */
	int (*preview)(void *self, const struct act_request *request, act_cb cb, void *arg);
	/* Do it. May call back with partial replies first. */
	int (*act)(void *self, const struct act_request *request, act_cb cb, void *arg);
	/* Stop what can be stopped; the act callback then comes with -ECANCELED. */
	void (*cancel)(void *self);
};

struct actuator {
	const struct actuator_ops *ops;
	void *self;
};

#define ACTUATORS_MAX 8

/* The program's one list. Empty in read-only mode. */
struct actuators {
	struct actuator items[ACTUATORS_MAX];
	int len;
};

const struct actuator *actuators_find(const struct actuators *all, const char *verb);

#endif

/*
 * backends/kube/act.h: one action (or its preview) on its way through a row of requests. Private
 * to the kube backend's act_*.c and actuator.c.
 */
#ifndef SITREP_BACKENDS_KUBE_ACT_H
#define SITREP_BACKENDS_KUBE_ACT_H

#include <stdbool.h>

#include <jansson.h>

#include "backends/kube/kube.h"

struct kube_act;
typedef void (*act_step)(struct kube_act *act);

/* How one verb speaks to the API; const rows in actuator.c. */
struct kube_verb {
	const char *verb;
	const char *api_verb;          /* right that is needed */
	bool reads_object;             /* the object is fetched first */
	bool reads_sets;               /* and, for an undo, its replica sets */
	bool ask_budget;               /* the preview tells what an eviction would meet */
	/* Method, content type and body from what was read; false with act->reply filled. */
	bool (*build)(struct kube_act *act, struct kube_ask *ask, char **ret_body);
};

struct kube_act {
	struct kube *kube;
	struct kube_act *next;
	const struct kube_verb *verb;
	struct act_request request;
	bool dry;                      /* preview: dryRun=All, no claim, no event */
	bool changes;                  /* past the preview: the one action under way */
	bool cancelled;
	bool sent;                     /* the change itself has been asked for */
	act_cb cb;
	void *arg;
	struct http_call *call;
	struct buf body;
	void (*answered)(struct kube_act *act, const struct http_outcome *outcome);
	act_step then;                 /* what comes after a claim or an event */
	json_t *object;                /* as read */
	json_t *sets;                  /* list of replica sets, as read */
	char *collection;              /* "/apis/apps/v1/namespaces/x/deployments" */
	char notes[320];               /* what went not quite as hoped: no claim, no event */
	struct act_reply reply;
};

/* Send; the answer's body is in act->body when answered is called. */
void act_read(struct kube_act *act, const struct kube_ask *ask,
	      void (*answered)(struct kube_act *act, const struct http_outcome *outcome));
void act_write(struct kube_act *act, const struct kube_ask *ask,
	       void (*answered)(struct kube_act *act, const struct http_outcome *outcome));
json_t *act_answer(const struct kube_act *act);    /* the body as JSON, or NULL */
void act_end(struct kube_act *act, int rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Ends with what the server said; 403 becomes -EACCES and so on. */
void act_end_refused(struct kube_act *act, const struct http_outcome *outcome);
void act_note(struct kube_act *act, const char *text);

/* act_claim.c: the Lease that keeps two on-calls from doing the same, and the Event after. */
void act_claim(struct kube_act *act, act_step then);
void act_leave_event(struct kube_act *act, act_step then);

/* act_rollout.c */
bool build_restart(struct kube_act *act, struct kube_ask *ask, char **ret_body);
bool build_undo(struct kube_act *act, struct kube_ask *ask, char **ret_body);

#endif

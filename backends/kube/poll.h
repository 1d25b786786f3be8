/*
 * backends/kube/poll.h: what cannot be watched is asked for now and then: kubelet leases, the
 * metrics API, the server's version, the other API servers. One const row each in poll.c.
 */
#ifndef SITREP_BACKENDS_KUBE_POLL_H
#define SITREP_BACKENDS_KUBE_POLL_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "backends/http.h"
#include "backends/kube/split.h"
#include "core/model/control.h"

#define KUBE_POLLS 7

struct kube;
struct kube_poll_kind;

struct kube_poll {
	struct kube *kube;
	const struct kube_poll_kind *kind;
	uv_timer_t timer;
	struct http_call *call;
	struct split split;
	struct buf body;           /* of answers that aren't split, and of failures */
	bool broken;
	bool answered;             /* the last question was */
	struct api_services apis;  /* of the answer that is being read */
	struct snapshots snapshots;
	int turn;                  /* which of the other servers is next */
};

void kube_polls_start(struct kube *kube);
void kube_polls_stop(struct kube *kube, uv_close_cb closed);
/* Ask the servers that aren't in use now: the one that is has stopped being well. */
void kube_polls_others(struct kube *kube);
/* Ask everything again now. */
void kube_polls_refresh(struct kube *kube);

#endif

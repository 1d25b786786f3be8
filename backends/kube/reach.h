/*
 * backends/kube/reach.h: whether pods can be reached at all: one of each node's is asked for a path
 * through the API server's pod proxy, one request at a time, within a budget. Off unless
 * configured. A node whose pods nobody reaches while its kubelet is well has lost the overlay
 * network.
 */
#ifndef SITREP_BACKENDS_KUBE_REACH_H
#define SITREP_BACKENDS_KUBE_REACH_H

#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "backends/http.h"
#include "core/buf.h"

struct kube;

struct kube_reach {
	struct kube *kube;
	uv_timer_t timer;
	struct http_call *call;
	struct buf body;           /* of an answer that may be the API server's own */
	char node[254];            /* the one that is asked */
	int64_t began_ms;          /* monotonic */
	size_t got;                /* bytes of the answer under way */
	double tokens;             /* requests that may be sent now */
	int64_t refilled_ms;       /* monotonic */
	unsigned int turn;         /* which of a node's pods is next */
};

void kube_reach_start(struct kube_reach *reach, struct kube *kube);
void kube_reach_refresh(struct kube_reach *reach);
void kube_reach_stop(struct kube_reach *reach, uv_close_cb closed);

#endif

/*
 * backends/kube/disks.h: how full each node's disk is, from its kubelet's stats/summary through the
 * API server. One node after the other, so that each is asked once in the configured time. Off
 * unless configured: the right to proxy to nodes is a large one.
 */
#ifndef SITREP_BACKENDS_KUBE_DISKS_H
#define SITREP_BACKENDS_KUBE_DISKS_H

#include <stdbool.h>

#include <uv.h>

#include "backends/http.h"
#include "backends/kube/split.h"
#include "core/buf.h"

struct kube;

struct kube_disks {
	struct kube *kube;
	uv_timer_t timer;
	struct http_call *call;
	struct split split;
	struct buf failure;
	char node[254];            /* the one that is asked */
	bool read;                 /* its part of the answer has come */
	bool news;                 /* what is known has changed */
};

void kube_disks_start(struct kube_disks *disks, struct kube *kube);
void kube_disks_refresh(struct kube_disks *disks);
void kube_disks_stop(struct kube_disks *disks, uv_close_cb closed);

#endif

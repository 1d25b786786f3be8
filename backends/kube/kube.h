/* backends/kube/kube.h: the parts of one watched cluster, private to this folder. */
#ifndef SITREP_BACKENDS_KUBE_KUBE_H
#define SITREP_BACKENDS_KUBE_KUBE_H

#include "backends/backend.h"
#include "backends/kube/client.h"
#include "backends/kube/disks.h"
#include "backends/kube/logwatch.h"
#include "backends/kube/poll.h"
#include "backends/kube/reach.h"
#include "backends/kube/reflector.h"
#include "backends/kube/scrape.h"

struct query;
struct kube_act;

struct kube {
	const struct backend_env *env;
	struct kube_client client;
	struct reflector *reflectors;
	size_t nreflectors;
	bool reading, reading_all;     /* the early reflectors have been started, and the rest */
	uv_timer_t heartbeat;
	struct http_call *heartbeat_call;
	struct buf heartbeat_body; /* names what fails */
	int missed;                    /* heartbeats in a row */
	struct kube_poll polls[KUBE_POLLS];
	struct kube_scrape *scrapes;   /* never moved */
	size_t nscrapes;
	struct kube_disks disks;
	struct kube_reach reach;
	struct logwatch logwatch;
	struct query *queries;         /* running ones, a list */
	struct kube_act *acts;         /* reviews, previews and the action under way, a list */
	struct stream_way *ways;       /* port-forwards, a list */
	int closing;
};

extern const struct stream_way_ops kube_way;

extern const struct query_ops kube_queries;
extern const struct actuator_ops kube_actuator;

/* The one way a byte that changes the cluster can leave. NULL in read-only mode. */
struct http_call *kube_write(struct kube *kube, const struct kube_ask *ask);

void kube_queries_stop(struct kube *kube);
void kube_ways_stop(struct kube *kube);
void kube_acts_stop(struct kube *kube);

#endif

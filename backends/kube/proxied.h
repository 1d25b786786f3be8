/*
 * backends/kube/proxied.h: what became of a request that the API server passes on to a service, a pod
 * or a kubelet: whose answer it is, and whose fault when there is none.
 */
#ifndef SITREP_BACKENDS_KUBE_PROXIED_H
#define SITREP_BACKENDS_KUBE_PROXIED_H

#include <stddef.h>

#include "backends/http.h"

struct kube_client;

enum proxied {
	PROXIED_ANSWER,            /* of what stands behind, whatever its status */
	PROXIED_CLOSED,            /* its address is there and takes no connection */
	PROXIED_SILENT,            /* nothing comes back from it, or nothing to us within the time */
	PROXIED_NOBODY,            /* no such service, port or pod, or nobody ready behind it */
	PROXIED_REFUSED,           /* the API server doesn't let us */
	PROXIED_LOST,              /* the API server itself has failed */
};

/* body: the beginning of what came with a status of 400 or more. text gets one clause for people.
 * Source: k8s.io/apiserver, endpoints/handlers and kubernetes/pkg/registry/core: the server's own
 * failures are Status objects, "error trying to reach service: ..." among them. */
enum proxied proxied_judge(const struct http_outcome *outcome, const char *body, size_t len,
			   char *text, size_t size);

/* As kube_client_learn(), but silence and a 401 that come from behind the server aren't its fault. */
void proxied_learn(struct kube_client *client, const struct http_outcome *outcome);

#endif

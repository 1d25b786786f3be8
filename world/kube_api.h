/*
 * world/kube_api.h: what a request is about, and who answers it.
 */
#ifndef SITREP_WORLD_KUBE_API_H
#define SITREP_WORLD_KUBE_API_H

#include <stdbool.h>

#include "world/kube_http.h"
#include "world/resources.h"

enum shape { SHAPE_OBJECT, SHAPE_TABLE, SHAPE_PARTIAL };

struct target {
	enum resource_id res;
	char ns[64];          /* "" = all namespaces, or not namespaced */
	char name[254];       /* "" = the collection */
	char sub[32];         /* "" = the object itself */
	bool new_events;      /* events asked for as events.k8s.io/v1 */
	enum shape shape;     /* what the Accept header prefers */
};

int kube_handle(const struct request *request);

/* kube_status.c: errors as clients know them. */
int reply_status(const struct request *request, int code, const char *reason,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
int reply_not_found(const struct request *request, const struct target *target);
json_t *status_object(int code, const char *reason, const char *message);

/* kube_read.c */
int kube_get(const struct request *request, const struct target *target);
int kube_list(const struct request *request, const struct target *target);
/* An object (borrowed) in the shape the client wants; a new reference. */
json_t *kube_present(const struct target *target, json_t *object);

/* kube_watch.c */
int kube_watch(const struct request *request, const struct target *target);

/* kube_write.c */
int kube_create(const struct request *request, const struct target *target);
int kube_replace(const struct request *request, const struct target *target);
int kube_patch(const struct request *request, const struct target *target);
int kube_delete(const struct request *request, const struct target *target);
int kube_scale(const struct request *request, const struct target *target);
int kube_evict(const struct request *request, const struct target *target);
/* True for ?dryRun=All. */
bool request_dry(const struct request *request);

/* kube_logs.c */
int kube_logs(const struct request *request, const struct target *target);

/* kube_review.c: POST of access and identity reviews. */
int kube_review(const struct request *request, const char *kind);

/* kube_metrics.c: everything below /apis/metrics.k8s.io/v1beta1/. */
int kube_metrics(const struct request *request, const char *rest);

/* kube_health.c: /livez and /readyz, and what of them fails. */
int kube_health(const struct request *request, const char *name, const char *check);
bool kube_health_has(const char *name);
/* server NULL: of what stands before them all. etcd is well while it has a majority, and a node's own
 * member of it. */
void kube_health_set(struct kube_server *server, const char *name, bool well);
bool kube_health_is_well(const struct world *world, struct kube_server *server, const char *name);

/* kube_proxy.c: what services, pods and nodes answer themselves; -1 when the path is no such. */
int kube_proxy(const struct request *request);

/* kube_discovery.c; -1 when the path is not a discovery document. */
int kube_discovery(const struct request *request);

#endif

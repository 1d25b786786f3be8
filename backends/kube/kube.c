/*
 * backends/kube/kube.c: the cluster's backend: watches, a heartbeat that proves them, polls for
 * what cannot be watched, queries and the write door.
 */
#include "backends/kube/kube.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"

#define HEARTBEAT_DEADLINE_MS 3000
#define HEARTBEAT_AGAIN_MS 500
#define MISSED_IS_STALE 2

static bool wanted(const struct config *config)
{
	return config->kube.enabled;
}

static void all_failed(struct kube *kube, enum fresh_fault fault, const char *reason)
{
	struct situation *sit = kube->env->sit;
	size_t i;

	freshness_failed(&sit->cluster.fresh, fault, reason);
	freshness_failed(&sit->nodes.leases_fresh, fault, reason);
	freshness_failed(&sit->cluster.metrics_fresh, fault, reason);
	for (i = 0; i < kube->nreflectors; i++) {
		struct freshness *fresh = kube->reflectors[i].resource->fresh(sit);

		if (fresh->state != FRESH_REFUSED)
			freshness_failed(fresh, fault, reason);
	}
	situation_touch(sit, SECTION_CLUSTER | SECTION_NODES | SECTION_PODS | SECTION_WORKLOADS);
}

static void heartbeat_now(uv_timer_t *timer);

static void proven(struct kube *kube)
{
	struct situation *sit = kube->env->sit;
	enum fresh_state before = freshness_at(&sit->cluster.fresh, clock_wall_ms());
	size_t i;

	kube->missed = 0;
	freshness_proven(&sit->cluster.fresh, clock_wall_ms());
	for (i = 0; i < kube->nreflectors; i++) {
		reflector_proven(&kube->reflectors[i], clock_wall_ms());
		if (before != FRESH_OK)
			reflector_kick(&kube->reflectors[i]);
	}
	situation_touch(sit, SECTION_CLUSTER | (before != FRESH_OK ? SECTION_NODES | SECTION_PODS
								   | SECTION_WORKLOADS : 0));
}

static void on_heartbeat(void *arg, const struct http_outcome *outcome)
{
	struct kube *kube = arg;
	int64_t next = kube->env->config->kube.heartbeat_ms;

	kube->heartbeat_call = NULL;
	kube_client_learn(&kube->client, outcome);
	if (!outcome->rc && outcome->status < 300) {
		proven(kube);
	} else if (!outcome->rc) {
		all_failed(kube, outcome->fault, outcome->fault == FAULT_RIGHTS
			   ? "the API server refuses our credentials" : "the API server is not ready");
	} else {
		next = HEARTBEAT_AGAIN_MS * (kube->missed < 4 ? 1 : 4);
		if (++kube->missed >= MISSED_IS_STALE)
			all_failed(kube, outcome->fault, outcome->text);
	}
	uv_timer_start(&kube->heartbeat, heartbeat_now, (uint64_t)next, 0);
}

static void heartbeat_now(uv_timer_t *timer)
{
	struct kube *kube = timer->data;
	struct kube_ask ask = {
		.path = "/readyz", .total_ms = HEARTBEAT_DEADLINE_MS, .done = on_heartbeat,
		.arg = kube,
	};

	if (!kube->heartbeat_call)
		kube->heartbeat_call = kube_read(&kube->client, &ask);
}

/* What the person waits for has come: now everything else. */
static void start_the_rest(void *arg)
{
	struct kube *kube = arg;
	size_t i;

	for (i = 0; i < kube->nreflectors; i++)
		reflector_start(&kube->reflectors[i]);
	heartbeat_now(&kube->heartbeat);
	kube_polls_refresh(kube);
}

static void start_reading(struct kube *kube)
{
	size_t i;

	if (kube->reading)
		return;
	kube->reading = true;
	for (i = 0; i < kube->nreflectors; i++)
		if (kube->reflectors[i].resource->early)
			reflector_start(&kube->reflectors[i]);
	/* Also without that first page: a dead server must be seen as such. */
	uv_timer_start(&kube->heartbeat, heartbeat_now, HEARTBEAT_AGAIN_MS, 0);
}

static void on_credentials(void *arg)
{
	struct kube *kube = arg;
	size_t i;

	if (kube->client.credentials_error[0]) {
		all_failed(kube, FAULT_RIGHTS, kube->client.credentials_error);
		return;
	}
	start_reading(kube);
	for (i = 0; i < kube->nreflectors; i++)
		reflector_kick(&kube->reflectors[i]);
}

static void add_reflector(struct kube *kube, const struct kube_resource *res, const char *ns)
{
	reflector_init(&kube->reflectors[kube->nreflectors], &kube->client, res, ns);
	if (res->section == SECTION_PODS) {
		kube->reflectors[kube->nreflectors].first_page = start_the_rest;
		kube->reflectors[kube->nreflectors].first_page_arg = kube;
	}
	kube->nreflectors++;
}

static void make_reflectors(struct kube *kube)
{
	const struct strlist *spaces = &kube->env->config->kube.namespaces;
	const struct kube_resource *res;
	size_t count = 0, i;

	for (res = kube_resources; res->name; res++)
		count += res->namespaced && spaces->len ? spaces->len : 1;
	/* Reflectors hold their own addresses: the array is never moved. */
	kube->reflectors = xcalloc(count, sizeof(*kube->reflectors));
	for (res = kube_resources; res->name; res++) {
		if (!res->namespaced || !spaces->len) {
			add_reflector(kube, res, NULL);
			continue;
		}
		for (i = 0; i < spaces->len; i++)
			add_reflector(kube, res, spaces->items[i]);
	}
}

static int start(const struct backend_env *env, void **ret_self, struct err *err)
{
	struct kube *kube = xcalloc(1, sizeof(*kube));
	int rc;

	kube->env = env;
	rc = kube_client_start(&kube->client, env, on_credentials, kube, err);
	if (rc) {
		free(kube);
		return rc;
	}
	env->sit->cluster.fresh.max_age_ms = env->config->kube.stale_after_ms;
	make_reflectors(kube);
	uv_timer_init(env->loop, &kube->heartbeat);
	kube->heartbeat.data = kube;
	kube_polls_start(kube);
	logwatch_start(&kube->logwatch, kube);
	if (kube->client.credentials_ready)
		start_reading(kube);
	*ret_self = kube;
	return 0;
}

static struct kube *owner_of(uv_handle_t *handle);

static void closed(uv_handle_t *handle)
{
	struct kube *kube = owner_of(handle);

	if (--kube->closing)
		return;
	free(kube->reflectors);
	free(kube);
}

static void poll_closed(uv_handle_t *handle)
{
	struct kube_poll *poll = handle->data;

	handle->data = poll->kube;
	closed(handle);
}

static void reflector_closed(uv_handle_t *handle)
{
	struct reflector *ref = handle->data;

	handle->data = (char *)ref->client - offsetof(struct kube, client);
	closed(handle);
}

static void logwatch_closed(uv_handle_t *handle)
{
	struct logwatch *watch = handle->data;

	handle->data = watch->kube;
	closed(handle);
}

static void refresh_closed(uv_handle_t *handle)
{
	handle->data = (char *)handle->data - offsetof(struct kube, client);
	closed(handle);
}

static struct kube *owner_of(uv_handle_t *handle)
{
	return handle->data;
}

static void stop(void *self)
{
	struct kube *kube = self;
	size_t i;

	kube->closing = 3 + KUBE_POLLS + (int)kube->nreflectors;
	kube_queries_stop(kube);
	kube_acts_stop(kube);
	http_cancel(kube->heartbeat_call);
	uv_close((uv_handle_t *)&kube->heartbeat, closed);
	kube_polls_stop(kube, poll_closed);
	logwatch_stop(&kube->logwatch, logwatch_closed);
	for (i = 0; i < kube->nreflectors; i++)
		reflector_stop(&kube->reflectors[i], reflector_closed);
	uv_close((uv_handle_t *)&kube->client.refresh, refresh_closed);
	kube_client_stop(&kube->client);
}

static void refresh(void *self)
{
	struct kube *kube = self;
	size_t i;

	for (i = 0; i < kube->nreflectors; i++)
		reflector_kick(&kube->reflectors[i]);
	kube_polls_refresh(kube);
	uv_timer_start(&kube->heartbeat, heartbeat_now, 0, 0);
}

const struct backend_ops backend_kube = {
	.name = "kube",
	.wanted = wanted,
	.start = start,
	.stop = stop,
	.refresh = refresh,
	.actuator = &kube_actuator,
	.queries = &kube_queries,
};

/*
 * backends/kube/kube.c: the cluster's backend: watches, a heartbeat that proves them, polls for
 * what cannot be watched, queries and the write door.
 */
#include "backends/kube/kube.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"

#define HEARTBEAT_DEADLINE_MS 3000
#define HEARTBEAT_DOWN_DEADLINE_MS 9000 /* of one that is down: its checks of a silent etcd take 4 s */
#define HEARTBEAT_AGAIN_MS 500
#define HEARTBEAT_DOWN_MS 2000     /* between tries of a server that is known to be down */
#define MISSED_IS_STALE 2
#define HEAD_START_MS 200          /* of the list of pods before all the others */
#define HEARTBEAT_BODY_MAX 16384
#define FIRST_PAGE_MS 400          /* what waits for the first page waits no longer than this */

static bool wanted(const struct config *config)
{
	return config->kube.enabled;
}

static void all_failed(struct kube *kube, enum fresh_fault fault, const char *reason)
{
	struct situation *sit = kube->env->sit;
	bool well = sit->cluster.fresh.state == FRESH_OK;
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
	if (well)
		kube_polls_others(kube);
}

static void heartbeat_now(uv_timer_t *timer);

/* Returns whether all was well before. */
static bool proven(struct kube *kube)
{
	struct situation *sit = kube->env->sit;
	bool well = freshness_at(&sit->cluster.fresh, clock_wall_ms()) == FRESH_OK;
	size_t i;

	kube->missed = 0;
	kube->client.down = false;
	freshness_proven(&sit->cluster.fresh, clock_wall_ms());
	for (i = 0; i < kube->nreflectors; i++) {
		reflector_proven(&kube->reflectors[i], clock_wall_ms());
		if (!well)
			reflector_kick(&kube->reflectors[i]);
	}
	if (!well && kube->reading_all) {
		kube_polls_refresh(kube);
		kube_scrapes_refresh(kube);
		kube_disks_refresh(&kube->disks);
		kube_reach_refresh(&kube->reach);
	}
	situation_touch(sit, SECTION_CLUSTER);
	return well;
}

/* No answer: once may be chance, and another server address may know better. Twice is a fault, of
 * the server or of the connection; what is open on it must then not be proven by a heartbeat on
 * another one. */
static void missed(struct kube *kube, const struct http_outcome *outcome)
{
	if (++kube->missed < MISSED_IS_STALE) {
		kube_client_move(&kube->client);
		return;
	}
	if (!kube->client.down)
		http_reset(kube->client.http);
	kube->client.down = true;
	all_failed(kube, outcome->fault, outcome->text);
	kube_client_move(&kube->client);
}

static void on_heartbeat_data(void *arg, long status, const char *bytes, size_t len)
{
	struct kube *kube = arg;

	(void)status;
	buf_append(&kube->heartbeat_body, bytes, len);
}

static void not_ready(struct kube *kube, const char *failing)
{
	char reason[160];

	snprintf(reason, sizeof(reason), "the API server says that it is not ready%s%.100s",
		 failing[0] ? ": " : "", failing);
	all_failed(kube, FAULT_SERVER, reason);
}

static void on_heartbeat(void *arg, const struct http_outcome *outcome)
{
	struct kube *kube = arg;
	int64_t next = kube->env->config->kube.heartbeat_ms;
	struct cluster_server *server = &kube->env->sit->cluster.servers[kube->client.current];

	kube->heartbeat_call = NULL;
	if (!outcome->rc)
		kube_failing_checks(kube->heartbeat_body.data, server->failing,
				    sizeof(server->failing));
	else if (outcome->rc != -ECONNABORTED)
		server->failing[0] = '\0';
	buf_clear(&kube->heartbeat_body);
	kube_client_learn(&kube->client, outcome);
	if (outcome->rc == -ECONNABORTED) {
		next = 0;
	} else if (outcome->rc || outcome->status == 429) {
		missed(kube, outcome);
		next = kube->missed < 4 ? HEARTBEAT_AGAIN_MS : HEARTBEAT_DOWN_MS;
	} else if (outcome->status == 401) {
		all_failed(kube, FAULT_RIGHTS, "the API server refuses our credentials");
	} else if (outcome->status >= 500) {
		not_ready(kube, server->failing);
	} else {
		/* Also a 403: whoever refuses a path is alive and well. After trouble, once more
		 * soon: what has just been opened again is proven by the next one. */
		if (!proven(kube))
			next = HEARTBEAT_AGAIN_MS;
	}
	uv_timer_start(&kube->heartbeat, heartbeat_now, (uint64_t)next, 0);
}

static void heartbeat_now(uv_timer_t *timer)
{
	struct kube *kube = timer->data;
	struct kube_ask ask = {
		.path = "/readyz", .total_ms = kube->client.down ? HEARTBEAT_DOWN_DEADLINE_MS
		: HEARTBEAT_DEADLINE_MS, .data = on_heartbeat_data, .done = on_heartbeat, .arg = kube,
	};

	if (!kube->heartbeat_call)
		kube->heartbeat_call = kube_read(&kube->client, &ask);
}

/* The person has what they wait for, or enough of it: now everything else. */
static void start_the_rest(void *arg)
{
	struct kube *kube = arg;
	size_t i;

	if (kube->reading_all)
		return;
	kube->reading_all = true;
	for (i = 0; i < kube->nreflectors; i++)
		reflector_start(&kube->reflectors[i]);
	heartbeat_now(&kube->heartbeat);
	kube_polls_refresh(kube);
	kube_scrapes_refresh(kube);
	kube_disks_refresh(&kube->disks);
	kube_reach_refresh(&kube->reach);
}

static void heartbeat_first(uv_timer_t *timer)
{
	/* Also without a first page: a dead or forbidding server must be seen as such. */
	start_the_rest(timer->data);
}

/* Pods are on the screen. The rest of them is asked for already and would only share the server
 * with everything else, so it gets a head start. */
static void await_the_rest(void *arg)
{
	struct kube *kube = arg;

	if (!kube->reading_all)
		uv_timer_start(&kube->heartbeat, heartbeat_first, HEAD_START_MS, 0);
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
	uv_timer_start(&kube->heartbeat, heartbeat_first, FIRST_PAGE_MS, 0);
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

/* One reflector, or one for each configured namespace. */
static void add_row(struct kube *kube, const struct kube_resource *res,
		    const struct strlist *spaces)
{
	struct reflector *row = &kube->reflectors[kube->nreflectors];
	size_t len = res->namespaced && spaces->len ? spaces->len : 1, i;

	for (i = 0; i < len; i++) {
		reflector_init(&row[i], &kube->client, res,
			       res->namespaced && spaces->len ? spaces->items[i] : NULL, row, len);
		if (res->section == SECTION_PODS) {
			row[i].first_page = await_the_rest;
			row[i].all_listed = start_the_rest;
			row[i].arg = kube;
		}
	}
	kube->nreflectors += len;
}

static void make_reflectors(struct kube *kube)
{
	const struct strlist *spaces = &kube->env->config->kube.namespaces;
	struct cluster *cluster = &kube->env->sit->cluster;
	const struct kube_resource *res;
	struct buf names = BUF_INIT(4096);
	size_t count = 0, i;

	for (res = kube_resources; res->name; res++)
		count += res->namespaced && spaces->len ? spaces->len : 1;
	/* Reflectors hold their own addresses: the array is never moved. */
	kube->reflectors = xcalloc(count, sizeof(*kube->reflectors));
	for (res = kube_resources; res->name; res++)
		add_row(kube, res, spaces);
	for (i = 0; i < spaces->len; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", spaces->items[i]);
	if (spaces->len)
		cluster->namespaces = buf_detach(&names);
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
	kube->heartbeat_body.max = HEARTBEAT_BODY_MAX;
	env->sit->cluster.fresh.max_age_ms = env->config->kube.stale_after_ms;
	make_reflectors(kube);
	uv_timer_init(env->loop, &kube->heartbeat);
	kube->heartbeat.data = kube;
	kube_polls_start(kube);
	kube_scrapes_start(kube);
	kube_disks_start(&kube->disks, kube);
	kube_reach_start(&kube->reach, kube);
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
	free(kube->scrapes);
	free(kube);
}

static void poll_closed(uv_handle_t *handle)
{
	struct kube_poll *poll = handle->data;

	handle->data = poll->kube;
	closed(handle);
}

static void scrape_closed(uv_handle_t *handle)
{
	struct kube_scrape *scrape = handle->data;

	handle->data = scrape->kube;
	closed(handle);
}

static void disks_closed(uv_handle_t *handle)
{
	struct kube_disks *disks = handle->data;

	handle->data = disks->kube;
	closed(handle);
}

static void reach_closed(uv_handle_t *handle)
{
	struct kube_reach *reach = handle->data;

	handle->data = reach->kube;
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

	kube->closing = 5 + KUBE_POLLS + (int)kube->nreflectors + (int)kube->nscrapes;
	kube_queries_stop(kube);
	kube_ways_stop(kube);
	kube_acts_stop(kube);
	http_cancel(kube->heartbeat_call);
	buf_release(&kube->heartbeat_body);
	uv_close((uv_handle_t *)&kube->heartbeat, closed);
	kube_polls_stop(kube, poll_closed);
	kube_scrapes_stop(kube, scrape_closed);
	kube_disks_stop(&kube->disks, disks_closed);
	kube_reach_stop(&kube->reach, reach_closed);
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
	kube_scrapes_refresh(kube);
	kube_disks_refresh(&kube->disks);
	kube_reach_refresh(&kube->reach);
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
	.way = &kube_way,
};

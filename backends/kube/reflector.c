/* backends/kube/reflector.c: see reflector.h */
#include "backends/kube/reflector.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "backends/kube/jsonx.h"
#include "core/alloc.h"
#include "core/clock.h"

#define LIST_MS 120000
#define LIST_SILENCE_MS 20000
#define WATCH_SILENCE_MS 90000     /* bookmarks come about once a minute */
#define WATCH_SECONDS 420
#define GOOD_WATCH_MS 30000        /* one that lasted this long ended for no bad reason */
#define FAILURE_MAX (64 * 1024)
#define OBJECTS_MAX 500000         /* of one list: a server that never ends is not believed */
#define BACKOFF_FIRST_MS 250
#define BACKOFF_MAX_MS 10000
#define REFUSED_MS 60000           /* rights and resources change seldom */
#define REWATCHES_MAX 3            /* failed watches before everything is listed anew */

static void begin_list(struct reflector *ref);
static void begin_watch(struct reflector *ref);

static struct situation *sit_of(const struct reflector *ref)
{
	return ref->client->env->sit;
}

void reflector_init(struct reflector *ref, struct kube_client *client,
		    const struct kube_resource *resource, const char *ns, struct reflector *row,
		    size_t row_len)
{
	memset(ref, 0, sizeof(*ref));
	ref->client = client;
	ref->resource = resource;
	ref->ns = xstrdup(ns);
	ref->row = row;
	ref->row_len = row_len;
	ref->watch_failure.max = FAILURE_MAX;
	ref->pages[0].failure.max = ref->pages[1].failure.max = FAILURE_MAX;
	ref->pages[0].reflector = ref->pages[1].reflector = ref;
	uv_timer_init(client->env->loop, &ref->retry);
	ref->retry.data = ref;
	resource->fresh(sit_of(ref))->max_age_ms = client->env->config->kube.stale_after_ms;
}

static char *path_of(const struct reflector *ref, const char *parameters)
{
	const struct kube_resource *res = ref->resource;

	if (ref->ns && res->namespaced)
		return xasprintf("%s/namespaces/%s/%s?%s%s", res->group, ref->ns, res->name,
				 parameters, res->query);
	return xasprintf("%s/%s?%s%s", res->group, res->name, parameters, res->query);
}

/* What the whole row knows, into the situation. */
static void publish(struct reflector *ref)
{
	struct freshness *fresh = ref->resource->fresh(sit_of(ref));
	const struct reflector *bad = NULL;
	int64_t oldest = INT64_MAX;
	bool complete = true;
	size_t i;

	for (i = 0; i < ref->row_len; i++) {
		const struct reflector *one = &ref->row[i];

		if (one->trouble[0] && !bad)
			bad = one;
		if (one->proven_ms < oldest)
			oldest = one->proven_ms;
		complete = complete && one->complete;
	}
	if (complete)
		*ref->resource->complete(sit_of(ref)) = true;
	if (oldest)
		freshness_proven(fresh, oldest);
	if (bad)
		freshness_failed(fresh, bad->fault, bad->trouble);
}

static void proven(struct reflector *ref, int64_t now)
{
	ref->proven_ms = now;
	ref->trouble[0] = '\0';
	publish(ref);
}

static void on_retry(uv_timer_t *timer)
{
	struct reflector *ref = timer->data;

	ref->told_to_wait = false;
	if (ref->client->down)
		uv_timer_start(&ref->retry, on_retry, BACKOFF_MAX_MS, 0);
	else if (ref->version[0] && !ref->relist && ref->failures <= REWATCHES_MAX)
		begin_watch(ref);
	else
		begin_list(ref);
}

/* Twice as long after each failure, each time between half and whole, so that many sitreps do not
 * come back in step. */
static int64_t backoff_ms(const struct reflector *ref)
{
	int shift = ref->failures < 6 ? ref->failures : 6;
	int64_t ms = BACKOFF_FIRST_MS << shift;
	uint16_t dice = 0;

	if (ms > BACKOFF_MAX_MS)
		ms = BACKOFF_MAX_MS;
	uv_random(NULL, NULL, &dice, sizeof(dice), 0, NULL);
	return ms / 2 + dice % (ms / 2);
}

static void wait_and_retry(struct reflector *ref, const struct http_outcome *outcome)
{
	int64_t ms = backoff_ms(ref);

	if (outcome && outcome->rc == -ECONNABORTED && !ref->failures)
		ms = 1;            /* another server is waiting */
	else if (outcome && outcome->retry_after_s)
		ms = (int64_t)outcome->retry_after_s * 1000;
	else if (outcome && (outcome->status == 403 || outcome->status == 404))
		ms = REFUSED_MS;
	ref->told_to_wait = outcome && outcome->retry_after_s;
	ref->state = REFLECTOR_WAITING;
	ref->failures++;
	uv_timer_start(&ref->retry, on_retry, (uint64_t)ms, 0);
}

static void report(struct reflector *ref, const struct http_outcome *outcome,
		   const struct buf *body, const char *verb)
{
	char whole[400];

	kube_failure_text(outcome, body->data, body->len, whole, sizeof(whole));
	if (!outcome->rc && outcome->status == 403)
		snprintf(ref->trouble, sizeof(ref->trouble), "needs the right to %s %s in %.80s",
			 verb, ref->resource->name, ref->ns ? ref->ns : "the whole cluster");
	else
		snprintf(ref->trouble, sizeof(ref->trouble), "%.159s", whole);
	ref->fault = outcome->fault;
	publish(ref);
	situation_touch(sit_of(ref), ref->resource->section | SECTION_CLUSTER);
}

/* Whoever may not read the whole cluster may still read the context's own namespace. */
static bool narrow(struct reflector *ref, const struct http_outcome *outcome)
{
	const char *ns = ref->client->kc.ns ? ref->client->kc.ns : "default";
	struct cluster *cluster = &sit_of(ref)->cluster;

	if (outcome->rc || outcome->status != 403 || ref->ns || !ref->resource->namespaced)
		return false;
	ref->ns = xstrdup(ns);
	if (!cluster->namespaces)
		cluster->namespaces = xstrdup(ns);
	situation_touch(sit_of(ref), SECTION_CLUSTER);
	return true;
}

/* Listing */

static void stop_pages(struct reflector *ref)
{
	int i;

	for (i = 0; i < 2; i++) {
		http_cancel(ref->pages[i].call);
		ref->pages[i].call = NULL;
		split_release(&ref->pages[i].split);
		buf_release(&ref->pages[i].failure);
	}
	free(ref->next_page);
	ref->next_page = NULL;
}

static void on_listed_object(void *arg, const char *json, size_t len)
{
	struct list_page *page = arg;
	struct reflector *ref = page->reflector;
	json_t *object;

	if (ref->listed++ >= OBJECTS_MAX)
		return;
	object = jx_load(json, len);
	page->garbled = page->garbled || !object;
	ref->resource->put(sit_of(ref), object);
	json_decref(object);
}

static void ask_page(struct reflector *ref, const char *token);

static void on_list_meta(void *arg, const char *json, size_t len)
{
	struct list_page *page = arg;
	struct reflector *ref = page->reflector;
	json_t *meta = jx_load(json, len);
	const char *version = jx_str(meta, "resourceVersion");
	const char *token = jx_str(meta, "continue");

	if (version)
		snprintf(ref->version, sizeof(ref->version), "%s", version);
	if (ref->resource->section == SECTION_PODS && !ref->listed && token && ref->row_len == 1)
		sit_of(ref)->pods.expected = ref->resource->first_page +
					     jx_int32(meta, "remainingItemCount");
	/* The token stands before the items: the server can already work on the next page. */
	if (token)
		ask_page(ref, token);
	json_decref(meta);
}

static void on_list_data(void *arg, long status, const char *bytes, size_t len)
{
	struct list_page *page = arg;

	if (status != 200)
		buf_append(&page->failure, bytes, len);
	else
		split_feed(&page->split, bytes, len);
}

static void list_failed(struct reflector *ref, struct list_page *page,
			const struct http_outcome *outcome)
{
	bool narrower = narrow(ref, outcome);

	if (outcome->status == 410 && !ref->whole)
		ref->whole = true;
	else if (!narrower && outcome->rc != -ECONNABORTED)
		report(ref, outcome, &page->failure, "list");
	stop_pages(ref);
	/* Half a list is nothing that a watch could go on from. */
	ref->version[0] = '\0';
	if (narrower)
		begin_list(ref);
	else
		wait_and_retry(ref, outcome);
}

static void list_ended(struct reflector *ref)
{
	struct situation *sit = sit_of(ref);

	ref->resource->sweep(sit, ref->ns);
	ref->complete = true;
	if (ref->resource->section == SECTION_PODS)
		sit->pods.expected = (int64_t)sit->pods.len;
	stop_pages(ref);
	ref->failures = 0;
	ref->whole = false;
	ref->relist = false;
	publish(ref);
	malloc_trim(0);
	begin_watch(ref);
	if (ref->all_listed)
		ref->all_listed(ref->arg);
}

/* An answer of 200 is a list only when it was one from the first byte to the last. */
static void judge_list(struct list_page *page, struct http_outcome *outcome)
{
	struct reflector *ref = page->reflector;

	if (outcome->rc || outcome->status != 200)
		return;
	if (ref->listed > OBJECTS_MAX) {
		outcome->rc = -E2BIG;
		snprintf(outcome->text, sizeof(outcome->text), "more than %d %s", OBJECTS_MAX,
			 ref->resource->name);
	} else if (page->garbled || !split_complete(&page->split)) {
		outcome->rc = -EBADMSG;
		snprintf(outcome->text, sizeof(outcome->text), "the answer is no list of %s",
			 ref->resource->name);
	}
	if (outcome->rc)
		outcome->fault = FAULT_SERVER;
}

static void on_list_done(void *arg, const struct http_outcome *outcome)
{
	struct list_page *page = arg;
	struct reflector *ref = page->reflector;
	struct http_outcome judged = *outcome;

	page->call = NULL;
	kube_client_learn(ref->client, outcome);
	judge_list(page, &judged);
	if (judged.rc || judged.status != 200) {
		list_failed(ref, page, &judged);
		return;
	}
	split_release(&page->split);
	proven(ref, clock_wall_ms());
	situation_touch(sit_of(ref), ref->resource->section);
	if (!ref->listed_once) {
		ref->listed_once = true;
		if (ref->first_page)
			ref->first_page(ref->arg);
	}
	if (ref->next_page) {
		char *token = ref->next_page;

		ref->next_page = NULL;
		ask_page(ref, token);
		free(token);
	} else if (!ref->pages[0].call && !ref->pages[1].call) {
		list_ended(ref);
	}
}

static char *list_path(const struct reflector *ref, const char *token)
{
	int limit = token ? ref->resource->page : ref->resource->first_page;
	char *parameters, *path;

	if (ref->whole || !limit)
		parameters = xstrdup("");
	else if (token)
		parameters = xasprintf("limit=%d&continue=%s", limit, token);
	else
		parameters = xasprintf("limit=%d", limit);
	path = path_of(ref, parameters);
	free(parameters);
	return path;
}

static void ask_page(struct reflector *ref, const char *token)
{
	struct list_page *page = !ref->pages[0].call ? &ref->pages[0]
			       : !ref->pages[1].call ? &ref->pages[1] : NULL;
	struct kube_ask ask = {
		.gzip = true, .total_ms = LIST_MS, .silence_ms = LIST_SILENCE_MS,
		.data = on_list_data, .done = on_list_done, .arg = page,
	};
	char *path;

	if (!page) {
		free(ref->next_page);
		ref->next_page = xstrdup(token);
		return;
	}
	path = list_path(ref, token);
	split_init(&page->split, SPLIT_LIST, page);
	page->split.object = on_listed_object;
	page->split.skip = ref->resource->skip;
	page->split.keep_managed = ref->resource->metadata_only;
	page->split.meta = on_list_meta;
	page->garbled = false;
	buf_clear(&page->failure);
	ask.path = path;
	if (ref->resource->metadata_only)
		ask.accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
	page->call = kube_read(ref->client, &ask);
	free(path);
}

static void begin_list(struct reflector *ref)
{
	ref->state = REFLECTOR_LISTING;
	ref->version[0] = '\0';
	ref->listed = 0;
	ref->resource->unmark(sit_of(ref), ref->ns);
	stop_pages(ref);
	ask_page(ref, NULL);
}

/* Watching */

/* The watch itself says that it cannot go on. */
static void on_error_event(struct reflector *ref, const json_t *status)
{
	const char *message = jx_str(status, "message");

	if (jx_int(status, "code") == 410) {
		/* What we hold is too old to go on from. */
		ref->relist = true;
		return;
	}
	ref->fault = FAULT_SERVER;
	snprintf(ref->trouble, sizeof(ref->trouble), "%.159s", message ? message
		 : "the watch has failed");
	publish(ref);
}

/* A node's heartbeat is an event that changes nothing that anybody looks at. */
static void put_object(struct reflector *ref, const json_t *object)
{
	const struct kube_resource *res = ref->resource;
	uint64_t before = res->generation ? res->generation(sit_of(ref)) : 0;

	res->put(sit_of(ref), object);
	if (!res->generation || res->generation(sit_of(ref)) != before)
		situation_touch(sit_of(ref), res->section);
}

static void on_event(void *arg, const char *json, size_t len)
{
	struct reflector *ref = arg;
	const struct kube_resource *res = ref->resource;
	json_t *event = jx_load(json, len);
	const char *type = jx_str(event, "type");
	const json_t *object = json_object_get(event, "object");
	const json_t *meta = json_object_get(object, "metadata");
	const char *version = jx_str(meta, "resourceVersion");

	if (!type || !object) {
		ref->relist = true;
	} else if (!strcmp(type, "ERROR")) {
		on_error_event(ref, object);
	} else {
		ref->failures = 0;
		if (ref->trouble[0])
			proven(ref, clock_wall_ms());
		if (version)
			snprintf(ref->version, sizeof(ref->version), "%s", version);
		if (!strcmp(type, "DELETED")) {
			res->remove(sit_of(ref), jx_str(meta, "namespace"), jx_str(meta, "name"));
			situation_touch(sit_of(ref), res->section);
		} else if (strcmp(type, "BOOKMARK")) {
			put_object(ref, object);
		}
	}
	json_decref(event);
}

static void on_watch_data(void *arg, long status, const char *bytes, size_t len)
{
	struct reflector *ref = arg;

	if (status != 200) {
		buf_append(&ref->watch_failure, bytes, len);
		return;
	}
	ref->watch_opened = true;
	if (split_feed(&ref->events, bytes, len))
		ref->relist = true;
	if (!ref->relist)
		return;
	/* After nonsense, or a 410, nothing that still comes is worth having. */
	http_cancel(ref->watch);
	ref->watch = NULL;
	split_release(&ref->events);
	wait_and_retry(ref, NULL);
}

static void on_watch_done(void *arg, const struct http_outcome *outcome)
{
	struct reflector *ref = arg;
	bool refused = !outcome->rc && outcome->status >= 400;

	ref->watch = NULL;
	split_release(&ref->events);
	kube_client_learn(ref->client, outcome);
	if (outcome->status == 410)
		ref->relist = true;
	else if (refused || (outcome->rc && !ref->watch_opened && outcome->rc != -ECONNABORTED))
		report(ref, outcome, &ref->watch_failure, "watch");
	else if (!outcome->rc && clock_mono_ms() - ref->watch_mono_ms > GOOD_WATCH_MS)
		ref->failures = 0;
	buf_release(&ref->watch_failure);
	wait_and_retry(ref, outcome);
}

static void begin_watch(struct reflector *ref)
{
	uint8_t dice = 0;
	char *parameters;
	struct kube_ask ask = {
		.silence_ms = ref->resource->bookmarks ? WATCH_SILENCE_MS : 0,
		.data = on_watch_data, .done = on_watch_done, .arg = ref,
	};
	char *path;

	/* Watches that were opened together need not end together. */
	uv_random(NULL, NULL, &dice, sizeof(dice), 0, NULL);
	parameters = xasprintf("watch=1&allowWatchBookmarks=true&resourceVersion=%s&"
			       "timeoutSeconds=%d", ref->version, WATCH_SECONDS + dice / 2);
	path = path_of(ref, parameters);
	ref->state = REFLECTOR_WATCHING;
	ref->watch_opened = false;
	ref->watch_mono_ms = clock_mono_ms();
	split_init(&ref->events, SPLIT_STREAM, ref);
	ref->events.object = on_event;
	ref->events.skip = ref->resource->skip;
	ref->events.keep_managed = ref->resource->metadata_only;
	ask.path = path;
	if (ref->resource->metadata_only)
		ask.accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
	ref->watch = kube_read(ref->client, &ask);
	free(path);
	free(parameters);
}

/* From outside */

void reflector_start(struct reflector *ref)
{
	if (ref->state == REFLECTOR_IDLE)
		begin_list(ref);
}

void reflector_kick(struct reflector *ref)
{
	if (ref->state == REFLECTOR_WAITING && !ref->told_to_wait) {
		uv_timer_stop(&ref->retry);
		on_retry(&ref->retry);
	}
}

void reflector_proven(struct reflector *ref, int64_t now_wall_ms)
{
	if (ref->state == REFLECTOR_WATCHING && ref->complete)
		proven(ref, now_wall_ms);
}

void reflector_stop(struct reflector *ref, uv_close_cb closed)
{
	stop_pages(ref);
	http_cancel(ref->watch);
	ref->watch = NULL;
	split_release(&ref->events);
	buf_release(&ref->watch_failure);
	free(ref->ns);
	ref->ns = NULL;
	uv_close((uv_handle_t *)&ref->retry, closed);
}

/* backends/status/backend.c: status pages, each asked every few minutes, politely: not all at
 * once, not again when nothing has changed, and less often when a page asks for that. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backends/backend.h"
#include "backends/http.h"
#include "backends/status/merge.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/yaml.h"

#define BODY_MAX (4 * 1024 * 1024) /* as unpacked; the biggest known page has some 400 KB */
#define TRACE_MAX 4096
#define BIG_BODY 65536             /* memory is given back after one of these */
#define TOTAL_MS 20000
#define REDIRECTS 3
#define TROUBLED_MS 60000          /* between two looks while something is wrong */
#define RETRY_MS 15000             /* doubled with each failure */
#define RETRY_MAX_MS 1800000
#define POP_EVERY_MS 600000
#define FIRST_MS 40                /* after the first paint's requests */
#define TAG_BYTES 128

struct status_backend;
struct watch;

/* One document of a page. */
struct document {
	struct watch *watch;
	const char *url;
	struct http_call *call;
	struct buf body;
	char etag[TAG_BYTES], modified[64];        /* of what page was read from */
	char new_etag[TAG_BYTES], new_modified[64];
	const struct status_format *format;        /* NULL = never read */
	bool at_fallback;          /* the first document's other address is the one that works */
	bool tried_other, too_big;
	char problem[160];         /* why the last fetch brought nothing; "" = it did */
	enum fresh_fault fault;
};

/* One vendor. */
struct watch {
	struct status_backend *backend;
	const struct config_vendor *config;
	struct vendor *model;
	uv_timer_t timer, pop_timer;
	struct document *documents;
	struct status_page *pages; /* one a document, kept for when it says "not modified" */
	size_t ndocuments, pending;
	int failures, retry_after_s;
	char *ca_pem;
	struct http_call *pop_call;
	struct buf pop_body;
};

struct status_backend {
	const struct backend_env *env;
	struct http *http;
	struct watch *watches;
	size_t nwatches;
	int closing;
	uint32_t random;
};

static bool wanted(const struct config *config)
{
	return config->nvendors > 0;
}

/* Between nine and eleven tenths, so that pages aren't asked in step. */
static uint64_t jittered(struct status_backend *backend, int64_t ms)
{
	backend->random ^= backend->random << 13;
	backend->random ^= backend->random >> 17;
	backend->random ^= backend->random << 5;
	return (uint64_t)(ms - ms / 10 + (int64_t)(backend->random % 1000) * ms / 5000);
}

/* ---- one document ---- */

static void conclude(struct watch *watch);

static void problem(struct document *doc, enum fresh_fault fault, const char *text)
{
	doc->fault = fault;
	snprintf(doc->problem, sizeof(doc->problem), "%.159s", text);
}

/* "Name: value" into buf when the line has that name. */
static void take_header(const char *line, size_t len, const char *name, char *buf, size_t size)
{
	size_t at = strlen(name);

	if (len <= at || strncasecmp(line, name, at))
		return;
	while (at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	while (len > at && (line[len - 1] == '\r' || line[len - 1] == '\n'))
		len--;
	/* A tag that is cut would never be recognised. */
	if (len - at < size)
		snprintf(buf, size, "%.*s", (int)(len - at), line + at);
}

static void on_header(void *arg, const char *line, size_t len)
{
	struct document *doc = arg;

	if (len > 5 && !strncmp(line, "HTTP/", 5))
		doc->new_etag[0] = doc->new_modified[0] = '\0';
	take_header(line, len, "etag:", doc->new_etag, sizeof(doc->new_etag));
	take_header(line, len, "last-modified:", doc->new_modified, sizeof(doc->new_modified));
}

static void document_done(struct document *doc);

static void on_body(void *arg, long status, const char *bytes, size_t len)
{
	struct document *doc = arg;

	if (status != 200 || !buf_append(&doc->body, bytes, len))
		return;
	http_cancel(doc->call);
	doc->call = NULL;
	problem(doc, FAULT_SERVER, "the document is larger than 4 MiB");
	document_done(doc);
}

static void read_document(struct document *doc)
{
	struct watch *watch = doc->watch;
	struct status_page fresh = {.filter = watch->pages[doc - watch->documents].filter};
	const struct status_format *format = NULL;
	struct err err = ERR_INIT;
	int rc;

	rc = status_read(&fresh, config_vendor_formats[watch->config->format],
			 doc->body.data ? doc->body.data : "", doc->body.len, clock_wall_ms(),
			 &format, &err);
	if (rc) {
		problem(doc, FAULT_SERVER, err.text);
		status_page_release(&fresh);
		return;
	}
	status_page_release(&watch->pages[doc - watch->documents]);
	watch->pages[doc - watch->documents] = fresh;
	doc->format = format;
	memcpy(doc->etag, doc->new_etag, sizeof(doc->etag));
	memcpy(doc->modified, doc->new_modified, sizeof(doc->modified));
}

static void count_cost(struct watch *watch, const struct http_outcome *outcome)
{
	struct freshness *fresh = &watch->model->fresh;

	fresh->requests++;
	fresh->bytes_in += outcome->bytes_in;
	fresh->bytes_out += outcome->bytes_out;
	if (outcome->retry_after_s > watch->retry_after_s)
		watch->retry_after_s = outcome->retry_after_s;
}

static void on_done(void *arg, const struct http_outcome *outcome)
{
	struct document *doc = arg;
	char text[80];

	doc->call = NULL;
	count_cost(doc->watch, outcome);
	if (outcome->rc) {
		problem(doc, outcome->fault, outcome->text);
	} else if (outcome->status == 200) {
		read_document(doc);
	} else if (outcome->status != 304 || !doc->format) {
		snprintf(text, sizeof(text), "the page answers %ld%s", outcome->status,
			 outcome->status == 429 ? " (too many requests)" : "");
		/* Some pages answer people's browsers alone. */
		problem(doc, outcome->status == 401 || outcome->status == 403 ? FAULT_RIGHTS
									      : FAULT_SERVER, text);
	}
	document_done(doc);
}

static const char *address(const struct document *doc)
{
	const char *other = doc->watch->config->fallback;

	return doc->at_fallback && other ? other : doc->url;
}

static void fetch(struct document *doc)
{
	struct http_peer peer = {.ca_pem = doc->watch->ca_pem};
	char none_match[TAG_BYTES + 24], since[96];
	const char *headers[] = {"Accept: application/json, application/atom+xml, */*;q=0.5", NULL,
				 NULL, NULL};
	struct http_request request = {
		.method = "GET", .url = address(doc), .headers = headers, .peer = &peer,
		.total_ms = TOTAL_MS, .gzip = true, .redirects = REDIRECTS, .data = on_body,
		.done = on_done, .header = on_header, .arg = doc,
	};
	int count = 1;

	if (doc->format && doc->etag[0]) {
		snprintf(none_match, sizeof(none_match), "If-None-Match: %s", doc->etag);
		headers[count++] = none_match;
	}
	if (doc->format && doc->modified[0]) {
		snprintf(since, sizeof(since), "If-Modified-Since: %s", doc->modified);
		headers[count++] = since;
	}
	doc->problem[0] = '\0';
	buf_clear(&doc->body);
	doc->call = http_start(doc->watch->backend->http, &request);
}

static void document_done(struct document *doc)
{
	struct watch *watch = doc->watch;
	bool first = doc == watch->documents;

	if (doc->body.len > BIG_BODY) {
		buf_release(&doc->body);
		malloc_trim(0);
	}
	buf_release(&doc->body);
	if (doc->problem[0] && first && watch->config->fallback && !doc->tried_other) {
		doc->tried_other = true;
		doc->at_fallback = !doc->at_fallback;
		doc->etag[0] = doc->modified[0] = '\0';
		fetch(doc);
		return;
	}
	if (--watch->pending == 0)
		conclude(watch);
}

/* ---- a vendor ---- */

static void ask(uv_timer_t *timer)
{
	struct watch *watch = timer->data;
	size_t i;

	if (watch->pending)
		return;
	watch->pending = watch->ndocuments;
	watch->retry_after_s = 0;
	for (i = 0; i < watch->ndocuments; i++) {
		watch->documents[i].tried_other = false;
		fetch(&watch->documents[i]);
	}
}

static int64_t next_ms(const struct watch *watch)
{
	int64_t every = watch->config->every_ms, wait = every;
	int i;

	if (watch->failures) {
		wait = RETRY_MS;
		for (i = 1; i < watch->failures && wait < RETRY_MAX_MS; i++)
			wait *= 2;
		wait = wait < RETRY_MAX_MS ? wait : RETRY_MAX_MS;
	} else if (watch->model->state > VENDOR_UNKNOWN && wait > TROUBLED_MS) {
		wait = TROUBLED_MS;
	}
	if (wait < (int64_t)watch->retry_after_s * 1000)
		wait = (int64_t)watch->retry_after_s * 1000;
	return wait;
}

static void take_format(struct watch *watch)
{
	const struct status_format *format = watch->documents[0].format;

	if (format && strcmp(watch->model->format, format->name)) {
		free(watch->model->format);
		watch->model->format = xstrdup(format->name);
	}
}

/* Everything that was asked has answered. */
static void conclude(struct watch *watch)
{
	struct situation *sit = watch->backend->env->sit;
	struct vendor *model = watch->model;
	const struct document *failed = NULL;
	bool was_fresh = freshness_at(&model->fresh, clock_wall_ms()) == FRESH_OK;
	size_t i;

	for (i = 0; i < watch->ndocuments && !failed; i++)
		if (watch->documents[i].problem[0])
			failed = &watch->documents[i];
	if (failed) {
		watch->failures++;
		freshness_failed(&model->fresh, failed->fault, failed->problem);
		situation_touch(sit, SECTION_VENDORS);
	} else {
		watch->failures = 0;
		take_format(watch);
		if (status_merge(model, watch->config, watch->pages, watch->ndocuments,
				 clock_wall_ms()) || !was_fresh)
			situation_touch(sit, SECTION_VENDORS);
		freshness_proven(&model->fresh, clock_wall_ms());
	}
	uv_timer_start(&watch->timer, ask, jittered(watch->backend, next_ms(watch)), 0);
}

/* ---- our point of presence ---- */

static void on_pop_body(void *arg, long status, const char *bytes, size_t len)
{
	struct watch *watch = arg;

	if (status == 200 && watch->pop_body.len < TRACE_MAX)
		buf_append(&watch->pop_body, bytes, len);
}

/* "colo=FRA" in a line of its own. */
static bool read_pop(const char *text, char pop[POP_BYTES])
{
	const char *at = text ? strstr(text, "colo=") : NULL;
	size_t i;

	if (!at || (at > text && at[-1] != '\n'))
		return false;
	at += strlen("colo=");
	for (i = 0; i < 3; i++)
		if (at[i] < 'A' || at[i] > 'Z')
			return false;
	snprintf(pop, POP_BYTES, "%.3s", at);
	return true;
}

/* The page was read with another POP in mind: read it anew. */
static void serve_from(struct watch *watch, const char *pop)
{
	size_t i;

	if (!strcmp(watch->model->pop, pop))
		return;
	snprintf(watch->model->pop, sizeof(watch->model->pop), "%s", pop);
	for (i = 0; i < watch->ndocuments; i++) {
		memcpy(watch->pages[i].filter.pop, watch->model->pop, POP_BYTES);
		watch->documents[i].etag[0] = watch->documents[i].modified[0] = '\0';
	}
	situation_touch(watch->backend->env->sit, SECTION_VENDORS);
	if (!watch->pending)
		ask(&watch->timer);
}

static void ask_pop(uv_timer_t *timer);

static void on_pop_done(void *arg, const struct http_outcome *outcome)
{
	struct watch *watch = arg;
	char pop[POP_BYTES];

	watch->pop_call = NULL;
	count_cost(watch, outcome);
	if (!outcome->rc && outcome->status == 200 && read_pop(watch->pop_body.data, pop))
		serve_from(watch, pop);
	buf_release(&watch->pop_body);
	uv_timer_start(&watch->pop_timer, ask_pop,
		       jittered(watch->backend, watch->model->pop[0] ? POP_EVERY_MS : TROUBLED_MS),
		       0);
}

static void ask_pop(uv_timer_t *timer)
{
	struct watch *watch = timer->data;
	struct http_peer peer = {.ca_pem = watch->ca_pem};
	struct http_request request = {
		.method = "GET", .url = watch->config->pop_url, .peer = &peer,
		.total_ms = TOTAL_MS, .data = on_pop_body, .done = on_pop_done, .arg = watch,
	};

	if (!watch->pop_call)
		watch->pop_call = http_start(watch->backend->http, &request);
}

/* ---- the backend ---- */

static int start_watch(struct status_backend *backend, size_t at, struct err *err)
{
	struct watch *watch = &backend->watches[at];
	const struct config_vendor *config = &backend->env->config->vendors[at];
	size_t i, len;
	int rc = 0;

	*watch = (struct watch){
		.backend = backend, .config = config, .model = &backend->env->sit->vendors.items[at],
		.ndocuments = 1 + config->also.len, .pop_body = BUF_INIT(TRACE_MAX),
	};
	watch->documents = xcalloc(watch->ndocuments, sizeof(*watch->documents));
	watch->pages = xcalloc(watch->ndocuments, sizeof(*watch->pages));
	for (i = 0; i < watch->ndocuments; i++) {
		watch->documents[i] = (struct document){
			.watch = watch, .body = BUF_INIT(BODY_MAX),
			.url = i ? config->also.items[i - 1] : config->url,
		};
		watch->pages[i].filter = (struct status_filter){
			.components = &config->components, .regions = &config->regions,
			.ignore = &config->ignore, .by_pop = config->pop_url != NULL,
			.recent_ms = config->recent_ms,
		};
	}
	*watch->model = (struct vendor){
		.name = xstrdup(config->name), .url = xstrdup(config->url),
		.format = xstrdup(""), .asks_pop = config->pop_url != NULL,
		.state = VENDOR_UNKNOWN,
		.fresh = {.max_age_ms = config->every_ms * 5 / 2 + 2 * TOTAL_MS},
	};
	backend->env->sit->vendors.len++;
	uv_timer_init(backend->env->loop, &watch->timer);
	uv_timer_init(backend->env->loop, &watch->pop_timer);
	watch->timer.data = watch->pop_timer.data = watch;
	backend->nwatches++;
	if (config->ca_file)
		rc = yaml_read_file(config->ca_file, &watch->ca_pem, &len, err);
	uv_timer_start(&watch->timer, ask, FIRST_MS, 0);
	if (config->pop_url)
		uv_timer_start(&watch->pop_timer, ask_pop, 0, 0);
	return rc;
}

static void stop(void *self);

static int start(const struct backend_env *env, void **ret_self, struct err *err)
{
	struct status_backend *backend = xcalloc(1, sizeof(*backend));
	size_t i, count = env->config->nvendors;
	int rc = 0;

	backend->env = env;
	backend->http = http_new(env->loop);
	http_count(backend->http, costs_get(&env->sit->costs, "vendors"));
	if (uv_random(NULL, NULL, &backend->random, sizeof(backend->random), 0, NULL) ||
	    !backend->random)
		backend->random = 1;
	backend->watches = xcalloc(count, sizeof(*backend->watches));
	env->sit->vendors.items = xcalloc(count, sizeof(*env->sit->vendors.items));
	for (i = 0; i < count && !rc; i++)
		rc = start_watch(backend, i, err);
	if (rc)
		stop(backend);
	else
		*ret_self = backend;
	return rc;
}

static void closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;
	struct status_backend *backend = watch->backend;

	if (--backend->closing)
		return;
	free(backend->watches);
	free(backend);
}

static void stop(void *self)
{
	struct status_backend *backend = self;
	size_t i, j;

	http_free(backend->http);
	for (i = 0; i < backend->nwatches; i++) {
		struct watch *watch = &backend->watches[i];

		for (j = 0; j < watch->ndocuments; j++) {
			buf_release(&watch->documents[j].body);
			status_page_release(&watch->pages[j]);
		}
		free(watch->documents);
		free(watch->pages);
		free(watch->ca_pem);
		buf_release(&watch->pop_body);
		backend->closing += 2;
		uv_close((uv_handle_t *)&watch->timer, closed);
		uv_close((uv_handle_t *)&watch->pop_timer, closed);
	}
}

static void refresh(void *self)
{
	struct status_backend *backend = self;
	size_t i;

	/* Even a person's key isn't worth more than one look in ten seconds. */
	for (i = 0; i < backend->nwatches; i++) {
		struct watch *watch = &backend->watches[i];

		if (clock_wall_ms() - watch->model->fresh.as_of_ms > 10000)
			ask(&watch->timer);
	}
}

const struct backend_ops backend_status = {
	.name = "status",
	.wanted = wanted,
	.start = start,
	.stop = stop,
	.refresh = refresh,
};

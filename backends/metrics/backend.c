/* backends/metrics/backend.c: the metrics of apps that are asked at an address of their own: what
 * runs outside of the cluster. Those in it are asked through its API: backends/kube/scrape.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/backend.h"
#include "backends/http.h"
#include "core/alloc.h"
#include "core/app_reader.h"
#include "core/clock.h"
#include "core/secret.h"
#include "core/yaml.h"

#define ANSWER_MS 8000
#define FIRST_MS 80                /* after the first paint's requests */
#define REFUSED_MS 300000

struct metrics_backend;

/* One app. */
struct scrape {
	struct metrics_backend *backend;
	const struct config_app *config;
	struct app_metrics *app;
	struct app_reader reader;
	uv_timer_t timer;
	struct http_call *call;
	struct secret_fetch *secret;
	char *ca_pem;
};

struct metrics_backend {
	const struct backend_env *env;
	struct http *http;
	struct scrape *scrapes;
	size_t len, closing;
};

static bool wanted(const struct config *config)
{
	size_t i;

	for (i = 0; i < config->napps; i++)
		if (config->apps[i].url)
			return true;
	return false;
}

static void on_timer(uv_timer_t *timer);

static void again(struct scrape *scrape, bool refused)
{
	situation_touch(scrape->backend->env->sit, SECTION_APPS);
	uv_timer_start(&scrape->timer, on_timer,
		       (uint64_t)(refused ? REFUSED_MS : scrape->config->every_ms), 0);
}

static void on_data(void *arg, long status, const char *bytes, size_t len)
{
	struct scrape *scrape = arg;

	if (status == 200)
		app_reader_feed(&scrape->reader, bytes, len);
}

static void on_done(void *arg, const struct http_outcome *outcome)
{
	struct scrape *scrape = arg;
	struct freshness *fresh = &scrape->app->fresh;
	bool refused = outcome->status == 401 || outcome->status == 403;
	char text[80];

	scrape->call = NULL;
	fresh->requests++;
	fresh->bytes_in += outcome->bytes_in;
	fresh->bytes_out += outcome->bytes_out;
	snprintf(text, sizeof(text), "it answers %ld", outcome->status);
	if (outcome->rc)
		freshness_failed(fresh, outcome->fault, outcome->text);
	else if (outcome->status != 200)
		freshness_failed(fresh, refused ? FAULT_RIGHTS : FAULT_SERVER, text);
	else
		app_reader_end(&scrape->reader, scrape->app, clock_wall_ms());
	app_reader_drop(&scrape->reader);
	again(scrape, refused);
}

static void ask(struct scrape *scrape, const char *token)
{
	char *bearer = token ? xasprintf("Authorization: Bearer %s", token) : NULL;
	const char *headers[] = {"Accept: text/plain;version=0.0.4", bearer, NULL};
	struct http_peer peer = {.ca_pem = scrape->ca_pem};
	struct http_request request = {
		.method = "GET", .url = scrape->config->url, .headers = headers, .peer = &peer,
		.total_ms = ANSWER_MS, .gzip = true, .data = on_data, .done = on_done,
		.arg = scrape,
	};

	app_reader_begin(&scrape->reader, scrape->config);
	scrape->call = http_start(scrape->backend->http, &request);
	if (bearer)
		explicit_bzero(bearer, strlen(bearer));
	free(bearer);
}

static void got_secret(void *arg, int rc, const char *text)
{
	struct scrape *scrape = arg;

	scrape->secret = NULL;
	if (!rc) {
		ask(scrape, text);
		return;
	}
	freshness_failed(&scrape->app->fresh, FAULT_RIGHTS, text);
	again(scrape, false);
}

static void begin(struct scrape *scrape)
{
	if (scrape->call || scrape->secret)
		return;
	if (secret_is_set(&scrape->config->bearer))
		scrape->secret = secret_fetch(scrape->timer.loop, &scrape->config->bearer,
					      got_secret, scrape);
	else
		ask(scrape, NULL);
}

static void on_timer(uv_timer_t *timer)
{
	begin(timer->data);
}

static int start_one(struct metrics_backend *backend, const struct config_app *config,
		     struct err *err)
{
	struct scrape *scrape = &backend->scrapes[backend->len++];
	size_t len;

	scrape->backend = backend;
	scrape->config = config;
	scrape->app = apps_add(&backend->env->sit->apps, config->name);
	scrape->app->outside = true;
	scrape->app->fresh.max_age_ms = 3 * config->every_ms + ANSWER_MS;
	uv_timer_init(backend->env->loop, &scrape->timer);
	scrape->timer.data = scrape;
	uv_timer_start(&scrape->timer, on_timer, FIRST_MS, 0);
	return config->ca_file ? yaml_read_file(config->ca_file, &scrape->ca_pem, &len, err) : 0;
}

static void stop(void *self);

static int start(const struct backend_env *env, void **ret_self, struct err *err)
{
	struct metrics_backend *backend = xcalloc(1, sizeof(*backend));
	const struct config *config = env->config;
	size_t i;
	int rc = 0;

	backend->env = env;
	backend->http = http_new(env->loop);
	http_count(backend->http, costs_get(&env->sit->costs, "apps"));
	backend->scrapes = xcalloc(config->napps, sizeof(*backend->scrapes));
	for (i = 0; i < config->napps && !rc; i++)
		if (config->apps[i].url)
			rc = start_one(backend, &config->apps[i], err);
	if (rc)
		stop(backend);
	else
		*ret_self = backend;
	return rc;
}

static void closed(uv_handle_t *handle)
{
	struct scrape *scrape = handle->data;
	struct metrics_backend *backend = scrape->backend;

	if (--backend->closing)
		return;
	free(backend->scrapes);
	free(backend);
}

static void stop(void *self)
{
	struct metrics_backend *backend = self;
	size_t i;

	http_free(backend->http);
	backend->closing = backend->len;
	for (i = 0; i < backend->len; i++) {
		struct scrape *scrape = &backend->scrapes[i];

		secret_cancel(scrape->secret);
		app_reader_drop(&scrape->reader);
		free(scrape->ca_pem);
		uv_close((uv_handle_t *)&scrape->timer, closed);
	}
}

static void refresh(void *self)
{
	struct metrics_backend *backend = self;
	size_t i;

	for (i = 0; i < backend->len; i++)
		begin(&backend->scrapes[i]);
}

const struct backend_ops backend_metrics = {
	.name = "metrics",
	.wanted = wanted,
	.start = start,
	.stop = stop,
	.refresh = refresh,
};

/* backends/kube/scrape.c: see scrape.h */
#include "backends/kube/scrape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backends/kube/kube.h"
#include "backends/kube/proxied.h"
#include "core/alloc.h"
#include "core/clock.h"

#define ANSWER_MS 8000
#define FAILURE_MAX 4096
#define REFUSED_MS 300000

static void on_data(void *arg, long status, const char *bytes, size_t len)
{
	struct kube_scrape *scrape = arg;

	if (status != 200)
		buf_append(&scrape->failure, bytes, len);
	else
		app_reader_feed(&scrape->reader, bytes, len);
}

static void on_timer(uv_timer_t *timer);

static void judge(struct kube_scrape *scrape, const struct http_outcome *outcome)
{
	struct freshness *fresh = &scrape->app->fresh;
	char text[160];

	if (outcome->rc || outcome->status != 200) {
		enum proxied means = proxied_judge(outcome, scrape->failure.data,
						   scrape->failure.len, text, sizeof(text));

		freshness_failed(fresh, outcome->fault, means == PROXIED_REFUSED
				 ? "needs the right to get services/proxy there" : text);
	} else {
		app_reader_end(&scrape->reader, scrape->app, clock_wall_ms());
	}
}

static void on_done(void *arg, const struct http_outcome *outcome)
{
	struct kube_scrape *scrape = arg;
	bool refused = outcome->status == 403 || outcome->status == 404;

	scrape->call = NULL;
	proxied_learn(&scrape->kube->client, outcome);
	scrape->app->fresh.requests++;
	scrape->app->fresh.bytes_in += outcome->bytes_in;
	scrape->app->fresh.bytes_out += outcome->bytes_out;
	if (outcome->rc != -ECONNABORTED)
		judge(scrape, outcome);
	app_reader_drop(&scrape->reader);
	buf_release(&scrape->failure);
	situation_touch(scrape->kube->env->sit, SECTION_APPS);
	uv_timer_start(&scrape->timer, on_timer,
		       (uint64_t)(refused ? REFUSED_MS : scrape->config->every_ms), 0);
}

/* "shop/vmagent:8429" to the path of the service's proxy. */
static char *path_of(const struct config_app *config)
{
	const char *slash = strchr(config->service, '/');

	return xasprintf("/api/v1/namespaces/%.*s/services/%s/proxy%s%s",
			 (int)(slash - config->service), config->service, slash + 1,
			 config->path[0] == '/' ? "" : "/", config->path);
}

static void ask(struct kube_scrape *scrape)
{
	struct kube_ask request = {
		.accept = "text/plain;version=0.0.4", .gzip = true, .total_ms = ANSWER_MS,
		.data = on_data, .done = on_done, .arg = scrape,
	};
	char *path;

	if (scrape->call)
		return;
	app_reader_begin(&scrape->reader, scrape->config);
	path = path_of(scrape->config);
	request.path = path;
	scrape->call = kube_read(&scrape->kube->client, &request);
	free(path);
}

static void on_timer(uv_timer_t *timer)
{
	ask(timer->data);
}

void kube_scrapes_start(struct kube *kube)
{
	const struct config *config = kube->env->config;
	size_t i;

	kube->scrapes = xcalloc(config->napps + 1, sizeof(*kube->scrapes));
	for (i = 0; i < config->napps; i++) {
		struct kube_scrape *scrape = &kube->scrapes[kube->nscrapes];

		if (!config->apps[i].service)
			continue;
		kube->nscrapes++;
		scrape->kube = kube;
		scrape->config = &config->apps[i];
		scrape->app = apps_add(&kube->env->sit->apps, scrape->config->name);
		scrape->app->fresh.max_age_ms = 3 * scrape->config->every_ms + ANSWER_MS;
		scrape->failure.max = FAILURE_MAX;
		uv_timer_init(kube->env->loop, &scrape->timer);
		scrape->timer.data = scrape;
	}
}

void kube_scrapes_refresh(struct kube *kube)
{
	size_t i;

	for (i = 0; i < kube->nscrapes; i++)
		ask(&kube->scrapes[i]);
}

void kube_scrapes_stop(struct kube *kube, uv_close_cb closed)
{
	size_t i;

	for (i = 0; i < kube->nscrapes; i++) {
		http_cancel(kube->scrapes[i].call);
		app_reader_drop(&kube->scrapes[i].reader);
		buf_release(&kube->scrapes[i].failure);
		uv_close((uv_handle_t *)&kube->scrapes[i].timer, closed);
	}
}

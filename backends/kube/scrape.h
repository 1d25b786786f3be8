/*
 * backends/kube/scrape.h: the metrics of apps, read through the API server's service proxy: no
 * port needs to be reachable from here. One timer for each configured app.
 */
#ifndef SITREP_BACKENDS_KUBE_SCRAPE_H
#define SITREP_BACKENDS_KUBE_SCRAPE_H

#include <uv.h>

#include "backends/http.h"
#include "core/app_reader.h"
#include "core/buf.h"
#include "core/config.h"

struct kube;

struct kube_scrape {
	struct kube *kube;
	const struct config_app *config;
	struct app_metrics *app;
	struct app_reader reader;
	uv_timer_t timer;
	struct http_call *call;
	struct buf failure;
};

void kube_scrapes_start(struct kube *kube);
void kube_scrapes_refresh(struct kube *kube);
void kube_scrapes_stop(struct kube *kube, uv_close_cb closed);

#endif

/*
 * backends/kube/scrape.h: the metrics of apps, read through the API server's service proxy: no
 * port needs to be reachable from here. One timer for each configured app.
 */
#ifndef SITREP_BACKENDS_KUBE_SCRAPE_H
#define SITREP_BACKENDS_KUBE_SCRAPE_H

#include <uv.h>

#include "backends/http.h"
#include "core/buf.h"
#include "core/config.h"
#include "core/model/apps.h"
#include "core/promtext.h"

struct kube;

struct kube_scrape {
	struct kube *kube;
	const struct config_app *config;
	struct app_metrics *app, draft;
	uv_timer_t timer;
	struct http_call *call;
	struct promtext text;
	struct buf failure;
	size_t bytes;              /* of the answer under way */
	uint64_t fitted;           /* patterns that something of it fits, as bits */
};

/* -EINVAL with a sentence when a service is not "namespace/name:port". */
int kube_scrapes_check(const struct config *config, struct err *err);
void kube_scrapes_start(struct kube *kube);
void kube_scrapes_refresh(struct kube *kube);
void kube_scrapes_stop(struct kube *kube, uv_close_cb closed);

#endif

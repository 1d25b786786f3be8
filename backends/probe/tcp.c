/* backends/probe/tcp.c: whether somebody accepts a connection, and nothing more. */
#include <stdio.h>

#include <curl/curl.h>

#include "backends/probe/probe.h"

static void tune(void *arg, void *easy)
{
	(void)arg;
	probe_web_fresh(easy);
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
}

static void measure(void *arg, void *easy)
{
	struct probing *probing = arg;

	probe_web_measure(probing, easy);
	probing->step_us[STEP_ANSWER] = -1;
	if (probing->step_us[STEP_TCP] >= 0)
		probing->total_us = probing->step_us[STEP_DNS] + probing->step_us[STEP_TCP];
}

static void on_done(void *arg, const struct http_outcome *outcome)
{
	struct probing *probing = arg;
	struct probe_verdict verdict = {.ok = !outcome->rc, .fault = outcome->fault};

	probing->call = NULL;
	verdict.failed_at = probing->step_us[STEP_DNS] < 0 ? STEP_DNS : STEP_TCP;
	verdict.cause = probe_cause_of(outcome, verdict.failed_at);
	snprintf(verdict.text, sizeof(verdict.text), "%.159s", outcome->rc ? outcome->text
									   : "accepts");
	probe_done(probing, &verdict);
}

static void start(struct probing *probing)
{
	/* A proxy of the environment would accept for everyone. */
	struct http_peer peer = {.proxy = ""};
	char url[300];
	struct http_request request = {
		.method = "GET", .url = url, .peer = &peer, .total_ms = probing->config->timeout_ms,
		.connect_ms = probing->config->timeout_ms, .done = on_done, .tune = tune,
		.measure = measure, .arg = probing,
	};

	/* Connecting is all the same to libcurl; it has no scheme for it. */
	snprintf(url, sizeof(url), "http://%.280s", probing->config->url + sizeof("tcp://") - 1);
	probing->call = http_start(probe_http_of(probing), &request);
}

const struct probe_ops probe_tcp = {.kind = PROBE_TCP, .start = start};

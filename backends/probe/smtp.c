/* backends/probe/smtp.c: a mail server as a client meets it: greeting, EHLO, STARTTLS, EHLO, NOOP.
 * Nothing is sent, nobody logs in. RFC 5321, RFC 3207. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "backends/probe/probe.h"

#define EHLO_NAME "sitrep.invalid"

static void tune(void *arg, void *easy)
{
	struct probing *probing = arg;

	probe_web_fresh(easy);
	/* libcurl's own default would be HELP, which some servers refuse. */
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "NOOP");
	curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	if (probing->config->starttls)
		curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
}

static void on_line(void *arg, const char *line, size_t len)
{
	struct probing *probing = arg;

	probe_keep_line(probing, line, len);
	probing->lines++;
	if (probing->lines == 1)
		probing->first_us = (int64_t)(uv_hrtime() / 1000);
}

static void measure(void *arg, void *easy)
{
	struct probing *probing = arg;
	int32_t before;

	probe_web_measure(probing, easy);
	before = probing->step_us[STEP_DNS] + probing->step_us[STEP_TCP];
	/* The greeting comes before TLS with STARTTLS; after it, otherwise. */
	if (probing->lines)
		probing->step_us[STEP_ANSWER] =
			(int32_t)(probing->first_us - probing->began_us) - before;
	if (strncmp(probing->config->url, "smtps:", 6) && probing->step_us[STEP_TLS] >= 0)
		probing->step_us[STEP_TLS] -= probing->step_us[STEP_ANSWER];
	probing->total_us = (int32_t)((int64_t)(uv_hrtime() / 1000) - probing->began_us);
}

/* The last line that refuses something: "421 too many connections". */
static bool refusal(const struct probing *probing, char *buf, size_t size)
{
	const char *line = probing->detail.data, *end;
	bool found = false;

	for (; line && *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		if ((line[0] != '4' && line[0] != '5') || end - line < 4)
			continue;
		snprintf(buf, size, "%.*s", (int)(end - line), line);
		found = true;
	}
	return found;
}

static void explain(struct probing *probing, const struct http_outcome *outcome,
		    struct probe_verdict *verdict)
{
	char line[100];
	bool greeted = probing->lines > 0;
	bool smtps = strncmp(probing->config->url, "smtps:", 6) == 0;

	verdict->failed_at = probe_stopped_at(probing, greeted || smtps);
	verdict->cause = probe_cause_of(outcome, verdict->failed_at);
	if (refusal(probing, line, sizeof(line))) {
		verdict->cause = CAUSE_STATUS;
		snprintf(verdict->text, sizeof(verdict->text), "the server says: %s", line);
	} else if (greeted && probing->config->starttls &&
		 !strcasestr(probing->detail.data, "starttls") &&
		 !smtps && probing->lines > 1) {
		verdict->cause = CAUSE_TLS;
		snprintf(verdict->text, sizeof(verdict->text), "the server offers no STARTTLS");
	} else {
		snprintf(verdict->text, sizeof(verdict->text), "%.159s", outcome->text);
	}
}

/* Code and name of the greeting: what follows is often new each time. */
static void greeting(const struct probing *probing, char *buf, size_t size)
{
	const char *line = probing->detail.data;
	size_t code = strcspn(line, " \n"), name = strcspn(line + code + 1, " \n");

	snprintf(buf, size, "%.*s", (int)(line[code] == ' ' ? code + 1 + name : code), line);
}

static void on_done(void *arg, const struct http_outcome *outcome)
{
	struct probing *probing = arg;
	struct probe_verdict verdict = {.ok = !outcome->rc && outcome->status < 400,
					.status = (int)outcome->status, .fault = outcome->fault};

	probing->call = NULL;
	if (!verdict.ok)
		explain(probing, outcome, &verdict);
	else if (probing->detail.data)
		greeting(probing, verdict.text, sizeof(verdict.text));
	probe_done(probing, &verdict);
}

static void start(struct probing *probing)
{
	const char *url = probing->config->url;
	size_t len = strcspn(strstr(url, "://") + 3, "/") + (size_t)(strstr(url, "://") + 3 - url);
	struct http_peer peer = {
		.ca_pem = probe_ca(probing), .insecure = probing->config->insecure,
		.proxy = "",
	};
	char full[400];
	struct http_request request = {
		.method = "GET", .url = full, .peer = &peer, .protocols = "smtp,smtps",
		.total_ms = probing->config->timeout_ms, .connect_ms = probing->config->timeout_ms,
		.done = on_done, .header = on_line, .tune = tune, .measure = measure,
		.arg = probing,
	};

	snprintf(full, sizeof(full), "%.*s/" EHLO_NAME, (int)(len < 350 ? len : 350), url);
	probing->call = http_start(probe_http_of(probing), &request);
}

const struct probe_ops probe_smtp = {.kind = PROBE_SMTP, .start = start};

/* backends/probe/web.c: what probes over libcurl share: a connection of their own, the time of each
 * step, the certificate's end */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "backends/probe/probe.h"
#include "core/alloc.h"
#include "core/printable.h"

#define BODY_ENOUGH (256 * 1024)   /* nobody needs more to see that it answers */
#define LINE_BYTES 300

/* ---- times ---- */

static int64_t time_of(CURL *easy, CURLINFO which)
{
	curl_off_t us = 0;

	curl_easy_getinfo(easy, which, &us);
	return us;
}

static int32_t clip(int64_t us)
{
	return us < 0 ? 0 : us > INT32_MAX ? INT32_MAX : (int32_t)us;
}

/* "Expire date:Nov 30 12:00:00 2026 GMT" */
static int64_t expiry_of(CURL *easy)
{
	struct curl_certinfo *info = NULL;
	const struct curl_slist *line;
	time_t at;

	if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &info) || !info || info->num_of_certs < 1)
		return 0;
	for (line = info->certinfo[0]; line; line = line->next) {
		if (strncasecmp(line->data, "Expire date:", 12))
			continue;
		at = curl_getdate(line->data + 12, NULL);
		return at > 0 ? (int64_t)at * 1000 : 0;
	}
	return 0;
}

void probe_web_measure(void *arg, void *easy)
{
	struct probing *probing = arg;
	int64_t name = time_of(easy, CURLINFO_NAMELOOKUP_TIME_T);
	int64_t tcp = time_of(easy, CURLINFO_CONNECT_TIME_T);
	int64_t tls = time_of(easy, CURLINFO_APPCONNECT_TIME_T);
	int64_t first = time_of(easy, CURLINFO_STARTTRANSFER_TIME_T);
	long port = 0;

	/* libcurl counts TLS into connecting when TLS fails; a port of our own tells them apart. */
	probing->connected = !curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &port) && port > 0;
	if (name > 0)
		probing->step_us[STEP_DNS] = clip(name);
	if (tcp > 0)
		probing->step_us[STEP_TCP] = clip(tcp - name);
	if (tls > 0)
		probing->step_us[STEP_TLS] = clip(tls - tcp);
	if (first > 0)
		probing->step_us[STEP_ANSWER] = clip(first - (tls > 0 ? tls : tcp));
	/* Up to the first byte: how long the rest takes depends on the page's size. */
	probing->total_us = clip(first > 0 ? first : time_of(easy, CURLINFO_TOTAL_TIME_T));
	probing->cert_expires_ms = expiry_of(easy);
}

void probe_web_fresh(void *easy)
{
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
}

static void tune(void *arg, void *easy)
{
	struct probing *probing = arg;

	probing->easy = easy;
	probe_web_fresh(easy);
}

/* ---- what comes back ---- */

void probe_keep_line(void *arg, const char *line, size_t len)
{
	struct probing *probing = arg;
	char text[LINE_BYTES], *clean;

	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	if (!len || len >= sizeof(text))
		return;
	/* After a redirect only the last answer's headers count. */
	if (len > 5 && !strncmp(line, "HTTP/", 5))
		buf_clear(&probing->detail);
	snprintf(text, sizeof(text), "%.*s", (int)len, line);
	/* Cookies are secrets, and no one looks for them here. */
	if (!strncasecmp(text, "set-cookie:", 11))
		return;
	clean = printable_dup(text);
	buf_printf(&probing->detail, "%s\n", clean);
	free(clean);
}

const char *probe_header(const struct probing *probing, const char *name, char *buf, size_t size)
{
	const char *line = probing->detail.data, *end;
	size_t len = strlen(name);

	buf[0] = '\0';
	for (; line && *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		if ((size_t)(end - line) <= len || strncasecmp(line, name, len) || line[len] != ':')
			continue;
		line += len + 1;
		line += strspn(line, " ");
		snprintf(buf, size, "%.*s", (int)(end - line), line);
		return buf;
	}
	return buf;
}

static bool expects_one(const char *text, long status)
{
	char *end;
	long from = strtol(text, &end, 10), to = from;

	if (end == text + 1 && !strcasecmp(end, "xx"))
		return status / 100 == from;
	if (*end == '-')
		to = strtol(end + 1, NULL, 10);
	return status >= from && status <= to;
}

bool probe_expects(const struct config_probe *config, long status)
{
	size_t i;

	for (i = 0; i < config->expect_status.len; i++)
		if (expects_one(config->expect_status.items[i], status))
			return true;
	return !config->expect_status.len && status >= 200 && status < 400;
}

enum probe_step probe_stopped_at(const struct probing *probing, bool tls)
{
	if (probing->step_us[STEP_DNS] < 0)
		return STEP_DNS;
	if (probing->step_us[STEP_TCP] < 0 && !probing->connected)
		return STEP_TCP;
	return tls && probing->step_us[STEP_TLS] < 0 ? STEP_TLS : STEP_ANSWER;
}

/* Which of the addresses it was: the URL names another. */
static void name_address(const struct probing *probing, const struct http_outcome *outcome,
			 struct probe_verdict *verdict)
{
	if (!probing->address || verdict->failed_at != STEP_TCP)
		return;
	if (outcome->rc == -ECONNREFUSED)
		snprintf(verdict->text, sizeof(verdict->text), "%.100s refuses connections",
			 probing->address);
	else if (outcome->rc == -ETIMEDOUT)
		snprintf(verdict->text, sizeof(verdict->text), "no connection to %.100s in time",
			 probing->address);
}

enum probe_cause probe_cause_of(const struct http_outcome *outcome, enum probe_step failed_at)
{
	static const struct {
		int rc;
		enum probe_cause cause;
	} causes[] = {
		{-ETIMEDOUT, CAUSE_TIMEOUT}, {-ECONNREFUSED, CAUSE_REFUSED},
		{-EPROTO, CAUSE_TLS}, {-EACCES, CAUSE_TLS}, {-ECONNRESET, CAUSE_BROKE},
	};
	size_t i;

	if (outcome->rc == -EHOSTUNREACH)
		return failed_at == STEP_DNS ? CAUSE_NO_NAME : CAUSE_NO_ROUTE;
	if (failed_at == STEP_TLS && outcome->rc != -ETIMEDOUT)
		return CAUSE_TLS;
	for (i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (causes[i].rc == outcome->rc)
			return causes[i].cause;
	return CAUSE_NONSENSE;
}

void probe_web_judge(struct probing *probing, const struct http_outcome *outcome,
		     struct probe_verdict *verdict)
{
	*verdict = (struct probe_verdict){.status = (int)outcome->status, .fault = outcome->fault};
	if (outcome->rc) {
		verdict->failed_at = probe_stopped_at(
			probing, strncmp(probing->config->url, "https", 5) == 0);
		verdict->cause = probe_cause_of(outcome, verdict->failed_at);
		snprintf(verdict->text, sizeof(verdict->text), "%.159s", outcome->text);
		name_address(probing, outcome, verdict);
		return;
	}
	verdict->failed_at = STEP_ANSWER;
	verdict->cause = CAUSE_STATUS;
	verdict->ok = probe_expects(probing->config, outcome->status);
	snprintf(verdict->text, sizeof(verdict->text), verdict->ok ? "%ld" : "answers %ld",
		 outcome->status);
	if (verdict->ok)
		verdict->fault = FAULT_NONE;
	else if (verdict->fault == FAULT_NONE)
		verdict->fault = FAULT_SERVER;
}

static void finish(struct probing *probing, const struct http_outcome *outcome)
{
	struct probe_verdict verdict;

	probing->call = NULL;
	probing->model->fresh.bytes_in += outcome->bytes_in;
	probing->model->fresh.bytes_out += outcome->bytes_out;
	probe_web_judge(probing, outcome, &verdict);
	if (probing->ops->judge)
		probing->ops->judge(probing, outcome, &verdict);
	probe_done(probing, &verdict);
}

static void on_done(void *arg, const struct http_outcome *outcome)
{
	finish(arg, outcome);
}

/* More than enough has come: it answers. */
static void on_data(void *arg, long status, const char *bytes, size_t len)
{
	struct probing *probing = arg;
	struct http_outcome outcome = {.status = status, .bytes_in = BODY_ENOUGH};

	(void)bytes;
	probing->body_seen += len;
	if (probing->body_seen < BODY_ENOUGH)
		return;
	probe_web_measure(probing, probing->easy);
	http_cancel(probing->call);
	finish(probing, &outcome);
}

/* ---- how it is asked ---- */

bool probe_split(const char *url, int fallback, char *host, size_t size, int *ret_port)
{
	const char *at = strstr(url, "://"), *colon;
	size_t len;
	bool bare;

	at = at ? at + 3 : url;
	len = strcspn(at, "/?#");
	colon = memchr(at, ':', len);
	if (*at == '[') {
		const char *close = memchr(at, ']', len);

		if (!close)
			return false;
		colon = close[1] == ':' ? close + 1 : NULL;
	}
	/* A node's address of IPv6, as it is written without a port. */
	bare = colon && *at != '[' && memchr(colon + 1, ':', len - (size_t)(colon + 1 - at));
	if (bare)
		colon = NULL;
	*ret_port = colon ? (int)strtol(colon + 1, NULL, 10) : fallback;
	len = colon ? (size_t)(colon - at) : len;
	if (!len || len + 2 >= size || *ret_port < 1 || *ret_port > 65535)
		return false;
	snprintf(host, size, bare ? "[%.*s]" : "%.*s", (int)len, at);
	return true;
}

/* The site's own name and port, at another address. */
static bool connect_to(const struct probing *probing, char *buf, size_t size)
{
	int usual = strncmp(probing->config->url, "https:", 6) ? 80 : 443, port, there;
	char host[256], address[256];

	if (!probe_split(probing->config->url, usual, host, sizeof(host), &port) ||
	    !probe_split(probing->address, port, address, sizeof(address), &there))
		return false;
	snprintf(buf, size, "%s:%d:%s:%d", host, port, address, there);
	return true;
}

static void ask(struct probing *probing)
{
	char to[560], *bearer = NULL;
	const char *headers[] = {"Accept: */*", NULL, NULL};
	struct http_peer peer = {
		.ca_pem = probe_ca(probing), .insecure = probing->config->insecure,
	};
	struct http_request request = {
		.method = "GET", .url = probing->config->url, .headers = headers, .peer = &peer,
		.total_ms = probing->config->timeout_ms, .connect_ms = probing->config->timeout_ms,
		.data = on_data, .done = on_done, .header = probe_keep_line, .tune = tune,
		.measure = probe_web_measure, .arg = probing,
	};

	if (probing->address) {
		if (!connect_to(probing, to, sizeof(to))) {
			probe_impossible(probing, FAULT_NONE, "via: no such address");
			return;
		}
		peer.connect_to = to;
		/* At that address and nowhere else: a proxy of the environment would look the
		 * name up by itself. */
		peer.proxy = "";
	}
	if (probing->bearer)
		headers[1] = bearer = xasprintf("Authorization: Bearer %s", probing->bearer);
	probing->call = http_start(probe_http_of(probing), &request);
	if (!bearer)
		return;
	explicit_bzero(bearer, strlen(bearer));
	free(bearer);
}

static void got_secret(void *arg, int rc, const char *text)
{
	struct probing *probing = arg;

	probing->secret = NULL;
	if (rc) {
		probe_impossible(probing, FAULT_RIGHTS, text);
		return;
	}
	probing->bearer = xstrdup(text);
	ask(probing);
	explicit_bzero(probing->bearer, strlen(probing->bearer));
	free(probing->bearer);
	probing->bearer = NULL;
}

void probe_web_start(struct probing *probing)
{
	const struct config_secret *bearer = &probing->config->bearer;

	if (secret_is_set(bearer))
		probing->secret = secret_fetch(probing->timer.loop, bearer, got_secret, probing);
	else
		ask(probing);
}

const struct probe_ops probe_http = {.kind = PROBE_HTTP, .start = probe_web_start};
const struct probe_ops probe_origin = {.kind = PROBE_ORIGIN, .start = probe_web_start};

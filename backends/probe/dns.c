/* backends/probe/dns.c: one name at one resolver: the system's, or one over HTTPS that speaks JSON.
 * https://developers.cloudflare.com/1.1.1.1/encryption/dns-over-https/make-api-requests/dns-json/ */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "backends/probe/probe.h"
#include "core/alloc.h"

#define ANSWER_MAX 65536
#define ADDRESSES_MAX 16
#define TYPE_A 1
#define TYPE_AAAA 28

struct answers {
	char text[ADDRESSES_MAX][INET6_ADDRSTRLEN];
	size_t len;
};

static void add(struct answers *answers, const char *address)
{
	unsigned char bytes[16];
	size_t i;

	/* Only what is an address: nothing foreign gets to the screen by this way. */
	if (!address || strlen(address) >= INET6_ADDRSTRLEN ||
	    inet_pton(strchr(address, ':') ? AF_INET6 : AF_INET, address, bytes) != 1)
		return;
	for (i = 0; i < answers->len; i++)
		if (!strcmp(answers->text[i], address))
			return;
	if (answers->len < ADDRESSES_MAX)
		snprintf(answers->text[answers->len++], INET6_ADDRSTRLEN, "%s", address);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool is_expected(const struct config_probe *config, const char *address)
{
	size_t i;

	for (i = 0; i < config->expect.len; i++)
		if (config_in_range(config->expect.items[i], address))
			return true;
	return !config->expect.len;
}

/* What the resolver has told instead of addresses; text NULL = nothing. */
struct refusal {
	enum probe_cause cause;
	const char *text;
	enum fresh_fault fault;
};

static void put_addresses(const struct answers *answers, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < answers->len; i++)
		snprintf(buf + strlen(buf), size - strlen(buf), "%s%s", i ? ", " : "",
			 answers->text[i]);
}

static void judge(struct probe_verdict *verdict, const struct answers *answers,
		  const char *stranger, const struct refusal *refusal)
{
	if (refusal) {
		verdict->cause = refusal->cause;
		verdict->fault = refusal->fault;
		snprintf(verdict->text, sizeof(verdict->text), "%.150s", refusal->text);
	} else if (!answers->len) {
		verdict->cause = CAUSE_NO_NAME;
		snprintf(verdict->text, sizeof(verdict->text), "the name has no address");
	} else if (stranger) {
		verdict->cause = CAUSE_OUTSIDE;
		snprintf(verdict->text, sizeof(verdict->text),
			 "%s is outside of what is expected", stranger);
	} else {
		verdict->ok = true;
		verdict->fault = FAULT_NONE;
		put_addresses(answers, verdict->text, sizeof(verdict->text));
	}
}

/* The addresses in one line, and the first that doesn't belong to us. refusal: NULL = none. */
static void conclude(struct probing *probing, struct answers *answers,
		     const struct refusal *refusal)
{
	struct probe_verdict verdict = {.failed_at = STEP_DNS, .fault = FAULT_SERVER};
	const char *stranger = NULL;
	size_t i;

	qsort(answers->text, answers->len, sizeof(answers->text[0]), by_text);
	buf_clear(&probing->detail);
	for (i = 0; i < answers->len; i++) {
		buf_printf(&probing->detail, "%s\n", answers->text[i]);
		if (!is_expected(probing->config, answers->text[i]) && !stranger)
			stranger = answers->text[i];
	}
	probing->model->outside = stranger != NULL;
	judge(&verdict, answers, stranger, refusal);
	probe_done(probing, &verdict);
}

static void fail(struct probing *probing, enum probe_cause cause, const char *text,
		 enum fresh_fault fault)
{
	struct refusal refusal = {cause, text, fault};
	struct answers none = {.len = 0};

	conclude(probing, &none, &refusal);
}

/* ---- the system's resolver ---- */

static void too_late(uv_timer_t *timer)
{
	/* The look-up goes on in its thread; until it ends no other is begun. */
	fail(timer->data, CAUSE_TIMEOUT, "no answer in time", FAULT_SERVER);
}

static void got_addresses(uv_getaddrinfo_t *lookup, int status, struct addrinfo *list)
{
	struct probing *probing = lookup->data;
	struct answers answers = {.len = 0};
	const struct addrinfo *item;
	char text[INET6_ADDRSTRLEN];

	probing->looking = false;
	if (probing->gone) {
		uv_freeaddrinfo(list);
		probe_let_go(probing);
		return;
	}
	for (item = list; item && !status; item = item->ai_next)
		if (!uv_ip_name(item->ai_addr, text, sizeof(text)))
			add(&answers, text);
	uv_freeaddrinfo(list);
	if (!probing->running)
		return;
	probing->step_us[STEP_DNS] = probe_passed_us(probing);
	probing->total_us = probing->step_us[STEP_DNS];
	if (!status || status == UV_EAI_NODATA)
		conclude(probing, &answers, NULL);
	else if (status == UV_EAI_NONAME)
		fail(probing, CAUSE_NO_NAME, "no such name", FAULT_SERVER);
	else
		fail(probing, CAUSE_RESOLVER, uv_strerror(status), FAULT_SERVER);
}

static void ask_system(struct probing *probing)
{
	static const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	int rc = 0;

	if (!probing->looking) {
		probing->lookup.data = probing;
		rc = uv_getaddrinfo(probing->timer.loop, &probing->lookup, got_addresses,
				    probing->config->host, NULL, &hints);
		probing->looking = !rc;
	}
	if (rc)
		fail(probing, CAUSE_RESOLVER, uv_strerror(rc), FAULT_SERVER);
	else
		uv_timer_start(&probing->timer, too_late, (uint64_t)probing->config->timeout_ms, 0);
}

/* ---- DNS over HTTPS ---- */

static void on_body(void *arg, long status, const char *bytes, size_t len)
{
	struct probing *probing = arg;

	if (status == 200)
		buf_append(&probing->body, bytes, len);
}

/* RFC 1035's response codes, and those one meets. */
static const struct {
	json_int_t code;
	enum probe_cause cause;
	const char *text;
} codes[] = {
	{2, CAUSE_SERVFAIL, "SERVFAIL"},
	{3, CAUSE_NO_NAME, "NXDOMAIN: no such name"},
	{5, CAUSE_RESOLVER, "REFUSED"},
};

static void read_code(struct probing *probing, json_int_t code)
{
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code == code) {
			fail(probing, codes[i].cause, codes[i].text, FAULT_SERVER);
			return;
		}
	}
	fail(probing, CAUSE_RESOLVER, "the resolver fails", FAULT_SERVER);
}

static void read_answer(struct probing *probing, json_t *root)
{
	struct answers answers = {.len = 0};
	json_t *code = json_object_get(root, "Status"), *list = json_object_get(root, "Answer");
	json_t *item;
	size_t i;

	if (!json_is_integer(code)) {
		fail(probing, CAUSE_NONSENSE, "the answer is no DNS in JSON", FAULT_SERVER);
		return;
	}
	if (json_integer_value(code)) {
		read_code(probing, json_integer_value(code));
		return;
	}
	json_array_foreach(list, i, item) {
		json_int_t type = json_integer_value(json_object_get(item, "type"));

		if (type == TYPE_A || type == TYPE_AAAA)
			add(&answers, json_string_value(json_object_get(item, "data")));
	}
	conclude(probing, &answers, NULL);
}

static void on_done(void *arg, const struct http_outcome *outcome)
{
	struct probing *probing = arg;
	char text[80];
	json_t *root;

	probing->call = NULL;
	probing->model->fresh.bytes_in += outcome->bytes_in;
	probing->model->fresh.bytes_out += outcome->bytes_out;
	if (outcome->rc) {
		fail(probing, probe_cause_of(outcome, probe_stopped_at(probing, true)),
		     outcome->text, outcome->fault);
		return;
	}
	if (outcome->status != 200) {
		snprintf(text, sizeof(text), "the resolver answers %ld", outcome->status);
		fail(probing, CAUSE_RESOLVER, text, outcome->fault);
		return;
	}
	root = json_loadb(probing->body.data ? probing->body.data : "", probing->body.len, 0, NULL);
	read_answer(probing, root);
	json_decref(root);
}

static void tune(void *arg, void *easy)
{
	(void)arg;
	probe_web_fresh(easy);
}

static void ask_over_https(struct probing *probing)
{
	static const char *const headers[] = {"Accept: application/dns-json", NULL};
	struct http_peer peer = {
		.ca_pem = probe_ca(probing), .insecure = probing->config->insecure,
	};
	char *url = xasprintf("%s%sname=%s&type=A", probing->address,
			      strchr(probing->address, '?') ? "&" : "?", probing->config->host);
	struct http_request request = {
		.method = "GET", .url = url, .headers = headers, .peer = &peer,
		.total_ms = probing->config->timeout_ms, .connect_ms = probing->config->timeout_ms,
		.data = on_body, .done = on_done, .tune = tune, .measure = probe_web_measure,
		.arg = probing,
	};

	buf_clear(&probing->body);
	probing->body.max = ANSWER_MAX;
	probing->call = http_start(probe_http_of(probing), &request);
	free(url);
}

static void start(struct probing *probing)
{
	if (strcmp(probing->address, "system"))
		ask_over_https(probing);
	else
		ask_system(probing);
}

const struct probe_ops probe_dns = {.kind = PROBE_DNS, .start = start};

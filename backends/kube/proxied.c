/* backends/kube/proxied.c: see proxied.h */
#include "backends/kube/proxied.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backends/kube/client.h"
#include "backends/kube/jsonx.h"

/* How the server tells that it got nowhere; what it says otherwise means that bytes came back. */
static const struct {
	const char *sign;
	enum proxied means;
} failures[] = {
	{"connection refused", PROXIED_CLOSED},
	{"connection reset", PROXIED_CLOSED},
	{"EOF", PROXIED_CLOSED},
	{"malformed HTTP", PROXIED_ANSWER},
	{"HTTP response to HTTPS", PROXIED_ANSWER},
	{"tls: ", PROXIED_ANSWER},
	{"x509: ", PROXIED_ANSWER},
};

static enum proxied of_failure(const char *message)
{
	size_t i;

	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (strstr(message, failures[i].sign))
			return failures[i].means;
	return PROXIED_SILENT;
}

/* "dial tcp 10.42.1.7:8000: i/o timeout" without what everyone knows. */
static const char *shorter(const char *message)
{
	static const char start[] = "error trying to reach service: ";

	return strncmp(message, start, sizeof(start) - 1) ? message : message + sizeof(start) - 1;
}

static enum proxied of_status(const json_t *status, long code, char *text, size_t size)
{
	const char *message = jx_str(status, "message"), *reason = jx_str(status, "reason");

	message = message ? message : "it says nothing";
	snprintf(text, size, "%s", shorter(message));
	if (shorter(message) != message)
		return of_failure(message);
	if (code == 401 || code == 403)
		return PROXIED_REFUSED;
	if (code == 404 || (reason && !strcmp(reason, "ServiceUnavailable")))
		return PROXIED_NOBODY;
	return PROXIED_LOST;
}

static bool is_status(const json_t *body)
{
	const char *kind = jx_str(body, "kind"), *version = jx_str(body, "apiVersion");

	return kind && version && !strcmp(kind, "Status") && !strcmp(version, "v1");
}

enum proxied proxied_judge(const struct http_outcome *outcome, const char *body, size_t len,
			   char *text, size_t size)
{
	enum proxied means = PROXIED_ANSWER;
	json_t *status;

	if (outcome->rc) {
		snprintf(text, size, "%s", outcome->text);
		return outcome->rc == -ETIMEDOUT && outcome->connected ? PROXIED_SILENT : PROXIED_LOST;
	}
	snprintf(text, size, "HTTP %ld", outcome->status);
	if (outcome->status < 400)
		return means;
	status = jx_load(body, len);
	if (is_status(status))
		means = of_status(status, outcome->status, text, size);
	json_decref(status);
	return means;
}

void proxied_learn(struct kube_client *client, const struct http_outcome *outcome)
{
	struct http_outcome known = *outcome;

	if (known.rc == -ETIMEDOUT && known.connected)
		known.rc = -ECONNABORTED;
	known.status = known.status == 401 ? 0 : known.status;
	kube_client_learn(client, &known);
}

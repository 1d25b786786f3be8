/* backends/probe/registry.c: a container registry's /v2/: 401 from a registry is as good as 200.
 * https://distribution.github.io/distribution/spec/api/#api-version-check */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "backends/probe/probe.h"

/* realm="https://host/v2/token": where clients are sent to log in. Another host or scheme there is
 * a wrong root URL, and pulls fail though the registry answers. */
static bool realm_fits(const struct probing *probing, char *realm, size_t size)
{
	char header[300], ours[256], theirs[256];
	const char *at;
	int port;

	probe_header(probing, "www-authenticate", header, sizeof(header));
	at = strcasestr(header, "realm=\"");
	if (!at)
		return true;
	snprintf(realm, size, "%.*s", (int)strcspn(at + 7, "\""), at + 7);
	if (!probe_split(probing->config->url, 443, ours, sizeof(ours), &port) ||
	    !probe_split(realm, 443, theirs, sizeof(theirs), &port))
		return true;
	return !strcasecmp(ours, theirs) &&
	       !(strncmp(probing->config->url, "https:", 6) == 0 && !strncmp(realm, "http:", 5));
}

static void judge(struct probing *probing, const struct http_outcome *outcome,
		  struct probe_verdict *verdict)
{
	char version[40], challenge[200], realm[200] = "";
	bool registry;

	if (outcome->rc || (outcome->status != 401 && outcome->status != 200))
		return;
	probe_header(probing, "docker-distribution-api-version", version, sizeof(version));
	probe_header(probing, "www-authenticate", challenge, sizeof(challenge));
	registry = version[0] || outcome->status == 200 || !strncasecmp(challenge, "bearer ", 7);
	verdict->ok = registry;
	verdict->fault = registry ? FAULT_NONE : FAULT_SERVER;
	verdict->cause = CAUSE_NONSENSE;
	if (!registry)
		snprintf(verdict->text, sizeof(verdict->text),
			 "answers 401, but not as a registry does");
	else if (outcome->status == 401 && !realm_fits(probing, realm, sizeof(realm)))
		snprintf(verdict->text, sizeof(verdict->text),
			 "401 as it should, but it sends clients to %.90s", realm);
	else
		snprintf(verdict->text, sizeof(verdict->text), "%ld %.40s", outcome->status,
			 version);
}

const struct probe_ops probe_registry = {.kind = PROBE_REGISTRY, .start = probe_web_start,
					 .judge = judge};

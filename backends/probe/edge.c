/* backends/probe/edge.c: the site as its users reach it, through the edge. Cloudflare answers by
 * itself when it cannot reach the origin: 52x, and says in CF-RAY where it stands.
 * https://developers.cloudflare.com/support/troubleshooting/http-status-codes/ */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "backends/probe/probe.h"

struct meaning {
	long status;
	const char *text;
};

static const struct meaning meanings[] = {
	{520, "the origin answers nonsense"},
	{521, "the origin refuses connections"},
	{522, "no connection to the origin in time"},
	{523, "no way to the origin"},
	{524, "the origin connects but doesn't answer in time"},
	{525, "no TLS with the origin"},
	{526, "the origin's certificate is not valid"},
	{530, "the origin's name does not resolve"},
};

/* "8d1234567890abcd-FRA" */
static void take_pop(struct probing *probing)
{
	char ray[80];
	const char *dash;

	probe_header(probing, "cf-ray", ray, sizeof(ray));
	dash = strrchr(ray, '-');
	if (dash && strlen(dash) == 4 && isupper((unsigned char)dash[1]))
		snprintf(probing->model->pop, sizeof(probing->model->pop), "%.3s", dash + 1);
	else
		probing->model->pop[0] = '\0';
}

static void judge(struct probing *probing, const struct http_outcome *outcome,
		  struct probe_verdict *verdict)
{
	char server[80];
	size_t i;

	take_pop(probing);
	if (outcome->rc || verdict->ok)
		return;
	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].status == outcome->status)
			snprintf(verdict->text, sizeof(verdict->text), "edge answers %ld: %s",
				 outcome->status, meanings[i].text);
	if (outcome->status == 502 || outcome->status == 504) {
		probe_header(probing, "server", server, sizeof(server));
		snprintf(verdict->text, sizeof(verdict->text), "answers %ld, told by %.60s",
			 outcome->status, server[0] ? server : "nobody");
	}
}

const struct probe_ops probe_edge = {.kind = PROBE_EDGE, .start = probe_web_start,
				     .judge = judge};

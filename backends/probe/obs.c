/* backends/probe/obs.c: an observability endpoint that wants a token: a refused token is told apart
 * from a dead server. */
#include <stdio.h>

#include "backends/probe/probe.h"

static void judge(struct probing *probing, const struct http_outcome *outcome,
		  struct probe_verdict *verdict)
{
	bool token = secret_is_set(&probing->config->bearer);

	if (outcome->rc || verdict->ok || (outcome->status != 401 && outcome->status != 403))
		return;
	verdict->fault = FAULT_RIGHTS;
	verdict->cause = CAUSE_TOKEN;
	snprintf(verdict->text, sizeof(verdict->text), "answers %ld: %s", outcome->status,
		 token ? "the token is refused" : "it wants a token (bearer)");
}

const struct probe_ops probe_obs = {.kind = PROBE_OBS, .start = probe_web_start, .judge = judge};

/* backends/probe/storage.c: object storage that speaks S3. Without a key it refuses, and that proves
 * that it lives: any answer with a request id below 500 does. */
#include <stdio.h>

#include "backends/probe/probe.h"

static void judge(struct probing *probing, const struct http_outcome *outcome,
		  struct probe_verdict *verdict)
{
	char id[80];

	if (outcome->rc || verdict->ok || outcome->status >= 500)
		return;
	probe_header(probing, "x-amz-request-id", id, sizeof(id));
	if (!id[0])
		probe_header(probing, "x-amz-id-2", id, sizeof(id));
	verdict->ok = id[0] != '\0';
	if (!verdict->ok)
		return;
	verdict->fault = FAULT_NONE;
	snprintf(verdict->text, sizeof(verdict->text), "%ld, as it answers strangers",
		 outcome->status);
}

const struct probe_ops probe_storage = {.kind = PROBE_STORAGE, .start = probe_web_start,
					.judge = judge};

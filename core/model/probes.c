/* core/model/probes.c: see probes.h */
#include "core/model/probes.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define DAY_MS INT64_C(86400000)

const char *probe_kind_name(enum probe_kind kind)
{
	static const char *const names[PROBE_KINDS] = {
		[PROBE_HTTP] = "http", [PROBE_EDGE] = "edge", [PROBE_ORIGIN] = "origin",
		[PROBE_DNS] = "dns", [PROBE_SMTP] = "smtp", [PROBE_REGISTRY] = "registry",
		[PROBE_OBS] = "obs", [PROBE_STORAGE] = "storage", [PROBE_TCP] = "tcp",
	};

	return names[kind];
}

const char *probe_result_name(enum probe_result result)
{
	static const char *const names[] = {
		[RESULT_UNKNOWN] = "unknown", [RESULT_OK] = "ok", [RESULT_FAILED] = "failed",
	};

	return names[result];
}

const char *probe_step_name(enum probe_step step)
{
	static const char *const names[PROBE_STEPS] = {
		[STEP_DNS] = "dns", [STEP_TCP] = "tcp", [STEP_TLS] = "tls",
		[STEP_ANSWER] = "answer",
	};

	return names[step];
}

const char *probe_cause_name(enum probe_cause cause)
{
	static const char *const names[PROBE_CAUSES] = {
		[CAUSE_NONE] = "none", [CAUSE_NO_NAME] = "no_name",
		[CAUSE_SERVFAIL] = "servfail", [CAUSE_RESOLVER] = "resolver",
		[CAUSE_REFUSED] = "refused", [CAUSE_TIMEOUT] = "timeout",
		[CAUSE_BROKE] = "broke", [CAUSE_TLS] = "tls", [CAUSE_STATUS] = "status",
		[CAUSE_TOKEN] = "token", [CAUSE_OUTSIDE] = "outside",
		[CAUSE_NO_ROUTE] = "no_route", [CAUSE_NONSENSE] = "nonsense",
	};

	return names[cause];
}

struct probe *probes_add(struct probes *probes, const char *of, const char *via)
{
	struct probe *probe = xcalloc(1, sizeof(*probe));
	int i;

	probe->of = xstrdup(of);
	probe->via = xstrdup(via);
	probe->name = via[0] ? xasprintf("%s %s", of, via) : xstrdup(of);
	probe->total_us = -1;
	probe->base = (struct baseline)BASELINE_INIT;
	for (i = 0; i < PROBE_STEPS; i++)
		probe->step_us[i] = -1;
	probes->items = xreallocarray(probes->items, probes->len + 1, sizeof(*probes->items));
	probes->items[probes->len++] = probe;
	return probe;
}

static void probe_free(struct probe *probe)
{
	free(probe->name);
	free(probe->of);
	free(probe->via);
	free(probe->target);
	free(probe->detail);
	free(probe);
}

void probes_remove(struct probes *probes, struct probe *probe)
{
	size_t i;

	for (i = 0; i < probes->len; i++) {
		if (probes->items[i] != probe)
			continue;
		probes->len--;
		memmove(&probes->items[i], &probes->items[i + 1],
			(probes->len - i) * sizeof(*probes->items));
		probe_free(probe);
		return;
	}
}

void probes_release(struct probes *probes)
{
	while (probes->len)
		probe_free(probes->items[--probes->len]);
	free(probes->items);
	probes->items = NULL;
}

static void remember(struct probe *probe, uint32_t us)
{
	probe->history[probe->history_at] = us;
	probe->history_at = (uint8_t)((probe->history_at + 1) % PROBE_HISTORY);
	if (probe->history_len < PROBE_HISTORY)
		probe->history_len++;
}

void probe_ended(struct probe *probe, bool ok, int32_t total_us, int64_t now_ms)
{
	enum probe_result result = ok ? RESULT_OK : RESULT_FAILED;

	if (total_us < 1)
		total_us = 1;
	remember(probe, ok ? (uint32_t)total_us : 0);
	probe->failures = ok ? 0 : probe->failures + 1;
	if (ok) {
		probe->total_us = total_us;
		baseline_took(&probe->base, total_us, now_ms);
	} else {
		baseline_failed(&probe->base);
	}
	if (probe->result != result)
		probe->since_ms = now_ms;
	probe->result = result;
}

int64_t probe_drawn(const struct probe *probe, int i)
{
	int first = probe->history_at + PROBE_HISTORY - probe->history_len;
	int64_t value = probe->history[(first + i) % PROBE_HISTORY];

	if (!value)
		return -1;
	if (probe->base.median_us <= 0)
		return 1;
	return value <= baseline_slow_from_us(&probe->base) ? probe->base.median_us : value;
}

int probe_cert_days(const struct probe *probe, int64_t now_ms)
{
	int64_t left = probe->cert_expires_ms - now_ms;

	return (int)(left >= 0 ? left / DAY_MS : -((-left + DAY_MS - 1) / DAY_MS));
}

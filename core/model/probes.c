/* core/model/probes.c: see probes.h */
#include "core/model/probes.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define SPREADS 5                  /* so many spreads above the median is slow, */
#define LEAST_SHARE 2              /* and at least half of the median above it, */
#define LEAST_US 20000             /* and 20 ms */
/* Slowness that lasts this long is how it is now. */
#define NEW_NORMAL_MS INT64_C(7200000)
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

struct probe *probes_add(struct probes *probes, const char *of, const char *via)
{
	struct probe *probe = xcalloc(1, sizeof(*probe));
	int i;

	probe->of = xstrdup(of);
	probe->via = xstrdup(via);
	probe->name = via[0] ? xasprintf("%s %s", of, via) : xstrdup(of);
	probe->total_us = probe->median_us = probe->spread_us = -1;
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

/* ---- baseline ---- */

static int by_size(const void *a, const void *b)
{
	uint32_t left, right;

	memcpy(&left, a, sizeof(left));
	memcpy(&right, b, sizeof(right));
	return (left > right) - (left < right);
}

/* Median, and the median distance from it: one wild value moves neither. */
static void measure_baseline(struct probe *probe)
{
	uint32_t sorted[PROBE_BASELINE], away[PROBE_BASELINE], median;
	int len = probe->baseline_len, i;

	if (len < PROBE_BASELINE_LEAST)
		return;
	memcpy(sorted, probe->baseline, sizeof(sorted));
	qsort(sorted, (size_t)len, sizeof(sorted[0]), by_size);
	median = sorted[len / 2];
	for (i = 0; i < len; i++)
		away[i] = sorted[i] > median ? sorted[i] - median : median - sorted[i];
	qsort(away, (size_t)len, sizeof(away[0]), by_size);
	probe->median_us = (int32_t)median;
	probe->spread_us = (int32_t)away[len / 2];
}

static int64_t slow_from(const struct probe *probe)
{
	int64_t margin = (int64_t)probe->spread_us * SPREADS;

	if (margin < probe->median_us / LEAST_SHARE)
		margin = probe->median_us / LEAST_SHARE;
	if (margin < LEAST_US)
		margin = LEAST_US;
	return probe->median_us + margin;
}

static void remember(uint32_t *ring, uint8_t size, uint8_t *len, uint8_t *at, uint32_t value)
{
	ring[*at] = value;
	*at = (uint8_t)((*at + 1) % size);
	if (*len < size)
		(*len)++;
}

static void judge_speed(struct probe *probe, int32_t total_us, int64_t now_ms)
{
	bool over = probe->median_us >= 0 && total_us > slow_from(probe);

	probe->slow_runs = over ? (uint8_t)(probe->slow_runs < 200 ? probe->slow_runs + 1 : 200) : 0;
	if (!over) {
		probe->slow = false;
	} else if (probe->slow_runs >= PROBE_SLOW_RUNS && !probe->slow) {
		probe->slow = true;
		probe->slow_since_ms = now_ms;
	}
	/* What is slow must not become what is usual, unless it stays for hours. */
	if (over && !(probe->slow && now_ms - probe->slow_since_ms > NEW_NORMAL_MS))
		return;
	remember(probe->baseline, PROBE_BASELINE, &probe->baseline_len, &probe->baseline_at,
		 (uint32_t)total_us);
	measure_baseline(probe);
}

void probe_ended(struct probe *probe, bool ok, int32_t total_us, int64_t now_ms)
{
	enum probe_result result = ok ? RESULT_OK : RESULT_FAILED;

	if (total_us < 1)
		total_us = 1;
	remember(probe->history, PROBE_HISTORY, &probe->history_len, &probe->history_at,
		 ok ? (uint32_t)total_us : 0);
	probe->failures = ok ? 0 : probe->failures + 1;
	if (ok) {
		probe->total_us = total_us;
		judge_speed(probe, total_us, now_ms);
	} else {
		probe->slow = false;
		probe->slow_runs = 0;
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
	if (probe->median_us <= 0)
		return 1;
	return value <= slow_from(probe) ? probe->median_us : value;
}

int probe_cert_days(const struct probe *probe, int64_t now_ms)
{
	int64_t left = probe->cert_expires_ms - now_ms;

	return (int)(left >= 0 ? left / DAY_MS : -((-left + DAY_MS - 1) / DAY_MS));
}

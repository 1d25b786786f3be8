/* core/model/baseline.c: see baseline.h */
#include "core/model/baseline.h"

#include <stdlib.h>
#include <string.h>

#define SPREADS 5                  /* so many spreads above the median is slow, */
#define LEAST_SHARE 2              /* and at least half of the median above it, */
#define LEAST_US 20000             /* and 20 ms */
/* Slowness that lasts this long is how it is now. */
#define NEW_NORMAL_MS INT64_C(7200000)

static int by_size(const void *a, const void *b)
{
	uint32_t left, right;

	memcpy(&left, a, sizeof(left));
	memcpy(&right, b, sizeof(right));
	return (left > right) - (left < right);
}

/* Median, and the median distance from it: one wild value moves neither. */
static void measure(struct baseline *base)
{
	uint32_t sorted[BASELINE_RUNS], away[BASELINE_RUNS], median;
	int len = base->len, i;

	if (len < BASELINE_LEAST)
		return;
	memcpy(sorted, base->runs, sizeof(sorted));
	qsort(sorted, (size_t)len, sizeof(sorted[0]), by_size);
	median = sorted[len / 2];
	for (i = 0; i < len; i++)
		away[i] = sorted[i] > median ? sorted[i] - median : median - sorted[i];
	qsort(away, (size_t)len, sizeof(away[0]), by_size);
	base->median_us = (int32_t)median;
	base->spread_us = (int32_t)away[len / 2];
}

int64_t baseline_slow_from_us(const struct baseline *base)
{
	int64_t margin = (int64_t)base->spread_us * SPREADS;

	if (margin < base->median_us / LEAST_SHARE)
		margin = base->median_us / LEAST_SHARE;
	if (margin < LEAST_US)
		margin = LEAST_US;
	return base->median_us + margin;
}

void baseline_took(struct baseline *base, int32_t us, int64_t now_wall_ms)
{
	bool over = base->median_us >= 0 && us > baseline_slow_from_us(base);

	base->slow_runs = over ? (uint8_t)(base->slow_runs < 200 ? base->slow_runs + 1 : 200) : 0;
	if (!over) {
		base->slow = false;
	} else if (base->slow_runs >= BASELINE_SLOW_RUNS && !base->slow) {
		base->slow = true;
		base->slow_since_ms = now_wall_ms;
	}
	/* What is slow must not become what is usual, unless it stays for hours. */
	if (over && !(base->slow && now_wall_ms - base->slow_since_ms > NEW_NORMAL_MS))
		return;
	base->runs[base->at] = (uint32_t)us;
	base->at = (uint8_t)((base->at + 1) % BASELINE_RUNS);
	if (base->len < BASELINE_RUNS)
		base->len++;
	measure(base);
}

void baseline_failed(struct baseline *base)
{
	base->slow = false;
	base->slow_runs = 0;
}

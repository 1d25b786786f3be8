/*
 * core/model/baseline.h: how long something usually takes, by its own good runs, and whether it is
 * slow against that. What has been slow for hours is how it is now.
 */
#ifndef SITREP_CORE_MODEL_BASELINE_H
#define SITREP_CORE_MODEL_BASELINE_H

#include <stdbool.h>
#include <stdint.h>

#define BASELINE_RUNS 48           /* good ones, to compare with */
#define BASELINE_LEAST 8           /* before there is one */
#define BASELINE_SLOW_RUNS 3       /* in a row, before one calls it slow */

struct baseline {
	uint32_t runs[BASELINE_RUNS];  /* microseconds of those that weren't slow, ring */
	uint8_t len, at;
	uint8_t slow_runs;
	bool slow;
	int64_t slow_since_ms;         /* wall clock */
	int32_t median_us, spread_us;  /* -1 = too few runs */
};

#define BASELINE_INIT {.median_us = -1, .spread_us = -1}

/* A run has come through in so long. */
void baseline_took(struct baseline *base, int32_t us, int64_t now_wall_ms);
/* A run has failed: that isn't slow. */
void baseline_failed(struct baseline *base);
/* Longer than this is slow. Only with a median. */
int64_t baseline_slow_from_us(const struct baseline *base);

#endif

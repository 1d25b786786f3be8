/* core/cost.c: see cost.h */
#include "core/cost.h"

#include <stdio.h>
#include <string.h>

struct cost *costs_get(struct costs *costs, const char *system)
{
	struct cost *cost;
	size_t i;

	for (i = 0; i < costs->len; i++)
		if (!strcmp(costs->items[i].system, system))
			return &costs->items[i];
	if (costs->len == COSTS_MAX)
		return NULL;
	cost = &costs->items[costs->len++];
	snprintf(cost->system, sizeof(cost->system), "%s", system);
	return cost;
}

static void add(struct cost_amount *sum, const struct cost_amount *more)
{
	sum->requests += more->requests;
	sum->bytes_in += more->bytes_in;
	sum->bytes_out += more->bytes_out;
	sum->connections += more->connections;
}

/* Slices that have passed without a count hold nothing. */
static void move_on(struct cost *cost, int64_t slice)
{
	if (slice - cost->slice >= COST_SLICES) {
		memset(cost->slices, 0, sizeof(cost->slices));
		cost->slice = slice;
	}
	while (cost->slice < slice)
		cost->slices[++cost->slice % COST_SLICES] = (struct cost_amount){0};
}

void cost_count(struct cost *cost, const struct cost_amount *more, int64_t now_ms)
{
	if (!cost)
		return;
	move_on(cost, now_ms / COST_SLICE_MS);
	add(&cost->total, more);
	add(&cost->slices[cost->slice % COST_SLICES], more);
}

struct cost_amount cost_per_minute(const struct cost *cost, int64_t now_ms)
{
	int64_t now = now_ms / COST_SLICE_MS, slice;
	struct cost_amount sum = {0};

	for (slice = cost->slice; slice > now - COST_SLICES && slice > cost->slice - COST_SLICES &&
	     slice >= 0; slice--)
		add(&sum, &cost->slices[slice % COST_SLICES]);
	return sum;
}

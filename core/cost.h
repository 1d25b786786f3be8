/*
 * core/cost.h: what sitrep asks of each system: requests, bytes on the wire, connections opened.
 * The transports count (backends/http.h, backends/stream.h), so that nothing is forgotten; the
 * Cost pane and the facts show it.
 */
#ifndef SITREP_CORE_COST_H
#define SITREP_CORE_COST_H

#include <stddef.h>
#include <stdint.h>

#define COST_SLICE_MS 5000
#define COST_SLICES 12         /* a minute of them */
#define COSTS_MAX 12

struct cost_amount {
	uint64_t requests;         /* HTTP requests, Redis commands, queries */
	uint64_t bytes_in, bytes_out;
	uint64_t connections;      /* opened */
};

struct cost {
	char system[24];           /* as people call it: "Kubernetes" */
	struct cost_amount total;
	struct cost_amount slices[COST_SLICES];
	int64_t slice;             /* number of the newest slice: monotonic ms / COST_SLICE_MS */
};

struct costs {
	struct cost items[COSTS_MAX];
	size_t len;
};

/* The system's account, made when it isn't there yet; it stays where it is. NULL: too many. */
struct cost *costs_get(struct costs *costs, const char *system);
/* cost may be NULL: not counted. now_ms: clock_mono_ms(). */
void cost_count(struct cost *cost, const struct cost_amount *more, int64_t now_ms);
/* Of the last minute. What was asked at the start is told once, not as if it went on. */
struct cost_amount cost_per_minute(const struct cost *cost, int64_t now_ms);

#endif

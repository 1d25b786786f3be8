/*
 * world/outside.h: what the cluster stands on, simulated: status pages in every format, the edge,
 * the nodes' ingress, DNS, mail, a registry, an observability endpoint, storage. Everything on
 * loopback ports, over plain HTTP and SMTP, so that curl and sitrep can ask it.
 */
#ifndef SITREP_WORLD_OUTSIDE_H
#define SITREP_WORLD_OUTSIDE_H

#include <stdbool.h>

#include <jansson.h>

#include "core/err.h"

struct world;
struct outside;

/* Whatever the cluster description's "vendors" and "outside" name; both may be missing. dir is
 * where the token's file is put. */
int outside_start(struct world *world, struct outside **ret, struct err *err);
/* Closes its ports; outside_free() after the loop has run on. */
void outside_stop(struct outside *outside);
void outside_free(struct outside *outside);
/* "vendors" and "probes" as sitrep's configuration has them. New reference. */
json_t *outside_config(const struct outside *outside);

/* ---- for scenarios ---- */

enum outside_fault { OUTSIDE_WELL, OUTSIDE_HANG, OUTSIDE_RESET, OUTSIDE_STATUS, OUTSIDE_SLOW,
		     OUTSIDE_ANSWER };
extern const char *const outside_faults[];             /* as written; NULL at the end */

/* "edge", "edge/HOST", "origin/NODE", "status/VENDOR", "dns-a", "dns-b", "smtp", "registry", "obs",
 * "storage". */
bool outside_has_endpoint(const struct outside *outside, const char *endpoint);
/* status counts for OUTSIDE_STATUS, delay (seconds) for OUTSIDE_SLOW, answer (an address, or "" for
 * none) for OUTSIDE_ANSWER. */
void outside_set_fault(struct outside *outside, const char *endpoint, enum outside_fault fault,
		       int status, double delay, const char *answer);
bool outside_is_well(const struct outside *outside, const char *endpoint);
/* It may be slow. True as well when there is none of that name. */
bool outside_answers(const struct outside *outside, const char *endpoint);

bool outside_has_vendor(const struct outside *outside, const char *vendor);
/* impact: "degraded", "partial", "major" or "maintenance". component and region may be NULL. */
void outside_incident(struct outside *outside, const char *vendor, const char *component,
		      const char *region, const char *impact, const char *title,
		      const char *message);
void outside_resolve(struct outside *outside, const char *vendor);
bool outside_vendor_is_well(const struct outside *outside, const char *vendor);

#endif

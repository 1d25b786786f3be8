/*
 * core/model/probes.h: what sitrep finds when it asks like anyone else would: through the edge, at
 * each origin, at resolvers, mail servers, registries. A probe that fails is known to have failed:
 * it is fresh. It is unknown only while it could not be made.
 */
#ifndef SITREP_CORE_MODEL_PROBES_H
#define SITREP_CORE_MODEL_PROBES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"
#include "core/model/baseline.h"

enum probe_kind {
	PROBE_HTTP, PROBE_EDGE, PROBE_ORIGIN, PROBE_DNS, PROBE_SMTP, PROBE_REGISTRY, PROBE_OBS,
	PROBE_STORAGE, PROBE_TCP, PROBE_KINDS
};
const char *probe_kind_name(enum probe_kind kind);

enum probe_result { RESULT_UNKNOWN, RESULT_OK, RESULT_FAILED };
const char *probe_result_name(enum probe_result result);

/* What a probe goes through; each has its own time. */
enum probe_step { STEP_DNS, STEP_TCP, STEP_TLS, STEP_ANSWER, PROBE_STEPS };
const char *probe_step_name(enum probe_step step);

/* Why one has failed. */
enum probe_cause {
	CAUSE_NONE,
	CAUSE_NO_NAME,             /* the name does not exist, or has no address */
	CAUSE_SERVFAIL,            /* the resolver could not find out: the name's own servers fail */
	CAUSE_RESOLVER,            /* the resolver refuses, or fails without saying how */
	CAUSE_REFUSED,             /* connection refused */
	CAUSE_TIMEOUT,
	CAUSE_BROKE,               /* the connection broke, or was closed without an answer */
	CAUSE_TLS,                 /* no TLS, or a certificate that isn't to be trusted */
	CAUSE_STATUS,              /* it answers, with a status that isn't expected */
	CAUSE_TOKEN,               /* it answers, and doesn't take our token */
	CAUSE_OUTSIDE,             /* dns: an address that isn't in the expected ranges */
	CAUSE_NO_ROUTE,            /* no way there from here */
	CAUSE_NONSENSE,            /* it answers, but not as it should */
	PROBE_CAUSES
};
const char *probe_cause_name(enum probe_cause cause);      /* "servfail", "timeout", ... */

#define PROBE_HISTORY 48           /* last ones, for people */
#define PROBE_TEXT_BYTES 160

struct probe {
	char *name;                /* unique: "site", "origin node-1" */
	char *of;                  /* the configured name */
	char *via;                 /* node, address or resolver; "" = none */
	char *target;              /* URL or name that is asked */
	char *detail;              /* lines for the detail view: headers, answers, greetings; or NULL */
	enum probe_kind kind;
	struct freshness fresh;
	enum probe_result result;
	enum probe_step failed_at; /* with RESULT_FAILED */
	enum probe_cause cause;    /* likewise */
	char text[PROBE_TEXT_BYTES];   /* what it answered, or why it failed; printable */
	int status;                /* HTTP or SMTP; 0 = none */
	int failures;              /* in a row */
	int64_t since_ms;          /* wall clock of the result's start */
	int32_t step_us[PROBE_STEPS];  /* of the last one; -1 = not gone through */
	int32_t total_us;          /* -1 = never came through */
	uint32_t history[PROBE_HISTORY];   /* total_us, ring; 0 = failed */
	uint8_t history_len, history_at;
	struct baseline base;      /* of total_us */
	int64_t cert_expires_ms;   /* 0 = no certificate seen */
	char pop[8];               /* the edge's point of presence that answered; "" = not told */
	bool outside;              /* dns: an answer isn't in the expected ranges */
	bool disagrees;            /* dns: another resolver answers otherwise */
};

struct probes {
	struct probe **items;      /* as configured, by origin in the order of nodes */
	size_t len;
};

struct probe *probes_add(struct probes *probes, const char *of, const char *via);
void probes_remove(struct probes *probes, struct probe *probe);
void probes_release(struct probes *probes);

/* A run has ended: takes its time into history and baseline. total_us counts when ok. */
void probe_ended(struct probe *probe, bool ok, int32_t total_us, int64_t now_wall_ms);
/* Sample i of the history, oldest first, as one would draw it: what is within the usual spread is
 * the median, so that calm looks calm; 1 while there is no median. -1 = failed. */
int64_t probe_drawn(const struct probe *probe, int i);
/* Whole days; negative when it has expired. Only with cert_expires_ms. */
int probe_cert_days(const struct probe *probe, int64_t now_wall_ms);

#endif

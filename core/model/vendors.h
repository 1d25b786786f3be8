/*
 * core/model/vendors.h: what vendors' status pages say about the parts that we use. Every text
 * here is foreign and has been made printable and cut to a ceiling.
 */
#ifndef SITREP_CORE_MODEL_VENDORS_H
#define SITREP_CORE_MODEL_VENDORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"

#define VENDOR_COMPONENTS_MAX 64       /* those that we use; a page may have thousands */
#define VENDOR_NOTICES_MAX 24          /* incidents and maintenances, ended ones too */
#define VENDOR_NAME_BYTES 160
#define VENDOR_TEXT_BYTES 4096         /* an incident's text */
#define VENDOR_ENDED_KEPT_MS INT64_C(21600000)
#define POP_BYTES 8                    /* "FRA" */

/* In the order of how bad it is; what isn't known is worse than good. */
enum vendor_state {
	VENDOR_OK,
	VENDOR_UNKNOWN,
	VENDOR_MAINTENANCE,
	VENDOR_DEGRADED,
	VENDOR_PARTIAL,
	VENDOR_MAJOR,
	VENDOR_STATES
};
const char *vendor_state_name(enum vendor_state state);    /* "ok", "unknown", ... */

struct vendor_component {
	char *name;                /* "Database / eu-central-1" */
	enum vendor_state state;
};

struct vendor_notice {
	char *id;                  /* the page's own, or the title */
	char *title;
	char *phase;               /* the page's word: "investigating"; "" = none */
	char *text;                /* updates, newest first, one paragraph each */
	enum vendor_state impact;
	bool perhaps;              /* the page doesn't say whether it concerns what we use */
	bool maintenance;
	bool upcoming;             /* a maintenance that hasn't begun */
	int64_t started_ms;        /* as the page says it, else when we first saw it */
	int64_t ended_ms;          /* when it left the page; 0 = it stands */
	int64_t until_ms;          /* a maintenance's planned end; 0 = not told */
};

struct vendor {
	char *name;
	char *url;
	char *format;              /* which was recognised; "" = none yet */
	struct freshness fresh;
	enum vendor_state state;   /* of what we use; hold it against fresh */
	int64_t since_ms;          /* that state's start */
	char pop[POP_BYTES];       /* the point of presence that serves us; "" = not asked, unknown */
	bool asks_pop;             /* one is to be known */
	bool pop_listed;           /* the page tells of that one: */
	enum vendor_state pop_state;
	size_t total;              /* components on the page; 0 = the page lists none */
	size_t others;             /* notices about what we don't use: only counted */
	struct vendor_component *components;
	size_t ncomponents;
	struct vendor_notice *notices;     /* newest start first, ended ones last */
	size_t nnotices;
};

struct vendors {
	struct vendor *items;      /* as configured */
	size_t len;
};

void vendor_component_release(struct vendor_component *component);
void vendor_notice_release(struct vendor_notice *notice);
void vendor_clear(struct vendor *vendor);      /* components and notices */
void vendors_release(struct vendors *vendors);
/* What a person should read first: an incident of ours, else one that may be, else NULL. */
const struct vendor_notice *vendor_headline(const struct vendor *vendor);

#endif

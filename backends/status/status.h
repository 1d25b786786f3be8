/*
 * backends/status/status.h: what a body from a status page says, whoever hosts the page. A format
 * is one file here and one row in formats.c. Readers are liberal: what is missing or of the wrong
 * type is skipped, and a word that nobody knows is "unknown", never good.
 */
#ifndef SITREP_BACKENDS_STATUS_STATUS_H
#define SITREP_BACKENDS_STATUS_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/buf.h"
#include "core/config.h"
#include "core/err.h"
#include "core/model/vendors.h"

/* Bits of components' patterns, then as many for regions'; the last one stands for all beyond. */
#define STATUS_GLOBS_MAX 32

struct status_body {
	const char *text;          /* NUL-terminated */
	size_t len;
	json_t *json;              /* NULL = it isn't JSON */
	int64_t now_ms;            /* wall clock */
};

/* Which parts of a page count. */
struct status_filter {
	const struct strlist *components, *regions, *ignore;
	bool by_pop;               /* components called "City (FRA)" count for our own POP only */
	char pop[POP_BYTES];
	int64_t recent_ms;         /* a feed's entries, which have no state, count for this long */
};

struct status_page {
	struct status_filter filter;
	enum vendor_state overall; /* the page's own word; VENDOR_UNKNOWN = it has none */
	bool lists_components;     /* all of them, the healthy ones too */
	bool tells_state;          /* false: names alone, which prove nothing */
	size_t total, others;      /* as in struct vendor */
	bool pop_listed;           /* our own point of presence is among the components */
	enum vendor_state pop_state;
	uint64_t matched;          /* which of the patterns found something: see STATUS_GLOBS_MAX */
	struct vendor_component *components;
	size_t ncomponents;
	struct vendor_notice *notices;
	size_t nnotices;
};

/* An incident or a maintenance while it is read. Texts are borrowed until status_notice_end(). */
struct status_notice {
	const char *id, *title, *phase;
	struct buf text;
	enum vendor_state impact;
	bool maintenance, upcoming;
	bool names_parts, ours;
	int64_t started_ms, until_ms;
};

struct status_format {
	const char *name;
	/* Is it one of ours? Only ever called with the whole body. */
	bool (*recognises)(const struct status_body *body);
	/* -EBADMSG with a clause in err when it isn't what recognises() would have taken. */
	int (*parse)(struct status_page *page, const struct status_body *body, struct err *err);
};

extern const struct status_format status_format_statuspage, status_format_statusio,
	status_format_incidentio, status_format_instatus, status_format_firehydrant,
	status_format_feed;
extern const struct status_format *const status_formats[];         /* NULL-terminated */

/* Finds the format (wanted NULL or "auto") and reads the body. -EBADMSG with a clause. *ret is the
 * format on success. The page's filter must be set; the caller releases the page either way. */
int status_read(struct status_page *page, const char *wanted, const char *text, size_t len,
		int64_t now_ms, const struct status_format **ret, struct err *err);
void status_page_release(struct status_page *page);

/* For formats: a part of the page and its state. group and region may be NULL. */
void status_component(struct status_page *page, const char *group, const char *name,
		      const char *region, enum vendor_state state);
/* Makes a component that counts worse, if it stands in the page already. */
void status_component_worsen(struct status_page *page, const char *name, enum vendor_state state);

void status_notice_begin(struct status_notice *notice);
void status_notice_part(const struct status_page *page, struct status_notice *notice,
			const char *group, const char *name, const char *region);
/* One update: newest first. HTML is taken out. */
void status_notice_update(struct status_notice *notice, int64_t at_ms, const char *phase,
			  const char *text);
/* Keeps it if it may concern us; frees its text. */
void status_notice_end(struct status_page *page, struct status_notice *notice);

/* "degraded_performance", "PARTIALOUTAGE", "Major Outage", "critical", ... */
enum vendor_state status_word(const char *word);
enum vendor_state status_worse(enum vendor_state a, enum vendor_state b);
/* A word that ends an incident: "resolved", "completed", "postmortem", ... */
bool status_is_over(const char *phase);

/* json.c: short ways into foreign JSON; everything takes NULL and wrong types. Keys may be given
 * as alternatives, "id|_id": the first that is there counts. */
const char *status_str(const json_t *object, const char *keys);    /* NULL when absent or "" */
json_t *status_list(const json_t *object, const char *keys);       /* borrowed; NULL when none */
json_t *status_map(const json_t *object, const char *keys);        /* borrowed */
int64_t status_int(const json_t *object, const char *keys);        /* text too; -1 when absent */
int64_t status_time(const json_t *object, const char *keys);       /* wall ms, 0 when absent */
int64_t status_parse_time(const char *text);                       /* RFC 3339 or RFC 822; 0 */
/* Foreign text without tags and entities, printable, on one line, at most max bytes. */
char *status_plain(const char *text, size_t max);

#endif

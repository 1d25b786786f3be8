/*
 * backends/probe/probe.h: one kind of probe is one file here and one row in kinds.c. A run has a
 * deadline of its own and never holds up another.
 */
#ifndef SITREP_BACKENDS_PROBE_PROBE_H
#define SITREP_BACKENDS_PROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "backends/backend.h"
#include "backends/http.h"
#include "core/buf.h"
#include "core/secret.h"

struct probe_backend;
struct probe_ops;

#define PROBE_DETAIL_MAX 4096

/* One target of one configured probe, and its run under way. */
struct probing {
	struct probe_backend *backend;
	struct probing *next;
	const struct config_probe *config;
	const struct probe_ops *ops;
	struct probe *model;
	uv_timer_t timer;          /* to the next run; in a run, its deadline */
	int closing;               /* handles still open; the last frees it */
	bool running, gone;
	int32_t told_median_us;    /* as last shown; -1 = none */
	char *address;             /* via: "10.0.0.1" or "10.0.0.1:8443", a resolver's URL; or NULL */
	/* the run */
	struct http_call *call;
	void *easy;                /* its CURL *, while it lasts */
	struct secret_fetch *secret;
	uv_getaddrinfo_t lookup;   /* dns */
	bool looking;
	char *bearer;
	int64_t began_us, first_us;    /* the run; smtp: its first line */
	int lines;                 /* smtp */
	bool connected;            /* TCP came about, whatever became of it */
	int32_t step_us[PROBE_STEPS];
	int32_t total_us;
	int64_t cert_expires_ms;
	struct buf detail;         /* header or greeting lines, printable */
	struct buf body;           /* dns: the resolver's answer */
	size_t body_seen;
};

/* What a run has brought. */
struct probe_verdict {
	bool ok;
	enum probe_step failed_at;
	enum probe_cause cause;    /* unless ok */
	enum fresh_fault fault;
	int status;
	char text[PROBE_TEXT_BYTES];
};

struct probe_ops {
	enum probe_kind kind;
	/* Begins a run; probe_done() or probe_impossible() ends it, later or at once. */
	void (*start)(struct probing *probing);
	/* For those over HTTP: what the answer means; verdict is filled as any would. MAY. */
	void (*judge)(struct probing *probing, const struct http_outcome *outcome,
		      struct probe_verdict *verdict);
};

extern const struct probe_ops probe_http, probe_edge, probe_origin, probe_dns, probe_smtp,
	probe_registry, probe_obs, probe_storage, probe_tcp;
extern const struct probe_ops *const probe_kinds[PROBE_KINDS];

/* backend.c */
struct http *probe_http_of(struct probing *probing);
const char *probe_ca(struct probing *probing);             /* PEM or NULL */
void probe_done(struct probing *probing, const struct probe_verdict *verdict);
/* The run could not be made: nothing is known. */
void probe_impossible(struct probing *probing, enum fresh_fault fault, const char *text);

/* Since the run began. */
int32_t probe_passed_us(const struct probing *probing);
/* dns: its thread has ended after all else was gone. */
void probe_let_go(struct probing *probing);

/* web.c: what all probes over libcurl share */
void probe_web_start(struct probing *probing);
/* Takes times and certificate from the CURL *. */
void probe_web_measure(void *arg, void *easy);
/* Each run makes a connection of its own. */
void probe_web_fresh(void *easy);
/* How far a failed run came. */
enum probe_step probe_stopped_at(const struct probing *probing, bool tls);
/* Why a run has failed whose outcome has an error; failed_at is how far it came. */
enum probe_cause probe_cause_of(const struct http_outcome *outcome, enum probe_step failed_at);
/* The verdict as the outcome alone gives it; status is judged against what is expected. */
void probe_web_judge(struct probing *probing, const struct http_outcome *outcome,
		     struct probe_verdict *verdict);
bool probe_expects(const struct config_probe *config, long status);
/* A header of the last answer, from detail; "" = absent. */
const char *probe_header(const struct probing *probing, const char *name, char *buf, size_t size);
/* Keeps a header line for detail and probe_header(). */
void probe_keep_line(void *arg, const char *line, size_t len);
/* "host", and port or fallback, of a URL or "host:port". */
bool probe_split(const char *url, int fallback, char *host, size_t size, int *ret_port);

#endif

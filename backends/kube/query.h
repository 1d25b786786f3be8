/*
 * backends/kube/query.h: one read on demand. Private to query.c and query_logs.c.
 */
#ifndef SITREP_BACKENDS_KUBE_QUERY_H
#define SITREP_BACKENDS_KUBE_QUERY_H

#include <stdbool.h>

#include <jansson.h>

#include "backends/kube/kube.h"
#include "core/buf.h"

#define QUERY_ANSWER_MS 15000
#define QUERY_BODY_MAX (8 * 1024 * 1024)
#define LOG_STAMP_MAX 40

/* Where a followed log stands, so that a new connection goes on behind the last line. */
struct log_place {
	char stamp[LOG_STAMP_MAX];     /* of the line at hand, as far as it has come */
	size_t stamp_len;
	bool in_text;              /* past the stamp */
	bool skipping;             /* a line that has been handed over before */
	char last[LOG_STAMP_MAX];  /* of the last line handed over; "" = none */
	int at_last;               /* how many lines with that stamp were */
	int passed;                /* since the reconnect, how many lines with that stamp */
};

struct query {
	struct kube *kube;
	struct query *next;
	struct query_request request;
	struct query_sink sink;
	struct http_call *call;
	struct buf body;           /* of the answer */
	struct buf text;           /* to be handed over at the end */
	bool too_big;
	json_t *object;
	uv_timer_t timer;          /* before a log is followed again */
	char *pod, *container;     /* logs */
	int64_t restarts;          /* of that container when its log was opened */
	int tries;                 /* reconnects in a row without a line */
	struct log_place place;
	void (*data)(struct query *query, const char *bytes, size_t len);  /* NULL = into body */
	void (*answered)(struct query *query, json_t *answer);             /* takes the answer */
	void (*ended)(struct query *query, const struct http_outcome *outcome);  /* NULL = usual */
};

/* GET path; then answered (or ended, for what isn't JSON). */
void query_ask(struct query *query, const char *path, int64_t total_ms);
void query_end(struct query *query, int rc, const char *text);
void query_end_failed(struct query *query, const struct http_outcome *outcome);

/* Logs of a pod, or of a workload's pod that has most to say. */
int query_logs_start(struct query *query, struct err *err);

#endif

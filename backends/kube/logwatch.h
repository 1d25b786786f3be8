/*
 * backends/kube/logwatch.h: a few log lines, looked at for the configured signs: previous logs
 * of crash-looping pods once per restart, and logs of named workloads while something is wrong.
 * At most one request every two seconds, 64 KiB each.
 */
#ifndef SITREP_BACKENDS_KUBE_LOGWATCH_H
#define SITREP_BACKENDS_KUBE_LOGWATCH_H

#include <stdbool.h>
#include <stdint.h>

#include <regex.h>
#include <uv.h>

#include "backends/http.h"
#include "core/buf.h"
#include "core/model/workloads.h"

struct kube;
struct look;

struct logwatch {
	struct kube *kube;
	uv_timer_t timer;
	regex_t *patterns;         /* one per configured sign */
	size_t npatterns;
	struct http_call *call;
	struct buf body;
	char workload[WORKLOAD_KEY];        /* whose log is being read */
	char pod[254];
	bool previous;
	struct look *looks;        /* what was looked at when, so that turns are fair */
	size_t nlooks;
};

void logwatch_start(struct logwatch *watch, struct kube *kube);
void logwatch_stop(struct logwatch *watch, uv_close_cb closed);

#endif

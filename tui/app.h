/*
 * tui/app.h: the program's parts, put together: systems read into the situation, the situation
 * judged, the ladder ready. The same for the dashboard, --once, check and headless drills.
 */
#ifndef SITREP_TUI_APP_H
#define SITREP_TUI_APP_H

#include <stdbool.h>

#include <uv.h>

#include "backends/backend.h"
#include "core/actuator.h"
#include "core/config.h"
#include "core/err.h"
#include "core/query.h"
#include "core/situation.h"
#include "incident/audit.h"
#include "incident/catalogue.h"
#include "incident/ladder.h"
#include "incident/verdict.h"
#include "tui/options.h"

#define APP_BACKENDS_MAX 8

/* A simulated system instead of the person's own: its configuration, and where its systems are even
 * when another configuration has been named. */
struct app_place {
	const char *config, *kubeconfig, *redis;
};

struct app {
	uv_loop_t loop;
	const struct options *options;
	struct config config;
	struct situation sit;
	struct backend_env env;
	struct stream_ways ways;
	const struct backend_ops *ops[APP_BACKENDS_MAX];
	void *backends[APP_BACKENDS_MAX];
	int nbackends;
	struct actuators actuators;
	struct catalogue catalogue;
	struct judge *judge;
	struct facts_memory *facts;
	struct audit *audit;
	struct ladder *ladder;
	bool judging;              /* the rules are compiled */
	char rules_error[512];     /* why not, if they never will be */
	uv_timer_t judge_timer;
	bool judge_pending;
	int64_t judge_cost_ms, judged_ms;  /* of the last run, and its monotonic end */
	void (*changed)(void *arg, unsigned int sections);   /* situation, verdicts or climbs */
	void *changed_arg;
};

/* Sections beyond enum section, for changed(). */
#define CHANGED_VERDICTS (1u << 30)
#define CHANGED_LADDER   (1u << 31)

/* The loop and an empty situation; app_stop() from here on. */
void app_init(struct app *app, const struct options *options);
/* Config, then the backends: their first requests are on their way when this returns. */
int app_start(struct app *app, const struct app_place *place, struct err *err);
/* Catalogue, judge, audit and ladder: after the first paint. */
int app_prepare(struct app *app, struct err *err);
/* Judge now (the next run comes by itself). */
void app_judge(struct app *app);
void app_refresh(struct app *app);
/* Closes everything and runs the loop until all is closed. */
void app_stop(struct app *app);

/* The backend that can answer a query; NULL ops when none can. */
const struct query_ops *app_queries(const struct app *app, const struct query_request *request,
				    void **ret_self);

/* The backend that has met an unknown key there; NULL = none. */
const struct trust_ops *app_trust(const struct app *app, const char *node, void **ret_self);

#endif

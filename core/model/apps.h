/*
 * core/model/apps.h: a few numbers that apps tell about themselves as Prometheus metrics: those
 * that the configuration names, summed over their series.
 */
#ifndef SITREP_CORE_MODEL_APPS_H
#define SITREP_CORE_MODEL_APPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"

#define APP_VALUES_MAX 128

struct app_value {
	char *name;                /* the metric's, or the pattern when it names labels; owned */
	double sum, max;           /* over its series */
	size_t series;
	double per_s;              /* the sum's growth since the look before; NAN = not known */
};

struct app_metrics {
	char *name;                /* as configured, owned */
	struct freshness fresh;
	bool outside;              /* asked at an address of its own, not through the cluster */
	int64_t read_ms;           /* wall, of these values; 0 = never */
	struct app_value values[APP_VALUES_MAX];
	size_t len;
	bool cut;                  /* there were more */
	double started_s;          /* when the process began that has told it; 0 = it doesn't say */
	const char **missing;      /* patterns that fit nothing; borrowed from the configuration */
	size_t nmissing;
};

struct apps {
	struct app_metrics **items;    /* as configured */
	size_t len;
};

struct app_metrics *apps_add(struct apps *apps, const char *name);
void apps_release(struct apps *apps);
/* One series of a metric into a set that is being made. */
void app_add(struct app_metrics *app, const char *name, double value);
/* The set is whole: it takes the place of the one before, against which growth is measured: of
 * what is called _total, _count, _sum or _bucket a sum that has shrunk was counted anew from zero,
 * of all else it has shrunk. Between two processes (a restart, another pod behind the same service)
 * nothing grows. draft is empty afterwards. */
void app_commit(struct app_metrics *app, struct app_metrics *draft, int64_t now_wall_ms);
/* pattern, which outlives the set, fits nothing of it. */
void app_miss(struct app_metrics *app, const char *pattern);
void app_clear(struct app_metrics *app);       /* its values */
const struct app_value *app_find(const struct app_metrics *app, const char *name);

#endif

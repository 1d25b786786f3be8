/* core/model/apps.c: see apps.h */
#include "core/model/apps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define START_TREMBLES_S 1.5   /* a moment that is worked out anew each time */

struct app_metrics *apps_add(struct apps *apps, const char *name)
{
	struct app_metrics *app = xcalloc(1, sizeof(*app));

	app->name = xstrdup(name);
	apps->items = xreallocarray(apps->items, apps->len + 1, sizeof(struct app_metrics *));
	apps->items[apps->len++] = app;
	return app;
}

void app_clear(struct app_metrics *app)
{
	while (app->len > 0)
		free(app->values[--app->len].name);
	free(app->missing);
	app->missing = NULL;
	app->nmissing = 0;
	app->cut = false;
	app->started_s = 0;
}

void apps_release(struct apps *apps)
{
	size_t i;

	for (i = 0; i < apps->len; i++) {
		app_clear(apps->items[i]);
		free(apps->items[i]->name);
		free(apps->items[i]);
	}
	free(apps->items);
	*apps = (struct apps){.len = 0};
}

const struct app_value *app_find(const struct app_metrics *app, const char *name)
{
	size_t i;

	for (i = 0; i < app->len; i++)
		if (!strcmp(app->values[i].name, name))
			return &app->values[i];
	return NULL;
}

void app_add(struct app_metrics *app, const char *name, double value)
{
	struct app_value *mine = (struct app_value *)(uintptr_t)app_find(app, name);

	if (!mine && app->len == APP_VALUES_MAX) {
		app->cut = true;
		return;
	}
	if (!mine) {
		mine = &app->values[app->len++];
		*mine = (struct app_value){.name = xstrdup(name), .max = value, .per_s = NAN};
	}
	mine->sum += value;
	mine->max = value > mine->max ? value : mine->max;
	mine->series++;
}

void app_miss(struct app_metrics *app, const char *pattern)
{
	app->missing = xreallocarray(app->missing, app->nmissing + 1, sizeof(*app->missing));
	app->missing[app->nmissing++] = pattern;
}

/* By its name, as the format's conventions have it: not every program tells types. */
static bool counts(const char *name)
{
	static const char *const ends[] = {"_total", "_count", "_sum", "_bucket"};
	size_t len = strcspn(name, "{"), i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (len > strlen(ends[i]) &&
		    !strncmp(name + len - strlen(ends[i]), ends[i], strlen(ends[i])))
			return true;
	return false;
}

void app_commit(struct app_metrics *app, struct app_metrics *draft, int64_t now_wall_ms)
{
	double seconds = app->read_ms ? (double)(now_wall_ms - app->read_ms) / 1000 : 0;
	size_t i;

	if (fabs(draft->started_s - app->started_s) > START_TREMBLES_S)
		seconds = 0;

	for (i = 0; i < draft->len && seconds > 0; i++) {
		const struct app_value *before = app_find(app, draft->values[i].name);
		double now = draft->values[i].sum;

		if (before)
			draft->values[i].per_s = (now < before->sum && counts(before->name) ? now
						  : now - before->sum) / seconds;
	}
	app_clear(app);
	memcpy(app->values, draft->values, draft->len * sizeof(*draft->values));
	app->len = draft->len;
	app->cut = draft->cut;
	app->started_s = draft->started_s;
	app->missing = draft->missing;
	app->nmissing = draft->nmissing;
	draft->missing = NULL;
	draft->nmissing = 0;
	app->read_ms = now_wall_ms;
	draft->len = 0;
	draft->cut = false;
	draft->started_s = 0;
}

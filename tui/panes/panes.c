/* tui/panes/panes.c: the panes, in order, and what they share. */
#include "tui/panes/pane.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/clock.h"

const struct pane_ops *const panes_all[PANES] = {
	[PANE_INCIDENTS] = &pane_incidents,
	[PANE_NODES] = &pane_nodes,
	[PANE_PODS] = &pane_pods,
	[PANE_REDIS] = &pane_redis,
	[PANE_POSTGRES] = &pane_postgres,
	[PANE_QUEUES] = &pane_queues,
	[PANE_VENDORS] = &pane_vendors,
	[PANE_PROBES] = &pane_probes,
	[PANE_METRICS] = &pane_metrics,
	[PANE_ACTIONS] = &pane_actions,
	[PANE_VOLUMES] = &pane_volumes,
	[PANE_HOSTS] = &pane_hosts,
	[PANE_CHANGES] = &pane_changes,
	[PANE_COST] = &pane_cost,
};

void table_pane_open(struct pane *pane, const struct table_column *columns, int ncolumns,
		     const struct table_source *source)
{
	struct table_pane *view = xcalloc(1, sizeof(*view));

	view->app = pane->app;
	view->table = (struct table){
		.columns = columns, .ncolumns = ncolumns, .source = *source, .sort_column = -1,
	};
	view->table.source.arg = view;
	pane->state = view;
}

void table_pane_close(struct pane *pane)
{
	struct table_pane *view = pane->state;

	table_release(&view->table);
	free(view);
}

void table_pane_update(struct pane *pane, unsigned int sections)
{
	struct table_pane *view = pane->state;

	(void)sections;
	table_update(&view->table);
}

struct table *table_pane_table(struct pane *pane)
{
	struct table_pane *view = pane->state;

	return &view->table;
}

char *pane_filter(struct pane *pane, size_t *ret_size)
{
	struct table *table = pane->ops->table ? pane->ops->table(pane) : NULL;

	*ret_size = sizeof(table->filter);
	return table && table->ncolumns ? table->filter : NULL;
}

size_t pane_ranked(size_t count, int (*rank)(const void *arg, size_t at), const void *arg,
		   size_t row)
{
	size_t at;
	int level;

	for (level = RANK_MAX; level >= 0; level--)
		for (at = 0; at < count; at++)
			if (rank(arg, at) == level && row-- == 0)
				return at;
	return count;
}

const char *pane_age(int64_t from_ms, char *buf, size_t size)
{
	long long s = (clock_wall_ms() - from_ms) / 1000;

	if (!from_ms)
		snprintf(buf, size, "-");
	else if (s < 10)
		snprintf(buf, size, "<10s");
	else if (s < 60)
		snprintf(buf, size, "%llds", s / 10 * 10);
	else if (s < 3600 * 2)
		snprintf(buf, size, "%lldm", s / 60);
	else if (s < 86400 * 2)
		snprintf(buf, size, "%lldh", s / 3600);
	else
		snprintf(buf, size, "%lldd", s / 86400);
	return buf;
}

const char *pane_bytes(int64_t bytes, char *buf, size_t size)
{
	static const char units[] = "BKMGT";
	double value = (double)bytes;
	size_t unit = 0;

	if (bytes < 0) {
		snprintf(buf, size, "?");
		return buf;
	}
	for (; value >= 1024 && unit + 2 < sizeof(units); unit++)
		value /= 1024;
	snprintf(buf, size, unit && value < 100 ? "%.1f%c" : "%.0f%c", value, units[unit]);
	return buf;
}

const char *pane_freshness(const struct freshness *fresh, char *buf, size_t size)
{
	enum fresh_state state = freshness_at(fresh, clock_wall_ms());
	char since[40] = "", age[32];

	if (fresh->as_of_ms)
		snprintf(since, sizeof(since), " %s", pane_age(fresh->as_of_ms, age, sizeof(age)));
	if (state == FRESH_OK)
		buf[0] = '\0';
	else if (state == FRESH_UNKNOWN)
		snprintf(buf, size, ", %s", fresh->reason[0] ? fresh->reason : "not read yet");
	else
		snprintf(buf, size, ", %s%s%s%s", fresh_state_name(state), since,
			 fresh->reason[0] ? ": " : "", fresh->reason);
	return buf;
}

enum role pane_role(const struct freshness *fresh, enum role role)
{
	enum fresh_state state = freshness_at(fresh, clock_wall_ms());

	if (state == FRESH_OK)
		return role;
	return fresh->as_of_ms ? ROLE_STALE : ROLE_UNKNOWN;
}

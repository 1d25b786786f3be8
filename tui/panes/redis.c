/* tui/panes/redis.c: memory, policy, rates, and what the key scan has found. */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "tui/panes/pane.h"

#define ROUGH_TEXT 24
#define GAUGE 12
#define HISTORY_LEAST 8            /* columns worth a sparkline */
#define LABEL 11                   /* columns of what stands before a value */

enum { COL_WHAT, COL_TYPE, COL_SIZE, COL_KEYS, COL_TTL };

static const struct table_column columns[] = {
	[COL_WHAT] = {"BIGGEST KEYS, PREFIXES", 30, 3, 0, false, 6},
	[COL_TYPE] = {"TYPE", 7, 0, 2, false},
	[COL_SIZE] = {"SIZE", 7, 0, 0, true},
	[COL_KEYS] = {"KEYS", 8, 0, 1, true},
	[COL_TTL] = {"TTL", 9, 0, 0, true},
};

static const struct redis_scan *scan_of(const struct table_pane *view)
{
	return &view->app->sit.redis.scan;
}

static size_t count(void *arg)
{
	const struct redis_scan *scan = scan_of(arg);

	return (size_t)(scan->nprefixes + scan->nbig);
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	const struct redis_scan *scan = scan_of(arg);

	if (row < (size_t)scan->nbig)
		snprintf(buf, size, "key %s", scan->big[row].name);
	else
		snprintf(buf, size, "prefix %s", scan->prefixes[row - (size_t)scan->nbig].prefix);
}

static void key_cell(const struct redis_key *item, int column, struct table_cell *ret)
{
	char age[CLOCK_TEXT];

	if (column == COL_WHAT)
		snprintf(ret->text, sizeof(ret->text), "%s", item->name);
	else if (column == COL_TYPE)
		snprintf(ret->text, sizeof(ret->text), "%s", item->type);
	else if (column == COL_SIZE)
		pane_bytes(item->bytes, ret->text, sizeof(ret->text));
	else if (column == COL_TTL)
		snprintf(ret->text, sizeof(ret->text), "%s", item->ttl_ms < 0 ? "no TTL"
			 : clock_format_age(item->ttl_ms, age));
	if (column == COL_TTL && item->ttl_ms < 0)
		ret->role = ROLE_WARN;
}

static void prefix_cell(const struct redis_prefix *item, int column, struct table_cell *ret)
{
	if (column == COL_WHAT)
		snprintf(ret->text, sizeof(ret->text), "%s*", item->prefix);
	else if (column == COL_TYPE)
		snprintf(ret->text, sizeof(ret->text), "prefix");
	else if (column == COL_SIZE)
		pane_bytes(item->bytes, ret->text, sizeof(ret->text));
	else if (column == COL_KEYS)
		snprintf(ret->text, sizeof(ret->text), "%lld", (long long)item->keys);
	else if (item->no_ttl)
		snprintf(ret->text, sizeof(ret->text), "%s%lld w/o",
			 item->ttl_asked < item->keys ? "~" : "", (long long)item->no_ttl);
}

static void cell(void *arg, size_t row, int column, struct table_cell *ret)
{
	const struct redis_scan *scan = scan_of(arg);

	if (row < (size_t)scan->nbig)
		key_cell(&scan->big[row], column, ret);
	else
		prefix_cell(&scan->prefixes[row - (size_t)scan->nbig], column, ret);
	ret->role = pane_role(&scan->fresh, ret->role);
}

static void open_pane(struct pane *pane)
{
	table_pane_open(pane, columns, sizeof(columns) / sizeof(columns[0]),
			&(struct table_source){.count = count, .cell = cell, .key = key});
}

static void heading(struct pane *pane, char *buf, size_t size)
{
	const struct redis *redis = &pane->app->sit.redis;
	char fresh[240];

	if (!redis->configured)
		snprintf(buf, size, "Redis, none configured (--redis URL)");
	else
		snprintf(buf, size, "Redis%s%s%s", redis->version[0] ? " " : "", redis->version,
			 pane_freshness(&redis->fresh, fresh, sizeof(fresh)));
}

static double used_share(const struct redis *redis)
{
	if (redis->used < 0 || redis->maxmemory <= 0)
		return -1;
	return (double)redis->used / (double)redis->maxmemory;
}

static enum role memory_role(const struct redis *redis)
{
	double share = used_share(redis);

	if (share >= 0.9)
		return ROLE_BAD;
	return share >= 0.75 ? ROLE_WARN : ROLE_OK;
}

static void memory_text(const struct redis *redis, char *buf, size_t size)
{
	char used[16], most[16];

	pane_bytes(redis->used, used, sizeof(used));
	pane_bytes(redis->maxmemory, most, sizeof(most));
	if (redis->maxmemory == 0)
		snprintf(buf, size, "%s, no limit", used);
	else if (used_share(redis) < 0)
		snprintf(buf, size, "%s of %s", used, most);
	else
		snprintf(buf, size, "%s of %s (%d%%)", used, most,
			 (int)(used_share(redis) * 100));
}

static void label(const struct canvas *canvas, int y, const char *text)
{
	draw_fill(canvas, y, 0, canvas->width, ROLE_TEXT);
	draw_text(canvas, y, 0, LABEL, ROLE_DIM, false, text);
}

static void rate(const struct canvas *canvas, int y, const char *name, double per_min,
		 const struct freshness *fresh)
{
	label(canvas, y, name);
	if (per_min < 0)
		draw_text(canvas, y, LABEL, canvas->width - LABEL, ROLE_UNKNOWN, true, "?");
	else
		draw_printf(canvas, y, LABEL, canvas->width - LABEL,
			    pane_role(fresh, per_min > 0 ? ROLE_WARN : ROLE_TEXT), "%.0f/min",
			    per_min);
}

/* Two digits are enough to look at, and don't change all day. */
static const char *rough(int64_t count, char buf[ROUGH_TEXT])
{
	static const char units[] = " kMG";
	double value = (double)count;
	size_t unit = 0;

	if (count < 0) {
		snprintf(buf, ROUGH_TEXT, "?");
		return buf;
	}
	while (value >= 1000 && unit + 2 < sizeof(units)) {
		value /= 1000;
		unit++;
	}
	if (value >= 100)
		value = (double)((int)(value + 5) / 10 * 10);
	if (unit)
		snprintf(buf, ROUGH_TEXT, value < 10 ? "%.1f%c" : "%.0f%c", value, units[unit]);
	else
		snprintf(buf, ROUGH_TEXT, "%.0f", value);
	return buf;
}

/* As many of the parts between commas as there is room for: no part is cut. */
static void draw_parts(const struct canvas *canvas, int y, enum role role, char *text)
{
	char *comma;

	while (draw_width(text) > canvas->width - LABEL && (comma = strrchr(text, ',')))
		*comma = '\0';
	draw_text(canvas, y, LABEL, canvas->width - LABEL, role, true, text);
}

static void draw_history(const struct redis *redis, const struct canvas *canvas, int y, int x,
			 enum role role)
{
	int64_t history[REDIS_HISTORY];
	int i;

	for (i = 0; i < redis->used_history_len; i++)
		history[i] = redis->used_history[(redis->used_history_at + REDIS_HISTORY -
						  redis->used_history_len + i) % REDIS_HISTORY];
	sparkline_draw(canvas, y, x, canvas->width - x, role, history, redis->used_history_len,
		       redis->maxmemory);
}

static void draw_memory(const struct redis *redis, const struct canvas *canvas, int y)
{
	enum role role = pane_role(&redis->fresh, memory_role(redis));
	char text[160];
	int x;

	memory_text(redis, text, sizeof(text));
	label(canvas, y, "memory");
	x = LABEL + draw_text(canvas, y, LABEL, canvas->width - LABEL, role, false, text) + 1;
	if (redis->maxmemory > 0 && canvas->width - x >= GAUGE) {
		gauge_draw(canvas, y, x, GAUGE, role, used_share(redis));
		x += GAUGE + 1;
	}
	if (canvas->width - x >= HISTORY_LEAST)
		draw_history(redis, canvas, y, x, role);
}

static int draw_numbers(const struct redis *redis, const struct canvas *canvas)
{
	char text[160], keys[ROUGH_TEXT], no_ttl[ROUGH_TEXT], clients[ROUGH_TEXT], ops[ROUGH_TEXT];
	int y = 0;

	draw_memory(redis, canvas, y++);
	label(canvas, y, "policy");
	draw_text(canvas, y++, LABEL, canvas->width - LABEL, redis->policy[0]
		  ? pane_role(&redis->fresh, ROLE_TEXT) : ROLE_UNKNOWN, true,
		  redis->policy[0] ? redis->policy : redis->policy_source[0]
		  ? redis->policy_source : "?");
	rate(canvas, y++, "OOM errors", redis->oom_per_min, &redis->fresh);
	rate(canvas, y++, "evictions", redis->evicted_per_min, &redis->fresh);
	label(canvas, y, "keys");
	snprintf(text, sizeof(text), "%s%s (%s without TTL), %s clients, %s op/s",
		 redis->loading ? "loading, " : "", rough(redis->keys, keys),
		 rough(redis->keys < 0 ? -1 : redis->keys - redis->expires, no_ttl),
		 rough(redis->clients, clients), rough(redis->ops_per_s, ops));
	draw_parts(canvas, y, pane_role(&redis->fresh, ROLE_TEXT), text);
	return y + 1;
}

static void draw_scan_line(const struct redis_scan *scan, const struct canvas *canvas, int y)
{
	char text[400];

	label(canvas, y, "key scan");
	snprintf(text, sizeof(text), "%s%s%.200s, %lld of %lld keys, %lld commands, "
		 "%lld ms of its time", redis_scan_state_name(scan->state), scan->why[0]
		 ? ": " : "", scan->why, (long long)scan->scanned, (long long)scan->total,
		 (long long)scan->commands, (long long)(scan->busy_us / 1000));
	draw_parts(canvas, y, ROLE_TEXT, text);
}

static void draw(struct pane *pane, const struct canvas *canvas, bool focused)
{
	struct table_pane *view = pane->state;
	const struct redis *redis = &pane->app->sit.redis;
	struct canvas below;
	int y;

	draw_blank(canvas);
	if (!redis->configured)
		return;
	y = draw_numbers(redis, canvas);
	if (y < canvas->height)
		draw_scan_line(&redis->scan, canvas, y++);
	if (y + 1 >= canvas->height)
		return;
	below = draw_inside(canvas, y, 0, canvas->height - y, canvas->width);
	table_draw(&view->table, &below, focused);
}

static void summary(struct pane *pane, const struct canvas *canvas)
{
	const struct redis *redis = &pane->app->sit.redis;
	char text[300], memory[100];
	int x;

	heading(pane, text, sizeof(text));
	x = draw_text(canvas, 0, 0, canvas->width, pane_role(&redis->fresh, ROLE_TEXT), true,
		      text);
	if (!redis->configured || !redis->fresh.as_of_ms)
		return;
	memory_text(redis, memory, sizeof(memory));
	draw_printf(canvas, 0, x, canvas->width - x, pane_role(&redis->fresh, memory_role(redis)),
		    "  %s  %s", memory, redis->policy);
}

static bool target(struct pane *pane, struct act_target *ret)
{
	if (!pane->app->sit.redis.configured)
		return false;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->kind, sizeof(ret->kind), "redis");
	return true;
}

bool redis_selected(const struct pane *pane, const char **ret_param, const char **ret_value)
{
	const struct table_pane *view = pane->state;
	const struct redis_scan *scan = scan_of(view);
	size_t row = table_row(&view->table), big = (size_t)scan->nbig;

	if (row == SIZE_MAX || row >= big + (size_t)scan->nprefixes)
		return false;
	*ret_param = row < big ? "key" : "prefix";
	*ret_value = row < big ? scan->big[row].name : scan->prefixes[row - big].prefix;
	return true;
}

const struct pane_ops pane_redis = {
	.id = "redis", .open = open_pane, .close = table_pane_close,
	.update = table_pane_update, .heading = heading, .draw = draw, .summary = summary,
	.table = table_pane_table, .target = target,
};

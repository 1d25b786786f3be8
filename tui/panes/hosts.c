/* tui/panes/hosts.c: the machines from inside: disks, the k3s service, firewall, clock, reach. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "tui/panes/pane.h"
#include "widgets/flow.h"

#define STORY_MAX (64 * 1024)
#define DISK_WARN 80
#define DISK_BAD 85
#define SKEW_WARN_MS 2000
#define ROWS_LEAST 3           /* of the table: its head and two machines */

#define BAR 8
#define TELLING_WIDTH 110

enum { COL_NODE, COL_STATE, COL_DISK, COL_DISK_BAR, COL_UNIT, COL_FIREWALL, COL_REACH, COL_LOAD,
	COL_LOAD_BAR, COL_SKEW };

#define COLUMNS(ssh_width) { \
	[COL_NODE] = {"MACHINE", 17, 1, 0, false, 5}, \
	[COL_STATE] = {"SSH", ssh_width, 3, 0, false}, \
	[COL_DISK] = {"FULLEST DISK", 12, 1, 0, false}, \
	[COL_DISK_BAR] = {"", BAR, 0, 1, false}, \
	[COL_UNIT] = {"SERVICE", 13, 1, 1, false}, \
	[COL_FIREWALL] = {"FIREWALL", 10, 0, 4, false}, \
	[COL_REACH] = {"REACHES", 7, 0, 2, false}, \
	[COL_LOAD] = {"LOAD", 6, 0, 3, true}, \
	[COL_LOAD_BAR] = {"OF ITS CPUS", 11, 0, 5, false}, \
	[COL_SKEW] = {"CLOCK", 7, 0, 4, true}, \
}

/* Bars give way to reasons, where there is room for either. */
static const struct table_column columns[] = COLUMNS(9), columns_telling[] = COLUMNS(28);

static const struct hosts *hosts_of(const struct table_pane *view)
{
	return &view->app->sit.hosts;
}

static size_t count(void *arg)
{
	return hosts_of(arg)->len;
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	snprintf(buf, size, "%s", hosts_of(arg)->items[row].node);
}

static void state_cell(const struct host *host, struct table_cell *ret)
{
	const struct freshness *fresh = &host->fresh;
	char text[240], age[32];

	pane_freshness(fresh, text, sizeof(text));
	if (!text[0]) {
		ret->role = ROLE_OK;
		snprintf(ret->text, sizeof(ret->text), "● open");
		return;
	}
	ret->role = pane_role(fresh, ROLE_WARN);
	/* The reason tells more than the state's name, and the mark says that it isn't fresh. */
	if (fresh->reason[0] && fresh->as_of_ms)
		snprintf(ret->text, sizeof(ret->text), "? %s ago: %.100s",
			 pane_age(fresh->as_of_ms, age, sizeof(age)), fresh->reason);
	else
		snprintf(ret->text, sizeof(ret->text), "? %.100s", fresh->reason[0]
			 ? fresh->reason : text + 2);
}

static void disk_cell(const struct host *host, struct table_cell *ret)
{
	const struct host_disk *disk = host_fullest(host);
	int percent = disk ? host_disk_percent(disk) : -1;

	if (percent < 0) {
		snprintf(ret->text, sizeof(ret->text), "?");
		ret->role = ROLE_UNKNOWN;
		return;
	}
	ret->role = percent >= DISK_BAD ? ROLE_BAD : percent >= DISK_WARN ? ROLE_WARN : ROLE_TEXT;
	snprintf(ret->text, sizeof(ret->text), "%s%d%% %.60s", percent >= DISK_WARN ? "! " : "",
		 percent, disk->mount);
}

static void unit_cell(const struct host *host, struct table_cell *ret)
{
	bool well = !strcmp(host->active, "active");

	if (!host->unit[0]) {
		snprintf(ret->text, sizeof(ret->text), "?");
		ret->role = ROLE_UNKNOWN;
		return;
	}
	ret->role = well ? ROLE_TEXT : ROLE_BAD;
	snprintf(ret->text, sizeof(ret->text), "%s%s %s", well ? "" : "! ", host->unit, host->active);
}

static void firewall_cell(const struct host *host, struct table_cell *ret)
{
	size_t wrong = host_unexpected_rules(host) + host->nmissing;

	ret->role = host->firewall == FIREWALL_UNKNOWN ? ROLE_UNKNOWN
		  : wrong || host->firewall == FIREWALL_INACTIVE ? ROLE_WARN : ROLE_TEXT;
	if (host->firewall != FIREWALL_ACTIVE)
		snprintf(ret->text, sizeof(ret->text), "%s", host->firewall == FIREWALL_INACTIVE
			 ? "! inactive" : "?");
	else if (wrong)
		snprintf(ret->text, sizeof(ret->text), "! %zu differ", wrong);
	else
		snprintf(ret->text, sizeof(ret->text), "%zu rules", host->nrules);
}

static void reach_cell(const struct host *host, struct table_cell *ret)
{
	size_t ok = 0;

	for (size_t i = 0; i < host->nreach; i++)
		ok += host->reach[i].ok;
	if (!host->nreach) {
		snprintf(ret->text, sizeof(ret->text), "-");
		return;
	}
	ret->role = ok == host->nreach ? ROLE_TEXT : ROLE_BAD;
	snprintf(ret->text, sizeof(ret->text), "%s%zu/%zu", ok == host->nreach ? "" : "! ", ok,
		 host->nreach);
}

static void load_cell(const struct host *host, struct table_cell *ret)
{
	snprintf(ret->text, sizeof(ret->text), host->load1 < 0 ? "?" : "%.1f", host->load1);
	if (host->cpus > 0 && host->load1 > (double)host->cpus * 2)
		ret->role = ROLE_WARN;
}

static void disk_bar(const struct host *host, bool utf8, struct table_cell *ret)
{
	const struct host_disk *disk = host_fullest(host);
	int percent = disk ? host_disk_percent(disk) : -1;

	disk_cell(host, ret);
	gauge_text(utf8, BAR, percent / 100.0, ret->text, sizeof(ret->text));
}

/* Full when each CPU has one to run and one that waits. */
static void load_bar(const struct host *host, bool utf8, struct table_cell *ret)
{
	load_cell(host, ret);
	gauge_text(utf8, BAR, host->load1 < 0 || host->cpus <= 0 ? -1
		   : host->load1 / (double)host->cpus / 2, ret->text, sizeof(ret->text));
}

static bool is_skewed(const struct host *host)
{
	return host->skew_ms != HOST_SKEW_UNKNOWN && llabs(host->skew_ms) >= SKEW_WARN_MS;
}

static void skew_cell(const struct host *host, struct table_cell *ret)
{
	if (host->skew_ms == HOST_SKEW_UNKNOWN)
		snprintf(ret->text, sizeof(ret->text), "?");
	else if (is_skewed(host))
		snprintf(ret->text, sizeof(ret->text), "! %+llds", (long long)host->skew_ms / 1000);
	else
		snprintf(ret->text, sizeof(ret->text), "right");
	if (is_skewed(host))
		ret->role = ROLE_WARN;
}

static void cell(void *arg, size_t row, int column, struct table_cell *ret)
{
	static void (*const put[])(const struct host *host, struct table_cell *ret) = {
		[COL_STATE] = state_cell, [COL_DISK] = disk_cell, [COL_UNIT] = unit_cell,
		[COL_FIREWALL] = firewall_cell, [COL_REACH] = reach_cell, [COL_LOAD] = load_cell,
		[COL_SKEW] = skew_cell,
	};
	const struct table_pane *view = arg;
	const struct host *host = &hosts_of(arg)->items[row];

	ret->role = ROLE_TEXT;
	if (column == COL_DISK_BAR)
		disk_bar(host, view->table.utf8, ret);
	else if (column == COL_LOAD_BAR)
		load_bar(host, view->table.utf8, ret);
	else if (put[column])
		put[column](host, ret);
	else
		snprintf(ret->text, sizeof(ret->text), "%s", host->node);
	if (column != COL_NODE && column != COL_STATE)
		ret->role = pane_role(&host->fresh, ret->role);
}

static void open_pane(struct pane *pane)
{
	table_pane_open(pane, columns, sizeof(columns) / sizeof(columns[0]),
			&(struct table_source){
		.count = count, .cell = cell, .key = key,
		.nothing = "name the machines in the configuration: ssh.hosts",
	});
}

static void heading(struct pane *pane, char *buf, size_t size)
{
	const struct hosts *hosts = &pane->app->sit.hosts;
	size_t open = 0;

	for (size_t i = 0; i < hosts->len; i++)
		open += freshness_at(&hosts->items[i].fresh, clock_wall_ms()) == FRESH_OK;
	if (hosts->len)
		snprintf(buf, size, "Machines %zu/%zu", open, hosts->len);
	else
		snprintf(buf, size, "Machines, none configured");
}

static const struct host *selected(const struct pane *pane)
{
	const struct table_pane *view = pane->state;
	size_t row = table_row(&view->table);

	return row < hosts_of(view)->len ? &hosts_of(view)->items[row] : NULL;
}

/* Why the selected machine isn't fresh, in full: its column is too narrow for that. Returns how many
 * lines that takes. */
static int reason_of(const struct pane *pane, int width, char *buf, size_t size)
{
	const struct host *host = selected(pane);
	char text[240];

	buf[0] = '\0';
	if (!host)
		return 0;
	pane_freshness(&host->fresh, text, sizeof(text));
	if (!text[0] || !host->fresh.reason[0])
		return 0;
	snprintf(buf, size, "%.80s: %s", host->node, text + 2);
	return flow_lines(buf, width);
}

static bool all_open(const struct hosts *hosts)
{
	for (size_t i = 0; i < hosts->len; i++)
		if (freshness_at(&hosts->items[i].fresh, clock_wall_ms()) != FRESH_OK)
			return false;
	return true;
}

/* While it has the focus, what is wrong with the selected one stands below the table. */
static void draw(struct pane *pane, const struct canvas *canvas, bool focused)
{
	struct table_pane *view = pane->state;
	char reason[400];
	int lines = reason_of(pane, canvas->width, reason, sizeof(reason));
	int rows = canvas->height - (focused ? lines : 0);
	struct canvas table = draw_inside(canvas, 0, 0, rows, canvas->width);

	view->table.columns = canvas->width >= TELLING_WIDTH && !all_open(hosts_of(view))
		? columns_telling : columns;
	if (!lines || !focused || rows < ROWS_LEAST) {
		table_draw(&view->table, canvas, focused);
		return;
	}
	table_draw(&view->table, &table, focused);
	flow_draw(canvas, rows, 0, canvas->width, pane_role(&selected(pane)->fresh, ROLE_WARN), 0,
		  reason);
}

static void summary(struct pane *pane, const struct canvas *canvas)
{
	const struct hosts *hosts = &pane->app->sit.hosts;
	char text[300];
	int x;

	heading(pane, text, sizeof(text));
	x = draw_text(canvas, 0, 0, canvas->width, ROLE_TEXT, true, text);
	for (size_t i = 0; i < hosts->len; i++) {
		struct table_cell disk = {.role = ROLE_TEXT};

		disk_cell(&hosts->items[i], &disk);
		if (disk.role != ROLE_TEXT)
			x = draw_piece(canvas, 0, x, pane_role(&hosts->items[i].fresh, disk.role),
				       "  %.40s %.60s", hosts->items[i].node, disk.text);
	}
}

static bool target(struct pane *pane, struct act_target *ret)
{
	const struct host *host = selected(pane);

	if (!host)
		return false;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->kind, sizeof(ret->kind), "node");
	snprintf(ret->name, sizeof(ret->name), "%.250s", host->node);
	return true;
}

/* ---- all of one ---- */

static void tell_disks(const struct host *host, struct buf *story)
{
	char room[32], size[32];

	buf_append_str(story, "\nDisks\n");
	for (size_t i = 0; i < host->ndisks; i++) {
		const struct host_disk *disk = &host->disks[i];

		buf_printf(story, "  %-24s %3d%% of %s, %s free", disk->mount,
			   host_disk_percent(disk), pane_bytes(disk->total_kib * 1024, size,
							       sizeof(size)),
			   pane_bytes(disk->free_kib * 1024, room, sizeof(room)));
		if (disk->inodes_percent >= 0)
			buf_printf(story, ", inodes %d%%", disk->inodes_percent);
		buf_append_str(story, "\n");
	}
	if (host->journal_bytes >= 0)
		buf_printf(story, "  %-24s %s\n", "the journal takes",
			   pane_bytes(host->journal_bytes, room, sizeof(room)));
	if (host->nbig)
		buf_printf(story, "\nBiggest directories, %s ago%s\n",
			   pane_age(host->big_ms, room, sizeof(room)), host->big_partial
			   ? " (at least: not all could be read)" : "");
	for (size_t i = 0; i < host->nbig; i++)
		buf_printf(story, "  %8s %s\n", pane_bytes(host->big[i].kib * 1024, room,
							   sizeof(room)), host->big[i].path);
}

static void tell_firewall(const struct host *host, struct buf *story)
{
	buf_printf(story, "\nFirewall: %s%s\n", host_firewall_name(host->firewall),
		   host->firewall == FIREWALL_UNKNOWN
		   ? " (ufw answers root alone: let this user run `sudo -n ufw status numbered`)" : "");
	for (size_t i = 0; i < host->nrules; i++)
		buf_printf(story, "  %s [%2d] %s\n", host->rules[i].expected ? " " : "!",
			   host->rules[i].number, host->rules[i].text);
	for (size_t i = 0; i < host->nmissing; i++)
		buf_printf(story, "  ! missing: %s\n", host->missing[i]);
}

static void tell_reach(const struct host *host, struct buf *story)
{
	if (host->nreach)
		buf_append_str(story, "\nConnects from there\n");
	for (size_t i = 0; i < host->nreach; i++)
		buf_printf(story, "  %s %-28s %s, %lld ms\n", host->reach[i].ok ? " " : "!",
			   host->reach[i].target, host->reach[i].ok ? "yes" : "no",
			   (long long)host->reach[i].took_ms);
}

static char *story(struct pane *pane, char *title, size_t size)
{
	const struct host *host = selected(pane);
	struct buf story = BUF_INIT(STORY_MAX);
	char text[240];

	if (!host)
		return NULL;
	snprintf(title, size, "Machine  %.200s", host->node);
	pane_freshness(&host->fresh, text, sizeof(text));
	buf_printf(&story, "%-12s ssh %s\n", "reached by", host->alias);
	buf_printf(&story, "%-12s %s\n", "state", text[0] ? text + 2 : "fresh");
	if (host->unit[0])
		buf_printf(&story, "%-12s %s: %s (%s), %lld restarts\n", "service", host->unit,
			   host->active, host->sub, (long long)host->restarts);
	if (host->uptime_s >= 0)
		buf_printf(&story, "%-12s %s, load %.2f on %lld CPUs\n", "up for",
			   clock_format_age(host->uptime_s * 1000, text), host->load1,
			   (long long)host->cpus);
	if (host->skew_ms != HOST_SKEW_UNKNOWN)
		buf_printf(&story, "%-12s %+lld ms from ours, the way included\n", "its clock",
			   (long long)host->skew_ms);
	tell_disks(host, &story);
	tell_firewall(host, &story);
	tell_reach(host, &story);
	return buf_detach(&story);
}

const struct pane_ops pane_hosts = {
	.id = "hosts", .open = open_pane, .close = table_pane_close, .update = table_pane_update,
	.heading = heading, .draw = draw, .summary = summary, .table = table_pane_table,
	.target = target, .story = story,
};

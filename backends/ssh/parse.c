/* backends/ssh/parse.c: what look.sh has printed: sections that begin with "@@name". */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/ssh/ssh.h"
#include "core/alloc.h"
#include "core/printable.h"

/* Ceilings, so that sums of what a machine says can't overflow. */
#define KIB_MAX (INT64_C(1) << 50)
#define SECONDS_MAX 1e11
#define BYTES_MAX 1e18

struct unit {
	char id[24], active[24], sub[24];
	int64_t restarts;
	bool loaded;
};

struct look {
	struct host *host;
	const struct config_ssh *config;
	int64_t arrived_ms;
	bool ended;
	struct unit unit;          /* being read */
};

/* Splits at blanks; the last field keeps the rest. Returns how many. */
static int split(char *line, char *fields[], int max)
{
	int count = 0;

	while (count < max) {
		line += strspn(line, " \t");
		if (!*line)
			break;
		fields[count++] = line;
		if (count == max)
			break;
		line += strcspn(line, " \t");
		if (*line)
			*line++ = '\0';
	}
	return count;
}

/* -1 = not a number, or none that can be. */
static int64_t number(const char *text, int64_t max)
{
	char *end;
	long long value = strtoll(text, &end, 10);

	return end == text || value < 0 || value > max ? -1 : value;
}

static void take_clock(struct look *look, char *line)
{
	char *end;
	double seconds = strtod(line, &end);

	if (end != line && seconds > 0 && seconds < SECONDS_MAX)
		look->host->skew_ms = (int64_t)(seconds * 1000) - look->arrived_ms;
}

static void take_uptime(struct look *look, char *line)
{
	look->host->uptime_s = number(line, (int64_t)SECONDS_MAX);
}

static void take_load(struct look *look, char *line)
{
	char *end;
	double load = strtod(line, &end);

	if (end != line && load >= 0 && load < SECONDS_MAX)
		look->host->load1 = load;
}

static void take_cpus(struct look *look, char *line)
{
	look->host->cpus = number(line, INT32_MAX);
}

/* "/dev/sda1 1000 800 150 85% /": the mount is last and may hold blanks, and so may the device
 * ("//nas/My Share"). Returns where the three sizes begin; NULL = no such line. */
static char *disk_fields(char *line)
{
	char *at = line;

	while ((at = strpbrk(at, " \t"))) {
		int end = 0;

		at += strspn(at, " \t");
		if (!sscanf(at, "%*[0-9] %*[0-9] %*[0-9] %*[0-9]%% /%n", &end) && end)
			return at;
	}
	return NULL;
}

/* Room for one more: where there is none, the emptiest makes it, if it is emptier. */
static struct host_disk *disk_place(struct host *host, int percent)
{
	struct host_disk *least = host->disks;

	if (host->ndisks < HOST_DISKS_MAX)
		return &host->disks[host->ndisks++];
	for (size_t i = 1; i < host->ndisks; i++)
		if (host_disk_percent(&host->disks[i]) < host_disk_percent(least))
			least = &host->disks[i];
	if (host_disk_percent(least) >= percent)
		return NULL;
	free(least->mount);
	return least;
}

static void take_disk(struct look *look, char *line)
{
	struct host_disk disk = {.inodes_percent = -1}, *place;
	char *fields[5], *sizes = disk_fields(line);

	if (!sizes || split(sizes, fields, 5) < 5)
		return;
	disk.total_kib = number(fields[0], KIB_MAX);
	disk.used_kib = number(fields[1], KIB_MAX);
	disk.free_kib = number(fields[2], KIB_MAX);
	if (disk.total_kib < 0 || disk.used_kib < 0 || disk.free_kib < 0)
		return;
	place = disk_place(look->host, host_disk_percent(&disk));
	if (!place)
		return;
	disk.mount = printable_dup(fields[4]);
	*place = disk;
}

static void take_inodes(struct look *look, char *line)
{
	struct host *host = look->host;
	char *fields[5], *counts = disk_fields(line);

	if (!counts || split(counts, fields, 5) < 5)
		return;
	for (size_t i = 0; i < host->ndisks; i++)
		if (!strcmp(host->disks[i].mount, fields[4]))
			host->disks[i].inodes_percent = (int)number(fields[3], 100);
}

/* "Archived and active journals take up 1.2G in the file system." */
static void take_journal(struct look *look, char *line)
{
	static const char units[] = "BKMGT";
	char *at = strstr(line, "take up "), *end;
	const char *unit;
	double bytes;

	if (!at)
		return;
	bytes = strtod(at + 8, &end);
	unit = end != at + 8 && *end ? strchr(units, *end) : NULL;
	if (!unit)
		return;
	for (; unit > units; unit--)
		bytes *= 1024;
	if (bytes >= 0 && bytes < BYTES_MAX)
		look->host->journal_bytes = (int64_t)bytes;
}

static void put_word(char *buf, size_t size, const char *text)
{
	char *safe = printable_dup(text);

	snprintf(buf, size, "%s", safe);
	free(safe);
}

/* systemctl show's "Name=value", in whatever order. */
static void take_unit(struct look *look, char *line)
{
	struct unit *unit = &look->unit;
	char *value = strchr(line, '=');

	if (!value)
		return;
	*value++ = '\0';
	if (!strcmp(line, "Id"))
		put_word(unit->id, sizeof(unit->id), value);
	else if (!strcmp(line, "LoadState"))
		unit->loaded = !strcmp(value, "loaded");
	else if (!strcmp(line, "ActiveState"))
		put_word(unit->active, sizeof(unit->active), value);
	else if (!strcmp(line, "SubState"))
		put_word(unit->sub, sizeof(unit->sub), value);
	else if (!strcmp(line, "NRestarts"))
		unit->restarts = number(value, INT32_MAX);
}

/* The first of the asked units that exists is the machine's, unless only the other one runs: a
 * server that became an agent keeps its old unit. */
static void close_unit(struct look *look)
{
	struct unit *unit = &look->unit;
	struct host *host = look->host;

	if (unit->loaded && (!host->unit[0] || (!strcmp(host->active, "inactive") &&
						!strcmp(unit->active, "active")))) {
		unit->id[strcspn(unit->id, ".")] = '\0';
		snprintf(host->unit, sizeof(host->unit), "%s", unit->id);
		snprintf(host->active, sizeof(host->active), "%s", unit->active);
		snprintf(host->sub, sizeof(host->sub), "%s", unit->sub);
		host->restarts = unit->restarts;
	}
	*unit = (struct unit){.restarts = -1};
}

static char *squeezed(const char *text)
{
	char *safe = printable_dup(text), *from = safe, *to = safe;

	for (; *from; from++)
		if (*from != ' ' || (to > safe && to[-1] != ' '))
			*to++ = *from;
	while (to > safe && to[-1] == ' ')
		to--;
	*to = '\0';
	return safe;
}

/* "Status: active", then "[ 1] 22/tcp   ALLOW IN   Anywhere". */
static void take_firewall(struct look *look, char *line)
{
	struct host *host = look->host;
	char *end;
	long number;

	if (!strncmp(line, "Status: ", 8)) {
		host->firewall = strcmp(line + 8, "active") ? FIREWALL_INACTIVE : FIREWALL_ACTIVE;
		return;
	}
	if (line[0] != '[' || host->nrules == HOST_RULES_MAX)
		return;
	number = strtol(line + 1, &end, 10);
	if (*end != ']' || number < 1)
		return;
	host->rules[host->nrules++] = (struct host_rule){
		.number = (int)number, .text = squeezed(end + 1), .expected = true,
	};
}

/* "1234<tab>/var/lib"; the whole disk tells nothing new. */
static void take_big(struct look *look, char *line)
{
	struct host *host = look->host;
	const struct host_disk *fullest = host_fullest(host);
	char *fields[2];
	int64_t kib;

	if (split(line, fields, 2) < 2 || fields[1][0] != '/' || host->nbig == HOST_BIG_MAX ||
	    (fullest && !strcmp(fields[1], fullest->mount)))
		return;
	kib = number(fields[0], KIB_MAX);
	if (kib < 0)
		return;
	host->big[host->nbig++] = (struct host_big){printable_dup(fields[1]), kib};
	host->big_ms = look->arrived_ms;
}

static void take_reach(struct look *look, char *line)
{
	struct host *host = look->host;
	char *fields[3];
	int64_t took_ms;

	if (split(line, fields, 3) < 3 || host->nreach == HOST_REACH_MAX)
		return;
	took_ms = number(fields[2], INT32_MAX);
	host->reach[host->nreach++] = (struct host_reach){
		.target = printable_dup(fields[0]), .ok = !strcmp(fields[1], "ok"),
		.took_ms = took_ms < 0 ? 0 : took_ms,
	};
}

static const struct {
	const char *name;
	void (*take)(struct look *look, char *line);   /* NULL = none of its lines matter */
} sections[] = {
	{"clock", take_clock}, {"uptime", take_uptime}, {"load", take_load}, {"cpus", take_cpus},
	{"disks", take_disk}, {"inodes", take_inodes}, {"journal", take_journal},
	{"unit", take_unit}, {"firewall", take_firewall}, {"big", take_big},
	{"reach", take_reach}, {"end", NULL},
};

static int section_of(const char *name)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (!strcmp(sections[i].name, name))
			return (int)i;
	return -1;
}

/* Against the list of what should stand there. Without one, everything is as it should be. */
static void compare_rules(struct host *host, const struct strlist *expected)
{
	for (size_t i = 0; expected->len && i < host->nrules; i++)
		host->rules[i].expected = strlist_has(expected, host->rules[i].text);
	for (size_t i = 0; host->firewall == FIREWALL_ACTIVE && i < expected->len; i++) {
		bool there = false;

		for (size_t j = 0; j < host->nrules; j++)
			there = there || !strcmp(host->rules[j].text, expected->items[i]);
		if (there)
			continue;
		host->missing = xreallocarray(host->missing, host->nmissing + 1,
					      sizeof(*host->missing));
		host->missing[host->nmissing++] = xstrdup(expected->items[i]);
	}
}

bool look_parse(struct host *host, const struct config_ssh *config, char *text,
		int64_t arrived_ms)
{
	struct look look = {.host = host, .config = config, .arrived_ms = arrived_ms,
			    .unit.restarts = -1};
	char *line, *rest = text;
	int section = -1;

	host_clear(host);
	while ((line = strsep(&rest, "\n"))) {
		line[strcspn(line, "\r")] = '\0';
		if (!strncmp(line, "@@", 2)) {
			section = section_of(line + 2);
			close_unit(&look);
			if (!strcmp(line, "@@big"))
				host_clear_big(host);
			host->big_partial = host->big_partial || !strcmp(line, "@@partial");
			look.ended = look.ended || !strcmp(line, "@@end");
		} else if (section >= 0 && sections[section].take && line[0]) {
			sections[section].take(&look, line);
		}
	}
	compare_rules(host, &config->firewall);
	return look.ended;
}

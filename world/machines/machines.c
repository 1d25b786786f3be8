/* world/machines/machines.c: see machines.h */
#include "world/machines/machines.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "world/controllers/nodes.h"
#include "world/jx.h"
#include "world/when.h"
#include "world/world.h"

#define WELL_BELOW 85          /* percent of a disk */
#define WELL_SKEW_MS 1000
#define OVERLAY_PORT "8472/udp"        /* flannel's VXLAN */

const char *const ssh_faults[] = {
	[SSH_FAULT_NONE] = "none", [SSH_FAULT_HANG] = "hang", [SSH_FAULT_REFUSE] = "refuse",
	[SSH_FAULT_LOCK] = "lock", [SSH_FAULT_CHANGED_KEY] = "changed-key", NULL,
};

struct machines {
	struct machine *list;
	size_t count;
};

/* That share of what is not root's, in KiB. Five in a hundred are root's. */
static int64_t disk_usable(const struct machine_disk *disk, double percent)
{
	return (int64_t)floor((double)(disk->kib - disk->kib / 20) * fmin(percent, 100) / 100);
}

/* ---- what the plan says ---- */

static void add_disks(struct machine *machine, const json_t *plan)
{
	const json_t *row;
	size_t i;

	json_array_foreach(jx_get(plan, "disks"), i, row) {
		if (machine->ndisks == MACHINE_DISKS_MAX)
			break;
		machine->disks[machine->ndisks++] = (struct machine_disk){
			.mount = jx_str(row, "mount"), .device = jx_str(row, "device"),
			.type = jx_str(row, "type"), .kib = jx_int(row, "kib"),
			.used_kib = jx_int(row, "used"), .inodes = jx_int(row, "inodes"),
			.inodes_used = jx_int(row, "inodes_used"),
		};
	}
}

/* The first disk is the one that the kubelet tells of. */
static void fill_as_told(struct machine *machine)
{
	struct machine_disk *disk = &machine->disks[0];

	disk->used_kib = disk_usable(disk, nodes_disk_percent(machine->world, machine->name));
}

static struct machine_directory *directory(struct machine *machine, const char *path)
{
	struct machine_directory *next = &machine->directories[machine->ndirectories];

	for (size_t i = 0; i < machine->ndirectories; i++)
		if (!strcmp(machine->directories[i].path, path))
			return &machine->directories[i];
	if (machine->ndirectories == MACHINE_DIRECTORIES_MAX)
		return NULL;
	next->path = xstrdup(path);
	machine->ndirectories++;
	return next;
}

static void add_directories(struct machine *machine, const json_t *plan)
{
	const json_t *row;
	size_t i;

	json_array_foreach(jx_get(plan, "directories"), i, row) {
		struct machine_directory *place = directory(machine, jx_str(row, "path"));

		if (place)
			place->kib = jx_int(row, "kib");
	}
}

static void journal_add(struct machine *machine, int64_t at_ms, const char *line)
{
	char when[CLOCK_TEXT], *text;

	if (machine->journal.len == MACHINE_JOURNAL_MAX)
		return;
	clock_format_rfc3339(at_ms, when);
	text = xasprintf("%s %s %s", when, machine->name, line);
	strlist_add(&machine->journal, text);
	free(text);
}

static void set_up(struct world *world, struct machine *machine, const json_t *node,
		   const json_t *plan)
{
	const json_t *rule;
	size_t i;

	*machine = (struct machine){
		.world = world, .name = jx_str(node, "name"), .internal = jx_str(node, "internal"),
		.external = jx_str(node, "external"), .unit = jx_str(plan, "unit"),
		.network = true, .unit_active = true,
		.load = json_number_value(jx_get(plan, "load")),
	};
	machine->booted_ms = clock_wall_ms() - when_span(jx_get(plan, "up")) / 1000;
	machine->unit_since_ms = machine->booted_ms + 9000;
	add_disks(machine, plan);
	fill_as_told(machine);
	add_directories(machine, plan);
	json_array_foreach(jx_get(plan, "firewall"), i, rule)
		strlist_add(&machine->rules, json_string_value(rule));
	journal_add(machine, machine->unit_since_ms,
		    "systemd[1]: Started k3s.service - Lightweight Kubernetes.");
}

struct machines *machines_new(struct world *world)
{
	const json_t *plan = jx_get(world->plan, "machine"), *nodes = jx_get(world->plan, "nodes");
	struct machines *machines = xcalloc(1, sizeof(*machines));

	if (!plan)
		return machines;
	machines->list = xcalloc(json_array_size(nodes) + 1, sizeof(*machines->list));
	for (; machines->count < json_array_size(nodes); machines->count++)
		set_up(world, &machines->list[machines->count],
		       json_array_get(nodes, machines->count), plan);
	return machines;
}

void machines_free(struct machines *machines)
{
	if (!machines)
		return;
	for (size_t i = 0; i < machines->count; i++) {
		struct machine *machine = &machines->list[i];

		for (size_t at = 0; at < machine->ndirectories; at++)
			free(machine->directories[at].path);
		strlist_release(&machine->rules);
		strlist_release(&machine->journal);
	}
	free(machines->list);
	free(machines);
}

size_t machines_count(const struct machines *machines)
{
	return machines->count;
}

struct machine *machines_at(const struct machines *machines, size_t at)
{
	return &machines->list[at];
}

struct machine *machines_find(const struct machines *machines, const char *name)
{
	for (size_t i = 0; name && i < machines->count; i++)
		if (!strcmp(machines->list[i].name, name))
			return &machines->list[i];
	return NULL;
}

/* ---- what can be asked ---- */

int64_t machine_clock_ms(const struct machine *machine)
{
	return clock_wall_ms() + machine->skew_ms;
}

int64_t machine_disk_free(const struct machine_disk *disk)
{
	int64_t left = disk_usable(disk, 100) - disk->used_kib;

	return left > 0 ? left : 0;
}

int machine_disk_percent(const struct machine_disk *disk)
{
	int64_t all = disk->used_kib + machine_disk_free(disk);

	return all ? (int)((disk->used_kib * 100 + all - 1) / all) : 0;
}

/* Is path below (or the same as) the directory? */
static bool lies_in(const char *path, const char *in)
{
	size_t len = strlen(in);

	while (len && in[len - 1] == '/')
		len--;
	return !strncmp(path, in, len) && (!path[len] || path[len] == '/');
}

const struct machine_disk *machine_disk_of(const struct machine *machine, const char *path)
{
	const struct machine_disk *found = NULL;

	for (size_t i = 0; i < machine->ndisks; i++) {
		const struct machine_disk *disk = &machine->disks[i];

		if (lies_in(path, disk->mount) &&
		    (!found || strlen(disk->mount) > strlen(found->mount)))
			found = disk;
	}
	return found;
}

/* -1: there is none. A directory is as big as what is known to lie in it. */
int64_t machine_directory_kib(const struct machine *machine, const char *path)
{
	int64_t sum = -1;

	for (size_t i = 0; i < machine->ndisks; i++)
		if (!strcmp(machine->disks[i].mount, path))
			return machine->disks[i].used_kib;
	for (size_t i = 0; i < machine->ndirectories; i++) {
		const struct machine_directory *place = &machine->directories[i];

		if (!strcmp(place->path, path))
			return place->kib;
		if (lies_in(place->path, path))
			sum = (sum < 0 ? 0 : sum) + place->kib;
	}
	return sum;
}

bool machine_denies(const struct machine *machine, const char *port)
{
	size_t len = strlen(port);

	for (size_t i = 0; i < machine->rules.len; i++) {
		const char *rule = machine->rules.items[i];

		if (!strncmp(rule, port, len) && (!strncmp(rule + len, " DENY ", 6) ||
						  !strncmp(rule + len, " REJECT ", 8)))
			return true;
	}
	return false;
}

static bool has_planned_rules(const struct machine *machine)
{
	const json_t *planned = jx_get(machine->world->plan, "machine.firewall");
	size_t i;

	if (json_array_size(planned) != machine->rules.len)
		return false;
	for (i = 0; i < machine->rules.len; i++)
		if (!strlist_has(&machine->rules, json_string_value(json_array_get(planned, i))))
			return false;
	return true;
}

bool machine_is_well(const struct machine *machine)
{
	for (size_t i = 0; i < machine->ndisks; i++)
		if (machine_disk_percent(&machine->disks[i]) >= WELL_BELOW)
			return false;
	return machine_serves(machine) && machine->fault == SSH_FAULT_NONE &&
	       llabs(machine->skew_ms) < WELL_SKEW_MS && has_planned_rules(machine);
}

bool machine_serves(const struct machine *machine)
{
	return machine->network && machine->unit_active;
}

/* ---- what a scenario does ---- */

void machine_set_network(struct machine *machine, bool up)
{
	machine->network = up;
	nodes_set_up(machine->world, machine->name, machine_serves(machine));
}

void machine_set_unit(struct machine *machine, bool active, const struct strlist *lines)
{
	for (size_t i = 0; i < lines->len; i++)
		journal_add(machine, machine_clock_ms(machine), lines->items[i]);
	if (active == machine->unit_active)
		return;
	machine->unit_active = active;
	machine->unit_since_ms = machine_clock_ms(machine);
	machine->restarts = active ? 0 : machine->restarts + 5;
	journal_add(machine, machine->unit_since_ms, active
		    ? "systemd[1]: Started k3s.service - Lightweight Kubernetes."
		    : "systemd[1]: k3s.service: Failed with result 'exit-code'.");
	nodes_set_up(machine->world, machine->name, machine_serves(machine));
}

void machine_fill(struct machine *machine, const char *path, double percent)
{
	struct machine_disk *disk = (struct machine_disk *)(uintptr_t)machine_disk_of(machine, path);
	int64_t more;

	if (!disk)
		return;
	more = disk_usable(disk, percent) - disk->used_kib;
	disk->used_kib += more;
	directory(machine, path);
	for (size_t i = 0; i < machine->ndirectories; i++) {
		struct machine_directory *place = &machine->directories[i];

		if (lies_in(path, place->path))
			place->kib = place->kib + more > 0 ? place->kib + more : 0;
	}
}

void machine_set_rule(struct machine *machine, const char *rule, bool stands)
{
	struct strlist kept = {0};

	for (size_t i = 0; i < machine->rules.len; i++)
		if (strcmp(machine->rules.items[i], rule) != 0)
			strlist_add(&kept, machine->rules.items[i]);
	if (stands)
		strlist_add(&kept, rule);
	strlist_release(&machine->rules);
	machine->rules = kept;
	if (!strncmp(rule, OVERLAY_PORT, strlen(OVERLAY_PORT)))
		nodes_set_overlay(machine->world, machine->name,
				  !machine_denies(machine, OVERLAY_PORT));
}

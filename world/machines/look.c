/*
 * world/machines/look.c: sitrep's look is a script on the standard input of `sh -s -- WAYS TARGETS`.
 * A simulated machine is no shell: it finds the sections that the script will say, in their order,
 * and answers each with the command behind it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "world/machines/answer.h"

#define LOOK_COMMAND "sh -s -- "
#define BIG_ROWS 13
#define LOST_MS 3001
#define DU_MAX (16 * 1024)

static const struct {
	const char *name;
	const char *commands[2];
} sections[] = {
	{"clock", {"date +%s.%N"}}, {"uptime", {"cat /proc/uptime"}},
	{"load", {"cat /proc/loadavg"}}, {"cpus", {"nproc"}}, {"disks", {"df -Pk"}},
	{"inodes", {"df -Pi"}}, {"journal", {"journalctl --disk-usage"}},
	{"unit", {"systemctl show k3s", "systemctl show k3s-agent"}},
	{"firewall", {"ufw status numbered"}}, {"end", {NULL}},
};

bool machine_is_look(const char *line)
{
	return !strncmp(line, LOOK_COMMAND, strlen(LOOK_COMMAND));
}

static int by_size(const void *a, const void *b)
{
	long long one = strtoll(*(const char *const *)a, NULL, 10);
	long long other = strtoll(*(const char *const *)b, NULL, 10);

	return (one < other) - (one > other);
}

/* As `du -d 2 | sort -rn | head` of the fullest disk. */
static void put_big(const struct machine *machine, struct buf *out)
{
	struct buf said = BUF_INIT(DU_MAX), complaint = BUF_INIT(DU_MAX);
	char *rows[MACHINE_DIRECTORIES_MAX + 1], *rest, command[64];
	const struct machine_disk *fullest = NULL;
	size_t count = 0;

	for (size_t i = 0; i < machine->ndisks; i++)
		if (!fullest || machine_disk_percent(&machine->disks[i]) >
				machine_disk_percent(fullest))
			fullest = &machine->disks[i];
	if (!fullest)
		return;
	snprintf(command, sizeof(command), "du -xk -d 2 %.40s", fullest->mount);
	machine_command(machine, command, &said, &complaint);
	rest = said.data;
	for (char *row; count < sizeof(rows) / sizeof(rows[0]) && (row = strsep(&rest, "\n"));)
		if (*row)
			rows[count++] = row;
	qsort(rows, count, sizeof(*rows), by_size);
	for (size_t i = 0; i < count && i < BIG_ROWS; i++)
		buf_printf(out, "%s\n", rows[i]);
	buf_release(&said);
	buf_release(&complaint);
}

static void put_reach(const struct machine *machine, char *target, struct buf *out)
{
	char *colon = strrchr(target, ':');
	int local_port;
	enum reach reach;

	if (!colon)
		return;
	*colon = '\0';
	reach = machine_reach(machine, target, (int)strtol(colon + 1, NULL, 10), &local_port);
	buf_printf(out, "@@reach\n%s:%s %s %d\n", target, colon + 1,
		   reach == REACH_OK ? "ok" : "failed", reach == REACH_LOST ? LOST_MS : 1);
}

static void put_section(const struct machine *machine, const char *name, size_t len,
			struct buf *out, struct buf *err)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		if (strlen(sections[i].name) != len || strncmp(sections[i].name, name, len) != 0)
			continue;
		if (!sections[i].commands[0])
			buf_printf(out, "@@%s\n", sections[i].name);
		for (size_t at = 0; at < 2 && sections[i].commands[at]; at++) {
			buf_printf(out, "@@%s\n", sections[i].name);
			machine_command(machine, sections[i].commands[at], out, err);
		}
		return;
	}
}

int machine_look(const struct machine *machine, const char *line, const char *script,
		 struct buf *out, struct buf *err)
{
	char *words = xstrdup(line + strlen(LOOK_COMMAND)), *rest = words;
	const char *ways = strsep(&rest, " ");
	bool known = false;

	for (const char *at = script; at; at = strchr(at, '\n')) {
		const char *name;
		size_t len;

		at += strspn(at, "\n\t ");
		if (strncmp(at, "say ", 4) != 0)
			continue;
		name = at + 4;
		len = strcspn(name, "\n ");
		known = true;
		if (len == 3 && !strncmp(name, "big", len)) {
			if (!strcmp(ways, "big")) {
				buf_append_str(out, "@@big\n");
				put_big(machine, out);
			}
		} else if (len == 5 && !strncmp(name, "reach", len)) {
			for (char *word; (word = strsep(&rest, " "));)
				put_reach(machine, word, out);
		} else {
			put_section(machine, name, len, out, err);
		}
	}
	free(words);
	if (!known)
		buf_append_str(err, "sh: a drill's machine runs no scripts\n");
	return known ? 0 : 2;
}

/* world/machines/unit.c: systemctl and journalctl, of the one service that a drill knows. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "world/machines/answer.h"

#define NO_SUCH_UNIT 4
#define NOT_RUNNING 3
#define JOURNAL_DIRECTORY "/var/log/journal"

static const char *const show_valued[] = {"-p", "-n", "-u", NULL};

/* "k3s", "k3s.service" */
static bool is_unit(const struct machine *machine, const char *name)
{
	size_t len = strlen(machine->unit);

	return name && !strncmp(name, machine->unit, len) &&
	       (!name[len] || !strcmp(name + len, ".service"));
}

struct property {
	const char *name;
	char value[64];
};

static bool asked(const struct answer *answer, const char *name)
{
	bool any = false;

	for (int i = 1; i + 1 < answer->argc; i++) {
		if (strcmp(answer->argv[i], "-p") != 0)
			continue;
		any = true;
		if (!strcmp(answer->argv[i + 1], name))
			return true;
	}
	return !any;
}

static int show(const struct answer *answer, const char *unit)
{
	const struct machine *machine = answer->machine;
	bool known = is_unit(machine, unit), active = known && machine->unit_active;
	struct property rows[] = {{.name = "Id"}, {.name = "LoadState"}, {.name = "ActiveState"},
				  {.name = "SubState"}, {.name = "NRestarts"}};

	snprintf(rows[0].value, sizeof(rows[0].value), "%.50s%s", unit,
		 strstr(unit, ".service") ? "" : ".service");
	snprintf(rows[1].value, sizeof(rows[1].value), "%s", known ? "loaded" : "not-found");
	snprintf(rows[2].value, sizeof(rows[2].value), "%s", active ? "active"
		 : known ? "failed" : "inactive");
	snprintf(rows[3].value, sizeof(rows[3].value), "%s", active ? "running"
		 : known ? "failed" : "dead");
	snprintf(rows[4].value, sizeof(rows[4].value), "%d", known ? machine->restarts : 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (asked(answer, rows[i].name))
			buf_printf(answer->out, "%s=%s\n", rows[i].name, rows[i].value);
	return 0;
}

static void put_journal(const struct answer *answer, size_t lines)
{
	const struct strlist *journal = &answer->machine->journal;

	for (size_t i = journal->len > lines ? journal->len - lines : 0; i < journal->len; i++)
		buf_printf(answer->out, "%s\n", journal->items[i]);
}

static int status(const struct answer *answer)
{
	const struct machine *machine = answer->machine;
	char since[CLOCK_TEXT], age[CLOCK_TEXT];

	clock_format_rfc3339(machine->unit_since_ms, since);
	clock_format_age(machine_clock_ms(machine) - machine->unit_since_ms, age);
	buf_printf(answer->out, "%s %s.service - Lightweight Kubernetes\n"
		   "     Loaded: loaded (/etc/systemd/system/%s.service; enabled; preset: enabled)\n"
		   "     Active: %s since %s; %s ago\n", machine->unit_active ? "●" : "×",
		   machine->unit, machine->unit, machine->unit_active ? "active (running)"
		   : "failed (Result: exit-code)", since, age);
	if (machine->unit_active)
		buf_append_str(answer->out, "   Main PID: 812 (k3s-server)\n      Tasks: 214\n");
	buf_append_str(answer->out, "\n");
	put_journal(answer, 10);
	return machine->unit_active ? 0 : NOT_RUNNING;
}

int answer_systemctl(struct answer *answer)
{
	const char *verb = answer_operand(answer, 0, show_valued);
	const char *unit = answer_operand(answer, 1, show_valued);
	const struct machine *machine = answer->machine;

	if (!verb || !unit) {
		buf_append_str(answer->err, "systemctl: a drill's machine knows `status`, `show` and "
			       "`is-active` of a unit\n");
		return 1;
	}
	if (!strcmp(verb, "show"))
		return show(answer, unit);
	if (!strcmp(verb, "is-active")) {
		bool active = is_unit(machine, unit) && machine->unit_active;

		buf_printf(answer->out, "%s\n", active ? "active"
			   : is_unit(machine, unit) ? "failed" : "inactive");
		return active ? 0 : NOT_RUNNING;
	}
	if (strcmp(verb, "status") != 0) {
		buf_printf(answer->err, "systemctl: a drill's machine has no `%.60s`\n", verb);
		return 1;
	}
	if (is_unit(machine, unit))
		return status(answer);
	buf_printf(answer->err, "Unit %.100s.service could not be found.\n", unit);
	return NO_SUCH_UNIT;
}

int answer_journalctl(struct answer *answer)
{
	int64_t kib = machine_directory_kib(answer->machine, JOURNAL_DIRECTORY);
	const char *unit = NULL;
	size_t lines = SIZE_MAX;
	char size[16];

	if (answer_has(answer, "--disk-usage")) {
		buf_printf(answer->out,
			   "Archived and active journals take up %s in the file system.\n",
			   answer_size(kib < 0 ? 0 : kib, size));
		return 0;
	}
	for (int i = 1; i + 1 < answer->argc; i++) {
		if (!strcmp(answer->argv[i], "-u"))
			unit = answer->argv[i + 1];
		else if (!strcmp(answer->argv[i], "-n"))
			lines = (size_t)strtoul(answer->argv[i + 1], NULL, 10);
	}
	if (!unit || is_unit(answer->machine, unit))
		put_journal(answer, lines);
	else
		buf_append_str(answer->out, "-- No entries --\n");
	return 0;
}

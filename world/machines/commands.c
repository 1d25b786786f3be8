/* world/machines/commands.c: what can be typed on a simulated machine; the rest is not found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "world/jx.h"
#include "world/machines/answer.h"
#include "world/world.h"

#define NOT_FOUND 127
#define LINE_WORDS ", one plain command at a time; `help` lists them\n"

/* ---- words -------------------------------------------------------------------------------- */

bool answer_has(const struct answer *answer, const char *word)
{
	for (int i = 1; i < answer->argc; i++)
		if (!strcmp(answer->argv[i], word))
			return true;
	return false;
}

bool answer_has_letter(const struct answer *answer, char letter)
{
	for (int i = 1; i < answer->argc; i++) {
		const char *word = answer->argv[i];

		if (word[0] == '-' && word[1] != '-' && strchr(word + 1, letter))
			return true;
	}
	return false;
}

const char *answer_operand(const struct answer *answer, int number, const char *const *valued)
{
	for (int i = 1; i < answer->argc; i++) {
		bool takes = false;

		if (answer->argv[i][0] != '-' && number-- == 0)
			return answer->argv[i];
		for (const char *const *option = valued; option && *option; option++)
			takes = takes || !strcmp(answer->argv[i], *option);
		i += takes;
	}
	return NULL;
}

const char *answer_size(int64_t kib, char buf[16])
{
	static const char units[] = "KMGT";
	double size = (double)kib;
	int unit = 0;

	for (; size >= 1024 && units[unit + 1]; unit++)
		size /= 1024;
	snprintf(buf, 16, size < 10 && unit ? "%.1f%c" : "%.0f%c", size, units[unit]);
	return buf;
}

/* In place; 'quotes' and "quotes" hold words together. -1: more than that, or a shell's signs. */
static int split(char *line, char **words, int max)
{
	char *to = line;
	int count = 0;

	for (;;) {
		char quote = '\0';

		line += strspn(line, " \t\r\n");
		if (!*line)
			break;
		if (count == max - 1)
			return -1;
		words[count++] = to = line;
		for (; *line && (quote || !strchr(" \t\r\n", *line)); line++) {
			if (!quote && strchr("|&;<>$`(){}*?~\\", *line))
				return -1;
			if (quote ? *line == quote : *line == '\'' || *line == '"')
				quote = quote ? '\0' : *line;
			else
				*to++ = *line;
		}
		if (*line)
			line++;
		*to = '\0';
	}
	words[count] = NULL;
	return count;
}

/* ---- commands ----------------------------------------------------------------------------- */

static void put_load(const struct answer *answer, const char *separator)
{
	double load = answer->machine->load;

	buf_printf(answer->out, "%.2f%s%.2f%s%.2f", load, separator, load * 0.9, separator,
		   load * 0.8);
}

static int64_t up_ms(const struct machine *machine)
{
	return clock_wall_ms() - machine->booted_ms;
}

static struct tm local(const struct machine *machine)
{
	time_t now = (time_t)(machine_clock_ms(machine) / 1000);
	struct tm parts;

	gmtime_r(&now, &parts);
	return parts;
}

static int answer_uptime(struct answer *answer)
{
	int64_t minutes = up_ms(answer->machine) / 60000;
	struct tm now = local(answer->machine);

	buf_printf(answer->out, " %02d:%02d:%02d up %lld days, %2lld:%02lld,  1 user,  load average: ",
		   now.tm_hour, now.tm_min, now.tm_sec, (long long)(minutes / 1440),
		   (long long)(minutes / 60 % 24), (long long)(minutes % 60));
	put_load(answer, ", ");
	buf_append_str(answer->out, "\n");
	return 0;
}

static int answer_date(struct answer *answer)
{
	const char *format = answer->argv[1];
	int64_t now_ms = machine_clock_ms(answer->machine);
	struct tm now = local(answer->machine);
	char text[64];

	if (format && !strcmp(format, "+%s.%N")) {
		buf_printf(answer->out, "%lld.%03lld000000\n", (long long)(now_ms / 1000),
			   (long long)(now_ms % 1000));
	} else if (format && !strcmp(format, "+%s")) {
		buf_printf(answer->out, "%lld\n", (long long)(now_ms / 1000));
	} else {
		strftime(text, sizeof(text), "%a %b %e %H:%M:%S UTC %Y", &now);
		buf_printf(answer->out, "%s\n", text);
	}
	return 0;
}

static int answer_cat(struct answer *answer)
{
	const struct machine *machine = answer->machine;
	const char *path = answer->argc > 1 ? answer->argv[1] : "-";

	if (!strcmp(path, "/proc/uptime")) {
		double up = (double)up_ms(machine) / 1000;

		buf_printf(answer->out, "%.2f %.2f\n", up, up * 3.6);
	} else if (!strcmp(path, "/proc/loadavg")) {
		put_load(answer, " ");
		buf_append_str(answer->out, " 2/614 48213\n");
	} else if (!strcmp(path, "/etc/hostname")) {
		buf_printf(answer->out, "%s\n", machine->name);
	} else {
		buf_printf(answer->err, "cat: %.200s: No such file or directory\n", path);
		return 1;
	}
	return 0;
}

static int answer_nproc(struct answer *answer)
{
	buf_printf(answer->out, "%ld\n", strtol(jx_str(answer->machine->world->plan,
						    "node_status.capacity.cpu"), NULL, 10));
	return 0;
}

static int answer_hostname(struct answer *answer)
{
	buf_printf(answer->out, "%s\n", answer_has(answer, "-I") ? answer->machine->internal
								 : answer->machine->name);
	return 0;
}

static int answer_whoami(struct answer *answer)
{
	buf_append_str(answer->out, "root\n");
	return 0;
}

static int answer_id(struct answer *answer)
{
	buf_append_str(answer->out, answer_has(answer, "-u") ? "0\n"
		       : "uid=0(root) gid=0(root) groups=0(root)\n");
	return 0;
}

static int answer_uname(struct answer *answer)
{
	const char *kernel = jx_str(answer->machine->world->plan,
				    "node_status.nodeInfo.kernelVersion");

	if (answer->argc > 1)
		buf_printf(answer->out, "Linux %s %s #71-Ubuntu SMP x86_64 GNU/Linux\n",
			   answer->machine->name, kernel);
	else
		buf_append_str(answer->out, "Linux\n");
	return 0;
}

static int answer_free(struct answer *answer)
{
	const json_t *plan = answer->machine->world->plan;
	const json_t *node = jx_find(jx_get(plan, "nodes"), "name", answer->machine->name);
	long long total = strtoll(jx_str(plan, "node_status.capacity.memory"), NULL, 10);
	long long used = jx_int(node, "usage.memory") * 1024, cached = (total - used) * 2 / 3;
	long long unit = answer_has_letter(answer, 'm') ? 1024
		       : answer_has_letter(answer, 'g') ? 1024 * 1024 : 1;

	buf_printf(answer->out, "%19s %11s %11s %11s %11s %11s\n", "total", "used", "free",
		   "shared", "buff/cache", "available");
	buf_printf(answer->out, "Mem: %14lld %11lld %11lld %11lld %11lld %11lld\n", total / unit,
		   used / unit, (total - used - cached) / unit, 8192 / unit, cached / unit,
		   (total - used) / unit);
	buf_printf(answer->out, "Swap: %13d %11d %11d\n", 0, 0, 0);
	return 0;
}

/* "22/tcp ALLOW IN Anywhere" in ufw's columns. */
static void put_rule(struct buf *out, size_t number, const char *rule)
{
	static const char *const deeds[] = {" ALLOW IN ", " DENY IN ", " REJECT IN ", " LIMIT IN "};

	if (number)
		buf_printf(out, "[%2zu] ", number);
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		const char *at = strstr(rule, deeds[i]);
		size_t len = strlen(deeds[i]);

		if (!at)
			continue;
		buf_printf(out, "%-26.*s %-11.*s %s\n", (int)(at - rule), rule, (int)len - 2,
			   deeds[i] + 1, at + len);
		return;
	}
	buf_printf(out, "%s\n", rule);
}

static int answer_ufw(struct answer *answer)
{
	const struct strlist *rules = &answer->machine->rules;
	bool numbered = answer_has(answer, "numbered");

	if (!answer_has(answer, "status")) {
		buf_append_str(answer->err, "ufw: a drill's machine knows `status` and "
			       "`status numbered`\n");
		return 1;
	}
	buf_append_str(answer->out, "Status: active\n\n");
	buf_printf(answer->out, "%s%-26s %-11s %s\n", numbered ? "     " : "", "To", "Action", "From");
	buf_printf(answer->out, "%s%-26s %-11s %s\n", numbered ? "     " : "", "--", "------", "----");
	for (size_t i = 0; i < rules->len; i++)
		put_rule(answer->out, numbered ? i + 1 : 0, rules->items[i]);
	return 0;
}

/* nc -z HOST PORT */
static int answer_nc(struct answer *answer)
{
	static const char *const valued[] = {"-w", NULL};
	const char *host = answer_operand(answer, 0, valued);
	const char *port = answer_operand(answer, 1, valued);
	int local_port;
	enum reach reach;

	if (!host || !port || !answer_has_letter(answer, 'z')) {
		buf_append_str(answer->err, "nc: a drill's machine knows `nc -z HOST PORT`\n");
		return 1;
	}
	reach = machine_reach(answer->machine, host, (int)strtol(port, NULL, 10),
			      &local_port);
	buf_printf(answer->err, reach == REACH_OK ? "Connection to %s %s port [tcp/*] succeeded!\n"
		   : reach == REACH_REFUSED
		   ? "nc: connect to %s port %s (tcp) failed: Connection refused\n"
		   : "nc: connect to %s port %s (tcp) timed out\n", host, port);
	return reach != REACH_OK;
}

static int answer_help(struct answer *answer);

static const struct {
	const char *name, *shown;
	int (*run)(struct answer *answer);
} commands[] = {
	{"cat", "cat /proc/uptime, /proc/loadavg, /etc/hostname", answer_cat},
	{"date", "date", answer_date},
	{"df", "df [-h] [-i] [-P] [PATH]", answer_df},
	{"du", "du [-h] [-s] [-d DEPTH] [PATH]", answer_du},
	{"free", "free [-m]", answer_free},
	{"help", "help", answer_help},
	{"hostname", "hostname", answer_hostname},
	{"id", "id", answer_id},
	{"journalctl", "journalctl -u k3s [-n LINES], journalctl --disk-usage", answer_journalctl},
	{"nc", "nc -z HOST PORT", answer_nc},
	{"nproc", "nproc", answer_nproc},
	{"systemctl", "systemctl status, show, is-active UNIT", answer_systemctl},
	{"ufw", "ufw status [numbered]", answer_ufw},
	{"uname", "uname -a", answer_uname},
	{"uptime", "uptime", answer_uptime},
	{"whoami", "whoami", answer_whoami},
};

static int answer_help(struct answer *answer)
{
	buf_append_str(answer->out, "A drill's machine knows:\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		buf_printf(answer->out, "  %s\n", commands[i].shown);
	return 0;
}

/* sudo -n, sudo: we are root already. */
static int skip_sudo(char **words, int count)
{
	int at = 0;

	if (count > 1 && !strcmp(words[0], "sudo"))
		at = !strcmp(words[1], "-n") && count > 2 ? 2 : 1;
	return at;
}

int machine_command(const struct machine *machine, const char *line, struct buf *out,
		    struct buf *err)
{
	char *copy = xstrdup(line), *words[ANSWER_WORDS_MAX];
	int count = split(copy, words, ANSWER_WORDS_MAX), status = NOT_FOUND, skip;

	if (count < 1) {
		if (count < 0)
			buf_append_str(err, "a drill's machine takes no shell's signs" LINE_WORDS);
		free(copy);
		return count < 0 ? 2 : 0;
	}
	skip = skip_sudo(words, count);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct answer answer = {machine, count - skip, words + skip, out, err};

		if (strcmp(commands[i].name, words[skip]) != 0)
			continue;
		status = commands[i].run(&answer);
		free(copy);
		return status;
	}
	buf_printf(err, "%.200s: command not found\n", words[skip]);
	free(copy);
	return NOT_FOUND;
}

/* tests/screen/proc.c: see proc.h */
#include "tests/screen/proc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t proc_cpu(pid_t pid)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &ts))
		return -1;
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int proc_memory(pid_t pid, struct proc_memory *memory)
{
	const struct {
		const char *key;
		long *to;
	} wanted[] = {
		{"VmRSS:", &memory->rss_kb},
		{"RssAnon:", &memory->anon_kb},
		{"RssFile:", &memory->file_kb},
		{"VmHWM:", &memory->peak_kb},
	};
	char path[64], line[256];
	FILE *in;

	memset(memory, 0, sizeof(*memory));
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	in = fopen(path, "r");
	if (!in)
		return -errno;
	while (fgets(line, sizeof(line), in))
		for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
			if (!strncmp(line, wanted[i].key, strlen(wanted[i].key)))
				sscanf(line + strlen(wanted[i].key), "%ld", wanted[i].to);
	fclose(in);
	return 0;
}

char proc_state(pid_t pid)
{
	char path[64], line[512], *after;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	in = fopen(path, "r");
	if (!in)
		return 0;
	after = fgets(line, sizeof(line), in) ? strrchr(line, ')') : NULL;
	fclose(in);
	return after && after[1] ? after[2] : 0;
}

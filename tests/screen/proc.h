/* tests/screen/proc.h: what a process costs, from /proc and its CPU clock */
#ifndef SITREP_TESTS_SCREEN_PROC_H
#define SITREP_TESTS_SCREEN_PROC_H

#include <stdint.h>
#include <sys/types.h>

struct proc_memory {
	long rss_kb, anon_kb, file_kb, peak_kb;
};

/* All threads, the ended ones too; nanoseconds, or -1 when the process is gone. */
int64_t proc_cpu(pid_t pid);
/* 0 or -errno. */
int proc_memory(pid_t pid, struct proc_memory *memory);
/* The state letter of proc(5), or 0. */
char proc_state(pid_t pid);

#endif

/*
 * incident/judge_guard.h: a limit on what a rule may cost. jq has none of its own, and a rule that
 * never ends would stand on the loop for ever. A timer that counts this process's CPU time sends a
 * signal, in which jq is told to halt: its interpreter looks for that before every instruction
 * (jq 1.6, execute.c, jq_next()).
 */
#ifndef SITREP_INCIDENT_JUDGE_GUARD_H
#define SITREP_INCIDENT_JUDGE_GUARD_H

#include <stdbool.h>

#include <jq.h>

struct judge_guard;

/* NULL when the system has no such timer: rules then run unguarded. */
struct judge_guard *judge_guard_new(void);
void judge_guard_free(struct judge_guard *guard);
/* Between the two jq may take ms of CPU time. end() tells whether it was halted. */
void judge_guard_begin(struct judge_guard *guard, jq_state *jq, int ms);
bool judge_guard_end(struct judge_guard *guard);

#endif

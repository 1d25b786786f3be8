/* incident/judge_guard.c: see judge_guard.h */
#include "incident/judge_guard.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "core/alloc.h"

struct judge_guard {
	timer_t timer;
	jq_state *volatile jq;     /* running under guard; NULL = none */
	volatile sig_atomic_t halted;
};

static int guard_signal(void)
{
	return SIGRTMIN + 3;
}

/* jq_halt() stores three fields and allocates nothing. */
static void too_long(int number, siginfo_t *info, void *context)
{
	struct judge_guard *guard = info->si_value.sival_ptr;

	(void)number;
	(void)context;
	if (info->si_code != SI_TIMER || !guard || !guard->jq || guard->halted)
		return;
	guard->halted = 1;
	jq_halt(guard->jq, jv_invalid(), jv_invalid());
}

struct judge_guard *judge_guard_new(void)
{
	struct judge_guard *guard = xcalloc(1, sizeof(*guard));
	struct sigaction action = {.sa_sigaction = too_long, .sa_flags = SA_SIGINFO | SA_RESTART};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = guard_signal()};

	event.sigev_value.sival_ptr = guard;
	if (sigaction(guard_signal(), &action, NULL) ||
	    timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &guard->timer)) {
		free(guard);
		return NULL;
	}
	return guard;
}

static void set_timer(struct judge_guard *guard, int ms)
{
	struct itimerspec when = {.it_value = {ms / 1000, (long)(ms % 1000) * 1000000}};

	timer_settime(guard->timer, 0, &when, NULL);
}

void judge_guard_free(struct judge_guard *guard)
{
	if (!guard)
		return;
	timer_delete(guard->timer);
	free(guard);
}

void judge_guard_begin(struct judge_guard *guard, jq_state *jq, int ms)
{
	if (!guard)
		return;
	guard->halted = 0;
	guard->jq = jq;
	set_timer(guard, ms);
}

bool judge_guard_end(struct judge_guard *guard)
{
	if (!guard)
		return false;
	set_timer(guard, 0);
	guard->jq = NULL;
	return guard->halted;
}

/* backends/postgres/budget.c: see budget.h */
#include "backends/postgres/budget.h"

#include <string.h>

/* How long after others' last use we go on looking freely. Our own looks put off its sleep, so
 * this is kept to a quarter of the time after which it would fall asleep by itself. */
static int64_t free_ms(const struct budget *budget)
{
	int64_t quarter = budget->suspend_after_ms / 4, looks = budget->every_ms * 3 / 2;
	int64_t window = quarter > looks ? quarter : looks;

	return window < budget->suspend_after_ms ? window : budget->suspend_after_ms;
}

bool budget_may_sleep(const struct budget *budget, int64_t now_ms)
{
	return budget->suspend_after_ms > 0 && now_ms >= budget->in_use_until_ms;
}

int budget_spent(struct budget *budget, int64_t now_ms)
{
	int old = 0;

	while (old < budget->nspent && now_ms - budget->spent[old] >= BUDGET_HOUR_MS)
		old++;
	budget->nspent -= old;
	memmove(budget->spent, budget->spent + old, (size_t)budget->nspent * sizeof(int64_t));
	return budget->nspent;
}

/* Looks are spread over the hour, and never so close that it could not sleep between two. */
static int64_t pause_ms(const struct budget *budget, int wish)
{
	int64_t looks = budget->most / wish > 0 ? budget->most / wish : 1;
	int64_t even = BUDGET_HOUR_MS / looks, least = budget->suspend_after_ms * 2;

	return even > least ? even : least;
}

int64_t budget_next_ms(struct budget *budget, int wish, int64_t now_ms)
{
	int spent = budget_spent(budget, now_ms);
	int64_t next;

	if (!budget_may_sleep(budget, now_ms))
		return now_ms;
	if (budget->most < 1)
		return INT64_MAX;
	next = budget->looked_ms ? budget->looked_ms + pause_ms(budget, wish) : now_ms;
	if (spent >= budget->most && budget->spent[0] + BUDGET_HOUR_MS > next)
		next = budget->spent[0] + BUDGET_HOUR_MS;
	return next > now_ms ? next : now_ms;
}

int budget_allows(struct budget *budget, int wish, int64_t now_ms)
{
	int64_t left;

	if (!budget_may_sleep(budget, now_ms))
		return wish;
	if (budget_next_ms(budget, wish, now_ms) > now_ms)
		return 0;
	left = budget->most - budget->nspent;
	return left < wish ? (int)left : wish;
}

void budget_spend(struct budget *budget, int64_t now_ms)
{
	budget->looked_ms = now_ms;
	if (budget->nspent == BUDGET_MAX)
		memmove(budget->spent, budget->spent + 1, (BUDGET_MAX - 1) * sizeof(int64_t));
	else
		budget->nspent++;
	budget->spent[budget->nspent - 1] = now_ms;
}

void budget_refund(struct budget *budget, int count, bool all)
{
	budget->nspent -= count < budget->nspent ? count : budget->nspent;
	/* Not reached is not woken: the next look need not wait. */
	if (all)
		budget->looked_ms = 0;
}

void budget_used_by_others(struct budget *budget, int64_t age_ms, int64_t now_ms)
{
	int64_t until = now_ms - age_ms + free_ms(budget);

	if (age_ms >= 0 && until > budget->in_use_until_ms)
		budget->in_use_until_ms = until;
}

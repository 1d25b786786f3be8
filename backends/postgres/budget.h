/*
 * backends/postgres/budget.h: how often a database may be looked at that sleeps when nobody uses
 * it. Looking wakes it, and what is looked at every minute never sleeps.
 */
#ifndef SITREP_BACKENDS_POSTGRES_BUDGET_H
#define SITREP_BACKENDS_POSTGRES_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#define BUDGET_MAX 240                     /* connections an hour */
#define BUDGET_HOUR_MS 3600000

struct budget {
	int64_t most;                      /* connections an hour while it may sleep */
	int64_t suspend_after_ms;          /* 0 = it never sleeps */
	int64_t every_ms;
	int64_t spent[BUDGET_MAX];         /* monotonic, oldest first */
	int nspent;
	int64_t in_use_until_ms;           /* monotonic: others keep it awake till then */
	int64_t looked_ms;                 /* last look that was paid for; 0 = never */
};

/* May it be asleep now, as far as we know? */
bool budget_may_sleep(const struct budget *budget, int64_t now_ms);
/* How many of wish connections a look may make now: 0 = leave it alone. */
int budget_allows(struct budget *budget, int wish, int64_t now_ms);
/* When a look is allowed next, monotonic; INT64_MAX = never by itself. */
int64_t budget_next_ms(struct budget *budget, int wish, int64_t now_ms);
/* A connection that may wake it is made. */
void budget_spend(struct budget *budget, int64_t now_ms);
/* It turned out that count of them never got there; all = none of the look's has. */
void budget_refund(struct budget *budget, int count, bool all);
/* Others have used it age_ms ago; negative = nobody lately, or it isn't known. */
void budget_used_by_others(struct budget *budget, int64_t age_ms, int64_t now_ms);
/* Spent in the last hour. */
int budget_spent(struct budget *budget, int64_t now_ms);

#endif

/* tui/once/postgres.c: the database by its two ways, as text */
#include <string.h>

#include "core/clock.h"
#include "tui/once/parts.h"
#include "tui/plain.h"

static void put_way(const struct once_view *view, const char *name,
		    const struct postgres_way *way, FILE *out)
{
	int i;

	if (!way->configured)
		return;
	fprintf(out, "  %s ", name);
	plain_put(way->where, out);
	fprintf(out, ": %s", postgres_state_name(way->state));
	if (way->error[0]) {
		fprintf(out, " at %s: %s%s", postgres_step_name(way->failed_step), way->sqlstate,
			way->sqlstate[0] ? " " : "");
		plain_put(way->error, out);
	}
	for (i = 0; i < POSTGRES_STEPS; i++)
		if (way->step_us[i] >= 0)
			fprintf(out, ", %s %.1f ms", postgres_step_name((enum postgres_step)i),
				(double)way->step_us[i] / 1000);
	fputs("  [", out);
	once_put_freshness(view, &way->fresh, out);
	fputs("]\n", out);
}

static void put_sessions(const char *label, const struct postgres_session *list, int count,
			 FILE *out)
{
	char age[CLOCK_TEXT];
	int i;

	for (i = 0; i < count; i++) {
		fprintf(out, "  %s %lld, ", label, (long long)list[i].pid);
		plain_put(list[i].application[0] ? list[i].application : list[i].user, out);
		fprintf(out, ", %s, for %s", list[i].state,
			clock_format_age(list[i].age_s * 1000, age));
		if (list[i].blocks > 0)
			fprintf(out, ", %lld wait for it", (long long)list[i].blocks);
		fputs(": ", out);
		plain_put(list[i].query, out);
		fputc('\n', out);
	}
}

static void put_schema(const struct postgres *postgres, FILE *out)
{
	char age[CLOCK_TEXT];
	int i;

	fprintf(out, "  schema %s", postgres_goose_name(postgres->goose));
	once_put_count(", version", postgres->goose_version, out);
	once_put_count(", expected", postgres->goose_expected, out);
	fputc('\n', out);
	if (postgres->lock.held) {
		fputs("  migrations' lock held by ", out);
		plain_put(postgres->lock.holder, out);
		fprintf(out, " (%lld), quiet for %s, %lld wait\n", (long long)postgres->lock.pid,
			clock_format_age(postgres->lock.idle_s * 1000, age),
			(long long)postgres->lock.waiting);
	}
	for (i = 0; i < postgres->nindexes; i++) {
		fprintf(out, "  %s index ", postgres->indexes[i].building ? "unfinished"
			: "invalid");
		plain_put(postgres->indexes[i].name, out);
		fputc('\n', out);
	}
}

void once_put_postgres(const struct once_view *view, FILE *out)
{
	const struct postgres *postgres = &view->sit->postgres;

	once_put_heading(view, postgres->title ? postgres->title : "POSTGRES", &postgres->fresh, out);
	put_way(view, "direct", &postgres->direct, out);
	put_way(view, "pooler", &postgres->pooler, out);
	fprintf(out, "  looking cost %lld connections this hour",
		(long long)postgres->connections_made);
	if (postgres->wake_budget >= 0)
		fprintf(out, ", %lld of %lld that may wake it", (long long)postgres->wake_spent,
			(long long)postgres->wake_budget);
	fputc('\n', out);
	if (!postgres->fresh.as_of_ms)
		return;
	fprintf(out, "  version %s%s%s", postgres->version, postgres->read_only ? ", read-only"
		: "", postgres->in_recovery ? ", in recovery" : "");
	once_put_count("\n  sessions", postgres->connections, out);
	once_put_count(" of", postgres->max_connections, out);
	once_put_count(", active", postgres->active, out);
	once_put_count(", idle", postgres->idle, out);
	once_put_count(", idle in transaction", postgres->in_transaction, out);
	once_put_count(", waiting for a lock", postgres->waiting, out);
	fputc('\n', out);
	put_schema(postgres, out);
	put_sessions("blocks others:", postgres->blockers, postgres->nblockers, out);
	put_sessions("in a transaction:", postgres->longest, postgres->nlongest, out);
}

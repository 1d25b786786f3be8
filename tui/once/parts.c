/* tui/once/parts.c: what the parts of the plain text have in common */
#include "tui/once/parts.h"

#include "core/clock.h"
#include "tui/plain.h"

/* "fresh, 2s ago", "stale for 1m5s: connection refused (the server)". */
void once_put_freshness(const struct once_view *view, const struct freshness *fresh, FILE *out)
{
	enum fresh_state state = freshness_at(fresh, view->now_ms);
	char age[CLOCK_TEXT];

	fputs(fresh_state_name(state), out);
	if (fresh->as_of_ms)
		fprintf(out, ", as of %s ago",
			clock_format_age(view->now_ms - fresh->as_of_ms, age));
	if (state == FRESH_OK)
		return;
	fputs(": ", out);
	plain_put(fresh->reason[0] ? fresh->reason : "no answer yet", out);
	if (fresh->fault != FAULT_NONE)
		fprintf(out, " (%s)", fresh_fault_name(fresh->fault));
}

void once_put_heading(const struct once_view *view, const char *title,
			const struct freshness *fresh, FILE *out)
{
	fputc('\n', out);
	plain_put(title, out);
	fputs("  [", out);
	once_put_freshness(view, fresh, out);
	fputs("]\n", out);
}

void once_add_ratio(struct plain_table *table, int64_t part, int64_t whole)
{
	if (part < 0 || whole <= 0)
		plain_cell(table, "?");
	else
		plain_cellf(table, "%.0f%%", 100.0 * (double)part / (double)whole);
}

void once_add_age(struct plain_table *table, const struct once_view *view, int64_t at_ms)
{
	char age[CLOCK_TEXT];

	plain_cell(table, at_ms ? clock_format_age(view->now_ms - at_ms, age) : NULL);
}

void once_put_count(const char *label, int64_t count, FILE *out)
{
	if (count < 0)
		fprintf(out, "%s ?", label);
	else
		fprintf(out, "%s %lld", label, (long long)count);
}

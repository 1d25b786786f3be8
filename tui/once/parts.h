/*
 * tui/once/parts.h: the parts of `--once` as text, one a system; private to this folder. Each writes
 * to out and says nothing of a system that there isn't.
 */
#ifndef SITREP_TUI_ONCE_PARTS_H
#define SITREP_TUI_ONCE_PARTS_H

#include "tui/once/once.h"

struct plain_table;

/* "fresh, 2s ago", "stale for 1m5s: connection refused (the server)". */
void once_put_freshness(const struct once_view *view, const struct freshness *fresh, FILE *out);
/* A blank line, the title, its freshness in brackets. */
void once_put_heading(const struct once_view *view, const char *title,
			   const struct freshness *fresh, FILE *out);
/* Cells: "?" for what is unknown. wall_ms 0 = never. */
void once_add_ratio(struct plain_table *table, int64_t part, int64_t whole);
void once_add_age(struct plain_table *table, const struct once_view *view, int64_t at_ms);
/* The label, a blank and the number; "?" when it is negative. */
void once_put_count(const char *label, int64_t count, FILE *out);

void once_put_control(const struct once_view *view, FILE *out);
void once_put_nodes(const struct once_view *view, FILE *out);
void once_put_pods(const struct once_view *view, FILE *out);
void once_put_workloads(const struct once_view *view, FILE *out);
void once_put_storage(const struct once_view *view, FILE *out);
void once_put_apps(const struct once_view *view, FILE *out);
void once_put_redis(const struct once_view *view, FILE *out);
void once_put_queues(const struct once_view *view, FILE *out);
void once_put_postgres(const struct once_view *view, FILE *out);
void once_put_hosts(const struct once_view *view, FILE *out);
void once_put_vendors(const struct once_view *view, FILE *out);
void once_put_probes(const struct once_view *view, FILE *out);

#endif

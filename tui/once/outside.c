/* tui/once/outside.c: machines, vendors and probes, as text */
#include <string.h>

#include "core/clock.h"
#include "tui/once/parts.h"
#include "tui/plain.h"

static void put_notice(const struct once_view *view, const struct vendor_notice *notice, FILE *out)
{
	char age[CLOCK_TEXT];
	int64_t passed = view->now_ms - notice->started_ms;

	fprintf(out, "    %s%s  ", notice->perhaps ? "perhaps " : "",
		vendor_state_name(notice->impact));
	plain_put(notice->title, out);
	if (notice->phase[0]) {
		fputs(", ", out);
		plain_put(notice->phase, out);
	}
	fprintf(out, passed < 0 ? ", begins in %s\n" : ", began %s ago\n",
		clock_format_age(passed < 0 ? -passed : passed, age));
}

static void put_vendor(const struct once_view *view, const struct vendor *vendor, FILE *out)
{
	bool known = vendor->fresh.as_of_ms != 0;
	size_t i;

	fputs("  ", out);
	plain_put(vendor->name, out);
	fprintf(out, ": %s", known ? vendor_state_name(vendor->state) : "unknown");
	if (vendor->asks_pop)
		fprintf(out, ", we are served from %s", vendor->pop[0] ? vendor->pop : "?");
	fputs("  [", out);
	once_put_freshness(view, &vendor->fresh, out);
	fputs("]\n", out);
	for (i = 0; i < vendor->ncomponents; i++) {
		if (vendor->components[i].state == VENDOR_OK)
			continue;
		fprintf(out, "    %s  ", vendor_state_name(vendor->components[i].state));
		plain_put(vendor->components[i].name, out);
		fputc('\n', out);
	}
	for (i = 0; i < vendor->nnotices; i++)
		if (!vendor->notices[i].ended_ms)
			put_notice(view, &vendor->notices[i], out);
}

void once_put_vendors(const struct once_view *view, FILE *out)
{
	const struct vendors *vendors = &view->sit->vendors;
	size_t i;

	if (vendors->len)
		fputs("\nVENDORS\n", out);
	for (i = 0; i < vendors->len; i++)
		put_vendor(view, &vendors->items[i], out);
}

static void put_probe(const struct once_view *view, struct plain_table *table,
		      const struct probe *probe)
{
	bool known = freshness_at(&probe->fresh, view->now_ms) == FRESH_OK &&
		     probe->result != RESULT_UNKNOWN;

	plain_cell(table, probe->name);
	plain_cell(table, known ? probe_result_name(probe->result) : "unknown");
	plain_cell(table, known && probe->result == RESULT_FAILED
		   ? probe_step_name(probe->failed_at) : probe->disagrees ? "differs"
		   : probe->base.slow ? "slow" : NULL);
	if (known && probe->total_us >= 0)
		plain_cellf(table, "%.1f ms", (double)probe->total_us / 1000);
	else
		plain_cell(table, NULL);
	if (probe->cert_expires_ms)
		plain_cellf(table, "%d days", probe_cert_days(probe, view->now_ms));
	else
		plain_cell(table, NULL);
	plain_cell(table, known ? probe->text : probe->fresh.reason);
}

void once_put_probes(const struct once_view *view, FILE *out)
{
	static const char *const heads[] = {"PROBE", "RESULT", "AT", "TIME", "CERTIFICATE",
					    "ANSWER", NULL};
	const struct probes *probes = &view->sit->probes;
	struct plain_table table;
	size_t i;

	if (!probes->len)
		return;
	fputs("\nEDGE AND PROBES\n", out);
	plain_start(&table, heads);
	for (i = 0; i < probes->len; i++)
		put_probe(view, &table, probes->items[i]);
	plain_end(&table, 2, out);
}

static void put_host(const struct once_view *view, struct plain_table *table,
		     const struct host *host)
{
	const struct host_disk *disk = host_fullest(host);
	size_t ok = 0, i;

	plain_cell(table, host->node);
	plain_cell(table, freshness_at(&host->fresh, view->now_ms) == FRESH_OK ? "open"
		   : host->fresh.reason);
	if (disk)
		plain_cellf(table, "%d%% %s", host_disk_percent(disk), disk->mount);
	else
		plain_cell(table, NULL);
	if (host->unit[0])
		plain_cellf(table, "%s %s", host->unit, host->active);
	else
		plain_cell(table, NULL);
	if (host->firewall == FIREWALL_ACTIVE)
		plain_cellf(table, "%zu rules, %zu unexpected, %zu missing", host->nrules,
			    host_unexpected_rules(host), host->nmissing);
	else
		plain_cell(table, host_firewall_name(host->firewall));
	for (i = 0; i < host->nreach; i++)
		ok += host->reach[i].ok;
	plain_cellf(table, "%zu of %zu", ok, host->nreach);
	if (host->skew_ms != HOST_SKEW_UNKNOWN)
		plain_cellf(table, "%+lld ms", (long long)host->skew_ms);
	else
		plain_cell(table, NULL);
}

void once_put_hosts(const struct once_view *view, FILE *out)
{
	static const char *const heads[] = {"MACHINE", "SSH", "FULLEST DISK", "SERVICE", "FIREWALL",
					    "REACHES", "CLOCK", NULL};
	const struct hosts *hosts = &view->sit->hosts;
	struct plain_table table;
	size_t i;

	if (!hosts->len)
		return;
	fputs("\nMACHINES\n", out);
	plain_start(&table, heads);
	for (i = 0; i < hosts->len; i++)
		put_host(view, &table, &hosts->items[i]);
	plain_end(&table, 2, out);
}

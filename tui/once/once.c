/* tui/once/once.c: the situation as plain text: its head, the verdicts, then one part a system */
#include <string.h>

#include "core/clock.h"
#include "incident/ladder.h"
#include "tui/check.h"
#include "tui/once/parts.h"
#include "tui/plain.h"

static void put_head(const struct once_view *view, FILE *out)
{
	const struct cluster *cluster = &view->sit->cluster;
	const char *name = view->config->name ? view->config->name : cluster->context;
	char when[CLOCK_TEXT];
	int i;

	fputs("sitrep", out);
	if (name) {
		fputs("  ", out);
		plain_put(name, out);
	}
	fprintf(out, "  %s\n", clock_format_rfc3339(view->now_ms, when));
	if (!view->config->kube.enabled)
		return;
	once_put_heading(view, "CLUSTER", &cluster->fresh, out);
	fputs("  version ", out);
	plain_put(cluster->version ? cluster->version : "unknown", out);
	fputc('\n', out);
	for (i = 0; i < cluster->nservers; i++) {
		fprintf(out, "  %s ", cluster->servers[i].current ? "*" : " ");
		plain_put(cluster->servers[i].url, out);
		fputs("  ", out);
		once_put_freshness(view, &cluster->servers[i].fresh, out);
		if (cluster->servers[i].failing[0]) {
			fputs(", failing: ", out);
			plain_put(cluster->servers[i].failing, out);
		}
		fputc('\n', out);
	}
	once_put_control(view, out);
}

static void put_action(const struct verdict_action *action, FILE *out)
{
	const struct verb *verb = verb_find(action->request.verb);
	char command[1024];

	fputs("    action    ", out);
	plain_put(action->label, out);
	if (verb && verb->command) {
		verb->command(&action->request, command, sizeof(command));
		fputs("\n              $ ", out);
		plain_put(command, out);
	}
	fputc('\n', out);
}

static void put_told(const char *label, const char *text, FILE *out)
{
	if (!text || !text[0])
		return;
	fprintf(out, "    %-9s ", label);
	plain_put(text, out);
	fputc('\n', out);
}

static void put_clock(const struct once_view *view, const struct verdict_clock *clock, FILE *out)
{
	int64_t left = clock->due_ms - view->now_ms;
	char text[CLOCK_TEXT];

	fputs("    clock     ", out);
	plain_put(clock->label, out);
	fprintf(out, left > 0 ? " in %s\n" : " %s ago\n",
		clock_format_age(left > 0 ? left : -left, text));
}

static void put_verdict(const struct once_view *view, const struct verdict *verdict, FILE *out)
{
	const struct mode_told *told = &verdict->mode->told;
	char since[CLOCK_TEXT], age[CLOCK_TEXT];
	size_t i;

	fprintf(out, "  %s: ", verdict->mode->id);
	plain_put(verdict->title, out);
	fprintf(out, "\n    %s, since %s (%s)%s\n", severity_name(verdict->mode->severity),
		clock_format_rfc3339(verdict->since_ms, since),
		clock_format_age(view->now_ms - verdict->since_ms, age),
		verdict->state == VERDICT_FADING ? ", its evidence can't be read now" : "");
	for (i = 0; i < verdict->nevidence; i++) {
		fprintf(out, "    %-12s  ", evidence_state_name(verdict->evidence[i].state));
		plain_put(verdict->evidence[i].text, out);
		fputc('\n', out);
	}
	for (i = 0; i < verdict->nclocks; i++)
		put_clock(view, &verdict->clocks[i], out);
	put_told("recovers", told->recovers, out);
	put_told("to do", told->action, out);
	for (i = 0; i < verdict->nactions; i++)
		put_action(&verdict->actions[i], out);
}

static void put_verdicts(const struct once_view *view, FILE *out)
{
	char text[400], wrong[400];
	const char *unknown = check_unknown(view, text, sizeof(text));
	const char *failing = check_failing(view->sit, view->now_ms, wrong, sizeof(wrong));
	size_t i;

	if (!view->verdicts) {
		fputs("\nINCIDENTS  not judged\n", out);
		return;
	}
	fprintf(out, "\nINCIDENTS  %zu", view->verdicts->len);
	if (failing) {
		fputs(", but ", out);
		plain_put(failing, out);
	}
	if (unknown) {
		fputs(failing ? "; not all could be read: " : ", but not all could be read: ", out);
		plain_put(unknown, out);
	}
	fputc('\n', out);
	for (i = 0; i < view->verdicts->len; i++)
		put_verdict(view, &view->verdicts->items[i], out);
}

void once_text(const struct once_view *view, FILE *out)
{
	put_head(view, out);
	put_verdicts(view, out);
	if (view->config->kube.enabled) {
		once_put_nodes(view, out);
		once_put_pods(view, out);
		once_put_workloads(view, out);
		once_put_storage(view, out);
		once_put_apps(view, out);
	}
	if (view->sit->redis.configured)
		once_put_redis(view, out);
	if (view->sit->postgres.configured)
		once_put_postgres(view, out);
	once_put_queues(view, out);
	once_put_hosts(view, out);
	once_put_vendors(view, out);
	once_put_probes(view, out);
}

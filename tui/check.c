/* tui/check.c: see check.h */
#include "tui/check.h"

#include <stddef.h>

#include "core/clock.h"
#include "tui/plain.h"

struct source {
	const char *name;
	size_t offset;             /* of its struct freshness in struct situation */
	enum { OF_KUBE, OF_REDIS, OF_POSTGRES } of;
};

/* What has to be known before anyone may say that all is well. */
static const struct source sources[] = {
	{"the API", offsetof(struct situation, cluster.fresh), OF_KUBE},
	{"nodes", offsetof(struct situation, nodes.fresh), OF_KUBE},
	{"pods", offsetof(struct situation, pods.fresh), OF_KUBE},
	{"deployments", offsetof(struct situation, workloads.fresh[WORKLOAD_DEPLOYMENT]),
	 OF_KUBE},
	{"Redis", offsetof(struct situation, redis.fresh), OF_REDIS},
	{"Postgres", offsetof(struct situation, postgres.fresh), OF_POSTGRES},
};

static bool is_watched(const struct once_view *view, const struct source *source)
{
	if (source->of == OF_KUBE)
		return view->config->kube.enabled;
	return source->of == OF_REDIS ? view->sit->redis.configured
				      : view->sit->postgres.configured;
}

const char *check_unknown(const struct once_view *view, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		const struct freshness *fresh =
			(const void *)((const char *)view->sit + sources[i].offset);
		enum fresh_state state = freshness_at(fresh, view->now_ms);

		/* Who is let sleep is well. */
		if (!is_watched(view, &sources[i]) || state == FRESH_OK || state == FRESH_ASLEEP)
			continue;
		snprintf(buf, size, "%s: %s, %s", sources[i].name, fresh_state_name(state),
			 fresh->reason[0] ? fresh->reason : "no answer");
		return buf;
	}
	if (view->config->kube.enabled && !view->sit->pods.complete) {
		snprintf(buf, size, "pods: unknown, the list has not ended");
		return buf;
	}
	return NULL;
}

/* The first verdict above a note, or NULL; *ret_count says how many there are. */
static const struct verdict *first_incident(const struct verdicts *list, size_t *ret_count)
{
	const struct verdict *first = NULL;
	size_t i;

	*ret_count = 0;
	for (i = 0; list && i < list->len; i++) {
		if (list->items[i].mode->severity == SEVERITY_NOTE)
			continue;
		if (!first)
			first = &list->items[i];
		(*ret_count)++;
	}
	return first;
}

static void put_incident(const struct once_view *view, const struct verdict *verdict,
			 size_t count, FILE *out)
{
	char since[CLOCK_TEXT], age[CLOCK_TEXT];

	fprintf(out, "INCIDENT %s: ", verdict->mode->id);
	plain_put(verdict->title, out);
	fprintf(out, ", since %s (%s)", clock_format_rfc3339(verdict->since_ms, since),
		clock_format_age(view->now_ms - verdict->since_ms, age));
	if (count > 1)
		fprintf(out, "; and %zu more", count - 1);
}

static void put_ok(const struct once_view *view, FILE *out)
{
	fputs("OK", out);
	if (view->config->kube.enabled)
		fprintf(out, ": %zu nodes, %zu pods", view->sit->nodes.len, view->sit->pods.len);
	if (view->sit->redis.configured)
		fputs(view->config->kube.enabled ? ", Redis" : ": Redis", out);
	if (view->sit->postgres.configured)
		fputs(view->config->kube.enabled || view->sit->redis.configured ? ", Postgres"
		      : ": Postgres", out);
	fputc('\n', out);
}

enum check_status check_report(const struct once_view *view, FILE *out)
{
	char text[256];
	const char *unknown = check_unknown(view, text, sizeof(text));
	const struct verdict *verdict;
	size_t count;

	if (!unknown && !view->verdicts)
		unknown = "verdicts: unknown, not judged";
	verdict = first_incident(view->verdicts, &count);
	if (verdict)
		put_incident(view, verdict, count, out);
	if (unknown) {
		fputs(verdict ? "; unknown: " : "UNKNOWN ", out);
		plain_put(unknown, out);
	}
	if (verdict || unknown) {
		fputc('\n', out);
		return verdict ? CHECK_INCIDENT : CHECK_UNKNOWN;
	}
	put_ok(view, out);
	return CHECK_OK;
}

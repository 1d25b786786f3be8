/* tui/check.c: see check.h */
#include "tui/check.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

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

/* The first of many, and how many more there are. */
struct tally {
	char *buf;
	size_t size, count;
};

__attribute__((format(printf, 2, 3)))
static void tell(struct tally *tally, const char *format, ...)
{
	va_list args;

	if (tally->count++)
		return;
	va_start(args, format);
	vsnprintf(tally->buf, tally->size, format, args);
	va_end(args);
}

static const char *told(const struct tally *tally)
{
	size_t len = tally->count ? strlen(tally->buf) : 0;

	if (tally->count > 1)
		snprintf(tally->buf + len, tally->size - len, "; and %zu more", tally->count - 1);
	return tally->count ? tally->buf : NULL;
}

static void tell_unread(struct tally *tally, const char *what, const char *name,
			const struct freshness *fresh, int64_t now_ms)
{
	enum fresh_state state = freshness_at(fresh, now_ms);

	/* Who is let sleep is well. */
	if (state != FRESH_OK && state != FRESH_ASLEEP)
		tell(tally, "%s%.80s: %s, %s", what, name, fresh_state_name(state),
		     fresh->reason[0] ? fresh->reason : "no answer");
}

static void tell_unread_lists(struct tally *tally, const struct situation *sit, int64_t now_ms)
{
	size_t i;

	if (sit->asynq.present)
		tell_unread(tally, "", "queues", &sit->asynq.fresh, now_ms);
	for (i = 0; i < sit->hosts.len; i++)
		tell_unread(tally, "machine ", sit->hosts.items[i].node,
			    &sit->hosts.items[i].fresh, now_ms);
	for (i = 0; i < sit->probes.len; i++)
		tell_unread(tally, "probe ", sit->probes.items[i]->name,
			    &sit->probes.items[i]->fresh, now_ms);
	for (i = 0; i < sit->vendors.len; i++) {
		const struct vendor *vendor = &sit->vendors.items[i];

		if (freshness_at(&vendor->fresh, now_ms) == FRESH_OK &&
		    vendor->state == VENDOR_UNKNOWN)
			tell(tally, "vendor %.80s: unknown, its page doesn't say", vendor->name);
		else
			tell_unread(tally, "vendor ", vendor->name, &vendor->fresh, now_ms);
	}
}

const char *check_unknown(const struct once_view *view, char *buf, size_t size)
{
	struct tally tally = {buf, size, 0};
	const struct situation *sit = view->sit;
	size_t i, watched = sit->hosts.len + sit->probes.len + sit->vendors.len;

	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		const struct freshness *fresh =
			(const void *)((const char *)sit + sources[i].offset);

		if (!is_watched(view, &sources[i]))
			continue;
		watched++;
		tell_unread(&tally, "", sources[i].name, fresh, view->now_ms);
	}
	if (view->config->kube.enabled && !sit->pods.complete)
		tell(&tally, "pods: unknown, the list has not ended");
	if (!watched)
		tell(&tally, "nothing is watched: the configuration names no system");
	tell_unread_lists(&tally, sit, view->now_ms);
	return told(&tally);
}

const char *check_failing(const struct situation *sit, int64_t now_ms, char *buf, size_t size)
{
	struct tally tally = {buf, size, 0};
	size_t i;

	for (i = 0; i < sit->probes.len; i++) {
		const struct probe *probe = sit->probes.items[i];

		if (probe->result == RESULT_FAILED && freshness_at(&probe->fresh, now_ms) == FRESH_OK)
			tell(&tally, "probe %.80s fails: %s", probe->name, probe->text);
	}
	for (i = 0; i < sit->vendors.len; i++) {
		const struct vendor *vendor = &sit->vendors.items[i];

		if (vendor->state >= VENDOR_DEGRADED &&
		    freshness_at(&vendor->fresh, now_ms) == FRESH_OK)
			tell(&tally, "vendor %.80s: %s", vendor->name,
			     vendor_state_name(vendor->state));
	}
	return told(&tally);
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

static void put_count(FILE *out, const char **comma, size_t count, const char *what)
{
	if (!count)
		return;
	fprintf(out, "%s%zu %s%s", *comma, count, what, count == 1 ? "" : "s");
	*comma = ", ";
}

static void put_ok(const struct once_view *view, FILE *out)
{
	const struct situation *sit = view->sit;
	const char *comma = ": ";

	fputs("OK", out);
	if (view->config->kube.enabled) {
		fprintf(out, ": %zu nodes, %zu pods", sit->nodes.len, sit->pods.len);
		comma = ", ";
	}
	if (sit->redis.configured) {
		fprintf(out, "%sRedis", comma);
		comma = ", ";
	}
	if (sit->postgres.configured) {
		fprintf(out, "%sPostgres", comma);
		comma = ", ";
	}
	put_count(out, &comma, sit->hosts.len, "machine");
	put_count(out, &comma, sit->probes.len, "probe");
	put_count(out, &comma, sit->vendors.len, "vendor");
	fputc('\n', out);
}

enum check_status check_report(const struct once_view *view, FILE *out)
{
	char text[400], wrong[400];
	const char *unknown = check_unknown(view, text, sizeof(text));
	const char *failing = check_failing(view->sit, view->now_ms, wrong, sizeof(wrong));
	const struct verdict *verdict;
	size_t count;

	if (!unknown && !view->verdicts)
		unknown = "verdicts: unknown, not judged";
	verdict = first_incident(view->verdicts, &count);
	if (verdict)
		put_incident(view, verdict, count, out);
	if (failing) {
		fputs(verdict ? "; failing: " : "FAILING ", out);
		plain_put(failing, out);
	}
	if (unknown) {
		fputs(verdict || failing ? "; unknown: " : "UNKNOWN ", out);
		plain_put(unknown, out);
	}
	if (verdict || failing || unknown) {
		fputc('\n', out);
		return verdict || failing ? CHECK_INCIDENT : CHECK_UNKNOWN;
	}
	put_ok(view, out);
	return CHECK_OK;
}

/* incident/facts_probes.c: what asking as users do has brought, one by one and by kind */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "incident/facts_parts.h"

struct tally {
	json_int_t total, ok, failed, slow, unknown;
};

static void count(const struct facts_maker *maker, const struct probe *probe, struct tally *tally)
{
	tally->total++;
	if (!facts_is_fresh(maker, &probe->fresh) || probe->result == RESULT_UNKNOWN)
		tally->unknown++;
	else if (probe->result == RESULT_FAILED)
		tally->failed++;
	else
		tally->ok++;
	tally->slow += probe->base.slow;
}

static json_t *tally_facts(const struct tally *tally)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "total", tally->total, "ok", tally->ok,
			 "failed", tally->failed, "unknown", tally->unknown, "slow", tally->slow);
}

static json_t *ms(int32_t us)
{
	return us < 0 ? json_null() : facts_real((double)us / 1000);
}

static json_t *step_facts(const struct probe *probe)
{
	json_t *steps = json_object();
	int i;

	for (i = 0; i < PROBE_STEPS; i++)
		json_object_set_new(steps, probe_step_name((enum probe_step)i),
				    ms(probe->step_us[i]));
	json_object_set_new(steps, "total", ms(probe->total_us));
	return steps;
}

/* dns: the addresses; for the others detail is for people. */
static json_t *answer_list(const struct probe *probe)
{
	json_t *list = json_array();
	char *copy, *line, *save = NULL;

	if (probe->kind != PROBE_DNS || !probe->detail)
		return list;
	copy = xstrdup(probe->detail);
	for (line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		json_array_append_new(list, facts_text(line));
	free(copy);
	return list;
}

static json_t *probe_facts(const struct facts_maker *maker, const struct probe *probe)
{
	bool failed = probe->result == RESULT_FAILED;
	json_t *facts = json_pack(
		"{s:o, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:b}",
		"freshness", facts_freshness(maker, &probe->fresh, true),
		"kind", probe_kind_name(probe->kind), "of", facts_text(probe->of),
		"via", facts_text(probe->via), "target", facts_text(probe->target),
		"result", probe_result_name(probe->result), "failed_at",
		failed ? json_string(probe_step_name(probe->failed_at)) : json_null(), "text",
		facts_text(probe->text), "status",
		probe->status ? json_integer(probe->status) : json_null(), "result_age",
		facts_age(maker, probe->since_ms), "failures", probe->failures, "ms",
		step_facts(probe), "median_ms", ms(probe->base.median_us), "spread_ms",
		ms(probe->base.spread_us), "slow", probe->base.slow);

	json_object_set_new(facts, "cause",
			    failed ? json_string(probe_cause_name(probe->cause)) : json_null());
	json_object_set_new(facts, "slow_age",
			    probe->base.slow ? facts_age(maker, probe->base.slow_since_ms) : json_null());
	json_object_set_new(facts, "cert_days", probe->cert_expires_ms
			    ? json_integer(probe_cert_days(probe, maker->now_ms)) : json_null());
	json_object_set_new(facts, "pop", facts_text(probe->pop));
	json_object_set_new(facts, "answers", answer_list(probe));
	json_object_set_new(facts, "outside", json_boolean(probe->outside));
	json_object_set_new(facts, "disagrees", json_boolean(probe->disagrees));
	return facts;
}

json_t *facts_probes(const struct facts_maker *maker)
{
	const struct probes *probes = &maker->sit->probes;
	struct tally all = {0}, kinds[PROBE_KINDS] = {{0}};
	json_t *by_name = json_object(), *by_kind = json_object(), *facts;
	size_t i;

	for (i = 0; i < probes->len; i++) {
		count(maker, probes->items[i], &all);
		count(maker, probes->items[i], &kinds[probes->items[i]->kind]);
		json_object_set_new(by_name, probes->items[i]->name,
				    probe_facts(maker, probes->items[i]));
	}
	for (i = 0; i < PROBE_KINDS; i++)
		if (kinds[i].total)
			json_object_set_new(by_kind, probe_kind_name((enum probe_kind)i),
					    tally_facts(&kinds[i]));
	facts = tally_facts(&all);
	json_object_set_new(facts, "by_kind", by_kind);
	json_object_set_new(facts, "by_name", by_name);
	return facts;
}

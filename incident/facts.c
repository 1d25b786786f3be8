/* incident/facts.c: see facts.h. What the rules read; docs/facts.md lists every path. */
#include "incident/facts.h"

#include <math.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/printable.h"
#include "incident/facts_parts.h"

#define WARNINGS_MAX 20

json_t *facts_number(int64_t value)
{
	return value < 0 ? json_null() : json_integer(value);
}

json_t *facts_real(double value)
{
	return value < 0 || !isfinite(value) ? json_null() : json_real(round(value * 1e4) / 1e4);
}

json_t *facts_text(const char *text)
{
	json_t *value = text && text[0] ? json_string(text) : NULL;
	char *clean;

	if (value || !text || !text[0])
		return value ? value : json_null();
	/* Foreign bytes, or a text cut within a character. */
	clean = printable_dup(text);
	value = json_string(clean);
	free(clean);
	return value;
}

json_t *facts_age(const struct facts_maker *maker, int64_t at_ms)
{
	int64_t age = maker->now_ms - at_ms;

	if (!at_ms)
		return json_null();
	return json_integer(age > 0 ? age / 1000 : 0);
}

json_t *facts_epoch(int64_t at_ms)
{
	return at_ms ? json_integer(at_ms / 1000) : json_null();
}

json_t *facts_ratio(int64_t part, int64_t whole)
{
	return part < 0 || whole <= 0 ? json_null() : facts_real((double)part / (double)whole);
}

bool facts_is_fresh(const struct facts_maker *maker, const struct freshness *fresh)
{
	return freshness_at(fresh, maker->now_ms) == FRESH_OK;
}

json_t *facts_freshness(const struct facts_maker *maker, const struct freshness *fresh,
			bool complete)
{
	enum fresh_state state = freshness_at(fresh, maker->now_ms);
	const char *reason = fresh->reason;
	char when[CLOCK_TEXT];

	if (state == FRESH_OK && !complete) {
		state = FRESH_UNKNOWN;
		reason = "the first list is still arriving";
	} else if (state == FRESH_STALE && !reason[0]) {
		reason = "nothing has proven it lately";
	} else if (state == FRESH_UNKNOWN && !reason[0]) {
		reason = "not asked, or no answer yet";
	}
	return json_pack("{s:s, s:o, s:o, s:s, s:o}",
			 "state", fresh_state_name(state), "age",
			 facts_age(maker, fresh->as_of_ms), "as_of", fresh->as_of_ms
			 ? json_string(clock_format_rfc3339(fresh->as_of_ms, when)) : json_null(),
			 "fault", fresh_fault_name(fresh->fault), "reason", facts_text(reason));
}

static json_t *cluster_facts(const struct facts_maker *maker)
{
	const struct cluster *cluster = &maker->sit->cluster;
	const char *name = maker->config->name ? maker->config->name : cluster->context;
	json_t *servers = json_array();
	int i;

	for (i = 0; i < cluster->nservers; i++)
		json_array_append_new(servers, json_pack(
			"{s:o, s:b, s:o, s:o}", "url", facts_text(cluster->servers[i].url),
			"current", cluster->servers[i].current, "failing",
			facts_text(cluster->servers[i].failing), "freshness",
			facts_freshness(maker, &cluster->servers[i].fresh, true)));
	return json_pack("{s:o, s:o, s:o, s:o, s:o}",
			 "freshness", facts_freshness(maker, &cluster->fresh, true),
			 "name", facts_text(name), "context", facts_text(cluster->context),
			 "version", facts_text(cluster->version), "servers", servers);
}

static json_t *pdb_facts(const struct facts_maker *maker)
{
	const struct pdbs *pdbs = &maker->sit->pdbs;
	json_t *items = json_array();
	size_t i;

	for (i = 0; i < pdbs->len && (maker->full || i < FACTS_LIST_MAX); i++) {
		const struct pdb *pdb = pdbs->items[i];

		json_array_append_new(items, json_pack(
			"{s:s, s:s, s:o, s:i, s:i, s:i, s:i}", "ns", pdb->ns, "name", pdb->name,
			"selector", facts_text(pdb->selector), "allowed",
			pdb->disruptions_allowed, "healthy", pdb->healthy, "desired",
			pdb->desired, "expected", pdb->expected));
	}
	return json_pack("{s:o, s:I, s:o}", "freshness",
			 facts_freshness(maker, &pdbs->fresh, pdbs->complete), "total",
			 (json_int_t)pdbs->len, "items", items);
}

static json_t *event_facts(const struct facts_maker *maker)
{
	const struct events *events = &maker->sit->events;
	json_t *warnings = json_array();
	size_t i;

	for (i = events->len; i > 0 && events->len - i < WARNINGS_MAX; i--) {
		const struct event *event = &events->items[i - 1];

		json_array_append_new(warnings, json_pack(
			"{s:o, s:o, s:o, s:o, s:o, s:o, s:i}", "ns", facts_text(event->ns), "kind",
			facts_text(event->kind), "object", facts_text(event->object), "reason",
			facts_text(event->reason), "message", facts_text(event->message), "age",
			facts_age(maker, event->last_ms), "count", event->count));
	}
	return json_pack("{s:o, s:o}", "freshness",
			 facts_freshness(maker, &events->fresh, events->complete),
			 "warnings", warnings);
}

/* What was in a log lately; a crashed container's is looked at once for each crash, and between two
 * there may be ten minutes. */
#define LOG_LOOK_MS 120000
#define LAST_LOG_LOOK_MS 600000

static json_t *matches(const struct facts_maker *maker, const struct logsign *sign)
{
	int64_t old = maker->now_ms - sign->looked_ms;

	return facts_number(old > (sign->previous ? LAST_LOG_LOOK_MS : LOG_LOOK_MS)
			    ? -1 : sign->matches);
}

static json_t *log_facts(const struct facts_maker *maker)
{
	const struct logsigns *signs = &maker->sit->logsigns;
	json_t *items = json_array();
	size_t i;

	for (i = 0; i < signs->len; i++) {
		const struct logsign *sign = &signs->items[i];

		json_array_append_new(items, json_pack(
			"{s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "sign",
			facts_text(sign->sign), "workload", facts_text(sign->workload), "pod",
			facts_text(sign->pod), "line", facts_text(sign->line), "previous",
			sign->previous, "seen_age",
			facts_age(maker, sign->seen_ms), "looked_age",
			facts_age(maker, sign->looked_ms), "matches", matches(maker, sign)));
	}
	return json_pack("{s:o, s:o}", "freshness", facts_freshness(maker, &signs->fresh, true),
			 "signs", items);
}

static json_t *names_facts(const struct facts_maker *maker)
{
	const struct config *config = maker->config;
	json_t *map = json_object();
	size_t i;

	for (i = 0; i < config->nnames; i++)
		json_object_set_new(map, config->names[i].key,
				    json_string(config->names[i].value));
	return map;
}

static json_t *thresholds_facts(const struct facts_maker *maker)
{
	const struct config *config = maker->config;
	json_t *map = json_object();
	size_t i;

	for (i = 0; i < config->nthresholds; i++)
		json_object_set_new(map, config->thresholds[i].key,
				    json_real(config->thresholds[i].value));
	return map;
}

static json_t *cost(const struct freshness *fresh)
{
	return json_pack("{s:I, s:I, s:I}", "requests", (json_int_t)fresh->requests,
			 "bytes_in", (json_int_t)fresh->bytes_in, "bytes_out",
			 (json_int_t)fresh->bytes_out);
}

static json_t *metrics_facts(const struct facts_maker *maker)
{
	return json_pack("{s:o}", "freshness",
			 facts_freshness(maker, &maker->sit->cluster.metrics_fresh, true));
}

static void add_cost(struct freshness *sum, const struct freshness *part)
{
	sum->requests += part->requests;
	sum->bytes_in += part->bytes_in;
	sum->bytes_out += part->bytes_out;
}

/* What the transports have counted of it, in the last minute. */
static void add_minute(json_t *all, const struct cost *counted)
{
	struct cost_amount minute = cost_per_minute(counted, clock_mono_ms());
	json_t *system = json_object_get(all, counted->system);

	if (!system)
		return;
	json_object_set_new(system, "connections", json_integer((json_int_t)
							       counted->total.connections));
	json_object_set_new(system, "per_minute",
			    json_pack("{s:I, s:I, s:I, s:I}", "requests",
				      (json_int_t)minute.requests, "bytes_in",
				      (json_int_t)minute.bytes_in, "bytes_out",
				      (json_int_t)minute.bytes_out, "connections",
				      (json_int_t)minute.connections));
}

/* By system; vendors' pages are many and count together. */
static json_t *cost_facts(const struct facts_maker *maker)
{
	const struct situation *sit = maker->sit;
	struct freshness vendors = {0}, probes = {0}, postgres = {0}, hosts = {0},
			 apps = {0};
	json_t *all;
	size_t i;

	for (i = 0; i < sit->vendors.len; i++)
		add_cost(&vendors, &sit->vendors.items[i].fresh);
	for (i = 0; i < sit->probes.len; i++)
		add_cost(&probes, &sit->probes.items[i]->fresh);
	add_cost(&postgres, &sit->postgres.direct.fresh);
	add_cost(&postgres, &sit->postgres.pooler.fresh);
	for (i = 0; i < sit->hosts.len; i++)
		add_cost(&hosts, &sit->hosts.items[i].fresh);
	for (i = 0; i < sit->apps.len; i++)
		if (sit->apps.items[i]->outside)
			add_cost(&apps, &sit->apps.items[i]->fresh);
	all = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "apps", cost(&apps), "kube",
			cost(&sit->cluster.fresh), "redis", cost(&sit->redis.fresh), "postgres",
			cost(&postgres), "ssh", cost(&hosts), "vendors", cost(&vendors), "probes",
			cost(&probes));
	for (i = 0; i < sit->costs.len; i++)
		add_minute(all, &sit->costs.items[i]);
	return all;
}

/* The document's sections, in its order. A new system is one row. */
static const struct {
	const char *name;
	json_t *(*make)(const struct facts_maker *maker);
} sections[] = {
	{"cluster", cluster_facts},
	{"link", facts_link},
	{"nodes", facts_nodes},
	{"pods", facts_pods},
	{"workloads", facts_workloads},
	{"pdbs", pdb_facts},
	{"control", facts_control},
	{"apps", facts_apps},
	{"storage", facts_storage},
	{"changes", facts_changes},
	{"events", event_facts},
	{"metrics", metrics_facts},
	{"logs", log_facts},
	{"redis", facts_redis},
	{"postgres", facts_postgres},
	{"asynq", facts_asynq},
	{"hosts", facts_hosts},
	{"vendors", facts_vendors},
	{"probes", facts_probes},
	{"names", names_facts},
	{"thresholds", thresholds_facts},
	{"cost", cost_facts},
};

struct facts_memory {
	struct facts_sums sums;
};

struct facts_memory *facts_memory_new(void)
{
	return xcalloc(1, sizeof(struct facts_memory));
}

void facts_memory_free(struct facts_memory *memory)
{
	if (memory)
		facts_sums_release(&memory->sums);
	free(memory);
}

json_t *facts_build(const struct situation *sit, const struct config *config,
		    int64_t now_wall_ms, bool full)
{
	struct facts_memory memory = {0};
	json_t *facts = facts_build_again(&memory, sit, config, now_wall_ms, full);

	facts_sums_release(&memory.sums);
	return facts;
}

json_t *facts_build_again(struct facts_memory *memory, const struct situation *sit,
			  const struct config *config, int64_t now_wall_ms, bool full)
{
	struct facts_maker maker = {.sit = sit, .config = config, .now_ms = now_wall_ms,
				    .full = full, .sums = &memory->sums};
	char when[CLOCK_TEXT];
	json_t *facts;
	size_t i;

	facts_sums_make(&memory->sums, sit, now_wall_ms);
	facts = json_pack("{s:i, s:s, s:I}", "schema", 1, "at",
			  clock_format_rfc3339(now_wall_ms, when), "now",
			  (json_int_t)(now_wall_ms / 1000));
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		json_object_set_new(facts, sections[i].name, sections[i].make(&maker));
	return facts;
}

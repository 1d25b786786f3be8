/* incident/facts_postgres.c: the Postgres section of the facts */
#include <stddef.h>
#include <stdio.h>

#include "incident/facts_parts.h"

static json_t *milliseconds(int64_t us)
{
	return us < 0 ? json_null() : facts_real((double)us / 1000);
}

static json_t *way_facts(const struct facts_maker *maker, const struct postgres_way *way)
{
	json_t *facts = json_pack("{s:o, s:b, s:o, s:o, s:b}",
				  "freshness", facts_freshness(maker, &way->fresh, true),
				  "configured", way->configured, "where", facts_text(way->where),
				  "tls", facts_text(way->tls), "woken", way->slow_start);
	const struct baseline *base = &way->base;
	char name[16];
	int i;

	for (i = 0; i < POSTGRES_STEPS; i++) {
		snprintf(name, sizeof(name), "%s_ms", postgres_step_name((enum postgres_step)i));
		json_object_set_new(facts, name, milliseconds(way->step_us[i]));
	}
	json_object_set_new(facts, "total_ms",
			    milliseconds(postgres_way_total_us(way)));
	json_object_set_new(facts, "median_ms", milliseconds(base->median_us));
	json_object_set_new(facts, "spread_ms", milliseconds(base->spread_us));
	json_object_set_new(facts, "slow", json_boolean(base->slow));
	json_object_set_new(facts, "slow_age",
			    base->slow ? facts_age(maker, base->slow_since_ms) : json_null());
	return facts;
}

/* What a look has found, good or bad: known as long as there are looks. */
static json_t *seen(const struct postgres_way *way)
{
	bool failed = way->error[0] != '\0';

	return json_pack("{s:o, s:o, s:o, s:o}", "state", way->configured
			 ? json_string(postgres_state_name(way->state)) : json_null(),
			 "error", facts_text(way->error), "sqlstate", facts_text(way->sqlstate),
			 "step", failed ? json_string(postgres_step_name(way->failed_step))
			 : json_null());
}

static json_t *sessions(const struct postgres_session *list, int count)
{
	json_t *facts = json_array();
	int i;

	for (i = 0; i < count; i++)
		json_array_append_new(facts, json_pack(
			"{s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:b}", "pid", (json_int_t)list[i].pid,
			"user", facts_text(list[i].user), "application",
			facts_text(list[i].application), "state", facts_text(list[i].state),
			"query", facts_text(list[i].query), "age", facts_number(list[i].age_s),
			"blocks", (json_int_t)(list[i].blocks > 0 ? list[i].blocks : 0),
			"waits", list[i].waits));
	return facts;
}

static json_t *goose_facts(const struct facts_maker *maker, const struct postgres *postgres)
{
	return json_pack("{s:s, s:o, s:o, s:o}", "state", postgres_goose_name(postgres->goose),
			 "version", facts_number(postgres->goose_version), "expected",
			 facts_number(postgres->goose_expected), "applied_age",
			 facts_age(maker, postgres->goose_applied_ms));
}

static json_t *lock_facts(const struct postgres_lock *lock)
{
	if (!lock->known)
		return json_null();
	return json_pack("{s:b, s:o, s:o, s:o, s:o, s:I}", "held", lock->held, "pid",
			 lock->held && lock->pid ? json_integer(lock->pid) : json_null(),
			 "holder", facts_text(lock->holder), "state", facts_text(lock->state),
			 "idle", lock->held ? facts_number(lock->idle_s) : json_null(),
			 "waiting", (json_int_t)lock->waiting);
}

static json_t *index_facts(const struct postgres *postgres)
{
	json_t *facts = json_array();
	int i;

	if (!postgres->indexes_known) {
		json_decref(facts);
		return json_null();
	}
	for (i = 0; i < postgres->nindexes; i++)
		json_array_append_new(facts, json_pack(
			"{s:o, s:o, s:b}", "name", facts_text(postgres->indexes[i].name), "table",
			facts_text(postgres->indexes[i].table), "building",
			postgres->indexes[i].building));
	return facts;
}

static json_t *database_facts(const struct facts_maker *maker, const struct postgres *postgres)
{
	bool known = postgres->fresh.as_of_ms != 0;
	int64_t room = postgres->max_connections < 0 || postgres->reserved < 0 ? -1
		       : postgres->max_connections - postgres->reserved;
	json_t *facts = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "freshness",
		facts_freshness(maker, &postgres->fresh, true), "version",
		facts_text(postgres->version), "uptime",
		facts_number(known ? postgres->uptime_s : -1), "in_recovery",
		known ? json_boolean(postgres->in_recovery) : json_null(), "read_only",
		known ? json_boolean(postgres->read_only) : json_null(), "max_connections",
		facts_number(postgres->max_connections), "used_ratio",
		facts_ratio(known ? postgres->connections : -1, room));

	json_object_set_new(facts, "connections", json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o}", "total",
		facts_number(known ? postgres->connections : -1), "active",
		facts_number(known ? postgres->active : -1), "idle",
		facts_number(known ? postgres->idle : -1), "in_transaction",
		facts_number(known ? postgres->in_transaction : -1), "hidden",
		facts_number(known ? postgres->hidden : -1), "waiting",
		facts_number(known ? postgres->waiting : -1)));
	json_object_set_new(facts, "others_used", facts_number(postgres->others_used_s));
	json_object_set_new(facts, "longest", sessions(postgres->longest, postgres->nlongest));
	json_object_set_new(facts, "blockers", sessions(postgres->blockers, postgres->nblockers));
	json_object_set_new(facts, "goose", goose_facts(maker, postgres));
	json_object_set_new(facts, "migration_lock", lock_facts(&postgres->lock));
	json_object_set_new(facts, "invalid_indexes", index_facts(postgres));
	return facts;
}

static json_t *look_facts(const struct postgres *postgres)
{
	return json_pack("{s:o, s:I, s:I, s:I, s:o}", "wake_budget",
			 facts_number(postgres->wake_budget), "wake_spent",
			 (json_int_t)postgres->wake_spent, "wakes", (json_int_t)postgres->wakes,
			 "connections", (json_int_t)postgres->connections_made, "next",
			 facts_epoch(postgres->next_look_ms));
}

json_t *facts_postgres(const struct facts_maker *maker)
{
	const struct postgres *postgres = &maker->sit->postgres;

	return json_pack("{s:o, s:b, s:o, s:o, s:s, s:{s:o, s:o}, s:o, s:o, s:o, s:o}",
			 "freshness", facts_freshness(maker, &postgres->look, true),
			 "configured", postgres->configured,
			 "title", facts_text(postgres->title),
			 "name", facts_text(postgres->database),
			 "state", postgres_state_name(postgres_overall(postgres)),
			 "seen", "direct", seen(&postgres->direct),
			 "pooler", seen(&postgres->pooler),
			 "direct", way_facts(maker, &postgres->direct),
			 "pooler", way_facts(maker, &postgres->pooler),
			 "database", database_facts(maker, postgres),
			 "looks", look_facts(postgres));
}

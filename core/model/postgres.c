/* core/model/postgres.c: see postgres.h */
#include "core/model/postgres.h"

#include <stdlib.h>

const char *postgres_step_name(enum postgres_step step)
{
	static const char *const names[] = {
		[POSTGRES_DNS] = "dns", [POSTGRES_TCP] = "tcp", [POSTGRES_TLS] = "tls",
		[POSTGRES_AUTH] = "auth", [POSTGRES_QUERY] = "query",
	};

	return names[step];
}

static const struct {
	const char *name;
	enum fresh_fault fault;
} states[POSTGRES_STATES] = {
	[POSTGRES_UNKNOWN] = {"unknown", FAULT_NONE},
	[POSTGRES_OK] = {"ok", FAULT_NONE},
	[POSTGRES_ASLEEP] = {"asleep", FAULT_ASLEEP},
	[POSTGRES_WAKING] = {"waking", FAULT_ASLEEP},
	[POSTGRES_STARTING] = {"starting", FAULT_SERVER},
	[POSTGRES_QUOTA] = {"quota", FAULT_SERVER},
	[POSTGRES_REFUSED] = {"refused", FAULT_RIGHTS},
	[POSTGRES_FULL] = {"full", FAULT_SERVER},
	[POSTGRES_NO_DATABASE] = {"no_database", FAULT_SERVER},
	[POSTGRES_NO_ENDPOINT] = {"no_endpoint", FAULT_SERVER},
	[POSTGRES_NO_COMPUTE] = {"no_compute", FAULT_SERVER},
	[POSTGRES_TLS_FAILED] = {"tls_failed", FAULT_SERVER},
	[POSTGRES_NO_NAME] = {"no_name", FAULT_LINK},
	[POSTGRES_NO_LINK] = {"no_link", FAULT_LINK},
	[POSTGRES_CLOSED] = {"closed", FAULT_SERVER},
	[POSTGRES_TIMEOUT] = {"timeout", FAULT_SERVER},
	[POSTGRES_DROPPED] = {"dropped", FAULT_SERVER},
	[POSTGRES_BROKEN] = {"broken", FAULT_SERVER},
	[POSTGRES_ERROR] = {"error", FAULT_SERVER},
};

const char *postgres_state_name(enum postgres_state state)
{
	return states[state].name;
}

enum fresh_fault postgres_state_fault(enum postgres_state state)
{
	return states[state].fault;
}

const char *postgres_goose_name(enum postgres_goose state)
{
	static const char *const names[] = {
		[GOOSE_UNKNOWN] = "unknown", [GOOSE_OK] = "ok", [GOOSE_BEHIND] = "behind",
		[GOOSE_AHEAD] = "ahead", [GOOSE_MISSING] = "missing",
		[GOOSE_REFUSED] = "refused", [GOOSE_UNCHECKED] = "unchecked",
	};

	return names[state];
}

void postgres_way_remember(struct postgres_way *way, int64_t us)
{
	way->history[way->history_at] = us;
	way->history_at = (way->history_at + 1) % POSTGRES_HISTORY;
	if (way->history_len < POSTGRES_HISTORY)
		way->history_len++;
}

int64_t postgres_way_total_us(const struct postgres_way *way)
{
	int64_t sum = 0;
	int i;

	if (way->step_us[POSTGRES_QUERY] < 0)
		return -1;
	for (i = 0; i < POSTGRES_STEPS; i++)
		sum += way->step_us[i] > 0 ? way->step_us[i] : 0;
	return sum;
}

enum postgres_state postgres_overall(const struct postgres *postgres)
{
	const struct postgres_way *direct = &postgres->direct, *pooler = &postgres->pooler;

	if (!direct->configured || (pooler->configured && pooler->state == POSTGRES_OK))
		return pooler->state;
	return direct->state;
}

void postgres_init(struct postgres *postgres)
{
	struct postgres_way *ways[] = {&postgres->direct, &postgres->pooler};
	int i, j;

	postgres->max_connections = postgres->reserved = -1;
	postgres->goose_version = postgres->goose_expected = -1;
	postgres->others_used_s = -1;
	for (i = 0; i < 2; i++) {
		ways[i]->base = (struct baseline)BASELINE_INIT;
		for (j = 0; j < POSTGRES_STEPS; j++)
			ways[i]->step_us[j] = -1;
	}
}

void postgres_release(struct postgres *postgres)
{
	free(postgres->title);
	free(postgres->database);
	free(postgres->direct.where);
	free(postgres->pooler.where);
}

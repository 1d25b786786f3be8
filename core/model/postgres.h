/* core/model/postgres.h: one Postgres database, looked at by two ways: directly and through its
 * pooler. Each look is a new connection, timed step by step. */
#ifndef SITREP_CORE_MODEL_POSTGRES_H
#define SITREP_CORE_MODEL_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"
#include "core/model/baseline.h"

#define POSTGRES_HISTORY 60
#define POSTGRES_SESSIONS 8
#define POSTGRES_INDEXES 10

/* The steps of a look, in their order. */
enum postgres_step {
	POSTGRES_DNS, POSTGRES_TCP, POSTGRES_TLS, POSTGRES_AUTH, POSTGRES_QUERY, POSTGRES_STEPS,
};
const char *postgres_step_name(enum postgres_step step);   /* "dns", "tcp", ... */

enum postgres_state {
	POSTGRES_UNKNOWN,      /* not looked at yet */
	POSTGRES_OK,
	POSTGRES_ASLEEP,       /* nobody used it at the last look; left alone so that it can sleep */
	POSTGRES_WAKING,       /* a look is under way, and it is not awake yet */
	POSTGRES_STARTING,     /* starting up, shutting down or recovering; says so itself */
	POSTGRES_QUOTA,        /* its plan's quota is used up */
	POSTGRES_REFUSED,      /* user, password or host are not let in */
	POSTGRES_FULL,         /* no connection left */
	POSTGRES_NO_DATABASE,  /* no database of that name */
	POSTGRES_NO_ENDPOINT,  /* a proxy answers, but knows no such endpoint, or it is disabled */
	POSTGRES_NO_COMPUTE,   /* a proxy or pooler answers, but reaches no server behind it */
	POSTGRES_TLS_FAILED,   /* no TLS, or a certificate that isn't to be trusted */
	POSTGRES_NO_NAME,      /* the name does not resolve */
	POSTGRES_NO_LINK,      /* no way there from here */
	POSTGRES_CLOSED,       /* connection refused: nothing listens */
	POSTGRES_TIMEOUT,      /* no answer in time */
	POSTGRES_DROPPED,      /* the connection was closed before it had answered */
	POSTGRES_BROKEN,       /* what answers doesn't speak Postgres */
	POSTGRES_ERROR,        /* anything else that the server says */
	POSTGRES_STATES,
};
const char *postgres_state_name(enum postgres_state state);        /* "ok", "no_compute", ... */
enum fresh_fault postgres_state_fault(enum postgres_state state);

struct postgres_way {
	bool configured;
	char *where;               /* owned: host:port */
	struct freshness fresh;    /* of "it answers"; its cost is what this way has cost */
	enum postgres_state state;
	enum postgres_step failed_step;        /* when state is a failure */
	char error[200];           /* printable; "" when fine */
	char sqlstate[6];          /* "" when the server gave none */
	int64_t step_us[POSTGRES_STEPS];       /* of the last look; -1 = not reached */
	char tls[16];              /* "TLSv1.3"; "" = none or unknown */
	bool slow_start;           /* it may have slept, and let us wait: woken by us */
	int64_t history[POSTGRES_HISTORY];     /* SELECT 1 in us, ring; -1 = failed */
	int history_len, history_at;
	struct baseline base;      /* of a whole look, from the name to SELECT 1 */
};

struct postgres_session {
	int64_t pid;
	char user[64], application[64], state[40];     /* printable */
	char query[120];           /* printable, without any value that stood in it */
	int64_t age_s;             /* of its transaction */
	int64_t blocks;            /* how many wait for it */
	bool waits;                /* it waits for a lock itself */
};

enum postgres_goose {
	GOOSE_UNKNOWN, GOOSE_OK, GOOSE_BEHIND, GOOSE_AHEAD, GOOSE_MISSING, GOOSE_REFUSED,
	GOOSE_UNCHECKED,           /* its version is known, which is expected isn't configured */
};
const char *postgres_goose_name(enum postgres_goose state);

struct postgres_lock {
	bool known, held;
	int64_t pid;               /* of who holds it; 0 when it stands in a table */
	char holder[64], state[40];
	int64_t idle_s;            /* since who holds it did anything; -1 = unknown */
	int64_t waiting;           /* who wait for it */
};

struct postgres_index {
	char name[128];            /* schema.index, printable */
	char table[128];
	bool building;             /* invalid because it is being made now */
};

struct postgres {
	bool configured;
	char *title;               /* owned: what the pane calls it; may be NULL */
	char *database;            /* owned */
	struct freshness look;     /* of looking at all, whatever was seen */
	struct freshness fresh;    /* of what stands below */
	struct postgres_way direct, pooler;

	char version[40];
	int64_t uptime_s;
	bool in_recovery, read_only;
	int64_t max_connections, reserved;             /* -1 = unknown */
	int64_t connections, active, idle, in_transaction, waiting, hidden;
	struct postgres_session longest[POSTGRES_SESSIONS];    /* oldest transaction first */
	int nlongest;
	struct postgres_session blockers[POSTGRES_SESSIONS];   /* who blocks most first */
	int nblockers;
	enum postgres_goose goose;
	int64_t goose_version, goose_expected;         /* -1 = unknown, not configured */
	int64_t goose_applied_ms;                      /* wall clock */
	struct postgres_lock lock;                     /* the migrations' */
	struct postgres_index indexes[POSTGRES_INDEXES];       /* invalid ones */
	int nindexes;
	bool indexes_known;

	int64_t others_used_s;     /* since anyone but us used it; -1 = not lately, or unknown */
	/* What looking costs, over the last hour. */
	int64_t wake_budget;       /* connections an hour while nobody else uses it; -1 = never sleeps */
	int64_t wake_spent, wakes, connections_made;
	int64_t next_look_ms;      /* wall clock */
};

/* Of what is zeroed: nothing is known. */
void postgres_init(struct postgres *postgres);
void postgres_release(struct postgres *postgres);
void postgres_way_remember(struct postgres_way *way, int64_t us);
/* All steps of the last look together; -1 = it did not come through. */
int64_t postgres_way_total_us(const struct postgres_way *way);
/* What both ways together say: the direct one's state, or the pooler's where that is better. */
enum postgres_state postgres_overall(const struct postgres *postgres);

#endif

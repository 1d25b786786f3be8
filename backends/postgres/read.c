/* backends/postgres/read.c: see read.h */
#include "backends/postgres/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/printable.h"

enum { READ_SERVER, READ_GOOSE, READ_LOCK_TABLE, READS };

/* Sessions of people and programs. Who may not see others' gets null for what they do. */
#define CLIENTS \
	"datid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend' "

/* In the order of takes[] below. %s: see server_sql(). */
static const char server_select[] =
	"SELECT split_part(current_setting('server_version'), ' ', 1), current_setting('max_connections'), "
	"current_setting('superuser_reserved_connections'), pg_is_in_recovery()::int, "
	"(current_setting('default_transaction_read_only') = 'on')::int, "
	"extract(epoch FROM now() - pg_postmaster_start_time())::bigint; "

	"SELECT state, count(*), count(*) FILTER (WHERE wait_event_type = 'Lock') "
	"FROM pg_stat_activity WHERE " CLIENTS "AND pid <> pg_backend_pid() GROUP BY 1; "

	"SELECT pid, usename, application_name, state, "
	"extract(epoch FROM clock_timestamp() - xact_start)::bigint, left(query, 2000), 0, "
	"(wait_event_type IS NOT DISTINCT FROM 'Lock')::int FROM pg_stat_activity WHERE " CLIENTS
	"AND pid <> pg_backend_pid() AND xact_start IS NOT NULL ORDER BY xact_start LIMIT 8; "

	"SELECT b.pid, b.usename, b.application_name, b.state, "
	"extract(epoch FROM clock_timestamp() - b.xact_start)::bigint, left(b.query, 2000), "
	"count(*), (b.wait_event_type IS NOT DISTINCT FROM 'Lock')::int FROM "
	"(SELECT DISTINCT pid, unnest(pg_blocking_pids(pid)) AS blocker FROM pg_stat_activity "
	"WHERE wait_event_type = 'Lock') w JOIN pg_stat_activity b ON b.pid = w.blocker "
	"GROUP BY 1, 2, 3, 4, 5, 6, 8 ORDER BY 8, 7 DESC LIMIT 8; "

	"SELECT extract(epoch FROM clock_timestamp() - CASE WHEN bool_or(state = 'active') "
	"THEN clock_timestamp() ELSE max(state_change) END)::bigint, count(state_change) "
	"FROM pg_stat_activity WHERE " CLIENTS "AND pid <> pg_backend_pid() "
	"AND application_name IS DISTINCT FROM 'sitrep' AND usename <> ALL ('{%s}'); "

	"SELECT l.pid, l.granted::int, coalesce(a.application_name, ''), a.state, "
	"extract(epoch FROM clock_timestamp() - a.state_change)::bigint FROM pg_locks l "
	"LEFT JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' "
	"AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
	"AND l.objsubid = 1 AND (l.classid::bigint << 32 | l.objid::bigint) = %lld; "

	"SELECT n.nspname || '.' || c.relname, i.indrelid::regclass::text, "
	"(p.pid IS NOT NULL)::int FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
	"JOIN pg_namespace n ON n.oid = c.relnamespace "
	"LEFT JOIN pg_stat_progress_create_index p ON p.index_relid = i.indexrelid "
	"WHERE NOT i.indisvalid AND c.relkind = 'i' ORDER BY 1 LIMIT 10; "

	"SELECT (to_regclass('%s') IS NOT NULL)::int, "
	"coalesce(has_table_privilege(to_regclass('%s'), 'SELECT'), false)::int, "
	"coalesce(has_table_privilege(to_regclass('%s'), 'SELECT'), false)::int; ";

/* goose's own rule: a version counts when its newest row says that it is applied.
 * Source: goose, internal/dialects/postgres.go and migrate.go. */
static const char goose_select[] =
	"SELECT max(g.version_id), extract(epoch FROM max(g.tstamp)::timestamptz)::bigint FROM %s g "
	"WHERE g.is_applied AND g.id = (SELECT max(id) FROM %s o "
	"WHERE o.version_id = g.version_id); ";

static const char lock_table_select[] =
	"SELECT coalesce(locked_by, ''), extract(epoch FROM now() - locked_at)::bigint FROM %s "
	"WHERE locked ORDER BY locked_at LIMIT 1; ";

/* Values */

static int64_t number(const PGresult *row, int column)
{
	if (column >= PQnfields(row) || PQgetisnull(row, 0, column))
		return -1;
	return strtoll(PQgetvalue(row, 0, column), NULL, 10);
}

static const char *text(const PGresult *row, int column)
{
	return column < PQnfields(row) ? PQgetvalue(row, 0, column) : "";
}

static void put_text(const PGresult *row, int column, char *buf, size_t size)
{
	char *safe = printable_dup(text(row, column));

	snprintf(buf, size, "%s", safe);
	free(safe);
}

/* One function a statement of server_select */

static void take_server(struct postgres_reader *reader, const PGresult *row)
{
	struct postgres *next = &reader->next;

	put_text(row, 0, next->version, sizeof(next->version));
	next->max_connections = number(row, 1);
	next->reserved = number(row, 2);
	next->in_recovery = number(row, 3) > 0;
	next->read_only = number(row, 4) > 0;
	next->uptime_s = number(row, 5);
}

/* Ours is not counted: it is gone when anyone reads this. */
static void take_state(struct postgres_reader *reader, const PGresult *row)
{
	static const struct {
		const char *state;
		size_t offset;
	} rows[] = {
		{"active", offsetof(struct postgres, active)},
		{"idle", offsetof(struct postgres, idle)},
		{"idle in transaction", offsetof(struct postgres, in_transaction)},
		{"idle in transaction (aborted)", offsetof(struct postgres, in_transaction)},
		{"fastpath function call", offsetof(struct postgres, active)},
	};
	struct postgres *next = &reader->next;
	int64_t count = number(row, 1), *sum = &next->hidden;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].state, text(row, 0)))
			sum = (void *)((char *)next + rows[i].offset);
	*sum += count;
	next->connections += count;
	next->waiting += number(row, 2);
}

static void take_session(struct postgres_session *list, int *count, const PGresult *row)
{
	struct postgres_session *session = &list[*count];

	if (*count >= POSTGRES_SESSIONS)
		return;
	session->pid = number(row, 0);
	put_text(row, 1, session->user, sizeof(session->user));
	put_text(row, 2, session->application, sizeof(session->application));
	put_text(row, 3, session->state, sizeof(session->state));
	session->age_s = number(row, 4);
	postgres_query_shape(text(row, 5), session->query, sizeof(session->query));
	session->blocks = number(row, 6);
	session->waits = number(row, 7) > 0;
	(*count)++;
}

static void take_longest(struct postgres_reader *reader, const PGresult *row)
{
	take_session(reader->next.longest, &reader->next.nlongest, row);
}

static void take_blocker(struct postgres_reader *reader, const PGresult *row)
{
	take_session(reader->next.blockers, &reader->next.nblockers, row);
}

static void take_use(struct postgres_reader *reader, const PGresult *row)
{
	reader->others_known = number(row, 1) > 0 || reader->next.hidden == 0;
	reader->others_used_s = number(row, 0);
	if (reader->others_used_s < 0 && number(row, 1) > 0)
		reader->others_used_s = 0;
}

static void take_lock(struct postgres_reader *reader, const PGresult *row)
{
	struct postgres_lock *lock = &reader->next.lock;

	if (number(row, 1) <= 0) {
		lock->waiting++;
		return;
	}
	lock->held = true;
	lock->pid = number(row, 0);
	put_text(row, 2, lock->holder, sizeof(lock->holder));
	put_text(row, 3, lock->state, sizeof(lock->state));
	lock->idle_s = number(row, 4);
}

static void take_index(struct postgres_reader *reader, const PGresult *row)
{
	struct postgres *next = &reader->next;
	struct postgres_index *index = &next->indexes[next->nindexes];

	if (next->nindexes >= POSTGRES_INDEXES)
		return;
	put_text(row, 0, index->name, sizeof(index->name));
	put_text(row, 1, index->table, sizeof(index->table));
	index->building = number(row, 2) > 0;
	next->nindexes++;
}

static void take_tables(struct postgres_reader *reader, const PGresult *row)
{
	reader->goose_there = number(row, 0) > 0;
	reader->goose_readable = number(row, 1) > 0;
	reader->lock_there = number(row, 2) > 0;
	reader->next.lock.known = true;
	reader->next.indexes_known = true;
	reader->next.goose = reader->goose_there ? GOOSE_REFUSED : GOOSE_MISSING;
}

static void (*const takes[])(struct postgres_reader *reader, const PGresult *row) = {
	take_server, take_state, take_longest, take_blocker, take_use, take_lock, take_index,
	take_tables,
};

static enum postgres_goose compare(int64_t version, int64_t expected)
{
	if (version < 0)
		return GOOSE_MISSING;
	if (expected < 0)
		return GOOSE_UNCHECKED;
	if (version == expected)
		return GOOSE_OK;
	return version < expected ? GOOSE_BEHIND : GOOSE_AHEAD;
}

static void take_goose(struct postgres_reader *reader, const PGresult *row)
{
	struct postgres *next = &reader->next;
	int64_t applied = number(row, 1);

	next->goose_version = number(row, 0);
	next->goose_applied_ms = applied > 0 ? applied * 1000 : 0;
	next->goose = compare(next->goose_version, reader->config->goose_version);
}

static void take_lock_row(struct postgres_reader *reader, const PGresult *row)
{
	struct postgres_lock *lock = &reader->next.lock;

	lock->held = true;
	lock->pid = 0;
	put_text(row, 0, lock->holder, sizeof(lock->holder));
	lock->state[0] = '\0';
	lock->idle_s = number(row, 1);
}

void postgres_reader_row(struct postgres_reader *reader, int statement, const PGresult *row)
{
	if (reader->asked == READ_GOOSE)
		take_goose(reader, row);
	else if (reader->asked == READ_LOCK_TABLE)
		take_lock_row(reader, row);
	else if (statement < (int)(sizeof(takes) / sizeof(takes[0])))
		takes[statement](reader, row);
}

void postgres_reader_failed(struct postgres_reader *reader, bool refused)
{
	if (reader->asked == READ_GOOSE)
		reader->next.goose = refused ? GOOSE_REFUSED : GOOSE_UNKNOWN;
	else if (reader->asked == READ_LOCK_TABLE)
		reader->next.lock.known = false;
}

/* SQL */

/* "public.x" as "public"."x"; config.c has seen to its letters. */
static void put_name(struct buf *out, const char *name)
{
	size_t len;

	for (;; name += len + 1) {
		len = strcspn(name, ".");
		buf_printf(out, "\"%.*s\"", (int)len, name);
		if (!name[len])
			return;
		buf_append_str(out, ".");
	}
}

static void server_sql(struct postgres_reader *reader, struct buf *out)
{
	const struct config_postgres *config = reader->config;
	struct buf users = BUF_INIT(2048), goose = BUF_INIT(512), lock = BUF_INIT(512);
	size_t i;

	for (i = 0; i < config->housekeepers.len; i++)
		buf_printf(&users, "%s%s", i ? "," : "", config->housekeepers.items[i]);
	put_name(&goose, config->goose_table);
	put_name(&lock, config->migration_lock_table ? config->migration_lock_table
		 : config->goose_table);
	buf_printf(out, server_select, users.data ? users.data : "",
		   (long long)(config->migration_lock ? config->migration_lock : -1), goose.data,
		   goose.data, lock.data);
	buf_release(&users);
	buf_release(&goose);
	buf_release(&lock);
}

static bool table_sql(struct postgres_reader *reader, struct buf *out)
{
	const struct config_postgres *config = reader->config;
	struct buf name = BUF_INIT(512);
	bool goose = reader->asked == READ_GOOSE;

	if (goose ? !reader->goose_there || !reader->goose_readable
		  : !config->migration_lock_table || !reader->lock_there)
		return false;
	put_name(&name, goose ? config->goose_table : config->migration_lock_table);
	if (goose)
		buf_printf(out, goose_select, name.data, name.data);
	else
		buf_printf(out, lock_table_select, name.data);
	buf_release(&name);
	return true;
}

const char *postgres_reader_next(struct postgres_reader *reader, int n)
{
	struct buf out = BUF_INIT(sizeof(reader->sql) - 1);
	bool more = false;

	reader->asked = n == 0 ? READ_SERVER : reader->asked + 1;
	for (; reader->asked < READS && !more; reader->asked += more ? 0 : 1) {
		buf_clear(&out);
		buf_printf(&out, "BEGIN READ ONLY; SET LOCAL statement_timeout = %lld; ",
			   (long long)reader->config->statement_timeout_ms);
		more = true;
		if (reader->asked == READ_SERVER)
			server_sql(reader, &out);
		else
			more = table_sql(reader, &out);
	}
	buf_append_str(&out, "COMMIT");
	snprintf(reader->sql, sizeof(reader->sql), "%s", out.data ? out.data : "");
	buf_release(&out);
	return more ? reader->sql : NULL;
}

void postgres_reader_start(struct postgres_reader *reader, const struct config_postgres *config,
			   const struct postgres *model)
{
	memset(reader, 0, sizeof(*reader));
	reader->config = config;
	reader->next.max_connections = reader->next.reserved = -1;
	reader->next.goose_version = -1;
	reader->next.goose_expected = model->goose_expected;
	reader->next.lock.idle_s = -1;
	reader->others_used_s = -1;
}

void postgres_reader_put(struct postgres_reader *reader, struct postgres *model)
{
	struct postgres *next = &reader->next;

	next->configured = model->configured;
	next->title = model->title;
	next->database = model->database;
	next->look = model->look;
	next->fresh = model->fresh;
	next->direct = model->direct;
	next->pooler = model->pooler;
	next->others_used_s = reader->others_known ? reader->others_used_s : -1;
	next->wake_budget = model->wake_budget;
	next->wake_spent = model->wake_spent;
	next->wakes = model->wakes;
	next->connections_made = model->connections_made;
	next->next_look_ms = model->next_look_ms;
	*model = *next;
}

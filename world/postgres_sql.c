/* world/postgres_sql.c: the statements that a simulated Postgres understands: transactions, what
 * sitrep reads, and plain SELECTs of the tables that a person on call looks at. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/clock.h"
#include "world/jx.h"
#include "world/postgres_private.h"
#include "world/world.h"

#define SESSIONS_MAX 64
#define ROWS_MAX 128

struct session {
	int pid;
	char application[64];
	const char *state, *query, *wait;
	int64_t began_ms, changed_ms;          /* wall clock; began 0 = in no transaction */
};

/* ---- who is there --------------------------------------------------------------------------- */

static void add_session(struct session *list, int *count, const char *application)
{
	struct session *session = &list[*count];

	if (*count >= SESSIONS_MAX)
		return;
	memset(session, 0, sizeof(*session));
	session->pid = 4100 + *count;
	snprintf(session->application, sizeof(session->application), "%s", application);
	session->state = "idle";
	session->query = "COMMIT";
	session->changed_ms = clock_wall_ms() - 400 - *count * 37;
	(*count)++;
}

static void add_blocked(const struct postgres_server *server, struct session *list, int *count)
{
	int first = *count, i;

	for (i = 0; i <= server->waiting && *count < SESSIONS_MAX; i++) {
		add_session(list, count, i ? "api" : server->blocker);
		list[first + i].state = i ? "active" : "idle in transaction";
		list[first + i].wait = i ? "Lock" : NULL;
		list[first + i].query = i ? "UPDATE tasks SET done = true WHERE id = 88"
				      : "UPDATE tasks SET position = position + 1";
		list[first + i].began_ms = list[first + i].changed_ms =
			server->blocked_ms + (i ? 1000 * i : 0);
	}
}

static int sessions(const struct postgres_server *server, struct session *list)
{
	const json_t *plan = json_object_get(server->plan, "sessions"), *row;
	int count = 0;
	size_t i;

	json_array_foreach(plan, i, row) {
		long long each = server->used ? jx_int(row, "count") : 0;

		while (each-- > 0)
			add_session(list, &count, jx_str(row, "application"));
	}
	if (count) {
		list[0].state = "active";
		list[0].query = "SELECT id, title, due_date FROM tasks WHERE residence_id = 4711";
		list[0].began_ms = list[0].changed_ms = clock_wall_ms() - 8;
	}
	if (server->waiting)
		add_blocked(server, list, &count);
	return count;
}

/* ---- tables that can be selected from ------------------------------------------------------- */

struct table {
	const char *const *columns;
	int ncolumns, nrows;
	char cells[ROWS_MAX][CELLS_MAX][CELL_TEXT];    /* "\1" = null */
};

static void put_cell(struct table *table, int column, const char *text)
{
	snprintf(table->cells[table->nrows][column], CELL_TEXT, "%s", text ? text : "\1");
}

static void put_stamp(struct table *table, int column, int64_t wall_ms)
{
	char when[CLOCK_TEXT];

	clock_format_rfc3339(wall_ms, when);
	if (wall_ms) {
		when[10] = ' ';
		snprintf(when + 19, sizeof(when) - 19, "+00");
	}
	put_cell(table, column, wall_ms ? when : NULL);
}

static void fill_activity(const struct postgres_server *server, struct table *table)
{
	static const char *const columns[] = {"datname", "#pid", "usename", "application_name",
					      "backend_type", "state", "xact_start",
					      "state_change", "wait_event_type", "query"};
	struct session list[SESSIONS_MAX];
	int count = sessions(server, list), i;
	char pid[16];

	table->columns = columns;
	table->ncolumns = sizeof(columns) / sizeof(columns[0]);
	for (i = 0; i < count; i++, table->nrows++) {
		snprintf(pid, sizeof(pid), "%d", list[i].pid);
		put_cell(table, 0, jx_str(server->plan, "database"));
		put_cell(table, 1, pid);
		put_cell(table, 2, jx_str(server->plan, "user"));
		put_cell(table, 3, list[i].application);
		put_cell(table, 4, "client backend");
		put_cell(table, 5, list[i].state);
		put_stamp(table, 6, list[i].began_ms);
		put_stamp(table, 7, list[i].changed_ms);
		put_cell(table, 8, list[i].wait);
		put_cell(table, 9, list[i].query);
	}
}

static void fill_goose(const struct postgres_server *server, struct table *table)
{
	static const char *const columns[] = {"#id", "#version_id", "is_applied", "tstamp"};
	const json_t *versions = json_object_get(server->plan, "migrations"), *row;
	char text[24];
	size_t i;

	table->columns = columns;
	table->ncolumns = 4;
	json_array_foreach(versions, i, row) {
		if (json_integer_value(row) > server->version)
			continue;
		snprintf(text, sizeof(text), "%zu", i + 1);
		put_cell(table, 0, text);
		snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(row));
		put_cell(table, 1, text);
		put_cell(table, 2, "t");
		put_stamp(table, 3, server->began_ms - 86400000 * (int64_t)(20 - i));
		table->nrows++;
	}
}

/* ---- SELECT columns FROM table [WHERE column = value [AND ...]] [LIMIT n] -------------------- */

static const char *skip_blanks(const char *at)
{
	while (isspace((unsigned char)*at))
		at++;
	return at;
}

/* A word in lower case, or what stands in quotes as it is. */
static const char *take_word(const char *at, char *buf, size_t size)
{
	size_t len = 0;
	char quote = 0;

	at = skip_blanks(at);
	if (*at == '\'' || *at == '"')
		quote = *at++;
	for (; *at && (quote ? *at != quote : isalnum((unsigned char)*at) || strchr("_.*()", *at));
	     at++)
		if (len + 1 < size)
			buf[len++] = quote ? *at : (char)tolower((unsigned char)*at);
	buf[len] = '\0';
	return quote && *at ? at + 1 : at;
}

static int find_column(const struct table *table, const char *name)
{
	int i;

	for (i = 0; i < table->ncolumns; i++)
		if (!strcmp(table->columns[i] + (table->columns[i][0] == '#'), name))
			return i;
	return -1;
}

/* Drops the rows that the condition does not let through. Returns what follows, NULL = not
 * understood. */
static const char *apply_where(struct table *table, const char *at)
{
	char name[64], value[128];
	int column, i, kept = 0;
	bool differ;

	at = skip_blanks(take_word(at, name, sizeof(name)));
	column = find_column(table, name);
	differ = at[0] == '<' && at[1] == '>';
	if (column < 0 || (*at != '=' && !differ))
		return NULL;
	at = take_word(at + 1 + differ, value, sizeof(value));
	for (i = 0; i < table->nrows; i++) {
		if ((strcmp(table->cells[i][column], value) == 0) == differ)
			continue;
		if (kept != i)
			memcpy(table->cells[kept], table->cells[i], sizeof(table->cells[i]));
		kept++;
	}
	table->nrows = kept;
	return at;
}

static bool apply_rest(struct table *table, const char *at)
{
	char word[64];

	for (at = take_word(at, word, sizeof(word)); word[0]; at = take_word(at, word, sizeof(word))) {
		if (!strcmp(word, "where") || !strcmp(word, "and")) {
			at = apply_where(table, at);
			if (!at)
				return false;
		} else if (!strcmp(word, "limit")) {
			long most;

			at = take_word(at, word, sizeof(word));
			most = strtol(word, NULL, 10);
			table->nrows = table->nrows < most ? table->nrows : (int)most;
		} else {
			return false;
		}
	}
	return !*skip_blanks(at);
}

/* The chosen columns; returns where FROM begins, NULL = not understood. */
static const char *choose(const struct table *table, const char *at, int *chosen, int *count,
			  bool *ret_counts)
{
	char word[64];
	int i;

	for (*count = 0, *ret_counts = false;; at++) {
		at = skip_blanks(take_word(at, word, sizeof(word)));
		if (!strcmp(word, "*")) {
			for (i = 0; i < table->ncolumns; i++)
				chosen[(*count)++] = i;
		} else if (!strcmp(word, "count(*)")) {
			*ret_counts = true;
		} else {
			i = find_column(table, word);
			if (i < 0 || *count >= CELLS_MAX)
				return NULL;
			chosen[(*count)++] = i;
		}
		if (*at != ',')
			return at;
	}
}

static void put_count(struct table *table, struct buf *out)
{
	static const char *const columns[] = {"#count"};
	struct answer answer;
	const char *cells[1];
	char text[16];

	snprintf(text, sizeof(text), "%d", table->nrows);
	cells[0] = text;
	answer_begin(&answer, out, columns, 1);
	answer_row(&answer, cells);
	answer_end(&answer, "SELECT");
}

static void put_rows(struct table *table, const int *chosen, int count, struct buf *out)
{
	const char *names[CELLS_MAX], *cells[CELLS_MAX];
	struct answer answer;
	int i, j;

	for (i = 0; i < count; i++)
		names[i] = table->columns[chosen[i]];
	answer_begin(&answer, out, names, count);
	for (i = 0; i < table->nrows; i++) {
		for (j = 0; j < count; j++)
			cells[j] = table->cells[i][chosen[j]][0] == '\1'
				   ? NULL : table->cells[i][chosen[j]];
		answer_row(&answer, cells);
	}
	answer_end(&answer, "SELECT");
}

static const struct {
	const char *name;
	void (*fill)(const struct postgres_server *server, struct table *table);
} tables[] = {
	{"pg_stat_activity", fill_activity},
	{"goose_db_version", fill_goose},
};

/* False: it isn't such a SELECT. */
static bool plain_select(const struct postgres_server *server, const char *sql, struct buf *out)
{
	const char *from = strcasestr(sql, " from ");
	struct table *table;
	char name[64];
	int chosen[CELLS_MAX], count;
	bool counts, done = false;
	size_t i;

	if (!from || strncasecmp(sql, "select ", 7))
		return false;
	from = take_word(from + 6, name, sizeof(name));
	table = calloc(1, sizeof(*table));
	for (i = 0; table && i < sizeof(tables) / sizeof(tables[0]); i++) {
		const char *end;

		if (strcmp(tables[i].name, name))
			continue;
		tables[i].fill(server, table);
		end = choose(table, sql + 7, chosen, &count, &counts);
		done = end && !strncasecmp(end, "from ", 5) && apply_rest(table, from) &&
		       counts != (count > 0);
		if (done && counts)
			put_count(table, out);
		else if (done)
			put_rows(table, chosen, count, out);
	}
	free(table);
	return done;
}

/* ---- what sitrep reads ----------------------------------------------------------------------- */

static void number(char *buf, long long value)
{
	snprintf(buf, CELL_TEXT, "%lld", value);
}

/* One row of texts made by format, cells parted by '|'; "-" is null. */
static void row_of(struct answer *answer, const char *text)
{
	char copy[1024], *at = copy;
	const char *cells[CELLS_MAX] = {NULL};
	int i;

	snprintf(copy, sizeof(copy), "%s", text);
	for (i = 0; i < answer->columns && at; i++) {
		char *cell = strsep(&at, "|");

		cells[i] = strcmp(cell, "-") ? cell : NULL;
	}
	answer_row(answer, cells);
}

static void give(struct buf *out, int columns, struct answer *answer)
{
	static const char *const names[CELLS_MAX] = {"a", "b", "c", "d", "e", "f", "g", "h"};

	answer_begin(answer, out, names, columns);
}

static void about_server(const struct postgres_server *server, struct buf *out)
{
	struct answer answer;
	char text[160];

	snprintf(text, sizeof(text), "%s|%lld|7|0|0|%lld", jx_str(server->plan, "version"),
		 jx_int(server->plan, "max_connections"),
		 (long long)(clock_wall_ms() - server->began_ms) / 1000);
	give(out, 6, &answer);
	row_of(&answer, text);
	answer_end(&answer, "SELECT");
}

static void about_states(const struct postgres_server *server, struct buf *out)
{
	static const char *const states[] = {"active", "idle", "idle in transaction"};
	struct session list[SESSIONS_MAX];
	int count = sessions(server, list), i;
	struct answer answer;
	char text[80];
	size_t at;

	give(out, 3, &answer);
	for (at = 0; at < sizeof(states) / sizeof(states[0]); at++) {
		int here = 0, waits = 0;

		for (i = 0; i < count; i++) {
			here += !strcmp(list[i].state, states[at]);
			waits += !strcmp(list[i].state, states[at]) && list[i].wait;
		}
		snprintf(text, sizeof(text), "%s|%d|%d", states[at], here, waits);
		if (here)
			row_of(&answer, text);
	}
	answer_end(&answer, "SELECT");
}

static void put_session(const struct postgres_server *server, struct answer *answer,
			const struct session *session, int64_t blocks)
{
	char cells[8][CELL_TEXT];
	const char *list[8];
	int i;

	number(cells[0], session->pid);
	snprintf(cells[1], CELL_TEXT, "%s", jx_str(server->plan, "user"));
	snprintf(cells[2], CELL_TEXT, "%s", session->application);
	snprintf(cells[3], CELL_TEXT, "%s", session->state);
	number(cells[4], (clock_wall_ms() - session->began_ms) / 1000);
	snprintf(cells[5], CELL_TEXT, "%s", session->query);
	number(cells[6], blocks);
	number(cells[7], session->wait != NULL);
	for (i = 0; i < 8; i++)
		list[i] = cells[i];
	answer_row(answer, list);
}

static void about_longest(const struct postgres_server *server, struct buf *out)
{
	struct session list[SESSIONS_MAX];
	int count = sessions(server, list), i;
	struct answer answer;

	give(out, 8, &answer);
	for (i = count - 1; i >= 0 && answer.rows < 8; i--)
		if (list[i].began_ms && !list[i].wait)
			put_session(server, &answer, &list[i], 0);
	for (i = 0; i < count && answer.rows < 8; i++)
		if (list[i].began_ms && list[i].wait)
			put_session(server, &answer, &list[i], 0);
	answer_end(&answer, "SELECT");
}

static void about_blockers(const struct postgres_server *server, struct buf *out)
{
	struct session list[SESSIONS_MAX];
	int count = sessions(server, list), i;
	struct answer answer;

	give(out, 8, &answer);
	for (i = 0; i < count; i++)
		if (!strcmp(list[i].state, "idle in transaction"))
			put_session(server, &answer, &list[i], server->waiting);
	answer_end(&answer, "SELECT");
}

static void about_use(const struct postgres_server *server, struct buf *out)
{
	struct answer answer;

	give(out, 2, &answer);
	row_of(&answer, server->used ? "0|8" : "-|0");
	answer_end(&answer, "SELECT");
}

static void about_locks(const struct postgres_server *server, struct buf *out)
{
	struct answer answer;

	(void)server;
	give(out, 5, &answer);
	answer_end(&answer, "SELECT");
}

static void about_indexes(const struct postgres_server *server, struct buf *out)
{
	struct answer answer;
	char text[200];

	give(out, 3, &answer);
	snprintf(text, sizeof(text), "public.%s|tasks|0", server->invalid_index);
	if (server->invalid_index[0])
		row_of(&answer, text);
	answer_end(&answer, "SELECT");
}

static void about_tables(const struct postgres_server *server, struct buf *out)
{
	struct answer answer;

	give(out, 3, &answer);
	row_of(&answer, server->version < 0 ? "0|0|0" : "1|1|1");
	answer_end(&answer, "SELECT");
}

static void about_goose(const struct postgres_server *server, struct buf *out)
{
	struct answer answer;
	char text[80];

	give(out, 2, &answer);
	snprintf(text, sizeof(text), "%lld|%lld", (long long)server->version,
		 (long long)server->began_ms / 1000 - 86400);
	row_of(&answer, text);
	answer_end(&answer, "SELECT");
}

/* ---- one statement -------------------------------------------------------------------------- */

static void one_cell(struct buf *out, const char *column, const char *text, const char *tag)
{
	struct answer answer;

	answer_begin(&answer, out, &column, 1);
	answer_row(&answer, &text);
	answer_end(&answer, tag);
}

static const struct {
	const char *part;          /* of the statement */
	void (*give)(const struct postgres_server *server, struct buf *out);
} readings[] = {
	{"current_setting('superuser_reserved_connections')", about_server},
	{"pg_blocking_pids", about_blockers},
	{"FROM pg_locks", about_locks},
	{"FROM pg_index", about_indexes},
	{"to_regclass(", about_tables},
	{"bool_or(state = 'active')", about_use},
	{"count(*) FILTER (WHERE wait_event_type", about_states},
	{"xact_start IS NOT NULL ORDER BY xact_start", about_longest},
	{"max(g.version_id)", about_goose},
};

static bool begins(const char *sql, const char *word)
{
	size_t len = strlen(word);

	return !strncasecmp(sql, word, len) && !isalnum((unsigned char)sql[len]) &&
	       sql[len] != '_';
}

static void put_tag(struct buf *out, const char *tag)
{
	struct answer answer = {.out = out};

	answer_end(&answer, tag);
}

/* BEGIN, COMMIT, ROLLBACK, SET: false when it is none of them. */
static bool run_transaction(struct client *client, const char *sql, struct buf *out)
{
	bool failed = client->status == 'E';

	if (begins(sql, "begin") || begins(sql, "start transaction")) {
		client->status = 'T';
		client->read_only = strcasestr(sql, "read only") != NULL;
		put_tag(out, "BEGIN");
	} else if (begins(sql, "commit") || begins(sql, "end")) {
		client->status = 'I';
		client->read_only = false;
		put_tag(out, failed ? "ROLLBACK" : "COMMIT");
	} else if (begins(sql, "rollback") || begins(sql, "abort")) {
		client->status = 'I';
		client->read_only = false;
		put_tag(out, "ROLLBACK");
	} else if (!failed && begins(sql, "set")) {
		put_tag(out, "SET");
	} else {
		return false;
	}
	return true;
}

static bool run_select(struct client *client, const char *sql, struct buf *out)
{
	const struct postgres_server *server = client->server;
	char text[160];
	size_t i;

	for (i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		if (!strstr(sql, readings[i].part))
			continue;
		readings[i].give(server, out);
		return true;
	}
	if (!strcasecmp(sql, "select 1")) {
		one_cell(out, "#?column?", "1", "SELECT");
	} else if (!strcasecmp(sql, "select version()")) {
		snprintf(text, sizeof(text), "PostgreSQL %s on a simulated system",
			 jx_str(server->plan, "version"));
		one_cell(out, "version", text, "SELECT");
	} else if (!strcasecmp(sql, "show server_version")) {
		one_cell(out, "server_version", jx_str(server->plan, "version"), "SHOW");
	} else if (!strcasecmp(sql, "show max_connections")) {
		number(text, jx_int(server->plan, "max_connections"));
		one_cell(out, "max_connections", text, "SHOW");
	} else {
		return plain_select(server, sql, out);
	}
	return true;
}

bool postgres_run(struct client *client, const char *sql, struct buf *out)
{
	static const char *const writes[] = {"insert", "update", "delete", "create", "drop",
					     "alter", "truncate", "grant", "vacuum"};
	size_t i;

	if (run_transaction(client, sql, out))
		return true;
	if (client->status == 'E') {
		put_error(out, "ERROR", "25P02", "current transaction is aborted, commands ignored "
			  "until end of transaction block");
		return false;
	}
	if (run_select(client, sql, out))
		return true;
	for (i = 0; client->read_only && i < sizeof(writes) / sizeof(writes[0]); i++) {
		if (!begins(sql, writes[i]))
			continue;
		put_error(out, "ERROR", "25006", "cannot write in a read-only transaction");
		return false;
	}
	put_error(out, "ERROR", "0A000", "this simulated server does not know that statement");
	return false;
}

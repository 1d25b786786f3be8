/* backends/postgres/probe.c: see probe.h */
#include "backends/postgres/probe.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backends/postgres/bytes.h"
#include "core/alloc.h"

#define BYTES_MAX (4 * 1024 * 1024)        /* that one look may bring */
#define ROWS_MAX 1000
#define ADDRESS_MS 3000                    /* for one address, while there are others */
#define READ_GRACE_MS 2000                 /* past the server's own statement_timeout */
#define SYSTEM_CA "/etc/ssl/certs/ca-certificates.crt"

struct lookup {
	uv_getaddrinfo_t request;
	struct postgres_probe *probe;      /* NULL once nobody waits for it */
};

struct postgres_probe {
	uv_loop_t *loop;
	const struct config_postgres *config;
	struct postgres_events events;
	char *host, *user, *database, *password;
	int port;
	struct postgres_roots *roots;
	bool short_list;                   /* only the authority of last time is trusted */
	struct lookup *lookup;
	struct addrinfo *addresses, *address;
	PGconn *conn;
	uv_poll_t *poll;                   /* the socket; see watch() */
	uv_timer_t deadline, patience;     /* of the look or one read; of one address */
	enum postgres_step step;
	int64_t step_began_us;
	struct postgres_result result;
	bool looked;
	int reading, statement, rows;      /* the nth thing; its statement; rows of it all */
	bool rolling_back;
	struct postgres_error read_error;
	bool read_failed;
	int closing;
};

static int64_t now_us(void)
{
	return (int64_t)(uv_hrtime() / 1000);
}

/* The socket's watcher. libpq closes its socket and opens another under the same number while it
 * connects, and a number that still has a watcher is refused: so it lives for one event only. */

static void free_poll(uv_handle_t *handle)
{
	free(handle);
}

static void unwatch(struct postgres_probe *probe)
{
	if (!probe->poll)
		return;
	uv_poll_stop(probe->poll);
	uv_close((uv_handle_t *)probe->poll, free_poll);
	probe->poll = NULL;
}

static int watch(struct postgres_probe *probe, int events, uv_poll_cb cb)
{
	unwatch(probe);
	probe->poll = xcalloc(1, sizeof(*probe->poll));
	probe->poll->data = probe;
	if (PQsocket(probe->conn) < 0 ||
	    uv_poll_init_socket(probe->loop, probe->poll, PQsocket(probe->conn))) {
		free(probe->poll);
		probe->poll = NULL;
		return -1;
	}
	uv_poll_start(probe->poll, events, cb);
	return 0;
}

/* Ending */

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void handle_closed(uv_handle_t *handle)
{
	struct postgres_probe *probe = handle->data;

	if (--probe->closing)
		return;
	free(probe->host);
	free(probe->user);
	free(probe->database);
	free(probe);
}

static void hang_up(struct postgres_probe *probe)
{
	uint64_t in, out;

	unwatch(probe);
	socket_bytes(PQsocket(probe->conn), &in, &out);
	probe->result.bytes_in += in;
	probe->result.bytes_out += out;
	PQfinish(probe->conn);
	probe->conn = NULL;
}

static void destroy(struct postgres_probe *probe)
{
	if (probe->lookup) {
		probe->lookup->probe = NULL;
		uv_cancel((uv_req_t *)&probe->lookup->request);
	}
	if (probe->conn)
		hang_up(probe);
	uv_freeaddrinfo(probe->addresses);
	probe->addresses = NULL;
	wipe(probe->password);
	probe->password = NULL;
	probe->closing = 2;
	uv_close((uv_handle_t *)&probe->deadline, handle_closed);
	uv_close((uv_handle_t *)&probe->patience, handle_closed);
}

void postgres_probe_cancel(struct postgres_probe *probe)
{
	if (probe)
		destroy(probe);
}

enum postgres_step postgres_probe_step(const struct postgres_probe *probe, int64_t *ret_us)
{
	*ret_us = now_us() - probe->step_began_us;
	return probe->step;
}

static void finish(struct postgres_probe *probe)
{
	struct postgres_events events = probe->events;
	struct postgres_result result;

	hang_up(probe);
	result = probe->result;
	destroy(probe);
	if (!probe->looked)
		events.looked(events.arg, &result);
	events.ended(events.arg, &result);
}

/* The look has failed, or what is read after it. */
static void fail(struct postgres_probe *probe, const struct postgres_error *error)
{
	if (probe->looked) {
		probe->events.read(probe->events.arg, probe->reading, error);
	} else {
		probe->result.error = *error;
		probe->result.step = probe->step;
	}
	finish(probe);
}

static void fail_with(struct postgres_probe *probe, enum postgres_state state, const char *text)
{
	struct postgres_error error = {.state = state};

	snprintf(error.text, sizeof(error.text), "%s", text);
	fail(probe, &error);
}

/* What libpq says; without the words that an end of the connection has come too early. */
static void fail_by_conn(struct postgres_probe *probe)
{
	struct postgres_error error;

	postgres_error_read(PQerrorMessage(probe->conn), NULL, &error);
	if (error.state == POSTGRES_DROPPED && !error.sqlstate[0])
		snprintf(error.text, sizeof(error.text), "the connection was closed without a word");
	fail(probe, &error);
}

static void enter(struct postgres_probe *probe, enum postgres_step step)
{
	int64_t now = now_us();

	if (step != probe->step)
		probe->result.step_us[probe->step] = now - probe->step_began_us;
	probe->step = step;
	probe->step_began_us = now;
}

static void on_deadline(uv_timer_t *timer)
{
	static const char *const texts[POSTGRES_STEPS] = {
		[POSTGRES_DNS] = "no answer in time from the name servers",
		[POSTGRES_TCP] = "no connection in time",
		[POSTGRES_TLS] = "connected, but no TLS in time",
		[POSTGRES_AUTH] = "connected, but not let in in time",
		[POSTGRES_QUERY] = "let in, but no answer in time",
	};
	struct postgres_probe *probe = timer->data;

	fail_with(probe, probe->step == POSTGRES_DNS ? POSTGRES_NO_NAME : POSTGRES_TIMEOUT,
		  texts[probe->step]);
}

/* Reading */

static void ask(struct postgres_probe *probe, const char *sql);
static void on_answer(uv_poll_t *poll, int status, int events);

static void wait_for_answer(struct postgres_probe *probe)
{
	int unsent = PQflush(probe->conn);

	if (unsent < 0 || watch(probe, UV_READABLE | (unsent ? UV_WRITABLE : 0), on_answer))
		fail_by_conn(probe);
}

static void ask_next(struct postgres_probe *probe)
{
	const char *sql;

	probe->reading++;
	probe->read_failed = false;
	sql = probe->events.next(probe->events.arg, probe->reading);
	if (sql)
		ask(probe, sql);
	else
		finish(probe);
}

static void select_answered(struct postgres_probe *probe)
{
	if (probe->read_failed) {
		fail(probe, &probe->read_error);
		return;
	}
	probe->result.step_us[POSTGRES_QUERY] = now_us() - probe->step_began_us;
	probe->result.error.state = POSTGRES_OK;
	probe->looked = true;
	probe->events.looked(probe->events.arg, &probe->result);
	ask_next(probe);
}

/* After an error within BEGIN ... COMMIT the transaction stands open. */
static void one_read(struct postgres_probe *probe)
{
	PGTransactionStatusType status = PQtransactionStatus(probe->conn);

	if ((status == PQTRANS_INERROR || status == PQTRANS_INTRANS) && !probe->rolling_back) {
		probe->rolling_back = true;
		ask(probe, "ROLLBACK");
		return;
	}
	probe->rolling_back = false;
	if (!probe->looked) {
		select_answered(probe);
		return;
	}
	probe->events.read(probe->events.arg, probe->reading,
			   probe->read_failed ? &probe->read_error : NULL);
	ask_next(probe);
}

static void take_result(struct postgres_probe *probe, const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_SINGLE_TUPLE) {
		if (probe->looked && probe->rows++ < ROWS_MAX)
			probe->events.row(probe->events.arg, probe->reading, probe->statement,
					  result);
	} else if (status == PGRES_TUPLES_OK) {
		probe->statement++;
	} else if (status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) {
		probe->read_failed = true;
		postgres_error_read(PQresultErrorMessage(result),
				    PQresultErrorField(result, PG_DIAG_SQLSTATE),
				    &probe->read_error);
	}
}

static void on_answer(uv_poll_t *poll, int status, int events)
{
	struct postgres_probe *probe = poll->data;
	uint64_t in, out;
	PGresult *result;

	(void)events;
	unwatch(probe);
	if (status < 0 || !PQconsumeInput(probe->conn)) {
		fail_by_conn(probe);
		return;
	}
	socket_bytes(PQsocket(probe->conn), &in, &out);
	if (in > BYTES_MAX) {
		fail_with(probe, POSTGRES_BROKEN, "it answers more than anyone has asked");
		return;
	}
	while (!PQisBusy(probe->conn)) {
		result = PQgetResult(probe->conn);
		if (!result && PQstatus(probe->conn) == CONNECTION_BAD && !probe->read_failed) {
			fail_by_conn(probe);
			return;
		}
		if (!result && probe->read_failed && PQstatus(probe->conn) == CONNECTION_BAD) {
			fail(probe, &probe->read_error);
			return;
		}
		if (!result) {
			one_read(probe);
			return;
		}
		take_result(probe, result);
		PQclear(result);
	}
	wait_for_answer(probe);
}

static void ask(struct postgres_probe *probe, const char *sql)
{
	if (!probe->rolling_back)
		probe->statement = probe->rows = 0;
	probe->result.requests++;
	if (probe->looked)
		uv_timer_start(&probe->deadline, on_deadline,
			       (uint64_t)probe->config->statement_timeout_ms + READ_GRACE_MS, 0);
	if (!PQsendQuery(probe->conn, sql) || !PQsetSingleRowMode(probe->conn)) {
		fail_by_conn(probe);
		return;
	}
	wait_for_answer(probe);
}

static void select_one(struct postgres_probe *probe)
{
	char sql[160];
	const char *tls;

	uv_timer_stop(&probe->patience);
	tls = PQsslInUse(probe->conn) ? PQsslAttribute(probe->conn, "protocol") : NULL;
	snprintf(probe->result.tls, sizeof(probe->result.tls), "%s", tls ? tls : "");
	enter(probe, POSTGRES_QUERY);
	if (probe->config->sslmode >= 2)
		postgres_roots_learn(probe->roots, probe->conn);
	PQsetnonblocking(probe->conn, 1);
	snprintf(sql, sizeof(sql), "BEGIN READ ONLY; SET LOCAL statement_timeout = %lld; SELECT 1; "
		 "COMMIT", (long long)probe->config->statement_timeout_ms);
	probe->reading = -1;
	ask(probe, sql);
}

/* Connecting */

static void try_address(struct postgres_probe *probe);
static void on_ready(uv_poll_t *poll, int status, int events);

/* From one address to the next only while TCP is at stake: what has answered is the server. A
 * certificate that last time's authority doesn't vouch for is held against all of them. */
static void address_failed(struct postgres_probe *probe)
{
	if (probe->step == POSTGRES_TLS && probe->short_list) {
		postgres_roots_forget(probe->roots);
		hang_up(probe);
		try_address(probe);
		return;
	}
	if (probe->step != POSTGRES_TCP || !probe->address->ai_next) {
		fail_by_conn(probe);
		return;
	}
	hang_up(probe);
	probe->address = probe->address->ai_next;
	try_address(probe);
}

static void on_impatience(uv_timer_t *timer)
{
	struct postgres_probe *probe = timer->data;

	if (probe->step == POSTGRES_TCP && probe->address->ai_next)
		address_failed(probe);
}

/* How far the call has come, by what the status was before it. */
static void note_progress(struct postgres_probe *probe, ConnStatusType before)
{
	ConnStatusType after = PQstatus(probe->conn);
	bool tls = probe->config->sslmode != 0;

	if (after == CONNECTION_BAD || before == after)
		return;
	if (probe->step == POSTGRES_TCP && before == CONNECTION_STARTED) {
		probe->result.reached = true;
		enter(probe, tls ? POSTGRES_TLS : POSTGRES_AUTH);
	} else if (probe->step == POSTGRES_TLS && before == CONNECTION_SSL_STARTUP) {
		enter(probe, POSTGRES_AUTH);
	}
}

static void wait_for(struct postgres_probe *probe, PostgresPollingStatusType want)
{
	if (want == PGRES_POLLING_OK)
		select_one(probe);
	else if (want == PGRES_POLLING_FAILED ||
		 watch(probe, want == PGRES_POLLING_READING ? UV_READABLE : UV_WRITABLE, on_ready))
		address_failed(probe);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct postgres_probe *probe = poll->data;
	ConnStatusType before = PQstatus(probe->conn);
	PostgresPollingStatusType want;

	(void)status;              /* what is wrong with the socket, libpq finds and tells */
	(void)events;
	unwatch(probe);
	want = PQconnectPoll(probe->conn);
	note_progress(probe, before);
	wait_for(probe, want);
}

static const char *root_certificates(struct postgres_probe *probe)
{
	const struct config_postgres *config = probe->config;

	probe->short_list = config->sslmode >= 2 && probe->roots->fd >= 0;
	if (probe->short_list)
		return probe->roots->path;
	if (config->ca_file || config->sslmode < 2)
		return config->ca_file;
	if (!access(SYSTEM_CA, R_OK))
		return SYSTEM_CA;
	return PQlibVersion() >= 160000 ? "system" : NULL;
}

static void try_address(struct postgres_probe *probe)
{
	const struct config_postgres *config = probe->config;
	char numeric[64] = "", port[16];
	const char *const names[] = {
		"host", "hostaddr", "port", "user", "dbname", "password", "sslmode", "sslrootcert",
		"application_name", "gssencmode", "client_encoding", NULL,
	};
	const char *values[] = {
		probe->host, numeric, port, probe->user, probe->database, probe->password,
		config_postgres_sslmodes[config->sslmode], root_certificates(probe), "sitrep",
		"disable", "UTF8", NULL,
	};

	getnameinfo(probe->address->ai_addr, probe->address->ai_addrlen, numeric, sizeof(numeric),
		    NULL, 0, NI_NUMERICHOST);
	snprintf(port, sizeof(port), "%d", probe->port);
	probe->step = POSTGRES_TCP;
	probe->step_began_us = now_us();
	probe->result.connections++;
	if (probe->address->ai_next)
		uv_timer_start(&probe->patience, on_impatience, ADDRESS_MS, 0);
	else
		uv_timer_stop(&probe->patience);
	probe->conn = PQconnectStartParams(names, values, 0);
	if (!probe->conn) {
		fail_with(probe, POSTGRES_NO_LINK, "out of memory");
		return;
	}
	/* So that the message of a refused connection holds its code. */
	PQsetErrorVerbosity(probe->conn, PQERRORS_VERBOSE);
	wait_for(probe, PQstatus(probe->conn) == CONNECTION_BAD ? PGRES_POLLING_FAILED
								: PGRES_POLLING_WRITING);
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
	struct lookup *lookup = request->data;
	struct postgres_probe *probe = lookup->probe;
	char text[160];

	free(lookup);
	if (!probe) {
		uv_freeaddrinfo(list);
		return;
	}
	probe->lookup = NULL;
	if (status) {
		snprintf(text, sizeof(text), "the name does not resolve: %s", uv_strerror(status));
		fail_with(probe, POSTGRES_NO_NAME, text);
		return;
	}
	enter(probe, POSTGRES_TCP);
	probe->addresses = probe->address = list;
	try_address(probe);
}

/* A failure at the very start still comes from the loop. */
static void on_no_lookup(uv_timer_t *timer)
{
	fail_with(timer->data, POSTGRES_NO_LINK, "names can't be looked up");
}

struct postgres_probe *postgres_probe_start(uv_loop_t *loop, const struct config_postgres *config,
					    const struct postgres_peer *peer,
					    const struct postgres_events *events)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
				 .ai_flags = AI_ADDRCONFIG};
	struct postgres_probe *probe = xcalloc(1, sizeof(*probe));
	int i;

	probe->loop = loop;
	probe->config = config;
	probe->events = *events;
	probe->host = xstrdup(peer->host);
	probe->port = peer->port;
	probe->roots = peer->roots;
	probe->user = xstrdup(peer->user);
	probe->database = xstrdup(peer->database);
	probe->password = xstrdup(peer->password);
	for (i = 0; i < POSTGRES_STEPS; i++)
		probe->result.step_us[i] = -1;
	uv_timer_init(loop, &probe->deadline);
	uv_timer_init(loop, &probe->patience);
	probe->deadline.data = probe->patience.data = probe;
	uv_timer_start(&probe->deadline, on_deadline, (uint64_t)config->timeout_ms, 0);
	probe->step = POSTGRES_DNS;
	probe->step_began_us = now_us();
	probe->lookup = xcalloc(1, sizeof(*probe->lookup));
	probe->lookup->probe = probe;
	probe->lookup->request.data = probe->lookup;
	if (uv_getaddrinfo(loop, &probe->lookup->request, on_resolved, probe->host, NULL, &hints)) {
		free(probe->lookup);
		probe->lookup = NULL;
		uv_timer_start(&probe->deadline, on_no_lookup, 0, 0);
	}
	return probe;
}

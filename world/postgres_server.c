/* world/postgres_server.c: connections, messages, sleep and faults; see postgres.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "world/jx.h"
#include "world/postgres_private.h"
#include "world/talk.h"
#include "world/world.h"

#define PROTOCOL_3 196608
#define CANCEL 80877102
#define SSL_REQUEST 80877103
#define GSS_REQUEST 80877104
#define MESSAGE_MAX (TALK_INPUT_MAX - 8)
#define OUTPUT_MAX (256 * 1024)

const char *const postgres_ways[] = {"direct", "pooler", "both", NULL};
const char *const postgres_faults[] = {"none", "hang", "quota", "no-compute", "refused", "full",
				       "starting", "hang-up", NULL};

/* What each fault says at the door; the texts are those of the real ones. */
static const struct {
	const char *severity, *code, *text;
} refusals[] = {
	[POSTGRES_OVER_QUOTA] = {"ERROR", "XX000", "Your account or project has exceeded the compute "
				 "time quota. Upgrade your plan to increase limits."},
	[POSTGRES_COMPUTE_GONE] = {"ERROR", "XX000", "Couldn't connect to compute node"},
	[POSTGRES_REFUSES] = {"FATAL", "28P01", "password authentication failed"},
	[POSTGRES_CROWDED] = {"FATAL", "53300", "sorry, too many clients already"},
	[POSTGRES_STARTS] = {"FATAL", "57P03", "the database system is starting up"},
};

/* ---- messages ------------------------------------------------------------------------------ */

static void put_int(struct buf *out, int bytes, int64_t value)
{
	char text[4];
	int i;

	for (i = 0; i < bytes; i++)
		text[i] = (char)((uint64_t)value >> (8 * (bytes - 1 - i)));
	buf_append(out, text, (size_t)bytes);
}

/* Text with its zero byte. */
static void put_string(struct buf *out, const char *text)
{
	buf_append(out, text, strlen(text) + 1);
}

static void put_message(struct buf *out, char type, const struct buf *body)
{
	buf_append(out, &type, 1);
	put_int(out, 4, (int64_t)body->len + 4);
	if (body->len)
		buf_append(out, body->data, body->len);
}

void put_error(struct buf *out, const char *severity, const char *code, const char *message)
{
	struct buf body = BUF_INIT(4096);

	buf_append_str(&body, "S");
	put_string(&body, severity);
	buf_append_str(&body, "V");
	put_string(&body, severity);
	buf_append_str(&body, "C");
	put_string(&body, code);
	buf_append_str(&body, "M");
	put_string(&body, message);
	put_string(&body, "");
	put_message(out, 'E', &body);
	buf_release(&body);
}

void answer_begin(struct answer *answer, struct buf *out, const char *const *columns, int count)
{
	struct buf body = BUF_INIT(4096);
	int i;

	*answer = (struct answer){.out = out, .columns = count};
	put_int(&body, 2, count);
	for (i = 0; i < count; i++) {
		bool numeric = columns[i][0] == '#';

		put_string(&body, columns[i] + numeric);
		put_int(&body, 4, 0);
		put_int(&body, 2, 0);
		put_int(&body, 4, numeric ? 20 : 25);      /* int8, text */
		put_int(&body, 2, numeric ? 8 : -1);
		put_int(&body, 4, -1);
		put_int(&body, 2, 0);
	}
	put_message(out, 'T', &body);
	buf_release(&body);
}

void answer_row(struct answer *answer, const char *const *cells)
{
	struct buf body = BUF_INIT(16384);
	int i;

	put_int(&body, 2, answer->columns);
	for (i = 0; i < answer->columns; i++) {
		put_int(&body, 4, cells[i] ? (int64_t)strlen(cells[i]) : -1);
		if (cells[i])
			buf_append_str(&body, cells[i]);
	}
	put_message(answer->out, 'D', &body);
	buf_release(&body);
	answer->rows++;
}

void answer_end(struct answer *answer, const char *tag)
{
	struct buf body = BUF_INIT(64);
	char text[48];

	if (strcmp(tag, "SELECT"))
		snprintf(text, sizeof(text), "%s", tag);
	else
		snprintf(text, sizeof(text), "SELECT %lld", (long long)answer->rows);
	put_string(&body, text);
	put_message(answer->out, 'C', &body);
	buf_release(&body);
}

static void put_ready(const struct client *client, struct buf *out)
{
	struct buf body = BUF_INIT(4);

	buf_append(&body, &client->status, 1);
	put_message(out, 'Z', &body);
	buf_release(&body);
}

static void send_out(struct talk *talk, struct buf *out)
{
	if (out->len)
		talk_write(talk, out->data, out->len);
	buf_release(out);
}

/* ---- the door ------------------------------------------------------------------------------- */

static void put_parameter(struct buf *out, const char *name, const char *value)
{
	struct buf body = BUF_INIT(512);

	put_string(&body, name);
	put_string(&body, value);
	put_message(out, 'S', &body);
	buf_release(&body);
}

static void greet(struct talk *talk)
{
	struct client *client = talk_own(talk);
	const json_t *plan = client->server->plan;
	struct buf out = BUF_INIT(4096), body = BUF_INIT(16);

	client->greeted = true;
	client->status = 'I';
	client->server->asleep = false;
	client->server->used_ms = world_now(client->server->world);
	put_int(&body, 4, 0);
	put_message(&out, 'R', &body);             /* trusted */
	put_parameter(&out, "server_version", jx_str(plan, "version"));
	put_parameter(&out, "server_encoding", "UTF8");
	put_parameter(&out, "client_encoding", "UTF8");
	put_parameter(&out, "DateStyle", "ISO, MDY");
	put_parameter(&out, "TimeZone", "GMT");
	put_parameter(&out, "integer_datetimes", "on");
	put_parameter(&out, "standard_conforming_strings", "on");
	put_parameter(&out, "is_superuser", "off");
	put_parameter(&out, "application_name", client->application);
	buf_clear(&body);
	put_int(&body, 4, 4000 + client->server->connections % 1000);
	put_int(&body, 4, 1);
	put_message(&out, 'K', &body);
	put_ready(client, &out);
	buf_release(&body);
	send_out(talk, &out);
}

static void turn_away(struct talk *talk, enum postgres_fault fault)
{
	struct buf out = BUF_INIT(4096);

	put_error(&out, refusals[fault].severity, refusals[fault].code, refusals[fault].text);
	send_out(talk, &out);
	talk_end(talk);
}

static void read_parameters(struct client *client, const char *at, const char *end)
{
	while (at < end && *at) {
		const char *name = at, *value = at + strlen(at) + 1;

		if (value >= end)
			return;
		if (!strcmp(name, "application_name"))
			snprintf(client->application, sizeof(client->application), "%s", value);
		at = value + strlen(value) + 1;
	}
}

static void let_in(struct talk *talk)
{
	struct client *client = talk_own(talk);
	struct postgres_server *server = client->server;
	enum postgres_fault fault = server->faults[client->way - 1];

	server->connections++;
	if (fault == POSTGRES_HANGS)
		return;
	if (fault == POSTGRES_HANGS_UP)
		talk_reset(talk);
	else if (fault != POSTGRES_WELL)
		turn_away(talk, fault);
	else if (server->asleep)
		talk_later(talk, world_delay(server->world,
					     json_number_value(json_object_get(server->plan,
									       "wake"))), greet);
	else
		greet(talk);
}

static int64_t read_int(const char *at)
{
	const unsigned char *byte = (const void *)at;

	return (int64_t)byte[0] << 24 | byte[1] << 16 | byte[2] << 8 | byte[3];
}

/* The first messages have no type. Returns the bytes used, 0 = not all is there yet. */
static size_t take_startup(struct talk *talk, const struct buf *in)
{
	struct client *client = talk_own(talk);
	int64_t len = in->len >= 8 ? read_int(in->data) : 0, code;

	if (in->len < 8 || ((int64_t)in->len < len && len <= MESSAGE_MAX))
		return 0;
	code = read_int(in->data + 4);
	if (len < 8 || len > MESSAGE_MAX || code == CANCEL) {
		talk_end(talk);
	} else if (code == SSL_REQUEST || code == GSS_REQUEST) {
		if (client->server->faults[client->way - 1] != POSTGRES_HANGS)
			talk_write(talk, "N", 1);
	} else if (code == PROTOCOL_3) {
		read_parameters(client, in->data + 8, in->data + len);
		let_in(talk);
	} else {
		turn_away(talk, POSTGRES_REFUSES);
	}
	return len < 8 || len > MESSAGE_MAX ? in->len : (size_t)len;
}

/* ---- queries -------------------------------------------------------------------------------- */

/* Where the statement ends: at a semicolon outside of quotes, or at the end. */
static const char *statement_end(const char *at)
{
	char quote = 0;

	for (; *at && (quote || *at != ';'); at++) {
		if (quote ? *at == quote : *at == '\'' || *at == '"')
			quote = quote ? 0 : *at;
	}
	return at;
}

static void run_query(struct talk *talk, const char *text)
{
	struct client *client = talk_own(talk);
	struct buf out = BUF_INIT(OUTPUT_MAX), body = BUF_INIT(4);
	bool any = false, going = true;
	const char *end;
	char *sql;

	client->server->used_ms = world_now(client->server->world);
	for (; *text && going; text = *end ? end + 1 : end) {
		end = statement_end(text);
		text += strspn(text, " \t\r\n");
		if (text >= end)
			continue;
		sql = xstrndup(text, (size_t)(end - text));
		while (*sql && strchr(" \t\r\n", sql[strlen(sql) - 1]))
			sql[strlen(sql) - 1] = '\0';
		any = true;
		going = postgres_run(client, sql, &out);
		free(sql);
	}
	if (!going && client->status == 'T')
		client->status = 'E';
	if (!any)
		put_message(&out, 'I', &body);
	put_ready(client, &out);
	buf_release(&body);
	send_out(talk, &out);
}

/* The extended protocol is told apart and refused in its own order: an error, then until Sync
 * nothing. */
static void refuse_extended(struct talk *talk, char type)
{
	struct client *client = talk_own(talk);
	struct buf out = BUF_INIT(4096);

	if (type == 'S') {
		client->skipping = false;
		put_ready(client, &out);
	} else if (!client->skipping) {
		client->skipping = true;
		put_error(&out, "ERROR", "0A000",
			  "this simulated server knows simple queries only");
	}
	send_out(talk, &out);
}

static size_t take_message(struct talk *talk, const struct buf *in)
{
	int64_t len = in->len >= 5 ? read_int(in->data + 1) : 0;
	char type = in->len ? in->data[0] : 0;

	if (in->len < 5 || ((int64_t)in->len < len + 1 && len <= MESSAGE_MAX))
		return 0;
	if (len < 4 || len > MESSAGE_MAX || type == 'X') {
		talk_end(talk);
		return in->len;
	}
	if (type == 'Q' && len > 4 && !in->data[len])
		run_query(talk, in->data + 5);
	else if (type && strchr("PBDECSH", type))
		refuse_extended(talk, type);
	return (size_t)len + 1;
}

static void heard(struct talk *talk, struct buf *in)
{
	const struct client *client = talk_own(talk);
	const struct postgres_server *server = client->server;
	size_t used = 1;

	/* Who hangs answers nobody, and has no end of patience. */
	if (client->greeted && server->faults[client->way - 1] == POSTGRES_HANGS) {
		buf_clear(in);
		return;
	}
	while (used && in->len) {
		used = client->greeted ? take_message(talk, in) : take_startup(talk, in);
		buf_consume(in, used);
	}
}

static void opened(struct talk *talk, unsigned int way)
{
	struct client *client = xcalloc(1, sizeof(*client));

	client->server = talk_arg(talk);
	client->way = way;
	talk_set_own(talk, client);
}

static void opened_direct(struct talk *talk)
{
	opened(talk, POSTGRES_DIRECT);
}

static void opened_pooler(struct talk *talk)
{
	opened(talk, POSTGRES_POOLER);
}

static void left(struct talk *talk)
{
	free(talk_own(talk));
}

/* ---- the server ----------------------------------------------------------------------------- */

void postgres_set_fault(struct postgres_server *server, unsigned int ways,
			enum postgres_fault fault)
{
	int i;

	for (i = 0; i < 2; i++)
		if (ways & (1u << i))
			server->faults[i] = fault;
}

void postgres_set_use(struct postgres_server *server, bool used)
{
	server->used = used;
	server->asleep = !used;
}

void postgres_set_blocker(struct postgres_server *server, const char *application, int64_t waiting)
{
	snprintf(server->blocker, sizeof(server->blocker), "%s", application);
	server->waiting = waiting;
	server->blocked_ms = clock_wall_ms();
}

void postgres_set_version(struct postgres_server *server, int64_t version)
{
	server->version = version;
}

void postgres_set_invalid_index(struct postgres_server *server, const char *name)
{
	snprintf(server->invalid_index, sizeof(server->invalid_index), "%s", name ? name : "");
}

bool postgres_is_well(const struct postgres_server *server, unsigned int ways)
{
	return !ways ||
	       ((!(ways & POSTGRES_DIRECT) || server->faults[0] == POSTGRES_WELL) &&
	       (!(ways & POSTGRES_POOLER) || server->faults[1] == POSTGRES_WELL) &&
	       !server->waiting);
}

void postgres_tick(struct postgres_server *server)
{
	double after = json_number_value(json_object_get(server->plan, "suspend_after"));

	if (!server->used && after > 0 &&
	    world_now(server->world) - server->used_ms > world_delay(server->world, after))
		server->asleep = true;
}

json_t *postgres_config(const struct postgres_server *server)
{
	const json_t *versions = json_object_get(server->plan, "migrations");
	const json_t *newest = json_array_get(versions, json_array_size(versions) - 1);

	return json_pack("{s:s, s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:I}", "title",
			 jx_str(server->plan, "title"), "direct", json_sprintf("127.0.0.1:%d",
						listener_port(server->listeners[0])),
			 "pooler", json_sprintf("127.0.0.1:%d",
						listener_port(server->listeners[1])),
			 "user", jx_str(server->plan, "user"), "database",
			 jx_str(server->plan, "database"), "sslmode", "disable", "every", "5s",
			 "timeout", "4s",
			 "goose_version", json_integer_value(newest));
}

int postgres_start(struct world *world, struct postgres_server **ret, struct err *err)
{
	static const struct listener_ops ops[2] = {
		{.opened = opened_direct, .heard = heard, .closed = left},
		{.opened = opened_pooler, .heard = heard, .closed = left},
	};
	struct postgres_server *server = xcalloc(1, sizeof(*server));
	const json_t *versions;
	int rc;

	*ret = server;
	server->world = world;
	server->plan = json_object_get(world->plan, "postgres");
	versions = json_object_get(server->plan, "migrations");
	server->version = json_integer_value(json_array_get(versions,
							    json_array_size(versions) - 1));
	server->began_ms = clock_wall_ms() - 86400000;
	server->used = true;
	rc = listener_start(world->loop, &ops[0], server, &server->listeners[0], err);
	return rc ? rc : listener_start(world->loop, &ops[1], server, &server->listeners[1], err);
}

void postgres_stop(struct postgres_server *server)
{
	if (!server)
		return;
	listener_stop(server->listeners[0]);
	listener_stop(server->listeners[1]);
}

void postgres_free(struct postgres_server *server)
{
	free(server);
}

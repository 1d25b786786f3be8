/* backends/redis/client.c: see client.h */
#include "backends/redis/client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/printable.h"

#define CONNECT_MS 4000
#define ANSWER_MS 4000             /* for the oldest command under way */
#define BACKOFF_FIRST_MS 300
#define BACKOFF_MAX_MS 8000
#define STEADY_MS 10000            /* a connection that held this long was a good one */
#define REPLY_MAX (8 * 1024 * 1024)
#define ELEMENTS_MAX 65536         /* of one array */
#define LINE_MAX_BYTES 65536       /* of what isn't announced by its length */
#define WORDS_MAX 16
#define COMMAND_MAX (8 * 1024 * 1024)

/* A command whose reply is still to come. */
struct pending {
	redis_reply_cb cb;
	void *arg;
	uint64_t sent_ms;          /* by the loop's clock */
};

enum client_state { CLIENT_WAITING, CLIENT_CONNECTING, CLIENT_GREETING, CLIENT_READY };

struct redis_client {
	uv_loop_t *loop;
	const struct config_redis *config;
	const struct stream_ways *ways;
	struct redis_events events;
	enum client_state state;
	char *host, *user, *endpoint, *db;
	int port;
	bool tls;
	struct stream *stream;
	redisReader *reader;
	redisReplyObjectFunctions make;        /* hiredis's, with a ceiling for arrays */
	void *(*usual_array)(const redisReadTask *task, int elements);
	size_t unread;             /* bytes fed since the last whole reply */
	struct secret_fetch *fetch;
	char *password;            /* only between the fetch and AUTH */
	uv_timer_t retry, watchdog;
	int failures;
	int64_t ready_mono_ms;     /* since when it answers; 0 = it doesn't */
	struct pending *queue;     /* a ring */
	size_t head, count, cap;
	struct buf command;        /* the one being sent */
	int closing;
	bool stopped;
	uint64_t bytes_in, bytes_out, commands;
	struct cost *cost;
};

static void connect_now(struct redis_client *client);

/* "redis[s]://[user@]host[:port][/db]" */
static int parse_url(struct redis_client *client, const char *url, struct err *err)
{
	const char *rest = strstr(url, "://"), *at, *slash, *colon;
	char *end;
	size_t len;

	client->tls = !strncmp(url, "rediss://", 9);
	if (!client->tls && strncmp(url, "redis://", 8))
		return err_set(err, -EINVAL, "a Redis URL begins with redis:// or rediss://");
	rest += 3;
	slash = strchr(rest, '/');
	len = slash ? (size_t)(slash - rest) : strlen(rest);
	at = memrchr(rest, '@', len);
	if (at && memchr(rest, ':', (size_t)(at - rest)))
		return err_set(err, -EINVAL, "a Redis URL holds no password: name where it is "
			       "under redis.password in the configuration");
	if (at) {
		client->user = at > rest ? xstrndup(rest, (size_t)(at - rest)) : NULL;
		len -= (size_t)(at + 1 - rest);
		rest = at + 1;
	}
	if (slash && slash[1])
		client->db = xstrdup(slash + 1);
	client->port = 6379;
	colon = rest[0] == '[' ? memchr(rest, ']', len) : rest;
	colon = colon ? memchr(colon, ':', len - (size_t)(colon - rest)) : NULL;
	if (colon) {
		client->port = (int)strtol(colon + 1, &end, 10);
		if (end != rest + len || client->port < 1 || client->port > 65535)
			return err_set(err, -EINVAL, "a Redis URL's port is 1 to 65535");
		len = (size_t)(colon - rest);
	}
	client->host = rest[0] == '[' && len > 2 ? xstrndup(rest + 1, len - 2)
						 : xstrndup(rest, len);
	if (!client->host[0])
		return err_set(err, -EINVAL, "a Redis URL names a host");
	client->endpoint = xasprintf("%s://%s%s%s:%d", client->tls ? "rediss" : "redis",
				     client->user ? client->user : "", client->user ? "@" : "",
				     client->host, client->port);
	return 0;
}

static void on_retry(uv_timer_t *timer)
{
	connect_now(timer->data);
}

static void drop_queue(struct redis_client *client)
{
	while (client->count > 0) {
		struct pending pending = client->queue[client->head];

		client->head = (client->head + 1) % client->cap;
		client->count--;
		if (pending.cb)
			pending.cb(pending.arg, NULL);
	}
}

static void disconnect(struct redis_client *client)
{
	stream_close(client->stream);
	client->stream = NULL;
	redisReaderFree(client->reader);
	client->reader = NULL;
	uv_timer_stop(&client->watchdog);
}

/* Longer after each failure, and never at the same moment as everybody else. */
static uint64_t back_off(struct redis_client *client)
{
	int shift = client->failures < 5 ? client->failures : 5;
	uint64_t ms = BACKOFF_FIRST_MS << shift;
	unsigned int dice = 0;

	uv_random(NULL, NULL, &dice, sizeof(dice), 0, NULL);
	ms = ms > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : ms;
	return ms / 2 + dice % (ms / 2);
}

static void fail(struct redis_client *client, enum fresh_fault fault, const char *why)
{
	char text[200];

	snprintf(text, sizeof(text), "%s", why);
	if (client->ready_mono_ms && clock_mono_ms() - client->ready_mono_ms > STEADY_MS)
		client->failures = 0;
	client->ready_mono_ms = 0;
	client->state = CLIENT_WAITING;
	disconnect(client);
	uv_timer_start(&client->retry, on_retry, back_off(client), 0);
	client->failures++;
	drop_queue(client);
	client->events.failed(client->events.arg, fault, text);
}

static void look_for_silence(uv_timer_t *timer)
{
	struct redis_client *client = timer->data;

	if (client->count &&
	    uv_now(client->loop) - client->queue[client->head].sent_ms > ANSWER_MS)
		fail(client, FAULT_SERVER, "no answer in time");
}

static struct pending take_pending(struct redis_client *client)
{
	struct pending pending = client->queue[client->head];

	client->head = (client->head + 1) % client->cap;
	client->count--;
	return pending;
}

static void put_pending(struct redis_client *client, redis_reply_cb cb, void *arg)
{
	size_t cap, i;

	if (client->count == client->cap) {
		struct pending *longer;

		cap = client->cap ? client->cap * 2 : 64;
		longer = xcalloc(cap, sizeof(*longer));
		for (i = 0; i < client->count; i++)
			longer[i] = client->queue[(client->head + i) % client->cap];
		free(client->queue);
		client->queue = longer;
		client->cap = cap;
		client->head = 0;
	}
	client->queue[(client->head + client->count++) % client->cap] =
		(struct pending){cb, arg, uv_now(client->loop)};
}

/* A number on a line of its own, as RESP has them. */
static void put_number(struct buf *out, char mark, size_t number)
{
	char text[24], *at = text + sizeof(text);

	*--at = '\n';
	*--at = '\r';
	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	*--at = mark;
	buf_append(out, at, (size_t)(text + sizeof(text) - at));
}

/* hiredis's formatter takes a fifth of the key scan's time, most of it for printf. Source: the
 * Redis protocol's arrays of bulk strings. */
static int put_command(struct buf *out, int argc, const char *const *argv, const size_t *lens)
{
	int i, rc = 0;

	buf_clear(out);
	put_number(out, '*', (size_t)argc);
	for (i = 0; i < argc && !rc; i++) {
		put_number(out, '$', lens[i]);
		rc = buf_append(out, argv[i], lens[i]);
		if (!rc)
			rc = buf_append(out, "\r\n", 2);
	}
	return rc;
}

int redis_client_send(struct redis_client *client, redis_reply_cb cb, void *arg, int argc,
		      const char *const *argv, const size_t *lens)
{
	struct buf *out = &client->command;
	int rc;

	if (!client->stream || client->state < CLIENT_GREETING)
		return -ENOTCONN;
	rc = put_command(out, argc, argv, lens);
	if (!rc)
		rc = stream_write(client->stream, out->data, out->len);
	if (client->state == CLIENT_GREETING)
		explicit_bzero(out->data, out->len);   /* it may have been AUTH */
	if (rc)
		return rc;
	put_pending(client, cb, arg);
	client->bytes_out += out->len;
	client->commands++;
	cost_count(client->cost, &(struct cost_amount){.requests = 1}, clock_mono_ms());
	return 0;
}

void redis_client_flush(struct redis_client *client)
{
	if (client->stream)
		stream_flush(client->stream);
}

/* What may be sent without the write door. Source: the commands' own flags (none is @write). */
static bool only_reads(int argc, const char *const *argv)
{
	static const char *const whole[] = {
		"PTTL", "SCAN", "TYPE", "INFO", "DBSIZE", "PING", "AUTH", "SELECT", "TIME",
		"SMEMBERS", "LLEN", "LRANGE", "ZCARD", "ZCOUNT", "ZRANGE", "GET", "HGET", "EXISTS",
	};
	static const char *const halves[][2] = {
		{"MEMORY", "USAGE"}, {"CONFIG", "GET"}, {"CLIENT", "SETNAME"},
		{"CLIENT", "NO-EVICT"}, {"ACL", "WHOAMI"}, {"ACL", "DRYRUN"},
		{"OBJECT", "ENCODING"}, {"OBJECT", "IDLETIME"},
	};
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(halves) / sizeof(halves[0]); i++)
		if (!strcasecmp(halves[i][0], argv[0]) && !strcasecmp(halves[i][1], argv[1]))
			return true;
	for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (!strcasecmp(whole[i], argv[0]))
			return true;
	return false;
}

int redis_read(struct redis_client *client, redis_reply_cb cb, void *arg, int argc,
	       const char *const *argv, const size_t *lens)
{
	if (!only_reads(argc, argv))
		return -EPERM;
	return redis_client_send(client, cb, arg, argc, argv, lens);
}

int redis_read_words(struct redis_client *client, redis_reply_cb cb, void *arg, ...)
{
	const char *argv[WORDS_MAX], *word;
	size_t lens[WORDS_MAX];
	va_list args;
	int argc = 0;

	va_start(args, arg);
	while (argc < WORDS_MAX && (word = va_arg(args, const char *))) {
		argv[argc] = word;
		lens[argc++] = strlen(word);
	}
	va_end(args);
	return redis_read(client, cb, arg, argc, argv, lens);
}

/* Greeting: AUTH, SELECT, a name for the server's client list, and staying out of eviction. */

/* What a server says to whom it won't talk to at all, before any command. */
static bool turned_away(const char *error)
{
	return !strncmp(error, "ERR max number of clients", 25) || !strncmp(error, "DENIED", 6);
}

static void fail_with(struct redis_client *client, const char *error)
{
	char text[160];
	enum fresh_fault fault = redis_error_text(error, text, sizeof(text));

	fail(client, fault, text);
}

/* Fine when it works, no harm when it is refused. */
static void nicety(void *arg, const redisReply *reply)
{
	if (reply && reply->type == REDIS_REPLY_ERROR && turned_away(reply->str))
		fail_with(arg, reply->str);
}

static void let_in(void *arg, const redisReply *reply)
{
	if (reply && reply->type == REDIS_REPLY_ERROR)
		fail_with(arg, reply->str);
}

/* The last word of the greeting. A server that loads, cannot save or has lost its master refuses
 * PING, yet tells INFO: only who isn't let in ends here. */
static void greeted(void *arg, const redisReply *reply)
{
	struct redis_client *client = arg;

	if (!reply)
		return;
	if (reply->type == REDIS_REPLY_ERROR &&
	    (turned_away(reply->str) || !strncmp(reply->str, "NOAUTH", 6))) {
		fail_with(client, reply->str);
		return;
	}
	client->state = CLIENT_READY;
	client->ready_mono_ms = clock_mono_ms();
	client->events.ready(client->events.arg);
}

static void greet(struct redis_client *client)
{
	const char *argv[3] = {"AUTH"};
	size_t lens[3];
	int argc = 1, i;

	client->state = CLIENT_GREETING;
	if (client->password) {
		if (client->user)
			argv[argc++] = client->user;
		argv[argc++] = client->password;
		for (i = 0; i < argc; i++)
			lens[i] = strlen(argv[i]);
		redis_read(client, let_in, client, argc, argv, lens);
		explicit_bzero(client->password, strlen(client->password));
		free(client->password);
		client->password = NULL;
	}
	if (client->db)
		redis_read_words(client, let_in, client, "SELECT", client->db, NULL);
	redis_read_words(client, nicety, client, "CLIENT", "SETNAME", "sitrep", NULL);
	redis_read_words(client, nicety, client, "CLIENT", "NO-EVICT", "ON", NULL);
	redis_read_words(client, greeted, client, "PING", NULL);
}

static void on_opened(void *arg)
{
	struct redis_client *client = arg;

	uv_timer_start(&client->watchdog, look_for_silence, 500, 500);
	greet(client);
}

static void hand_replies(struct redis_client *client)
{
	void *reply = NULL;

	while (client->reader && redisReaderGetReply(client->reader, &reply) == REDIS_OK && reply) {
		struct pending pending = {0};

		client->unread = 0;
		if (client->count)
			pending = take_pending(client);
		if (pending.cb)
			pending.cb(pending.arg, reply);
		freeReplyObject(reply);
		reply = NULL;
	}
	if (client->reader && client->reader->err)
		fail(client, FAULT_SERVER, "the answer is not Redis's protocol");
}

/* hiredis looks for the end of a line from its beginning, each time more of it has come. */
static bool is_endless_line(const redisReader *reader)
{
	return reader->len - reader->pos > LINE_MAX_BYTES &&
	       !memchr(reader->buf + reader->pos, '\n', LINE_MAX_BYTES);
}

static void on_data(void *arg, const char *bytes, size_t len)
{
	struct redis_client *client = arg;

	client->bytes_in += len;
	client->unread += len;
	redisReaderFeed(client->reader, bytes, len);
	hand_replies(client);
	if (client->reader && client->unread > REPLY_MAX)
		fail(client, FAULT_SERVER, "a reply larger than 8 MiB");
	else if (client->reader && is_endless_line(client->reader))
		fail(client, FAULT_SERVER, "the answer is not Redis's protocol");
}

static void on_closed(void *arg, enum fresh_fault fault, const char *why)
{
	struct redis_client *client = arg;

	client->stream = NULL;
	fail(client, fault, why);
}

/* hiredis takes memory for as many elements as an array announces, whatever follows. */
static void *make_array(const redisReadTask *task, int elements)
{
	const struct redis_client *client = task->privdata;

	return elements > ELEMENTS_MAX ? NULL : client->usual_array(task, elements);
}

static redisReader *make_reader(struct redis_client *client)
{
	redisReader *reader = redisReaderCreate();

	if (!reader)
		return NULL;
	client->make = *reader->fn;
	client->usual_array = client->make.createArray;
	client->make.createArray = make_array;
	reader->fn = &client->make;
	reader->privdata = client;
	return reader;
}

static void open_stream(struct redis_client *client)
{
	struct stream_peer peer = {
		.host = client->host, .port = client->port, .tls = client->tls,
		.tls_name = client->config->tls_name, .ca_file = client->config->ca_file,
		.cert_file = client->config->cert_file, .key_file = client->config->key_file,
		.connect_ms = CONNECT_MS, .via = &client->config->via, .ways = client->ways,
		.cost = client->cost,
	};
	struct stream_events events = {on_opened, on_data, on_closed, client};

	client->reader = make_reader(client);
	client->unread = 0;
	if (!client->reader) {
		fail(client, FAULT_LINK, "out of memory");
		return;
	}
	client->state = CLIENT_CONNECTING;
	client->stream = stream_open(client->loop, &peer, &events);
}

static void on_secret(void *arg, int rc, const char *text)
{
	struct redis_client *client = arg;

	client->fetch = NULL;
	if (rc) {
		fail(client, FAULT_RIGHTS, text);
		return;
	}
	client->password = xstrdup(text);
	open_stream(client);
}

static void connect_now(struct redis_client *client)
{
	if (client->state != CLIENT_WAITING || client->fetch || client->stopped)
		return;
	if (secret_is_set(&client->config->password))
		client->fetch = secret_fetch(client->loop, &client->config->password, on_secret,
					     client);
	else
		open_stream(client);
}

static void forget(struct redis_client *client)
{
	free(client->queue);
	buf_release(&client->command);
	free(client->host);
	free(client->user);
	free(client->db);
	free(client->endpoint);
	free(client);
}

struct redis_client *redis_client_new(uv_loop_t *loop, const struct config_redis *config,
				      const struct stream_ways *ways,
				      const struct redis_events *events, struct err *err)
{
	struct redis_client *client = xcalloc(1, sizeof(*client));

	client->command.max = COMMAND_MAX;
	client->loop = loop;
	client->config = config;
	client->ways = ways;
	client->events = *events;
	if (parse_url(client, config->url, err)) {
		forget(client);
		return NULL;
	}
	uv_timer_init(loop, &client->retry);
	uv_timer_init(loop, &client->watchdog);
	client->retry.data = client->watchdog.data = client;
	uv_timer_start(&client->retry, on_retry, 0, 0);
	return client;
}

static void closed(uv_handle_t *handle)
{
	struct redis_client *client = handle->data;

	if (!--client->closing)
		forget(client);
}

void redis_client_free(struct redis_client *client)
{
	client->stopped = true;
	secret_cancel(client->fetch);
	disconnect(client);
	drop_queue(client);
	if (client->password)
		explicit_bzero(client->password, strlen(client->password));
	free(client->password);
	client->closing = 2;
	uv_close((uv_handle_t *)&client->retry, closed);
	uv_close((uv_handle_t *)&client->watchdog, closed);
}

bool redis_client_is_ready(const struct redis_client *client)
{
	return client->state == CLIENT_READY;
}

void redis_client_kick(struct redis_client *client)
{
	if (client->state != CLIENT_WAITING)
		return;
	uv_timer_stop(&client->retry);
	connect_now(client);
}

const char *redis_client_endpoint(const struct redis_client *client)
{
	return client->endpoint;
}

void redis_client_count(struct redis_client *client, struct cost *cost)
{
	client->cost = cost;
}

uint64_t redis_client_bytes_in(const struct redis_client *client)
{
	return client->bytes_in;
}

uint64_t redis_client_bytes_out(const struct redis_client *client)
{
	return client->bytes_out;
}

uint64_t redis_client_commands(const struct redis_client *client)
{
	return client->commands;
}

struct error_row {
	const char *start;
	enum fresh_fault fault;
	const char *text;          /* NULL = the server's own words */
};

/* "NOPERM this user has no permissions to run the 'config|get' command" (7.0 and later), or "...to
 * access one of the keys used as arguments". */
static void missing_right(const char *error, char *buf, size_t size)
{
	char *safe = printable_dup(error);
	const char *quote = strchr(safe, '\''), *end = quote ? strchr(quote + 1, '\'') : NULL;

	if (end)
		snprintf(buf, size, "refused: needs +%.*s", (int)(end - quote - 1), quote + 1);
	else
		snprintf(buf, size, "refused: %s", safe);
	free(safe);
}

enum fresh_fault redis_error_text(const char *error, char *buf, size_t size)
{
	static const struct error_row rows[] = {
		{"NOAUTH", FAULT_RIGHTS, "refused: a password is needed (redis.password)"},
		{"WRONGPASS", FAULT_RIGHTS, "refused: wrong user or password"},
		{"NOPERM", FAULT_RIGHTS, NULL},
		{"ERR max number of clients", FAULT_SERVER, "no free connection (maxclients)"},
		{"LOADING", FAULT_SERVER, "loading its data into memory"},
		{"BUSY", FAULT_SERVER, "busy running a script"},
		{"MASTERDOWN", FAULT_SERVER, "replica without its master"},
		{"MISCONF", FAULT_SERVER, "cannot save to disk, so it refuses writes"},
		{"DENIED", FAULT_RIGHTS, "refused: protected mode, only loopback may connect"},
		{"READONLY", FAULT_SERVER, "a replica, which takes no writes"},
		{"OOM", FAULT_SERVER, "out of memory (maxmemory), so it refuses writes"},
	};
	char *safe;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strncmp(error, rows[i].start, strlen(rows[i].start)))
			continue;
		if (rows[i].text)
			snprintf(buf, size, "%s", rows[i].text);
		else
			missing_right(error, buf, size);
		return rows[i].fault;
	}
	safe = printable_dup(error);
	snprintf(buf, size, "%s", safe);
	free(safe);
	return FAULT_SERVER;
}

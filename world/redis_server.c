/* world/redis_server.c: connections, RESP and the limit on memory; see redis.h */
#include "world/redis.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "world/jx.h"
#include "world/redis_commands.h"
#include "world/when.h"
#include "world/world.h"

#define QUERY_MAX (16u << 20)
#define OUTPUT_MAX (32u << 20)
#define ARGS_MAX 65536
#define TICK_MS 200
#define BASE_MEMORY 1068432u     /* an empty Redis */
#define CLIENT_MEMORY 22416u

static const struct {
	const char *name, *value;
} defaults[] = {
	{"maxmemory", "0"}, {"maxmemory-policy", "noeviction"}, {"maxmemory-samples", "5"},
	{"maxmemory-clients", "0"}, {"maxclients", "10000"}, {"timeout", "0"},
	{"tcp-keepalive", "300"}, {"databases", "16"}, {"appendonly", "yes"},
	{"appendfsync", "everysec"}, {"save", "3600 1 300 100 60 10000"}, {"dir", "/data"},
	{"slowlog-log-slower-than", "10000"}, {"slowlog-max-len", "128"},
	{"latency-monitor-threshold", "0"}, {"lfu-decay-time", "1"}, {"lfu-log-factor", "10"},
	{"activedefrag", "no"}, {"lazyfree-lazy-eviction", "no"}, {"loglevel", "notice"},
	{"protected-mode", "no"}, {"requirepass", ""}, {"bind", "* -::*"}, {"port", "6379"},
};

/* ---- settings and memory ------------------------------------------------------------------ */

static struct setting *find_setting(const struct redis_server *server, const char *name)
{
	for (size_t i = 0; i < server->setting_count; i++) {
		if (!strcasecmp(server->settings[i].name, name))
			return &server->settings[i];
	}
	return NULL;
}

const char *redis_setting(const struct redis_server *server, const char *name)
{
	const struct setting *setting = find_setting(server, name);

	return setting ? setting->value : "";
}

bool redis_set_setting(struct redis_server *server, const char *name, const char *value)
{
	struct setting *setting = find_setting(server, name);

	if (!setting)
		return false;
	free(setting->value);
	setting->value = xstrdup(value);
	return true;
}

bool redis_known_policy(const char *policy)
{
	static const char *const known[] = {"noeviction", "allkeys-lru", "allkeys-lfu",
					    "allkeys-random", "volatile-lru", "volatile-lfu",
					    "volatile-random", "volatile-ttl"};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (!strcmp(known[i], policy))
			return true;
	}
	return false;
}

bool redis_set_policy(struct redis_server *server, const char *policy)
{
	return redis_known_policy(policy) &&
	       redis_set_setting(server, "maxmemory-policy", policy);
}

void redis_set_maxmemory(struct redis_server *server, long long bytes)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", bytes);
	redis_set_setting(server, "maxmemory", text);
}

long long redis_maxmemory(const struct redis_server *server)
{
	return strtoll(redis_setting(server, "maxmemory"), NULL, 10);
}

const char *redis_policy(const struct redis_server *server)
{
	return redis_setting(server, "maxmemory-policy");
}

size_t redis_used(const struct redis_server *server)
{
	/* The application's clients weigh as much as ours. */
	return BASE_MEMORY + server->keys->bytes + (server->client_count + 18) * CLIENT_MEMORY;
}

double redis_used_percent(const struct redis_server *server)
{
	long long max = redis_maxmemory(server);

	return max > 0 ? 100.0 * (double)redis_used(server) / (double)max : 0;
}

bool redis_make_room(struct redis_server *server)
{
	long long max = redis_maxmemory(server);

	if (max <= 0)
		return true;
	while ((long long)redis_used(server) > max) {
		if (!keyspace_evict(server->keys, redis_policy(server)))
			return false;
	}
	return true;
}

bool redis_refuses_writes(const struct redis_server *server)
{
	long long max = redis_maxmemory(server);
	const char *policy = redis_policy(server);

	if (max <= 0 || (long long)redis_used(server) <= max)
		return false;
	return !strcmp(policy, "noeviction") ||
	       (!strncmp(policy, "volatile-", 9) && !server->keys->expires);
}

void redis_count_error(struct redis_server *server, const char *code)
{
	for (size_t i = 0; i < ERRORS_MAX; i++) {
		if (*server->errors[i].code && strcmp(server->errors[i].code, code))
			continue;
		snprintf(server->errors[i].code, sizeof(server->errors[i].code), "%s", code);
		server->errors[i].count++;
		return;
	}
}

/* ---- replies ------------------------------------------------------------------------------ */

static void append(struct redis_client *client, const char *data, size_t len)
{
	if (buf_append(&client->out, data, len))
		client->closing = true;
}

static void append_line(struct redis_client *client, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void append_line(struct redis_client *client, const char *format, ...)
{
	char line[1024];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line) - 2, format, args);
	va_end(args);
	if (len > (int)sizeof(line) - 3)
		len = (int)sizeof(line) - 3;
	memcpy(line + len, "\r\n", 2);
	append(client, line, (size_t)len + 2);
}

void reply_status_line(struct redis_client *client, const char *text)
{
	append_line(client, "+%s", text);
}

void reply_error(struct redis_client *client, const char *code, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (char *at = text; *at; at++)
		*at = *at == '\r' || *at == '\n' ? ' ' : *at;
	append_line(client, "-%s %s", code, text);
	redis_count_error(client->server, code);
}

void reply_integer(struct redis_client *client, long long value)
{
	append_line(client, ":%lld", value);
}

void reply_bulk(struct redis_client *client, const char *data, size_t len)
{
	append_line(client, "$%zu", len);
	append(client, data, len);
	append(client, "\r\n", 2);
}

void reply_text_bulk(struct redis_client *client, const char *text)
{
	reply_bulk(client, text, strlen(text));
}

void reply_null(struct redis_client *client)
{
	append(client, "$-1\r\n", 5);
}

void reply_array(struct redis_client *client, size_t count)
{
	append_line(client, "*%zu", count);
}

/* ---- sending ------------------------------------------------------------------------------ */

struct sending {
	uv_write_t request;
	char *data;
};

static void on_client_closed(uv_handle_t *handle)
{
	struct redis_client *client = handle->data;

	buf_release(&client->in);
	buf_release(&client->out);
	free(client);
}

static void drop_client(struct redis_client *client)
{
	if (uv_is_closing((uv_handle_t *)&client->socket))
		return;
	*client->link = client->next;
	if (client->next)
		client->next->link = client->link;
	client->server->client_count--;
	client->server->monitor_count -= client->monitoring;
	uv_close((uv_handle_t *)&client->socket, on_client_closed);
}

static void on_sent(uv_write_t *request, int status)
{
	struct sending *sending = request->data;

	(void)status;
	free(sending->data);
	free(sending);
}

static void flush(struct redis_client *client)
{
	struct sending *sending;
	uv_buf_t buf;
	size_t len = client->out.len;

	if (!len || uv_is_closing((uv_handle_t *)&client->socket))
		return;
	/* A monitor that does not read is dropped, as Redis drops it. */
	if (uv_stream_get_write_queue_size((uv_stream_t *)&client->socket) > OUTPUT_MAX) {
		drop_client(client);
		return;
	}
	client->server->output_bytes += len;
	sending = xcalloc(1, sizeof(*sending));
	sending->data = buf_detach(&client->out);
	sending->request.data = sending;
	buf = uv_buf_init(sending->data, (unsigned)len);
	if (uv_write(&sending->request, (uv_stream_t *)&client->socket, &buf, 1, on_sent)) {
		free(sending->data);
		free(sending);
	}
}

static void quote(struct buf *out, const char *text, size_t len)
{
	buf_append_str(out, " \"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < 32 || c > 126)
			buf_printf(out, "\\x%02x", c);
		else
			buf_append(out, text + i, 1);
	}
	buf_append_str(out, "\"");
}

void redis_feed_monitors(struct redis_server *server, const char *address,
			 const struct args *args)
{
	struct buf line = BUF_INIT(65536);
	struct redis_client *next;
	int64_t now = when_now_us();

	if (!server->monitor_count)
		return;
	buf_printf(&line, "+%" PRId64 ".%06" PRId64 " [0 %s]", now / 1000000, now % 1000000,
		   address);
	for (int i = 0; i < args->count; i++)
		quote(&line, args->value[i], args->len[i]);
	buf_append_str(&line, "\r\n");
	for (struct redis_client *client = server->clients; client; client = next) {
		next = client->next;
		if (!client->monitoring)
			continue;
		append(client, line.data, line.len);
		flush(client);
	}
	buf_release(&line);
}

/* ---- receiving ---------------------------------------------------------------------------- */

/* One request's parts, pointing into the client's buffer. */
struct parsed {
	struct args args;
	size_t used;             /* bytes of the buffer; 0 = not all there yet */
	const char *wrong;       /* protocol error */
};

static const char *line_end(const char *from, const char *end)
{
	const char *at = memchr(from, '\n', (size_t)(end - from));

	return at && at > from && at[-1] == '\r' ? at - 1 : NULL;
}

static void add_arg(struct args *args, const char *value, size_t len)
{
	args->value = xreallocarray(args->value, (size_t)args->count + 1, sizeof(*args->value));
	args->len = xreallocarray(args->len, (size_t)args->count + 1, sizeof(*args->len));
	args->value[args->count] = value;
	args->len[args->count++] = len;
}

/* Words of a line, as typed into a terminal. */
static void parse_inline(char *data, size_t len, struct parsed *parsed)
{
	char *end = memchr(data, '\n', len), *word, *rest = data;

	if (!end) {
		parsed->wrong = len > 65536 ? "too big inline request" : NULL;
		return;
	}
	parsed->used = (size_t)(end - data) + 1;
	*end = '\0';
	if (end > data && end[-1] == '\r')
		end[-1] = '\0';
	while ((word = strsep(&rest, " \t"))) {
		if (*word)
			add_arg(&parsed->args, word, strlen(word));
	}
}

static void parse_multi(char *data, size_t size, struct parsed *parsed)
{
	char *at = data, *end = data + size;
	const char *eol = line_end(at, end);
	long count, len;

	if (!eol) {
		parsed->wrong = size > 64 ? "too big mbulk count string" : NULL;
		return;
	}
	count = strtol(at + 1, NULL, 10);
	if (count > ARGS_MAX || count < 0) {
		parsed->wrong = "invalid multibulk length";
		return;
	}
	at = data + (eol - data) + 2;
	for (long i = 0; i < count; i++) {
		eol = at < end ? line_end(at, end) : NULL;
		if (!eol)
			return;
		len = strtol(at + 1, NULL, 10);
		if (*at != '$' || len < 0 || len > (long)QUERY_MAX) {
			parsed->wrong = *at != '$' ? "expected '$'" : "invalid bulk length";
			return;
		}
		at = data + (eol - data) + 2;
		if (end - at < len + 2)
			return;
		add_arg(&parsed->args, at, (size_t)len);
		at += len + 2;
	}
	parsed->used = (size_t)(at - data);
}

/* NULs after the arguments; only once the request is complete. */
static void terminate(const struct args *args)
{
	for (int i = 0; i < args->count; i++)
		((char *)(uintptr_t)args->value[i])[args->len[i]] = '\0';
}

static void serve(struct redis_client *client)
{
	size_t at = 0;

	while (at < client->in.len && !client->closing) {
		struct parsed parsed = {.used = 0};
		char *data = client->in.data + at;
		size_t len = client->in.len - at;

		if (*data == '*')
			parse_multi(data, len, &parsed);
		else
			parse_inline(data, len, &parsed);
		if (parsed.used && parsed.args.count) {
			terminate(&parsed.args);
			redis_execute(client, &parsed.args);
		}
		free(parsed.args.value);
		free(parsed.args.len);
		if (parsed.wrong) {
			reply_error(client, "ERR", "Protocol error: %s", parsed.wrong);
			client->closing = true;
		}
		if (!parsed.used)
			break;
		at += parsed.used;
	}
	buf_consume(&client->in, at);
	flush(client);
	if (client->closing)
		drop_client(client);
}

static void give_buffer(uv_handle_t *handle, size_t wanted, uv_buf_t *buf)
{
	static char chunk[65536];

	(void)handle;
	(void)wanted;
	*buf = uv_buf_init(chunk, sizeof(chunk));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct redis_client *client = stream->data;

	if (got < 0) {
		drop_client(client);
		return;
	}
	client->server->input_bytes += (uint64_t)got;
	if (buf_append(&client->in, buf->base, (size_t)got)) {
		drop_client(client);
		return;
	}
	serve(client);
	if (!client->in.len)
		buf_shrink(&client->in, 0);
}

static void name_peer(struct redis_client *client)
{
	struct sockaddr_in peer;
	int len = sizeof(peer);
	char ip[32];

	if (uv_tcp_getpeername(&client->socket, (struct sockaddr *)&peer, &len) ||
	    uv_ip4_name(&peer, ip, sizeof(ip)))
		return;
	snprintf(client->address, sizeof(client->address), "%s:%d", ip, ntohs(peer.sin_port));
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct redis_server *server = listener->data;
	struct redis_client *client;

	if (status < 0)
		return;
	client = xcalloc(1, sizeof(*client));
	client->server = server;
	client->in.max = QUERY_MAX;
	client->out.max = OUTPUT_MAX;
	client->id = server->next_id++;
	client->since_ms = client->active_ms = when_now_us() / 1000;
	client->next = server->clients;
	client->link = &server->clients;
	if (client->next)
		client->next->link = &client->next;
	server->clients = client;
	server->client_count++;
	server->connections++;
	uv_tcp_init(server->world->loop, &client->socket);
	client->socket.data = client;
	if (uv_accept(listener, (uv_stream_t *)&client->socket)) {
		drop_client(client);
		return;
	}
	name_peer(client);
	uv_tcp_nodelay(&client->socket, 1);
	uv_read_start((uv_stream_t *)&client->socket, give_buffer, on_read);
}

/* ---- life --------------------------------------------------------------------------------- */

static void on_tick(uv_timer_t *timer)
{
	struct redis_server *server = timer->data;
	size_t used;

	redis_traffic(server, TICK_MS / 1000.0);
	used = redis_used(server);
	if (used > server->used_peak)
		server->used_peak = used;
}

int redis_start(struct world *world, int port, struct redis_server **ret_server, struct err *err)
{
	struct redis_server *server = xcalloc(1, sizeof(*server));
	const json_t *plan = json_object_get(world->plan, "redis");
	struct sockaddr_in address;
	int rc, len = sizeof(address);

	server->world = world;
	server->next_id = 31;
	server->keys = keyspace_new();
	server->setting_count = sizeof(defaults) / sizeof(*defaults);
	server->settings = xcalloc(server->setting_count, sizeof(*server->settings));
	for (size_t i = 0; i < server->setting_count; i++)
		server->settings[i] = (struct setting){defaults[i].name,
						       xstrdup(defaults[i].value)};
	*ret_server = server;
	uv_tcp_init(world->loop, &server->socket);
	uv_timer_init(world->loop, &server->timer);
	server->open_handles = 2;
	server->socket.data = server->timer.data = server;
	uv_ip4_addr("127.0.0.1", port, &address);
	rc = uv_tcp_bind(&server->socket, (struct sockaddr *)&address, 0);
	if (!rc)
		rc = uv_listen((uv_stream_t *)&server->socket, 128, on_connection);
	if (!rc)
		rc = uv_tcp_getsockname(&server->socket, (struct sockaddr *)&address, &len);
	if (rc)
		return err_set(err, rc, "Redis on 127.0.0.1:%d: %s", port, uv_strerror(rc));
	server->port = ntohs(address.sin_port);
	server->started_ms = when_now_us() / 1000 - 61LL * 86400 * 1000;
	redis_seed(server, plan);
	redis_tasks(server, 0);          /* the workers have been there for long */
	uv_timer_start(&server->timer, on_tick, TICK_MS, TICK_MS);
	return 0;
}

int redis_port(const struct redis_server *server)
{
	return server->port;
}

static void on_closed(uv_handle_t *handle)
{
	struct redis_server *server = handle->data;

	if (--server->open_handles)
		return;
	keyspace_free(server->keys);
	for (size_t i = 0; i < server->setting_count; i++)
		free(server->settings[i].value);
	free(server->settings);
	json_decref(server->filling);
	free(server);
}

void redis_stop(struct redis_server *server)
{
	if (!server)
		return;
	while (server->clients)
		drop_client(server->clients);
	uv_close((uv_handle_t *)&server->socket, on_closed);
	uv_close((uv_handle_t *)&server->timer, on_closed);
}

/* world/redis_commands.c: the table of commands, and those that are not about values */
#include "world/redis_commands.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "world/when.h"
#include "world/world.h"

#define CMD_WRITE 1u
#define CMD_GROWS 2u     /* refused when memory is full (Redis calls it DENYOOM) */

struct command {
	const char *name;
	int arity;               /* with the name; negative = at least */
	unsigned flags;
	void (*run)(struct redis_client *client, const struct args *args);
};

static bool is(const struct args *args, int index, const char *word)
{
	return index < args->count && !strcasecmp(args->value[index], word);
}

static struct keyspace *keys_of(const struct redis_client *client)
{
	return client->server->keys;
}

static void syntax_error(struct redis_client *client)
{
	reply_error(client, "ERR", "syntax error");
}

static void unknown_subcommand(struct redis_client *client, const struct args *args)
{
	reply_error(client, "ERR", "unknown subcommand '%.128s'. Try %s HELP.",
		    args->count > 1 ? args->value[1] : "", args->value[0]);
}

/* ---- connection --------------------------------------------------------------------------- */

static void cmd_ping(struct redis_client *client, const struct args *args)
{
	if (args->count > 1)
		reply_bulk(client, args->value[1], args->len[1]);
	else
		reply_status_line(client, "PONG");
}

static void cmd_echo(struct redis_client *client, const struct args *args)
{
	reply_bulk(client, args->value[1], args->len[1]);
}

static void cmd_ok(struct redis_client *client, const struct args *args)
{
	(void)args;
	reply_status_line(client, "OK");
}

static void cmd_quit(struct redis_client *client, const struct args *args)
{
	(void)args;
	reply_status_line(client, "OK");
	client->closing = true;
}

static void cmd_auth(struct redis_client *client, const struct args *args)
{
	(void)args;
	reply_error(client, "ERR",
		    "AUTH <password> called without any password configured for the default "
		    "user. Are you sure your configuration is correct?");
}

static void cmd_select(struct redis_client *client, const struct args *args)
{
	long db = strtol(args->value[1], NULL, 10);

	if (db < 0 || db > 15) {
		reply_error(client, "ERR", "DB index is out of range");
		return;
	}
	client->db = (int)db;
	reply_status_line(client, "OK");
}

static void cmd_hello(struct redis_client *client, const struct args *args)
{
	if (args->count > 1 && strcmp(args->value[1], "2")) {
		reply_error(client, "NOPROTO", "unsupported protocol version");
		return;
	}
	reply_array(client, 14);
	reply_text_bulk(client, "server");
	reply_text_bulk(client, "redis");
	reply_text_bulk(client, "version");
	reply_text_bulk(client, "7.4.2");
	reply_text_bulk(client, "proto");
	reply_integer(client, 2);
	reply_text_bulk(client, "id");
	reply_integer(client, (long long)client->id);
	reply_text_bulk(client, "mode");
	reply_text_bulk(client, "standalone");
	reply_text_bulk(client, "role");
	reply_text_bulk(client, "master");
	reply_text_bulk(client, "modules");
	reply_array(client, 0);
}

static void cmd_client(struct redis_client *client, const struct args *args)
{
	struct buf text = BUF_INIT(4096);

	if (is(args, 1, "setname") && args->count == 3) {
		snprintf(client->name, sizeof(client->name), "%s", args->value[2]);
		reply_status_line(client, "OK");
	} else if (is(args, 1, "getname")) {
		reply_text_bulk(client, client->name);
	} else if (is(args, 1, "id")) {
		reply_integer(client, (long long)client->id);
	} else if (is(args, 1, "list")) {
		redis_client_list(client);
	} else if (is(args, 1, "info")) {
		redis_describe_client(client, &text);
		reply_bulk(client, text.data, text.len);
	} else if (is(args, 1, "no-evict") && args->count == 3) {
		client->no_evict = is(args, 2, "on");
		reply_status_line(client, "OK");
	} else if (is(args, 1, "setinfo") || is(args, 1, "no-touch") ||
		   is(args, 1, "reply")) {
		reply_status_line(client, "OK");
	} else {
		unknown_subcommand(client, args);
	}
	buf_release(&text);
}

static void cmd_monitor(struct redis_client *client, const struct args *args)
{
	(void)args;
	if (!client->monitoring)
		client->server->monitor_count++;
	client->monitoring = true;
	reply_status_line(client, "OK");
}

/* ---- server ------------------------------------------------------------------------------- */

/* "256mb" and the like; -1 when it is not a size. */
static long long size_in_bytes(const char *text)
{
	static const struct {
		const char *unit;
		long long factor;
	} units[] = {{"", 1}, {"b", 1}, {"k", 1000}, {"kb", 1024}, {"m", 1000000},
		     {"mb", 1 << 20}, {"g", 1000000000}, {"gb", 1 << 30}};
	char *end;
	long long number = strtoll(text, &end, 10);

	for (size_t i = 0; end != text && number >= 0 && i < sizeof(units) / sizeof(*units); i++) {
		if (!strcasecmp(end, units[i].unit))
			return number * units[i].factor;
	}
	return -1;
}

static bool config_set_one(struct redis_client *client, const char *name, const char *value)
{
	struct redis_server *server = client->server;

	if (!strcasecmp(name, "maxmemory-policy")) {
		if (redis_set_policy(server, value))
			return true;
		reply_error(client, "ERR", "CONFIG SET failed (possibly related to argument "
			    "'maxmemory-policy') - argument(s) must be one of the following: "
			    "volatile-lru, volatile-lfu, volatile-random, volatile-ttl, "
			    "allkeys-lru, allkeys-lfu, allkeys-random, noeviction");
		return false;
	}
	if (!strcasecmp(name, "maxmemory")) {
		if (size_in_bytes(value) >= 0) {
			redis_set_maxmemory(server, size_in_bytes(value));
			return true;
		}
		reply_error(client, "ERR", "CONFIG SET failed (possibly related to argument "
			    "'maxmemory') - argument must be a memory value");
		return false;
	}
	if (redis_set_setting(server, name, value))
		return true;
	reply_error(client, "ERR",
		    "Unknown option or number of arguments for CONFIG SET - '%.128s'", name);
	return false;
}

static void config_get(struct redis_client *client, const struct args *args)
{
	const struct redis_server *server = client->server;
	bool chosen[64] = {false};
	size_t count = 0;

	for (size_t s = 0; s < server->setting_count && s < 64; s++) {
		for (int i = 2; i < args->count && !chosen[s]; i++)
			chosen[s] = !fnmatch(args->value[i], server->settings[s].name,
					     FNM_CASEFOLD);
		count += chosen[s];
	}
	reply_array(client, count * 2);
	for (size_t s = 0; s < server->setting_count && s < 64; s++) {
		if (!chosen[s])
			continue;
		reply_text_bulk(client, server->settings[s].name);
		reply_text_bulk(client, server->settings[s].value);
	}
}

static void cmd_config(struct redis_client *client, const struct args *args)
{
	if (is(args, 1, "get") && args->count > 2) {
		config_get(client, args);
	} else if (is(args, 1, "set") && args->count > 3 && args->count % 2 == 0) {
		for (int i = 2; i + 1 < args->count; i += 2) {
			if (!config_set_one(client, args->value[i], args->value[i + 1]))
				return;
		}
		redis_make_room(client->server);
		reply_status_line(client, "OK");
	} else if (is(args, 1, "resetstat")) {
		memset(client->server->errors, 0, sizeof(client->server->errors));
		reply_status_line(client, "OK");
	} else if (is(args, 1, "rewrite")) {
		reply_error(client, "ERR", "The server is running without a config file");
	} else {
		unknown_subcommand(client, args);
	}
}

static void cmd_time(struct redis_client *client, const struct args *args)
{
	int64_t now = when_now_us();
	char text[24];

	(void)args;
	reply_array(client, 2);
	snprintf(text, sizeof(text), "%" PRId64, now / 1000000);
	reply_text_bulk(client, text);
	snprintf(text, sizeof(text), "%" PRId64, now % 1000000);
	reply_text_bulk(client, text);
}

static void cmd_command(struct redis_client *client, const struct args *args)
{
	if (is(args, 1, "count"))
		reply_integer(client, 241);
	else
		reply_array(client, 0);
}

static void cmd_slowlog(struct redis_client *client, const struct args *args)
{
	if (is(args, 1, "len"))
		reply_integer(client, 0);
	else if (is(args, 1, "get"))
		reply_array(client, 0);
	else if (is(args, 1, "reset"))
		reply_status_line(client, "OK");
	else
		unknown_subcommand(client, args);
}

static void cmd_latency(struct redis_client *client, const struct args *args)
{
	if (is(args, 1, "latest") || is(args, 1, "history"))
		reply_array(client, 0);
	else if (is(args, 1, "reset"))
		reply_integer(client, 0);
	else if (is(args, 1, "doctor"))
		reply_text_bulk(client, "Latency monitoring is disabled in this instance.\n");
	else
		unknown_subcommand(client, args);
}

static void cmd_acl(struct redis_client *client, const struct args *args)
{
	if (is(args, 1, "whoami"))
		reply_text_bulk(client, "default");
	else
		unknown_subcommand(client, args);
}

static void cmd_role(struct redis_client *client, const struct args *args)
{
	(void)args;
	reply_array(client, 3);
	reply_text_bulk(client, "master");
	reply_integer(client, 0);
	reply_array(client, 0);
}

/* ---- keys --------------------------------------------------------------------------------- */

static size_t database_size(const struct redis_client *client)
{
	return client->db ? 0 : keys_of(client)->count;
}

static void cmd_dbsize(struct redis_client *client, const struct args *args)
{
	(void)args;
	reply_integer(client, (long long)database_size(client));
}

struct scan {
	const char *match;
	const char *type;
	long count;
};

static bool scan_options(const struct args *args, int from, struct scan *scan)
{
	*scan = (struct scan){.count = 10};
	for (int i = from; i < args->count; i += 2) {
		if (i + 1 >= args->count)
			return false;
		if (is(args, i, "match"))
			scan->match = args->value[i + 1];
		else if (is(args, i, "type"))
			scan->type = args->value[i + 1];
		else if (is(args, i, "count"))
			scan->count = atol(args->value[i + 1]);
		else
			return false;
	}
	return scan->count > 0;
}

static bool scanned(const struct scan *scan, const struct key *key)
{
	return (!scan->match || !fnmatch(scan->match, key->name, 0)) &&
	       (!scan->type || !strcasecmp(scan->type, key_type_name(key->type)));
}

static void cmd_scan(struct redis_client *client, const struct args *args)
{
	struct keyspace *keys = keys_of(client);
	struct buf found = BUF_INIT(8u << 20);
	unsigned long cursor = strtoul(args->value[1], NULL, 10);
	struct scan scan;
	long seen = 0;
	size_t count = 0;
	char text[24];

	if (!scan_options(args, 2, &scan)) {
		syntax_error(client);
		return;
	}
	while (!client->db && cursor < KEY_BUCKETS && seen < scan.count) {
		keyspace_sweep(keys, (unsigned)cursor);
		for (struct key *key = keys->buckets[cursor]; key; key = key->next, seen++) {
			if (!scanned(&scan, key))
				continue;
			buf_printf(&found, "$%zu\r\n%s\r\n", strlen(key->name), key->name);
			count++;
		}
		cursor++;
	}
	if (client->db || cursor >= KEY_BUCKETS)
		cursor = 0;
	reply_array(client, 2);
	snprintf(text, sizeof(text), "%lu", cursor);
	reply_text_bulk(client, text);
	reply_array(client, count);
	if (found.len && buf_append(&client->out, found.data, found.len))
		client->closing = true;
	buf_release(&found);
}

static void cmd_keys(struct redis_client *client, const struct args *args)
{
	struct keyspace *keys = keys_of(client);
	size_t count = 0;

	for (int pass = 0; pass < 2; pass++) {
		if (pass)
			reply_array(client, count);
		for (unsigned b = 0; b < KEY_BUCKETS && !client->db; b++) {
			for (struct key *key = keys->buckets[b]; key; key = key->next) {
				if (fnmatch(args->value[1], key->name, 0))
					continue;
				if (pass)
					reply_text_bulk(client, key->name);
				else
					count++;
			}
		}
	}
}

static struct key *find(const struct redis_client *client, const char *name)
{
	return client->db ? NULL : key_find(keys_of(client), name);
}

static void cmd_type(struct redis_client *client, const struct args *args)
{
	const struct key *key = find(client, args->value[1]);

	reply_status_line(client, key ? key_type_name(key->type) : "none");
}

static void cmd_exists(struct redis_client *client, const struct args *args)
{
	long long count = 0;

	for (int i = 1; i < args->count; i++)
		count += find(client, args->value[i]) != NULL;
	reply_integer(client, count);
}

static void cmd_del(struct redis_client *client, const struct args *args)
{
	long long count = 0;

	for (int i = 1; i < args->count; i++)
		count += find(client, args->value[i]) &&
			 key_remove(keys_of(client), args->value[i]);
	reply_integer(client, count);
}

static void cmd_ttl(struct redis_client *client, const struct args *args)
{
	const struct key *key = find(client, args->value[1]);
	int64_t left;

	if (!key || !key->expires_ms) {
		reply_integer(client, key ? -1 : -2);
		return;
	}
	left = key->expires_ms - when_now_us() / 1000;
	reply_integer(client, is(args, 0, "pttl") ? left : (left + 500) / 1000);
}

static void cmd_expire(struct redis_client *client, const struct args *args)
{
	struct key *key = find(client, args->value[1]);
	int64_t unit = is(args, 0, "pexpire") || is(args, 0, "pexpireat") ? 1 : 1000;
	int64_t at = strtoll(args->value[2], NULL, 10) * unit;

	if (!strcasestr(args->value[0], "at"))
		at += when_now_us() / 1000;
	if (key)
		key_set_expiry(keys_of(client), key, at);
	reply_integer(client, key != NULL);
}

static void cmd_persist(struct redis_client *client, const struct args *args)
{
	struct key *key = find(client, args->value[1]);
	bool had = key && key->expires_ms;

	if (had)
		key_set_expiry(keys_of(client), key, 0);
	reply_integer(client, had);
}

static void cmd_memory(struct redis_client *client, const struct args *args)
{
	const struct key *key;

	if (is(args, 1, "usage") && args->count >= 3) {
		key = find(client, args->value[2]);
		if (key)
			reply_integer(client, (long long)key->bytes);
		else
			reply_null(client);
	} else if (is(args, 1, "doctor")) {
		reply_text_bulk(client, "Sam, I can't find any memory issue in your instance.\n");
	} else if (is(args, 1, "purge")) {
		reply_status_line(client, "OK");
	} else {
		unknown_subcommand(client, args);
	}
}

static const char *encoding(const struct key *key)
{
	static const char *const small[KEY_TYPES] = {"embstr", "listpack", "listpack",
						     "listpack", "listpack"};
	static const char *const large[KEY_TYPES] = {"raw", "quicklist", "hashtable",
						     "hashtable", "skiplist"};
	bool big = key->type == KEY_STRING ? key->length > 44 : key->length > 128;

	return (big ? large : small)[key->type];
}

static void cmd_object(struct redis_client *client, const struct args *args)
{
	const struct key *key = args->count > 2 ? find(client, args->value[2]) : NULL;

	if (!key)
		reply_null(client);
	else if (is(args, 1, "encoding"))
		reply_text_bulk(client, encoding(key));
	else if (is(args, 1, "idletime"))
		reply_integer(client, (when_now_us() / 1000 - key->used_ms) / 1000);
	else if (is(args, 1, "refcount"))
		reply_integer(client, 1);
	else if (is(args, 1, "freq"))
		reply_error(client, "ERR", "An LFU maxmemory policy is not selected, access "
			    "frequency not tracked.");
	else
		unknown_subcommand(client, args);
}

static void cmd_randomkey(struct redis_client *client, const struct args *args)
{
	unsigned start = world_random(KEY_BUCKETS);

	(void)args;
	for (unsigned n = 0; n < KEY_BUCKETS && !client->db; n++) {
		const struct key *key = keys_of(client)->buckets[(start + n) % KEY_BUCKETS];

		if (key) {
			reply_text_bulk(client, key->name);
			return;
		}
	}
	reply_null(client);
}

/* ---- the table ---------------------------------------------------------------------------- */

static const struct command commands[] = {
	{"acl", -2, 0, cmd_acl},
	{"append", 3, CMD_WRITE | CMD_GROWS, cmd_set},
	{"auth", -2, 0, cmd_auth},
	{"client", -2, 0, cmd_client},
	{"command", -1, 0, cmd_command},
	{"config", -2, 0, cmd_config},
	{"dbsize", 1, 0, cmd_dbsize},
	{"del", -2, CMD_WRITE, cmd_del},
	{"echo", 2, 0, cmd_echo},
	{"exists", -2, 0, cmd_exists},
	{"expire", -3, CMD_WRITE, cmd_expire},
	{"expireat", -3, CMD_WRITE, cmd_expire},
	{"get", 2, 0, cmd_get},
	{"hello", -1, 0, cmd_hello},
	{"hget", 3, 0, cmd_hget},
	{"hgetall", 2, 0, cmd_hgetall},
	{"hkeys", 2, 0, cmd_hgetall},
	{"hlen", 2, 0, cmd_length},
	{"hscan", -3, 0, cmd_subscan},
	{"hset", -4, CMD_WRITE | CMD_GROWS, cmd_hset},
	{"hvals", 2, 0, cmd_hgetall},
	{"incr", 2, CMD_WRITE | CMD_GROWS, cmd_incr},
	{"incrby", 3, CMD_WRITE | CMD_GROWS, cmd_incr},
	{"info", -1, 0, redis_info},
	{"keys", 2, 0, cmd_keys},
	{"latency", -2, 0, cmd_latency},
	{"llen", 2, 0, cmd_length},
	{"lpop", 2, CMD_WRITE, cmd_pop},
	{"lpush", -3, CMD_WRITE | CMD_GROWS, cmd_push},
	{"lrange", 4, 0, cmd_range},
	{"memory", -2, 0, cmd_memory},
	{"mget", -2, 0, cmd_mget},
	{"monitor", 1, 0, cmd_monitor},
	{"object", -2, 0, cmd_object},
	{"persist", 2, CMD_WRITE, cmd_persist},
	{"pexpire", -3, CMD_WRITE, cmd_expire},
	{"ping", -1, 0, cmd_ping},
	{"psetex", 4, CMD_WRITE | CMD_GROWS, cmd_setex},
	{"pttl", 2, 0, cmd_ttl},
	{"quit", -1, 0, cmd_quit},
	{"randomkey", 1, 0, cmd_randomkey},
	{"readonly", 1, 0, cmd_ok},
	{"role", 1, 0, cmd_role},
	{"rpop", 2, CMD_WRITE, cmd_pop},
	{"rpush", -3, CMD_WRITE | CMD_GROWS, cmd_push},
	{"sadd", -3, CMD_WRITE | CMD_GROWS, cmd_add},
	{"scan", -2, 0, cmd_scan},
	{"scard", 2, 0, cmd_length},
	{"select", 2, 0, cmd_select},
	{"set", -3, CMD_WRITE | CMD_GROWS, cmd_set},
	{"setex", 4, CMD_WRITE | CMD_GROWS, cmd_setex},
	{"slowlog", -2, 0, cmd_slowlog},
	{"smembers", 2, 0, cmd_members},
	{"sscan", -3, 0, cmd_subscan},
	{"strlen", 2, 0, cmd_length},
	{"time", 1, 0, cmd_time},
	{"ttl", 2, 0, cmd_ttl},
	{"type", 2, 0, cmd_type},
	{"unlink", -2, CMD_WRITE, cmd_del},
	{"xlen", 2, 0, cmd_length},
	{"zadd", -4, CMD_WRITE | CMD_GROWS, cmd_zadd},
	{"zcard", 2, 0, cmd_length},
	{"zcount", 4, 0, cmd_zcount},
	{"zrange", -4, 0, cmd_range},
	{"zrangebyscore", -4, 0, cmd_zrangebyscore},
	{"zscan", -3, 0, cmd_subscan},
	{"zscore", 3, 0, cmd_zscore},
};

static const struct command *lookup(const char *name)
{
	size_t low = 0, high = sizeof(commands) / sizeof(*commands);

	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = strcasecmp(name, commands[mid].name);

		if (!order)
			return &commands[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

/* What a client changed, for the parent: the command, cut where it gets long. */
static void tell(struct redis_client *client, const struct args *args)
{
	struct buf text = BUF_INIT(512);
	int shown = args->count > 6 ? 6 : args->count;

	for (int i = 0; i < shown; i++)
		buf_printf(&text, "%s%.60s", i ? " " : "", args->value[i]);
	if (shown < args->count)
		buf_printf(&text, " (%d more)", args->count - shown);
	world_say(client->server->world, "write",
		  json_pack("{s:s, s:s}", "system", "redis", "what", text.data));
	buf_release(&text);
}

static void unknown_command(struct redis_client *client, const struct args *args)
{
	struct buf text = BUF_INIT(400);

	for (int i = 1; i < args->count; i++)
		buf_printf(&text, "'%.100s' ", args->value[i]);
	reply_error(client, "ERR", "unknown command '%.128s', with args beginning with: %s",
		    args->value[0], text.data ? text.data : "");
	buf_release(&text);
}

void redis_execute(struct redis_client *client, const struct args *args)
{
	struct redis_server *server = client->server;
	const struct command *command = lookup(args->value[0]);

	server->commands++;
	server->ops_window[server->ops_at]++;
	client->active_ms = when_now_us() / 1000;
	snprintf(client->last_command, sizeof(client->last_command), "%s", args->value[0]);
	if (!command) {
		unknown_command(client, args);
		return;
	}
	if ((command->arity > 0 && args->count != command->arity) ||
	    args->count < -command->arity) {
		reply_error(client, "ERR", "wrong number of arguments for '%s' command",
			    command->name);
		return;
	}
	if (command->run != cmd_monitor)
		redis_feed_monitors(server, client->address, args);
	if ((command->flags & CMD_GROWS) && !redis_make_room(server)) {
		reply_error(client, "OOM",
			    "command not allowed when used memory > 'maxmemory'.");
		return;
	}
	command->run(client, args);
	if (command->flags & CMD_WRITE)
		server->writes_since_save++;
	if ((command->flags & CMD_WRITE) || (command->run == cmd_config && is(args, 1, "set")))
		tell(client, args);
}

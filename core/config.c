/* core/config.c: see config.h */
#include "core/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fnmatch.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/model/hosts.h"
#include "core/schema.h"
#include "core/yaml.h"

void strlist_add(struct strlist *list, const char *text)
{
	list->items = xreallocarray(list->items, list->len + 1, sizeof(*list->items));
	list->items[list->len++] = xstrdup(text);
}

void strlist_release(struct strlist *list)
{
	while (list->len > 0)
		free(list->items[--list->len]);
	free(list->items);
	list->items = NULL;
}

bool strlist_has(const struct strlist *list, const char *text)
{
	size_t i;

	for (i = 0; i < list->len; i++)
		if (!strcmp(list->items[i], text))
			return true;
	return false;
}

void config_init(struct config *config)
{
	memset(config, 0, sizeof(*config));
	schema_defaults(&config_schema, config);
}

static int secret_sources(const struct config_secret *secret)
{
	return !!secret->env + !!secret->file + (secret->command.len > 0);
}

static int check_redis(const struct config_redis *redis, const char *path, struct err *err)
{
	const char *host, *at, *colon;

	if (secret_sources(&redis->password) > 1)
		return err_set(err, -EINVAL, "%s: redis.password: give one of env, file and "
			       "command", path);
	if (redis->scan_load <= 0 || redis->scan_load > 1)
		return err_set(err, -EINVAL, "%s: redis.scan_load: expected more than 0 and at "
			       "most 1", path);
	if (redis->scan_count < 1 || redis->scan_count > 10000)
		return err_set(err, -EINVAL, "%s: redis.scan_count: expected 1 to 10000", path);
	if (redis->scan_ttl_every < 1)
		return err_set(err, -EINVAL, "%s: redis.scan_ttl_every: expected 1 or more", path);
	if (!redis->url)
		return 0;
	if (strncmp(redis->url, "redis://", 8) && strncmp(redis->url, "rediss://", 9))
		return err_set(err, -EINVAL, "%s: redis.url: expected redis:// or rediss://", path);
	host = strstr(redis->url, "://") + 3;
	at = strchr(host, '@');
	colon = strchr(host, ':');
	if (at && colon && colon < at)
		return err_set(err, -EINVAL, "%s: redis.url holds a password; put it in a file or "
			       "the environment and name that under redis.password", path);
	return 0;
}

/* What ends up within an SQL text as a name: letters, digits, '_', and a dot between two. */
static bool is_sql_name(const char *name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	return !name || (name[0] && !name[strspn(name, letters)]);
}

static int check_postgres_url(const char *key, const char *url, const char *path, struct err *err)
{
	const char *rest = url ? strstr(url, "://") : NULL, *at, *colon;

	if (!url)
		return 0;
	if (rest && strncmp(url, "postgres://", 11) && strncmp(url, "postgresql://", 13))
		return err_set(err, -EINVAL, "%s: postgres.%s: expected a host or postgres://...",
			       path, key);
	rest = rest ? rest + 3 : url;
	at = strchr(rest, '@');
	colon = strchr(rest, ':');
	if (at && colon && colon < at)
		return err_set(err, -EINVAL, "%s: postgres.%s holds a password; put it in a file or "
			       "the environment and name that under postgres.password", path, key);
	return 0;
}

static int check_postgres(const struct config_postgres *pg, const char *path, struct err *err)
{
	size_t i;

	if (secret_sources(&pg->password) > 1)
		return err_set(err, -EINVAL, "%s: postgres.password: give one of env, file and "
			       "command", path);
	if (pg->every_ms < 5000)
		return err_set(err, -EINVAL, "%s: postgres.every: expected at least 5s: each look "
			       "is a new connection", path);
	if (pg->timeout_ms < 1000 || pg->statement_timeout_ms < 100)
		return err_set(err, -EINVAL, "%s: postgres.timeout: expected at least 1s, and "
			       "statement_timeout at least 100ms", path);
	if (pg->wake_budget < 0 || pg->wake_budget > 240)
		return err_set(err, -EINVAL, "%s: postgres.wake_budget: expected 0 to 240", path);
	if (!is_sql_name(pg->goose_table) || !is_sql_name(pg->migration_lock_table))
		return err_set(err, -EINVAL, "%s: postgres.goose_table, migration_lock_table: "
			       "expected a table's name, such as goose_db_version", path);
	for (i = 0; i < pg->housekeepers.len; i++)
		if (!is_sql_name(pg->housekeepers.items[i]))
			return err_set(err, -EINVAL, "%s: postgres.housekeepers: expected users' "
				       "names", path);
	if (check_postgres_url("direct", pg->direct, path, err) ||
	    check_postgres_url("pooler", pg->pooler, path, err))
		return -EINVAL;
	return 0;
}

static int check_logsigns(const struct config *config, const char *path, struct err *err)
{
	size_t i;

	for (i = 0; i < config->nlogsigns; i++) {
		regex_t regex;
		char text[128];
		int rc = regcomp(&regex, config->logsigns[i].pattern, REG_EXTENDED | REG_NOSUB);

		if (rc) {
			regerror(rc, &regex, text, sizeof(text));
			return err_set(err, -EINVAL, "%s: log_signs: %s: %s", path,
				       config->logsigns[i].name, text);
		}
		regfree(&regex);
	}
	return 0;
}

static bool is_http(const char *url)
{
	return !strncmp(url, "http://", 7) || !strncmp(url, "https://", 8);
}

/* What ssh takes as a name; nothing in it means something to a shell. */
static bool is_plain_word(const char *text)
{
	return text[0] && text[0] != '-' &&
	       !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				  "._-:@[]%")];
}

static int check_ssh(const struct config_ssh *ssh, const char *path, struct err *err)
{
	for (size_t i = 0; i < ssh->nhosts; i++) {
		const struct config_ssh_host *host = &ssh->hosts[i];
		const char *name = host->host ? host->host : host->node;

		if (!is_plain_word(name))
			return err_set(err, -EINVAL, "%s:%d: ssh: hosts: expected a name as ssh "
				       "takes it, not '%.100s'", path, host->line, name);
	}
	for (size_t i = 0; i < ssh->reach.len; i++) {
		const char *target = ssh->reach.items[i], *colon = strrchr(target, ':');

		if (!is_plain_word(target) || !colon || colon == target || !colon[1] ||
		    colon[1 + strspn(colon + 1, "0123456789")])
			return err_set(err, -EINVAL, "%s: ssh: reach: expected ADDRESS:PORT, not "
				       "'%.100s'", path, target);
	}
	if (ssh->reach.len > HOST_REACH_MAX)
		return err_set(err, -EINVAL, "%s: ssh: reach: expected at most %d addresses", path,
			       HOST_REACH_MAX);
	if (ssh->nhosts && ssh->every_ms < 5000)
		return err_set(err, -EINVAL, "%s: ssh: every: expected at least 5s", path);
	return 0;
}

/* What can stand in a URL's path as it is. */
static bool is_plain_path(const char *path)
{
	for (; *path; path++)
		if (*path <= ' ' || *path == '#' || *path == '?' || *path == '\\' || *path == 127)
			return false;
	return true;
}

static int check_reach(const struct config_reach *reach, const char *path, struct err *err)
{
	for (size_t i = 0; i < reach->npods; i++) {
		const struct config_reach_pods *pods = &reach->pods[i];

		if (pods->port < 1 || pods->port > 65535)
			return err_set(err, -EINVAL, "%s:%d: kube: pod_reach: port: expected 1 to 65535",
				       path, pods->line);
		if (!is_plain_path(pods->path))
			return err_set(err, -EINVAL, "%s:%d: kube: pod_reach: path: expected a path such "
				       "as /healthz, not '%.100s'", path, pods->line, pods->path);
	}
	if (reach->npods && (reach->every_ms < 5000 || reach->timeout_ms < 1000 ||
			     reach->timeout_ms > 25000))
		return err_set(err, -EINVAL, "%s: kube: pod_reach: expected every of at least 5s and "
			       "timeout of 1s to 25s", path);
	if (reach->npods && (reach->per_minute < 1 || reach->per_minute > 600))
		return err_set(err, -EINVAL, "%s: kube: pod_reach: per_minute: expected 1 to 600", path);
	return 0;
}

static int check_vendor(const struct config *config, size_t at, const char *path, struct err *err)
{
	const struct config_vendor *vendor = &config->vendors[at];
	const char *urls[] = {vendor->url, vendor->fallback, vendor->pop_url};
	size_t i;

	for (i = 0; i < sizeof(urls) / sizeof(urls[0]) + vendor->also.len; i++) {
		const char *url = i < 3 ? urls[i] : vendor->also.items[i - 3];

		if (url && !is_http(url))
			return err_set(err, -EINVAL, "%s:%d: vendors: %s: expected http:// or "
				       "https://, not '%.100s'", path, vendor->line, vendor->name,
				       url);
	}
	for (i = 0; i < at; i++)
		if (!strcmp(config->vendors[i].name, vendor->name))
			return err_set(err, -EINVAL, "%s:%d: vendors: there are two called %s",
				       path, vendor->line, vendor->name);
	if (vendor->every_ms < 10000)
		return err_set(err, -EINVAL, "%s:%d: vendors: %s: every: expected at least 10s: a "
			       "status page is everyone's", path, vendor->line, vendor->name);
	return 0;
}

static int check_vendors(const struct config *config, const char *path, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < config->nvendors && !rc; i++)
		rc = check_vendor(config, i, path, err);
	return rc;
}

static bool fits_kind(const struct config_probe *probe)
{
	const char *kind = config_probe_kinds[probe->kind], *url = probe->url;

	if (!strcmp(kind, "dns"))
		return probe->host && probe->host[0] &&
		       !probe->host[strspn(probe->host, "abcdefghijklmnopqrstuvwxyz"
					   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")];
	if (!url)
		return false;
	if (!strcmp(kind, "smtp"))
		return !strncmp(url, "smtp://", 7) || !strncmp(url, "smtps://", 8);
	if (!strcmp(kind, "tcp"))
		return !strncmp(url, "tcp://", 6) && strchr(url + 6, ':');
	return is_http(url);
}

static const char *fitting(const struct config_probe *probe)
{
	const char *kind = config_probe_kinds[probe->kind];

	if (!strcmp(kind, "dns"))
		return "host: a name";
	if (!strcmp(kind, "smtp"))
		return "url: smtp:// or smtps://";
	return strcmp(kind, "tcp") ? "url: http:// or https://" : "url: tcp://host:port";
}

static int check_probe(const struct config *config, size_t at, const char *path, struct err *err)
{
	const struct config_probe *probe = &config->probes[at];
	size_t i;

	if (!fits_kind(probe))
		return err_set(err, -EINVAL, "%s:%d: probes: %s: %s needs %s", path, probe->line,
			       probe->name, config_probe_kinds[probe->kind], fitting(probe));
	if (secret_sources(&probe->bearer) > 1)
		return err_set(err, -EINVAL, "%s:%d: probes: %s: bearer: give one of env, file and "
			       "command", path, probe->line, probe->name);
	if (probe->every_ms < 1000 || probe->timeout_ms < 100)
		return err_set(err, -EINVAL, "%s:%d: probes: %s: expected every of at least 1s and "
			       "timeout of at least 100ms", path, probe->line, probe->name);
	for (i = 0; i < probe->expect.len; i++)
		if (!config_in_range(probe->expect.items[i], NULL))
			return err_set(err, -EINVAL, "%s:%d: probes: %s: expect: expected a range "
				       "like 10.0.0.0/8, not '%.60s'", path, probe->line,
				       probe->name, probe->expect.items[i]);
	for (i = 0; i < probe->resolvers.len; i++)
		if (strcmp(probe->resolvers.items[i], "system") &&
		    !is_http(probe->resolvers.items[i]))
			return err_set(err, -EINVAL, "%s:%d: probes: %s: resolvers: expected system "
				       "or a URL, not '%.60s'", path, probe->line, probe->name,
				       probe->resolvers.items[i]);
	for (i = 0; i < at; i++)
		if (!strcmp(config->probes[i].name, probe->name))
			return err_set(err, -EINVAL, "%s:%d: probes: there are two called %s", path,
				       probe->line, probe->name);
	return 0;
}

static int check_probes(const struct config *config, const char *path, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < config->nprobes && !rc; i++)
		rc = check_probe(config, i, path, err);
	return rc;
}

bool config_in_range(const char *range, const char *address)
{
	unsigned char net[16], host[16];
	int family = strchr(range, ':') ? AF_INET6 : AF_INET;
	int most = family == AF_INET ? 32 : 128, bits = most, bytes;
	const char *slash = strchr(range, '/');
	char text[INET6_ADDRSTRLEN], *end;

	if (slash) {
		bits = (int)strtol(slash + 1, &end, 10);
		if (end == slash + 1 || *end || bits < 0 || bits > most)
			return false;
	}
	snprintf(text, sizeof(text), "%.*s", (int)(slash ? slash - range : (int)sizeof(text)), range);
	if (inet_pton(family, text, net) != 1)
		return false;
	if (!address)
		return true;
	if (inet_pton(family, address, host) != 1)
		return false;
	bytes = bits / 8;
	if (memcmp(net, host, (size_t)bytes))
		return false;
	return bits % 8 == 0 || (net[bytes] ^ host[bytes]) >> (8 - bits % 8) == 0;
}

int config_load(struct config *config, const char *path, struct err *err)
{
	struct yaml yaml;
	int rc = yaml_load_file(&yaml, path, err);

	memset(config, 0, sizeof(*config));
	if (rc)
		return rc;
	rc = schema_read(&config_schema, &yaml, &yaml.root, config, err);
	yaml_release(&yaml);
	if (!rc)
		rc = check_redis(&config->redis, path, err);
	if (!rc)
		rc = check_ssh(&config->ssh, path, err);
	if (!rc)
		rc = check_reach(&config->kube.reach, path, err);
	if (!rc)
		rc = check_vendors(config, path, err);
	if (!rc)
		rc = check_probes(config, path, err);
	if (!rc)
		rc = check_postgres(&config->postgres, path, err);
	if (!rc)
		rc = check_logsigns(config, path, err);
	if (rc) {
		config_release(config);
		return rc;
	}
	config->path = xstrdup(path);
	return 0;
}

void config_release(struct config *config)
{
	schema_release(&config_schema, config);
	free(config->path);
	config->path = NULL;
}

char *config_default_path(void)
{
	const char *base = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	char *path;

	if (base && base[0])
		path = xasprintf("%s/sitrep/config.yaml", base);
	else if (home && home[0])
		path = xasprintf("%s/.config/sitrep/config.yaml", home);
	else
		return NULL;
	if (!access(path, F_OK))
		return path;
	free(path);
	return NULL;
}

const char *config_via_name(const struct config_via *via)
{
	const struct config_via_kubernetes *kubernetes = &via->kubernetes;

	if (kubernetes->service || kubernetes->pod || kubernetes->selector)
		return "kubernetes";
	return via->ssh.host ? "ssh" : NULL;
}

bool config_glob(const char *pattern, const char *text)
{
	return fnmatch(pattern, text, 0) == 0;
}

static bool any_glob(const struct strlist *globs, const char *text)
{
	size_t i;

	for (i = 0; i < globs->len; i++)
		if (config_glob(globs->items[i], text))
			return true;
	return false;
}

bool config_in_scope(const struct config *config, const char *verb, const char *target)
{
	size_t i;

	for (i = 0; i < config->nscope; i++)
		if (any_glob(&config->scope[i].verbs, verb) &&
		    any_glob(&config->scope[i].targets, target))
			return !config->scope[i].deny;
	return config->nscope == 0;
}

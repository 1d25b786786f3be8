/* core/config_check.c: see config_check.h */
#include "core/config_check.h"

#include <errno.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/model/hosts.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

struct check {
	const struct yaml *yaml;
	struct err *err;
};

/* The node of "probes[2].url"; what isn't written, is its parent. */
static const struct yaml_node *node_at(const struct yaml *yaml, const char *path)
{
	const struct yaml_node *node = &yaml->root, *next;
	char key[80];
	char *end;
	size_t len, at;

	while (*path) {
		if (*path == '[') {
			at = strtoul(path + 1, &end, 10);
			path = end + 1;
			next = node->kind == YAML_LIST && at < node->len ? &node->items[at] : NULL;
		} else {
			path += *path == '.';
			len = strcspn(path, ".[");
			snprintf(key, sizeof(key), "%.*s", (int)len, path);
			path += len;
			next = node->kind == YAML_MAP ? yaml_get(node, key) : NULL;
		}
		if (!next)
			return node;
		node = next;
	}
	return node;
}

/* path: as for node_at(). The rest says what was expected there. */
__attribute__((format(printf, 3, 4)))
static int wrong(const struct check *check, const char *path, const char *format, ...)
{
	const struct yaml_node *node = node_at(check->yaml, path);
	char text[300];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return err_set(check->err, -EINVAL, "%s:%d:%d: %s: %s", check->yaml->file, node->line,
		       node->column, path, text);
}

/* "probes[2].url" */
static const char *item(char path[80], const char *list, size_t at, const char *key)
{
	snprintf(path, 80, "%s[%zu]%s%s", list, at, key[0] ? "." : "", key);
	return path;
}

static int check_secret(const struct check *check, const struct config_secret *secret,
			const char *path)
{
	if (!!secret->env + !!secret->file + (secret->command.len > 0) > 1)
		return wrong(check, path, "expected only one of env, file and command");
	return 0;
}

/* "host", "host:443", "[fd00::1]:443", of that many bytes. */
static bool is_place(const char *text, size_t len, bool wants_port)
{
	const char *close = len && text[0] == '[' ? memchr(text, ']', len) : NULL;
	const char *from = close ? close + 1 : text;
	const char *colon = memchr(from, ':', len - (size_t)(from - text)), *end = text + len;
	size_t host = colon ? (size_t)(colon - text) : len, i;
	long port = 0;

	if (close ? close == text + 1 || (colon ? colon : end) != close + 1 : !host)
		return false;
	for (i = 0; i < host; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 127 || (text[i] == '[' && i))
			return false;
	if (!close && text[0] == '[')
		return false;
	if (!colon)
		return !wants_port;
	for (i = host + 1; i < len && text[i] >= '0' && text[i] <= '9' && port < 65536; i++)
		port = port * 10 + (text[i] - '0');
	return i == len && port >= 1 && port <= 65535;
}

/* What follows the scheme. Whatever stands before an @ would be on the screen. */
static int check_place(const struct check *check, const char *path, const char *rest,
		       bool wants_port)
{
	size_t len = strcspn(rest, "/?#");

	if (memchr(rest, '@', len))
		return wrong(check, path, "expected no user and no password in it: it is shown");
	if (!is_place(rest, len, wants_port))
		return wrong(check, path, "expected a host and %s port of 1 to 65535 after ://",
			     wants_port ? "a" : "perhaps a");
	return 0;
}

/* "user:password@" in a URL; the message must not repeat it. */
static int check_no_password(const struct check *check, const char *rest, const char *path,
			     const char *instead)
{
	const char *at = strchr(rest, '@'), *colon = strchr(rest, ':');

	if (at && colon && colon < at)
		return wrong(check, path, "expected no password here; put it in a file or the "
			     "environment and name that under %s", instead);
	return 0;
}

/* The host and port of a URL that may name a user. */
static int check_server(const struct check *check, const char *rest, const char *path)
{
	size_t len = strcspn(rest, "/?");
	const char *at = memrchr(rest, '@', len);
	const char *from = at ? at + 1 : rest;

	if (!is_place(from, len - (size_t)(from - rest), false))
		return wrong(check, path, "expected a host and perhaps a port of 1 to 65535");
	return 0;
}

static int check_via(const struct check *check, const struct config_via *via)
{
	const struct config_via_kubernetes *kubernetes = &via->kubernetes;
	int named = !!kubernetes->service + !!kubernetes->pod + !!kubernetes->selector;
	bool begun = node_at(check->yaml, "redis.via.kubernetes") !=
		     node_at(check->yaml, "redis.via");

	if (begun && via->ssh.host)
		return wrong(check, "redis.via", "expected only one of kubernetes and ssh");
	if (begun && named != 1)
		return wrong(check, "redis.via.kubernetes", "expected one of service, pod and "
			     "selector");
	if (kubernetes->port < 0 || kubernetes->port > 65535)
		return wrong(check, "redis.via.kubernetes.port", "expected 1 to 65535");
	return 0;
}

static int check_redis(const struct check *check, const struct config_redis *redis)
{
	const char *url = redis->url;

	if (check_secret(check, &redis->password, "redis.password"))
		return -EINVAL;
	if (redis->scan_load <= 0 || redis->scan_load > 1)
		return wrong(check, "redis.scan_load", "expected more than 0 and at most 1, not %g",
			     redis->scan_load);
	if (redis->scan_count < 1 || redis->scan_count > 10000)
		return wrong(check, "redis.scan_count", "expected 1 to 10000");
	if (redis->scan_ttl_every < 1)
		return wrong(check, "redis.scan_ttl_every", "expected 1 or more");
	if (redis->npatterns > 8)
		return wrong(check, "redis.patterns", "expected at most 8");
	if (!url)
		return 0;
	if (strncmp(url, "redis://", 8) && strncmp(url, "rediss://", 9))
		return wrong(check, "redis.url", "expected redis:// or rediss://");
	return check_no_password(check, strstr(url, "://") + 3, "redis.url", "redis.password") ||
	       check_server(check, strstr(url, "://") + 3, "redis.url")
	       ? -EINVAL : check_via(check, &redis->via);
}

/* What ends up within an SQL text as a name: letters, digits, '_', and a dot between two. */
static bool is_sql_name(const char *name)
{
	return !name || (name[0] && !name[strspn(name, LETTERS "_.-")]);
}

static int check_postgres_url(const struct check *check, const char *path, const char *url)
{
	const char *rest = url ? strstr(url, "://") : NULL;

	if (!url)
		return 0;
	if (rest && strncmp(url, "postgres://", 11) && strncmp(url, "postgresql://", 13))
		return wrong(check, path, "expected a host or postgres://...");
	rest = rest ? rest + 3 : url;
	if (check_no_password(check, rest, path, "postgres.password"))
		return -EINVAL;
	if (strchr(rest, '?'))
		return wrong(check, path, "expected nothing behind a '?': TLS and time limits have "
			     "keys of their own");
	return check_server(check, rest, path);
}

static int check_postgres_names(const struct check *check, const struct config_postgres *pg)
{
	char path[80];
	size_t i;

	if (!is_sql_name(pg->goose_table))
		return wrong(check, "postgres.goose_table", "expected a table's name, such as "
			     "goose_db_version, not '%.60s'", pg->goose_table);
	if (!is_sql_name(pg->migration_lock_table))
		return wrong(check, "postgres.migration_lock_table", "expected a table's name, "
			     "not '%.60s'", pg->migration_lock_table);
	for (i = 0; i < pg->housekeepers.len; i++)
		if (!is_sql_name(pg->housekeepers.items[i]))
			return wrong(check, item(path, "postgres.housekeepers", i, ""),
				     "expected a user's name, not '%.60s'",
				     pg->housekeepers.items[i]);
	return 0;
}

static int check_postgres(const struct check *check, const struct config_postgres *pg)
{
	if (check_secret(check, &pg->password, "postgres.password"))
		return -EINVAL;
	if (pg->every_ms < 5000)
		return wrong(check, "postgres.every", "expected at least 5s: each look is a new "
			     "connection");
	if (pg->timeout_ms < 1000)
		return wrong(check, "postgres.timeout", "expected at least 1s");
	if (pg->statement_timeout_ms < 100)
		return wrong(check, "postgres.statement_timeout", "expected at least 100ms");
	if (pg->wake_budget < 0 || pg->wake_budget > 240)
		return wrong(check, "postgres.wake_budget", "expected 0 to 240");
	if (check_postgres_names(check, pg) ||
	    check_postgres_url(check, "postgres.direct", pg->direct))
		return -EINVAL;
	return check_postgres_url(check, "postgres.pooler", pg->pooler);
}

static int check_logsigns(const struct check *check, const struct config *config)
{
	char path[80], text[128];
	size_t i;

	for (i = 0; i < config->nlogsigns; i++) {
		const struct config_logsign *sign = &config->logsigns[i];
		regex_t regex;
		int rc = regcomp(&regex, sign->pattern, REG_EXTENDED | REG_NOSUB);

		if (rc) {
			regerror(rc, &regex, text, sizeof(text));
			return wrong(check, item(path, "log_signs", i, "pattern"),
				     "expected a regular expression, not '%.60s': %s",
				     sign->pattern, text);
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
	return text[0] && text[0] != '-' && !text[strspn(text, LETTERS "._-:@[]%")];
}

static int check_ssh(const struct check *check, const struct config_ssh *ssh)
{
	char path[80];

	for (size_t i = 0; i < ssh->nhosts; i++) {
		const struct config_ssh_host *host = &ssh->hosts[i];
		const char *name = host->host ? host->host : host->node;

		if (!is_plain_word(name))
			return wrong(check, item(path, "ssh.hosts", i, host->host ? "host" : "node"),
				     "expected a name as ssh takes it, not '%.100s'", name);
	}
	for (size_t i = 0; i < ssh->reach.len; i++) {
		const char *target = ssh->reach.items[i], *colon = strrchr(target, ':');

		if (!is_plain_word(target) || !colon || colon == target || !colon[1] ||
		    colon[1 + strspn(colon + 1, "0123456789")])
			return wrong(check, item(path, "ssh.reach", i, ""),
				     "expected ADDRESS:PORT, not '%.100s'", target);
	}
	if (ssh->reach.len > HOST_REACH_MAX)
		return wrong(check, "ssh.reach", "expected at most %d addresses", HOST_REACH_MAX);
	if (ssh->nhosts && ssh->every_ms < 5000)
		return wrong(check, "ssh.every", "expected at least 5s");
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

static int check_reach(const struct check *check, const struct config_reach *reach)
{
	char path[80];

	for (size_t i = 0; i < reach->npods; i++) {
		const struct config_reach_pods *pods = &reach->pods[i];

		if (pods->port < 1 || pods->port > 65535)
			return wrong(check, item(path, "kube.pod_reach.pods", i, "port"),
				     "expected 1 to 65535");
		if (!is_plain_path(pods->path))
			return wrong(check, item(path, "kube.pod_reach.pods", i, "path"),
				     "expected a path such as /healthz, not '%.100s'", pods->path);
	}
	if (!reach->npods)
		return 0;
	if (reach->every_ms < 5000)
		return wrong(check, "kube.pod_reach.every", "expected at least 5s");
	if (reach->timeout_ms < 1000 || reach->timeout_ms > 25000)
		return wrong(check, "kube.pod_reach.timeout", "expected 1s to 25s");
	if (reach->per_minute < 1 || reach->per_minute > 600)
		return wrong(check, "kube.pod_reach.per_minute", "expected 1 to 600");
	return 0;
}

/* "namespace/name:port", as it stands in a URL's path. */
static bool is_service(const char *text)
{
	size_t ns = strspn(text, LETTERS "-."), name, port;

	if (!ns || text[ns] != '/')
		return false;
	text += ns + 1;
	name = strspn(text, LETTERS "-.");
	if (!name || text[0] == '.' || text[name] != ':')
		return false;
	port = strspn(text + name + 1, LETTERS "-");
	return port && !text[name + 1 + port];
}

static int check_apps(const struct check *check, const struct config *config)
{
	char path[80];
	size_t i;

	for (i = 0; i < config->napps; i++) {
		const struct config_app *app = &config->apps[i];

		if (!app->service == !app->url)
			return wrong(check, item(path, "app_metrics", i, "name"),
				     "%s: expected either service or url", app->name);
		if (app->service && !is_service(app->service))
			return wrong(check, item(path, "app_metrics", i, "service"),
				     "expected namespace/name:port, not '%.80s'", app->service);
		if (app->url && !is_http(app->url))
			return wrong(check, item(path, "app_metrics", i, "url"),
				     "expected http:// or https://, not '%.100s'", app->url);
		if (app->url && check_place(check, item(path, "app_metrics", i, "url"),
					    strstr(app->url, "://") + 3, false))
			return -EINVAL;
		if (app->url && app->every_ms < 1000)
			return wrong(check, item(path, "app_metrics", i, "every"),
				     "expected at least 1s");
		if (check_secret(check, &app->bearer, item(path, "app_metrics", i, "bearer")))
			return -EINVAL;
	}
	return 0;
}

static int check_vendor_urls(const struct check *check, const struct config_vendor *vendor,
			     size_t at)
{
	const char *const keys[] = {"url", "fallback", "pop_url"};
	const char *const urls[] = {vendor->url, vendor->fallback, vendor->pop_url};
	char path[80], also[32];
	size_t i;

	for (i = 0; i < 3; i++)
		if (urls[i] && !is_http(urls[i]))
			return wrong(check, item(path, "vendors", at, keys[i]),
				     "expected http:// or https://, not '%.100s'", urls[i]);
		else if (urls[i] && check_place(check, item(path, "vendors", at, keys[i]),
						strstr(urls[i], "://") + 3, false))
			return -EINVAL;
	for (i = 0; i < vendor->also.len; i++) {
		snprintf(also, sizeof(also), "also[%zu]", i);
		if (!is_http(vendor->also.items[i]))
			return wrong(check, item(path, "vendors", at, also),
				     "expected http:// or https://, not '%.100s'",
				     vendor->also.items[i]);
		if (check_place(check, item(path, "vendors", at, also),
				strstr(vendor->also.items[i], "://") + 3, false))
			return -EINVAL;
	}
	return 0;
}

static int check_vendors(const struct check *check, const struct config *config)
{
	char path[80];
	size_t at, i;

	for (at = 0; at < config->nvendors; at++) {
		const struct config_vendor *vendor = &config->vendors[at];

		if (check_vendor_urls(check, vendor, at))
			return -EINVAL;
		if (vendor->every_ms < 10000)
			return wrong(check, item(path, "vendors", at, "every"),
				     "expected at least 10s: a status page is everyone's");
		for (i = 0; i < at; i++)
			if (!strcmp(config->vendors[i].name, vendor->name))
				return wrong(check, item(path, "vendors", at, "name"),
					     "there are two called %s", vendor->name);
	}
	return 0;
}

static bool fits_kind(const struct config_probe *probe)
{
	const char *kind = config_probe_kinds[probe->kind], *url = probe->url;

	if (!strcmp(kind, "dns"))
		return probe->host && probe->host[0] &&
		       !probe->host[strspn(probe->host, LETTERS ".-_")];
	if (!url)
		return false;
	if (!strcmp(kind, "smtp"))
		return !strncmp(url, "smtp://", 7) || !strncmp(url, "smtps://", 8);
	if (!strcmp(kind, "tcp"))
		return !strncmp(url, "tcp://", 6);
	return is_http(url);
}

static const char *fitting(const struct config_probe *probe)
{
	const char *kind = config_probe_kinds[probe->kind];

	if (!strcmp(kind, "dns"))
		return "a name";
	if (!strcmp(kind, "smtp"))
		return "smtp:// or smtps://";
	return strcmp(kind, "tcp") ? "http:// or https://" : "tcp://host:port";
}

/* "200", "2xx", "200-299" */
static bool is_status(const char *text)
{
	static const char *const forms[] = {"999", "9xx", "9XX", "999-999"};
	size_t form, i;

	for (form = 0; form < sizeof(forms) / sizeof(forms[0]); form++) {
		for (i = 0; text[i] && forms[form][i]; i++)
			if (forms[form][i] == '9' ? text[i] < '0' || text[i] > '9'
			    : text[i] != forms[form][i])
				break;
		if (!text[i] && !forms[form][i])
			return true;
	}
	return false;
}

/* "name=10.0.0.1:8443", or the address alone, of IPv6 too without a port. */
static bool is_via(const char *text)
{
	const char *address = strchr(text, '=') ? strchr(text, '=') + 1 : text;

	return text[0] != '=' && !address[strcspn(address, "/@?#")] &&
	       (config_in_range(address, NULL) || is_place(address, strlen(address), false));
}

static int check_probe_lists(const struct check *check, const struct config_probe *probe,
			     size_t at)
{
	char path[80], key[48];
	size_t i;

	for (i = 0; i < probe->expect.len; i++) {
		snprintf(key, sizeof(key), "expect[%zu]", i);
		if (!config_in_range(probe->expect.items[i], NULL))
			return wrong(check, item(path, "probes", at, key),
				     "expected a range like 10.0.0.0/8, not '%.60s'",
				     probe->expect.items[i]);
	}
	for (i = 0; i < probe->expect_status.len; i++) {
		snprintf(key, sizeof(key), "expect_status[%zu]", i);
		if (!is_status(probe->expect_status.items[i]))
			return wrong(check, item(path, "probes", at, key),
				     "expected 200, 2xx or 200-299, not '%.60s'",
				     probe->expect_status.items[i]);
	}
	for (i = 0; i < probe->via.len; i++) {
		snprintf(key, sizeof(key), "via[%zu]", i);
		if (!is_via(probe->via.items[i]))
			return wrong(check, item(path, "probes", at, key),
				     "expected name=10.0.0.1 or name=10.0.0.1:8443, not '%.60s'",
				     probe->via.items[i]);
	}
	for (i = 0; i < probe->resolvers.len; i++) {
		snprintf(key, sizeof(key), "resolvers[%zu]", i);
		if (strcmp(probe->resolvers.items[i], "system") &&
		    !is_http(probe->resolvers.items[i]))
			return wrong(check, item(path, "probes", at, key),
				     "expected system or a URL, not '%.60s'",
				     probe->resolvers.items[i]);
		if (strcmp(probe->resolvers.items[i], "system") &&
		    check_place(check, item(path, "probes", at, key),
				strstr(probe->resolvers.items[i], "://") + 3, false))
			return -EINVAL;
	}
	return 0;
}

static int check_probe(const struct check *check, const struct config *config, size_t at)
{
	const struct config_probe *probe = &config->probes[at];
	const char *kind = config_probe_kinds[probe->kind];
	char path[80];
	size_t i;

	if (!fits_kind(probe))
		return wrong(check, item(path, "probes", at, strcmp(kind, "dns") ? "url" : "host"),
			     "%s needs %s", kind, fitting(probe));
	if (strcmp(kind, "dns") && check_place(check, item(path, "probes", at, "url"),
					       strstr(probe->url, "://") + 3, !strcmp(kind, "tcp")))
		return -EINVAL;
	if (check_secret(check, &probe->bearer, item(path, "probes", at, "bearer")))
		return -EINVAL;
	if (probe->every_ms < 1000)
		return wrong(check, item(path, "probes", at, "every"), "expected at least 1s");
	if (probe->timeout_ms < 100)
		return wrong(check, item(path, "probes", at, "timeout"), "expected at least 100ms");
	for (i = 0; i < at; i++)
		if (!strcmp(config->probes[i].name, probe->name))
			return wrong(check, item(path, "probes", at, "name"),
				     "there are two called %s", probe->name);
	return check_probe_lists(check, probe, at);
}

/* "deployment/kube-system/coredns", "node/n1". */
static int check_names(const struct check *check, const struct config *config)
{
	char path[80];
	size_t i;

	for (i = 0; i < config->nnames; i++) {
		const char *value = config->names[i].value;

		snprintf(path, sizeof(path), "names.%.70s", config->names[i].key);
		if (value[strcspn(value, " \t")])
			return wrong(check, path, "expected kind/namespace/name, not '%.80s'", value);
	}
	return 0;
}

int config_check(const struct config *config, const struct yaml *yaml, struct err *err)
{
	const struct check check = {yaml, err};
	size_t i;

	if (check_redis(&check, &config->redis) || check_ssh(&check, &config->ssh) ||
	    check_reach(&check, &config->kube.reach) || check_vendors(&check, config) ||
	    check_apps(&check, config) ||
	    check_postgres(&check, &config->postgres) ||
	    check_logsigns(&check, config) || check_names(&check, config))
		return -EINVAL;
	for (i = 0; i < config->nprobes; i++)
		if (check_probe(&check, config, i))
			return -EINVAL;
	return 0;
}

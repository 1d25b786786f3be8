/* core/config.c: see config.h */
#include "core/config.h"

#include <errno.h>
#include <fnmatch.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
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
		rc = check_vendors(config, path, err);
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
	return NULL;
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

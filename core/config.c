/* core/config.c: see config.h */
#include "core/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/config_check.h"
#include "core/schema.h"
#include "core/yaml.h"

void config_init(struct config *config)
{
	memset(config, 0, sizeof(*config));
	schema_defaults(&config_schema, config);
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
	if (!rc)
		rc = config_check(config, &yaml, err);
	yaml_release(&yaml);
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

/* world/profile.c: see profile.h */
#include "world/profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/embed.h"
#include "world/machines/ssh_server.h"
#include "world/kube_http.h"
#include "world/outside.h"
#include "world/postgres.h"
#include "world/redis.h"

#define PROFILE_MAX (256 * 1024)

extern const struct embed_file world_files[];

static void put_redis(const struct world *world, struct buf *yaml)
{
	buf_printf(yaml, "redis:\n  url: redis://127.0.0.1:%d\n\n", redis_port(world->redis));
}

/* JSON is YAML too. */
static void put_section(struct buf *yaml, const char *key, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	buf_printf(yaml, "%s: %s\n\n", key, text);
	free(text);
}

/* What the cluster's description says of watching it, and where it is. */
static void put_kube(const struct world *world, const char *kubeconfig, struct buf *yaml)
{
	json_t *config = json_pack("{s:s}", "kubeconfig", kubeconfig), *servers = json_array();

	for (size_t i = 0; i < WORLD_SERVERS_MAX && world->kube_at[i]; i++)
		json_array_append_new(servers, json_sprintf("http://127.0.0.1:%d",
							    kube_server_port(world->kube_at[i])));
	json_object_set_new(config, "servers", servers);

	json_object_update(config, json_object_get(world->plan, "watch"));
	put_section(yaml, "kube", config);
	json_decref(config);
}

static void put_postgres(const struct world *world, struct buf *yaml)
{
	json_t *config = postgres_config(world->postgres);

	put_section(yaml, "postgres", config);
	json_decref(config);
}

static void put_outside(const struct world *world, struct buf *yaml)
{
	json_t *config = outside_config(world->outside), *value;
	const char *key;

	json_object_foreach(config, key, value)
		put_section(yaml, key, value);
	json_decref(config);
}

static void put_ssh(const struct world *world, struct buf *yaml)
{
	json_t *config = ssh_server_config(world->ssh);

	if (config)
		put_section(yaml, "ssh", config);
	json_decref(config);
}

/* What each simulated system says of itself: its own top-level sections. */
static void (*const systems[])(const struct world *world, struct buf *yaml) = {
	put_redis,
	put_postgres,
	put_outside,
	put_ssh,
};

static const struct embed_file *built_in(const char *name)
{
	const struct embed_file *file = world_files;

	while (strcmp(file->name, name) != 0)
		file++;
	return file;
}

int profile_write(const struct world *world, const char *path, const char *kubeconfig,
		  struct err *err)
{
	const struct embed_file *rest = built_in("profile.yaml");
	struct buf yaml = BUF_INIT(PROFILE_MAX);
	FILE *file = fopen(path, "w");
	int rc = 0;

	if (!file)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	put_kube(world, kubeconfig, &yaml);
	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		systems[i](world, &yaml);
	buf_append(&yaml, (const char *)rest->data, rest->len);
	fwrite(yaml.data, 1, yaml.len, file);
	buf_release(&yaml);
	if (fclose(file))
		rc = err_set(err, -errno, "%s: %s", path, strerror(errno));
	return rc;
}

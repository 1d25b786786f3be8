/* world/machines/ssh_files.c: what a client needs: a key, known hosts, a configuration for ssh. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world/jx.h"
#include "world/machines/ssh_private.h"
#include "world/world.h"

#define PATH_SIZE 1100

enum { FILE_CONFIG, FILE_KNOWN_HOSTS, FILE_KEY, FILE_COUNT };
static const char *const names[FILE_COUNT] = {SSH_SERVER_CONFIG, "known_hosts", "id_drill"};

static const char *path_of(const struct ssh_server *server, int file, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%s/%s", server->world->dir, names[file]);
	return path;
}

int ssh_files_keys(struct ssh_server *server, struct err *err)
{
	for (int i = 0; i < KEY_COUNT; i++)
		if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &server->keys[i]) != SSH_OK)
			return err_set(err, -EIO, "no SSH key could be made");
	return 0;
}

static int failed(const char *path, struct err *err)
{
	return err_set(err, -errno, "%s: %s", path, strerror(errno));
}

static int write_key(const struct ssh_server *server, struct err *err)
{
	char path[PATH_SIZE];
	mode_t old = umask(077);
	int rc = ssh_pki_export_privkey_file(server->keys[KEY_CLIENT], NULL, NULL, NULL,
					     path_of(server, FILE_KEY, path));

	umask(old);
	return rc == SSH_OK ? 0 : err_set(err, -EIO, "%s could not be written", path);
}

/* Also under the addresses that a jump from one machine to the next uses. */
static int write_known_hosts(const struct ssh_server *server, struct err *err)
{
	char path[PATH_SIZE], *key = NULL;
	FILE *file = fopen(path_of(server, FILE_KNOWN_HOSTS, path), "w");

	if (!file)
		return failed(path, err);
	if (ssh_pki_export_pubkey_base64(server->keys[KEY_OWN], &key) == SSH_OK)
		for (size_t i = 0; i < server->ndoors; i++)
			fprintf(file, "[127.0.0.1]:%d,%s,%s ssh-ed25519 %s\n", server->doors[i].port,
				server->doors[i].machine->name, server->doors[i].machine->internal,
				key);
	ssh_string_free_char(key);
	return fclose(file) ? failed(path, err) : 0;
}

/* Nothing of the person's own is read, offered or written. */
static int write_config(const struct ssh_server *server, struct err *err)
{
	char path[PATH_SIZE], other[PATH_SIZE];
	FILE *file = fopen(path_of(server, FILE_CONFIG, path), "w");

	if (!file)
		return failed(path, err);
	fprintf(file, "# The machines of a drill: ssh -F %s NODE\n", path);
	for (size_t i = 0; i < server->ndoors; i++)
		fprintf(file, "Host %s\n    HostName 127.0.0.1\n    Port %d\n",
			server->doors[i].machine->name, server->doors[i].port);
	fprintf(file, "Host *\n    User root\n    IdentityFile \"%s\"\n",
		path_of(server, FILE_KEY, other));
	fprintf(file, "    IdentitiesOnly yes\n    IdentityAgent none\n"
		"    PreferredAuthentications publickey\n    UserKnownHostsFile \"%s\"\n",
		path_of(server, FILE_KNOWN_HOSTS, other));
	fprintf(file, "    GlobalKnownHostsFile none\n    StrictHostKeyChecking yes\n"
		"    UpdateHostKeys no\n    ControlPath none\n");
	return fclose(file) ? failed(path, err) : 0;
}

int ssh_files_write(const struct ssh_server *server, struct err *err)
{
	int rc = write_key(server, err);

	if (!rc)
		rc = write_known_hosts(server, err);
	return rc ? rc : write_config(server, err);
}

void ssh_files_remove(const struct ssh_server *server)
{
	char path[PATH_SIZE];

	for (int i = 0; i < FILE_COUNT; i++)
		unlink(path_of(server, i, path));
}

json_t *ssh_files_config(const struct ssh_server *server)
{
	const json_t *plan = jx_get(server->world->plan, "machine");
	json_t *hosts = json_array();
	char path[PATH_SIZE];

	for (size_t i = 0; i < server->ndoors; i++)
		json_array_append_new(hosts, json_pack("{s:s}", "node",
						       server->doors[i].machine->name));
	return json_pack("{s:[s, s, s], s:s, s:s, s:o, s:O*, s:O*}", "command", "ssh", "-F",
			 path_of(server, FILE_CONFIG, path), "every", "10s", "timeout", "10s",
			 "hosts", hosts, "reach", jx_get(plan, "reach"), "firewall",
			 jx_get(plan, "firewall"));
}

/* backends/kube/kubeconfig.c: see kubeconfig.h */
#include "backends/kube/kubeconfig.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/kube/base64.h"
#include "core/alloc.h"
#include "core/yaml.h"

#define FILES_MAX 16
#define IN_CLUSTER "/var/run/secrets/kubernetes.io/serviceaccount"

/* The kubeconfig files in order; the first definition of a name wins. */
struct files {
	struct yaml items[FILES_MAX];
	int len;
	struct err *err;
};

/* An entry and the file it stands in (for relative paths and errors). */
struct entry {
	const struct yaml *yaml;
	const struct yaml_node *node;
};

static int add_file(struct files *files, const char *path, bool must_exist)
{
	struct err err = ERR_INIT;
	int rc;

	if (files->len == FILES_MAX)
		return err_set(files->err, -E2BIG, "KUBECONFIG names more than %d files", FILES_MAX);
	rc = yaml_load_file(&files->items[files->len], path, &err);
	if (rc == -ENOENT && !must_exist)
		return 0;
	if (rc)
		return err_set(files->err, rc, "kubeconfig %s", err.text);
	files->len++;
	return 0;
}

static int add_list(struct files *files, const char *list)
{
	char *copy = xstrdup(list), *save = NULL, *path;
	int rc = 0;

	for (path = strtok_r(copy, ":", &save); path && !rc; path = strtok_r(NULL, ":", &save))
		rc = add_file(files, path, false);
	free(copy);
	return rc;
}

static int find_files(struct files *files, const char *explicit_path)
{
	const char *list = getenv("KUBECONFIG"), *home = getenv("HOME");
	char *path;
	int rc;

	if (explicit_path)
		return add_file(files, explicit_path, true);
	if (list && list[0])
		return add_list(files, list);
	if (!home)
		return 0;
	path = xasprintf("%s/.kube/config", home);
	rc = add_file(files, path, false);
	free(path);
	return rc;
}

static const char *scalar(const struct yaml_node *map, const char *key)
{
	const struct yaml_node *node = yaml_get(map, key);

	return node && node->kind == YAML_SCALAR && node->text[0] && !yaml_is_null(node)
		? node->text : NULL;
}

static struct entry find_entry(const struct files *files, const char *list, const char *inner,
			       const char *name)
{
	struct entry found = {NULL, NULL};
	int i;
	size_t j;

	for (i = 0; i < files->len; i++) {
		const struct yaml_node *items = yaml_get(&files->items[i].root, list);

		for (j = 0; items && items->kind == YAML_LIST && j < items->len; j++) {
			const char *its = scalar(&items->items[j], "name");

			if (!its || strcmp(its, name))
				continue;
			found.yaml = &files->items[i];
			found.node = yaml_get(&items->items[j], inner);
			return found;
		}
	}
	return found;
}

static char *beside(const struct yaml *yaml, const char *path)
{
	const char *slash = strrchr(yaml->file, '/');

	if (path[0] == '/' || !slash)
		return xstrdup(path);
	return xasprintf("%.*s%s", (int)(slash - yaml->file + 1), yaml->file, path);
}

static int decode_data(const struct entry *entry, const char *key, const char *text, char **ret,
		       struct err *err)
{
	const struct yaml_node *node = yaml_get(entry->node, key);
	size_t len;

	*ret = base64_decode(text, &len);
	if (!*ret)
		return err_set(err, -EINVAL, "kubeconfig %s:%d:%d: %s is not base64",
			       entry->yaml->file, node->line, node->column, key);
	return 0;
}

/* "KEY-data" (base64) before "KEY" (a path). */
static int read_pem(const struct entry *entry, const char *key, char **ret, struct err *err)
{
	char *data_key = xasprintf("%s-data", key);
	const char *data = scalar(entry->node, data_key), *file = scalar(entry->node, key);
	struct err why = ERR_INIT;
	char *path;
	size_t len;
	int rc = 0;

	if (data) {
		rc = decode_data(entry, data_key, data, ret, err);
	} else if (file) {
		path = beside(entry->yaml, file);
		rc = yaml_read_file(path, ret, &len, &why);
		if (rc)
			err_set(err, rc, "kubeconfig %s: %s: %s", entry->yaml->file, key, why.text);
		free(path);
	}
	free(data_key);
	return rc;
}

static bool truth(const struct yaml_node *map, const char *key)
{
	const char *text = scalar(map, key);

	return text && !strcmp(text, "true");
}

static int read_cluster(struct kubeconfig *kc, const struct entry *entry, struct err *err)
{
	const char *server = scalar(entry->node, "server");
	size_t len;

	if (!server || (strncmp(server, "https://", 8) && strncmp(server, "http://", 7)))
		return err_set(err, -EINVAL, "kubeconfig %s:%d:%d: the cluster's server must be "
			       "an https:// or http:// URL", entry->yaml->file,
			       entry->node->line, entry->node->column);
	kc->server = xstrdup(server);
	len = strlen(kc->server);
	if (kc->server[len - 1] == '/')
		kc->server[len - 1] = '\0';
	kc->insecure = truth(entry->node, "insecure-skip-tls-verify");
	kc->tls_server_name = xstrdup(scalar(entry->node, "tls-server-name"));
	kc->proxy_url = xstrdup(scalar(entry->node, "proxy-url"));
	return read_pem(entry, "certificate-authority", &kc->ca_pem, err);
}

static void read_env(struct kube_exec *exec, const struct yaml_node *env)
{
	size_t i;

	if (!env || env->kind != YAML_LIST)
		return;
	exec->env = xcalloc(env->len, sizeof(*exec->env));
	for (i = 0; i < env->len; i++) {
		const char *name = scalar(&env->items[i], "name");
		const char *value = scalar(&env->items[i], "value");

		if (!name)
			continue;
		exec->env[exec->nenv].key = xstrdup(name);
		exec->env[exec->nenv++].value = xstrdup(value ? value : "");
	}
}

static int read_exec(struct kubeconfig *kc, const struct entry *entry, struct err *err)
{
	const struct yaml_node *node = yaml_get(entry->node, "exec");
	const struct yaml_node *args = yaml_get(node, "args");
	const char *command = scalar(node, "command"), *version = scalar(node, "apiVersion");
	const char *mode = scalar(node, "interactiveMode");
	size_t i;

	if (yaml_is_null(node))
		return 0;
	if (!command || !version)
		return err_set(err, -EINVAL, "kubeconfig %s:%d:%d: exec needs a command and an "
			       "apiVersion", entry->yaml->file, node->line, node->column);
	if (mode && !strcmp(mode, "Always"))
		return err_set(err, -EINVAL, "kubeconfig %s:%d:%d: the plugin %s wants to ask "
			       "questions on the terminal; log in with kubectl first or use a "
			       "plugin with interactiveMode IfAvailable", entry->yaml->file,
			       node->line, node->column, command);
	kc->exec.api_version = xstrdup(version);
	kc->exec.command = strchr(command, '/') ? beside(entry->yaml, command)
						: xstrdup(command);
	for (i = 0; args && args->kind == YAML_LIST && i < args->len; i++)
		if (args->items[i].kind == YAML_SCALAR)
			strlist_add(&kc->exec.args, args->items[i].text);
	read_env(&kc->exec, yaml_get(node, "env"));
	return 0;
}

static void add_header(struct strlist *list, const char *name, const char *value)
{
	char *line = xasprintf("%s: %s", name, value);

	if (!strpbrk(value, "\r\n"))
		strlist_add(list, line);
	free(line);
}

static void read_impersonation(struct kubeconfig *kc, const struct yaml_node *user)
{
	const struct yaml_node *groups = yaml_get(user, "as-groups");
	const struct yaml_node *extra = yaml_get(user, "as-user-extra");
	size_t i, j;

	if (scalar(user, "as"))
		add_header(&kc->impersonate, "Impersonate-User", scalar(user, "as"));
	if (scalar(user, "as-uid"))
		add_header(&kc->impersonate, "Impersonate-Uid", scalar(user, "as-uid"));
	for (i = 0; groups && groups->kind == YAML_LIST && i < groups->len; i++)
		if (groups->items[i].kind == YAML_SCALAR)
			add_header(&kc->impersonate, "Impersonate-Group", groups->items[i].text);
	for (i = 0; extra && extra->kind == YAML_MAP && i < extra->len; i++) {
		char *name = xasprintf("Impersonate-Extra-%s", extra->keys[i].text);

		for (j = 0; extra->items[i].kind == YAML_LIST && j < extra->items[i].len; j++)
			if (extra->items[i].items[j].kind == YAML_SCALAR)
				add_header(&kc->impersonate, name,
					   extra->items[i].items[j].text);
		free(name);
	}
}

static int read_user(struct kubeconfig *kc, const struct entry *entry, struct err *err)
{
	const char *token_file = scalar(entry->node, "tokenFile");
	int rc;

	if (!yaml_is_null(yaml_get(entry->node, "auth-provider")))
		return err_set(err, -EINVAL, "kubeconfig %s:%d:%d: auth-provider has left "
			       "Kubernetes in 1.26; use its exec plugin", entry->yaml->file,
			       entry->node->line, entry->node->column);
	rc = read_pem(entry, "client-certificate", &kc->cert_pem, err);
	if (!rc)
		rc = read_pem(entry, "client-key", &kc->key_pem, err);
	if (!rc)
		rc = read_exec(kc, entry, err);
	if (rc)
		return rc;
	kc->token = xstrdup(scalar(entry->node, "token"));
	kc->token_file = token_file ? beside(entry->yaml, token_file) : NULL;
	kc->username = xstrdup(scalar(entry->node, "username"));
	kc->password = xstrdup(scalar(entry->node, "password"));
	read_impersonation(kc, entry->node);
	return 0;
}

static const char *current_context(const struct files *files)
{
	int i;

	for (i = 0; i < files->len; i++)
		if (scalar(&files->items[i].root, "current-context"))
			return scalar(&files->items[i].root, "current-context");
	return NULL;
}

static int read_context(struct kubeconfig *kc, const struct files *files, const char *name,
			struct err *err)
{
	struct entry context = find_entry(files, "contexts", "context", name), cluster, user;
	const char *cluster_name, *user_name;
	int rc;

	cluster_name = scalar(context.node, "cluster");
	user_name = scalar(context.node, "user");
	if (!cluster_name)
		return err_set(err, -EINVAL, "kubeconfig %s has no usable context '%s'; `kubectl "
			       "config get-contexts` lists them", files->items[0].file, name);
	cluster = find_entry(files, "clusters", "cluster", cluster_name);
	if (!cluster.node)
		return err_set(err, -EINVAL, "kubeconfig %s: context '%s' names the cluster '%s', "
			       "which is not there", context.yaml->file, name, cluster_name);
	kc->context = xstrdup(name);
	kc->ns = xstrdup(scalar(context.node, "namespace"));
	rc = read_cluster(kc, &cluster, err);
	if (rc || !user_name)
		return rc;
	user = find_entry(files, "users", "user", user_name);
	if (!user.yaml)
		return err_set(err, -EINVAL, "kubeconfig %s: context '%s' names the user '%s', "
			       "who is not there", context.yaml->file, name, user_name);
	return user.node ? read_user(kc, &user, err) : 0;
}

static char *read_optional(const char *path)
{
	char *text;
	size_t len;

	return yaml_read_file(path, &text, &len, NULL) ? NULL : text;
}

static int in_cluster(struct kubeconfig *kc, struct err *err)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST");
	const char *port = getenv("KUBERNETES_SERVICE_PORT");

	if (!host || !port)
		return err_set(err, -ENODEV, "no kubeconfig: $KUBECONFIG and ~/.kube/config hold "
			       "none, and this is not a pod; give one with --kubeconfig");
	kc->server = xasprintf(strchr(host, ':') ? "https://[%s]:%s" : "https://%s:%s", host, port);
	kc->context = xstrdup("in-cluster");
	kc->token_file = xstrdup(IN_CLUSTER "/token");
	kc->ca_pem = read_optional(IN_CLUSTER "/ca.crt");
	kc->ns = read_optional(IN_CLUSTER "/namespace");
	return 0;
}

int kubeconfig_load(struct kubeconfig *kc, const struct config_kube *config, struct err *err)
{
	struct files files = {.err = err};
	const char *name;
	int rc;

	memset(kc, 0, sizeof(*kc));
	rc = find_files(&files, config->kubeconfig);
	if (!rc && !files.len) {
		rc = in_cluster(kc, err);
	} else if (!rc) {
		name = config->context ? config->context : current_context(&files);
		rc = name ? read_context(kc, &files, name, err)
			  : err_set(err, -EINVAL, "kubeconfig %s sets no current-context; choose "
				    "one with --context", files.items[0].file);
	}
	while (files.len > 0)
		yaml_release(&files.items[--files.len]);
	if (rc)
		kubeconfig_release(kc);
	return rc;
}

static void wipe(char **secret)
{
	if (*secret)
		explicit_bzero(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

void kubeconfig_release(struct kubeconfig *kc)
{
	size_t i;

	wipe(&kc->key_pem);
	wipe(&kc->token);
	wipe(&kc->password);
	free(kc->context);
	free(kc->ns);
	free(kc->server);
	free(kc->ca_pem);
	free(kc->tls_server_name);
	free(kc->proxy_url);
	free(kc->cert_pem);
	free(kc->token_file);
	free(kc->username);
	strlist_release(&kc->impersonate);
	strlist_release(&kc->exec.args);
	for (i = 0; i < kc->exec.nenv; i++) {
		free(kc->exec.env[i].key);
		free(kc->exec.env[i].value);
	}
	free(kc->exec.env);
	free(kc->exec.api_version);
	free(kc->exec.command);
	memset(kc, 0, sizeof(*kc));
}

char *kubeconfig_token(const struct kubeconfig *kc)
{
	char *token = kc->token_file ? read_optional(kc->token_file) : NULL;

	if (!token)
		return xstrdup(kc->token);
	token[strcspn(token, "\r\n")] = '\0';
	return token;
}

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

static const char *scalar(const struct yaml_node *map, const char *key)
{
	const struct yaml_node *node = yaml_get(map, key);

	return node && node->kind == YAML_SCALAR && node->text[0] && !yaml_is_null(node)
		? node->text : NULL;
}

/* What a key must hold when it stands there. Other keys are other clients' business. */
enum shape { SHAPE_TEXT, SHAPE_BOOL, SHAPE_LIST, SHAPE_MAP };

struct shape_row {
	const char *key;
	enum shape shape;
};

static const struct shape_row file_shape[] = {
	{"current-context", SHAPE_TEXT}, {"contexts", SHAPE_LIST}, {"clusters", SHAPE_LIST},
	{"users", SHAPE_LIST}, {NULL},
};
static const struct shape_row context_shape[] = {
	{"cluster", SHAPE_TEXT}, {"user", SHAPE_TEXT}, {"namespace", SHAPE_TEXT}, {NULL},
};
static const struct shape_row cluster_shape[] = {
	{"server", SHAPE_TEXT}, {"certificate-authority", SHAPE_TEXT},
	{"certificate-authority-data", SHAPE_TEXT}, {"insecure-skip-tls-verify", SHAPE_BOOL},
	{"tls-server-name", SHAPE_TEXT}, {"proxy-url", SHAPE_TEXT}, {NULL},
};
static const struct shape_row user_shape[] = {
	{"client-certificate", SHAPE_TEXT}, {"client-certificate-data", SHAPE_TEXT},
	{"client-key", SHAPE_TEXT}, {"client-key-data", SHAPE_TEXT}, {"token", SHAPE_TEXT},
	{"tokenFile", SHAPE_TEXT}, {"username", SHAPE_TEXT}, {"password", SHAPE_TEXT},
	{"as", SHAPE_TEXT}, {"as-uid", SHAPE_TEXT}, {"as-groups", SHAPE_LIST},
	{"as-user-extra", SHAPE_MAP}, {"exec", SHAPE_MAP}, {NULL},
};
static const struct shape_row exec_shape[] = {
	{"command", SHAPE_TEXT}, {"apiVersion", SHAPE_TEXT}, {"args", SHAPE_LIST},
	{"env", SHAPE_LIST}, {"interactiveMode", SHAPE_TEXT}, {NULL},
};

static bool has_shape(const struct yaml_node *node, enum shape shape)
{
	if (shape == SHAPE_LIST)
		return node->kind == YAML_LIST;
	if (shape == SHAPE_MAP)
		return node->kind == YAML_MAP;
	if (node->kind != YAML_SCALAR)
		return false;
	return shape == SHAPE_TEXT || !strcmp(node->text, "true") || !strcmp(node->text, "false");
}

/* A value of the wrong kind would be overlooked, and the person would look for it elsewhere. */
static int check_shape(const char *file, const struct yaml_node *map,
		       const struct shape_row *rows, struct err *err)
{
	static const char *const words[] = {
		[SHAPE_TEXT] = "text", [SHAPE_BOOL] = "true or false", [SHAPE_LIST] = "a list",
		[SHAPE_MAP] = "keys with values",
	};

	if (map->kind != YAML_MAP && !yaml_is_null(map))
		return err_set(err, -EINVAL, "kubeconfig %s:%d:%d: keys with values are expected "
			       "here", file, map->line, map->column);
	for (; rows->key; rows++) {
		const struct yaml_node *node = yaml_get(map, rows->key);

		if (node && !yaml_is_null(node) && !has_shape(node, rows->shape))
			return err_set(err, -EINVAL, "kubeconfig %s:%d:%d: %s must be %s", file,
				       node->line, node->column, rows->key, words[rows->shape]);
	}
	return 0;
}

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
	return check_shape(path, &files->items[files->len++].root, file_shape, files->err);
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
			err_set(err, rc, "kubeconfig %s:%d:%d: %s: %s", entry->yaml->file,
				yaml_get(entry->node, key)->line,
				yaml_get(entry->node, key)->column, key, why.text);
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
	int rc;

	if (!server || (strncmp(server, "https://", 8) && strncmp(server, "http://", 7)))
		return err_set(err, -EINVAL, "kubeconfig %s:%d:%d: the cluster's server must be "
			       "an https:// or http:// URL", entry->yaml->file,
			       entry->node->line, entry->node->column);
	rc = check_shape(entry->yaml->file, entry->node, cluster_shape, err);
	if (rc)
		return rc;
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
	if (check_shape(entry->yaml->file, node, exec_shape, err))
		return -EINVAL;
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

/* Read anew at each use; yet one that isn't there at all had better be told at the start. */
static int check_token_file(const struct kubeconfig *kc, const struct entry *entry,
			    struct err *err)
{
	const struct yaml_node *node = yaml_get(entry->node, "tokenFile");
	struct err why = ERR_INIT;
	char *text;
	size_t len;
	int rc = yaml_read_file(kc->token_file, &text, &len, &why);

	if (rc)
		return err_set(err, rc, "kubeconfig %s:%d:%d: tokenFile: %s", entry->yaml->file,
			       node->line, node->column, why.text);
	explicit_bzero(text, len);
	free(text);
	return 0;
}

static int read_user(struct kubeconfig *kc, const struct entry *entry, struct err *err)
{
	const char *token_file = scalar(entry->node, "tokenFile");
	int rc = check_shape(entry->yaml->file, entry->node, user_shape, err);

	if (rc)
		return rc;
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
	if (token_file) {
		kc->token_file = beside(entry->yaml, token_file);
		rc = check_token_file(kc, entry, err);
	}
	kc->username = xstrdup(scalar(entry->node, "username"));
	kc->password = xstrdup(scalar(entry->node, "password"));
	read_impersonation(kc, entry->node);
	return rc;
}

/* The first file that names one decides. */
static struct entry current_context(const struct files *files)
{
	struct entry found = {NULL, NULL};
	int i;

	for (i = 0; i < files->len && !found.node; i++) {
		if (!scalar(&files->items[i].root, "current-context"))
			continue;
		found.yaml = &files->items[i];
		found.node = yaml_get(&files->items[i].root, "current-context");
	}
	return found;
}

/* "kubeconfig FILE:LINE:COLUMN: context 'x' names the cluster 'y', which is not there" */
static int dangling(const struct entry *context, const char *key, const char *name,
		    const char *which, struct err *err)
{
	const struct yaml_node *node = yaml_get(context->node, key);

	return err_set(err, -EINVAL, "kubeconfig %s:%d:%d: context '%s' names the %s '%s', %s is "
		       "not there", context->yaml->file, node->line, node->column, name, key,
		       node->text, which);
}

static int find_context(const struct files *files, const char *wanted, struct entry *ret,
			const char **ret_name, struct err *err)
{
	struct entry current = current_context(files);
	const char *name = wanted ? wanted : current.node ? current.node->text : NULL;
	const char *file = files->items[0].file;

	if (!name)
		return err_set(err, -EINVAL, "kubeconfig %s sets no current-context; choose one "
			       "with --context", file);
	*ret = find_entry(files, "contexts", "context", name);
	*ret_name = name;
	if (ret->node)
		return check_shape(ret->yaml->file, ret->node, context_shape, err);
	if (wanted)
		return err_set(err, -EINVAL, "kubeconfig %s has no usable context '%s'; `kubectl "
			       "config get-contexts` lists them", file, name);
	return err_set(err, -EINVAL, "kubeconfig %s:%d:%d: the current-context '%s' is not there; "
		       "`kubectl config get-contexts` lists them", current.yaml->file,
		       current.node->line, current.node->column, name);
}

static int read_context(struct kubeconfig *kc, const struct files *files, const char *wanted,
			struct err *err)
{
	struct entry context = {NULL, NULL}, cluster, user;
	const char *name = NULL, *user_name;
	int rc = find_context(files, wanted, &context, &name, err);

	if (rc)
		return rc;
	if (!scalar(context.node, "cluster"))
		return err_set(err, -EINVAL, "kubeconfig %s:%d:%d: context '%s' names no cluster",
			       context.yaml->file, context.node->line, context.node->column, name);
	cluster = find_entry(files, "clusters", "cluster", scalar(context.node, "cluster"));
	if (!cluster.node)
		return dangling(&context, "cluster", name, "which", err);
	kc->context = xstrdup(name);
	kc->ns = xstrdup(scalar(context.node, "namespace"));
	rc = read_cluster(kc, &cluster, err);
	user_name = scalar(context.node, "user");
	if (rc || !user_name)
		return rc;
	user = find_entry(files, "users", "user", user_name);
	if (!user.yaml)
		return dangling(&context, "user", name, "who", err);
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
	int rc;

	memset(kc, 0, sizeof(*kc));
	rc = find_files(&files, config->kubeconfig);
	if (!rc && !files.len) {
		rc = in_cluster(kc, err);
	} else if (!rc) {
		rc = read_context(kc, &files, config->context, err);
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

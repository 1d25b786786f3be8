/* backends/kube/client.c: see client.h */
#include "backends/kube/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "backends/kube/jsonx.h"
#include "core/alloc.h"
#include "core/clock.h"

#define HEADERS_MAX 24
#define EARLY_MS 60000
#define MOVE_PAUSE_MS 500
#define PLUGIN_PAUSE_MS 15000
#define CONNECT_MANY_MS 2500       /* with other servers to try, less patience for one */

static void fetch_credentials(struct kube_client *client);

/* "https://real:port" spoken to as "https://name:port", for tls-server-name. */
static void add_server(struct kube_client *client, const char *url)
{
	struct kube_server *server = &client->servers[client->nservers];
	const char *name = client->kc.tls_server_name;
	const char *host = strstr(url, "://");
	struct cluster *cluster = &client->env->sit->cluster;
	size_t hostlen;
	int port = 443;

	if (!host || client->nservers == CLUSTER_SERVERS_MAX)
		return;
	host += 3;
	hostlen = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
	if (host[hostlen] == ':')
		port = (int)strtol(host + hostlen + 1, NULL, 10);
	if (name) {
		server->base = xasprintf("%.*s%s:%d%s", (int)(host - url), url, name, port,
					 strchr(host, '/') ? strchr(host, '/') : "");
		server->connect_to = xasprintf("%s:%d:%.*s:%d", name, port, (int)hostlen, host,
					       port);
	} else {
		server->base = xstrdup(url);
	}
	cluster->servers[client->nservers].url = xstrdup(url);
	cluster->servers[client->nservers].fresh.max_age_ms = 0;
	cluster->nservers = ++client->nservers;
}

static void use_server(struct kube_client *client, int index)
{
	struct cluster *cluster = &client->env->sit->cluster;

	cluster->servers[client->current].current = false;
	client->current = index;
	cluster->servers[index].current = true;
}

static void set_peer(struct kube_client *client)
{
	const struct kubeconfig *kc = &client->kc;

	client->peer.ca_pem = kc->ca_pem;
	client->peer.cert_pem = client->plugin_cert ? client->plugin_cert : kc->cert_pem;
	client->peer.key_pem = client->plugin_key ? client->plugin_key : kc->key_pem;
	client->peer.user = kc->username;
	client->peer.password = kc->password;
	client->peer.proxy = kc->proxy_url;
	client->peer.insecure = kc->insecure;
}

static void refresh_due(uv_timer_t *timer)
{
	fetch_credentials(timer->data);
}

static void replace(char **slot, const char *text)
{
	if (*slot)
		explicit_bzero(*slot, strlen(*slot));
	free(*slot);
	*slot = xstrdup(text);
}

static void credential_came(void *arg, const struct exec_credential *credential)
{
	struct kube_client *client = arg;
	int64_t left;

	client->plugin = NULL;
	if (credential->error) {
		snprintf(client->credentials_error, sizeof(client->credentials_error), "%s",
			 credential->error);
		uv_timer_start(&client->refresh, refresh_due, EARLY_MS / 2, 0);
	} else {
		client->credentials_error[0] = '\0';
		replace(&client->plugin_token, credential->token);
		replace(&client->plugin_cert, credential->cert_pem);
		replace(&client->plugin_key, credential->key_pem);
		client->credentials_ready = true;
		set_peer(client);
		left = credential->expires_ms - clock_wall_ms() - EARLY_MS;
		if (credential->expires_ms)
			uv_timer_start(&client->refresh, refresh_due,
				       (uint64_t)(left > PLUGIN_PAUSE_MS ? left : PLUGIN_PAUSE_MS),
				       0);
	}
	client->ready(client->ready_arg);
}

static void fetch_credentials(struct kube_client *client)
{
	struct err err = ERR_INIT;

	if (client->plugin)
		return;
	client->fetched_mono_ms = clock_mono_ms();
	client->plugin = exec_plugin_run(client->env->loop, &client->kc.exec, credential_came,
					 client, &err);
	if (client->plugin)
		return;
	snprintf(client->credentials_error, sizeof(client->credentials_error), "%.190s", err.text);
	uv_timer_start(&client->refresh, refresh_due, EARLY_MS / 2, 0);
	client->ready(client->ready_arg);
}

int kube_client_start(struct kube_client *client, const struct backend_env *env,
		      void (*ready)(void *arg), void *arg, struct err *err)
{
	const struct strlist *more = &env->config->kube.servers;
	size_t i;
	int rc;

	memset(client, 0, sizeof(*client));
	client->env = env;
	client->ready = ready;
	client->ready_arg = arg;
	rc = kubeconfig_load(&client->kc, &env->config->kube, err);
	if (rc)
		return rc;
	env->sit->cluster.context = xstrdup(client->kc.context);
	add_server(client, client->kc.server);
	for (i = 0; i < more->len; i++)
		if (strcmp(more->items[i], client->kc.server))
			add_server(client, more->items[i]);
	set_peer(client);
	use_server(client, 0);
	client->http = http_new(env->loop);
	http_count(client->http, costs_get(&env->sit->costs, "kube"));
	uv_timer_init(env->loop, &client->refresh);
	client->refresh.data = client;
	if (client->kc.exec.command)
		fetch_credentials(client);
	else
		client->credentials_ready = true;
	return 0;
}

void kube_client_stop(struct kube_client *client)
{
	int i;

	exec_plugin_cancel(client->plugin);
	http_free(client->http);
	for (i = 0; i < client->nservers; i++) {
		free(client->servers[i].base);
		free(client->servers[i].connect_to);
	}
	replace(&client->plugin_token, NULL);
	replace(&client->plugin_cert, NULL);
	replace(&client->plugin_key, NULL);
	kubeconfig_release(&client->kc);
}

char *kube_client_bearer(const struct kube_client *client)
{
	char *token = client->plugin_token ? xstrdup(client->plugin_token)
					   : kubeconfig_token(&client->kc);
	char *line;

	if (!token)
		return NULL;
	line = xasprintf("Authorization: Bearer %s", token);
	explicit_bzero(token, strlen(token));
	free(token);
	return line;
}

struct http_call *kube_client_send(struct kube_client *client, const struct kube_ask *ask)
{
	int index = ask->server ? ask->server - 1 : client->current;
	char *accept = xasprintf("Accept: %s", ask->accept ? ask->accept : "application/json");
	char *type = ask->body ? xasprintf("Content-Type: %s", ask->content_type) : NULL;
	char *auth = kube_client_bearer(client);
	char *url = xasprintf("%s%s", client->servers[index].base, ask->path);
	const char *headers[HEADERS_MAX];
	struct http_peer peer = client->peer;
	struct http_request request = {
		.method = ask->method ? ask->method : "GET", .url = url, .headers = headers,
		.body = ask->body, .body_len = ask->body ? strlen(ask->body) : 0,
		.connect_ms = client->nservers > 1 ? CONNECT_MANY_MS : 0,
		.peer = &peer, .total_ms = ask->total_ms, .silence_ms = ask->silence_ms,
		.gzip = ask->gzip, .once = ask->once, .data = ask->data, .done = ask->done,
		.arg = ask->arg,
	};
	struct http_call *call;
	size_t count = 0, i;

	peer.connect_to = client->servers[index].connect_to;
	headers[count++] = accept;
	if (type)
		headers[count++] = type;
	if (auth)
		headers[count++] = auth;
	for (i = 0; i < client->kc.impersonate.len && count + 1 < HEADERS_MAX; i++)
		headers[count++] = client->kc.impersonate.items[i];
	headers[count] = NULL;
	call = http_start(client->http, &request);
	if (auth)
		explicit_bzero(auth, strlen(auth));
	free(accept);
	free(type);
	free(auth);
	free(url);
	return call;
}

struct http_call *kube_read(struct kube_client *client, const struct kube_ask *ask)
{
	struct kube_ask read = *ask;

	read.method = NULL;
	read.body = NULL;
	return kube_client_send(client, &read);
}

void kube_client_move(struct kube_client *client)
{
	if (client->nservers < 2 || clock_mono_ms() - client->moved_mono_ms < MOVE_PAUSE_MS)
		return;
	client->moved_mono_ms = clock_mono_ms();
	use_server(client, (client->current + 1) % client->nservers);
	/* What still hangs on the old server would be taken for proof of the new one. */
	http_reset(client->http);
}

void kube_client_learn(struct kube_client *client, const struct http_outcome *outcome)
{
	struct cluster *cluster = &client->env->sit->cluster;
	struct freshness *server = &cluster->servers[client->current].fresh;

	cluster->fresh.requests++;
	cluster->fresh.bytes_in += outcome->bytes_in;
	cluster->fresh.bytes_out += outcome->bytes_out;
	server->requests++;
	if (!outcome->rc)
		freshness_proven(server, clock_wall_ms());
	else if (outcome->rc != -ECONNABORTED)
		freshness_failed(server, outcome->fault, outcome->text);
	if (outcome->status == 401 && client->kc.exec.command &&
	    clock_mono_ms() - client->fetched_mono_ms > PLUGIN_PAUSE_MS)
		fetch_credentials(client);
	situation_touch(client->env->sit, SECTION_CLUSTER);
	if (outcome->rc && outcome->rc != -ECONNABORTED && !outcome->connected)
		kube_client_move(client);
}

void kube_failure_text(const struct http_outcome *outcome, const char *body, size_t len,
		       char *text, size_t size)
{
	json_t *status = jx_load(body, len);
	const char *message = json_string_value(json_object_get(status, "message"));

	if (outcome->rc)
		snprintf(text, size, "%s", outcome->text);
	else if (message)
		snprintf(text, size, "%s", message);
	else
		snprintf(text, size, "HTTP %ld", outcome->status);
	json_decref(status);
}

void kube_failing_checks(const char *body, char *names, size_t size)
{
	const char *line = body ? strstr(body, "[-]") : NULL;
	size_t used = 0;

	names[0] = '\0';
	for (; line && used < size; line = strstr(line + 3, "[-]"))
		used += (size_t)snprintf(names + used, size - used, "%s%.*s", used ? ", " : "",
					 (int)strcspn(line + 3, " \r\n"), line + 3);
}

bool kube_name_safe(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789-._:")] == '\0' && strcmp(name, "..") && strcmp(name, ".");
}

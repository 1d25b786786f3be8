/*
 * backends/kube/forward.c: a way to a pod's port through the API server. Source: the kubelet's
 * portforward/websocket.go: subprotocol v4.channel.k8s.io; each message begins with its channel, 0
 * for data and 1 for what went wrong; the first message on either holds only the port. One
 * connection each. (kubectl speaks SPDY inside a WebSocket, which the API server translates.)
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "backends/kube/kube.h"
#include "backends/websocket.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "core/printable.h"

#define PROTOCOL "v4.channel.k8s.io"
#define ANSWER_MAX (4 * 1024 * 1024)
#define PODS_LIMIT "50"
#define LOOK_MS 4000
#define HEADERS_MAX 24
#define PIECE (32 * 1024)
#define AHEAD_MAX (256 * 1024)     /* waiting for the API server before no more is read */
#define BACK_MAX (16 * 1024 * 1024)

enum { CHANNEL_DATA = 0, CHANNEL_ERROR = 1 };

struct stream_way {
	struct kube *kube;         /* NULL once that has stopped */
	struct stream_way *next;
	const struct config_via_kubernetes *via;
	struct stream_way_events events;
	int port, fd;
	uv_poll_t poll;
	uv_timer_t timer;          /* begins it, from the loop */
	struct http_call *call;    /* looking for the pod */
	struct buf answer;
	struct websocket *ws;
	struct buf back;           /* from the pod, for fd */
	bool ready;                /* the WebSocket is open */
	bool greeted[2];           /* the channel's first message has come */
	bool dropped, closed;      /* by its backend or its owner; by its owner */
	int closing;
};

static void way_free(struct stream_way *way)
{
	buf_release(&way->answer);
	buf_release(&way->back);
	free(way);
}

static void handle_closed(uv_handle_t *handle)
{
	struct stream_way *way = handle->data;

	if (--way->closing)
		return;
	close(way->fd);
	if (way->closed)
		way_free(way);
}

/* Lets go of everything but the struct. */
static void drop(struct stream_way *way)
{
	if (way->dropped)
		return;
	way->dropped = true;
	http_cancel(way->call);
	websocket_close(way->ws);
	way->call = NULL;
	way->ws = NULL;
	way->closing = 2;
	uv_close((uv_handle_t *)&way->poll, handle_closed);
	uv_close((uv_handle_t *)&way->timer, handle_closed);
}

static void fail(struct stream_way *way, enum fresh_fault fault, const char *why)
{
	struct stream_way_events events = way->events;
	char *safe = printable_dup(why);

	drop(way);
	events.failed(events.arg, fault, safe);
	free(safe);
}

/* Bytes to and fro */

static void on_near(uv_poll_t *poll, int status, int events);

static void watch(struct stream_way *way)
{
	int events = way->back.len ? UV_WRITABLE : 0;

	if (way->ready && websocket_waiting(way->ws) < AHEAD_MAX)
		events |= UV_READABLE;
	if (events)
		uv_poll_start(&way->poll, events, on_near);
	else
		uv_poll_stop(&way->poll);
}

/* What the API server takes slowly is asked about again. */
static void on_timer(uv_timer_t *timer);

static void read_near(struct stream_way *way)
{
	static const char channel[] = {CHANNEL_DATA};
	char bytes[PIECE];
	ssize_t len = read(way->fd, bytes, sizeof(bytes));

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0)
		fail(way, FAULT_SERVER, "connection closed");
	else if (websocket_send(way->ws, channel, 1, bytes, (size_t)len))
		fail(way, FAULT_SERVER, "the API server takes no more");
	else if (websocket_waiting(way->ws) >= AHEAD_MAX)
		uv_timer_start(&way->timer, on_timer, 10, 0);
}

static void write_near(struct stream_way *way)
{
	ssize_t len = write(way->fd, way->back.data, way->back.len);

	if (len > 0)
		buf_consume(&way->back, (size_t)len);
	else if (errno != EAGAIN && errno != EINTR)
		fail(way, FAULT_SERVER, "connection closed");
}

static void on_near(uv_poll_t *poll, int status, int events)
{
	struct stream_way *way = poll->data;

	if (status < 0) {
		fail(way, FAULT_SERVER, "connection broke");
		return;
	}
	if (events & UV_WRITABLE)
		write_near(way);
	if (!way->dropped && (events & UV_READABLE))
		read_near(way);
	if (!way->dropped)
		watch(way);
}

static void on_message(void *arg, const char *bytes, size_t len)
{
	struct stream_way *way = arg;
	unsigned int channel = len ? (unsigned char)bytes[0] : 2;
	char text[200];

	if (channel > CHANNEL_ERROR) {
		fail(way, FAULT_SERVER, "the port-forward's answer makes no sense");
		return;
	}
	if (!way->greeted[channel]) {
		way->greeted[channel] = true;
		return;
	}
	if (channel == CHANNEL_ERROR) {
		snprintf(text, sizeof(text), "%.*s", (int)(len - 1), bytes + 1);
		fail(way, FAULT_SERVER, text);
		return;
	}
	if (buf_append(&way->back, bytes + 1, len - 1)) {
		fail(way, FAULT_SERVER, "more than 16 MiB wait to be read");
		return;
	}
	write_near(way);
	if (!way->dropped)
		watch(way);
}

static void on_upgraded(void *arg)
{
	struct stream_way *way = arg;

	way->ready = true;
	watch(way);
}

static void on_ws_closed(void *arg, enum fresh_fault fault, int status, const char *why)
{
	struct stream_way *way = arg;
	char text[240];

	way->ws = NULL;
	if (status == 401 || status == 403)
		snprintf(text, sizeof(text), "refused: needs +get and +create on pods/portforward");
	else
		snprintf(text, sizeof(text), "port-forward: %s", why);
	fail(way, fault, text);
}

/* The API server's address, as a stream wants it; caller frees host. */
static bool server_peer(const struct kube_client *client, struct stream_peer *peer, char **ret_path)
{
	const char *url = client->env->sit->cluster.servers[client->current].url;
	const char *host = strstr(url, "://"), *end;
	size_t len;

	if (!host)
		return false;
	peer->tls = !strncmp(url, "https:", 6);
	host += 3;
	len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
	end = host + len;
	peer->host = host[0] == '[' ? xstrndup(host + 1, len - 2) : xstrndup(host, len);
	peer->port = end[0] == ':' ? (int)strtol(end + 1, NULL, 10) : peer->tls ? 443 : 80;
	end += strcspn(end, "/");
	*ret_path = xstrdup(end);
	return true;
}

static size_t put_headers(const struct kube_client *client, const char **headers, const char *auth)
{
	size_t count = 0, i;

	if (auth)
		headers[count++] = auth;
	for (i = 0; i < client->kc.impersonate.len && count + 1 < HEADERS_MAX; i++)
		headers[count++] = client->kc.impersonate.items[i];
	headers[count] = NULL;
	return count;
}

static void connect_to(struct stream_way *way, const char *ns, const char *pod)
{
	const struct kube_client *client = &way->kube->client;
	const struct http_peer *trust = &client->peer;
	struct stream_peer peer = {
		.tls_name = client->kc.tls_server_name, .ca_pem = trust->ca_pem,
		.cert_pem = trust->cert_pem, .key_pem = trust->key_pem, .proxy = trust->proxy,
		.insecure = trust->insecure, .connect_ms = LOOK_MS,
		.cost = costs_get(&client->env->sit->costs, "kube"),
	};
	struct websocket_events events = {on_upgraded, on_message, on_ws_closed, way};
	const char *headers[HEADERS_MAX];
	char *base, *host, *path, *auth;

	if (!server_peer(client, &peer, &base)) {
		fail(way, FAULT_SERVER, "the API server's URL makes no sense");
		return;
	}
	auth = kube_client_bearer(client);
	put_headers(client, headers, auth);
	host = xasprintf("%s:%d", peer.tls_name ? peer.tls_name : peer.host, peer.port);
	path = xasprintf("%s/api/v1/namespaces/%s/pods/%s/portforward?ports=%d", base, ns, pod,
			 way->port);
	way->ws = websocket_open(client->env->loop, &(struct websocket_request){
		.peer = &peer, .host = host, .path = path, .protocol = PROTOCOL, .headers = headers,
	}, &events);
	if (auth)
		explicit_bzero(auth, strlen(auth));
	free(auth);
	free(path);
	free(host);
	free(base);
	free((char *)(uintptr_t)peer.host);
}

/* Which pod? */

static const char *text_at(const json_t *object, const char *first, const char *second)
{
	const char *text = json_string_value(json_object_get(json_object_get(object, first), second));

	return text ? text : "";
}

static bool is_ready(const json_t *pod)
{
	const json_t *list = json_object_get(json_object_get(pod, "status"), "conditions");
	const json_t *condition;
	size_t i;

	if (json_object_get(json_object_get(pod, "metadata"), "deletionTimestamp"))
		return false;
	json_array_foreach(list, i, condition) {
		const char *type = json_string_value(json_object_get(condition, "type"));
		const char *status = json_string_value(json_object_get(condition, "status"));

		if (type && status && !strcmp(type, "Ready"))
			return !strcmp(status, "True");
	}
	return false;
}

static const char *namespace_of(const struct stream_way *way)
{
	const char *own = way->kube->client.kc.ns;

	return way->via->namespace_ ? way->via->namespace_ : own ? own : "default";
}

static void ask(struct stream_way *way, char *path,
		void (*done)(void *arg, const struct http_outcome *outcome));

static void pods_came(struct stream_way *way, const json_t *list)
{
	const json_t *items = json_object_get(list, "items"), *pod;
	size_t i;

	json_array_foreach(items, i, pod) {
		const char *name = text_at(pod, "metadata", "name");

		if (!is_ready(pod) || !kube_name_safe(name))
			continue;
		connect_to(way, namespace_of(way), name);
		return;
	}
	fail(way, FAULT_SERVER, "port-forward: no pod of it is ready");
}

/* The body as JSON, or the way fails. */
static json_t *answer_of(struct stream_way *way, const struct http_outcome *outcome)
{
	char text[200], why[240];
	json_t *answer = NULL;

	way->call = NULL;
	kube_client_learn(&way->kube->client, outcome);
	if (!outcome->rc && outcome->status == 200)
		answer = json_loadb(way->answer.data ? way->answer.data : "", way->answer.len, 0,
				    NULL);
	if (answer)
		return answer;
	kube_failure_text(outcome, way->answer.data, way->answer.len, text, sizeof(text));
	snprintf(why, sizeof(why), "port-forward: %s", text);
	fail(way, outcome->fault == FAULT_NONE ? FAULT_SERVER : outcome->fault, why);
	return NULL;
}

static void got_pods(void *arg, const struct http_outcome *outcome)
{
	struct stream_way *way = arg;
	json_t *list = answer_of(way, outcome);

	if (!list)
		return;
	pods_came(way, list);
	json_decref(list);
}

static void put_encoded(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_printf(out, strchr("=,!() &#+?%", *text) ? "%%%02X" : "%c",
			   (unsigned char)*text);
}

static void look_for_pods(struct stream_way *way, const char *selector)
{
	struct buf path = BUF_INIT(8192);

	buf_printf(&path, "/api/v1/namespaces/%s/pods?limit=" PODS_LIMIT "&labelSelector=",
		   namespace_of(way));
	put_encoded(&path, selector);
	ask(way, buf_detach(&path), got_pods);
}

static void got_service(void *arg, const struct http_outcome *outcome)
{
	struct stream_way *way = arg;
	json_t *service = answer_of(way, outcome), *labels, *value;
	struct buf selector = BUF_INIT(4096);
	const char *key;

	if (!service)
		return;
	labels = json_object_get(json_object_get(service, "spec"), "selector");
	json_object_foreach(labels, key, value)
		buf_printf(&selector, "%s%s=%s", selector.len ? "," : "", key,
			   json_string_value(value) ? json_string_value(value) : "");
	if (selector.len)
		look_for_pods(way, selector.data);
	else
		fail(way, FAULT_SERVER, "port-forward: the service selects no pods");
	buf_release(&selector);
	json_decref(service);
}

static void take_body(void *arg, long status, const char *bytes, size_t len)
{
	struct stream_way *way = arg;

	(void)status;
	buf_append(&way->answer, bytes, len);
}

static void ask(struct stream_way *way, char *path,
		void (*done)(void *arg, const struct http_outcome *outcome))
{
	struct kube_ask ask = {
		.path = path, .total_ms = LOOK_MS, .gzip = true, .data = take_body, .done = done,
		.arg = way,
	};

	buf_clear(&way->answer);
	way->call = kube_read(&way->kube->client, &ask);
	free(path);
}

static void begin(struct stream_way *way)
{
	const struct config_via_kubernetes *via = way->via;
	const char *name = via->pod ? via->pod : via->service ? via->service : "";

	if (!kube_name_safe(name) || !kube_name_safe(namespace_of(way)))
		fail(way, FAULT_SERVER, "via.kubernetes: that is no name");
	else if (via->pod)
		connect_to(way, namespace_of(way), via->pod);
	else if (via->selector)
		look_for_pods(way, via->selector);
	else
		ask(way, xasprintf("/api/v1/namespaces/%s/services/%s", namespace_of(way),
				   via->service), got_service);
}

static void on_timer(uv_timer_t *timer)
{
	struct stream_way *way = timer->data;

	if (!way->ws && !way->call)
		begin(way);
	else if (way->ready && websocket_waiting(way->ws) >= AHEAD_MAX)
		uv_timer_start(&way->timer, on_timer, 10, 0);
	else if (way->ready)
		watch(way);
}

static struct stream_way *way_open(void *self, const struct config_via *via, const char *host,
				   int port, int fd, const struct stream_way_events *events)
{
	struct stream_way *way = xcalloc(1, sizeof(*way));

	(void)host;
	way->kube = self;
	way->next = way->kube->ways;
	way->kube->ways = way;
	way->via = &via->kubernetes;
	way->events = *events;
	way->port = way->via->port ? (int)way->via->port : port;
	way->fd = fd;
	way->answer.max = ANSWER_MAX;
	way->back.max = BACK_MAX;
	uv_poll_init(way->kube->env->loop, &way->poll, fd);
	uv_timer_init(way->kube->env->loop, &way->timer);
	way->poll.data = way->timer.data = way;
	uv_timer_start(&way->timer, on_timer, 0, 0);
	return way;
}

static void way_close(struct stream_way *way)
{
	struct stream_way **slot = way->kube ? &way->kube->ways : NULL;

	while (slot && *slot != way)
		slot = &(*slot)->next;
	if (slot)
		*slot = way->next;
	way->closed = true;
	if (way->dropped && !way->closing)
		way_free(way);
	else
		drop(way);
}

void kube_ways_stop(struct kube *kube)
{
	struct stream_way *way;

	for (way = kube->ways; way; way = way->next) {
		drop(way);
		way->kube = NULL;
	}
	kube->ways = NULL;
}

const struct stream_way_ops kube_way = {
	.name = "kubernetes", .open = way_open, .close = way_close,
};

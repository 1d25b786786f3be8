/* backends/stream.c: see stream.h */
#include "backends/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "backends/doorway.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"

#define WAITING_MAX (16 * 1024 * 1024)
#define READ_BYTES (32 * 1024)
#define READS_PER_TURN 8           /* others on the loop want their turn too */
#define LAST_WORD_MS 300           /* a way's socket and its reason end one after the other */

struct stream {
	uv_loop_t *loop;
	CURLM *multi;              /* until connected, and it keeps the connection after */
	CURL *easy;
	struct curl_slist *connect_to;
	uv_timer_t timer;          /* libcurl's, while connecting; then: there is more to read */
	uv_poll_t *poll;           /* the socket; NULL while there is none */
	int watched;               /* events the watcher waits for, once connected */
	struct stream_events events;
	struct buf waiting;        /* to be sent */
	bool open, dead, busy;     /* busy: inside one of our callbacks or libcurl */
	char why[CURL_ERROR_SIZE];
	const struct stream_way_ops *way_ops;      /* NULL = directly */
	void *way_self;
	struct stream_way *way;    /* once libcurl has come to the door */
	const struct config_via *via;
	char *host;                /* as the way's far end calls the peer */
	int port;
	int listener;              /* the door; -1 = none (any more) */
	uv_timer_t last_word;
	bool ending;               /* the socket is of no use any more */
	enum fresh_fault end_fault;
	char end_why[CURL_ERROR_SIZE];     /* the way's own reason once it has told one */
	int closing;               /* handles whose close callback is still to come */
	struct cost *cost;
};

static void free_poll(uv_handle_t *handle)
{
	free(handle);
}

static void drop_poll(struct stream *stream)
{
	if (!stream->poll)
		return;
	uv_poll_stop(stream->poll);
	uv_close((uv_handle_t *)stream->poll, free_poll);
	stream->poll = NULL;
}

static void timer_closed(uv_handle_t *handle)
{
	struct stream *stream = handle->data;

	if (!--stream->closing)
		free(stream);
}

static void destroy(struct stream *stream)
{
	drop_poll(stream);
	if (stream->way)
		stream->way_ops->close(stream->way);
	if (stream->listener >= 0)
		close(stream->listener);
	free(stream->host);
	curl_multi_remove_handle(stream->multi, stream->easy);
	curl_easy_cleanup(stream->easy);
	curl_multi_cleanup(stream->multi);
	curl_slist_free_all(stream->connect_to);
	buf_release(&stream->waiting);
	stream->closing = 2;
	uv_close((uv_handle_t *)&stream->timer, timer_closed);
	uv_close((uv_handle_t *)&stream->last_word, timer_closed);
}

void stream_close(struct stream *stream)
{
	if (!stream || stream->dead)
		return;
	stream->dead = true;
	if (!stream->busy)
		destroy(stream);
}

static void tell_end(struct stream *stream, enum fresh_fault fault, const char *why)
{
	struct stream_events events = stream->events;
	char text[CURL_ERROR_SIZE];

	snprintf(text, sizeof(text), "%s", why);
	stream->dead = true;
	events.closed(events.arg, fault, text);
}

static void wait_for_last_word(struct stream *stream, int ms);

static void fail(struct stream *stream, enum fresh_fault fault, const char *why)
{
	if (stream->dead || stream->ending)
		return;
	if (stream->end_why[0])
		tell_end(stream, stream->end_fault, stream->end_why);
	else if (!stream->way)
		tell_end(stream, fault, why);
	else {
		/* The way may know more than that its socket has ended. */
		stream->ending = true;
		stream->end_fault = fault;
		snprintf(stream->end_why, sizeof(stream->end_why), "%s", why);
		drop_poll(stream);
		uv_timer_stop(&stream->timer);
		wait_for_last_word(stream, LAST_WORD_MS);
	}
}

/* After each turn: what died during it goes now. */
static void leave(struct stream *stream)
{
	stream->busy = false;
	if (stream->dead)
		destroy(stream);
}

/* Once connected */

static void on_ready(uv_poll_t *poll, int status, int events);

static void watch(struct stream *stream)
{
	int events = UV_READABLE | (stream->waiting.len ? UV_WRITABLE : 0);

	/* Each uv_poll_start() costs two calls into the kernel, also when nothing changes. */
	if (!stream->poll || !stream->open || events == stream->watched)
		return;
	stream->watched = events;
	uv_poll_start(stream->poll, events, on_ready);
}

/* TLS 1.3 lets the peer refuse our certificate, or the lack of one, when all seems well already:
 * "... alert certificate required, errno 0". */
static void fail_broken(struct stream *stream)
{
	const char *alert = strstr(stream->why, " alert ");
	char text[120];

	snprintf(text, sizeof(text), "connection broke%s%.*s", alert ? ": TLS" : "",
		 alert ? (int)strcspn(alert, ",") : 0, alert ? alert : "");
	fail(stream, FAULT_SERVER, text);
}

static void count(struct stream *stream, const struct cost_amount *more)
{
	cost_count(stream->cost, more, clock_mono_ms());
}

static CURLcode send_some(struct stream *stream)
{
	CURLcode rc = CURLE_OK;
	size_t sent;

	while (stream->waiting.len && rc == CURLE_OK) {
		sent = 0;
		rc = curl_easy_send(stream->easy, stream->waiting.data, stream->waiting.len,
				    &sent);
		buf_consume(&stream->waiting, sent);
		count(stream, &(struct cost_amount){.bytes_out = sent});
	}
	return rc;
}

static void send_waiting(struct stream *stream)
{
	CURLcode rc = send_some(stream);

	if (rc != CURLE_OK && rc != CURLE_AGAIN)
		fail_broken(stream);
}

static void on_more(uv_timer_t *timer);

static void receive(struct stream *stream)
{
	char bytes[READ_BYTES];
	CURLcode rc;
	size_t got;
	int turn;

	for (turn = 0; turn < READS_PER_TURN && !stream->dead; turn++) {
		got = 0;
		rc = curl_easy_recv(stream->easy, bytes, sizeof(bytes), &got);
		if (rc == CURLE_AGAIN)
			return;
		if (rc == CURLE_OK && !got)
			fail(stream, FAULT_SERVER, "connection closed");
		else if (rc != CURLE_OK)
			fail_broken(stream);
		if (rc != CURLE_OK || !got)
			return;
		count(stream, &(struct cost_amount){.bytes_in = got});
		stream->events.data(stream->events.arg, bytes, got);
	}
	/* What TLS has already taken from the socket would wake nobody. */
	if (!stream->dead)
		uv_timer_start(&stream->timer, on_more, 0, 0);
}

static void on_more(uv_timer_t *timer)
{
	struct stream *stream = timer->data;

	stream->busy = true;
	receive(stream);
	leave(stream);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct stream *stream = poll->data;

	stream->busy = true;
	/* First what the peer has said: it may tell why it takes nothing more. */
	if (status < 0 || (events & UV_READABLE))
		receive(stream);
	if (status < 0)
		fail_broken(stream);
	if (!stream->dead && !stream->ending && (events & UV_WRITABLE))
		send_waiting(stream);
	if (!stream->dead)
		watch(stream);
	leave(stream);
}

/* Sent from the loop alone: many small writes leave as one, and no callback comes in here. */
int stream_write(struct stream *stream, const char *bytes, size_t len)
{
	if (stream->dead || stream->ending)
		return -EPIPE;
	if (buf_append(&stream->waiting, bytes, len))
		return -ENOBUFS;
	watch(stream);
	return 0;
}

size_t stream_waiting(const struct stream *stream)
{
	return stream->waiting.len;
}

/* What fails here fails again, and is told, when the loop sends the rest. */
void stream_flush(struct stream *stream)
{
	if (stream->open && !stream->dead && !stream->ending)
		send_some(stream);
}

/* Over a way. libcurl 7.88 cannot be given a connected socket (it connects it once more), so it
 * connects to a doorway, and the way gets what has come in there. */

static void on_last_word(uv_timer_t *timer)
{
	struct stream *stream = timer->data;

	stream->busy = true;
	tell_end(stream, stream->end_fault, stream->end_why);
	leave(stream);
}

static void wait_for_last_word(struct stream *stream, int ms)
{
	uv_timer_start(&stream->last_word, on_last_word, (uint64_t)ms, 0);
}

/* What has come through before it broke is still to be read: the socket's end tells when. */
static void way_failed(void *arg, enum fresh_fault fault, const char *why)
{
	struct stream *stream = arg;
	bool ended = stream->ending || !stream->open;

	stream->busy = true;
	stream->end_fault = fault;
	snprintf(stream->end_why, sizeof(stream->end_why), "%s", why);
	if (ended)
		tell_end(stream, fault, why);
	else
		wait_for_last_word(stream, LAST_WORD_MS);
	leave(stream);
}

static void look_at_door(struct stream *stream)
{
	struct stream_way_events events = {way_failed, stream};
	int fd = doorway_accept(stream->listener);

	if (fd < 0)
		return;
	close(stream->listener);
	stream->listener = -1;
	stream->way = stream->way_ops->open(stream->way_self, stream->via, stream->host,
					    stream->port, fd, &events);
}

/* While connecting */

static void connected(struct stream *stream)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	uv_timer_stop(&stream->timer);
	curl_easy_getinfo(stream->easy, CURLINFO_ACTIVESOCKET, &fd);
	drop_poll(stream);
	if (fd == CURL_SOCKET_BAD) {
		fail(stream, FAULT_SERVER, "connection closed");
		return;
	}
	stream->poll = xcalloc(1, sizeof(*stream->poll));
	stream->poll->data = stream;
	if (uv_poll_init_socket(stream->loop, stream->poll, fd)) {
		free(stream->poll);
		stream->poll = NULL;
		fail(stream, FAULT_SERVER, "the connection cannot be watched");
		return;
	}
	stream->open = true;
	count(stream, &(struct cost_amount){.connections = 1});
	stream->why[0] = '\0';
	stream->events.opened(stream->events.arg);
	if (!stream->dead)
		watch(stream);
}

static void not_connected(struct stream *stream, CURLcode code)
{
	const char *why = stream->why[0] ? stream->why : curl_easy_strerror(code);
	long number = 0;

	curl_easy_getinfo(stream->easy, CURLINFO_OS_ERRNO, &number);

	if (code == CURLE_COULDNT_RESOLVE_HOST)
		fail(stream, FAULT_LINK, "name does not resolve");
	else if (code == CURLE_OPERATION_TIMEDOUT)
		fail(stream, FAULT_SERVER, "no connection in time");
	else if (code == CURLE_COULDNT_CONNECT && number == ECONNREFUSED)
		fail(stream, FAULT_SERVER, "connection refused");
	else if (number == ENETUNREACH || number == ENETDOWN)
		fail(stream, FAULT_LINK, "network unreachable");
	else if (number == EHOSTUNREACH)
		fail(stream, FAULT_SERVER, "host unreachable");
	else
		fail(stream, FAULT_SERVER, why);
}

static void turn(struct stream *stream, curl_socket_t fd, int events)
{
	int running, left;
	CURLMsg *msg;

	stream->busy = true;
	curl_multi_socket_action(stream->multi, fd, events, &running);
	if (stream->listener >= 0)
		look_at_door(stream);
	while (!stream->open && !stream->dead && !stream->ending &&
	       (msg = curl_multi_info_read(stream->multi, &left))) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		if (msg->data.result == CURLE_OK)
			connected(stream);
		else
			not_connected(stream, msg->data.result);
	}
	leave(stream);
}

static void on_timeout(uv_timer_t *timer)
{
	turn(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
	struct stream *stream = arg;

	(void)multi;
	if (stream->open)
		return 0;
	if (ms < 0)
		uv_timer_stop(&stream->timer);
	else
		uv_timer_start(&stream->timer, on_timeout, (uint64_t)ms, 0);
	return 0;
}

static void on_connecting(uv_poll_t *poll, int status, int events)
{
	struct stream *stream = poll->data;
	int flags = status < 0 ? CURL_CSELECT_ERR : 0;
	uv_os_fd_t fd;

	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	uv_fileno((uv_handle_t *)poll, &fd);
	turn(stream, fd, flags);
}

/* Addresses may be tried one after the other: each new socket takes the watcher's place. */
static int set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct stream *stream = arg;
	int events = 0;
	uv_os_fd_t old = -1;

	(void)easy;
	(void)known;
	if (stream->open)
		return 0;
	if (stream->poll)
		uv_fileno((uv_handle_t *)stream->poll, &old);
	if (what == CURL_POLL_REMOVE) {
		if (old == fd)
			drop_poll(stream);
		return 0;
	}
	if (old != fd) {
		drop_poll(stream);
		stream->poll = xcalloc(1, sizeof(*stream->poll));
		stream->poll->data = stream;
		if (uv_poll_init_socket(stream->loop, stream->poll, fd)) {
			free(stream->poll);
			stream->poll = NULL;
			return -1;
		}
	}
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	uv_poll_start(stream->poll, events, on_connecting);
	return 0;
}

/* libcurl checks the certificate against the URL's host: another name stands in the URL then, and
 * the connection is told where to go. */
static void address(struct stream *stream, const struct stream_peer *peer)
{
	const char *open = strchr(peer->host, ':') ? "[" : "";
	const char *close = open[0] ? "]" : "";
	char *url, *to;

	if (peer->tls && peer->tls_name) {
		to = xasprintf("%s:%d:%s%s%s:%d", peer->tls_name, peer->port, open, peer->host,
			       close, peer->port);
		stream->connect_to = curl_slist_append(NULL, to);
		curl_easy_setopt(stream->easy, CURLOPT_CONNECT_TO, stream->connect_to);
		url = xasprintf("https://%s:%d/", peer->tls_name, peer->port);
		free(to);
	} else {
		url = xasprintf("%s://%s%s%s:%d/", peer->tls ? "https" : "http", open, peer->host,
				close, peer->port);
	}
	curl_easy_setopt(stream->easy, CURLOPT_URL, url);
	free(url);
}

static void set_pem(CURL *easy, CURLoption option, const char *pem)
{
	struct curl_blob blob = {(void *)(uintptr_t)pem, pem ? strlen(pem) : 0, CURL_BLOB_COPY};

	if (pem)
		curl_easy_setopt(easy, option, &blob);
}

static void trust(CURL *easy, const struct stream_peer *peer)
{
	if (peer->ca_file || peer->ca_pem) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, peer->ca_file);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (peer->cert_file)
		curl_easy_setopt(easy, CURLOPT_SSLCERT, peer->cert_file);
	if (peer->key_file)
		curl_easy_setopt(easy, CURLOPT_SSLKEY, peer->key_file);
	set_pem(easy, CURLOPT_CAINFO_BLOB, peer->ca_pem);
	set_pem(easy, CURLOPT_SSLCERT_BLOB, peer->cert_pem);
	set_pem(easy, CURLOPT_SSLKEY_BLOB, peer->key_pem);
	/* Without it OpenSSL asks for an encrypted key's passphrase on the terminal. */
	curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
	if (peer->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static void prepare(struct stream *stream, const struct stream_peer *peer)
{
	CURL *easy = stream->easy;

	address(stream, peer);
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, peer->proxy ? peer->proxy : "");
	curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, stream->why);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)peer->connect_ms);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Else giving up on a slow name server waits for the thread that asks it. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
	trust(easy, peer);
}

static void go_by_way(struct stream *stream, const struct stream_peer *peer, const char *name)
{
	const struct stream_ways *ways = peer->ways;
	char door[DOORWAY_NAME];
	size_t i;

	for (i = 0; ways && i < ways->len && strcmp(ways->items[i].ops->name, name); i++)
		;
	stream->end_fault = FAULT_LINK;
	if (!ways || i == ways->len) {
		snprintf(stream->end_why, sizeof(stream->end_why),
			 "to be reached through %s, which isn't configured", name);
		return;
	}
	stream->listener = doorway_open(door);
	if (stream->listener < 0) {
		snprintf(stream->end_why, sizeof(stream->end_why), "no local socket: %s",
			 strerror(-stream->listener));
		return;
	}
	stream->way_ops = ways->items[i].ops;
	stream->way_self = ways->items[i].self;
	stream->via = peer->via;
	stream->host = xstrdup(peer->host);
	stream->port = peer->port;
	curl_easy_setopt(stream->easy, CURLOPT_ABSTRACT_UNIX_SOCKET, door);
}

struct stream *stream_open(uv_loop_t *loop, const struct stream_peer *peer,
			   const struct stream_events *events)
{
	struct stream *stream = xcalloc(1, sizeof(*stream));
	const char *way = peer->via ? config_via_name(peer->via) : NULL;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	stream->loop = loop;
	stream->events = *events;
	stream->cost = peer->cost;
	stream->waiting.max = WAITING_MAX;
	stream->multi = curl_multi_init();
	stream->easy = curl_easy_init();
	uv_timer_init(loop, &stream->timer);
	uv_timer_init(loop, &stream->last_word);
	stream->timer.data = stream->last_word.data = stream;
	stream->listener = -1;
	curl_multi_setopt(stream->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(stream->multi, CURLMOPT_SOCKETDATA, stream);
	curl_multi_setopt(stream->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(stream->multi, CURLMOPT_TIMERDATA, stream);
	if (way)
		go_by_way(stream, peer, way);
	prepare(stream, peer);
	if (stream->end_why[0])
		wait_for_last_word(stream, 0);
	else
		curl_multi_add_handle(stream->multi, stream->easy);
	return stream;
}

/* backends/http.c: see http.h */
#include "backends/http.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

#include "core/alloc.h"
#include "core/clock.h"

#define CONNECT_MS 5000
/* A peer that is gone without a word is given up by the kernel after 15 to 25 s. */
#define UNANSWERED_MS 15000
#define UPLOAD_BYTES 16384L            /* the least that libcurl takes */
#define KEEPALIVE_AFTER_S 10L
#define KEEPALIVE_EVERY_S 5L

struct http {
	uv_loop_t *loop;
	CURLM *multi;
	CURLSH *share;             /* TLS sessions: a second connection to a peer costs less */
	uv_timer_t timer;          /* libcurl's own */
	uv_timer_t watchdog;       /* looks for silent calls */
	int closing;               /* handles whose close callback is still to come */
	int in_curl;               /* depth: inside libcurl no handle may be added or removed */
	bool in_timer, settling;
	bool freed;                /* by a callback: goes when libcurl and its callbacks are done */
	struct http_call *calls;
	struct cost *cost;         /* NULL = nobody counts */
};

/* QUEUED and CANCELLED wait for libcurl to leave the stack, DROPPED for its callback. */
enum call_state { CALL_QUEUED, CALL_RUNNING, CALL_CANCELLED, CALL_DROPPED, CALL_ENDED };

struct http_call {
	struct http *http;
	struct http_call *prev, *next;
	CURL *easy;
	struct curl_slist *headers, *connect_to;
	enum call_state state;
	int64_t silence_ms, heard_mono_ms;
	bool silent;
	uint64_t counted_in;       /* bytes of the body already counted */
	void (*data)(void *arg, long status, const char *bytes, size_t len);
	void (*done)(void *arg, const struct http_outcome *outcome);
	void (*header)(void *arg, const char *line, size_t len);
	void (*measure)(void *arg, void *easy);
	void *arg;
	char why[CURL_ERROR_SIZE];
};

struct watched_socket {
	uv_poll_t poll;
	struct http *http;
	curl_socket_t fd;
};

static void settle(struct http *http);

/* Bodies as they come, since a watch may go on for hours. */
static void count_body(struct http_call *call)
{
	struct cost_amount more = {0};
	curl_off_t in = 0;

	curl_easy_getinfo(call->easy, CURLINFO_SIZE_DOWNLOAD_T, &in);
	if ((uint64_t)in <= call->counted_in)
		return;
	more.bytes_in = (uint64_t)in - call->counted_in;
	call->counted_in = (uint64_t)in;
	cost_count(call->http->cost, &more, clock_mono_ms());
}

/* At its end, whatever end it was. */
static void count_call(struct http_call *call)
{
	long head_in = 0, head_out = 0, connects = 0;
	struct cost_amount more;
	curl_off_t out = 0;

	count_body(call);
	curl_easy_getinfo(call->easy, CURLINFO_HEADER_SIZE, &head_in);
	curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &head_out);
	curl_easy_getinfo(call->easy, CURLINFO_SIZE_UPLOAD_T, &out);
	curl_easy_getinfo(call->easy, CURLINFO_NUM_CONNECTS, &connects);
	more = (struct cost_amount){0, (uint64_t)head_in, (uint64_t)head_out + (uint64_t)out,
				    (uint64_t)connects};
	cost_count(call->http->cost, &more, clock_mono_ms());
}

static void call_free(struct http_call *call)
{
	count_call(call);
	if (call->prev)
		call->prev->next = call->next;
	else
		call->http->calls = call->next;
	if (call->next)
		call->next->prev = call->prev;
	curl_easy_cleanup(call->easy);
	curl_slist_free_all(call->headers);
	curl_slist_free_all(call->connect_to);
	free(call);
}

static void act_on(struct http *http, curl_socket_t fd, int events)
{
	int running;

	http->in_curl++;
	curl_multi_socket_action(http->multi, fd, events, &running);
	http->in_curl--;
	settle(http);
}

static void on_timeout(uv_timer_t *timer)
{
	struct http *http = timer->data;

	http->in_timer = true;
	act_on(http, CURL_SOCKET_TIMEOUT, 0);
	http->in_timer = false;
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
	struct http *http = arg;

	(void)multi;
	/* At once, but a timer that sets itself to "at once" would never let sockets be read. */
	if (!ms && http->in_timer)
		ms = 1;
	if (ms < 0)
		uv_timer_stop(&http->timer);
	else
		uv_timer_start(&http->timer, on_timeout, (uint64_t)ms, 0);
	return 0;
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct watched_socket *sock = poll->data;
	int flags = 0;

	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	act_on(sock->http, sock->fd, flags);
}

static void free_socket(uv_handle_t *handle)
{
	free(handle->data);
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct http *http = arg;
	struct watched_socket *sock = known;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		curl_multi_assign(http->multi, fd, NULL);
		if (sock) {
			uv_poll_stop(&sock->poll);
			uv_close((uv_handle_t *)&sock->poll, free_socket);
		}
		return 0;
	}
	if (!sock) {
		sock = xcalloc(1, sizeof(*sock));
		sock->http = http;
		sock->fd = fd;
		if (uv_poll_init_socket(http->loop, &sock->poll, fd)) {
			free(sock);
			return -1;
		}
		sock->poll.data = sock;
		curl_multi_assign(http->multi, fd, sock);
	}
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	uv_poll_start(&sock->poll, events, on_socket);
	return 0;
}

static void look_for_silence(uv_timer_t *timer);

/* Sleep until the first call could have been silent for too long. */
static void watch_silence(struct http *http)
{
	int64_t now = clock_mono_ms(), first = INT64_MAX;
	const struct http_call *call;

	for (call = http->calls; call; call = call->next)
		if (call->silence_ms && call->state == CALL_RUNNING &&
		    call->heard_mono_ms + call->silence_ms < first)
			first = call->heard_mono_ms + call->silence_ms;
	if (first == INT64_MAX)
		uv_timer_stop(&http->watchdog);
	else
		uv_timer_start(&http->watchdog, look_for_silence,
			       (uint64_t)(first > now ? first - now + 1 : 1), 0);
}

static void look_for_silence(uv_timer_t *timer)
{
	struct http *http = timer->data;
	int64_t now = clock_mono_ms();
	struct http_call *call;

	for (call = http->calls; call; call = call->next)
		if (call->silence_ms && call->state == CALL_RUNNING &&
		    now - call->heard_mono_ms > call->silence_ms)
			call->silent = true;
	settle(http);
	if (!http->freed)
		watch_silence(http);
}

static CURLM *new_multi(struct http *http)
{
	CURLM *multi = curl_multi_init();

	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, http);
	return multi;
}

struct http *http_new(uv_loop_t *loop)
{
	struct http *http = xcalloc(1, sizeof(*http));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	http->loop = loop;
	http->multi = new_multi(http);
	http->share = curl_share_init();
	curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	uv_timer_init(loop, &http->timer);
	uv_timer_init(loop, &http->watchdog);
	http->timer.data = http->watchdog.data = http;
	return http;
}

static void timer_closed(uv_handle_t *handle)
{
	struct http *http = handle->data;

	if (--http->closing == 0)
		free(http);
}

static void tear_down(struct http *http)
{
	while (http->calls) {
		if (http->calls->state == CALL_RUNNING)
			curl_multi_remove_handle(http->multi, http->calls->easy);
		call_free(http->calls);
	}
	curl_multi_cleanup(http->multi);
	curl_share_cleanup(http->share);
	http->closing = 2;
	uv_close((uv_handle_t *)&http->timer, timer_closed);
	uv_close((uv_handle_t *)&http->watchdog, timer_closed);
}

void http_free(struct http *http)
{
	if (!http)
		return;
	http->freed = true;
	if (!http->in_curl && !http->settling)
		tear_down(http);
}

void http_reset(struct http *http)
{
	struct http_call *call;

	http->in_curl++;
	for (call = http->calls; call; call = call->next) {
		if (call->state != CALL_RUNNING)
			continue;
		curl_multi_remove_handle(http->multi, call->easy);
		call->state = CALL_DROPPED;
	}
	curl_multi_cleanup(http->multi);
	http->in_curl--;
	http->multi = new_multi(http);
	uv_timer_stop(&http->timer);
	if (!http->settling)
		settle(http);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct http_call *call = arg;
	size_t len = size * count;
	long status = 0;

	call->heard_mono_ms = clock_mono_ms();
	if (call->state != CALL_RUNNING || call->http->freed)
		return 0;
	count_body(call);
	if (!call->data)
		return len;
	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	call->data(call->arg, status, bytes, len);
	return call->state == CALL_RUNNING && !call->http->freed ? len : 0;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
	struct http_call *call = arg;

	call->heard_mono_ms = clock_mono_ms();
	if (call->state != CALL_RUNNING)
		return 0;
	call->header(call->arg, bytes, size * count);
	return call->state == CALL_RUNNING ? size * count : 0;
}

static void set_blob(CURL *easy, CURLoption option, const char *pem)
{
	struct curl_blob blob = {(void *)(uintptr_t)pem, strlen(pem), CURL_BLOB_COPY};

	curl_easy_setopt(easy, option, &blob);
}

/* Reading the system's authorities takes some 25 ms of CPU. libcurl keeps them from one connection
 * to the next, but only while they stand in one file and in no folder as well. */
static void trust_one_file(CURL *easy)
{
	const char *file = curl_version_info(CURLVERSION_NOW)->cainfo;

	if (file && !access(file, R_OK))
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
}

static void trust(struct http_call *call, const struct http_peer *peer)
{
	CURL *easy = call->easy;

	if (!peer || !peer->ca_pem)
		trust_one_file(easy);
	if (!peer)
		return;
	if (peer->ca_pem) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
		set_blob(easy, CURLOPT_CAINFO_BLOB, peer->ca_pem);
	}
	if (peer->cert_pem)
		set_blob(easy, CURLOPT_SSLCERT_BLOB, peer->cert_pem);
	if (peer->key_pem) {
		set_blob(easy, CURLOPT_SSLKEY_BLOB, peer->key_pem);
		/* Without it OpenSSL asks for an encrypted key's passphrase on the terminal. */
		curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
	}
	if (peer->user) {
		curl_easy_setopt(easy, CURLOPT_USERNAME, peer->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, peer->password ? peer->password : "");
	}
	if (peer->proxy)
		curl_easy_setopt(easy, CURLOPT_PROXY, peer->proxy);
	if (peer->connect_to) {
		call->connect_to = curl_slist_append(NULL, peer->connect_to);
		curl_easy_setopt(easy, CURLOPT_CONNECT_TO, call->connect_to);
	}
	if (peer->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static void set_body(struct http_call *call, const struct http_request *request)
{
	if (strcmp(request->method, "GET"))
		curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, request->method);
	if (!request->body)
		return;
	curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	curl_easy_setopt(call->easy, CURLOPT_COPYPOSTFIELDS, request->body);
	call->headers = curl_slist_append(call->headers, "Expect:");
}

static int on_new_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	unsigned int ms = UNANSWERED_MS;

	(void)arg;
	if (purpose == CURLSOCKTYPE_IPCXN)
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
	return CURL_SOCKOPT_OK;
}

static void set_redirects(CURL *easy, const struct http_request *request)
{
	if (!request->redirects)
		return;
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)request->redirects);
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR,
			 strncmp(request->url, "https:", 6) ? "http,https" : "https");
}

static void prepare(struct http_call *call, const struct http_request *request)
{
	int64_t connect_ms = request->connect_ms ? request->connect_ms : CONNECT_MS;
	const char *const *header;
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(easy, CURLOPT_SHARE, call->http->share);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Without it a call whose name server hangs holds the loop up when it is given up. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
	/* Even a GET keeps one of these as long as it lasts, and a watch lasts. */
	curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BYTES);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
			 request->protocols ? request->protocols : "http,https");
	/* libcurl 7.88 lets the data of one HTTP/2 stream lie while it reads another's, for seconds,
	 * until more arrives (measured on lists; fatal for watches). One connection each is sound. */
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_AFTER_S);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, KEEPALIVE_EVERY_S);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_new_socket);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "sitrep/" PACKAGE_VERSION);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->why);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
	if (request->total_ms)
		curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->total_ms);
	if (request->once)
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	if (request->gzip)
		curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	for (header = request->headers; header && *header; header++)
		call->headers = curl_slist_append(call->headers, *header);
	set_body(call, request);
	if (call->headers)
		curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
	trust(call, request->peer);
	set_redirects(easy, request);
	if (request->header) {
		curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
		curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
	}
	if (request->tune)
		request->tune(request->arg, easy);
}

static void start_queued(struct http_call *call)
{
	struct http *http = call->http;

	call->state = CALL_RUNNING;
	call->heard_mono_ms = clock_mono_ms();
	http->in_curl++;
	curl_multi_add_handle(http->multi, call->easy);
	http->in_curl--;
	if (call->silence_ms)
		watch_silence(http);
}

void http_count(struct http *http, struct cost *cost)
{
	http->cost = cost;
}

struct http_call *http_start(struct http *http, const struct http_request *request)
{
	struct http_call *call = xcalloc(1, sizeof(*call));

	call->http = http;
	call->easy = curl_easy_init();
	call->silence_ms = request->silence_ms;
	call->data = request->data;
	call->done = request->done;
	call->header = request->header;
	call->measure = request->measure;
	call->arg = request->arg;
	call->next = http->calls;
	if (call->next)
		call->next->prev = call;
	http->calls = call;
	prepare(call, request);
	cost_count(http->cost, &(struct cost_amount){.requests = 1}, clock_mono_ms());
	if (!http->in_curl)
		start_queued(call);
	return call;
}

void http_cancel(struct http_call *call)
{
	struct http *http;

	if (!call)
		return;
	http = call->http;
	if (http->in_curl) {
		call->state = CALL_CANCELLED;
		return;
	}
	if (call->state == CALL_RUNNING)
		curl_multi_remove_handle(http->multi, call->easy);
	call_free(call);
}

struct curl_fault {
	CURLcode code;
	int rc;
	enum fresh_fault fault;
	const char *text;          /* NULL = libcurl's own words */
};

static const struct curl_fault curl_faults[] = {
	{CURLE_COULDNT_RESOLVE_HOST, -EHOSTUNREACH, FAULT_LINK, "name does not resolve"},
	{CURLE_COULDNT_RESOLVE_PROXY, -EHOSTUNREACH, FAULT_LINK, "proxy's name does not resolve"},
	{CURLE_COULDNT_CONNECT, -ECONNREFUSED, FAULT_SERVER, NULL},
	{CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT, FAULT_SERVER, "no answer in time"},
	{CURLE_PEER_FAILED_VERIFICATION, -EPROTO, FAULT_SERVER, NULL},
	{CURLE_SSL_CERTPROBLEM, -EACCES, FAULT_RIGHTS, NULL},
	{CURLE_GOT_NOTHING, -ECONNRESET, FAULT_SERVER, "connection closed without an answer"},
	{CURLE_RECV_ERROR, -ECONNRESET, FAULT_SERVER, "connection broke"},
	{CURLE_SEND_ERROR, -ECONNRESET, FAULT_SERVER, "connection broke"},
	{CURLE_PARTIAL_FILE, -ECONNRESET, FAULT_SERVER, "answer cut short"},
	{CURLE_HTTP2, -ECONNRESET, FAULT_SERVER, "connection broke"},
	{CURLE_HTTP2_STREAM, -ECONNRESET, FAULT_SERVER, "connection broke"},
};

/* "host:port" of a call, for people. */
static void peer_name(const struct http_call *call, char *buf, size_t size)
{
	const char *url = NULL, *host;

	curl_easy_getinfo(call->easy, CURLINFO_EFFECTIVE_URL, &url);
	host = url ? strstr(url, "://") : NULL;
	host = host ? host + 3 : "the server";
	snprintf(buf, size, "%.*s", (int)strcspn(host, "/?"), host);
}

/* Why no connection came about, in fewer words than libcurl's. */
static bool explain_connect(const struct http_call *call, CURLcode code,
			    struct http_outcome *outcome)
{
	char peer[128];
	long why = 0;

	peer_name(call, peer, sizeof(peer));
	curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &why);
	if (code == CURLE_OPERATION_TIMEDOUT) {
		snprintf(outcome->text, sizeof(outcome->text), "no connection to %s in time", peer);
	} else if (why == ECONNREFUSED) {
		snprintf(outcome->text, sizeof(outcome->text), "%s refuses connections", peer);
	} else if (why == ENETUNREACH || why == EHOSTUNREACH || why == ENETDOWN) {
		outcome->rc = -EHOSTUNREACH;
		outcome->fault = FAULT_LINK;
		snprintf(outcome->text, sizeof(outcome->text), "no route to %s", peer);
	} else {
		return false;
	}
	return true;
}

static void explain(const struct http_call *call, CURLcode code, struct http_outcome *outcome)
{
	const char *text = NULL;
	size_t i;

	outcome->rc = -EIO;
	outcome->fault = FAULT_SERVER;
	for (i = 0; i < sizeof(curl_faults) / sizeof(curl_faults[0]); i++) {
		if (curl_faults[i].code == code) {
			outcome->rc = curl_faults[i].rc;
			outcome->fault = curl_faults[i].fault;
			text = curl_faults[i].text;
		}
	}
	if (!outcome->connected && explain_connect(call, code, outcome))
		return;
	if (!text)
		text = call->why[0] ? call->why : curl_easy_strerror(code);
	snprintf(outcome->text, sizeof(outcome->text), "%.199s", text);
}

static void measure(struct http_call *call, struct http_outcome *outcome)
{
	curl_off_t in = 0, out_bytes = 0, retry = 0, ready = 0;
	long header_bytes = 0, request_bytes = 0;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &outcome->status);
	curl_easy_getinfo(call->easy, CURLINFO_SIZE_DOWNLOAD_T, &in);
	curl_easy_getinfo(call->easy, CURLINFO_SIZE_UPLOAD_T, &out_bytes);
	curl_easy_getinfo(call->easy, CURLINFO_HEADER_SIZE, &header_bytes);
	curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
	curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &retry);
	curl_easy_getinfo(call->easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
	outcome->connected = ready > 0;
	outcome->bytes_in = (uint64_t)in + (uint64_t)header_bytes;
	outcome->bytes_out = (uint64_t)out_bytes + (uint64_t)request_bytes;
	outcome->retry_after_s = retry > 3600 ? 3600 : (int)retry;
}

static void finish(struct http_call *call, CURLcode code)
{
	struct http_outcome outcome = {0};

	measure(call, &outcome);
	if (call->silent || call->state == CALL_DROPPED) {
		outcome.rc = call->silent ? -ETIMEDOUT : -ECONNABORTED;
		outcome.fault = FAULT_SERVER;
		snprintf(outcome.text, sizeof(outcome.text), "%s", call->silent
			 ? "silent for too long" : "connection given up");
	} else if (code != CURLE_OK) {
		explain(call, code, &outcome);
	} else if (outcome.status == 401 || outcome.status == 403) {
		outcome.fault = FAULT_RIGHTS;
	} else if (outcome.status >= 400) {
		outcome.fault = FAULT_SERVER;
	}
	if (call->measure)
		call->measure(call->arg, call->easy);
	curl_multi_remove_handle(call->http->multi, call->easy);
	call->state = CALL_ENDED;
	if (call->done && !call->http->freed)
		call->done(call->arg, &outcome);
	call_free(call);
}

static void reap_finished(struct http *http)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(http->multi, &left))) {
		struct http_call *call = NULL;
		CURLcode code = msg->data.result;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&call);
		if (call->state == CALL_CANCELLED) {
			curl_multi_remove_handle(http->multi, call->easy);
			call_free(call);
		} else {
			finish(call, code);
		}
	}
}

static struct http_call *find_state(struct http *http)
{
	struct http_call *call;

	for (call = http->calls; call; call = call->next)
		if (call->state == CALL_CANCELLED || call->state == CALL_QUEUED ||
		    call->state == CALL_DROPPED ||
		    (call->silent && call->state == CALL_RUNNING))
			return call;
	return NULL;
}

/* What had to wait while libcurl was on the stack: ended, cancelled, dropped and new calls. */
static void settle(struct http *http)
{
	struct http_call *call;

	if (http->in_curl)
		return;
	http->settling = true;
	reap_finished(http);
	while (!http->freed && (call = find_state(http))) {
		if (call->state == CALL_QUEUED) {
			start_queued(call);
		} else if (call->state == CALL_CANCELLED) {
			curl_multi_remove_handle(http->multi, call->easy);
			call_free(call);
		} else {
			finish(call, CURLE_OPERATION_TIMEDOUT);
		}
	}
	http->settling = false;
	if (http->freed)
		tear_down(http);
}

/* tests/services/test_websocket.c: the client's side of a WebSocket against a server that answers as
 * it is told: cut in pieces, wrongly, or without end */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "backends/websocket.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"

struct bench {
	uv_loop_t loop;
	uv_tcp_t server, guest;
	uv_timer_t limit;
	int port;
	const char *head;          /* of the answer; @ = the right proof; NULL = a good one */
	const char *say;           /* after it */
	size_t len, piece;         /* so much at once; 0 = all */
	struct buf heard, out;
	bool guest_open, answered, opened, closed, close_on_open;
	int messages, status;
	char first[64], why[240];
	struct websocket *ws;
};

static const char good_head[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	"connection: upgrade\r\nsec-websocket-accept:  @\r\nSec-WebSocket-Protocol: p.q\r\n\r\n";

static void lend(uv_handle_t *handle, size_t wish, uv_buf_t *buf)
{
	static char bytes[65536];

	(void)handle;
	(void)wish;
	*buf = uv_buf_init(bytes, sizeof(bytes));
}

static void proof_of(const char *request, char out[40])
{
	const char *key = strstr(request, "Sec-WebSocket-Key: ") + 19;
	unsigned char digest[EVP_MAX_MD_SIZE];
	char text[128];
	unsigned int len;

	snprintf(text, sizeof(text), "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
	EVP_Digest(text, strlen(text), digest, &len, EVP_sha1(), NULL);
	EVP_EncodeBlock((unsigned char *)out, digest, 20);
}

static void say_some(struct bench *bench)
{
	size_t len = bench->piece && bench->piece < bench->out.len ? bench->piece : bench->out.len;
	uv_buf_t buf = uv_buf_init(bench->out.data, (unsigned int)len);
	int sent = uv_try_write((uv_stream_t *)&bench->guest, &buf, 1);

	if (sent > 0)
		buf_consume(&bench->out, (size_t)sent);
}

static void answer(struct bench *bench)
{
	const char *head = bench->head ? bench->head : good_head;
	size_t before = strcspn(head, "@");
	char proof[40];

	proof_of(bench->heard.data, proof);
	buf_append(&bench->out, head, before);
	if (head[before]) {
		buf_append_str(&bench->out, proof);
		buf_append_str(&bench->out, head + before + 1);
	}
	buf_append(&bench->out, bench->say, bench->len);
	bench->answered = true;
}

static void heard(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct bench *bench = stream->data;

	if (len <= 0) {
		uv_read_stop(stream);
		return;
	}
	buf_append(&bench->heard, buf->base, (size_t)len);
	if (!bench->answered && strstr(bench->heard.data, "\r\n\r\n"))
		answer(bench);
}

static void visited(uv_stream_t *server, int status)
{
	struct bench *bench = server->data;

	assert_int_equal(status, 0);
	uv_tcp_init(&bench->loop, &bench->guest);
	bench->guest.data = bench;
	bench->guest_open = true;
	uv_accept(server, (uv_stream_t *)&bench->guest);
	uv_read_start((uv_stream_t *)&bench->guest, lend, heard);
}

static void on_opened(void *arg)
{
	struct bench *bench = arg;

	bench->opened = true;
	if (bench->close_on_open) {
		websocket_close(bench->ws);
		bench->closed = true;
	} else {
		assert_int_equal(websocket_send(bench->ws, "\0", 1, "hello", 5), 0);
	}
}

static void on_message(void *arg, const char *bytes, size_t len)
{
	struct bench *bench = arg;

	if (!bench->messages++)
		snprintf(bench->first, sizeof(bench->first), "%zu:%.*s", len,
			 len < 40 ? (int)len : 40, bytes);
}

static void on_closed(void *arg, enum fresh_fault fault, int status, const char *why)
{
	struct bench *bench = arg;

	(void)fault;
	assert_false(bench->closed);
	bench->closed = true;
	bench->status = status;
	snprintf(bench->why, sizeof(bench->why), "%s", why);
}

static void start(struct bench *bench)
{
	struct sockaddr_in where;
	int len = sizeof(where);

	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&bench->loop);
	uv_tcp_init(&bench->loop, &bench->server);
	bench->server.data = bench;
	bench->heard.max = bench->out.max = 32 * 1024 * 1024;
	uv_ip4_addr("127.0.0.1", 0, &where);
	uv_tcp_bind(&bench->server, (struct sockaddr *)&where, 0);
	assert_int_equal(uv_listen((uv_stream_t *)&bench->server, 4, visited), 0);
	uv_tcp_getsockname(&bench->server, (struct sockaddr *)&where, &len);
	bench->port = ntohs(where.sin_port);
}

/* Until it is closed, or MESSAGES have come. */
static void talk(struct bench *bench, int messages)
{
	struct stream_peer peer = {.host = "127.0.0.1", .connect_ms = 2000};
	struct websocket_events events = {on_opened, on_message, on_closed, bench};
	static const char *const headers[] = {"Authorization: Bearer t", NULL};
	int64_t end = clock_mono_ms() + 5000;

	start(bench);
	peer.port = bench->port;
	bench->ws = websocket_open(&bench->loop, &(struct websocket_request){
		.peer = &peer, .host = "h", .path = "/p?q", .protocol = "p.q", .headers = headers,
	}, &events);
	while (!bench->closed && (!messages || bench->messages < messages) &&
	       clock_mono_ms() < end) {
		uv_run(&bench->loop, UV_RUN_NOWAIT);
		if (bench->guest_open && bench->out.len)
			say_some(bench);
		uv_sleep(1);
	}
	if (!bench->closed)
		websocket_close(bench->ws);
	if (bench->guest_open)
		uv_close((uv_handle_t *)&bench->guest, NULL);
	uv_close((uv_handle_t *)&bench->server, NULL);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&bench->loop), 0);
	buf_release(&bench->out);
}

static void assert_closed(const struct bench *bench, const char *why)
{
	assert_true(bench->closed);
	if (!strstr(bench->why, why))
		fail_msg("'%s' does not hold '%s'", bench->why, why);
}

/* "hello" in two parts with a ping between them, then an empty one; whole, and byte by byte. */
static void messages(void **state)
{
	static const char frames[] = "\x02\x03hel\x89\x02yo\x80\x02lo\x82\x00";
	size_t piece;

	(void)state;
	for (piece = 0; piece < 8; piece++) {
		struct bench bench = {.say = frames, .len = sizeof(frames) - 1, .piece = piece};

		talk(&bench, 2);
		assert_true(bench.opened && !bench.closed);
		assert_string_equal(bench.first, "5:hello");
		assert_non_null(strstr(bench.heard.data, "GET /p?q HTTP/1.1\r\nHost: h\r\n"));
		assert_non_null(strstr(bench.heard.data, "Authorization: Bearer t\r\n"));
		buf_release(&bench.heard);
	}
}

static void a_long_message(void **state)
{
	size_t len = 70000;
	char *frame = xmalloc(len + 10);
	struct bench bench = {.say = frame, .len = len + 10};

	(void)state;
	memcpy(frame, "\x82\x7f\0\0\0\0\0\x01\x11\x70", 10);
	memset(frame + 10, 'a', len);
	talk(&bench, 1);
	assert_int_equal(strncmp(bench.first, "70000:aaa", 9), 0);
	buf_release(&bench.heard);
	free(frame);
}

static void refusals(void **state)
{
	static const struct { const char *head, *say, *why; int status; } rows[] = {
		{"HTTP/1.1 403 Forbidden\r\nX: @\r\n\r\n",
		 "{\"kind\":\"Status\",\"message\":\"pods \\\"x\\\" no\",\"code\":403}",
		 "HTTP 403: pods \"x\" no", 403},
		{"HTTP/1.1 502 Bad\r\n\r\n", "", "HTTP 502", 502},
		{"HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: no\r\nSec-WebSocket-Protocol: p.q\r\n\r\n",
		 "", "not a WebSocket's", 0},
		{"HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: @\r\n\r\n", "", "not a WebSocket's", 0},
		{"HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: @\r\nSec-WebSocket-Protocol: other\r\n\r\n",
		 "", "not a WebSocket's", 0},
		{"SSH-2.0-x\r\n\r\n", "", "not a WebSocket's", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench bench = {.head = rows[i].head, .say = rows[i].say,
				      .len = strlen(rows[i].say)};

		talk(&bench, 0);
		assert_false(bench.opened);
		assert_closed(&bench, rows[i].why);
		assert_int_equal(bench.status, rows[i].status);
		buf_release(&bench.heard);
	}
}

static void wrong_frames(void **state)
{
	static const struct { const char *say; size_t len; const char *why; } rows[] = {
		{"\x82\x85mask?????", 11, "not a WebSocket's"},   /* masked */
		{"\xc2\x01x", 3, "not a WebSocket's"},            /* an extension's bit */
		{"\x83\x01x", 3, "not a WebSocket's"},            /* no such kind */
		{"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10, "not a WebSocket's"},
		{"\x82\x7f\0\0\0\0\0\x20\0\0", 10, "not a WebSocket's"},
		{"\x88\x02\x03\xe8", 4, "connection closed"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench bench = {.say = rows[i].say, .len = rows[i].len};

		talk(&bench, 0);
		assert_true(bench.opened);
		assert_closed(&bench, rows[i].why);
		buf_release(&bench.heard);
	}
}

/* Many parts of a message that never ends; a head that never ends. */
static void without_end(void **state)
{
	struct buf parts = BUF_INIT(4 * 1024 * 1024);
	struct bench message, head = {.head = "HTTP/1.1 101 Yes\r\n"};
	char part[1004] = "\x02\x7e\x03\xe8";
	char *line = xmalloc(40000);
	int i;

	(void)state;
	memset(part + 4, 'p', 1000);
	for (i = 0; i < 1200; i++, part[0] = 0)
		buf_append(&parts, part, sizeof(part));
	message = (struct bench){.say = parts.data, .len = parts.len};
	talk(&message, 0);
	assert_closed(&message, "larger than 1 MiB");
	buf_release(&message.heard);
	buf_release(&parts);
	memset(line, 'x', 40000);
	head.say = line;
	head.len = 40000;
	talk(&head, 0);
	assert_closed(&head, "not a WebSocket's");
	buf_release(&head.heard);
	free(line);
}

static void closed_from_inside(void **state)
{
	static const char frames[] = "\x82\x01x";
	struct bench bench = {.say = frames, .len = 3, .close_on_open = true};

	(void)state;
	talk(&bench, 0);
	assert_int_equal(bench.messages, 0);
	buf_release(&bench.heard);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages), cmocka_unit_test(a_long_message),
		cmocka_unit_test(refusals), cmocka_unit_test(wrong_frames),
		cmocka_unit_test(without_end), cmocka_unit_test(closed_from_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

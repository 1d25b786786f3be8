/* backends/websocket.c: see websocket.h */
#include "backends/websocket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/printable.h"

#define HEAD_MAX (16 * 1024)
#define MESSAGE_MAX (1024 * 1024)
#define KEY_TEXT 32
#define FRAME_HEAD 14
#define MAGIC "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

enum { OP_MORE = 0, OP_TEXT = 1, OP_BINARY = 2, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10 };

struct websocket {
	struct stream *stream;
	struct websocket_events events;
	char *request;             /* to be sent once connected; NULL = sent */
	char *protocol;
	char key[KEY_TEXT];
	struct buf in;             /* unread: the head of the answer, then frames */
	struct buf message;        /* of which parts have come */
	bool open, dead, busy;     /* busy: inside a callback of ours */
};

static void destroy(struct websocket *ws)
{
	stream_close(ws->stream);
	if (ws->request)
		explicit_bzero(ws->request, strlen(ws->request));
	free(ws->request);
	free(ws->protocol);
	buf_release(&ws->in);
	buf_release(&ws->message);
	free(ws);
}

void websocket_close(struct websocket *ws)
{
	if (!ws || ws->dead)
		return;
	ws->dead = true;
	if (!ws->busy)
		destroy(ws);
}

static void fail(struct websocket *ws, enum fresh_fault fault, int status, const char *why)
{
	struct websocket_events events = ws->events;

	if (ws->dead)
		return;
	ws->dead = true;
	events.closed(events.arg, fault, status, why);
}

static void broken(struct websocket *ws)
{
	fail(ws, FAULT_SERVER, 0, "the answer is not a WebSocket's");
}

/* Frames */

static size_t put_head(unsigned char *head, int op, size_t len)
{
	size_t at = 2, i;

	head[0] = (unsigned char)(0x80 | op);
	if (len < 126) {
		head[1] = (unsigned char)len;
	} else {
		size_t bytes = len < 65536 ? 2 : 8;

		head[1] = bytes == 2 ? 126 : 127;
		for (i = 0; i < bytes; i++)
			head[at++] = (unsigned char)((uint64_t)len >> (8 * (bytes - 1 - i)));
	}
	head[1] |= 0x80;           /* who connects masks */
	return at;
}

static int send_frame(struct websocket *ws, int op, const char *head, size_t head_len,
		      const char *bytes, size_t len)
{
	size_t total = head_len + len, at, i;
	char *frame = xmalloc(FRAME_HEAD + total);
	unsigned char mask[4] = {0};
	int rc;

	uv_random(NULL, NULL, mask, sizeof(mask), 0, NULL);
	at = put_head((unsigned char *)frame, op, total);
	memcpy(frame + at, mask, sizeof(mask));
	at += sizeof(mask);
	for (i = 0; i < total; i++)
		frame[at + i] = (char)((i < head_len ? head[i] : bytes[i - head_len]) ^
				       (char)mask[i % 4]);
	rc = stream_write(ws->stream, frame, at + total);
	free(frame);
	return rc;
}

int websocket_send(struct websocket *ws, const char *head, size_t head_len, const char *bytes,
		   size_t len)
{
	return ws->open && !ws->dead ? send_frame(ws, OP_BINARY, head, head_len, bytes, len)
				     : -ENOTCONN;
}

size_t websocket_waiting(const struct websocket *ws)
{
	return stream_waiting(ws->stream);
}

static void take_part(struct websocket *ws, bool last, const char *bytes, size_t len)
{
	if (buf_append(&ws->message, bytes, len)) {
		fail(ws, FAULT_SERVER, 0, "a message larger than 1 MiB");
		return;
	}
	if (!last)
		return;
	ws->events.message(ws->events.arg, ws->message.data ? ws->message.data : "",
			   ws->message.len);
	buf_clear(&ws->message);
}

static void take_frame(struct websocket *ws, int op, bool last, const char *bytes, size_t len)
{
	switch (op) {
	case OP_MORE:
	case OP_TEXT:
	case OP_BINARY:
		take_part(ws, last, bytes, len);
		break;
	case OP_PING:
		send_frame(ws, OP_PONG, "", 0, bytes, len);
		break;
	case OP_PONG:
		break;
	case OP_CLOSE:
		fail(ws, FAULT_SERVER, 0, "connection closed");
		break;
	default:
		broken(ws);
	}
}

/* Returns the length of the frame's head, 0 when it isn't there yet. */
static size_t frame_head(const struct buf *in, uint64_t *ret_len)
{
	const unsigned char *at = (const unsigned char *)in->data;
	size_t bytes, i;

	if (in->len < 2)
		return 0;
	*ret_len = at[1] & 0x7f;
	bytes = *ret_len == 126 ? 2 : *ret_len == 127 ? 8 : 0;
	if (in->len < 2 + bytes)
		return 0;
	if (bytes)
		*ret_len = 0;
	for (i = 0; i < bytes; i++)
		*ret_len = *ret_len << 8 | at[2 + i];
	return 2 + bytes;
}

static void take_frames(struct websocket *ws)
{
	uint64_t len = 0;
	size_t head;

	while (!ws->dead && (head = frame_head(&ws->in, &len))) {
		unsigned char first = (unsigned char)ws->in.data[0];

		/* No extension was agreed to, and who is connected to never masks. */
		if ((first & 0x70) || ((unsigned char)ws->in.data[1] & 0x80) || len > MESSAGE_MAX) {
			broken(ws);
			return;
		}
		if (ws->in.len - head < len)
			return;
		take_frame(ws, first & 0x0f, first & 0x80, ws->in.data + head, (size_t)len);
		if (!ws->dead)
			buf_consume(&ws->in, head + (size_t)len);
	}
}

/* The upgrade */

static void proof_of(const char *key, char out[KEY_TEXT])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char text[KEY_TEXT + sizeof(MAGIC)];
	unsigned int len = 0;

	snprintf(text, sizeof(text), "%s%s", key, MAGIC);
	EVP_Digest(text, strlen(text), digest, &len, EVP_sha1(), NULL);
	EVP_EncodeBlock((unsigned char *)out, digest, 20);
}

/* A header's value, without blanks before it; NULL = there is none. Caller frees. */
static char *header(const char *head, const char *name)
{
	size_t len = strlen(name);
	const char *line;

	for (line = head; (line = strstr(line, "\r\n")); ) {
		line += 2;
		if (strncasecmp(line, name, len) || line[len] != ':')
			continue;
		line += len + 1;
		line += strspn(line, " \t");
		return xstrndup(line, strcspn(line, "\r\n"));
	}
	return NULL;
}

static bool has(const char *head, const char *name, const char *wanted)
{
	char *value = header(head, name);
	bool same = value && !strcmp(value, wanted);

	free(value);
	return same;
}

/* A JSON body's message, as far as it has come: it may be cut anywhere. */
static void message_of(const char *body, struct buf *out)
{
	const char *at = strstr(body, "\"message\":\"");

	for (at = at ? at + 11 : ""; *at && *at != '"'; at++) {
		if (*at == '\\' && at[1])
			at++;
		buf_append(out, at, 1);
	}
}

/* Says no, and perhaps why. */
static void refused(struct websocket *ws, int status, const char *body)
{
	struct buf message = BUF_INIT(160);
	char text[200], *safe;

	message_of(body, &message);
	snprintf(text, sizeof(text), "HTTP %d%s%s", status, message.len ? ": " : "",
		 message.len ? message.data : "");
	buf_release(&message);
	safe = printable_dup(text);
	fail(ws, status == 401 || status == 403 ? FAULT_RIGHTS : FAULT_SERVER, status, safe);
	free(safe);
}

static void take_answer(struct websocket *ws)
{
	char *end = strstr(ws->in.data, "\r\n\r\n"), proof[KEY_TEXT];
	int status = 0;

	if (!end && ws->in.len < HEAD_MAX)
		return;
	if (!end || sscanf(ws->in.data, "HTTP/1.%*d %d", &status) != 1) {
		broken(ws);
		return;
	}
	if (status != 101) {
		refused(ws, status, end);
		return;
	}
	end[2] = '\0';
	proof_of(ws->key, proof);
	if (!has(ws->in.data, "Sec-WebSocket-Accept", proof) ||
	    !has(ws->in.data, "Sec-WebSocket-Protocol", ws->protocol)) {
		broken(ws);
		return;
	}
	buf_consume(&ws->in, (size_t)(end + 4 - ws->in.data));
	ws->open = true;
	ws->events.opened(ws->events.arg);
}

/* From the stream */

static void leave(struct websocket *ws)
{
	ws->busy = false;
	if (ws->dead)
		destroy(ws);
}

static void on_opened(void *arg)
{
	struct websocket *ws = arg;

	stream_write(ws->stream, ws->request, strlen(ws->request));
	explicit_bzero(ws->request, strlen(ws->request));   /* it may hold a token */
	free(ws->request);
	ws->request = NULL;
}

static void on_data(void *arg, const char *bytes, size_t len)
{
	struct websocket *ws = arg;

	ws->busy = true;
	if (buf_append(&ws->in, bytes, len))
		broken(ws);
	if (!ws->dead && !ws->open)
		take_answer(ws);
	if (!ws->dead && ws->open)
		take_frames(ws);
	leave(ws);
}

static void on_closed(void *arg, enum fresh_fault fault, const char *why)
{
	struct websocket *ws = arg;

	ws->busy = true;
	ws->stream = NULL;
	fail(ws, fault, 0, why);
	leave(ws);
}

static char *request_text(const struct websocket *ws, const struct websocket_request *request)
{
	struct buf text = BUF_INIT(64 * 1024);
	const char *const *line;

	buf_printf(&text, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"
		   "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n"
		   "Sec-WebSocket-Protocol: %s\r\nUser-Agent: sitrep/" PACKAGE_VERSION "\r\n",
		   request->path, request->host, ws->key, request->protocol);
	for (line = request->headers; line && *line; line++)
		buf_printf(&text, "%s\r\n", *line);
	buf_append_str(&text, "\r\n");
	return buf_detach(&text);
}

struct websocket *websocket_open(uv_loop_t *loop, const struct websocket_request *request,
				 const struct websocket_events *events)
{
	struct websocket *ws = xcalloc(1, sizeof(*ws));
	struct stream_events heard = {on_opened, on_data, on_closed, ws};
	unsigned char dice[16] = {0};

	ws->events = *events;
	ws->in.max = MESSAGE_MAX + 128 * 1024;
	ws->message.max = MESSAGE_MAX;
	ws->protocol = xstrdup(request->protocol);
	uv_random(NULL, NULL, dice, sizeof(dice), 0, NULL);
	EVP_EncodeBlock((unsigned char *)ws->key, dice, sizeof(dice));
	ws->request = request_text(ws, request);
	ws->stream = stream_open(loop, request->peer, &heard);
	return ws;
}

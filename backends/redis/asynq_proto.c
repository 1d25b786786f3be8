/*
 * backends/redis/asynq_proto.c: the few fields of Asynq's ServerInfo that are shown. Source:
 * asynq.proto (host = 1, pid = 2, concurrency = 4, status = 7, start_time = 8 with seconds = 1,
 * active_worker_count = 9) and protobuf's wire format.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/redis/asynq.h"
#include "core/alloc.h"
#include "core/printable.h"

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct cursor {
	const unsigned char *at, *end;
};

struct field {
	uint64_t number;
	uint64_t value;            /* of a varint */
	struct cursor bytes;       /* of what has a length */
};

static bool take_varint(struct cursor *cursor, uint64_t *ret)
{
	unsigned int shift;

	*ret = 0;
	for (shift = 0; shift < 64 && cursor->at < cursor->end; shift += 7) {
		*ret |= (uint64_t)(*cursor->at & 0x7f) << shift;
		if (!(*cursor->at++ & 0x80))
			return true;
	}
	return false;
}

static bool skip(struct cursor *cursor, uint64_t len)
{
	if (len > (uint64_t)(cursor->end - cursor->at))
		return false;
	cursor->at += len;
	return true;
}

static bool take_field(struct cursor *cursor, struct field *field)
{
	uint64_t tag, len;

	memset(field, 0, sizeof(*field));
	if (cursor->at == cursor->end || !take_varint(cursor, &tag))
		return false;
	field->number = tag >> 3;
	switch (tag & 7) {
	case WIRE_VARINT:
		return take_varint(cursor, &field->value);
	case WIRE_FIXED64:
		return skip(cursor, 8);
	case WIRE_FIXED32:
		return skip(cursor, 4);
	case WIRE_BYTES:
		if (!take_varint(cursor, &len))
			return false;
		field->bytes.at = cursor->at;
		if (!skip(cursor, len))
			return false;
		field->bytes.end = cursor->at;
		return true;
	default:
		return false;
	}
}

static void put_text(char *buf, size_t size, const struct cursor *bytes)
{
	char *raw = xstrndup((const char *)bytes->at, (size_t)(bytes->end - bytes->at));
	char *safe = printable_dup(raw);

	snprintf(buf, size, "%s", safe);
	free(safe);
	free(raw);
}

static int64_t seconds_of(struct cursor timestamp)
{
	struct field field;

	while (take_field(&timestamp, &field))
		if (field.number == 1 && field.value < (1ULL << 40))
			return (int64_t)field.value;
	return 0;
}

static int64_t small(uint64_t value)
{
	return value < (1ULL << 31) ? (int64_t)value : -1;
}

void asynq_read_server(struct asynq_server *server, const char *bytes, size_t len)
{
	struct cursor cursor = {(const unsigned char *)bytes, (const unsigned char *)bytes + len};
	struct field field;

	/* What is zero isn't sent at all. */
	server->busy = 0;
	while (take_field(&cursor, &field)) {
		if (field.number == 1 && field.bytes.at)
			put_text(server->host, sizeof(server->host), &field.bytes);
		else if (field.number == 2)
			server->pid = small(field.value);
		else if (field.number == 4)
			server->concurrency = small(field.value);
		else if (field.number == 7 && field.bytes.at)
			put_text(server->status, sizeof(server->status), &field.bytes);
		else if (field.number == 8 && field.bytes.at)
			server->started_ms = seconds_of(field.bytes) * 1000;
		else if (field.number == 9)
			server->busy = small(field.value);
	}
}

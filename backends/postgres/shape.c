/* backends/postgres/shape.c: what a query does, without the values that stand in it. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/postgres/read.h"
#include "core/buf.h"
#include "core/printable.h"

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

/* After 'text', '' and \ included; a text that doesn't end goes to the end. */
static const char *skip_text(const char *at)
{
	for (at++; *at; at++) {
		if (*at == '\\' && at[1])
			at++;
		else if (*at == '\'' && at[1] == '\'')
			at++;
		else if (*at == '\'')
			return at + 1;
	}
	return at;
}

/* After $tag$...$tag$, or just after the dollar when it isn't one. */
static const char *skip_dollar(const char *at)
{
	size_t len = 1;
	const char *end;
	char tag[64];

	while (is_name(at[len]))
		len++;
	if (at[len] != '$' || len + 2 > sizeof(tag))
		return at + 1;
	memcpy(tag, at, ++len);
	tag[len] = '\0';
	end = strstr(at + len, tag);
	return end ? end + len : at + strlen(at);
}

static const char *skip_comment(const char *at)
{
	const char *end;

	if (at[0] == '-')
		return at + strcspn(at, "\n");
	end = strstr(at + 2, "*/");
	return end ? end + 2 : at + strlen(at);
}

/* One piece of the query; what it leaves goes to out. */
static const char *take_piece(const char *at, struct buf *out)
{
	const char *end;

	if (*at == '\'' || (*at == '$' && skip_dollar(at) > at + 1)) {
		buf_append_str(out, "?");
		return *at == '\'' ? skip_text(at) : skip_dollar(at);
	}
	if ((at[0] == '-' && at[1] == '-') || (at[0] == '/' && at[1] == '*'))
		return skip_comment(at);
	if (isdigit((unsigned char)*at)) {
		for (end = at; isalnum((unsigned char)*end) || *end == '.';)
			end++;
		buf_append_str(out, "?");
		return end;
	}
	if (is_name(*at)) {
		for (end = at; is_name(*end);)
			end++;
		buf_append(out, at, (size_t)(end - at));
		return end;
	}
	if (!isspace((unsigned char)*at))
		buf_append(out, at, 1);
	else if (out->len && out->data[out->len - 1] != ' ')
		buf_append_str(out, " ");
	return at + 1;
}

void postgres_query_shape(const char *query, char *buf, size_t size)
{
	struct buf out = BUF_INIT(16384);
	char *safe;

	while (*query && out.len < size)
		query = take_piece(query, &out);
	safe = printable_dup(out.data);
	snprintf(buf, size, "%s", safe);
	free(safe);
	buf_release(&out);
}

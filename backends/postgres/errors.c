/* backends/postgres/errors.c: see errors.h */
#include "backends/postgres/errors.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/printable.h"

/* The first row that fits decides; both columns must fit where both are given. */
static const struct row {
	const char *sqlstate;      /* its beginning; NULL = any */
	const char *part;          /* of the text, whatever the case; NULL = any */
	enum postgres_state state;
} rows[] = {
	/* Neon's proxy gives most of its errors the same code: the words decide. */
	{NULL, "time quota", POSTGRES_QUOTA},
	{NULL, "transfer quota", POSTGRES_QUOTA},
	{NULL, "exceeded the quota", POSTGRES_QUOTA},
	{NULL, "couldn't connect to compute node", POSTGRES_NO_COMPUTE},
	{NULL, "control plane request failed", POSTGRES_NO_COMPUTE},
	{NULL, "failed to acquire permit", POSTGRES_FULL},
	{NULL, "endpoint could not be found", POSTGRES_NO_ENDPOINT},
	{NULL, "endpoint has been disabled", POSTGRES_NO_ENDPOINT},
	{NULL, "endpoint is disabled", POSTGRES_NO_ENDPOINT},
	{NULL, "endpoint id is not specified", POSTGRES_NO_ENDPOINT},
	{NULL, "connection is insecure", POSTGRES_TLS_FAILED},
	/* pgbouncer: nearly everything is 08P01. */
	{NULL, "pgbouncer cannot connect to server", POSTGRES_NO_COMPUTE},
	{NULL, "server login failed", POSTGRES_NO_COMPUTE},
	{NULL, "server login has been failing", POSTGRES_NO_COMPUTE},
	{NULL, "server conn crashed", POSTGRES_NO_COMPUTE},
	{NULL, "(server down)", POSTGRES_NO_COMPUTE},
	{NULL, "query_wait_timeout", POSTGRES_NO_COMPUTE},
	{NULL, "no more connections allowed", POSTGRES_FULL},
	{NULL, "pgbouncer is shutting down", POSTGRES_STARTING},
	{NULL, "the database system is shutting down", POSTGRES_STARTING},
	{NULL, "no such user", POSTGRES_REFUSED},
	{NULL, "no such database", POSTGRES_NO_DATABASE},
	{"53300", NULL, POSTGRES_FULL},
	{"28", NULL, POSTGRES_REFUSED},
	{"42501", NULL, POSTGRES_REFUSED},
	{"3D000", NULL, POSTGRES_NO_DATABASE},
	{"57P03", NULL, POSTGRES_STARTING},
	{"57P01", NULL, POSTGRES_DROPPED},
	{"57P02", NULL, POSTGRES_DROPPED},
	{"57014", NULL, POSTGRES_TIMEOUT},
	{NULL, "too many clients", POSTGRES_FULL},
	{NULL, "too many connections", POSTGRES_FULL},
	{NULL, "no password supplied", POSTGRES_REFUSED},
	{NULL, "password authentication failed", POSTGRES_REFUSED},
	{NULL, "sasl authentication failed", POSTGRES_REFUSED},
	{NULL, "authentication method", POSTGRES_REFUSED},
	{NULL, "channel binding", POSTGRES_REFUSED},
	{NULL, "connection refused", POSTGRES_CLOSED},
	{NULL, "network is unreachable", POSTGRES_NO_LINK},
	{NULL, "no route to host", POSTGRES_NO_LINK},
	{NULL, "timed out", POSTGRES_TIMEOUT},
	{NULL, "invalid response to ssl negotiation", POSTGRES_BROKEN},
	{NULL, "expected authentication request", POSTGRES_BROKEN},
	{NULL, "lost synchronization", POSTGRES_BROKEN},
	{NULL, "unexpected response from server", POSTGRES_BROKEN},
	{NULL, "received invalid", POSTGRES_BROKEN},
	{NULL, "received unencrypted data", POSTGRES_BROKEN},
	{NULL, "ssl syscall error", POSTGRES_DROPPED},
	{NULL, "certificate", POSTGRES_TLS_FAILED},
	{NULL, "does not support ssl", POSTGRES_TLS_FAILED},
	{NULL, "ssl required", POSTGRES_TLS_FAILED},
	{NULL, "connection is insecure", POSTGRES_TLS_FAILED},
	{NULL, "ssl error", POSTGRES_TLS_FAILED},
	{NULL, "could not initiate ssl", POSTGRES_TLS_FAILED},
	{NULL, "could not create ssl", POSTGRES_TLS_FAILED},
	{NULL, "server closed the connection", POSTGRES_DROPPED},
	{NULL, "connection reset", POSTGRES_DROPPED},
	{NULL, "broken pipe", POSTGRES_DROPPED},
	{NULL, NULL, POSTGRES_ERROR},
};

/* Where the sentence begins: after libpq's "connection to server at ..., port 5432 failed: " and
 * the severity, whatever language that is in; a code of five follows it. */
static const char *skip_prefix(const char *text, char sqlstate[6])
{
	const char *at = strstr(text, " failed: "), *code;
	int i;

	if (!strncmp(text, "connection to server", 20) && at)
		text = at + 9;
	code = strstr(text, ":  ");
	if (!code || code - text > 40)
		return text;
	text = code += 3;
	for (i = 0; i < 5 && (isdigit((unsigned char)code[i]) || isupper((unsigned char)code[i]));)
		i++;
	if (i < 5 || strncmp(code + 5, ": ", 2))
		return text;
	memcpy(sqlstate, code, 5);
	sqlstate[5] = '\0';
	return code + 7;
}

static void put_sentence(const char *text, char *buf, size_t size)
{
	size_t len = strcspn(text, "\n");
	char *line = strndup(text, len), *safe = printable_dup(line);

	snprintf(buf, size, "%s", safe);
	free(safe);
	free(line);
}

void postgres_error_read(const char *text, const char *sqlstate, struct postgres_error *ret)
{
	const struct row *row = rows;

	memset(ret, 0, sizeof(*ret));
	text = skip_prefix(text ? text : "", ret->sqlstate);
	if (sqlstate && strlen(sqlstate) == 5)
		memcpy(ret->sqlstate, sqlstate, 6);
	put_sentence(text, ret->text, sizeof(ret->text));
	while ((row->sqlstate && strncmp(row->sqlstate, ret->sqlstate, strlen(row->sqlstate))) ||
	       (row->part && !strcasestr(text, row->part)))
		row++;
	ret->state = row->state;
	if (!ret->text[0])
		snprintf(ret->text, sizeof(ret->text), "failed without a word");
}

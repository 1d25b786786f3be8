/* world/outside_smtp.c: a mail server that greets and listens, and takes no mail. RFC 5321 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "world/outside_private.h"

static const struct endpoint *endpoint_of(const struct talk *talk)
{
	const struct place *place = talk_arg(talk);

	return outside_endpoint(place->outside, "smtp");
}

static void say(struct talk *talk, const char *line)
{
	talk_write(talk, line, strlen(line));
}

static void greet(struct talk *talk)
{
	say(talk, "220 mail.drill ESMTP ready\r\n");
}

static void opened(struct talk *talk)
{
	const struct endpoint *endpoint = endpoint_of(talk);
	char line[64];

	if (endpoint->fault == OUTSIDE_RESET) {
		talk_reset(talk);
	} else if (endpoint->fault == OUTSIDE_SLOW) {
		talk_later(talk, (int64_t)(endpoint->delay * 1000), greet);
	} else if (endpoint->fault == OUTSIDE_STATUS) {
		snprintf(line, sizeof(line), "%d not now\r\n", endpoint->status);
		say(talk, line);
		talk_end(talk);
	} else if (endpoint->fault != OUTSIDE_HANG) {
		greet(talk);
	}
}

struct command {
	const char *word, *reply;
};

static void obey(struct talk *talk, const char *line)
{
	static const struct command commands[] = {
		{"EHLO", "250-mail.drill\r\n250-SIZE 52428800\r\n250 8BITMIME\r\n"},
		{"HELO", "250 mail.drill\r\n"}, {"NOOP", "250 OK\r\n"}, {"RSET", "250 OK\r\n"},
		{"MAIL", "550 a drill takes no mail\r\n"}, {"QUIT", "221 bye\r\n"},
	};
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strncasecmp(line, commands[i].word, 4))
			continue;
		say(talk, commands[i].reply);
		if (!strcmp(commands[i].word, "QUIT"))
			talk_end(talk);
		return;
	}
	say(talk, "502 not implemented\r\n");
}

static void heard(struct talk *talk, struct buf *in)
{
	char *end, line[512];

	while (in->len && (end = memchr(in->data, '\n', in->len))) {
		size_t len = (size_t)(end - in->data) + 1;

		snprintf(line, sizeof(line), "%.*s", (int)(len < 500 ? len : 500), in->data);
		buf_consume(in, len);
		if (endpoint_of(talk)->fault != OUTSIDE_HANG)
			obey(talk, line);
	}
}

const struct listener_ops outside_smtp = {.opened = opened, .heard = heard};

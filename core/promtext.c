/* core/promtext.c: see promtext.h */
#include "core/promtext.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:"

void promtext_init(struct promtext *text,
		   void (*sample)(void *arg, const char *name, const char *labels, double value),
		   void *arg)
{
	text->sample = sample;
	text->arg = arg;
	text->len = text->samples = text->broken = 0;
	text->too_long = false;
}

/* Behind the labels' closing brace, quotes respected; NULL when there is none. */
static char *labels_end(char *at)
{
	bool quoted = false;

	for (; *at; at++) {
		if (quoted && *at == '\\' && at[1])
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && *at == '}')
			return at;
	}
	return NULL;
}

/* NAME[{LABELS}] VALUE [TIME] */
static bool take_sample(struct promtext *text, char *line)
{
	size_t name = strspn(line, NAME_CHARACTERS);
	char *at = line + name, *labels = at, *end;
	double value;

	if (!name)
		return false;
	if (*at == '{') {
		*at = '\0';
		labels = at + 1;
		at = labels_end(labels);
		if (!at)
			return false;
		*at++ = '\0';
	} else {
		labels = line + strlen(line);
	}
	value = strtod(at, &end);
	if (end == at || (*end && !strchr(" \t\r", *end)))
		return false;
	line[name] = '\0';
	if (isfinite(value))
		text->sample(text->arg, line, labels, value);
	return true;
}

static void take_line(struct promtext *text)
{
	char *line = text->line + strspn(text->line, " \t");

	if (!*line || *line == '#' || *line == '\r' || text->samples >= PROMTEXT_SAMPLES_MAX)
		return;
	if (take_sample(text, line))
		text->samples++;
	else
		text->broken++;
}

static void end_line(struct promtext *text)
{
	text->line[text->len] = '\0';
	if (!text->too_long)
		take_line(text);
	text->len = 0;
	text->too_long = false;
}

void promtext_feed(struct promtext *text, const char *bytes, size_t len)
{
	while (len > 0) {
		const char *newline = memchr(bytes, '\n', len);
		size_t run = newline ? (size_t)(newline - bytes) : len;
		size_t room = sizeof(text->line) - 1 - text->len;

		if (run > room)
			text->too_long = true;
		memcpy(text->line + text->len, bytes, run < room ? run : room);
		text->len += run < room ? run : room;
		if (!newline)
			return;
		end_line(text);
		bytes += run + 1;
		len -= run + 1;
	}
}

bool promtext_end(struct promtext *text)
{
	if (text->len)
		end_line(text);
	return text->samples > 0 && text->broken <= text->samples / 100;
}

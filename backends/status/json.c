/* backends/status/json.c: short ways into foreign JSON and foreign text; see status.h */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "backends/status/status.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/printable.h"

#define KEY_BYTES 64

static json_t *member(const json_t *object, const char *keys)
{
	while (keys) {
		size_t len = strcspn(keys, "|");
		char key[KEY_BYTES];
		json_t *value;

		if (len >= sizeof(key))
			return NULL;
		memcpy(key, keys, len);
		key[len] = '\0';
		value = json_object_get(object, key);
		if (value && !json_is_null(value))
			return value;
		keys = keys[len] ? keys + len + 1 : NULL;
	}
	return NULL;
}

const char *status_str(const json_t *object, const char *keys)
{
	const char *text = json_string_value(member(object, keys));

	return text && text[0] ? text : NULL;
}

json_t *status_list(const json_t *object, const char *keys)
{
	json_t *value = member(object, keys);

	return json_is_array(value) ? value : NULL;
}

json_t *status_map(const json_t *object, const char *keys)
{
	json_t *value = member(object, keys);

	return json_is_object(value) ? value : NULL;
}

int64_t status_int(const json_t *object, const char *keys)
{
	json_t *value = member(object, keys);
	const char *text = json_string_value(value);
	long long number;
	char *end;

	if (json_is_integer(value))
		return json_integer_value(value);
	if (!text)
		return -1;
	number = strtoll(text, &end, 10);
	return end == text ? -1 : number;
}

/* "+0100", "+01", "UTC", " -08:00", nothing at all, which is taken for UTC; as RFC 3339 writes it. */
static bool read_zone(const char *text, char zone[8])
{
	int hours = 0, minutes = 0, used = 0;
	char sign;

	text += strspn(text, " ");
	snprintf(zone, 8, "Z");
	if (!*text || !strcasecmp(text, "Z") || !strcasecmp(text, "UTC") ||
	    !strcasecmp(text, "GMT"))
		return true;
	sign = *text++;
	if ((sign != '+' && sign != '-') ||
	    (sscanf(text, "%2d:%2d%n", &hours, &minutes, &used) != 2 &&
	     sscanf(text, "%2d%2d%n", &hours, &minutes, &used) != 2 &&
	     sscanf(text, "%2d%n", &hours, &used) != 1) || text[used] || hours < 0 ||
	    hours > 23 || minutes < 0 || minutes > 59)
		return false;
	snprintf(zone, 8, "%c%02d:%02d", sign, hours % 100, minutes % 100);
	return true;
}

/* What is nearly RFC 3339. */
static bool parse_iso(const char *text, int64_t *ret_ms)
{
	int year, month, day, hour, minute, second = 0, used = 0;
	char whole[48], zone[8];

	if (sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d%n", &year, &month, &day, &hour, &minute,
		   &used) != 5)
		return false;
	text += used;
	if (*text == ':') {
		if (sscanf(text, ":%2d%n", &second, &used) != 1)
			return false;
		text += used;
	}
	if (*text == '.')
		text += 1 + strspn(text + 1, "0123456789");
	if (!read_zone(text, zone))
		return false;
	snprintf(whole, sizeof(whole), "%04d-%02d-%02dT%02d:%02d:%02d%s", year, month, day, hour,
		 minute, second, zone);
	return !clock_parse_rfc3339(whole, ret_ms);
}

int64_t status_parse_time(const char *text)
{
	char trimmed[72];
	int64_t at_ms;
	time_t seconds;
	size_t len;

	if (!text)
		return 0;
	text += strspn(text, " \t\r\n");
	len = strcspn(text, "\r\n");
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	if (len >= sizeof(trimmed))
		return 0;
	snprintf(trimmed, sizeof(trimmed), "%.*s", (int)len, text);
	if (!clock_parse_rfc3339(trimmed, &at_ms) || parse_iso(trimmed, &at_ms))
		return at_ms > 0 ? at_ms : 0;
	seconds = curl_getdate(trimmed, NULL);
	return seconds > 0 ? (int64_t)seconds * 1000 : 0;
}

int64_t status_time(const json_t *object, const char *keys)
{
	json_t *value = member(object, keys);
	json_int_t number;

	if (json_is_string(value))
		return status_parse_time(json_string_value(value));
	if (!json_is_integer(value))
		return 0;
	/* Epoch seconds or milliseconds: no page is as old as 1973. */
	number = json_integer_value(value);
	if (number <= 0 || number > INT64_C(100000000000000))
		return 0;
	return number > INT64_C(100000000000) ? number : number * 1000;
}

struct entity {
	const char *name, *text;
};

/* A character's number as UTF-8; "" when it is none. */
static void put_utf8(unsigned long code, char out[5])
{
	unsigned char *at = (unsigned char *)out;
	int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3, i;

	memset(out, 0, 5);
	if (!code || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return;
	for (i = more; i > 0; i--, code >>= 6)
		at[i] = (unsigned char)(0x80 | (code & 0x3f));
	at[0] = (unsigned char)(code | (unsigned)(more == 0 ? 0 : more == 1 ? 0xc0
						  : more == 2 ? 0xe0 : 0xf0));
}

/* "&#8217;", "&#x2019;" */
static size_t numbered_at(const char *text, char out[5])
{
	bool hex = (text[2] | ' ') == 'x';
	const char *digits = text + 2 + hex;
	char *end;
	unsigned long code;

	if (text[1] != '#' || !(hex ? isxdigit((unsigned char)*digits)
				    : isdigit((unsigned char)*digits)))
		return 0;
	code = strtoul(digits, &end, hex ? 16 : 10);
	if (*end != ';' || end - text > 12)
		return 0;
	put_utf8(code, out);
	return (size_t)(end + 1 - text);
}

/* The character an entity stands for, and how long it is written; 0 = it is none. */
static size_t entity_at(const char *text, char out[5])
{
	static const struct entity entities[] = {
		{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"},
		{"&nbsp;", " "}, {"&ndash;", "-"}, {"&mdash;", "-"}, {"&hellip;", "..."},
		{"&lsquo;", "'"}, {"&rsquo;", "'"}, {"&ldquo;", "\""}, {"&rdquo;", "\""},
		{"&auml;", "\xc3\xa4"}, {"&ouml;", "\xc3\xb6"}, {"&uuml;", "\xc3\xbc"},
		{"&szlig;", "\xc3\x9f"}, {"&eacute;", "\xc3\xa9"}, {"&bull;", "*"},
	};
	size_t i;

	for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		size_t len = strlen(entities[i].name);

		if (strncasecmp(text, entities[i].name, len))
			continue;
		snprintf(out, 5, "%s", entities[i].text);
		return len;
	}
	return numbered_at(text, out);
}

/* Behind a tag, or where it stands when '<' begins none. */
static const char *skip_tag(const char *text)
{
	const char *end;

	if (!isalpha((unsigned char)text[1]) && text[1] != '/' && text[1] != '!')
		return text;
	end = strchr(text, '>');
	return end ? end + 1 : text + strlen(text);
}

struct plain {
	char *out;
	size_t len, max;
};

static void put_letter(struct plain *plain, char letter)
{
	if (isspace((unsigned char)letter))
		letter = ' ';
	if ((letter == ' ' && (!plain->len || plain->out[plain->len - 1] == ' ')) ||
	    plain->len == plain->max)
		return;
	plain->out[plain->len++] = letter;
}

/* Not in the middle of a character. */
static void end_whole(struct plain *plain)
{
	size_t at = plain->len, more;
	unsigned char first;

	while (at && ((unsigned char)plain->out[at - 1] & 0xc0) == 0x80)
		at--;
	first = at ? (unsigned char)plain->out[at - 1] : 0;
	more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
	if (at && plain->len - at < more)
		plain->len = at - 1;
}

char *status_plain(const char *text, size_t max)
{
	struct plain plain = {xmalloc(max + 1), 0, max};
	char character[5], *clean;
	size_t i, written;

	while (text && *text && plain.len < max) {
		const char *behind = *text == '<' ? skip_tag(text) : text;

		written = *text == '&' ? entity_at(text, character) : 0;
		if (behind > text)
			put_letter(&plain, ' ');
		else if (!written)
			put_letter(&plain, *text);
		for (i = 0; written && character[i]; i++)
			put_letter(&plain, character[i]);
		text = behind > text ? behind : text + (written ? written : 1);
	}
	end_whole(&plain);
	while (plain.len && plain.out[plain.len - 1] == ' ')
		plain.len--;
	plain.out[plain.len] = '\0';
	clean = printable_dup(plain.out);
	free(plain.out);
	return clean;
}

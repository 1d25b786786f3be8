/* backends/status/json.c: short ways into foreign JSON and foreign text; see status.h */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

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

int64_t status_parse_time(const char *text)
{
	int64_t at_ms;
	time_t seconds;

	if (!text || strlen(text) > 64)
		return 0;
	if (!clock_parse_rfc3339(text, &at_ms))
		return at_ms > 0 ? at_ms : 0;
	seconds = curl_getdate(text, NULL);
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
	const char *name;
	char letter;
};

/* The character an entity stands for, and how long it is written; 0 = it is none. */
static size_t entity_at(const char *text, char *ret)
{
	static const struct entity entities[] = {
		{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''},
		{"&apos;", '\''}, {"&nbsp;", ' '}, {"&#x27;", '\''}, {"&#x2F;", '/'},
	};
	size_t i;

	for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		size_t len = strlen(entities[i].name);

		if (strncasecmp(text, entities[i].name, len))
			continue;
		*ret = entities[i].letter;
		return len;
	}
	return 0;
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

static void put_letter(char *out, size_t *len, char letter)
{
	if (isspace((unsigned char)letter))
		letter = ' ';
	if (letter == ' ' && (!*len || out[*len - 1] == ' '))
		return;
	out[(*len)++] = letter;
}

char *status_plain(const char *text, size_t max)
{
	char *out = xmalloc(max + 1), *clean, letter;
	size_t len = 0;

	while (text && *text && len < max) {
		const char *behind = *text == '<' ? skip_tag(text) : text;
		size_t written = *text == '&' ? entity_at(text, &letter) : 0;

		if (behind > text)
			put_letter(out, &len, ' ');
		else
			put_letter(out, &len, written ? letter : *text);
		text = behind > text ? behind : text + (written ? written : 1);
	}
	/* Not in the middle of a character. */
	while (len == max && len && ((unsigned char)out[len - 1] & 0x80))
		len--;
	while (len && out[len - 1] == ' ')
		len--;
	out[len] = '\0';
	clean = printable_dup(out);
	free(out);
	return clean;
}

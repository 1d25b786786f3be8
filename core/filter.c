/* core/filter.c: see filter.h */
#include "core/filter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const filter_help =
	"Words apart by blanks; a row is shown when all of them hold. Capitals don't matter.\n"
	"  api crash        both stand somewhere in the row\n"
	"  -kube-system     this doesn't\n"
	"  node:east-2      this stands in that column; the beginning of its title is enough\n"
	"  -status:running  it doesn't\n"
	"  restarts>3       more than that (or < less); 90%, 2k, 64M and 1.5G are numbers too\n"
	"  \"two words\"      with the blank between\n";

static void take_word(struct filter_word *word, const char *from, size_t len)
{
	size_t at;

	if (len >= sizeof(word->text))
		len = sizeof(word->text) - 1;
	memcpy(word->text, from, len);
	word->text[len] = '\0';
	at = strcspn(word->text, ":<>");
	if (word->quoted || !at || !word->text[at])
		return;
	word->field = at;
	word->relation = word->text[at];
}

void filter_parse(struct filter *filter, const char *text)
{
	memset(filter, 0, sizeof(*filter));
	while (filter->len < FILTER_WORDS_MAX) {
		struct filter_word *word = &filter->words[filter->len];
		size_t len;

		text += strspn(text, " ");
		if (!*text)
			break;
		word->inverse = *text == '-' && text[1] && text[1] != ' ';
		text += word->inverse;
		word->quoted = *text == '"';
		text += word->quoted;
		len = strcspn(text, word->quoted ? "\"" : " ");
		take_word(word, text, len);
		text += len + (word->quoted && text[len] == '"');
		filter->len += word->text[0] != '\0';
		if (!word->text[0])
			memset(word, 0, sizeof(*word));
	}
}

static double number_of(const char *text, char **end)
{
	double value = strtod(text + strspn(text, "<>~ "), end);

	switch (**end) {
	case 'k':
	case 'K':
		return value * 1024;
	case 'M':
		return value * 1024 * 1024;
	case 'G':
		return value * 1024 * 1024 * 1024;
	default:
		return value;
	}
}

static bool compares(const char *text, char relation, const char *wanted)
{
	char *end;
	double have = number_of(text, &end), want;

	if (end == text)
		return false;
	want = number_of(wanted, &end);
	if (end == wanted)
		return false;
	return relation == '>' ? have > want : have < want;
}

static bool in_field(const struct filter_word *word, const char *text)
{
	const char *wanted = word->text + word->field + 1;

	if (!text)
		return false;
	return word->relation == ':' ? strcasestr(text, wanted) != NULL
				     : compares(text, word->relation, wanted);
}

static bool holds(const struct filter_word *word, const struct filter_field *fields,
		  size_t count)
{
	bool named = false;
	size_t i;

	for (i = 0; i < count && word->field; i++) {
		if (strncasecmp(fields[i].name, word->text, word->field))
			continue;
		named = true;
		if (in_field(word, fields[i].text))
			return true;
	}
	for (i = 0; i < count && !named; i++)
		if (fields[i].text && strcasestr(fields[i].text, word->text))
			return true;
	return false;
}

bool filter_matches(const struct filter *filter, const struct filter_field *fields, size_t count)
{
	size_t i;

	for (i = 0; i < filter->len; i++)
		if (holds(&filter->words[i], fields, count) == filter->words[i].inverse)
			return false;
	return true;
}

/* core/filter.c: see filter.h */
#include "core/filter.h"

#include <ctype.h>
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
	"  age<1h30m        times as they are shown: ms, s, m, h, d, y\n"
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

/* Seconds in what stands at text, as in "3m20s" or "1.5 ms", and its length; 0 = no time. */
static double unit_at(const char *text, size_t *ret_len)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = {
		{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"y", 31536000},
	};
	size_t blank = *text == ' ', i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t len = strlen(units[i].unit);

		if (strncmp(text + blank, units[i].unit, len) ||
		    isalpha((unsigned char)text[blank + len]))
			continue;
		*ret_len = blank + len;
		return units[i].seconds;
	}
	return 0;
}

struct amount {
	double plain;              /* as it is written, with k, M and G */
	double seconds;            /* -1 = it is no time */
};

static bool amount_of(const char *text, struct amount *ret)
{
	double unit, value;
	size_t len;
	char *end;

	text += strspn(text, "<>~ ");
	ret->plain = value = strtod(text, &end);
	ret->seconds = -1;
	if (end == text)
		return false;
	if (*end == 'k' || *end == 'K')
		ret->plain *= 1024;
	else if (*end == 'M')
		ret->plain *= 1024 * 1024;
	else if (*end == 'G')
		ret->plain *= 1024 * 1024 * 1024;
	for (; (unit = unit_at(end, &len)) > 0; value = strtod(text, &end)) {
		ret->seconds = (ret->seconds > 0 ? ret->seconds : 0) + value * unit;
		text = end + len;
		if (!isdigit((unsigned char)*text))
			break;
	}
	return true;
}

/* Times with times; a bare number with what stands there, whatever its unit. */
static bool compares(const char *text, char relation, const char *wanted)
{
	struct amount have, want;
	bool times;

	if (!amount_of(text, &have) || !amount_of(wanted, &want))
		return false;
	times = have.seconds >= 0 && want.seconds >= 0;
	if (relation == '>')
		return times ? have.seconds > want.seconds : have.plain > want.plain;
	return times ? have.seconds < want.seconds : have.plain < want.plain;
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

const char *filter_mistake(const struct filter *filter)
{
	struct amount amount;
	size_t i;

	for (i = 0; i < filter->len; i++) {
		const struct filter_word *word = &filter->words[i];

		if (word->field && word->relation != ':' &&
		    !amount_of(word->text + word->field + 1, &amount))
			return word->text;
	}
	return NULL;
}

bool filter_matches(const struct filter *filter, const struct filter_field *fields, size_t count)
{
	size_t i;

	for (i = 0; i < filter->len; i++)
		if (holds(&filter->words[i], fields, count) == filter->words[i].inverse)
			return false;
	return true;
}

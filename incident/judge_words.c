/* incident/judge_words.c: what the rules speak of, told from the text of their jq program */
#include <ctype.h>
#include <string.h>

#include "incident/judge_words.h"

#define WORD_MAX 64

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The word at text into word, "" when none starts there or it is longer than any key of ours.
 * Returns its length. */
static size_t take_word(const char *text, char word[WORD_MAX])
{
	size_t len = 0;

	while (is_word(text[len]))
		len++;
	memcpy(word, text, len < WORD_MAX ? len : 0);
	word[len < WORD_MAX ? len : 0] = '\0';
	return len;
}

void words_add(json_t *words, const char *program)
{
	char word[WORD_MAX];

	while (*program) {
		size_t len = take_word(program, word);

		if (word[0])
			json_object_set_new(words, word, json_true());
		program += len ? len : 1;
	}
}

/* Functions that reach or show what an object holds without naming it. */
static bool takes_all(const char *word)
{
	static const char *const all[] = {"keys", "keys_unsorted", "to_entries", "with_entries", "path",
					  "paths", "leaf_paths", "getpath", "walk", "map_values",
					  "recurse", "tojson", "tostring", "tostream", "del",
					  "delpaths", "json", "text"};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i], word))
			return true;
	return false;
}

/* [ after a value, with something in it that only running tells; or an entry's members, each. */
static bool indexes_by_value(char before, const char *bracket)
{
	char inside = bracket[1];

	if (!is_word(before) && !strchr(".)]?", before))
		return false;
	return !isdigit((unsigned char)inside) && !strchr("-:\"", inside) &&
	       !(inside == ']' && (is_word(before) || before == ')'));
}

/* rule ends where its parentheses close; a string in it is skipped but for the rules in it. */
static const char *look_at_rule(const char *at, bool *ret_whole);

static const char *look_at_string(const char *at, bool *ret_whole)
{
	while (*at && *at != '"') {
		if (at[0] == '\\' && at[1] == '(')
			at = look_at_rule(at + 2, ret_whole);
		else
			at += at[0] == '\\' && at[1] ? 2 : 1;
	}
	return *at ? at + 1 : at;
}

static const char *look_at_rule(const char *at, bool *ret_whole)
{
	char before = '(', word[WORD_MAX];
	int depth = 1;

	while (*at) {
		size_t len = take_word(at, word);
		char c = *at;

		if ((takes_all(word) && before != '.') || (c == '.' && at[1] == '.') ||
		    (c == '[' && indexes_by_value(before, at)))
			*ret_whole = true;
		at += len ? len : 1;
		if (c == '"')
			at = look_at_string(at, ret_whole);
		depth += (c == '(') - (c == ')');
		if (!depth)
			break;
		before = at[-1];
	}
	return at;
}

bool words_name_all(const char *program)
{
	bool whole = false;

	while (*program)
		program = look_at_rule(program, &whole);
	return !whole;
}

/* incident/judge_watch.c: see judge_watch.h */
#include "incident/judge_watch.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"

/* What has been seen of one section, and who reads it. */
struct section {
	char *name;
	uint64_t digest;
	bool changed;              /* by the look at hand */
	bool *readers;             /* per mode */
};

struct judge_watch {
	const struct catalogue *cat;
	struct section *sections;
	size_t len, cap;
	bool *timed;               /* per mode */
	bool *anything;            /* per mode: its sections cannot be told from its text */
	int64_t *asked_ms;         /* per mode; 0 = never */
};

typedef bool (*text_test)(const char *text, const char *word);

bool rule_reads(const char *rule, const char *section)
{
	size_t len = strlen(section);

	for (const char *at = strchr(rule, '.'); at; at = strchr(at + 1, '.')) {
		if (strncmp(at + 1, section, len) == 0 && !isalnum((unsigned char)at[1 + len]) &&
		    at[1 + len] != '_')
			return true;
	}
	return false;
}

/* Ages are left out of the digest, so whoever names one is asked by the clock. */
static bool speaks_of(const char *text, const char *word)
{
	return strstr(text, word);
}

static bool in_actions(const struct mode *mode, text_test test, const char *word)
{
	for (size_t i = 0; i < mode->nactions; i++) {
		const struct mode_action *action = &mode->actions[i];

		if ((action->label && test(action->label, word)) ||
		    (action->target && test(action->target, word)) ||
		    (action->when && test(action->when, word)))
			return true;
		for (size_t j = 0; j < action->nparams; j++)
			if (test(action->params[j].value, word))
				return true;
	}
	return false;
}

static bool in_clocks(const struct mode *mode, text_test test, const char *word)
{
	for (size_t i = 0; i < mode->nclocks; i++) {
		const struct mode_clock *clock = &mode->clocks[i];

		if ((clock->label && test(clock->label, word)) ||
		    (clock->from && test(clock->from, word)) ||
		    (clock->seconds && test(clock->seconds, word)))
			return true;
	}
	return false;
}

static bool in_evidence(const struct mode *mode, text_test test, const char *word)
{
	for (size_t i = 0; i < mode->nevidence; i++)
		if (test(mode->evidence[i].text, word) || test(mode->evidence[i].expr, word))
			return true;
	return false;
}

static bool in_mode(const struct mode *mode, text_test test, const char *word)
{
	const char *const texts[] = {mode->each, mode->subject, mode->headline, mode->since};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i] && test(texts[i], word))
			return true;
	return in_evidence(mode, test, word) || in_clocks(mode, test, word) ||
	       in_actions(mode, test, word);
}

/* Its own words, or a prelude function that looks at the clock. */
static bool is_timed(const struct mode *mode)
{
	static const char *const words[] = {"age", "$now", "since(", "within(", "as_of", "uptime"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (in_mode(mode, speaks_of, words[i]))
			return true;
	return false;
}

/* jq has more ways to reach a section than to name it after a dot. */
static bool reads_anything(const struct mode *mode)
{
	static const char *const words[] = {"[\"", "$doc", "..", "_entries", "path", "keys"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (in_mode(mode, speaks_of, words[i]))
			return true;
	return false;
}

struct judge_watch *judge_watch_new(const struct catalogue *cat)
{
	struct judge_watch *watch = xcalloc(1, sizeof(*watch));

	watch->cat = cat;
	watch->timed = xcalloc(cat->len + 1, sizeof(*watch->timed));
	watch->asked_ms = xcalloc(cat->len + 1, sizeof(*watch->asked_ms));
	watch->anything = xcalloc(cat->len + 1, sizeof(*watch->anything));
	for (size_t i = 0; i < cat->len; i++) {
		watch->timed[i] = is_timed(&cat->modes[i]);
		watch->anything[i] = reads_anything(&cat->modes[i]);
	}
	return watch;
}

void judge_watch_free(struct judge_watch *watch)
{
	if (!watch)
		return;
	for (size_t i = 0; i < watch->len; i++) {
		free(watch->sections[i].name);
		free(watch->sections[i].readers);
	}
	free(watch->sections);
	free(watch->timed);
	free(watch->anything);
	free(watch->asked_ms);
	free(watch);
}

static bool is_age(const char *key)
{
	size_t len = strlen(key);

	return (len >= 3 && !strcmp(key + len - 3, "age")) || !strcmp(key, "as_of") ||
	       !strcmp(key, "uptime");
}

static uint64_t digest_of(uint64_t digest, const json_t *value);

static uint64_t digest_object(uint64_t digest, const json_t *object)
{
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)(uintptr_t)object, key, member) {
		if (is_age(key))
			continue;
		digest = hash_more(digest, key, strlen(key) + 1);
		digest = digest_of(digest, member);
	}
	return hash_more(digest, "}", 1);
}

static uint64_t digest_of(uint64_t digest, const json_t *value)
{
	char kind = (char)json_typeof(value);
	json_int_t integer = json_integer_value(value);
	double number = json_number_value(value);
	size_t i;

	digest = hash_more(digest, &kind, 1);
	if (json_is_object(value))
		return digest_object(digest, value);
	for (i = 0; i < json_array_size(value); i++)
		digest = digest_of(digest, json_array_get(value, i));
	if (json_is_string(value))
		return hash_more(digest, json_string_value(value), json_string_length(value) + 1);
	if (json_is_integer(value))
		return hash_more(digest, &integer, sizeof(integer));
	return json_is_real(value) ? hash_more(digest, &number, sizeof(number)) : digest;
}

static struct section *section_of(struct judge_watch *watch, const char *name)
{
	struct section *section;

	for (size_t i = 0; i < watch->len; i++)
		if (!strcmp(watch->sections[i].name, name))
			return &watch->sections[i];
	if (watch->len == watch->cap) {
		watch->cap = watch->cap ? 2 * watch->cap : 16;
		watch->sections = xreallocarray(watch->sections, watch->cap,
						sizeof(*watch->sections));
	}
	section = &watch->sections[watch->len++];
	*section = (struct section){.name = xstrdup(name)};
	section->readers = xcalloc(watch->cat->len + 1, sizeof(*section->readers));
	for (size_t i = 0; i < watch->cat->len; i++)
		section->readers[i] = watch->anything[i] ||
				      in_mode(&watch->cat->modes[i], rule_reads, name);
	return section;
}

void judge_watch_look(struct judge_watch *watch, const json_t *facts)
{
	const char *key;
	json_t *member;

	for (size_t i = 0; i < watch->len; i++)
		watch->sections[i].changed = false;
	json_object_foreach((json_t *)(uintptr_t)facts, key, member) {
		struct section *section = section_of(watch, key);
		uint64_t digest = digest_of(HASH_SEED, member);

		section->changed = digest != section->digest;
		section->digest = digest;
	}
}

bool judge_watch_is_due(const struct judge_watch *watch, size_t mode, int64_t now_ms,
			int64_t every_ms)
{
	if (!watch->asked_ms[mode] ||
	    (watch->timed[mode] && now_ms - watch->asked_ms[mode] >= every_ms))
		return true;
	for (size_t i = 0; i < watch->len; i++)
		if (watch->sections[i].changed && watch->sections[i].readers[mode])
			return true;
	return false;
}

bool judge_watch_reads(const struct judge_watch *watch, size_t mode, const char *section)
{
	for (size_t i = 0; i < watch->len; i++)
		if (!strcmp(watch->sections[i].name, section))
			return watch->sections[i].readers[mode];
	return true;
}

void judge_watch_asked(struct judge_watch *watch, size_t mode, int64_t now_ms)
{
	watch->asked_ms[mode] = now_ms;
}

/*
 * core/filter.h: what a person types to see less: words apart by blanks, all of which must hold.
 *
 *	api crash          both stand somewhere in the row
 *	-kube-system       this doesn't
 *	node:east-2        this stands in that field; a field's beginning is enough
 *	-status:running    it doesn't
 *	restarts>3 cpu<100 numbers, with %, k, M and G as they are shown
 *	age<1h30m          times, with ms, s, m, h, d and y
 *	"two words"        with the blank
 *
 * Capitals don't matter. There are no patterns. What looks like a field and is none is a word.
 */
#ifndef SITREP_CORE_FILTER_H
#define SITREP_CORE_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#define FILTER_TEXT 128
#define FILTER_WORDS_MAX 8

struct filter_word {
	char text[FILTER_TEXT];    /* as typed, without - and quotes */
	size_t field;              /* length of the field's name in text; 0 = none */
	char relation;             /* ':', '<' or '>' behind it */
	bool quoted;               /* no field in it */
	bool inverse;
};

struct filter {
	struct filter_word words[FILTER_WORDS_MAX];
	size_t len;
};

struct filter_field {
	const char *name, *text;   /* text may be NULL: it has none */
};

/* Any text will do. Words beyond the most are left out. */
void filter_parse(struct filter *filter, const char *text);
bool filter_matches(const struct filter *filter, const struct filter_field *fields, size_t count);
/* The first word that compares with what is no number, so that no column fits; or NULL. */
const char *filter_mistake(const struct filter *filter);
/* The language in a few lines for people, for help and the documents. */
extern const char *const filter_help;

#endif

/* world/machines/answer.h: how a machine answers one command. Private to this folder. */
#ifndef SITREP_WORLD_MACHINES_ANSWER_H
#define SITREP_WORLD_MACHINES_ANSWER_H

#include "world/machines/machines.h"

#define ANSWER_WORDS_MAX 24

struct answer {
	const struct machine *machine;
	int argc;
	char **argv;                   /* NULL at the end */
	struct buf *out, *err;
};

/* Is one of the words after the first that one? */
bool answer_has(const struct answer *answer, const char *word);
/* Is one of its single-letter options that one: -h, -hk? */
bool answer_has_letter(const struct answer *answer, char letter);
/* The number-th (from 0) word that is no option and no option's value, NULL = there is none.
 * valued: the options that take a value in the next word. */
const char *answer_operand(const struct answer *answer, int number, const char *const *valued);
/* "76G" */
const char *answer_size(int64_t kib, char buf[16]);

/* Each gives the exit status. disk.c */
int answer_df(struct answer *answer);
int answer_du(struct answer *answer);
/* unit.c */
int answer_systemctl(struct answer *answer);
int answer_journalctl(struct answer *answer);

#endif

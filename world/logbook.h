/*
 * world/logbook.h: what one container has printed, and who is reading along.
 */
#ifndef SITREP_WORLD_LOGBOOK_H
#define SITREP_WORLD_LOGBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct logline {
	int64_t at_us;
	char *text;
};

struct log_reader {
	/* line is NULL when the container has ended: the reader is then no longer attached. */
	void (*line)(void *arg, const struct logline *line);
	void *arg;
	struct log_reader *next, **link;
};

struct logbook;

struct logbook *logbook_new(void);
/* Tells the readers that it is over and frees it. */
void logbook_free(struct logbook *book);
/* Tells the readers that it is over; the lines stay. */
void logbook_close(struct logbook *book);
void logbook_add(struct logbook *book, int64_t at_us, const char *text);

size_t logbook_count(const struct logbook *book);
const struct logline *logbook_line(const struct logbook *book, size_t index);

/* False when the container has already ended. */
bool logbook_attach(struct logbook *book, struct log_reader *reader);
void logbook_detach(struct log_reader *reader);

#endif

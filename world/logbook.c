/* world/logbook.c: see logbook.h */
#include "world/logbook.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define LINES_MAX 300       /* a ring: the oldest goes first, as when kubelet rotates */

struct logbook {
	struct logline *lines;
	size_t first, count, cap;
	struct log_reader *readers;
	bool closed;
};

struct logbook *logbook_new(void)
{
	return xcalloc(1, sizeof(struct logbook));
}

void logbook_close(struct logbook *book)
{
	if (!book)
		return;
	book->closed = true;
	while (book->readers) {
		struct log_reader *reader = book->readers;

		logbook_detach(reader);
		reader->line(reader->arg, NULL);
	}
}

void logbook_free(struct logbook *book)
{
	if (!book)
		return;
	logbook_close(book);
	for (size_t i = 0; i < book->count; i++)
		free(book->lines[(book->first + i) % book->cap].text);
	free(book->lines);
	free(book);
}

void logbook_add(struct logbook *book, int64_t at_us, const char *text)
{
	struct logline *line;

	if (book->count == book->cap && book->cap < LINES_MAX) {
		/* Not yet a ring: it starts at 0. */
		book->cap = book->cap ? book->cap * 2 : 16;
		if (book->cap > LINES_MAX)
			book->cap = LINES_MAX;
		book->lines = xreallocarray(book->lines, book->cap, sizeof(*book->lines));
	}
	if (book->count == book->cap) {
		free(book->lines[book->first].text);
		book->first = (book->first + 1) % book->cap;
		book->count--;
	}
	line = &book->lines[(book->first + book->count++) % book->cap];
	line->at_us = at_us;
	line->text = xstrdup(text);
	for (struct log_reader *reader = book->readers; reader; reader = reader->next)
		reader->line(reader->arg, line);
}

size_t logbook_count(const struct logbook *book)
{
	return book->count;
}

const struct logline *logbook_line(const struct logbook *book, size_t index)
{
	return &book->lines[(book->first + index) % book->cap];
}

bool logbook_attach(struct logbook *book, struct log_reader *reader)
{
	if (book->closed)
		return false;
	reader->next = book->readers;
	reader->link = &book->readers;
	if (reader->next)
		reader->next->link = &reader->next;
	book->readers = reader;
	return true;
}

void logbook_detach(struct log_reader *reader)
{
	if (!reader->link)
		return;
	*reader->link = reader->next;
	if (reader->next)
		reader->next->link = reader->link;
	reader->link = NULL;
}

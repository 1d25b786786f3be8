/* backends/postgres/read.h: what a database tells about itself, as SQL and into the model. */
#ifndef SITREP_BACKENDS_POSTGRES_READ_H
#define SITREP_BACKENDS_POSTGRES_READ_H

#include <libpq-fe.h>
#include <stddef.h>

#include "core/config.h"
#include "core/model/postgres.h"

struct postgres_reader {
	const struct config_postgres *config;
	struct postgres next;              /* what has been read so far; texts are borrowed */
	bool goose_there, goose_readable, lock_there;
	int64_t others_used_s;
	bool others_known;
	int asked;                         /* enum in read.c: what is being read now */
	char sql[8192];
};

/* Begins anew. model: what is kept from before (its texts and ways). */
void postgres_reader_start(struct postgres_reader *reader, const struct config_postgres *config,
			   const struct postgres *model);
/* The nth thing to read: statements within one read-only transaction; NULL = all is read. */
const char *postgres_reader_next(struct postgres_reader *reader, int n);
void postgres_reader_row(struct postgres_reader *reader, int statement, const PGresult *row);
/* What was asked for could not be read, refused: for want of rights. */
void postgres_reader_failed(struct postgres_reader *reader, bool refused);
/* Everything is read: into the model. */
void postgres_reader_put(struct postgres_reader *reader, struct postgres *model);

/* query without the texts and numbers that stand in it, printable. */
void postgres_query_shape(const char *query, char *buf, size_t size);

#endif

/* world/postgres_private.h: between the protocol and the statements of world/postgres.h. */
#ifndef SITREP_WORLD_POSTGRES_PRIVATE_H
#define SITREP_WORLD_POSTGRES_PRIVATE_H

#include "core/buf.h"
#include "world/postgres.h"

#define CELLS_MAX 12
#define CELL_TEXT 160

/* A table of texts as it goes out; a cell that begins with a zero byte is null. */
struct answer {
	struct buf *out;
	int columns;
	int64_t rows;
};

/* "name" is text, "#name" a number. */
void answer_begin(struct answer *answer, struct buf *out, const char *const *columns, int count);
void answer_row(struct answer *answer, const char *const *cells);     /* NULL cell = null */
void answer_end(struct answer *answer, const char *tag);              /* "SELECT" gains the count */

void put_error(struct buf *out, const char *severity, const char *code, const char *message);

/* One client's connection. */
struct client {
	struct postgres_server *server;
	unsigned int way;                      /* one of enum postgres_way_bits */
	bool greeted, skipping;                /* skipping: until Sync, after an error */
	char status;                           /* of its transaction: 'I', 'T', 'E' */
	bool read_only;
	char application[64];
};

struct postgres_server {
	struct world *world;
	json_t *plan;                          /* borrowed: the cluster description's part */
	struct listener *listeners[2];
	enum postgres_fault faults[2];
	int64_t began_ms;                      /* wall clock */
	int64_t used_ms;                       /* world's clock: the last use by anyone */
	bool used, asleep;                     /* used: the application is at work */
	char blocker[64];
	int64_t blocked_ms, waiting;           /* wall clock; who wait */
	int64_t version;
	char invalid_index[128];
	int64_t connections;
};

/* A statement, without its semicolon. False: an error has been put, the rest is not run. */
bool postgres_run(struct client *client, const char *sql, struct buf *out);

#endif

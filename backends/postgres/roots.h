/*
 * backends/postgres/roots.h: the one authority that a server's certificate has last been traced to.
 * libpq reads its whole file of authorities anew for each connection, and the system's takes
 * longer than all the rest of a look; so the next look is given this one alone. It trusts nobody
 * whom the whole file would not.
 */
#ifndef SITREP_BACKENDS_POSTGRES_ROOTS_H
#define SITREP_BACKENDS_POSTGRES_ROOTS_H

#include <libpq-fe.h>

struct postgres_roots {
	int fd;                    /* a file in memory; -1 = none yet */
	char path[32];             /* by which libpq opens it */
};

#define POSTGRES_ROOTS_INIT {.fd = -1}

/* Keeps the authority of a connection whose certificate has been verified, unless there is one. */
void postgres_roots_learn(struct postgres_roots *roots, PGconn *conn);
void postgres_roots_forget(struct postgres_roots *roots);

#endif

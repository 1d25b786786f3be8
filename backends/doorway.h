/*
 * backends/doorway.h: a local socket of this process alone, for a library that insists on
 * connecting by itself: it connects to the name, and the other end is what is accepted.
 */
#ifndef SITREP_BACKENDS_DOORWAY_H
#define SITREP_BACKENDS_DOORWAY_H

#define DOORWAY_NAME 48

/* A listening socket in Linux's abstract namespace; its name without the leading NUL. -errno. */
int doorway_open(char name[DOORWAY_NAME]);
/* A non-blocking connection that this process has made, or -EAGAIN: none has come yet. */
int doorway_accept(int listener);

#endif

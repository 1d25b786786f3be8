/*
 * core/embed.h: files that people write (failure modes, drills, themes), built into the program
 * by core/embed.sh, so that one binary is always whole. The array ends with a NULL name.
 */
#ifndef SITREP_CORE_EMBED_H
#define SITREP_CORE_EMBED_H

#include <stddef.h>

struct embed_file {
	const char *name;          /* base name, "some-mode.yaml" */
	const unsigned char *data; /* len bytes, followed by a NUL that len does not count */
	size_t len;
};

#endif

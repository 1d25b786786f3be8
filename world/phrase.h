/*
 * world/phrase.h: log lines from patterns, so that no two are alike.
 */
#ifndef SITREP_WORLD_PHRASE_H
#define SITREP_WORLD_PHRASE_H

#include <stddef.h>
#include <stdint.h>

/* Fills in {time}, {unix}, {pod}, {ms}, {ip}, {n}, {hex}; anything else stays as it is. */
void phrase(const char *pattern, const char *pod, int64_t at_us, char *out, size_t size);

#endif

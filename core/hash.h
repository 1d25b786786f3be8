/* core/hash.h: FNV-1a: for short keys in tables and names, and to see that something has changed;
 * no defence against attackers. */
#ifndef SITREP_CORE_HASH_H
#define SITREP_CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint32_t hash_bytes(const char *bytes, size_t len);

/* 64 bits, over as many parts as there are: the first goes on from HASH_SEED. */
#define HASH_SEED 0xcbf29ce484222325u
uint64_t hash_more(uint64_t hash, const void *bytes, size_t len);

#endif

/* core/hash.h: FNV-1a, 32 bits: for short keys in tables and names; no defence against attackers. */
#ifndef SITREP_CORE_HASH_H
#define SITREP_CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint32_t hash_bytes(const char *bytes, size_t len);

#endif

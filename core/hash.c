/* core/hash.c: see hash.h */
#include "core/hash.h"

uint32_t hash_bytes(const char *bytes, size_t len)
{
	uint32_t hash = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
	return hash;
}

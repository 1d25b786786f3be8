/* tests/fuzz/target.h: what is fuzzed. A target eats any bytes; what goes wrong, goes wrong loudly. */
#ifndef SITREP_TESTS_FUZZ_TARGET_H
#define SITREP_TESTS_FUZZ_TARGET_H

#include <stddef.h>

struct fuzz_target {
	const char *name;
	void (*eat)(const char *bytes, size_t len);
};

extern const struct fuzz_target fuzz_targets[];        /* name NULL ends it */
const struct fuzz_target *fuzz_target_find(const char *name);

/* resp.c: a Redis that answers everything with these bytes. */
void fuzz_eat_resp(const char *bytes, size_t len);

#endif

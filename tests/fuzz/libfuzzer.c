/* tests/fuzz/libfuzzer.c: the same targets for clang's libFuzzer; SITREP_FUZZ names one */
#include <stdint.h>
#include <stdlib.h>

#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *name = getenv("SITREP_FUZZ");
	const struct fuzz_target *target = fuzz_target_find(name ? name : "json");

	if (!target)
		abort();
	target->eat((const char *)bytes, len);
	return 0;
}

/*
 * core/clock.h: time, as the program keeps it and as people read it.
 *
 * Wall times are milliseconds since the epoch (UTC), 0 = never / unknown. Monotonic times are
 * milliseconds from an arbitrary start and are the only ones that intervals are measured with.
 */
#ifndef SITREP_CORE_CLOCK_H
#define SITREP_CORE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);

/* RFC 3339 ("2026-11-22T12:25:01Z", fractions and offsets allowed) to wall ms; -EINVAL. */
int clock_parse_rfc3339(const char *text, int64_t *ret_ms);

/* "2026-11-22T12:25:01Z"; buf of CLOCK_TEXT bytes. */
#define CLOCK_TEXT 32
const char *clock_format_rfc3339(int64_t wall_ms, char buf[CLOCK_TEXT]);

/* A duration as kubectl shows ages: "41s", "7m", "3h", "2d", "1y"; two units below ten minutes
 * and ten hours ("4m10s", "3h12m"). Negative is shown as "0s". */
const char *clock_format_age(int64_t ms, char buf[CLOCK_TEXT]);

#endif

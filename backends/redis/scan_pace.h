/*
 * backends/redis/scan_pace.h: how much the key scan may ask at once, and when it rests. With nobody
 * else being served there is no rest at `scan_load: 1`. Who else is served shows in how long our
 * questions take: what they take beyond the usual is given to the others once more.
 */
#ifndef SITREP_BACKENDS_REDIS_SCAN_PACE_H
#define SITREP_BACKENDS_REDIS_SCAN_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All times are monotonic. */
struct scan_pace {
	double load;               /* share of the server's time that may be taken, at most 1 */
	size_t count;              /* keys a SCAN gives */
	int64_t way_us;            /* shortest way to the server and back; 0 = unknown */
	int64_t usual_ns;          /* what a key takes when nobody else is served; 0 = unknown */
	int64_t spell_us;          /* begin of the spell that is being timed; 0 = none is */
	size_t spell_keys;
	int64_t owed_us;           /* rest that the server has still to get */
	int64_t rest_from_us;
	int64_t backed_off_ms;     /* pause because answers are far too late */
};

void scan_pace_begin(struct scan_pace *pace, double load, size_t count);
/* The least there is to ask took this long, with nothing else under way. */
void scan_pace_way(struct scan_pace *pace, int64_t took_us);
/* Keys that may be under way, and keys that are asked together. */
size_t scan_pace_window(const struct scan_pace *pace);
size_t scan_pace_portion(const struct scan_pace *pace);
/* Something is asked after a time with nothing under way. */
void scan_pace_wakes(struct scan_pace *pace, int64_t now_us);
/* So many keys have been answered. Returns the server's time they took, in us, by estimate. */
int64_t scan_pace_answered(struct scan_pace *pace, size_t keys, int64_t now_us);
/* How long to rest now, in ms; 0 = not at all. Then scan_pace_rested() when it is over. */
uint64_t scan_pace_rest(struct scan_pace *pace, int64_t now_us);
void scan_pace_rested(struct scan_pace *pace, int64_t now_us);
/* Do answers come so late that the scan all but stands still? */
bool scan_pace_is_late(const struct scan_pace *pace);

#endif

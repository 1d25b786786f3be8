/* backends/redis/scan_pace.c: see scan_pace.h */
#include "backends/redis/scan_pace.h"

#include <string.h>

#define SPELL_WINDOWS 4            /* answers come in heaps: only many of them tell a speed */
#define NEAR_US 200                /* a way this short needs no more than one page under way */
#define FAR_TIMES 4                /* ... and the longest no more than four */
#define FAR_US 1000                /* from here on the way hides what a key takes */
#define FAR_KEY_NS 5000            /* what a key then counts as */
#define REST_LEAST_US 1000         /* what the loop's timers can do; less is saved up */
#define LATE_US 20000
#define LATE_TIMES 5
#define BACK_OFF_MS 200
#define BACK_OFF_MAX_MS 5000

void scan_pace_begin(struct scan_pace *pace, double load, size_t count)
{
	memset(pace, 0, sizeof(*pace));
	pace->load = load;
	pace->count = count;
}

void scan_pace_way(struct scan_pace *pace, int64_t took_us)
{
	if (!pace->way_us || took_us < pace->way_us)
		pace->way_us = took_us;
}

/* As much as keeps the server busy during one way there and back, within limits: all of it may
 * stand between somebody else and his answer. */
size_t scan_pace_window(const struct scan_pace *pace)
{
	int64_t times = pace->way_us / NEAR_US;

	times = times < 1 ? 1 : times > FAR_TIMES ? FAR_TIMES : times;
	return pace->count * (size_t)times;
}

size_t scan_pace_portion(const struct scan_pace *pace)
{
	size_t portion = scan_pace_window(pace) / 4;

	return portion ? portion : 1;
}

void scan_pace_wakes(struct scan_pace *pace, int64_t now_us)
{
	pace->spell_us = now_us;
	pace->spell_keys = 0;
}

static void learn(struct scan_pace *pace, int64_t per_key_ns)
{
	if (pace->way_us > FAR_US && per_key_ns > FAR_KEY_NS)
		per_key_ns = FAR_KEY_NS;
	if (!pace->usual_ns || per_key_ns < pace->usual_ns)
		pace->usual_ns = per_key_ns;
	else
		pace->usual_ns += (per_key_ns - pace->usual_ns) / 1024;
}

/* Others take their turns between ours: up to as much again is nobody's harm. */
static void weigh(struct scan_pace *pace, size_t keys, int64_t took_us)
{
	int64_t ours = (int64_t)keys * pace->usual_ns / 1000;
	int64_t ways = (int64_t)(keys / scan_pace_window(pace)) * pace->way_us;
	int64_t expected = 2 * (ours + ways);

	pace->owed_us += (int64_t)((double)ours * (1 / pace->load - 1));
	if (took_us > expected)
		pace->owed_us += took_us - expected;
	if (took_us < LATE_US || took_us < LATE_TIMES * expected) {
		pace->backed_off_ms /= 2;
		return;
	}
	pace->backed_off_ms = pace->backed_off_ms ? pace->backed_off_ms * 2 : BACK_OFF_MS;
	if (pace->backed_off_ms > BACK_OFF_MAX_MS)
		pace->backed_off_ms = BACK_OFF_MAX_MS;
	pace->owed_us += pace->backed_off_ms * 1000;
}

int64_t scan_pace_answered(struct scan_pace *pace, size_t keys, int64_t now_us)
{
	int64_t took;

	pace->spell_keys += keys;
	if (pace->spell_keys < SPELL_WINDOWS * scan_pace_window(pace))
		return 0;
	keys = pace->spell_keys;
	took = now_us - pace->spell_us;
	learn(pace, took * 1000 / (int64_t)keys);
	weigh(pace, keys, took);
	scan_pace_wakes(pace, now_us);
	return (int64_t)keys * pace->usual_ns / 1000;
}

uint64_t scan_pace_rest(struct scan_pace *pace, int64_t now_us)
{
	if (pace->owed_us < REST_LEAST_US)
		return 0;
	pace->rest_from_us = now_us;
	return (uint64_t)(pace->owed_us / 1000);
}

/* Timers are late: what was rested too long is good for later. */
void scan_pace_rested(struct scan_pace *pace, int64_t now_us)
{
	pace->owed_us -= now_us - pace->rest_from_us;
	if (pace->owed_us < -REST_LEAST_US)
		pace->owed_us = -REST_LEAST_US;
}

bool scan_pace_is_late(const struct scan_pace *pace)
{
	return pace->backed_off_ms > 0;
}

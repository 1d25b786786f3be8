/*
 * world/when.h: time stamps in the forms that Kubernetes objects carry them.
 */
#ifndef SITREP_WORLD_WHEN_H
#define SITREP_WORLD_WHEN_H

#include <stdint.h>

#include <jansson.h>

#define WHEN_TEXT 40

int64_t when_now_us(void);                               /* wall clock, microseconds */
const char *when_seconds(int64_t us, char buf[WHEN_TEXT]); /* 2026-11-22T12:25:01Z */
const char *when_micro(int64_t us, char buf[WHEN_TEXT]);   /* 2026-11-22T12:25:01.000000Z */
const char *when_nano(int64_t us, char buf[WHEN_TEXT]);    /* kubelet's log stamp */

json_t *when_json(int64_t us);                           /* seconds, as a new JSON string */
json_t *when_json_micro(int64_t us);
int64_t when_parse(const char *text);                    /* to microseconds; 0 if unreadable */

/* "41s", "7m30s", "3h", "2d4h", as kubectl prints ages. */
const char *when_age(int64_t us, char buf[WHEN_TEXT]);

/* "90s", "15m", "3h", "41d" or a plain number of seconds, to microseconds; 0 if unreadable. */
int64_t when_span(const json_t *value);

#endif

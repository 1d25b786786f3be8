/*
 * core/app_reader.h: an app's answer in Prometheus's text format, read as it arrives: what its
 * configuration keeps of it becomes the app's values once the answer was whole.
 */
#ifndef SITREP_CORE_APP_READER_H
#define SITREP_CORE_APP_READER_H

#include <stddef.h>
#include <stdint.h>

#include "core/config.h"
#include "core/model/apps.h"
#include "core/promtext.h"

struct app_reader {
	const struct config_app *config;
	struct app_metrics draft;
	struct promtext text;
	size_t bytes;
	uint64_t fitted;           /* patterns that something of it fits, as bits */
};

/* A new answer; what was read of the one before is dropped. config outlives the reader. */
void app_reader_begin(struct app_reader *reader, const struct config_app *config);
void app_reader_feed(struct app_reader *reader, const char *bytes, size_t len);
/* The answer has ended: its values become app's, which is proven. Otherwise app is told why not. */
void app_reader_end(struct app_reader *reader, struct app_metrics *app, int64_t now_wall_ms);
void app_reader_drop(struct app_reader *reader);

#endif

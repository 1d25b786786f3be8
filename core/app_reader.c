/* core/app_reader.c: see app_reader.h */
#include "core/app_reader.h"

#include <stdio.h>
#include <string.h>

#define BODY_MAX (16 * 1024 * 1024)
#define PATTERN_BITS 64

/* A pattern with a brace is held against the whole series and keeps what it matches under its own
 * name; one without it, against the metric's name. */
static void on_sample(void *arg, const char *name, const char *labels, double value)
{
	struct app_reader *reader = arg;
	const struct strlist *keep = &reader->config->keep;
	char series[PROMTEXT_LINE + 4];
	size_t i;

	if (!strcmp(name, "process_start_time_seconds"))
		reader->draft.started_s = value;
	snprintf(series, sizeof(series), "%s{%s}", name, labels);
	for (i = 0; i < keep->len; i++) {
		bool whole = strchr(keep->items[i], '{') != NULL;

		if (!config_glob(keep->items[i], whole ? series : name))
			continue;
		app_add(&reader->draft, whole ? keep->items[i] : name, value);
		reader->fitted |= UINT64_C(1) << i % PATTERN_BITS;
	}
}

void app_reader_begin(struct app_reader *reader, const struct config_app *config)
{
	app_clear(&reader->draft);
	promtext_init(&reader->text, on_sample, reader);
	reader->config = config;
	reader->bytes = 0;
	reader->fitted = 0;
}

void app_reader_feed(struct app_reader *reader, const char *bytes, size_t len)
{
	if (reader->bytes < BODY_MAX)
		promtext_feed(&reader->text, bytes, len);
	reader->bytes += len;
}

static void note_missing(struct app_reader *reader)
{
	const struct strlist *keep = &reader->config->keep;
	size_t i;

	for (i = 0; i < keep->len && i < PATTERN_BITS; i++)
		if (!(reader->fitted >> i & 1))
			app_miss(&reader->draft, keep->items[i]);
}

void app_reader_end(struct app_reader *reader, struct app_metrics *app, int64_t now_ms)
{
	if (!promtext_end(&reader->text)) {
		freshness_failed(&app->fresh, FAULT_SERVER, "the answer is no Prometheus text");
	} else if (reader->bytes > BODY_MAX) {
		freshness_failed(&app->fresh, FAULT_SERVER, "the answer is longer than 16 MB");
	} else {
		note_missing(reader);
		app_commit(app, &reader->draft, now_ms);
		freshness_proven(&app->fresh, now_ms);
	}
}

void app_reader_drop(struct app_reader *reader)
{
	app_clear(&reader->draft);
}

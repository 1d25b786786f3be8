/*
 * core/promtext.h: Prometheus's text format, read line by line as it arrives. Nothing is kept here:
 * each sample is handed over and forgotten. Source: prometheus.io, exposition formats, 0.0.4.
 */
#ifndef SITREP_CORE_PROMTEXT_H
#define SITREP_CORE_PROMTEXT_H

#include <stdbool.h>
#include <stddef.h>

#define PROMTEXT_LINE 4096             /* longer ones are passed over */
#define PROMTEXT_SAMPLES_MAX 200000    /* of one answer; what comes behind is not believed */

struct promtext {
	/* labels without their braces, "" = none. Values that aren't finite are not handed over. */
	void (*sample)(void *arg, const char *name, const char *labels, double value);
	void *arg;
	/* private */
	char line[PROMTEXT_LINE];
	size_t len;
	bool too_long;
	size_t samples, broken;
};

void promtext_init(struct promtext *text,
		   void (*sample)(void *arg, const char *name, const char *labels, double value),
		   void *arg);
void promtext_feed(struct promtext *text, const char *bytes, size_t len);
/* A last line without an end. True when it was such a text: samples, and no nonsense. */
bool promtext_end(struct promtext *text);

#endif

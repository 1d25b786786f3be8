/* tui/world.h: the simulated systems as a child process. It dies with us: its input is our pipe. */
#ifndef SITREP_TUI_WORLD_H
#define SITREP_TUI_WORLD_H

#include <stddef.h>

#include <uv.h>

#include "core/err.h"
#include "tui/app.h"

struct world;

struct world_events {
	/* One JSON line after the first. */
	void (*line)(void *arg, const char *line, size_t len);
	void (*gone)(void *arg);
	void *arg;
};

/* Starts sitrep-world (beside this program, else on PATH) and waits until it is ready, at most
 * ten seconds. scenario is a file, NULL = none. NULL with err on failure. */
struct world *world_start(uv_loop_t *loop, const char *scenario, const char *speed,
			  struct err *err);
void world_listen(struct world *world, const struct world_events *events);
/* Where it is. Valid until world_stop(). */
struct app_place world_place(const struct world *world);
/* Ends it; frees once the loop has run on. */
void world_stop(struct world *world);

#endif

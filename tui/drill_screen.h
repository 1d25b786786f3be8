/*
 * tui/drill_screen.h: what a drill adds to the dashboard: a frame that says DRILL, the story, and
 * the score at the end. Every call accepts NULL: most sessions are no drill.
 */
#ifndef SITREP_TUI_DRILL_SCREEN_H
#define SITREP_TUI_DRILL_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

#include "widgets/draw.h"

struct app;
struct drill;
struct drill_screen;
struct world;

/* NULL when drill is NULL. */
struct drill_screen *drill_screen_new(struct app *app, struct world *world,
				      const struct drill *drill);
/* The judge and the ladder are there: the player starts. */
void drill_screen_begin(struct drill_screen *screen);
/* True when something it shows has changed. */
bool drill_screen_tick(struct drill_screen *screen);
/* All told so far, as lines; valid until the next call. */
const char *drill_screen_story(struct drill_screen *screen);
bool drill_screen_hint(struct drill_screen *screen);
/* The part of canvas that is left for the dashboard. */
struct canvas drill_screen_room(struct drill_screen *screen, const struct canvas *canvas);
/* Draws frame and story round it. */
void drill_screen_draw(struct drill_screen *screen, const struct canvas *canvas);
/* Prints the score once the terminal is given back, and frees. */
void drill_screen_end(struct drill_screen *screen, FILE *out);

#endif

/* tui/ui.h: the dashboard, from the first frame to the last. */
#ifndef SITREP_TUI_UI_H
#define SITREP_TUI_UI_H

struct app;
struct drill;
struct world;

/* Runs until the person quits. app has been started; world and drill may be NULL. Returns an
 * enum exit_status; a terminal that cannot be used is told in one sentence. */
int ui_run(struct app *app, struct world *world, const struct drill *drill);

#endif

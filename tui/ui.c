/* tui/ui.c: the dashboard's life: start, when to paint, end; see ui.h */
#include "tui/ui.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "tui/drill_screen.h"
#include "tui/options.h"
#include "tui/themes.h"
#include "tui/ui_private.h"

#define FRAME_MS 33            /* a frame may be painted for each that has passed, */
#define FRAMES_SAVED 4         /* and so many at once after a pause */
#define TICK_MS 1000
#define PREPARE_MS 500         /* judging starts by then, whatever has arrived */
#define MESSAGE_MS 6000
#define CALM_TICKS 10          /* between repaints when nothing changes */

void ui_touch(struct ui *ui)
{
	ui->stale_sections = ~0u;
	ui->dirty = true;
}

void ui_say(struct ui *ui, enum role role, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ui->message, sizeof(ui->message), format, args);
	va_end(args);
	ui->message_role = role;
	ui->message_until_ms = clock_mono_ms() + MESSAGE_MS;
	if (ui->linear)
		linear_say(ui, ui->message);
	ui_touch(ui);
}

bool ui_read_only(const struct ui *ui)
{
	return ui->app->env.read_only;
}

void ui_focus(struct ui *ui, enum pane_id pane)
{
	ui->focus_chosen = true;
	if (!ui->cramped)
		ui->focus = pane;
	else if (pane != PANE_INCIDENTS)
		ui_say(ui, ROLE_TEXT, "no room for that pane here");
	ui_touch(ui);
}

void ui_quit(struct ui *ui)
{
	ui->quitting = true;
	uv_stop(&ui->app->loop);
}

struct modal *ui_top(struct ui *ui)
{
	return ui->nmodals ? &ui->modals[ui->nmodals - 1] : NULL;
}

struct modal *ui_open(struct ui *ui, const struct modal_ops *ops, void *state)
{
	struct modal *modal;

	while (ui->nmodals == UI_MODALS_MAX)
		ui_close(ui);
	modal = &ui->modals[ui->nmodals++];
	*modal = (struct modal){.ops = ops, .ui = ui, .state = state};
	ui_touch(ui);
	return modal;
}

void ui_close(struct ui *ui)
{
	struct modal *modal = ui_top(ui);

	if (!modal)
		return;
	modal->ops->close(modal);
	ui->nmodals--;
	ui_touch(ui);
}

unsigned int ui_where(struct ui *ui)
{
	struct modal *modal = ui_top(ui);
	unsigned int drill = ui->drill ? IN_DRILL : 0;

	return drill | (modal ? modal->ops->where : IN(ui->focus));
}

/* Pods, or where there is no cluster the first pane that has something. */
static enum pane_id usual_focus(const struct ui *ui)
{
	unsigned int hidden = ui_hidden(ui);
	int id;

	for (id = PANE_PODS; id < PANES; id++)
		if (!(hidden & IN(id)) && id != PANE_ACTIONS)
			return (enum pane_id)id;
	return PANE_INCIDENTS;
}

/* An incident opens its pane, until the person has chosen one. */
static void lead_the_eye(struct ui *ui)
{
	const struct app *app = ui->app;

	if (!ui->focus_chosen && !ui->cramped)
		ui->focus = app->judging && judge_verdicts(app->judge)->len ? PANE_INCIDENTS
									    : usual_focus(ui);
}

void ui_sync(struct ui *ui)
{
	unsigned int sections = ui->sections;
	int i;

	if (!sections)
		return;
	ui->sections = 0;
	if (sections & SECTION_PODS)
		pods_judge(&ui->app->sit.pods, clock_wall_ms());
	for (i = 0; i < PANES; i++)
		ui->panes[i].ops->update(&ui->panes[i], sections);
	lead_the_eye(ui);
}

/* ---- painting ---- */

static void mark_frame(struct ui *ui)
{
	char mark[80];
	int len;

	if (!ui->marks_frames)
		return;
	len = snprintf(mark, sizeof(mark), "\033]2;f=%llu k=%llu s=%dx%d\007",
		       (unsigned long long)ui->frames, (unsigned long long)ui->keys, COLS, LINES);
	term_send(ui->term, mark, (size_t)len);
}

static void paint(struct ui *ui)
{
	ui->dirty = false;
	ui_sync(ui);
	ui_draw(ui, ui->stale_sections);
	ui->stale_sections = 0;
	wnoutrefresh(stdscr);
	ui->frame_ms = clock_mono_ms();
	ui->frames++;
	term_frame(ui->term);
	mark_frame(ui);
}

static void start_judging(struct ui *ui)
{
	struct err err = ERR_INIT;

	if (ui->prepared)
		return;
	ui->prepared = true;
	uv_timer_stop(&ui->start_timer);
	if (app_prepare(ui->app, &err))
		snprintf(ui->app->rules_error, sizeof(ui->app->rules_error), "%s", err.text);
	ui->sections |= CHANGED_VERDICTS | CHANGED_LADDER;
	drill_screen_begin(ui->drill);
	ui_touch(ui);
}

static void on_frame_due(uv_timer_t *timer)
{
	(void)timer;   /* the prepare handle paints */
}

/* Line by line nothing is painted: what has changed is said. */
static void speak(struct ui *ui)
{
	if (!ui->dirty || ui->gone)
		return;
	ui->dirty = false;
	ui->frame_ms = clock_mono_ms();
	if (!ui->prepared && situation_settled(&ui->app->sit))
		start_judging(ui);
	linear_update(ui);
}

/* Runs before the loop sleeps: whatever has happened is painted once. */
static void before_sleep(uv_prepare_t *prepare)
{
	struct ui *ui = prepare->data;
	int64_t now = clock_mono_ms(), earliest = now - FRAMES_SAVED * FRAME_MS;

	if (ui->linear) {
		speak(ui);
		return;
	}
	if (!ui->dirty || ui->gone || !term_ready(ui->term))
		return;
	if (ui->paid_ms < earliest)
		ui->paid_ms = earliest;
	if (ui->paid_ms + FRAME_MS > now) {
		if (!uv_is_active((uv_handle_t *)&ui->frame_timer))
			uv_timer_start(&ui->frame_timer, on_frame_due,
				       (uint64_t)(ui->paid_ms + FRAME_MS - now), 0);
		return;
	}
	ui->paid_ms += FRAME_MS;
	paint(ui);
	if (!ui->prepared && situation_settled(&ui->app->sit))
		start_judging(ui);
}

static void on_start_due(uv_timer_t *timer)
{
	start_judging(timer->data);
}

static void on_tick(uv_timer_t *timer)
{
	struct ui *ui = timer->data;
	int64_t now = clock_mono_ms();

	if (ui->message[0] && now >= ui->message_until_ms) {
		ui->message[0] = '\0';
		ui_touch(ui);
	}
	if (drill_screen_tick(ui->drill) || ui_restless(ui) ||
	    now - ui->frame_ms >= CALM_TICKS * TICK_MS)
		ui_touch(ui);
}

/* ---- events ---- */

static void on_changed(void *arg, unsigned int sections)
{
	struct ui *ui = arg;

	ui->sections |= sections;
	ui->stale_sections |= sections;
	ui->dirty = true;
	if (sections & (CHANGED_VERDICTS | CHANGED_LADDER))
		drill_screen_tick(ui->drill);
	if (ui->app->judging && judge_trouble(ui->app->judge) && !ui->told_trouble) {
		ui->told_trouble = true;
		ui_say(ui, ROLE_BAD, "%s", judge_trouble(ui->app->judge));
	}
}

static void on_key(void *arg, int key)
{
	struct ui *ui = arg;

	ui->keys++;
	ui->focus_chosen = true;
	ui_sync(ui);
	ui_key(ui, key);
	ui_touch(ui);
}

static void on_resized(void *arg)
{
	ui_touch(arg);
}

static void on_drained(void *arg)
{
	(void)arg;     /* the prepare handle paints what is due */
}

static void on_gone(void *arg)
{
	struct ui *ui = arg;

	ui->gone = true;
	ui_quit(ui);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct ui *ui = handle->data;

	ui->gone = ui->gone || number == SIGHUP;
	ui_quit(ui);
}

/* ---- start and end ---- */

static int first_theme(struct ui *ui, struct err *err)
{
	const char *wanted = ui->app->options->theme ? ui->app->options->theme
						     : ui->app->config.theme;

	return ui_theme(ui, wanted ? wanted : "default", err);
}

static void open_panes(struct ui *ui)
{
	int i;

	for (i = 0; i < PANES; i++) {
		ui->panes[i] = (struct pane){.ops = panes_all[i], .app = ui->app};
		ui->panes[i].ops->open(&ui->panes[i]);
	}
	ui->focus = usual_focus(ui);
	ui->sections = ~0u;
}

static void start_handles(struct ui *ui)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	uv_loop_t *loop = &ui->app->loop;
	size_t i;

	uv_prepare_init(loop, &ui->prepare);
	uv_timer_init(loop, &ui->frame_timer);
	uv_timer_init(loop, &ui->tick);
	uv_timer_init(loop, &ui->start_timer);
	ui->prepare.data = ui->frame_timer.data = ui->tick.data = ui->start_timer.data = ui;
	uv_prepare_start(&ui->prepare, before_sleep);
	uv_timer_start(&ui->tick, on_tick, TICK_MS, TICK_MS);
	uv_timer_start(&ui->start_timer, on_start_due, PREPARE_MS, 0);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		uv_signal_init(loop, &ui->signals[i]);
		ui->signals[i].data = ui;
		uv_signal_start(&ui->signals[i], on_signal, numbers[i]);
	}
}

static void close_handles(struct ui *ui)
{
	size_t i;

	uv_close((uv_handle_t *)&ui->prepare, NULL);
	uv_close((uv_handle_t *)&ui->frame_timer, NULL);
	uv_close((uv_handle_t *)&ui->tick, NULL);
	uv_close((uv_handle_t *)&ui->start_timer, NULL);
	for (i = 0; i < sizeof(ui->signals) / sizeof(ui->signals[0]); i++)
		uv_close((uv_handle_t *)&ui->signals[i], NULL);
}

static void finish(struct ui *ui)
{
	int i;

	ui->app->changed = NULL;
	clipboard_forget(ui);
	strlist_release(&ui->history);
	while (ui->nmodals)
		ui_close(ui);
	for (i = 0; i < PANES; i++)
		ui->panes[i].ops->close(&ui->panes[i]);
	close_handles(ui);
	if (ui->linear)
		linear_close(ui);
	else
		term_close(ui->term);
	uv_run(&ui->app->loop, UV_RUN_NOWAIT);
}

int ui_run(struct app *app, struct world *world, const struct drill *drill)
{
	struct ui *ui = xcalloc(1, sizeof(*ui));
	struct term_events events = {on_key, on_resized, on_drained, on_gone, ui};
	struct err err = ERR_INIT;
	const char *marks = getenv("SITREP_FRAME_MARKER");

	ui->app = app;
	ui->marks_frames = marks && marks[0] == '1';
	if (!app->options->linear)
		ui->term = term_open(&app->loop, &events, &err);
	if (app->options->linear ? linear_open(ui, &err) : !ui->term || first_theme(ui, &err)) {
		if (ui->term)
			term_close(ui->term);
		fprintf(stderr, "sitrep: %s\n", err.text);
		free(ui);
		return EXIT_USAGE;
	}
	open_panes(ui);
	start_handles(ui);
	ui->drill = drill_screen_new(app, world, drill);
	app->changed = on_changed;
	app->changed_arg = ui;
	ui_touch(ui);
	while (!ui->quitting)
		uv_run(&app->loop, UV_RUN_DEFAULT);
	finish(ui);
	drill_screen_end(ui->drill, stdout);
	free(ui);
	return EXIT_OK;
}

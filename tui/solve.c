/* tui/solve.c: see solve.h */
#include "tui/solve.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "tui/app.h"
#include "tui/world.h"

#define LOOK_MS 100
#define TEXT_MAX 1024

struct solving {
	struct app app;
	struct world *world;
	struct drill_env env;
	struct drill_player *player;
	struct drill_solver *solver;
	uv_timer_t timer;
	char said[TEXT_MAX];       /* last */
	enum drill_solving state;
};

static void on_line(void *arg, const char *line, size_t len)
{
	drill_player_event(((struct solving *)arg)->player, line, len);
}

static void on_gone(void *arg)
{
	drill_player_world_gone(((struct solving *)arg)->player);
}

static void say(struct solving *solving, const char *text)
{
	char age[CLOCK_TEXT];

	if (strcmp(text, solving->said) == 0)
		return;
	snprintf(solving->said, sizeof(solving->said), "%s", text);
	printf("%6s  %s\n", clock_format_age(drill_player_elapsed_ms(solving->player), age), text);
	fflush(stdout);
}

static void look(uv_timer_t *timer)
{
	struct solving *solving = timer->data;
	char text[TEXT_MAX] = "";

	drill_player_tick(solving->player);
	solving->state = drill_solver_tick(solving->solver, text, sizeof(text));
	say(solving, text);
}

static void play(struct solving *solving)
{
	uv_loop_t *loop = &solving->app.loop;

	world_listen(solving->world, &(struct world_events){on_line, on_gone, solving});
	uv_timer_init(loop, &solving->timer);
	solving->timer.data = solving;
	uv_timer_start(&solving->timer, look, 0, LOOK_MS);
	while (solving->state == DRILL_SOLVING)
		uv_run(loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&solving->timer, NULL);
	world_listen(solving->world, &(struct world_events){0});
}

static void print_score(const struct solving *solving)
{
	struct drill_score score;
	char text[2 * TEXT_MAX];

	drill_player_score(solving->player, &score);
	drill_score_text(solving->env.drill, &score, text, sizeof(text));
	printf("\n%s", text);
}

static int start(struct solving *solving, const struct options *options, const char *scenario,
		 struct err *err)
{
	struct app_place place;
	int rc;

	solving->world = world_start(&solving->app.loop, scenario, options->speed, err);
	if (!solving->world)
		return err->code;
	place = world_place(solving->world);
	rc = app_start(&solving->app, &place, err);
	return rc ? rc : app_prepare(&solving->app, err);
}

int solve(const struct options *options, const struct drill *drill, const char *scenario)
{
	struct solving *solving = xcalloc(1, sizeof(*solving));
	struct err err = ERR_INIT;
	int status = EXIT_USAGE;

	app_init(&solving->app, options);
	if (start(solving, options, scenario, &err)) {
		fprintf(stderr, "sitrep: %s\n", err.text);
	} else {
		solving->env = (struct drill_env){
			.drill = drill, .judge = solving->app.judge,
			.ladder = solving->app.ladder,
			.speed = options->speed ? atof(options->speed) : 1,
		};
		solving->player = drill_player_new(&solving->env);
		solving->solver = drill_solver_new(&solving->env, solving->player);
		play(solving);
		print_score(solving);
		status = solving->state == DRILL_SOLVED ? EXIT_OK : EXIT_INCIDENT;
	}
	drill_solver_free(solving->solver);
	drill_player_free(solving->player);
	world_stop(solving->world);
	app_stop(&solving->app);
	free(solving);
	return status;
}

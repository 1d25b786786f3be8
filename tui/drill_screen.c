/* tui/drill_screen.c: see drill_screen.h */
#include "tui/drill_screen.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "incident/drill.h"
#include "tui/app.h"
#include "tui/world.h"
#include "widgets/flow.h"

#define SIDE_WIDTH 46          /* of the story beside the panes */
#define SIDE_FROM 150          /* screens as wide as this have it */
#define EARLY_MAX (256 * 1024) /* bytes the world may say before the player is there */
#define STORY_MAX (64 * 1024)
#define SCORE_MAX 2048

struct drill_screen {
	struct app *app;
	struct world *world;
	const struct drill *drill;
	struct drill_player *player;       /* NULL until the judge is there */
	struct buf early;                  /* what the world has said before that */
	struct buf story;                  /* all that is told, as lines */
	int64_t second;                    /* last shown */
	bool world_gone;
};

static void on_line(void *arg, const char *line, size_t len)
{
	struct drill_screen *screen = arg;

	if (screen->player) {
		drill_player_event(screen->player, line, len);
		return;
	}
	buf_append(&screen->early, line, len);
	buf_append(&screen->early, "\n", 1);
}

static void on_gone(void *arg)
{
	struct drill_screen *screen = arg;

	screen->world_gone = true;
	if (screen->player)
		drill_player_world_gone(screen->player);
}

struct drill_screen *drill_screen_new(struct app *app, struct world *world,
				      const struct drill *drill)
{
	struct drill_screen *screen;

	if (!drill)
		return NULL;
	screen = xcalloc(1, sizeof(*screen));
	screen->app = app;
	screen->world = world;
	screen->drill = drill;
	screen->early.max = EARLY_MAX;
	screen->story.max = STORY_MAX;
	if (world)
		world_listen(world, &(struct world_events){on_line, on_gone, screen});
	return screen;
}

/* What was said early, line by line. */
static void catch_up(struct drill_screen *screen)
{
	char *at = screen->early.data, *end;

	while (at && (end = strchr(at, '\n'))) {
		drill_player_event(screen->player, at, (size_t)(end - at));
		at = end + 1;
	}
	buf_release(&screen->early);
	if (screen->world_gone)
		drill_player_world_gone(screen->player);
}

void drill_screen_begin(struct drill_screen *screen)
{
	struct drill_env env;

	if (!screen || screen->player || !screen->app->judging)
		return;
	env = (struct drill_env){
		.drill = screen->drill, .judge = screen->app->judge,
		.ladder = screen->app->ladder,
		.speed = screen->app->options->speed ? atof(screen->app->options->speed) : 1,
	};
	screen->player = drill_player_new(&env);
	catch_up(screen);
}

static void put_score(struct drill_screen *screen)
{
	struct drill_score score;
	char text[SCORE_MAX];

	drill_player_score(screen->player, &score);
	drill_score_text(screen->drill, &score, text, sizeof(text));
	buf_append_str(&screen->story, "\n");
	buf_append_str(&screen->story, text);
}

static bool is_over(const struct drill_screen *screen)
{
	enum drill_state state = drill_player_state(screen->player);

	return state == DRILL_RECOVERED || state == DRILL_LOST;
}

/* Spaced where there is a side for it; below the panes each line counts. */
static void tell(struct drill_screen *screen, bool spaced)
{
	const char *line;
	size_t i;

	buf_clear(&screen->story);
	for (i = 0; screen->player && (line = drill_player_text(screen->player, i)); i++)
		buf_printf(&screen->story, "%s%s\n", i && spaced ? "\n" : "", line);
	if (screen->player && is_over(screen))
		put_score(screen);
}

bool drill_screen_tick(struct drill_screen *screen)
{
	int64_t second;
	bool changed;

	if (!screen)
		return false;
	if (!screen->player)
		return false;
	changed = drill_player_tick(screen->player);
	second = drill_player_elapsed_ms(screen->player) / 1000;
	changed = changed || second != screen->second;
	screen->second = second;
	return changed;
}

const char *drill_screen_story(struct drill_screen *screen)
{
	if (!screen)
		return "";
	tell(screen, false);
	return screen->story.len ? screen->story.data : "";
}

bool drill_screen_hint(struct drill_screen *screen)
{
	return screen && screen->player && drill_player_hint(screen->player);
}

/* ---- drawing ---- */

static void draw_story(struct drill_screen *screen, const struct canvas *canvas, bool spaced)
{
	int lines;

	draw_blank(canvas);
	tell(screen, spaced);
	if (!screen->story.len)
		return;
	lines = flow_lines(screen->story.data, canvas->width);
	flow_draw(canvas, 0, 0, canvas->width, ROLE_TEXT,
		  lines > canvas->height ? lines - canvas->height : 0, screen->story.data);
}

static const char *state_name(const struct drill_screen *screen)
{
	static const char *const names[] = {
		[DRILL_CALM] = "all is well so far", [DRILL_BROKEN] = "something is wrong",
		[DRILL_RECOVERED] = "RECOVERED, q ends it", [DRILL_LOST] = "the world has ended",
	};

	return screen->player ? names[drill_player_state(screen->player)] : "getting ready";
}

static void draw_frame(struct drill_screen *screen, const struct canvas *canvas)
{
	char title[300];

	snprintf(title, sizeof(title), "DRILL  %s  %lld:%02lld  %s  %s", screen->drill->title,
		 (long long)screen->second / 60, (long long)screen->second % 60,
		 state_name(screen), screen->player && drill_player_hints_left(screen->player)
		 ? "[H] hint" : "");
	draw_box(canvas, ROLE_DRILL, title);
	draw_text(canvas, canvas->height - 1, 2, canvas->width - 4, ROLE_DRILL, false,
		  " DRILL: nothing here is real ");
}

/* Lines under the panes, where there is no room beside them. */
static int lines_below(const struct canvas *canvas)
{
	if (canvas->width >= SIDE_FROM)
		return 0;
	return canvas->height >= 32 ? 8 : canvas->height >= 18 ? 4 : 0;
}

struct canvas drill_screen_room(struct drill_screen *screen, const struct canvas *canvas)
{
	int side = canvas->width >= SIDE_FROM ? SIDE_WIDTH : 0;

	if (!screen)
		return *canvas;
	return draw_inside(canvas, 1, 1, canvas->height - 2 - lines_below(canvas),
			   canvas->width - 2 - side);
}

void drill_screen_draw(struct drill_screen *screen, const struct canvas *canvas)
{
	int lines = lines_below(canvas);
	struct canvas story;

	if (!screen)
		return;
	draw_frame(screen, canvas);
	if (canvas->width >= SIDE_FROM) {
		story = draw_inside(canvas, 1, canvas->width - 1 - SIDE_WIDTH,
				    canvas->height - 2, SIDE_WIDTH);
		story = draw_box(&story, ROLE_DRILL, "The story");
	} else {
		story = draw_inside(canvas, canvas->height - 1 - lines, 2, lines,
				    canvas->width - 4);
	}
	draw_story(screen, &story, canvas->width >= SIDE_FROM);
}

void drill_screen_end(struct drill_screen *screen, FILE *out)
{
	struct drill_score score;
	char text[SCORE_MAX];

	if (!screen)
		return;
	if (screen->world)
		world_listen(screen->world, &(struct world_events){0});
	if (screen->player) {
		drill_player_score(screen->player, &score);
		drill_score_text(screen->drill, &score, text, sizeof(text));
		fprintf(out, "%s\n%s", screen->drill->title, text);
	}
	drill_player_free(screen->player);
	buf_release(&screen->early);
	buf_release(&screen->story);
	free(screen);
}

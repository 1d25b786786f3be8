/* tui/dashboard.c: see dashboard.h */
#include "tui/dashboard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/embed.h"
#include "incident/drill.h"
#include "tui/app.h"
#include "tui/solve.h"
#include "tui/ui.h"
#include "tui/world.h"

static int fail(const struct err *err)
{
	fprintf(stderr, "sitrep: %s\n", err->text);
	return EXIT_USAGE;
}

/* The systems first: their first requests are on their way while the screen is being set up. */
static int open_on(const struct options *options, const struct drill *drill,
		   const char *scenario)
{
	struct app *app = xcalloc(1, sizeof(*app));
	struct err err = ERR_INIT;
	struct world *world = NULL;
	struct app_place place;
	int status = EXIT_USAGE, rc = 0;

	app_init(app, options);
	if (options->world || drill) {
		world = world_start(&app->loop, scenario, options->speed, &err);
		rc = world ? 0 : err.code;
	}
	if (world)
		place = world_place(world);
	if (!rc)
		rc = app_start(app, world ? &place : NULL, &err);
	if (world)
		app->config.production = false;
	if (!rc)
		status = ui_run(app, world, drill);
	else
		fail(&err);
	world_stop(world);
	app_stop(app);
	free(app);
	return status;
}

int dashboard(const struct options *options)
{
	struct err err = ERR_INIT;

	if (!options->linear && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))) {
		err_set(&err, -ENOTTY, "the dashboard needs a terminal; `sitrep --once` prints the "
			"same situation as text");
		return fail(&err);
	}
	return open_on(options, NULL, NULL);
}

static int list_drills(void)
{
	const struct embed_file *file;
	struct err err = ERR_INIT;
	size_t i;

	printf("Drills (sitrep drill NAME):\n");
	for (i = 0; (file = drill_builtin(i)); i++) {
		struct drill drill;

		if (drill_load_text(&drill, file->name, (const char *)file->data, file->len,
				    &err))
			return fail(&err);
		printf("  %-20s %s\n", drill.id, drill.title);
		drill_release(&drill);
	}
	return EXIT_OK;
}

/* The built-in file of that name in a file of its own, which the world can read. NULL when it
 * isn't a built-in one; caller unlinks and frees. */
static char *scenario_file(const char *name, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	const struct embed_file *file;
	char *path;
	size_t i;
	int fd;

	for (i = 0; (file = drill_builtin(i)); i++)
		if (!strncmp(file->name, name, strlen(name)) &&
		    !strcmp(file->name + strlen(name), ".yaml"))
			break;
	if (!file)
		return NULL;
	path = xasprintf("%s/sitrep-drill.XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
	fd = mkstemp(path);
	if (fd < 0 || write(fd, file->data, file->len) != (ssize_t)file->len) {
		err_set(err, -errno, "%s: %s", path, strerror(errno));
		free(path);
		path = NULL;
	}
	if (fd >= 0)
		close(fd);
	return path;
}

int dashboard_drill(const struct options *options)
{
	struct err err = ERR_INIT;
	struct drill drill;
	char *path;
	int status;

	if (!options->argument)
		return list_drills();
	if (drill_load(&drill, options->argument, &err))
		return fail(&err);
	path = scenario_file(options->argument, &err);
	if (!path && err.code)
		status = fail(&err);
	else if (options->solve)
		status = solve(options, &drill, path ? path : options->argument);
	else if (!options->linear && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		status = fail(&(struct err){-ENOTTY, "a drill needs a terminal; with --solve it "
					    "plays itself without one"});
	else
		status = open_on(options, &drill, path ? path : options->argument);
	if (path)
		unlink(path);
	free(path);
	drill_release(&drill);
	return status;
}

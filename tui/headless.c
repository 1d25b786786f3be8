/* tui/headless.c: see headless.h */
#include "tui/headless.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "incident/facts.h"
#include "tui/app.h"
#include "tui/check.h"
#include "tui/once/once.h"
#include "tui/world.h"

#define DEFAULT_TIMEOUT_MS 10000
/* Leases, metrics and the like come a moment after the lists; the first judgement waits for
 * them, but not long. */
#define SECOND_LOOK_MS 400
#define HOLD_STEP_MS 100

struct session {
	struct app app;
	struct world *world;
	bool late;
};

static int64_t timeout_ms(const struct options *options)
{
	double seconds = options->timeout ? strtod(options->timeout, NULL) : 0;

	return seconds > 0 ? (int64_t)(seconds * 1000) : DEFAULT_TIMEOUT_MS;
}

static void too_late(uv_timer_t *timer)
{
	struct session *session = timer->data;

	session->late = true;
}

static void wait_for(struct session *session, int64_t ms, bool until_settled)
{
	uv_timer_t timer;

	session->late = false;
	uv_timer_init(&session->app.loop, &timer);
	timer.data = session;
	uv_timer_start(&timer, too_late, (uint64_t)ms, 0);
	while (!session->late && !(until_settled && situation_settled(&session->app.sit)))
		uv_run(&session->app.loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&session->app.loop, UV_RUN_NOWAIT);
}

/* A verdict has to hold for a while: a single look would miss each that asks for that. */
static void wait_for_verdicts(struct session *session, int64_t limit_ms)
{
	int64_t until = clock_mono_ms() + limit_ms;
	int64_t left;

	while ((left = judge_holding_ms(session->app.judge, clock_wall_ms())) &&
	       clock_mono_ms() < until)
		wait_for(session, left < HOLD_STEP_MS ? left : HOLD_STEP_MS, false);
}

static int fail(struct session *session, const struct err *err, int status)
{
	fprintf(stderr, "sitrep: %s\n", err->text);
	world_stop(session->world);
	app_stop(&session->app);
	return status;
}

/* Reads everything once and judges it. 0, or the exit status after an error was told. */
static int look(struct session *session, const struct options *options)
{
	struct err err = ERR_INIT;
	struct app_place place;

	memset(session, 0, sizeof(*session));
	app_init(&session->app, options);
	if (options->world) {
		session->world = world_start(&session->app.loop, NULL, options->speed, &err);
		if (!session->world)
			return fail(session, &err, EXIT_UNKNOWN);
	}
	if (session->world)
		place = world_place(session->world);
	if (app_start(&session->app, session->world ? &place : NULL, &err))
		return fail(session, &err, EXIT_USAGE);
	session->app.env.read_only = true;
	wait_for(session, timeout_ms(options), true);
	wait_for(session, SECOND_LOOK_MS, false);
	if (app_prepare(&session->app, &err))
		return fail(session, &err, EXIT_USAGE);
	wait_for_verdicts(session, timeout_ms(options));
	if (judge_trouble(session->app.judge))
		fprintf(stderr, "sitrep: %s\n", judge_trouble(session->app.judge));
	return 0;
}

static struct once_view view_of(struct session *session)
{
	return (struct once_view){
		.sit = &session->app.sit, .verdicts = judge_verdicts(session->app.judge),
		.config = &session->app.config, .now_ms = clock_wall_ms(),
	};
}

static int end(struct session *session, int status)
{
	world_stop(session->world);
	app_stop(&session->app);
	return status;
}

int headless_once(const struct options *options)
{
	struct session session;
	struct once_view view;
	int status = look(&session, options);
	bool known;

	if (status)
		return status;
	view = view_of(&session);
	known = check_unknown(&view, (char[256]){0}, 256) == NULL;
	if (options->json)
		once_json(&view, stdout);
	else
		once_text(&view, stdout);
	return end(&session, known ? EXIT_OK : EXIT_UNKNOWN);
}

/* False when nobody reads it any more. */
static bool print_facts(struct session *session, size_t flags)
{
	json_t *facts = facts_build(&session->app.sit, &session->app.config, clock_wall_ms(),
				    false);

	json_dumpf(facts, stdout, flags);
	putchar('\n');
	json_decref(facts);
	return !fflush(stdout);
}

int headless_facts(const struct options *options)
{
	struct session session;
	double every = options->every ? strtod(options->every, NULL) : 0;
	int status = look(&session, options);

	if (status)
		return status;
	if (!options->every)
		print_facts(&session, JSON_INDENT(1));
	else
		while (print_facts(&session, JSON_COMPACT))
			wait_for(&session, (int64_t)(every * 1000), false);
	return end(&session, EXIT_OK);
}

int headless_check(const struct options *options)
{
	struct session session;
	struct once_view view;
	int status = look(&session, options);

	if (status)
		return status;
	view = view_of(&session);
	status = (int)check_report(&view, stdout);
	return end(&session, status);
}

int headless_audit_verify(const struct options *options)
{
	struct err err = ERR_INIT;
	struct config config;
	char *path = options->config ? NULL : config_default_path();
	const char *file = options->config ? options->config : path;
	struct audit_summary summary;
	int rc = 0;

	if (file)
		rc = config_load(&config, file, &err);
	else
		config_init(&config);
	free(path);
	if (rc) {
		fprintf(stderr, "sitrep: %s\n", err.text);
		return EXIT_USAGE;
	}
	rc = audit_verify(config.audit_file, &summary, &err);
	config_release(&config);
	if (rc) {
		fprintf(stderr, "sitrep: %s\n", err.text);
		return rc == -EBADMSG ? EXIT_INCIDENT : EXIT_UNKNOWN;
	}
	printf("%llu records, the chain is whole", (unsigned long long)summary.records);
	if (summary.torn)
		printf(" (%llu torn by a crash, each vouched for)",
		       (unsigned long long)summary.torn);
	putchar('\n');
	return EXIT_OK;
}

/* tui/app.c: see app.h */
#include "tui/app.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "incident/facts.h"

/* Judging takes a share of the time only: after a run that took t, at least 20 t pass. */
#define JUDGE_SHARE 20
#define JUDGE_SOON_MS 100
#define TICK_MS 1000
#define CLOSING_MS 500             /* for everything to close; it takes one or two */
/* What comes in all the time and alone decides nothing waits for the judge's next look. */
#define UNHURRIED ((unsigned int)(SECTION_CLUSTER | SECTION_METRICS))
/* What is asked for every few seconds: judged together, at most once in so long while all is calm. */
#define POLLED ((unsigned int)(SECTION_REDIS | SECTION_POSTGRES | SECTION_PROBES | \
			       SECTION_VENDORS | SECTION_HOSTS | SECTION_ASYNQ | \
			       SECTION_APPS))
#define JUDGE_POLLED_MS 1000

static void judge_now(uv_timer_t *timer);

static void judge_in(struct app *app, int64_t ms)
{
	uv_timer_start(&app->judge_timer, judge_now, (uint64_t)(ms > 0 ? ms : 0), 0);
}

/* How long these changes may wait for the judge; -1 = until its next look. */
static int64_t may_wait(const struct app *app, unsigned int what)
{
	int64_t soon = app->judge_cost_ms * JUDGE_SHARE;
	int64_t rest = app->judged_ms + JUDGE_POLLED_MS - clock_mono_ms();

	if (soon < JUDGE_SOON_MS)
		soon = JUDGE_SOON_MS;
	if (what & ~(UNHURRIED | POLLED))
		return soon;
	if (!(what & POLLED))
		return -1;
	return rest > soon ? rest : soon;
}

static void on_change(void *arg)
{
	struct app *app = arg;
	unsigned int what = app->sit.dirty;
	int64_t wait = app->judging ? may_wait(app, what) : -1;

	if (wait >= 0 && (!app->judge_pending ||
			  (int64_t)uv_timer_get_due_in(&app->judge_timer) > wait)) {
		app->judge_pending = true;
		judge_in(app, wait);
	}
	/* Taken at once, so that the next change is heard even while nothing can be painted. */
	situation_take_dirty(&app->sit);
	if (app->changed)
		app->changed(app->changed_arg, what);
}

static bool climbing(const struct app *app)
{
	const struct climb *climb;
	size_t i;

	for (i = 0; (climb = ladder_at(app->ladder, i)); i++)
		if (climb->rung != RUNG_ENDED)
			return true;
	return false;
}

void app_judge(struct app *app)
{
	int64_t begin = clock_mono_ms(), now = clock_wall_ms(), next;
	uint64_t before;
	json_t *facts;

	if (!app->judging)
		return;
	before = judge_verdicts(app->judge)->generation;
	app->judge_pending = false;
	pods_judge(&app->sit.pods, now);
	facts = facts_build_again(app->facts, &app->sit, &app->config, now, false);
	judge_run(app->judge, facts, now);
	json_decref(facts);
	ladder_tick(app->ladder, now);
	app->judged_ms = clock_mono_ms();
	app->judge_cost_ms = app->judged_ms - begin;
	next = judge_next_ms(app->judge) - now;
	if (climbing(app) && next > TICK_MS)
		next = TICK_MS;
	judge_in(app, next < TICK_MS ? TICK_MS : next);
	if (app->changed && (judge_verdicts(app->judge)->generation != before ||
			     judge_trouble(app->judge)))
		app->changed(app->changed_arg, CHANGED_VERDICTS);
}

static void judge_now(uv_timer_t *timer)
{
	app_judge(timer->data);
}

static void on_climb(void *arg)
{
	struct app *app = arg;

	if (app->changed)
		app->changed(app->changed_arg, CHANGED_LADDER);
	/* A climb's deadlines pass in ladder_tick(). */
	if (app->judging && uv_timer_get_due_in(&app->judge_timer) > TICK_MS)
		judge_in(app, TICK_MS);
}

/* A simulated system is reached by its own addresses alone, whatever the configuration says of
 * real ones, and what is done to it stands in a file of its own. */
static void leave_real_systems(struct config *config)
{
	char **const real[] = {&config->kube.context, &config->redis.ca_file,
			       &config->redis.cert_file, &config->redis.key_file,
			       &config->redis.tls_name, &config->redis.password.env,
			       &config->redis.password.file};
	size_t i;

	for (i = 0; i < sizeof(real) / sizeof(real[0]); i++) {
		free(*real[i]);
		*real[i] = NULL;
	}
	strlist_release(&config->kube.servers);
	strlist_release(&config->redis.password.command);
	config->kube.enabled = true;
}

/* Vendors, probes, machines and the Postgres of the simulated place instead of a configuration's. */
static int watch_place(struct config *config, const struct app_place *place, struct err *err)
{
	struct config simulated, real = *config;
	int rc = config_load(&simulated, place->config, err);

	if (rc)
		return rc;
	config->vendors = simulated.vendors;
	config->nvendors = simulated.nvendors;
	config->probes = simulated.probes;
	config->nprobes = simulated.nprobes;
	config->postgres = simulated.postgres;
	config->ssh = simulated.ssh;
	simulated.ssh = real.ssh;
	simulated.vendors = real.vendors;
	simulated.nvendors = real.nvendors;
	simulated.probes = real.probes;
	simulated.nprobes = real.nprobes;
	simulated.postgres = real.postgres;
	config_release(&simulated);
	return 0;
}

/* The person's own configuration is of real systems: a world gets it only when it is named. */
static int load_config(struct app *app, const struct options *options,
		       const struct app_place *place, struct err *err)
{
	char *path = options->config ? xstrdup(options->config)
				     : place ? xstrdup(place->config) : config_default_path();
	int rc = 0;

	if (path)
		rc = config_load(&app->config, path, err);
	else
		config_init(&app->config);
	free(path);
	return rc;
}

static void override(char **slot, const char *value)
{
	if (!value)
		return;
	free(*slot);
	*slot = xstrdup(value);
}

static void offer_actuator(struct app *app, int at)
{
	struct actuators *all = &app->actuators;

	if (app->ops[at]->actuator && !app->env.read_only && all->len < ACTUATORS_MAX)
		all->items[all->len++] = (struct actuator){
			app->ops[at]->actuator, app->backends[at],
		};
}

static void offer_way(struct app *app, int at)
{
	struct stream_ways *all = &app->ways;

	if (!app->ops[at]->way || all->len == STREAM_WAYS_MAX)
		return;
	all->items[all->len].ops = app->ops[at]->way;
	all->items[all->len++].self = app->backends[at];
}

/* A system that nobody has named and that isn't there is none of ours, unless it is the only one. */
static int start_backends(struct app *app, struct err *err)
{
	const struct backend_ops *const *ops;
	struct err absent = ERR_INIT;
	int rc;

	for (ops = backends_all; *ops && app->nbackends < APP_BACKENDS_MAX; ops++) {
		if (!(*ops)->wanted(&app->config))
			continue;
		app->ops[app->nbackends] = *ops;
		rc = (*ops)->start(&app->env, &app->backends[app->nbackends], &absent);
		if (rc == -ENODEV) {
			app->config.kube.enabled &= *ops != &backend_kube;
			continue;
		}
		if (rc)
			return err_set(err, rc, "%s", absent.text);
		offer_actuator(app, app->nbackends);
		offer_way(app, app->nbackends++);
	}
	if (!app->config.kube.enabled) {
		freshness_failed(&app->sit.nodes.fresh, FAULT_NONE, "no cluster is watched");
		freshness_failed(&app->sit.pods.fresh, FAULT_NONE, "no cluster is watched");
	}
	return app->nbackends ? 0 : err_set(err, absent.code, "%s", absent.text);
}

void app_init(struct app *app, const struct options *options)
{
	memset(app, 0, sizeof(*app));
	uv_loop_init(&app->loop);
	uv_timer_init(&app->loop, &app->judge_timer);
	app->judge_timer.data = app;
	app->options = options;
	situation_init(&app->sit);
}

int app_start(struct app *app, const struct app_place *place, struct err *err)
{
	const struct options *options = app->options;
	int rc = load_config(app, options, place, err);

	if (!rc && place && options->config) {
		leave_real_systems(&app->config);
		rc = watch_place(&app->config, place, err);
	}
	if (rc)
		return rc;
	if (place && !app->config.audit_file)
		app->config.audit_file = audit_state_path(AUDIT_DRILLS_FILE);
	override(&app->config.kube.kubeconfig, place ? place->kubeconfig : options->kubeconfig);
	override(&app->config.kube.context, place ? NULL : options->context);
	/* Neither a simulated Redis nor one that was named here is behind the configured way. */
	if (place || options->redis)
		config_via_clear(&app->config.redis.via);
	override(&app->config.redis.url, place ? place->redis : options->redis);
	app->sit.on_change = on_change;
	app->sit.on_change_arg = app;
	app->env = (struct backend_env){
		.loop = &app->loop, .config = &app->config, .sit = &app->sit,
		.read_only = options->read_only || app->config.read_only, .ways = &app->ways,
	};
	rc = start_backends(app, err);
	if (!rc)
		uv_run(&app->loop, UV_RUN_NOWAIT);
	return rc;
}

int app_prepare(struct app *app, struct err *err)
{
	struct ladder_env env = {
		.config = &app->config, .sit = &app->sit, .actuators = &app->actuators,
		.changed = on_climb, .arg = app,
	};
	int rc = verbs_check_scope(&app->config, err);

	if (!rc)
		rc = catalogue_load(&app->catalogue, &app->config, err);
	if (rc)
		return rc;
	app->judge = judge_new(&app->catalogue, &app->config);
	app->facts = facts_memory_new();
	rc = judge_compile(app->judge, err);
	if (rc)
		return rc;
	if (!app->env.read_only) {
		app->audit = audit_open(app->config.audit_file, err);
		if (!app->audit)
			return err->code;
	}
	env.judge = app->judge;
	env.audit = app->audit;
	app->ladder = ladder_new(&env);
	app->judging = true;
	app_judge(app);
	return 0;
}

void app_refresh(struct app *app)
{
	int i;

	for (i = 0; i < app->nbackends; i++)
		if (app->ops[i]->refresh)
			app->ops[i]->refresh(app->backends[i]);
}

static void too_long(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

/* Without waiting for libuv's threads, as exit() would. */
static void leave_at_once(int status, void *arg)
{
	(void)arg;
	fflush(NULL);
	_exit(status);
}

/* Lets everything close. A look-up whose name server hangs cannot be called back: then false. */
static bool close_all(struct app *app)
{
	bool alive;

	uv_timer_start(&app->judge_timer, too_long, CLOSING_MS, 0);
	uv_unref((uv_handle_t *)&app->judge_timer);
	alive = uv_run(&app->loop, UV_RUN_DEFAULT) != 0;
	uv_close((uv_handle_t *)&app->judge_timer, NULL);
	if (alive)
		return false;
	uv_run(&app->loop, UV_RUN_DEFAULT);
	uv_loop_close(&app->loop);
	return true;
}

void app_stop(struct app *app)
{
	int i;

	app->changed = NULL;
	app->sit.on_change = NULL;
	ladder_free(app->ladder);
	for (i = 0; i < app->nbackends; i++)
		app->ops[i]->stop(app->backends[i]);
	if (!close_all(app))
		on_exit(leave_at_once, NULL);
	judge_free(app->judge);
	facts_memory_free(app->facts);
	catalogue_release(&app->catalogue);
	audit_close(app->audit);
	situation_release(&app->sit);
	config_release(&app->config);
}

const struct query_ops *app_queries(const struct app *app, const struct query_request *request,
				    void **ret_self)
{
	int i;

	for (i = 0; i < app->nbackends; i++) {
		const struct query_ops *queries = app->ops[i]->queries;

		if (queries && queries->can(app->backends[i], request)) {
			*ret_self = app->backends[i];
			return queries;
		}
	}
	return NULL;
}

const struct trust_ops *app_trust(const struct app *app, const char *node, void **ret_self)
{
	for (int i = 0; i < app->nbackends; i++) {
		const struct trust_ops *trust = app->ops[i]->trust;

		if (trust && trust->can(app->backends[i], node)) {
			*ret_self = app->backends[i];
			return trust;
		}
	}
	return NULL;
}

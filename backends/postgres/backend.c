/* backends/postgres/backend.c: one database looked at from two sides, and left alone when nobody
 * else uses it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/backend.h"
#include "backends/postgres/budget.h"
#include "backends/postgres/probe.h"
#include "backends/postgres/read.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/secret.h"

#define WAKING_AFTER_MS 1000       /* a wait at the door for this long is told */
#define WOKE_US 400000             /* longer than letting us in takes, the way there left out */
#define AGAIN_MS 5000              /* between two looks that a person asks for */
#define MINUTES 60

enum { DIRECT, POOLER, WAYS };

struct side {
	struct postgres_backend *self;
	struct postgres_way *way;          /* in the model */
	char *host;
	int port;
	struct postgres_probe *probe;      /* NULL = none is under way */
	bool took_part, reached;           /* in the current look */
	struct postgres_roots roots;
};

/* What happened within the last hour, by minute. */
struct hour {
	int64_t minute[MINUTES];
	int count[MINUTES];
};

struct postgres_backend {
	const struct backend_env *env;
	const struct config_postgres *config;
	struct postgres *model;
	struct cost *cost;
	struct side sides[WAYS];
	char *user, *database;
	struct secret_fetch *fetch;
	char *password;                    /* kept only when a command has told it */
	uv_timer_t timer, waking;
	struct budget budget;
	struct hour connections, wakes;
	bool may_sleep;                    /* at the start of this look */
	int wish;                          /* how many sides this look may take */
	int64_t looked_ms;                 /* monotonic, end of the last look; 0 = never */
	struct postgres_reader reader;
	const struct side *reads;          /* whose probe the reader reads; NULL = nobody's */
	int closing;
};

static void hour_add(struct hour *hour)
{
	int64_t minute = clock_mono_ms() / 60000;
	int at = (int)(minute % MINUTES);

	if (hour->minute[at] != minute)
		hour->count[at] = 0;
	hour->minute[at] = minute;
	hour->count[at]++;
}

static int hour_sum(const struct hour *hour)
{
	int64_t minute = clock_mono_ms() / 60000;
	int i, sum = 0;

	for (i = 0; i < MINUTES; i++)
		if (minute - hour->minute[i] < MINUTES)
			sum += hour->count[i];
	return sum;
}

static void touch(struct postgres_backend *self)
{
	situation_touch(self->env->sit, SECTION_POSTGRES);
}

static int ways(const struct postgres_backend *self)
{
	return self->model->direct.configured + self->model->pooler.configured;
}

/* ---- when ---- */

static void begin_look(struct postgres_backend *self);
static void on_timer(uv_timer_t *timer);

static void tell_cost(struct postgres_backend *self)
{
	struct postgres *model = self->model;

	model->wake_spent = budget_spent(&self->budget, clock_mono_ms());
	model->wakes = hour_sum(&self->wakes);
	model->connections_made = hour_sum(&self->connections);
}

static void arm(struct postgres_backend *self, int64_t at_mono_ms)
{
	int64_t wait = at_mono_ms - clock_mono_ms();

	uv_timer_start(&self->timer, on_timer, wait > 0 ? (uint64_t)wait : 0, 0);
}

static void set_max_age(struct postgres_backend *self, int64_t ms)
{
	struct postgres *model = self->model;

	model->look.max_age_ms = model->fresh.max_age_ms = ms;
	model->direct.fresh.max_age_ms = model->pooler.fresh.max_age_ms = ms;
}

static void put_to_sleep(struct postgres_way *way, const char *why)
{
	if (way->configured && (way->state == POSTGRES_OK || way->state == POSTGRES_UNKNOWN)) {
		way->state = POSTGRES_ASLEEP;
		freshness_failed(&way->fresh, FAULT_ASLEEP, why);
	}
}

/* It isn't ours to keep awake. What was found well is taken for asleep once it would have fallen
 * asleep by itself; what was found ill stays so, and grows stale. */
static void leave_alone(struct postgres_backend *self, int64_t next_ms)
{
	struct postgres *model = self->model;
	int64_t now = clock_mono_ms(), asleep = self->looked_ms + self->config->suspend_after_ms;
	const char *why = self->config->wake_budget ? "nobody else uses it: left alone to sleep"
			  : "nobody else uses it: looked at only when you ask";

	model->next_look_ms = next_ms == INT64_MAX ? 0 : clock_wall_ms() + next_ms - now;
	set_max_age(self, self->config->suspend_after_ms + self->config->timeout_ms);
	if (!self->looked_ms || now >= asleep) {
		put_to_sleep(&model->direct, why);
		put_to_sleep(&model->pooler, why);
		if (postgres_overall(model) == POSTGRES_ASLEEP) {
			freshness_failed(&model->fresh, FAULT_ASLEEP, why);
			freshness_failed(&model->look, FAULT_ASLEEP, why);
		}
		asleep = INT64_MAX;
	}
	tell_cost(self);
	touch(self);
	/* At least hourly, so that what the last hour has cost is told right. */
	if (next_ms > now + BUDGET_HOUR_MS)
		next_ms = now + BUDGET_HOUR_MS;
	arm(self, asleep < next_ms ? asleep : next_ms);
}

static void on_timer(uv_timer_t *timer)
{
	struct postgres_backend *self = timer->data;
	int64_t now = clock_mono_ms();

	self->wish = budget_allows(&self->budget, ways(self), now);
	if (self->wish > 0)
		begin_look(self);
	else
		leave_alone(self, budget_next_ms(&self->budget, ways(self), now));
}

static void end_look(struct postgres_backend *self)
{
	int64_t now = clock_mono_ms();
	int i, missed = 0, taken = 0;

	for (i = 0; i < WAYS; i++) {
		taken += self->sides[i].took_part;
		missed += self->sides[i].took_part && !self->sides[i].reached;
	}
	if (self->may_sleep)
		budget_refund(&self->budget, missed, missed == taken);
	if (self->may_sleep && missed < taken)
		hour_add(&self->wakes);
	if (self->model->others_used_s >= 0)
		budget_used_by_others(&self->budget, self->model->others_used_s * 1000, now);
	uv_timer_stop(&self->waking);
	self->looked_ms = now;
	freshness_proven(&self->model->look, clock_wall_ms());
	tell_cost(self);
	self->model->next_look_ms = clock_wall_ms() + self->config->every_ms;
	arm(self, now + self->config->every_ms);
	touch(self);
}

/* ---- what ---- */

static bool woke_us(const struct postgres_backend *self, const struct postgres_result *result)
{
	const int64_t *us = result->step_us;

	return self->may_sleep && us[POSTGRES_AUTH] > WOKE_US + 6 * us[POSTGRES_TCP];
}

/* How long it usually takes is told by looks that woke nobody. */
static void compare(struct postgres_way *way)
{
	int64_t us = postgres_way_total_us(way);

	if (us < 0)
		baseline_failed(&way->base);
	else if (!way->slow_start)
		baseline_took(&way->base, us > INT32_MAX ? INT32_MAX : (int32_t)us,
			      clock_wall_ms());
}

static void on_looked(void *arg, const struct postgres_result *result)
{
	struct side *side = arg;
	struct postgres_way *way = side->way;
	const struct postgres_error *error = &result->error;
	bool fine = error->state == POSTGRES_OK;

	side->reached = result->reached;
	way->state = error->state;
	way->failed_step = result->step;
	snprintf(way->error, sizeof(way->error), "%s", error->text);
	memcpy(way->sqlstate, error->sqlstate, sizeof(way->sqlstate));
	memcpy(way->step_us, result->step_us, sizeof(way->step_us));
	memcpy(way->tls, result->tls, sizeof(way->tls));
	way->slow_start = fine && woke_us(side->self, result);
	postgres_way_remember(way, fine ? result->step_us[POSTGRES_QUERY] : -1);
	compare(way);
	if (fine)
		freshness_proven(&way->fresh, clock_wall_ms());
	else
		freshness_failed(&way->fresh, postgres_state_fault(error->state), error->text);
	/* A password that a command has told may have been changed since. */
	if (error->state == POSTGRES_REFUSED && side->self->password) {
		explicit_bzero(side->self->password, strlen(side->self->password));
		free(side->self->password);
		side->self->password = NULL;
	}
	touch(side->self);
}

/* What the database tells of itself, it tells by the direct way, or by the only one that works. */
static bool is_the_reader(const struct side *side)
{
	const struct postgres *model = side->self->model;
	enum postgres_state direct = model->direct.state;

	if (side->way == &model->direct || !model->direct.configured)
		return true;
	return direct != POSTGRES_OK && direct != POSTGRES_UNKNOWN && direct != POSTGRES_WAKING &&
	       direct != POSTGRES_ASLEEP;
}

static const char *on_next(void *arg, int n)
{
	struct side *side = arg;
	struct postgres_backend *self = side->self;

	if (n == 0 && (self->reads || !is_the_reader(side)))
		return NULL;
	if (n == 0) {
		self->reads = side;
		postgres_reader_start(&self->reader, self->config, self->model);
	}
	return self->reads == side ? postgres_reader_next(&self->reader, n) : NULL;
}

static void on_row(void *arg, int n, int statement, const PGresult *row)
{
	struct side *side = arg;

	(void)n;
	postgres_reader_row(&side->self->reader, statement, row);
}

static void on_read(void *arg, int n, const struct postgres_error *error)
{
	struct side *side = arg;
	struct postgres_backend *self = side->self;
	struct freshness *fresh = &self->model->fresh;

	if (error && n == 0) {
		freshness_failed(fresh, postgres_state_fault(error->state), error->text);
		self->reads = NULL;
	} else if (error) {
		postgres_reader_failed(&self->reader, error->state == POSTGRES_REFUSED);
	} else if (n == 0) {
		freshness_proven(fresh, clock_wall_ms());
	}
}

static void on_ended(void *arg, const struct postgres_result *result)
{
	struct side *side = arg;
	struct postgres_backend *self = side->self;
	struct freshness *cost = &side->way->fresh;
	int i;

	side->probe = NULL;
	cost->requests += result->requests;
	cost->bytes_in += result->bytes_in;
	cost->bytes_out += result->bytes_out;
	cost_count(self->cost, &(struct cost_amount){(uint64_t)result->requests, result->bytes_in,
						     result->bytes_out, result->connections},
		   clock_mono_ms());
	for (i = 0; i < (int)result->connections; i++)
		hour_add(&self->connections);
	if (self->reads == side)
		postgres_reader_put(&self->reader, self->model);
	else if (is_the_reader(side) && !self->reads)
		freshness_failed(&self->model->fresh, postgres_state_fault(side->way->state),
				 side->way->error);
	if (self->reads == side)
		self->reads = NULL;
	if (!self->sides[DIRECT].probe && !self->sides[POOLER].probe)
		end_look(self);
}

/* A wait at the door of something that may sleep is told as what it most likely is. */
static void on_waking(uv_timer_t *timer)
{
	struct postgres_backend *self = timer->data;
	int64_t us;
	int i;

	for (i = 0; i < WAYS; i++) {
		struct side *side = &self->sides[i];

		if (side->probe && postgres_probe_step(side->probe, &us) >= POSTGRES_AUTH &&
		    side->way->state != POSTGRES_OK) {
			side->way->state = POSTGRES_WAKING;
			freshness_failed(&side->way->fresh, FAULT_ASLEEP, "waking up");
		}
	}
	touch(self);
}

static void start_probe(struct postgres_backend *self, struct side *side, const char *password)
{
	struct postgres_peer peer = {
		.host = side->host, .port = side->port, .user = self->user,
		.database = self->database, .password = password, .roots = &side->roots,
	};
	struct postgres_events events = {on_looked, on_next, on_row, on_read, on_ended, side};

	side->took_part = true;
	if (self->may_sleep)
		budget_spend(&self->budget, clock_mono_ms());
	side->probe = postgres_probe_start(self->env->loop, self->config, &peer, &events);
}

static void start_probes(struct postgres_backend *self, const char *password)
{
	int i, left = self->wish;

	set_max_age(self, 3 * self->config->every_ms + self->config->timeout_ms);
	self->reads = NULL;
	self->may_sleep = budget_may_sleep(&self->budget, clock_mono_ms());
	for (i = 0; i < WAYS; i++) {
		self->sides[i].took_part = self->sides[i].reached = false;
		if (self->sides[i].host && left-- > 0)
			start_probe(self, &self->sides[i], password);
	}
	if (self->may_sleep)
		uv_timer_start(&self->waking, on_waking, WAKING_AFTER_MS, 0);
}

static void no_password(struct postgres_backend *self, const char *why)
{
	struct postgres *model = self->model;
	struct postgres_way *both[] = {&model->direct, &model->pooler};
	int i;

	for (i = 0; i < WAYS; i++) {
		both[i]->state = POSTGRES_REFUSED;
		both[i]->failed_step = POSTGRES_AUTH;
		snprintf(both[i]->error, sizeof(both[i]->error), "%s", why);
		freshness_failed(&both[i]->fresh, FAULT_RIGHTS, why);
	}
	freshness_failed(&model->fresh, FAULT_RIGHTS, why);
	freshness_proven(&model->look, clock_wall_ms());
	arm(self, clock_mono_ms() + self->config->every_ms);
	touch(self);
}

static void on_secret(void *arg, int rc, const char *text)
{
	struct postgres_backend *self = arg;

	self->fetch = NULL;
	if (rc) {
		no_password(self, text);
		return;
	}
	if (self->config->password.command.len)
		self->password = xstrdup(text);
	start_probes(self, text);
}

static bool is_looking(const struct postgres_backend *self)
{
	return self->fetch || self->sides[DIRECT].probe || self->sides[POOLER].probe;
}

static void begin_look(struct postgres_backend *self)
{
	if (is_looking(self))
		return;
	if (self->password || !secret_is_set(&self->config->password))
		start_probes(self, self->password);
	else
		self->fetch = secret_fetch(self->env->loop, &self->config->password, on_secret,
					   self);
}

/* ---- the backend ---- */

static bool wanted(const struct config *config)
{
	return config->postgres.direct || config->postgres.pooler;
}

/* "postgres://user@host:port/database?..." or "host:port"; the first one names user and database
 * unless the configuration does. */
static int parse_url(struct postgres_backend *self, struct side *side, const char *url,
		     struct err *err)
{
	const char *rest = strstr(url, "://"), *at, *slash, *colon;
	size_t len;
	char *end;

	rest = rest ? rest + 3 : url;
	len = strcspn(rest, "/?");
	slash = rest[len] == '/' ? rest + len + 1 : NULL;
	at = memrchr(rest, '@', len);
	if (at) {
		if (at > rest && !self->user)
			self->user = xstrndup(rest, (size_t)(at - rest));
		len -= (size_t)(at + 1 - rest);
		rest = at + 1;
	}
	if (slash && strcspn(slash, "?") && !self->database)
		self->database = xstrndup(slash, strcspn(slash, "?"));
	side->port = 5432;
	colon = rest[0] == '[' ? memchr(rest, ']', len) : rest;
	colon = colon ? memchr(colon, ':', len - (size_t)(colon - rest)) : NULL;
	if (colon) {
		side->port = (int)strtol(colon + 1, &end, 10);
		if (end != rest + len || side->port < 1 || side->port > 65535)
			return err_set(err, -EINVAL, "a Postgres address's port is 1 to 65535");
		len = (size_t)(colon - rest);
	}
	side->host = rest[0] == '[' && len > 2 ? xstrndup(rest + 1, len - 2) : xstrndup(rest, len);
	if (!side->host[0])
		return err_set(err, -EINVAL, "a Postgres address names a host");
	side->way->configured = true;
	side->way->where = xasprintf("%s:%d", side->host, side->port);
	return 0;
}

static void forget(struct postgres_backend *self)
{
	int i;

	for (i = 0; i < WAYS; i++) {
		free(self->sides[i].host);
		postgres_roots_forget(&self->sides[i].roots);
	}
	free(self->user);
	free(self->database);
	if (self->password)
		explicit_bzero(self->password, strlen(self->password));
	free(self->password);
	free(self);
}

static int prepare(struct postgres_backend *self, struct err *err)
{
	const struct config_postgres *config = self->config;
	const char *urls[] = {config->direct, config->pooler};
	int i, rc = 0;

	self->user = xstrdup(config->user);
	self->database = xstrdup(config->database);
	self->sides[DIRECT].way = &self->model->direct;
	self->sides[POOLER].way = &self->model->pooler;
	for (i = 0; i < WAYS && !rc; i++) {
		self->sides[i].self = self;
		if (urls[i])
			rc = parse_url(self, &self->sides[i], urls[i], err);
	}
	return rc;
}

static int start(const struct backend_env *env, void **ret_self, struct err *err)
{
	struct postgres_backend *self = xcalloc(1, sizeof(*self));
	const struct config_postgres *config = &env->config->postgres;
	struct postgres *model = &env->sit->postgres;

	self->sides[DIRECT].roots = self->sides[POOLER].roots =
		(struct postgres_roots)POSTGRES_ROOTS_INIT;
	self->env = env;
	self->config = config;
	self->model = model;
	self->cost = costs_get(&env->sit->costs, "postgres");
	if (prepare(self, err)) {
		forget(self);
		return -EINVAL;
	}
	self->budget.most = config->wake_budget;
	self->budget.suspend_after_ms = config->suspend_after_ms;
	self->budget.every_ms = config->every_ms;
	model->configured = true;
	model->title = xstrdup(config->title);
	model->database = xstrdup(self->database);
	model->goose_expected = config->goose_version;
	model->wake_budget = config->suspend_after_ms ? config->wake_budget : -1;
	uv_timer_init(env->loop, &self->timer);
	uv_timer_init(env->loop, &self->waking);
	self->timer.data = self->waking.data = self;
	uv_timer_start(&self->timer, on_timer, 0, 0);
	*ret_self = self;
	return 0;
}

static void closed(uv_handle_t *handle)
{
	struct postgres_backend *self = handle->data;

	if (--self->closing == 0)
		forget(self);
}

static void stop(void *arg)
{
	struct postgres_backend *self = arg;

	secret_cancel(self->fetch);
	postgres_probe_cancel(self->sides[DIRECT].probe);
	postgres_probe_cancel(self->sides[POOLER].probe);
	self->closing = 2;
	uv_close((uv_handle_t *)&self->timer, closed);
	uv_close((uv_handle_t *)&self->waking, closed);
}

/* A person asks: that is worth waking it, and counts. */
static void refresh(void *arg)
{
	struct postgres_backend *self = arg;

	if (is_looking(self) ||
	    (self->looked_ms && clock_mono_ms() - self->looked_ms < AGAIN_MS))
		return;
	uv_timer_stop(&self->timer);
	self->wish = ways(self);
	begin_look(self);
}

const struct backend_ops backend_postgres = {
	.name = "postgres",
	.wanted = wanted,
	.start = start,
	.stop = stop,
	.refresh = refresh,
};

/* backends/probe/backend.c: every target by its own clock. Runs are independent: one that hangs
 * ends at its own deadline and holds up nobody. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/probe/probe.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/yaml.h"

#define FIRST_MS 60                /* after the first paint's requests */
#define STAGGER_MS 25              /* between the first runs: each is a TLS handshake */
#define AGAIN_MIN_MS 5000          /* while it fails */
#define ROSTER_SOON_MS 200         /* until the nodes are known */
#define ROSTER_MS 10000
#define HISTORY_GROWS 12           /* so long one sees each run in the trend */

struct probe_backend {
	const struct backend_env *env;
	struct http *http;
	struct probing *probings;
	char **ca_pems;            /* a configured probe each; NULL = the system's */
	uv_timer_t roster;         /* looks for nodes that come and go */
	int open;                  /* handles whose close callback is still to come */
	int started;
	uint32_t random;
	bool stopping;
};

static bool wanted(const struct config *config)
{
	return config->nprobes > 0;
}

struct http *probe_http_of(struct probing *probing)
{
	return probing->backend->http;
}

const char *probe_ca(struct probing *probing)
{
	const struct config *config = probing->backend->env->config;

	return probing->backend->ca_pems[probing->config - config->probes];
}

int32_t probe_passed_us(const struct probing *probing)
{
	int64_t us = (int64_t)(uv_hrtime() / 1000) - probing->began_us;

	return us > INT32_MAX ? INT32_MAX : (int32_t)us;
}

/* Between nine and eleven tenths, so that peers aren't asked in step. */
static uint64_t jittered(struct probe_backend *backend, int64_t ms)
{
	backend->random ^= backend->random << 13;
	backend->random ^= backend->random >> 17;
	backend->random ^= backend->random << 5;
	return (uint64_t)(ms - ms / 10 + (int64_t)(backend->random % 1000) * ms / 5000);
}

/* ---- a run ---- */

static void run(uv_timer_t *timer)
{
	struct probing *probing = timer->data;
	int i;

	if (probing->running)
		return;
	probing->running = true;
	probing->began_us = (int64_t)(uv_hrtime() / 1000);
	probing->total_us = 0;
	probing->cert_expires_ms = 0;
	probing->body_seen = 0;
	probing->lines = 0;
	probing->connected = false;
	for (i = 0; i < PROBE_STEPS; i++)
		probing->step_us[i] = -1;
	buf_clear(&probing->detail);
	probing->model->fresh.requests++;
	probing->ops->start(probing);
}

static void next_run(struct probing *probing)
{
	int64_t every = probing->config->every_ms, soon = every / 3;

	probing->running = false;
	if (probing->model->result == RESULT_FAILED)
		every = soon > AGAIN_MIN_MS ? soon : every < AGAIN_MIN_MS ? every : AGAIN_MIN_MS;
	uv_timer_start(&probing->timer, run, jittered(probing->backend, every), 0);
}

static bool is_usual(const struct probe *probe)
{
	return probe_drawn(probe, probe->history_len - 1) ==
	       (probe->base.median_us > 0 ? probe->base.median_us : 1);
}

/* The median moves a little with each run; people see it once it has moved a fifth. */
static bool median_moved(struct probing *probing)
{
	int32_t now = probing->model->base.median_us, told = probing->told_median_us;
	int32_t away = now > told ? now - told : told - now;

	if ((now < 0) == (told < 0) && away <= told / 5)
		return false;
	probing->told_median_us = now;
	return true;
}

/* What makes a person or a rule look again; times that wobble as always don't. */
static bool worth_telling(const struct probe *before, const struct probe *now, int64_t now_ms)
{
	return before->result != now->result || before->base.slow != now->base.slow ||
	       strcmp(before->text, now->text) || before->failed_at != now->failed_at ||
	       before->cause != now->cause ||
	       before->status != now->status || strcmp(before->pop, now->pop) ||
	       before->outside != now->outside || before->failures < now->failures ||
	       before->history_len < HISTORY_GROWS || !is_usual(now) ||
	       is_usual(before) != is_usual(now) ||
	       probe_cert_days(before, now_ms) != probe_cert_days(now, now_ms) ||
	       freshness_at(&before->fresh, now_ms) != FRESH_OK;
}

/* Resolvers of one name: do they give the same, or at least some of the same? */
static bool share_one(const char *a, const char *b)
{
	char line[64];
	size_t len;

	for (; a && *a; a += len + (a[len] == '\n')) {
		len = strcspn(a, "\n");
		if (!len || len + 2 > sizeof(line))
			continue;
		snprintf(line, sizeof(line), "%.*s\n", (int)len, a);
		if (b && strstr(b, line))
			return true;
	}
	return false;
}

static bool compare_resolvers(struct probing *probing)
{
	const struct probes *probes = &probing->backend->env->sit->probes;
	bool changed = false, strict = !probing->config->expect.len;
	size_t i, j;

	for (i = 0; i < probes->len; i++) {
		struct probe *one = probes->items[i];
		bool disagrees = false;

		if (strcmp(one->of, probing->model->of))
			continue;
		/* With ranges to expect, addresses within them may differ: edges do that. */
		for (j = 0; strict && j < probes->len; j++)
			if (i != j && !strcmp(one->of, probes->items[j]->of) &&
			    one->result == RESULT_OK && probes->items[j]->result == RESULT_OK &&
			    !share_one(one->detail, probes->items[j]->detail))
				disagrees = true;
		changed |= one->disagrees != disagrees;
		one->disagrees = disagrees;
	}
	return changed;
}

static void take_detail(struct probing *probing)
{
	struct probe *model = probing->model;

	free(model->detail);
	model->detail = probing->detail.len ? xstrdup(probing->detail.data) : NULL;
	buf_release(&probing->detail);
	buf_release(&probing->body);
}

void probe_done(struct probing *probing, const struct probe_verdict *verdict)
{
	struct probe *model = probing->model, before = *model;
	int64_t now = clock_wall_ms();
	bool news;

	memcpy(model->step_us, probing->step_us, sizeof(model->step_us));
	memcpy(model->text, verdict->text, sizeof(model->text));
	model->failed_at = verdict->ok ? STEP_DNS : verdict->failed_at;
	model->cause = verdict->ok ? CAUSE_NONE : verdict->cause;
	model->status = verdict->status;
	if (probing->cert_expires_ms)
		model->cert_expires_ms = probing->cert_expires_ms;
	take_detail(probing);
	probe_ended(model, verdict->ok, probing->total_us ? probing->total_us
							  : probe_passed_us(probing), now);
	news = median_moved(probing);
	news |= worth_telling(&before, model, now);
	freshness_proven(&model->fresh, now);
	model->fresh.fault = verdict->ok ? FAULT_NONE : verdict->fault;
	if (model->kind == PROBE_DNS)
		news |= compare_resolvers(probing);
	next_run(probing);
	if (news)
		situation_touch(probing->backend->env->sit, SECTION_PROBES);
}

void probe_impossible(struct probing *probing, enum fresh_fault fault, const char *text)
{
	freshness_failed(&probing->model->fresh, fault, text);
	next_run(probing);
	situation_touch(probing->backend->env->sit, SECTION_PROBES);
}

/* ---- targets come and go ---- */

void probe_let_go(struct probing *probing)
{
	struct probe_backend *backend = probing->backend;

	if (--probing->closing > 0)
		return;
	free(probing->address);
	buf_release(&probing->detail);
	buf_release(&probing->body);
	free(probing);
	if (!--backend->open)
		free(backend);
}

static void timer_closed(uv_handle_t *handle)
{
	probe_let_go(handle->data);
}

static void add_target(struct probe_backend *backend, const struct config_probe *config,
		       const char *via, const char *address)
{
	struct probing *probing = xcalloc(1, sizeof(*probing));
	struct probe *model = probes_add(&backend->env->sit->probes, config->name, via);

	model->kind = (enum probe_kind)config->kind;
	model->target = xstrdup(config->url ? config->url : config->host);
	model->fresh.max_age_ms = config->every_ms * 3 + config->timeout_ms;
	probing->backend = backend;
	probing->config = config;
	probing->ops = probe_kinds[config->kind];
	probing->model = model;
	probing->address = xstrdup(address);
	probing->detail.max = PROBE_DETAIL_MAX;
	probing->told_median_us = -1;
	uv_timer_init(backend->env->loop, &probing->timer);
	probing->timer.data = probing;
	probing->next = backend->probings;
	backend->probings = probing;
	backend->open++;
	/* Nodes that aren't known yet cannot be asked. */
	if (config->kind == PROBE_ORIGIN && !address)
		freshness_failed(&model->fresh, FAULT_NONE, "no node is known to ask; or set via");
	else
		uv_timer_start(&probing->timer, run,
			       (uint64_t)(FIRST_MS + STAGGER_MS * backend->started++), 0);
}

static void drop_target(struct probing *probing)
{
	struct probing **slot = &probing->backend->probings;

	while (*slot != probing)
		slot = &(*slot)->next;
	*slot = probing->next;
	if (!probing->backend->stopping)
		http_cancel(probing->call);
	secret_cancel(probing->secret);
	probing->gone = true;
	probing->closing = 1 + probing->looking;
	if (probing->looking)
		uv_cancel((uv_req_t *)&probing->lookup);
	if (!probing->backend->stopping)
		probes_remove(&probing->backend->env->sit->probes, probing->model);
	uv_close((uv_handle_t *)&probing->timer, timer_closed);
}

/* "name=address" as it is configured, or only an address. */
static void add_configured(struct probe_backend *backend, const struct config_probe *config,
			   const char *entry)
{
	const char *equals = strchr(entry, '=');
	char *name = equals ? xstrndup(entry, (size_t)(equals - entry)) : xstrdup(entry);

	add_target(backend, config, name, equals ? equals + 1 : entry);
	free(name);
}

static bool is_taken(const struct probes *probes, const char *of, const char *via)
{
	size_t i;

	for (i = 0; i < probes->len; i++)
		if (!strcmp(probes->items[i]->of, of) && !strcmp(probes->items[i]->via, via))
			return true;
	return false;
}

static const char *without_scheme(const char *url)
{
	const char *at = strstr(url, "://");

	return at ? at + 3 : url;
}

/* A resolver's name for people: its host, or all of its address when two share the host. */
static void add_resolver(struct probe_backend *backend, const struct config_probe *config,
			 const char *resolver)
{
	char host[128];
	int port;

	if (!strcmp(resolver, "system") || !probe_split(resolver, 443, host, sizeof(host), &port) ||
	    is_taken(&backend->env->sit->probes, config->name, host))
		snprintf(host, sizeof(host), "%.100s", without_scheme(resolver));
	add_target(backend, config, host, resolver);
}

static bool by_nodes(const struct config_probe *config)
{
	return config->kind == PROBE_ORIGIN && !config->via.len;
}

static void add_targets(struct probe_backend *backend, const struct config_probe *config)
{
	size_t i;

	if (config->kind == PROBE_DNS)
		for (i = 0; i < config->resolvers.len; i++)
			add_resolver(backend, config, config->resolvers.items[i]);
	else if (config->via.len)
		for (i = 0; i < config->via.len; i++)
			add_configured(backend, config, config->via.items[i]);
	else
		add_target(backend, config, "", NULL);
}

static struct probing *target_of(struct probe_backend *backend, const struct config_probe *config,
				 const struct node *node)
{
	struct probing *probing;

	for (probing = backend->probings; probing; probing = probing->next)
		if (probing->config == config && probing->address &&
		    !strcmp(probing->model->via, node->name) &&
		    !strcmp(probing->address, node->internal_ip))
			return probing;
	return NULL;
}

/* Is the target's node still there, at its address? */
static bool is_current(const struct probing *probing, const struct nodes *nodes)
{
	const struct node *node = nodes_find(nodes, probing->model->via);

	return probing->address && node && node->internal_ip &&
	       !strcmp(node->internal_ip, probing->address);
}

static bool has_address(const struct nodes *nodes)
{
	size_t i;

	for (i = 0; i < nodes->len; i++)
		if (nodes->items[i]->internal_ip && nodes->items[i]->internal_ip[0])
			return true;
	return false;
}

static void call_roster(struct probe_backend *backend, const struct config_probe *config)
{
	const struct nodes *nodes = &backend->env->sit->nodes;
	struct probing *probing, *next;
	bool changed = false;
	size_t i;

	for (probing = backend->probings; probing; probing = next) {
		next = probing->next;
		if (probing->config != config || is_current(probing, nodes))
			continue;
		drop_target(probing);
		changed = true;
	}
	for (i = 0; i < nodes->len; i++) {
		const struct node *node = nodes->items[i];

		if (!node->internal_ip || !node->internal_ip[0] ||
		    target_of(backend, config, node))
			continue;
		add_target(backend, config, node->name, node->internal_ip);
		changed = true;
	}
	if (changed)
		situation_touch(backend->env->sit, SECTION_PROBES);
}

static void on_roster(uv_timer_t *timer)
{
	struct probe_backend *backend = timer->data;
	const struct config *config = backend->env->config;
	const struct nodes *nodes = &backend->env->sit->nodes;
	bool known = nodes->complete && has_address(nodes);
	size_t i;

	/* While nodes cannot be read, those that were known are what there is. */
	for (i = 0; known && i < config->nprobes; i++)
		if (by_nodes(&config->probes[i]))
			call_roster(backend, &config->probes[i]);
	uv_timer_start(&backend->roster, on_roster, known ? ROSTER_MS : ROSTER_SOON_MS, 0);
}

/* ---- the backend ---- */

static void stop(void *self);

static int start(const struct backend_env *env, void **ret_self, struct err *err)
{
	struct probe_backend *backend = xcalloc(1, sizeof(*backend));
	const struct config *config = env->config;
	size_t i, len;
	int rc = 0;

	backend->env = env;
	backend->http = http_new(env->loop);
	http_count(backend->http, costs_get(&env->sit->costs, "probes"));
	backend->ca_pems = xcalloc(config->nprobes, sizeof(*backend->ca_pems));
	if (uv_random(NULL, NULL, &backend->random, sizeof(backend->random), 0, NULL) ||
	    !backend->random)
		backend->random = 1;
	uv_timer_init(env->loop, &backend->roster);
	backend->roster.data = backend;
	backend->open = 1;
	for (i = 0; i < config->nprobes && !rc; i++) {
		if (config->probes[i].ca_file)
			rc = yaml_read_file(config->probes[i].ca_file, &backend->ca_pems[i], &len,
					    err);
		if (!rc)
			add_targets(backend, &config->probes[i]);
		if (by_nodes(&config->probes[i]) && config->kube.enabled)
			uv_timer_start(&backend->roster, on_roster, ROSTER_SOON_MS, 0);
	}
	if (rc)
		stop(backend);
	else
		*ret_self = backend;
	return rc;
}

static void roster_closed(uv_handle_t *handle)
{
	struct probe_backend *backend = handle->data;

	if (!--backend->open)
		free(backend);
}

static void stop(void *self)
{
	struct probe_backend *backend = self;
	size_t i;

	backend->stopping = true;
	http_free(backend->http);
	for (i = 0; i < backend->env->config->nprobes; i++)
		free(backend->ca_pems[i]);
	free(backend->ca_pems);
	while (backend->probings)
		drop_target(backend->probings);
	uv_close((uv_handle_t *)&backend->roster, roster_closed);
}

static void refresh(void *self)
{
	struct probe_backend *backend = self;
	struct probing *probing;

	for (probing = backend->probings; probing; probing = probing->next)
		if (!probing->running && uv_is_active((uv_handle_t *)&probing->timer))
			run(&probing->timer);
}

const struct backend_ops backend_probe = {
	.name = "probe",
	.wanted = wanted,
	.start = start,
	.stop = stop,
	.refresh = refresh,
};

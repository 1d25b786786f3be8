/* tests/services/test_slow_names.c: a name server that doesn't answer holds up neither status pages nor
 * probes, nor the loop, nor the end of the program */
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backends/backend.h"
#include "core/alloc.h"

#define NAME_SERVER_S 3            /* longer than any deadline here */
#define BLOCKED_MS 1500            /* a busy machine's slack; what is caught here takes seconds */
#define TICK_MS 5

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **ret);

static volatile int names_asked;

/* The resolver of this program, and of the libraries in it. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **ret)
{
	(void)node;
	(void)service;
	(void)hints;
	*ret = NULL;
	names_asked++;
	sleep(NAME_SERVER_S);
	return EAI_AGAIN;
}

struct bench {
	uv_loop_t loop;
	uv_timer_t tick;
	uint64_t ticked_ms, longest_ms;
	struct config config;
	struct situation sit;
	struct backend_env env;
	void *self;
};

static void on_tick(uv_timer_t *timer)
{
	struct bench *bench = timer->data;
	uint64_t now = uv_hrtime() / 1000000;

	if (bench->ticked_ms && now - bench->ticked_ms > bench->longest_ms)
		bench->longest_ms = now - bench->ticked_ms;
	bench->ticked_ms = now;
}

static void start(struct bench *bench, const struct backend_ops *ops)
{
	struct err err = ERR_INIT;

	uv_loop_init(&bench->loop);
	uv_timer_init(&bench->loop, &bench->tick);
	bench->tick.data = bench;
	uv_timer_start(&bench->tick, on_tick, TICK_MS, TICK_MS);
	situation_init(&bench->sit);
	bench->env = (struct backend_env){
		.loop = &bench->loop, .config = &bench->config, .sit = &bench->sit,
	};
	assert_int_equal(ops->start(&bench->env, &bench->self, &err), 0);
}

static void run_for(struct bench *bench, uint64_t ms)
{
	uint64_t until = uv_hrtime() / 1000000 + ms;

	while (uv_hrtime() / 1000000 < until)
		uv_run(&bench->loop, UV_RUN_ONCE);
}

static void end(struct bench *bench, const struct backend_ops *ops)
{
	uint64_t began = uv_hrtime() / 1000000;

	ops->stop(bench->self);
	run_for(bench, 50);
	/* Stopping waits for no name; threads of the resolver may still hold the loop open. */
	assert_in_range(uv_hrtime() / 1000000 - began, 0, 50 + BLOCKED_MS);
	assert_in_range(bench->longest_ms, 0, BLOCKED_MS);
	uv_close((uv_handle_t *)&bench->tick, NULL);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&bench->loop), 0);
	situation_release(&bench->sit);
	config_release(&bench->config);
}

static struct config_probe probe_at(const char *name, const char *kind, const char *url)
{
	struct config_probe probe = {
		.name = xstrdup(name), .url = xstrdup(url), .every_ms = 1000, .timeout_ms = 500,
		.starttls = true,
	};

	while (strcmp(config_probe_kinds[probe.kind], kind) != 0)
		probe.kind++;
	return probe;
}

static void probes_by_name(void **state)
{
	struct bench bench = {.env = {0}};
	struct config_probe *probes = xcalloc(4, sizeof(*probes));
	size_t i;

	(void)state;
	config_init(&bench.config);
	bench.config.probes = probes;
	bench.config.nprobes = 4;
	probes[0] = probe_at("site", "edge", "https://site.example/");
	probes[1] = probe_at("mail", "smtp", "smtp://mail.example:587");
	probes[2] = probe_at("port", "tcp", "tcp://port.example:1");
	probes[3] = probe_at("name", "dns", "");
	probes[3].host = xstrdup("name.example");
	strlist_add(&probes[3].resolvers, "system");
	start(&bench, &backend_probe);
	run_for(&bench, 1200);
	assert_true(names_asked >= 4);
	assert_int_equal(bench.sit.probes.len, 4);
	for (i = 0; i < 4; i++) {
		const struct probe *probe = bench.sit.probes.items[i];

		assert_int_equal(probe->result, RESULT_FAILED);
		assert_int_equal(probe->failed_at, STEP_DNS);
	}
	end(&bench, &backend_probe);
}

static void pages_by_name(void **state)
{
	struct bench bench = {.env = {0}};

	(void)state;
	config_init(&bench.config);
	bench.config.vendors = xcalloc(1, sizeof(*bench.config.vendors));
	bench.config.nvendors = 1;
	bench.config.vendors[0] = (struct config_vendor){
		.name = xstrdup("edge"), .url = xstrdup("https://status.example/"),
		.every_ms = 10000,
	};
	start(&bench, &backend_status);
	run_for(&bench, 600);
	assert_int_equal(bench.sit.vendors.items[0].fresh.state, FRESH_UNKNOWN);
	end(&bench, &backend_status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probes_by_name),
		cmocka_unit_test(pages_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

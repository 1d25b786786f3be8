/* tests/unit/test_config.c: what people write, and what they are told when it is wrong */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/config.h"
#include "core/schema.h"
#include "core/yaml.h"

static int load(const char *text, struct config *config, struct err *err)
{
	char path[] = "/tmp/sitrep-config-XXXXXX";
	int fd = mkstemp(path), rc;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	rc = config_load(config, path, err);
	unlink(path);
	return rc;
}

static void a_whole_file_is_read(void **state)
{
	struct err err = ERR_INIT;
	struct config config;

	(void)state;
	assert_int_equal(load("name: prod\n"
			      "kube: {servers: [https://a:6443, https://b:6443], heartbeat: 3s}\n"
			      "redis:\n  url: redis://cache:6379\n  password: {env: REDISPW}\n"
			      "  scan_load: 0.1\n"
			      "scope:\n- verbs: [redis-*]\n  targets: redis\n"
			      "- deny: true\n"
			      "names: {api: deployment/a/b}\n"
			      "thresholds: {redis_full: 0.8}\n", &config, &err), 0);
	assert_int_equal(config.kube.servers.len, 2);
	assert_int_equal(config.kube.heartbeat_ms, 3000);
	assert_int_equal(config.kube.stale_after_ms, 12000);
	assert_true(config.redis.scan);
	assert_string_equal(config.redis.password.env, "REDISPW");
	assert_true(config_in_scope(&config, "redis-set-policy", "redis"));
	assert_false(config_in_scope(&config, "cordon", "node/a"));
	assert_string_equal(config.names[0].value, "deployment/a/b");
	assert_true(config.thresholds[0].value > 0.79);
	config_release(&config);
}

static void says(const char *text, const char *expected)
{
	struct err err = ERR_INIT;
	struct config config;

	assert_true(load(text, &config, &err) < 0);
	if (!strstr(err.text, expected))
		fail_msg("'%s' does not say '%s'", err.text, expected);
}

static void errors_name_the_place(void **state)
{
	(void)state;
	says("kube:\n  heartbeat: soon\n", ":2:14: heartbeat: expected a duration");
	says("kube:\n  hartbeat: 5s\n", ":2:3: kube knows no key 'hartbeat'; did you mean "
	     "'heartbeat'?");
	says("name: a\nname: b\n", ":2:1: 'name' stands here a second time (first in line 1)");
	says("kube: [", "not YAML");
	says("scope: {verbs: x}\n", "expected a list of maps, not a map");
	says("log_signs: [{name: x}]\n", "a log sign needs the key 'pattern'");
	says("- a\n", ":1:1: the configuration: expected a map, not a list");
}

/* Each value is of its type, and still isn't one. */
static void what_cannot_be_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{"log_signs:\n- {name: x, pattern: '('}\n",
		 ":2:22: log_signs[0].pattern: expected a regular expression, not '('"},
		{"redis:\n  url: 'http://h'\n", ":2:8: redis.url: expected redis:// or rediss://"},
		{"redis: {scan_load: 2}\n", ":1:20: redis.scan_load: expected more than 0"},
		{"redis: {password: {env: A, file: b}}\n", ":1:19: redis.password: expected only one"},
		{"names: {api: a b}\n", ":1:14: names.api: expected kind/namespace/name"},
		{"ssh: {hosts: [{node: a, host: -oProxyCommand=x}]}\n",
		 ":1:31: ssh.hosts[0].host: expected a name as ssh takes it"},
		{"ssh: {reach: ['a:1', b]}\n", ":1:22: ssh.reach[1]: expected ADDRESS:PORT, not 'b'"},
		{"vendors:\n- {name: v, url: 'https://v', also: ['ftp://v']}\n",
		 ":2:38: vendors[0].also[0]: expected http:// or https://, not 'ftp://v'"},
		{"vendors:\n- {name: v, url: 'https://v'}\n- {name: v, url: 'https://w'}\n",
		 ":3:10: vendors[1].name: there are two called v"},
		{"vendors: [{name: v, url: 'https://v', every: 1s}]\n",
		 "vendors[0].every: expected at least 10s"},
		{"probes:\n- {name: p, kind: tcp}\n", ":2:3: probes[0].url: tcp needs tcp://host:port"},
		{"probes: [{name: p, kind: dns, host: h, expect: [10.0.0.0/40]}]\n",
		 "probes[0].expect[0]: expected a range"},
		{"postgres: {direct: h, every: 1s}\n", ":1:30: postgres.every: expected at least 5s"},
		{"postgres: {direct: 'mysql://h'}\n", ":1:20: postgres.direct: expected a host"},
		{"redis: {url: 'redis://h:99999'}\n", ":1:14: redis.url: expected a host and perhaps"},
		{"redis: {url: 'redis://[::1'}\n", "redis.url: expected a host"},
		{"redis: {url: 'redis://h', via: {kubernetes: {service: a}, ssh: {host: b}}}\n",
		 ":1:32: redis.via: expected only one of kubernetes and ssh"},
		{"redis: {url: 'redis://h', via: {kubernetes: {}}}\n",
		 "redis.via.kubernetes: expected one of service, pod and selector"},
		{"vendors: [{name: v, url: 'https://v:0/'}]\n", "vendors[0].url: expected a host"},
		{"vendors: [{name: v, url: 'https:///x'}]\n", "vendors[0].url: expected a host"},
		{"probes: [{name: p, kind: tcp, url: 'tcp://h'}]\n",
		 ":1:36: probes[0].url: expected a host and a port"},
		{"probes: [{name: p, url: 'https://h', expect_status: [200, ok]}]\n",
		 ":1:59: probes[0].expect_status[1]: expected 200, 2xx or 200-299, not 'ok'"},
		{"probes: [{name: p, url: 'https://h', via: [a=1.2.3.4, b=1.2.3.4:99999]}]\n",
		 ":1:55: probes[0].via[1]: expected name=10.0.0.1"},
		{"probes: [{name: p, kind: dns, host: h, resolvers: ['https://:1']}]\n",
		 "probes[0].resolvers[0]: expected a host"},
		{"postgres: {direct: 'h:70000'}\n", ":1:20: postgres.direct: expected a host"},
		{"postgres: {direct: ''}\n", "postgres.direct: expected a host"},
		{"postgres: {pooler: '[::1'}\n", "postgres.pooler: expected a host"},
		{"postgres: {direct: 'h/db?sslmode=disable'}\n",
		 "postgres.direct: expected nothing behind a '?'"},
		{"postgres: {goose_table: 'a;b'}\n", "postgres.goose_table: expected a table's name"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		says(rows[i].text, rows[i].expected);
}

static void a_service_is_written_in_one_way(void **state)
{
	static const char *const wrong[] = {"vmagent:8429", "obs/vmagent", "obs/../x:1", "/x:1",
					    "obs/x?y:1", "obs/a/b:1", "obs/:", ""};
	char text[160];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "app_metrics: [{name: a, keep: x, service: '%s'}]\n",
			 wrong[i]);
		says(text, ":1:43: app_metrics[0].service: expected namespace/name:port");
	}
}

static void places_of_every_kind_are_taken(void **state)
{
	static const char *const texts[] = {
		"postgres: {direct: '[fd00::1]:5433', pooler: 'postgres://u@h:1/db'}\n",
		"redis: {url: 'redis://u@[::1]:6380/3', via: {kubernetes: {selector: a=b}}}\n",
		"vendors: [{name: v, url: 'https://v.example:8443/x?y@z', also: ['http://[::1]']}]\n",
		"probes: [{name: p, url: 'https://h', expect_status: [200, 3xx, 404-410], via: "
		"[a=fd00::1, 'b=[fd00::1]:8443', h:1]}]\n",
		"app_metrics: [{name: a, keep: x, service: 'obs/vm-agent.x:http'}]\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = ERR_INIT;
		struct config config;

		if (load(texts[i], &config, &err))
			fail_msg("%s", err.text);
		config_release(&config);
	}
}

static void what_a_url_would_show_is_refused_and_not_repeated(void **state)
{
	static const char *const texts[] = {
		"vendors: [{name: v, url: 'https://u:opensesame@h/'}]\n",
		"vendors: [{name: v, url: 'https://h', also: ['https://opensesame@h/']}]\n",
		"probes: [{name: p, url: 'https://opensesame@h/'}]\n",
		"probes: [{name: p, kind: dns, host: h, resolvers: ['https://u:opensesame@h/']}]\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = ERR_INIT;
		struct config config;

		assert_int_equal(load(texts[i], &config, &err), -EINVAL);
		assert_non_null(strstr(err.text, "expected no user and no password"));
		assert_null(strstr(err.text, "opensesame"));
	}
}

static void a_password_in_a_url_is_refused_and_not_repeated(void **state)
{
	static const char *const texts[] = {
		"redis: {url: 'redis://u:opensesame@h'}\n",
		"postgres: {pooler: 'postgres://u:opensesame@h/db'}\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct err err = ERR_INIT;
		struct config config;

		assert_int_equal(load(texts[i], &config, &err), -EINVAL);
		assert_non_null(strstr(err.text, "expected no password here"));
		assert_null(strstr(err.text, "opensesame"));
	}
}

static void bombs_are_refused(void **state)
{
	struct err err = ERR_INIT;
	struct yaml yaml;
	const char *bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
			   "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
			   "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
			   "e: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n";

	(void)state;
	assert_int_equal(yaml_load_text(&yaml, "bomb", bomb, strlen(bomb), &err), -EMSGSIZE);
	assert_int_equal(yaml_load_text(&yaml, "loop", "a: &a [*a]\n", 11, &err), -EMSGSIZE);
}

static void no_scope_means_everything(void **state)
{
	struct config config;

	(void)state;
	config_init(&config);
	assert_true(config_in_scope(&config, "cordon", "node/a"));
	assert_int_equal(config.redis.scan_count, 64);
	config_release(&config);
}

static void load_example(const char *name, struct config *config)
{
	const char *dir = getenv("srcdir");
	struct err err = ERR_INIT;
	char path[512];

	snprintf(path, sizeof(path), "%s/examples/%s.yaml", dir ? dir : ".", name);
	if (config_load(config, path, &err))
		fail_msg("%s", err.text);
}

static void examples_load_and_mean_what_they_say(void **state)
{
	struct config config;

	(void)state;
	load_example("minimal", &config);
	assert_null(config.redis.url);
	config_release(&config);
	load_example("honeydue", &config);
	assert_int_equal(config.kube.servers.len, 3);
	assert_true(config_in_scope(&config, "rollout-undo", "deployment/honeydue/api"));
	assert_true(config_in_scope(&config, "rollout-restart", "deployment/kube-system/coredns"));
	assert_true(config_in_scope(&config, "cordon", "node/ubuntu-8gb-nbg1-1"));
	assert_true(config_in_scope(&config, "redis-set-policy", "redis"));
	assert_false(config_in_scope(&config, "rollout-undo", "deployment/kube-system/coredns"));
	assert_false(config_in_scope(&config, "redis-delete-prefix", "redis"));
	assert_false(config_in_scope(&config, "delete-pod", "pod/kube-system/coredns-1"));
	config_release(&config);
}

static void sizes_and_durations(void **state)
{
	int64_t value;

	(void)state;
	assert_int_equal(schema_parse_size("256Mi", &value), 0);
	assert_int_equal(value, 256 << 20);
	assert_int_equal(schema_parse_size("12 apples", &value), -EINVAL);
	assert_int_equal(schema_parse_duration("1.5s", &value), 0);
	assert_int_equal(value, 1500);
	assert_int_equal(schema_parse_duration("5", &value), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_file_is_read),
		cmocka_unit_test(errors_name_the_place),
		cmocka_unit_test(what_cannot_be_is_told_with_its_place),
		cmocka_unit_test(a_service_is_written_in_one_way),
		cmocka_unit_test(places_of_every_kind_are_taken),
		cmocka_unit_test(what_a_url_would_show_is_refused_and_not_repeated),
		cmocka_unit_test(a_password_in_a_url_is_refused_and_not_repeated),
		cmocka_unit_test(bombs_are_refused),
		cmocka_unit_test(no_scope_means_everything),
		cmocka_unit_test(examples_load_and_mean_what_they_say),
		cmocka_unit_test(sizes_and_durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

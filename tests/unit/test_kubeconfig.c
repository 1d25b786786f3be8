/* tests/unit/test_kubeconfig.c: which cluster, as whom; and the exec plugins that say it */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backends/kube/exec_plugin.h"
#include "backends/kube/kubeconfig.h"
#include "core/clock.h"

int __real_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t ms, uint64_t repeat);
int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t ms, uint64_t repeat);

/* A plugin's 30 s take 0.6 s here. */
int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t ms, uint64_t repeat)
{
	return __real_uv_timer_start(timer, cb, ms / 50, repeat);
}

#define TEXT_PATH 200

static char dir[TEXT_PATH];

static void put(const char *name, const char *text, mode_t mode)
{
	char path[2 * TEXT_PATH];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_kubeconfig.XXXXXX");
	unsetenv("KUBECONFIG");
	unsetenv("KUBERNETES_SERVICE_HOST");
	unsetenv("KUBERNETES_SERVICE_PORT");
	if (!mkdtemp(dir))
		return -1;
	setenv("HOME", dir, 1);
	return 0;
}

static int drop_dir(void **state)
{
	char command[2 * TEXT_PATH];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

static int load(struct kubeconfig *kc, const char *name, const char *context, struct err *err)
{
	char path[2 * TEXT_PATH];
	struct config_kube config = {.kubeconfig = name ? path : NULL,
				     .context = (char *)(uintptr_t)context};

	snprintf(path, sizeof(path), "%s/%s", dir, name ? name : "");
	return kubeconfig_load(kc, &config, err);
}

static void load_well(struct kubeconfig *kc, const char *name, const char *context)
{
	struct err err = ERR_INIT;

	if (load(kc, name, context, &err))
		fail_msg("%s", err.text);
}

#define HEAD "apiVersion: v1\nkind: Config\ncurrent-context: a\n"
#define CONTEXTS "contexts:\n- {name: a, context: {cluster: c, user: u, namespace: web}}\n" \
	"- {name: b, context: {cluster: c2}}\n"
#define CLUSTERS "clusters:\n- {name: c, cluster: {server: 'https://10.0.0.1:6443/'}}\n" \
	"- {name: c2, cluster: {server: 'http://[::1]:8080/k8s'}}\n"

static void contexts_choose(void **state)
{
	struct kubeconfig kc;

	(void)state;
	put("plain", HEAD CONTEXTS CLUSTERS "users:\n- {name: u, user: {token: t0k, as: jane, "
	    "as-uid: '7', as-groups: [ops, dev], as-user-extra: {why: [x, y]}}}\n", 0600);
	load_well(&kc, "plain", NULL);
	assert_string_equal(kc.context, "a");
	assert_string_equal(kc.ns, "web");
	assert_string_equal(kc.server, "https://10.0.0.1:6443");
	assert_string_equal(kc.token, "t0k");
	assert_int_equal(kc.impersonate.len, 6);
	assert_string_equal(kc.impersonate.items[0], "Impersonate-User: jane");
	assert_string_equal(kc.impersonate.items[1], "Impersonate-Uid: 7");
	assert_string_equal(kc.impersonate.items[3], "Impersonate-Group: dev");
	assert_string_equal(kc.impersonate.items[5], "Impersonate-Extra-why: y");
	kubeconfig_release(&kc);
	load_well(&kc, "plain", "b");
	assert_string_equal(kc.server, "http://[::1]:8080/k8s");
	assert_null(kc.token);
	kubeconfig_release(&kc);
}

/* The first file that defines a name wins; an entry's relative paths start at its own file. */
static void lists_are_merged(void **state)
{
	char list[5 * TEXT_PATH];
	struct kubeconfig kc;

	(void)state;
	snprintf(list, sizeof(list), "%s/sub", dir);
	mkdir(list, 0700);
	put("one", "contexts:\n- {name: a, context: {cluster: c, user: u}}\n", 0600);
	put("sub/two", HEAD "contexts:\n- {name: a, context: {cluster: other}}\n"
	    "clusters:\n- name: c\n  cluster:\n    server: https://two:1\n"
	    "    certificate-authority: ca.pem\n    tls-server-name: kubernetes\n"
	    "    proxy-url: socks5://127.0.0.1:1080\n    insecure-skip-tls-verify: true\n", 0600);
	put("sub/ca.pem", "CA TWO\n", 0600);
	put("three", "users:\n- {name: u, user: {client-certificate: cert.pem, "
	    "client-key: sub/key.pem, client-certificate-data: Q0VSVA==}}\n", 0600);
	put("sub/key.pem", "KEY\n", 0600);
	snprintf(list, sizeof(list), "%s/one:%s/absent:%s/sub/two:%s/three", dir, dir, dir, dir);
	setenv("KUBECONFIG", list, 1);
	load_well(&kc, NULL, NULL);
	assert_string_equal(kc.context, "a");
	assert_string_equal(kc.server, "https://two:1");
	assert_string_equal(kc.ca_pem, "CA TWO\n");
	assert_string_equal(kc.tls_server_name, "kubernetes");
	assert_string_equal(kc.proxy_url, "socks5://127.0.0.1:1080");
	assert_true(kc.insecure);
	/* Data before the file, which isn't even there. */
	assert_string_equal(kc.cert_pem, "CERT");
	assert_string_equal(kc.key_pem, "KEY\n");
	kubeconfig_release(&kc);
	unsetenv("KUBECONFIG");
}

static void token_files_are_read_anew(void **state)
{
	struct kubeconfig kc;
	char *token;

	(void)state;
	put("token", "first\n", 0600);
	put("tokens", HEAD CONTEXTS CLUSTERS
	    "users:\n- {name: u, user: {token: fixed, tokenFile: token}}\n", 0600);
	load_well(&kc, "tokens", NULL);
	token = kubeconfig_token(&kc);
	assert_string_equal(token, "first");
	free(token);
	put("token", "second", 0600);
	token = kubeconfig_token(&kc);
	assert_string_equal(token, "second");
	free(token);
	kubeconfig_release(&kc);
}

static void in_a_pod(void **state)
{
	struct kubeconfig kc;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(load(&kc, NULL, NULL, &err), -ENODEV);
	setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
	setenv("KUBERNETES_SERVICE_PORT", "443", 1);
	load_well(&kc, NULL, NULL);
	assert_string_equal(kc.server, "https://[fd00::1]:443");
	assert_string_equal(kc.context, "in-cluster");
	assert_string_equal(kc.token_file, "/var/run/secrets/kubernetes.io/serviceaccount/token");
	kubeconfig_release(&kc);
	unsetenv("KUBERNETES_SERVICE_HOST");
	unsetenv("KUBERNETES_SERVICE_PORT");
}

struct mistake {
	const char *text, *context, *said;
};

#define USER(text) HEAD CONTEXTS CLUSTERS "users:\n- name: u\n  user: " text "\n"
#define CLUSTER(text) HEAD CONTEXTS "clusters:\n- name: c\n  cluster: " text "\nusers: []\n"

static const struct mistake mistakes[] = {
	{"contexts: [", NULL, "/bad:2:1: not YAML"},
	{"a: b: c\n", NULL, "/bad:1:"},
	{"\xff\xfe\x01", NULL, "/bad:"},
	{"- a\n", NULL, "/bad:1:1: keys with values"},
	{"contexts: x\n", NULL, "/bad:1:11: contexts must be a list"},
	{"clusters: {}\n", NULL, "/bad:1:11: clusters must be a list"},
	{"current-context: [a]\n", NULL, "/bad:1:18: current-context must be text"},
	{"apiVersion: v1\n", NULL, "/bad sets no current-context"},
	{"", NULL, "/bad"},
	{HEAD "contexts: [1, {}, null]\n", NULL, "/bad:3:18: the current-context 'a'"},
	{HEAD CONTEXTS, "zz", "has no usable context 'zz'"},
	{HEAD CONTEXTS CLUSTERS, NULL, "/bad:5:41: context 'a' names the user 'u'"},
	{HEAD CONTEXTS, NULL, "/bad:5:32: context 'a' names the cluster 'c'"},
	{HEAD "contexts:\n- {name: a, context: {}}\n", NULL, "/bad:5:22: context 'a' names no"},
	{HEAD "contexts:\n- {name: a, context: {cluster: [c]}}\n", NULL, "cluster must be text"},
	{HEAD "contexts:\n- {name: a, context: c}\n", NULL, "/bad:5:22: keys with values"},
	{CLUSTER("{}"), NULL, "/bad:9:12: the cluster's server must"},
	{CLUSTER("{server: 'ftp://x'}"), NULL, "/bad:9:12: the cluster's server must"},
	{CLUSTER("{server: [https://x]}"), NULL, "/bad:9:12: the cluster's server must"},
	{CLUSTER("{server: https://x, insecure-skip-tls-verify: perhaps}"), NULL,
	 "insecure-skip-tls-verify must be true or false"},
	{CLUSTER("{server: https://x, certificate-authority: none.pem}"), NULL,
	 "/bad:9:55: certificate-authority: "},
	{CLUSTER("{server: https://x, certificate-authority-data: '%%%'}"), NULL,
	 "/bad:9:60: certificate-authority-data is not base64"},
	{USER("{token: [x]}"), NULL, "/bad:12:17: token must be text"},
	{USER("{client-key-data: {}}"), NULL, "client-key-data must be text"},
	{USER("{client-certificate: none.pem}"), NULL, "/bad:12:30: client-certificate: "},
	{USER("{tokenFile: none}"), NULL, "/bad:12:21: tokenFile: "},
	{USER("{as-groups: ops}"), NULL, "as-groups must be a list"},
	{USER("{exec: aws}"), NULL, "exec must be keys with values"},
	{USER("{exec: {command: aws}}"), NULL, "exec needs a command and an apiVersion"},
	{USER("{exec: {command: [aws], apiVersion: v1}}"), NULL, "command must be text"},
	{USER("{exec: {command: a, apiVersion: v1, interactiveMode: Always}}"), NULL,
	 "wants to ask questions"},
	{USER("{auth-provider: {name: gcp}}"), NULL, "auth-provider has left Kubernetes"},
};

static void mistakes_are_told_with_their_place(void **state)
{
	struct kubeconfig kc;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct err err = ERR_INIT;

		put("bad", mistakes[i].text, 0600);
		if (!load(&kc, "bad", mistakes[i].context, &err))
			fail_msg("accepted: %s", mistakes[i].text);
		if (!strstr(err.text, mistakes[i].said) || strchr(err.text, '\n'))
			fail_msg("%zu: '%s' lacks '%s'", i, err.text, mistakes[i].said);
	}
	assert_int_equal(load(&kc, "nothing-there", NULL, NULL), -ENOENT);
}

/* Exec plugins */

struct answer {
	int calls;
	char token[64], error[256];
	bool cert;
	int64_t expires_ms;
};

static void keep(void *arg, const struct exec_credential *credential)
{
	struct answer *answer = arg;

	answer->calls++;
	answer->cert = credential->cert_pem && credential->key_pem;
	answer->expires_ms = credential->expires_ms;
	snprintf(answer->token, sizeof(answer->token), "%s",
		 credential->token ? credential->token : "");
	snprintf(answer->error, sizeof(answer->error), "%s",
		 credential->error ? credential->error : "");
}

static struct answer run(const char *script)
{
	struct answer answer = {0};
	struct err err = ERR_INIT;
	struct kubeconfig kc;
	uv_loop_t loop;

	put("plugin", script, 0700);
	put("execs", USER("{exec: {command: ./plugin, args: [one, 'two words'], apiVersion: "
			  "client.authentication.k8s.io/v1, env: [{name: EXTRA, value: e}]}}"),
	    0600);
	load_well(&kc, "execs", NULL);
	uv_loop_init(&loop);
	if (!exec_plugin_run(&loop, &kc.exec, keep, &answer, &err))
		snprintf(answer.error, sizeof(answer.error), "%.250s", err.text);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	kubeconfig_release(&kc);
	return answer;
}

static void plugins_give_credentials(void **state)
{
	struct answer answer;

	(void)state;
	answer = run("#!/bin/sh\ncase $KUBERNETES_EXEC_INFO in *ExecCredential*) ;; *) exit 9;; esac\n"
		     "echo \"{\\\"status\\\": {\\\"token\\\": \\\"$1-$2-$EXTRA\\\", "
		     "\\\"expirationTimestamp\\\": \\\"2026-11-23T10:00:00Z\\\"}}\"\n");
	assert_string_equal(answer.error, "");
	assert_string_equal(answer.token, "one-two words-e");
	assert_int_equal(answer.expires_ms, 1795428000000);
	answer = run("#!/bin/sh\nsleep 0.2\necho '{\"status\": {\"clientCertificateData\": \"C\", "
		     "\"clientKeyData\": \"K\"}}'\n");
	assert_true(answer.cert);
	assert_int_equal(answer.calls, 1);
	/* What it leaves running holds the pipe open, but not us. */
	answer = run("#!/bin/sh\nsleep 20 &\necho '{\"status\": {\"token\": \"t\"}}'\n");
	assert_string_equal(answer.token, "t");
}

static void plugins_fail_in_words(void **state)
{
	static const struct {
		const char *script, *said;
	} bad[] = {
		{"#!/bin/sh\necho 'token has expired, run: cloud login' >&2\necho more >&2\nexit 1\n",
		 "failed (1): token has expired, run: cloud login"},
		{"#!/bin/sh\nexit 3\n", "failed (3)"},
		{"#!/bin/sh\nkill -9 $$\n", "failed (137)"},
		{"#!/bin/sh\necho no JSON\n", "printed no ExecCredential"},
		{"#!/bin/sh\necho '{\"status\": {\"token\": 7}}'\n", "printed no ExecCredential"},
		{"#!/bin/sh\necho '[1]'\n", "printed no ExecCredential"},
		{"#!/bin/sh\n", "printed no ExecCredential"},
		{"#!/bin/sh\nyes\n", "printed more than 256 kB"},
		{"#!/bin/sh\nsleep 30; echo late\n", "took longer than 30 s"},
	};
	int64_t began = clock_mono_ms();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct answer answer = run(bad[i].script);

		if (!strstr(answer.error, bad[i].said))
			fail_msg("'%s' lacks '%s'", answer.error, bad[i].said);
		assert_string_equal(answer.token, "");
	}
	assert_in_range(clock_mono_ms() - began, 0, 15000);
}

static void plugins_can_be_cancelled(void **state)
{
	struct kube_exec exec = {.api_version = (char *)"v1", .command = (char *)"sleep"};
	struct answer answer = {0};
	struct err err = ERR_INIT;
	uv_loop_t loop;

	(void)state;
	strlist_add(&exec.args, "20");
	uv_loop_init(&loop);
	exec_plugin_cancel(exec_plugin_run(&loop, &exec, keep, &answer, &err));
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	assert_int_equal(answer.calls, 0);
	exec.command = (char *)"/nonexistent/plugin";
	uv_loop_init(&loop);
	assert_null(exec_plugin_run(&loop, &exec, keep, &answer, &err));
	assert_non_null(strstr(err.text, "/nonexistent/plugin cannot be started"));
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	strlist_release(&exec.args);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contexts_choose),
		cmocka_unit_test(lists_are_merged),
		cmocka_unit_test(token_files_are_read_anew),
		cmocka_unit_test(in_a_pod),
		cmocka_unit_test(mistakes_are_told_with_their_place),
		cmocka_unit_test(plugins_give_credentials),
		cmocka_unit_test(plugins_fail_in_words),
		cmocka_unit_test(plugins_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}

/* tests/unit/test_kube_client.c: which server, as whom, and what is asked once: logs, acts */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/http.h"
#include "backends/kube/scrape.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "tests/unit/kube_bed.h"

/* Servers */

static void a_dead_server_is_passed_over(void **state)
{
	struct bed bed;
	char *text;

	(void)state;
	bed_up(&bed, "", "");
	text = xasprintf("http://127.0.0.1:%d", httpd_port(bed.httpd));
	strlist_add(&bed.config.kube.servers, text);
	free(text);
	/* Port 1 of this machine: nobody listens there. */
	bed_put(&bed, "kubeconfig", "current-context: a\ncontexts:\n- {name: a, context: {cluster: c}}\n"
		"clusters:\n- {name: c, cluster: {server: 'http://127.0.0.1:1'}}\n", 0600);
	bed_watch(&bed);
	bed_until(&bed, bed.watch);
	assert_int_equal(bed.sit.cluster.nservers, 2);
	assert_false(bed.sit.cluster.servers[0].current);
	assert_true(bed.sit.cluster.servers[1].current);
	assert_non_null(strstr(bed.sit.cluster.servers[0].fresh.reason, "refuses connections"));
	assert_int_equal(bed_pods_state(&bed), FRESH_OK);
	bed_down(&bed);
}

/* A proxy is told the whole URL; the name behind it need not exist here. */
static void through_a_proxy(void **state)
{
	struct bed bed;
	char *text;

	(void)state;
	bed_up(&bed, "", "");
	text = xasprintf("current-context: a\ncontexts:\n- {name: a, context: {cluster: c}}\n"
			 "clusters:\n- {name: c, cluster: {server: 'http://api.cluster.invalid:8001', "
			 "proxy-url: 'http://127.0.0.1:%d'}}\n", httpd_port(bed.httpd));
	bed_put(&bed, "kubeconfig", text, 0600);
	free(text);
	bed_watch(&bed);
	bed_until(&bed, bed.watch);
	assert_true(bed_count(&bed, "http://api.cluster.invalid:8001/api/v1/pods?limit") == 1);
	bed_down(&bed);
}

/* Credentials */

static bool wants_second_token(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	const char *token = httpd_header(conn, "Authorization");

	(void)path;
	if (!bed->step || !strcmp(token, "Bearer token-2"))
		return false;
	bed_status(conn, 401, NULL, "Unauthorized");
	return true;
}

static void a_plugin_is_asked_again_after_a_401(void **state)
{
	struct bed bed;

	(void)state;
	bed_up(&bed, "exec: {command: ./plugin, apiVersion: client.authentication.k8s.io/v1}", "");
	bed_put(&bed, "plugin", "#!/bin/sh\ncd \"$(dirname \"$0\")\"\necho >>runs\n"
		"echo \"{\\\"status\\\": {\\\"token\\\": \\\"token-$(wc -l <runs)\\\"}}\"\n", 0700);
	bed.special = wants_second_token;
	bed_watch(&bed);
	bed_until(&bed, bed.watch && bed.sit.pods.complete);
	/* A plugin is asked four times a minute at most, so time must pass. */
	bed_speed = 100;
	bed.step = 1;
	httpd_cut_all(bed.httpd);
	bed_until(&bed, bed_pods_state(&bed) == FRESH_REFUSED || bed.watches > 1);
	bed_until(&bed, bed_pods_state(&bed) == FRESH_OK && bed.watches > 1);
	bed_down(&bed);
}

static void a_failing_plugin_is_told(void **state)
{
	struct bed bed;

	(void)state;
	bed_up(&bed, "exec: {command: ./plugin, apiVersion: client.authentication.k8s.io/v1}", "");
	bed_put(&bed, "plugin", "#!/bin/sh\necho 'session expired, log in again' >&2\nexit 4\n", 0700);
	bed_speed = 60;
	bed_watch(&bed);
	bed_until(&bed, bed_pods_state(&bed) == FRESH_REFUSED);
	assert_string_equal(bed.sit.pods.fresh.reason,
			    "the credential plugin failed (4): session expired, log in again");
	assert_null(bed.asked.data);
	/* The person has logged in. */
	bed_put(&bed, "plugin", "#!/bin/sh\necho '{\"status\": {\"token\": \"t\"}}'\n", 0700);
	bed_until(&bed, bed_pods_state(&bed) == FRESH_OK);
	bed_down(&bed);
}

static bool needs_headers(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	(void)path;
	bed->step += !strcmp(httpd_header(conn, "Impersonate-User"), "jane") &&
		     !strcmp(httpd_header(conn, "Impersonate-Group"), "ops") &&
		     !strcmp(httpd_header(conn, "Authorization"), "Bearer sec");
	return false;
}

static void impersonation_goes_along(void **state)
{
	struct bed bed;

	(void)state;
	bed_up(&bed, "token: sec, as: jane, as-groups: [ops]", "");
	bed.special = needs_headers;
	bed_watch(&bed);
	bed_until(&bed, bed.watch);
	assert_int_equal(bed.step, bed_count(&bed, "/"));
	bed_down(&bed);
}

/* Logs */

struct text {
	struct buf buf;
	int done, rc;
	char said[200];
};

static void text_data(void *arg, const char *bytes, size_t len)
{
	struct text *text = arg;

	buf_append(&text->buf, bytes, len);
}

static void text_done(void *arg, int rc, const char *said)
{
	struct text *text = arg;

	text->done++;
	text->rc = rc;
	snprintf(text->said, sizeof(text->said), "%s", said);
}

#define LOG "/api/v1/namespaces/default/pods/p/log?"

/* Three connections: one cut in a line, one that ends, one after a restart. */
static bool three_logs(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	static const char pod[] = "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"restartPolicy\":\"Always\","
		"\"containers\":[{\"name\":\"main\"}]},\"status\":{\"containerStatuses\":[{\"name\":"
		"\"main\",\"restartCount\":%d}]}}";
	char body[512];

	if (bed_is(path, "/api/v1/namespaces/default/pods/p/log")) {
		httpd_begin(conn);
		bed->step++;
		if (bed->step == 1) {
			httpd_chunk(conn, "2026-11-23T10:00:01.1Z one\n2026-11-23T10:00:01.2Z two\n"
				    "2026-11-23T10:00:01.3Z thr");
			uv_run(&bed->loop, UV_RUN_NOWAIT);
			httpd_cut(conn);
		} else if (bed->step == 2) {
			/* Whole seconds only: what was there comes again. */
			httpd_chunk(conn, "2026-11-23T10:00:01.1Z one\n2026-11-23T10:00:01.2Z two\n"
				    "2026-11-23T10:00:01.3Z three\n2026-11-23T10:00:02Z four\n");
			httpd_end(conn);
		} else {
			httpd_chunk(conn, "2026-11-23T10:00:02Z four\n2026-11-23T10:00:09Z new\n");
		}
		return true;
	}
	if (!bed_is(path, "/api/v1/namespaces/default/pods/p"))
		return false;
	snprintf(body, sizeof(body), pod, bed->step >= 2 ? 1 : 0);
	httpd_answer(conn, 200, NULL, body, strlen(body));
	return true;
}

static struct query_request logs_of(const char *pod)
{
	struct query_request request = {.kind = QUERY_LOGS, .follow = true};

	snprintf(request.target.kind, sizeof(request.target.kind), "pod");
	snprintf(request.target.ns, sizeof(request.target.ns), "default");
	snprintf(request.target.name, sizeof(request.target.name), "%s", pod);
	return request;
}

static void logs_go_on_over_broken_connections(void **state)
{
	struct query_request request = logs_of("p");
	struct text text = {.buf = BUF_INIT(65536)};
	struct query_sink sink = {text_data, text_done, &text};
	struct query *query;
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed_speed = 20;
	bed.special = three_logs;
	bed_watch(&bed);
	query = backend_kube.queries->start(bed.self, &request, &sink, &bed.err);
	assert_non_null(query);
	bed_until(&bed, text.buf.data && strstr(text.buf.data, "new\n"));
	assert_string_equal(text.buf.data, "one\ntwo\nthr\nfour\n"
			    "-- the container was restarted (1) --\nnew\n");
	assert_int_equal(bed_count(&bed, LOG "container=main&timestamps=true&tailLines=200&follow"), 1);
	assert_int_equal(bed_count(&bed, "sinceTime=2026-11-23T10:00:01Z"), 1);
	assert_int_equal(text.done, 0);
	backend_kube.queries->cancel(bed.self, query);
	buf_release(&text.buf);
	bed_down(&bed);
}

static bool log_waits(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	if (!bed_is(path, LOG))
		return three_logs(bed, conn, path);
	bed_status(conn, 400, NULL, "container main in pod p is waiting to start: ContainerCreating");
	return true;
}

static void a_log_that_cannot_be_read_says_why(void **state)
{
	struct query_request request = logs_of("p");
	struct text text = {.buf = BUF_INIT(65536)};
	struct query_sink sink = {text_data, text_done, &text};
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed.special = log_waits;
	bed_watch(&bed);
	assert_non_null(backend_kube.queries->start(bed.self, &request, &sink, &bed.err));
	bed_until(&bed, text.done);
	assert_int_not_equal(text.rc, 0);
	assert_non_null(strstr(text.said, "waiting to start: ContainerCreating"));
	buf_release(&text.buf);
	bed_down(&bed);
}

/* Acts */

struct acted {
	int calls;
	struct act_reply reply;
};

static void act_came(void *arg, const struct act_reply *reply)
{
	struct acted *acted = arg;

	acted->calls++;
	acted->reply = *reply;
}

static struct act_request act_on(const char *verb, const char *kind, const char *ns,
				 const char *name)
{
	struct act_request request = {.nparams = 0};

	snprintf(request.verb, sizeof(request.verb), "%s", verb);
	snprintf(request.target.kind, sizeof(request.target.kind), "%s", kind);
	snprintf(request.target.ns, sizeof(request.target.ns), "%s", ns);
	snprintf(request.target.name, sizeof(request.target.name), "%s", name);
	return request;
}

#define NODE "/api/v1/nodes/n1"

/* step 0: the change is heard and then the line is dead; 2: refused; 3: broken inside */
static bool act_goes_wrong(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	if (!bed_is(path, NODE "?"))
		return false;
	if (bed->step == 2)
		bed_status(conn, 422, NULL, "spec.unschedulable: Invalid value");
	else if (bed->step == 3)
		bed_status(conn, 500, NULL, "etcdserver: request timed out");
	else
		httpd_cut(conn);
	return true;
}

/* The ladder says "it may have happened" after -ECONNRESET, -ETIMEDOUT and -EIO, and only then. */
static void what_was_sent_may_have_happened(void **state)
{
	static const struct {
		int step, rc;
		const char *said;
	} ends[] = {
		{0, -ECONNRESET, "connection closed"}, {2, -EINVAL, "Invalid value"},
		{3, -EIO, "request timed out"},
	};
	struct act_request request = act_on("cordon", "node", "", "n1");
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct acted acted = {.calls = 0};
		struct bed bed;

		bed_up(&bed, "", "");
		bed.special = act_goes_wrong;
		bed.step = ends[i].step;
		bed_watch(&bed);
		bed_until(&bed, bed.watch);
		assert_int_equal(backend_kube.actuator->act(bed.self, &request, act_came, &acted), 0);
		bed_until(&bed, acted.calls);
		if (acted.reply.rc != ends[i].rc || !strstr(acted.reply.text, ends[i].said))
			fail_msg("%d: %s", acted.reply.rc, acted.reply.text);
		assert_int_equal(bed_count(&bed, NODE "?"), 1);
		assert_null(strstr(acted.reply.text, "nothing has been changed"));
		bed_down(&bed);
	}
}

static bool object_never_comes(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	(void)bed;
	if (!bed_is(path, "/api/v1/namespaces/default/pods/p"))
		return false;
	httpd_cut(conn);
	return true;
}

static void what_was_not_sent_has_not(void **state)
{
	struct act_request request = act_on("delete-pod", "pod", "default", "p");
	struct acted acted = {.calls = 0};
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed.special = object_never_comes;
	bed_watch(&bed);
	bed_until(&bed, bed.watch);
	assert_int_equal(backend_kube.actuator->act(bed.self, &request, act_came, &acted), 0);
	bed_until(&bed, acted.calls);
	assert_int_equal(acted.reply.rc, -EAGAIN);
	assert_non_null(strstr(acted.reply.text, "nothing has been changed"));
	bed_down(&bed);
}

static bool budget_forbids(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	static const char no[] = "{\"kind\":\"Status\",\"code\":429,\"message\":\"Cannot evict pod\","
		"\"details\":{\"causes\":[{\"reason\":\"DisruptionBudget\",\"message\":\"The disruption "
		"budget web needs 2 healthy pods and has 2 currently\"}]}}";

	(void)bed;
	if (!bed_is(path, "/api/v1/namespaces/default/pods/p"))
		return false;
	if (strstr(path, "/eviction?dryRun=All"))
		httpd_answer(conn, 429, NULL, no, strlen(no));
	else
		httpd_answer(conn, 200, NULL, "{}", 2);
	return true;
}

static void a_preview_names_the_budget(void **state)
{
	struct act_request request = act_on("delete-pod", "pod", "default", "p");
	struct acted acted = {.calls = 0};
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed.special = budget_forbids;
	bed_watch(&bed);
	bed_until(&bed, bed.watch);
	assert_int_equal(backend_kube.actuator->preview(bed.self, &request, act_came, &acted), 0);
	bed_until(&bed, acted.calls);
	assert_int_equal(acted.reply.rc, 0);
	assert_non_null(strstr(acted.reply.text, "budget web needs 2 healthy pods and has 2"));
	bed_down(&bed);
}

/* Metrics */

#define VMAGENT "/api/v1/namespaces/obs/services/vmagent:8429/proxy/metrics"

/* step: how often it has been asked; the third time it is no such text. */
static bool tells_metrics(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	char body[600];

	if (strcmp(path, VMAGENT))
		return false;
	bed->step++;
	snprintf(body, sizeof(body), "# TYPE requests_total counter\n"
		 "requests_total{code=\"2XX\",url=\"a } b\"} %d\nrequests_total{code=\"503\"} 7\n"
		 "pending_bytes 1.5e3\nother 1\nnan NaN\n", 100 * bed->step);
	if (bed->step >= 3)
		snprintf(body, sizeof(body), "<html>\n<body>\nWelcome\n</body>\n");
	httpd_answer(conn, 200, "Content-Type: text/plain\r\n", body, strlen(body));
	return true;
}

static void apps_tell_their_metrics(void **state)
{
	struct app_metrics *app;
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed.special = tells_metrics;
	bed.config.apps = xcalloc(1, sizeof(*bed.config.apps));
	bed.config.napps = 1;
	bed.config.apps[0] = (struct config_app){
		.name = xstrdup("vmagent"), .service = xstrdup("obs/vmagent:8429"),
		.path = xstrdup("/metrics"), .every_ms = 300};
	strlist_add(&bed.config.apps[0].keep, "requests_total");
	strlist_add(&bed.config.apps[0].keep, "requests_total{*code=\"5*");
	strlist_add(&bed.config.apps[0].keep, "pending_*");
	strlist_add(&bed.config.apps[0].keep, "new_histogram_count");
	bed_watch(&bed);
	app = bed.sit.apps.items[0];
	bed_until(&bed, app->len);
	assert_int_equal(app->len, 3);
	assert_true(app_find(app, "requests_total")->sum == 107);
	assert_int_equal(app_find(app, "requests_total")->series, 2);
	assert_true(app_find(app, "requests_total{*code=\"5*")->sum == 7);
	assert_true(app_find(app, "pending_bytes")->max == 1500);
	assert_true(isnan(app_find(app, "pending_bytes")->per_s));
	assert_int_equal(app->nmissing, 1);
	assert_string_equal(app->missing[0], "new_histogram_count");
	bed_until(&bed, bed.step == 2 && app_find(app, "requests_total")->sum == 207);
	assert_true(app_find(app, "requests_total")->per_s > 50);
	assert_true(app_find(app, "pending_bytes")->per_s == 0);
	bed_until(&bed, app->fresh.state == FRESH_STALE);
	assert_string_equal(app->fresh.reason, "the answer is no Prometheus text");
	assert_true(app_find(app, "requests_total")->sum == 207);
	bed_down(&bed);
}

#define WELL_POD(name)                                                                     \
	"{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"default\",\"ownerReferences\":[{" \
	"\"kind\":\"StatefulSet\",\"name\":\"api\",\"controller\":true}]},\"status\":{\"phase\":"  \
	"\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}"

/* Two pods that are well, of which one complains. */
static bool complains(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	static const char pods[] = "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":["
		WELL_POD("api-0") "," WELL_POD("api-1") "]}";

	(void)bed;
	if (bed_is(path, "/api/v1/pods?limit"))
		httpd_answer(conn, 200, NULL, pods, strlen(pods));
	else if (strstr(path, "/pods/api-0/log?"))
		httpd_answer(conn, 200, NULL, "failed to connect to database\n", 30);
	else if (strstr(path, "/pods/api-1/log?"))
		httpd_answer(conn, 200, NULL, "GET / 200\n", 10);
	else
		return false;
	return true;
}

/* Nobody reads logs while all is well; but the database's trouble shows in logs of pods that are
 * well. What one pod has shown isn't taken back by another. */
static void logs_are_looked_at_for_others_trouble(void **state)
{
	struct postgres *postgres;
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed_speed = 20;
	bed.special = complains;
	bed.config.logsigns = xcalloc(1, sizeof(*bed.config.logsigns));
	bed.config.nlogsigns = 1;
	bed.config.logsigns[0] = (struct config_logsign){
		.name = xstrdup("database"), .pattern = xstrdup("failed to connect")};
	strlist_add(&bed.config.logsigns[0].workloads, "*");
	bed_watch(&bed);
	bed_until(&bed, bed.sit.pods.complete && bed.sit.pods.len == 2);
	bed_run(&bed, 600);
	assert_int_equal(bed_count(&bed, "/log?"), 0);
	postgres = &bed.sit.postgres;
	postgres->configured = postgres->direct.configured = true;
	postgres->direct.state = POSTGRES_TIMEOUT;
	bed_until(&bed, bed.sit.logsigns.len && bed.sit.logsigns.items[0].matches == 1);
	assert_string_equal(bed.sit.logsigns.items[0].workload, "statefulset/default/api");
	bed_until(&bed, bed_count(&bed, "/pods/api-1/log?"));
	bed_run(&bed, 300);
	assert_int_equal(bed.sit.logsigns.items[0].matches, 1);
	assert_string_equal(bed.sit.logsigns.items[0].pod, "api-0");
	bed_down(&bed);
}

#define SUMMARY "/api/v1/nodes/n1/proxy/stats/summary"

/* The node's part, and then never an end: it isn't needed. */
static bool tells_disks(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	static const char node[] = "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[{\"metadata\":"
		"{\"name\":\"n1\"},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}]}";

	if (bed_is(path, "/api/v1/nodes?limit")) {
		httpd_answer(conn, 200, NULL, node, strlen(node));
		return true;
	}
	if (strcmp(path, SUMMARY))
		return false;
	if (bed->step) {
		bed_status(conn, 403, NULL, "forbidden");
		return true;
	}
	httpd_begin(conn);
	httpd_chunk(conn, "{\"node\":{\"nodeName\":\"n1\",\"fs\":{\"availableBytes\":60,"
		    "\"capacityBytes\":100},\"runtime\":{\"imageFs\":{\"availableBytes\":10,"
		    "\"capacityBytes\":100}}},\"pods\":[{\"podRef\":");
	return true;
}

static void kubelets_tell_how_full_disks_are(void **state)
{
	const struct node *node;
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed.special = tells_disks;
	bed.config.kube.disk_every_ms = 200;
	bed_watch(&bed);
	bed_until(&bed, bed.sit.nodes.disks_fresh.state == FRESH_OK);
	node = nodes_find(&bed.sit.nodes, "n1");
	assert_int_equal(node->disk_bytes, 100);
	assert_int_equal(node->disk_free_bytes, 10);
	bed_until(&bed, bed_count(&bed, SUMMARY) >= 2);
	bed.step = 1;
	bed_until(&bed, bed.sit.nodes.disks_fresh.state == FRESH_REFUSED);
	assert_string_equal(bed.sit.nodes.disks_fresh.reason,
			    "n1: needs the right to get nodes/proxy");
	bed_down(&bed);
	/* Nobody asks unless told to. */
	bed_up(&bed, "", "");
	bed.special = tells_disks;
	bed_watch(&bed);
	bed_until(&bed, bed.watch);
	bed_run(&bed, 100);
	assert_int_equal(bed_count(&bed, "proxy"), 0);
	bed_down(&bed);
}

/* From inside a callback everything may be thrown away. */

struct thrown {
	struct http *http;
	bool from_data;
	int calls;
};

static void throw_data(void *arg, long status, const char *bytes, size_t len)
{
	struct thrown *thrown = arg;

	(void)status;
	(void)bytes;
	(void)len;
	thrown->calls++;
	if (thrown->from_data)
		http_free(thrown->http);
}

static void throw_done(void *arg, const struct http_outcome *outcome)
{
	struct thrown *thrown = arg;

	(void)outcome;
	thrown->calls++;
	assert_false(thrown->from_data);
	http_free(thrown->http);
}

static void freed_from_its_own_callback(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct thrown thrown = {.from_data = i};
		struct bed bed;
		char *url;
		struct http_request request = {
			.method = "GET", .data = throw_data, .done = throw_done, .arg = &thrown,
		};

		bed_up(&bed, "", "");
		url = xasprintf("http://127.0.0.1:%d/x", httpd_port(bed.httpd));
		request.url = url;
		thrown.http = http_new(&bed.loop);
		http_start(thrown.http, &request);
		http_start(thrown.http, &request);
		bed_until(&bed, thrown.calls);
		bed_run(&bed, 50);
		assert_true(thrown.calls <= 3);
		free(url);
		bed_down(&bed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dead_server_is_passed_over),
		cmocka_unit_test(through_a_proxy),
		cmocka_unit_test(a_plugin_is_asked_again_after_a_401),
		cmocka_unit_test(a_failing_plugin_is_told),
		cmocka_unit_test(impersonation_goes_along),
		cmocka_unit_test(logs_go_on_over_broken_connections),
		cmocka_unit_test(a_log_that_cannot_be_read_says_why),
		cmocka_unit_test(what_was_sent_may_have_happened),
		cmocka_unit_test(what_was_not_sent_has_not),
		cmocka_unit_test(a_preview_names_the_budget),
		cmocka_unit_test(apps_tell_their_metrics),
		cmocka_unit_test(logs_are_looked_at_for_others_trouble),
		cmocka_unit_test(kubelets_tell_how_full_disks_are),
		cmocka_unit_test(freed_from_its_own_callback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
